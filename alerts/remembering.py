"""Alerts rebuilt from the store when the engine's own state is lost: better a reminder late than a page twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime

from alerts.alert import Alert, Key, Told, rank_of
from alerts.base import Finding
from store.rows import AlertState, AlertTransition, DeliveryState, NoticeKind, Notification


def remembered(transitions: Iterable[AlertTransition], notices: Iterable[Notification]) -> Iterator[Alert]:
    """The pending and firing alerts of the latest transition per (rule, subject)."""
    by_key: dict[Key, list[Notification]] = defaultdict(list)
    for notice in sorted(notices, key=lambda one: (one.occurred_at, one.notification_id)):
        by_key[notice.rule, notice.subject].append(notice)
    for row in transitions:
        if row.state is not AlertState.RESOLVED:
            yield _alert(row, by_key.get((row.rule, row.subject)))


def _alert(row: AlertTransition, notices: list[Notification] | None) -> Alert:
    causes = (row.cause.split("|", 1)[1],) if "|" in row.cause else ()
    finding = Finding(row.subject, row.evidence, value=row.value, impact=row.impact or 0, causes=causes)
    alert = Alert(row.rule, row.subject, finding, row.severity)
    alert.begin(row.occurred_at)
    alert.incident_id, alert.cause = row.incident_id or alert.incident_id, row.cause or ""
    alert.state = row.state
    if row.state is AlertState.FIRING:
        alert.fire(row.occurred_at)
        alert.told = _told(row, notices)
    return alert


def _told(row: AlertTransition, notices: list[Notification] | None) -> Told:
    """From the notices since the last resolution; without any, one that was not attached is taken to be told of."""
    if notices is None:
        assumed = "" if row.cause else row.severity
        return Told(assumed, [], row.occurred_at, row.occurred_at) if assumed else Told()
    told = Told()
    for notice in notices:
        if notice.state is DeliveryState.WITHHELD:
            continue
        if notice.kind is NoticeKind.RESOLVED:
            told = Told()
        else:
            _add(told, notice, notice.occurred_at)
    return told


def _add(told: Told, notice: Notification, at: datetime) -> None:
    if notice.channel not in told.channels:
        told.channels.append(notice.channel)
    told.first_at, told.last_at = told.first_at or at, at
    told.severity = max(told.severity, notice.severity, key=rank_of)
    told.is_escalated |= notice.kind is NoticeKind.ESCALATION
