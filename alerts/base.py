"""What a rule is: a typed constant RULE and a function `find(ctx)` in one file of alerts/rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from alerts import rules
from config.estate import Estate
from config.plugins import modules


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition worth a person's attention; `queries` names the answers that `find` looks at.

    A finding must be there for `pending_for` before it fires, so that one bad look alone pages nobody.
    """

    name: str
    severity: str
    queries: tuple[str, ...]
    help: str
    pending_for: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Context:
    """What a rule may look at: the time, the estate and the answers to its queries by name."""

    now: datetime
    estate: Estate
    answers: Mapping[str, pl.DataFrame]
    every_seconds: Mapping[str, float]
    groups: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong now: what it is about and the evidence, in one sentence.

    `is_known` False says that nobody can tell now: a firing alert then goes on firing, and no new one fires.
    """

    subject: str
    evidence: str
    is_known: bool = True


Find = Callable[[Context], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Check:
    """A rule with its function."""

    rule: Rule
    find: Find


def discover() -> dict[str, Check]:
    """All rules by name, found by scanning alerts/rules."""
    return {module.RULE.name: Check(module.RULE, module.find) for module in modules(rules)}
