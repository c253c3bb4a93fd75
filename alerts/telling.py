"""Who is told what in this pass: firings, reminders, escalations and resolutions, or why they are withheld."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from alerts.alert import Alert, Key, Told, digest_of, name_of, rank_of
from alerts.messages import Message
from alerts.routing import channels_of, is_open, route_of
from alerts.said import clock_text
from alerts.silencing import silence_of, silence_text
from config.alerting import Alerting, Route
from store.rows import DeliveryState, NoticeKind, Notification, Silence

Reason = tuple[str, str]  # what makes it the same reason again, and how it is said


def title_of(rule: str, subject: str) -> str:
    """`Disk full: db-01:/data`, the rule's name as a person says it."""
    return f"{rule.replace('_', ' ').capitalize()}: {subject}"


@dataclass(slots=True)
class Telling:
    """Collects the messages and the withheld notices of one pass."""

    now: datetime
    alerting: Alerting
    silences: Sequence[Silence]  # those that hold now
    alerts: Mapping[Key, Alert]
    attached: Mapping[Key, list[str]]  # subjects of the firing alerts below each root
    messages: list[Message] = field(default_factory=list)
    notices: list[Notification] = field(default_factory=list)

    def tell_all(self, roots: Mapping[Key, Key]) -> None:
        """Roots first: whether an attached alert is explained depends on whether anybody hears of its root."""
        firing = [(key, root) for key, root in roots.items() if self.alerts[key].is_firing]
        for key, root in sorted(firing, key=lambda pair: pair[0] != pair[1]):
            self._tell(self.alerts[key], self.alerts[root])

    def resolve(self, alert: Alert, evidence: str) -> None:
        """Tell everybody who was told of the firing, whatever silence or cause there is now; forget who that was."""
        if alert.told.severity:
            for channel in alert.told.channels or channels_of(alert, self.alerting):
                self._send(alert, NoticeKind.RESOLVED, channel, 0, evidence)
        alert.told = Told()

    def _tell(self, alert: Alert, root: Alert) -> None:
        route = route_of(alert, self.alerting.routes)
        if route is None or not route.channels:
            return
        if alert.is_held and alert.told.severity:
            self._withhold(alert, NoticeKind.RESOLVED, route.channels, self._held(alert))
        for kind, channels in self._due(alert, route):
            reason = self._reason(alert, root, route)
            if reason:
                self._withhold(alert, kind, channels, reason)
            else:
                self._say(alert, kind, list(dict.fromkeys(channels)))

    def _due(self, alert: Alert, route: Route) -> Iterator[tuple[NoticeKind, list[str]]]:
        told = alert.told
        if rank_of(alert.severity) > rank_of(told.severity):
            yield NoticeKind.FIRED, route.channels
            return
        if alert.is_acknowledged or told.first_at is None or told.last_at is None:
            return
        patience = route.escalate_after_seconds
        may_escalate = patience is not None and bool(route.escalate_to) and not told.is_escalated
        if may_escalate and self.now - told.first_at >= timedelta(seconds=patience or 0.0):
            yield NoticeKind.ESCALATION, route.escalate_to
        if route.repeat_seconds and self.now - told.last_at >= timedelta(seconds=route.repeat_seconds):
            yield NoticeKind.REMINDER, route.channels

    def _reason(self, alert: Alert, root: Alert, route: Route) -> Reason | None:
        """Why a message about a firing alert stays unsent now, if it does."""
        silence = silence_of(alert, self.silences)
        if silence:
            return f"silence {silence.silence_id}", silence_text(silence, self.now)
        if alert.is_held:
            return self._held(alert)
        if alert.cause and self._is_heard(alert, root):
            return f"cause {alert.cause}", f"explained by {alert.cause}"
        if not is_open(route, self.alerting, self.now):
            return "hours", "outside business hours"
        return None

    def _is_heard(self, alert: Alert, root: Alert) -> bool:
        """Whether the cause speaks for the alert; one without a route, or whose hours are over, does not."""
        if alert is root or root.told.severity:
            return True
        if not channels_of(root, self.alerting):
            return False
        is_silenced = silence_of(root, self.silences) is not None
        return is_silenced or root.is_held or root.is_orphaned or not root.is_firing

    def _held(self, alert: Alert) -> Reason:
        return "flapping", f"flapping: {len(alert.changes)} changes lately, its clearing is held off"

    def _say(self, alert: Alert, kind: NoticeKind, channels: list[str]) -> None:
        told = alert.told
        number = {NoticeKind.FIRED: rank_of(alert.severity), NoticeKind.REMINDER: told.last_at}.get(kind, 0)
        for channel in channels:
            self._send(alert, kind, channel, number, self._evidence(alert, kind))
        told.channels += [channel for channel in channels if channel not in told.channels]
        told.first_at = told.first_at or self.now
        if kind is NoticeKind.FIRED:
            told.severity, told.last_at = alert.severity, self.now
        elif kind is NoticeKind.REMINDER:
            told.last_at = self.now
        else:
            told.is_escalated = True

    def _evidence(self, alert: Alert, kind: NoticeKind) -> str:
        """What was seen last, and since when it fires where that is not now."""
        if alert.since_at is None or (kind is NoticeKind.FIRED and alert.since_at >= self.now):
            return alert.finding.evidence
        return f"{alert.finding.evidence} (since {clock_text(alert.since_at, self.now)})"

    def _id(self, alert: Alert, kind: NoticeKind, channel: str, number: object) -> str:
        fired_at = alert.fired_at.isoformat() if alert.fired_at else ""
        return digest_of(alert.rule, alert.subject, fired_at, kind.value, channel, number)

    def _send(self, alert: Alert, kind: NoticeKind, channel: str, number: object, evidence: str) -> None:
        finding = alert.finding
        message = Message(
            self._id(alert, kind, channel, number),
            kind,
            channel,
            alert.rule,
            alert.subject,
            alert.severity,
            title_of(alert.rule, alert.subject),
            evidence,
            self.now,
            alert.incident_id,
            finding.help or alert.help,
            f"alerts?incident={alert.incident_id}",
            tuple(self.attached.get(alert.key, ())),
            finding.points,
            finding.limit,
            finding.unit,
        )
        self.messages.append(message)

    def _withhold(self, alert: Alert, kind: NoticeKind, channels: list[str], reason: Reason) -> None:
        """Record once per firing and reason what would have been sent."""
        same, said = reason
        if same in alert.told.withheld:
            return
        alert.told.withheld.append(same)
        channel = ", ".join(dict.fromkeys(channels))
        notice = Notification(
            self._id(alert, kind, channel, f"withheld {same}"),
            self.now,
            DeliveryState.WITHHELD,
            kind,
            channel,
            alert.rule,
            alert.subject,
            alert.severity,
            title_of(alert.rule, alert.subject),
            alert.incident_id,
            reason=said,
        )
        self.notices.append(notice)


def attached_to(roots: Mapping[Key, Key], alerts: Mapping[Key, Alert]) -> dict[Key, list[str]]:
    """Subjects of the firing alerts that each root explains, sorted."""
    below: dict[Key, set[str]] = {}
    for key, root in roots.items():
        alert = alerts[key]
        if alert.is_firing and key != root and alert.cause == name_of(root):
            below.setdefault(root, set()).add(alert.subject)
    return {root: sorted(subjects) for root, subjects in below.items()}
