"""One state machine for the alerts of all systems: looks, acts and silences in, rows and messages out.

It decides and does nothing: the same state and input give the same rows, messages and ids. What it decided is made
durable by `alerts.journal` before anybody sees it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import orjson
from pydantic import TypeAdapter

from alerts.alert import Alert, Key, digest_of
from alerts.base import Finding, Rule
from alerts.grouping import regroup
from alerts.looks import Patience, observe, worst_by_subject
from alerts.messages import Message
from alerts.remembering import remembered
from alerts.silencing import holding, merge_silences
from alerts.telling import Telling, attached_to
from config.alerting import Alerting
from store.rows import AlertEvent, AlertTransition, Notification, Row, Silence

SWITCHED_OFF = "its rule is switched off in alerts.yaml"


@dataclass(frozen=True, slots=True)
class Look:
    """One evaluation of a rule; `findings` None says that it could not be evaluated, so nobody knows its alerts now."""

    rule: Rule
    findings: Sequence[Finding] | None


@dataclass(frozen=True, slots=True)
class Step:
    """What one pass decided at `now`: rows for the store and messages to deliver, both in order."""

    now: datetime
    rows: list[Row]
    messages: list[Message]


@dataclass(slots=True)
class State:
    """All that the engine knows, as it is kept between two processes."""

    alerts: list[Alert]
    silences: list[Silence]
    stepped_at: datetime | None


@dataclass(slots=True)
class Engine:
    """Keeps the alerts by (rule, subject); `alerting` may be replaced between two passes."""

    alerting: Alerting = field(default_factory=Alerting)
    alerts: dict[Key, Alert] = field(default_factory=dict)
    silences: dict[str, Silence] = field(default_factory=dict)
    stepped_at: datetime | None = None

    @property
    def firing(self) -> dict[Key, Alert]:
        """The firing alerts by (rule, subject)."""
        return {key: alert for key, alert in self.alerts.items() if alert.is_firing}

    def step(
        self, now: datetime, looks: Mapping[str, Look], acts: Sequence[AlertEvent], silences: Sequence[Silence]
    ) -> Step:
        """One pass at `now` (naive UTC) over the looks by rule; a rule without a look is unknown in this pass.

        Acts and silences may be all there are or only the new ones, in any order and repeated.
        """
        if self.stepped_at is not None and now < self.stepped_at:
            for alert in self.alerts.values():
                alert.clip(now)
        self.stepped_at = now
        merge_silences(self.silences, silences, now)
        severities = {key: alert.severity for key, alert in self.alerts.items() if alert.is_firing}
        changed = self._look(now, looks)
        self._hear(acts)
        rows, messages = self._tell(now, changed, severities)
        self._forget(now)
        return Step(now, rows, messages)

    def _look(self, now: datetime, looks: Mapping[str, Look]) -> dict[Key, str]:
        """Take the looks in; the alerts whose state changed, with the evidence of the change."""
        by_rule: dict[str, list[Alert]] = defaultdict(list)
        for alert in self.alerts.values():
            by_rule[alert.rule].append(alert)
        changed: dict[Key, str] = {}
        for name in {**by_rule, **looks}:
            tuning = self.alerting.rules.get(name)
            if tuning is not None and not tuning.is_enabled:
                for alert in filter(lambda one: one.is_active, by_rule[name]):
                    alert.rest(now)
                    changed[alert.key] = f"{SWITCHED_OFF}; it was: {alert.finding.evidence}"
            elif name in looks:
                changed |= self._look_at(now, looks[name], Patience.of(looks[name].rule, tuning), by_rule[name])
        return changed

    def _look_at(self, now: datetime, look: Look, patience: Patience, known: list[Alert]) -> dict[Key, str]:
        if look.findings is None:
            return {}
        found = worst_by_subject(look.findings)
        for subject, finding in found.items():
            if finding.is_bad and (look.rule.name, subject) not in self.alerts:
                fresh = Alert(look.rule.name, subject, finding, patience.severity_of(finding), look.rule.help)
                self.alerts[fresh.key] = fresh
                known.append(fresh)
        changed = {}
        for alert in known:
            alert.help = look.rule.help
            if observe(alert, found.get(alert.subject), patience, self.alerting.flapping, now):
                changed[alert.key] = _evidence(alert)
        return changed

    def _hear(self, acts: Iterable[AlertEvent]) -> None:
        for act in acts:
            alert = self.alerts.get((act.rule, act.subject))
            if alert is not None:
                alert.hear(act.act, act.occurred_at)

    def _tell(
        self, now: datetime, changed: Mapping[Key, str], severities: Mapping[Key, str]
    ) -> tuple[list[Row], list[Message]]:
        """The rows of what changed (state, cause, incident or severity), then who is told and who is not."""
        regrouped, roots = regroup(self.alerts, now)
        evidence = dict(changed)
        for alert in regrouped:
            evidence.setdefault(alert.key, alert.finding.evidence)
        for key, severity in severities.items():
            if self.alerts[key].severity != severity:
                evidence.setdefault(key, _evidence(self.alerts[key]))
        held = holding(self.silences.values(), now)
        telling = Telling(now, self.alerting, held, self.alerts, attached_to(roots, self.alerts))
        rows: list[Row] = [self.alerts[key].transition(now, said) for key, said in evidence.items()]
        for key, said in changed.items():
            if not self.alerts[key].is_active:
                telling.resolve(self.alerts[key], said)
        telling.tell_all(roots)
        return [*rows, *telling.notices], telling.messages

    def _forget(self, now: datetime) -> None:
        """Drop the quiet alerts that have not changed lately: they can no longer flap."""
        since = now - timedelta(seconds=self.alerting.flapping.window_seconds)
        quiet = [alert for alert in self.alerts.values() if not alert.is_active]
        for alert in quiet:
            if not alert.changes or alert.changes[-1] <= since:
                del self.alerts[alert.key]

    def remember(self, transitions: Iterable[AlertTransition], notices: Iterable[Notification] = ()) -> None:
        """Rebuild what can be from the store's latest transitions when the state is lost.

        With the latest `notices` it is exact who was told; without any for an alert, everybody on its route is taken
        to have been, so that nobody is paged again.
        """
        for alert in remembered(transitions, notices):
            self.alerts.setdefault(alert.key, alert)

    def dump(self) -> bytes:
        """The whole state as JSON."""
        return orjson.dumps(State(list(self.alerts.values()), list(self.silences.values()), self.stepped_at))

    def load(self, data: bytes) -> None:
        """Take over a dumped state, as if the process had never ended. Raises ValueError when it is not one."""
        state = STATE.validate_json(data)
        self.alerts = {alert.key: alert for alert in state.alerts}
        self.silences = {silence.silence_id: silence for silence in state.silences}
        self.stepped_at = state.stepped_at

    def essence(self) -> str:
        """A digest of all that decides what happens next; the same as long as nothing needs to be kept anew."""
        alerts = orjson.dumps([alert.essence() for alert in self.alerts.values()])
        return digest_of(alerts, orjson.dumps(list(self.silences.values())))


def _evidence(alert: Alert) -> str:
    return alert.finding.evidence if alert.is_active else f"resolved; it was: {alert.finding.evidence}"


STATE = TypeAdapter(State)
