"""What a playbook is: a typed constant PLAYBOOK and a function `act(subject, ctx)` in one file of actions/playbooks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from actions import playbooks
from config.estate import Estate
from config.plugins import modules
from store.settings import Settings


@dataclass(frozen=True, slots=True)
class Playbook:
    """A corrective action for the alerts of one rule, with its guard rails.

    It acts on one subject at most `attempts` times an hour, never again within `cooldown`, and is cured only when the
    alert that asked for it has resolved within `verify_within`.
    """

    name: str
    rule: str
    cooldown: timedelta
    attempts: int
    verify_within: timedelta
    help: str


@dataclass(frozen=True, slots=True)
class Context:
    """What a playbook may use."""

    now: datetime
    estate: Estate
    settings: Settings


Act = Callable[[str, Context], str]


@dataclass(frozen=True, slots=True)
class Action:
    """A playbook with its function, which returns what it did, in words, and raises ProcessError if it could not."""

    playbook: Playbook
    act: Act


def discover() -> dict[str, Action]:
    """All playbooks by name, found by scanning actions/playbooks."""
    return {module.PLAYBOOK.name: Action(module.PLAYBOOK, module.act) for module in modules(playbooks)}
