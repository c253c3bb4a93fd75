"""Shorthand for the tests of the engine: looks of one rule, settings with one route, what came out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from alerts.base import Finding, Rule
from alerts.engine import Engine, Look, Step
from config.alerting import Alerting, Channel, Hours, Route
from store.rows import AlertAct, AlertEvent, AlertTransition, Notification, Silence, SilenceState

NOW = datetime(2026, 11, 23, 12)  # a Monday
RULE = Rule("disk_full", "critical", (), "Free some space.")
FAILED = Rule("refresh_failed", "critical", (), "Chase the job.")
DOWN = Rule("report_down", "critical", (), "Look at the report.")
CHANNELS = [Channel(id=name, apprise="json://localhost") for name in ("ops", "boss", "mail")]


def at(seconds: float) -> datetime:
    """`NOW` and so many seconds."""
    return NOW + timedelta(seconds=seconds)


def settings(route: Route | None = None, **more: object) -> Alerting:
    """All channels, and one route to `ops` unless another is given."""
    shape = {"channels": CHANNELS, "routes": [route or Route(channels=["ops"])], **more}
    return Alerting.model_validate(shape)


OFFICE = [Hours(id="office")]


class Bench:
    """An engine that is stepped with few words."""

    def __init__(self, alerting: Alerting | None = None) -> None:
        self.engine = Engine(alerting or settings())
        self.steps: list[Step] = []

    def look(
        self,
        seconds: float,
        *findings: Finding,
        rule: Rule = RULE,
        acts: Iterable[AlertEvent] = (),
        silences: Iterable[Silence] = (),
    ) -> Step:
        """One pass of one rule."""
        return self.looks(seconds, {rule: findings}, acts, silences)

    def looks(
        self,
        seconds: float,
        found: Mapping[Rule, Sequence[Finding]],
        acts: Iterable[AlertEvent] = (),
        silences: Iterable[Silence] = (),
    ) -> Step:
        """One pass of several rules."""
        looks = {rule.name: Look(rule, findings) for rule, findings in found.items()}
        step = self.engine.step(at(seconds), looks, list(acts), list(silences))
        self.steps.append(step)
        return step

    def blind(self, seconds: float, rule: Rule = RULE) -> Step:
        """One pass in which the rule could not be evaluated."""
        step = self.engine.step(at(seconds), {rule.name: Look(rule, None)}, [], [])
        self.steps.append(step)
        return step


def states(*steps: Step) -> list[list[str]]:
    """States of the transitions of each pass."""
    return [[row.state.value for row in step.rows if isinstance(row, AlertTransition)] for step in steps]


def told(*steps: Step) -> list[list[str]]:
    """`kind>channel` of the messages of each pass."""
    return [[f"{one.kind.value}>{one.channel}" for one in step.messages] for step in steps]


def withheld(*steps: Step) -> list[list[str]]:
    """Reasons of the withheld notices of each pass."""
    return [[row.reason for row in step.rows if isinstance(row, Notification)] for step in steps]


def silence(begin: float, end: float, state: SilenceState = SilenceState.ACTIVE, **more: object) -> Silence:
    """A silence by alice between two numbers of seconds."""
    shape: dict[str, object] = {"silence_id": "s", "occurred_at": at(begin), "reason": "release", **more}
    return Silence(state=state, actor_id="alice", starts_at=at(begin), ends_at=at(end), **shape)  # type: ignore[arg-type]


def act(seconds: float, kind: AlertAct, rule: Rule = RULE, subject: str = "/") -> AlertEvent:
    """What bob did."""
    return AlertEvent(rule.name, subject, at(seconds), kind, "bob", "I look after it")
