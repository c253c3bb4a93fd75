"""Incidents as the page shows them: one per cause, with what it explains, who has it, and who was told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from app import alert_acts, alert_settings, alert_subjects, alert_telling, data, words
from app.alert_acts import Key
from app.alert_telling import Outlook
from app.answers import Answer
from config.alerting import Alerting

SPAN = timedelta(days=30)
BOTH_SPANS = 2 * SPAN  # the thirty days shown and the thirty before, to compare with
RANKS = {"critical": 0, "warning": 1, "info": 2}
COLUMNS: dict[str, pl.DataType | type[pl.DataType]] = {
    "incident_id": pl.String,
    "rule": pl.String,
    "subject": pl.String,
    "title": pl.String,
    "state": pl.String,
    "severity": pl.String,
    "evidence": pl.String,
    "impact": pl.Int64,
    "explained": pl.Int64,
    "since_at": pl.Datetime("us"),
    "owner": pl.String,
    "owned_at": pl.Datetime("us"),
    "owned_for": pl.String,
    "told": pl.String,
    "is_undeliverable": pl.Boolean,
    "next": pl.String,
    "silenced_until": pl.Datetime("us"),
    "silenced_by": pl.String,
}


@dataclass(frozen=True, slots=True)
class Inbox:
    """What fires now. `frame` has one row per incident (COLUMNS), `alerts` one per alert that fires or is pending."""

    frame: pl.DataFrame
    alerts: pl.DataFrame
    answers: list[Answer]

    @property
    def is_away(self) -> bool:
        """Whether the store could not be asked now."""
        return any(answer.is_stale for answer in self.answers)

    @property
    def pending(self) -> pl.DataFrame:
        """The alerts that are about to fire."""
        return self.alerts.filter(pl.col("state") == "pending")


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is known about all alerts while the rows of the inbox are made."""

    acts: dict[Key, list[dict[str, Any]]]
    notices: dict[Key, list[dict[str, Any]]]
    silences: pl.DataFrame
    alerting: Alerting
    problem: str | None


def inbox() -> Inbox:
    """The incidents that fire, by impact, then severity, then age; `owner` is empty while nobody has acknowledged."""
    active = data.answer("alert_active")
    notices = data.answer("notifications_active", since=SPAN)
    acts, acted = alert_acts.acts()
    silences, silenced = alert_acts.silences()
    found = _Facts(by_alert(acts), by_alert(notices.frame), silences, *alert_settings.alerting())
    rows = [_row(head, found) for head in heads(active.frame.filter(pl.col("state") == "firing"))]
    rank = pl.col("severity").replace_strict(RANKS, default=len(RANKS), return_dtype=pl.Int64)
    ranked = pl.DataFrame(rows, schema=COLUMNS).sort(-pl.col("impact"), rank, "since_at", "incident_id")
    return Inbox(ranked, active.frame, [active, acted, silenced, notices])


def by_alert(frame: pl.DataFrame) -> dict[Key, list[dict[str, Any]]]:
    """Rows by (rule, subject), in the order of the frame."""
    rows: dict[Key, list[dict[str, Any]]] = {}
    for row in frame.iter_rows(named=True):
        rows.setdefault((row["rule"], row["subject"]), []).append(row)
    return rows


def heads(firing: pl.DataFrame) -> list[dict[str, Any]]:
    """The alert that stands for each incident, with `explained`, `impact` and `keys` of the whole.

    That is the oldest of those that are their own cause; the oldest of all while their cause is pending or just over.
    """
    own = pl.col("cause") == ""
    ordered = firing.sort(~own, "since_at", "rule", "subject")
    keyed = ordered.with_columns(pl.struct("rule", "subject", "cause").alias("key"))
    grouped = keyed.group_by("incident_id", maintain_order=True).agg(
        pl.all().exclude("impact", "key").first(),
        pl.col("impact").max(),
        (pl.len() - 1).alias("others"),
        (~own).sum().alias("attached"),
        pl.col("key"),
    )
    return [
        row | {"explained": min(row["attached"], row["others"]), "keys": _own_keys(row["key"])}
        for row in grouped.iter_rows(named=True)
    ]


def _own_keys(keys: list[dict[str, str]]) -> list[Key]:
    """The alerts of an incident that people are told of: those without a cause, else the first."""
    own = [(key["rule"], key["subject"]) for key in keys if not key["cause"]]
    return own or [(keys[0]["rule"], keys[0]["subject"])]


def _row(head: dict[str, Any], found: _Facts) -> dict[str, Any]:
    key = (head["rule"], head["subject"])
    owned = owner_of(found.acts.get(key, []), head["since_at"])
    silence = alert_acts.covering(found.silences, *key, head["severity"])
    own = [row for row in found.notices.get(key, []) if row["occurred_at"] >= head["since_at"]]
    outlook = Outlook(head, owned is not None, silence, found.alerting, found.problem)
    kept = ("incident_id", "rule", "subject", "state", "severity", "evidence", "impact", "explained", "since_at")
    return {name: head[name] for name in kept} | {
        "title": alert_subjects.title_of(*key),
        "owner": owned["actor_id"] if owned else "",
        "owned_at": owned["occurred_at"] if owned else None,
        "owned_for": owned["reason"] if owned else "",
        "told": alert_telling.told(own),
        "is_undeliverable": any(row["state"] == "undeliverable" for row in own),
        "next": outlook.next_step(own),
        "silenced_until": silence["ends_at"] if silence else None,
        "silenced_by": silence["made_by"] if silence else "",
    }


def owner_of(acts: list[dict[str, Any]], since_at: datetime) -> dict[str, Any] | None:
    """The acknowledgement that holds for an alert that fires since then; None without one, or if it was taken back."""
    own = [row for row in acts if row["occurred_at"] >= since_at and row["act"] != "noted"]
    return own[-1] if own and own[-1]["act"] == "acknowledged" else None


def is_numbered(incident_id: str) -> bool:
    """Whether the engine gave the incident an id of its own; an alert from before it did stands for itself."""
    return "|" not in incident_id


def keys_of(alerts: pl.DataFrame, incident_id: str) -> list[Key]:
    """The firing alerts of an incident that an acknowledgement is about."""
    firing = alerts.filter((pl.col("state") == "firing") & (pl.col("incident_id") == incident_id))
    return next((row["keys"] for row in heads(firing)), [])


def resolved() -> tuple[pl.DataFrame, Answer]:
    """The incidents that ended in the last thirty days, newest first, with how long until owned and until over."""
    history = data.answer("incident_history", since=BOTH_SPANS)
    as_of = history.as_of
    frame = with_seconds(history.frame).filter(pl.col("resolved_at").is_not_null())
    if as_of is not None:
        frame = frame.filter(pl.col("resolved_at") >= as_of - SPAN)
    return _titled(frame), history


def with_seconds(history: pl.DataFrame) -> pl.DataFrame:
    """Incidents with `acknowledge_seconds` and `resolve_seconds` from firing, null while that has not happened."""
    spans = (("acknowledged_at", "acknowledge_seconds"), ("resolved_at", "resolve_seconds"))
    return history.with_columns(
        ((pl.col(end) - pl.col("fired_at")).dt.total_milliseconds() / 1000).alias(name) for end, name in spans
    )


def spoken_seconds(frame: pl.DataFrame, column: str, name: str) -> pl.Series:
    """A column of seconds as words."""
    said = [words.duration(None if value is None else float(round(value))) for value in frame[column]]
    return pl.Series(name, said, dtype=pl.String)


def _titled(frame: pl.DataFrame) -> pl.DataFrame:
    names = [alert_subjects.title_of(*row) for row in frame.select("rule", "subject").iter_rows()]
    return frame.with_columns(pl.Series("title", names, dtype=pl.String))


def members(incident_id: str) -> Answer:
    """The alerts of an incident, its causes first; `moved_to` names the incident that one belongs to by now."""
    return data.answer("incident_alerts", incident_id=incident_id, since=SPAN)


def home_of(incident_id: str | None) -> str | None:
    """The incident to show for one that a link names: itself, or the one that all its alerts moved to."""
    if not incident_id:
        return None
    frame = members(incident_id).frame
    moved = frame["moved_to"].drop_nulls().to_list()
    return moved[0] if moved and len(moved) == frame.height else incident_id


def timeline(incident_id: str) -> tuple[pl.DataFrame, Answer]:
    """What happened, newest first: at, state, what, about. This session's acts stand in it at once."""
    answer = data.answer("incident_timeline", incident_id=incident_id, since=SPAN)
    alerts = members(incident_id).frame
    return alert_telling.story(answer.frame, alerts, alert_acts.acts()[0], alert_acts.silences()[0]), answer
