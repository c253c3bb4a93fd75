"""Who was told of an alert and who will be told next, in words; and the story of an incident from all its facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from alerts.alert import Alert
from alerts.base import Finding
from alerts.routing import is_open, route_of
from alerts.silencing import is_match
from app import alert_subjects, times
from config.alerting import Alerting, Route

Kind = pl.DataType | type[pl.DataType]
WAYS = (
    ("sent", "told"),
    ("queued", "on the way to"),
    ("retrying", "trying to reach"),
    ("undeliverable", "could not reach"),
)
NOTICES = {"fired": "page", "reminder": "reminder", "escalation": "escalation", "resolved": "all clear"}
STORY: Mapping[str, Kind] = {
    "occurred_at": pl.Datetime("us"),
    "state": pl.String,
    "what": pl.String,
    "about": pl.String,
    "who": pl.String,
}


Notice = dict[str, Any]  # a row of notifications_active


def told(notices: list[Notice]) -> str:
    """Whom the notices of one firing, oldest first, did and did not reach: `told ops, could not reach phone`."""
    newest = {row["channel"]: row["state"] for row in notices if row["state"] != "withheld"}
    parts = []
    for state, verb in WAYS:
        channels = [channel for channel, found in newest.items() if found == state]
        parts += [f"{verb} {', '.join(channels)}"] if channels else []
    if parts:
        return ", ".join(parts)
    reasons = [row["reason"] for row in notices if row["state"] == "withheld"]
    return f"nobody told: {_readable(reasons[-1])}" if reasons else "nobody told"


@dataclass(frozen=True, slots=True)
class Outlook:
    """Who is told next of a firing alert (rule, subject, severity), if nothing changes."""

    head: dict[str, Any]
    is_owned: bool
    silence: dict[str, Any] | None
    alerting: Alerting
    problem: str | None

    def next_step(self, notices: list[Notice]) -> str:
        """`escalates to phone at 14:05`, or why nobody is told."""
        if self.silence:
            return f"silent until {minute_text(self.silence['ends_at'])}"
        if self.problem:
            return "unknown: alerts.yaml cannot be used"
        subject = str(self.head["subject"])
        alert = Alert(str(self.head["rule"]), subject, Finding(subject, ""), str(self.head["severity"]))
        route = route_of(alert, self.alerting.routes)
        if route is None or not route.channels:
            return "no route: nobody will be told"
        if self.is_owned:
            return "no reminder while somebody has it"
        return self._along(route, notices)

    def _along(self, route: Route, notices: list[Notice]) -> str:
        heard = [row for row in notices if row["state"] != "withheld"]
        if not heard:
            is_waiting = not is_open(route, self.alerting, times.now())
            return "told when the hours begin" if is_waiting else f"goes to {', '.join(route.channels)}"
        is_escalated = any(row["kind"] == "escalation" for row in heard)
        if route.escalate_after_seconds and route.escalate_to and not is_escalated:
            when = _when(heard[0]["occurred_at"], route.escalate_after_seconds)
            return f"escalates to {', '.join(route.escalate_to)} {when}"
        if route.repeat_seconds:
            calls = [row["occurred_at"] for row in heard if row["kind"] != "escalation"]
            return f"reminder {_when(calls[-1], route.repeat_seconds)}" if calls else "no further message"
        return "no further message"


def _when(since: datetime, seconds: float) -> str:
    at = since + timedelta(seconds=seconds)
    return "now" if at <= times.now() else f"at {minute_text(at)}"


def minute_text(moment: datetime) -> str:
    """A naive UTC moment as `14:05` on the viewer's clock, with the day when it is not today."""
    there = times.local(moment)
    return f"{there:%H:%M}" if there.date() == times.local(times.now()).date() else f"{there.day} {there:%b %H:%M}"


def story(stored: pl.DataFrame, alerts: pl.DataFrame, acts: pl.DataFrame, silences: pl.DataFrame) -> pl.DataFrame:
    """All that happened in an incident, newest first (columns of STORY), from what is stored and what people just did.

    `stored` comes from the query incident_timeline, `alerts` from incident_alerts; acts and silences are everybody's.
    """
    lines = [_line(row) for row in stored.iter_rows(named=True)]
    lines += [_line(row) for row in _acts_of(acts, alerts)]
    lines += [_line(row) for row in _silences_of(silences, alerts)]
    frame = pl.DataFrame(lines, schema=STORY).unique(maintain_order=True)
    return frame.sort("occurred_at", descending=True, maintain_order=True)


def _line(row: dict[str, Any]) -> dict[str, Any]:
    kind, who, detail = row["kind"], row["who"], _readable(row["detail"] or "")
    what = detail
    if kind in ("act", "silence"):
        what = f"{who}: {detail}"
    elif kind != "alert":
        what = f"{NOTICES.get(kind, kind)} to {who}" + (f": {detail}" if detail else "")
    about = alert_subjects.title_of(row["rule"], row["subject"])
    return {"occurred_at": row["occurred_at"], "state": row["state"], "what": what, "about": about, "who": who}


def _readable(detail: str) -> str:
    """A reason for people: the engine names a cause as `rule|subject`."""
    said, mark, cause = detail.partition("explained by ")
    rule, _, subject = cause.partition("|")
    return f"{said}{mark}{alert_subjects.title_of(rule, subject)}" if mark and subject else detail


def _acts_of(acts: pl.DataFrame, alerts: pl.DataFrame) -> Iterator[dict[str, Any]]:
    spans = alerts.select("rule", "subject", "fired_at", "resolved_at")
    own = acts.join(spans, on=["rule", "subject"]).filter(
        (pl.col("occurred_at") >= pl.col("fired_at"))
        & (pl.col("resolved_at").is_null() | (pl.col("occurred_at") <= pl.col("resolved_at")))
    )
    for row in own.iter_rows(named=True):
        yield row | {"kind": "act", "state": row["act"], "who": row["actor_id"], "detail": row["reason"]}


def _silences_of(silences: pl.DataFrame, alerts: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """The beginning of every silence that covered the incident's first alert while it went on, and its early end."""
    if alerts.is_empty():
        return
    head = alerts.row(0, named=True)
    begins_at, ends_at = head["fired_at"], head["resolved_at"] or times.now()
    for row in silences.iter_rows(named=True):
        patterns = ((row["rule"], head["rule"]), (row["subject"], head["subject"]), (row["severity"], head["severity"]))
        is_over_before = row["state"] == "ended" and row["occurred_at"] <= (begins_at or ends_at)
        if begins_at is None or is_over_before or row["starts_at"] >= ends_at or row["ends_at"] <= begins_at:
            continue
        if not all(is_match(pattern, text) for pattern, text in patterns):
            continue
        until = f"until {minute_text(row['ends_at'])}: {row['made_for']}"
        base = {"kind": "silence", "rule": head["rule"], "subject": head["subject"]}
        state = "maintenance" if row["is_maintenance"] else "silenced"
        yield base | {"occurred_at": row["starts_at"], "state": state, "who": row["made_by"], "detail": until}
        if row["state"] == "ended":
            detail = row["reason"]
            yield base | {"occurred_at": row["occurred_at"], "state": "ended", "who": row["actor_id"], "detail": detail}
