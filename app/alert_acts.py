"""What people do about alerts: acknowledge, note, silence. Each act is an event, on disk before the page says so.

The role is checked at the act, not where its button is drawn. What this session did is shown at once, until the store
has it too.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl
import streamlit as st

from alerts.silencing import is_match
from app import data, people
from app.answers import Answer
from app.times import now
from config.estate import ROLES
from store.errors import SpoolFullError
from store.rows import AlertAct, AlertEvent, Silence, SilenceState
from store.settings import settings
from store.spool import Spool

__all__ = ["ActError", "Draft", "SpoolFullError"]  # what the page needs of the layers below
OURS = "alert_acts"  # rows of this session, shown until the store has them
COLLECTOR = "app"
ROLE = "operator"
LEAST_LETTERS = 5
LONGEST = timedelta(days=30)
SPAN = timedelta(days=30)  # how far back the engine takes acts into account
Key = tuple[str, str]  # rule, subject


class ActError(ValueError):
    """An act that is refused; the message is one sentence for the person."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A silence as a person describes it; patterns with `*` and `?`, times in naive UTC."""

    rule: str
    subject: str
    severity: str
    starts_at: datetime | None
    ends_at: datetime | None
    reason: str
    is_maintenance: bool = False


def may_act() -> bool:
    """Whether the viewer's highest role reaches the one that acts on alerts."""
    return max(map(ROLES.index, people.current_user().roles), default=-1) >= ROLES.index(ROLE)


def act(what: AlertAct, alerts: Iterable[Key], reason: str) -> None:
    """Record an act about some alerts; raises ActError, or SpoolFullError when the disk has no room."""
    actor, said = _actor(), _reason(reason)
    at = now()
    rows = [AlertEvent(rule, subject, at, what, actor, said) for rule, subject in alerts]
    if not rows:
        raise ActError("Nothing fires here any more, so there is nothing to act on; reload the page.")
    _file(rows)


def silence(draft: Draft) -> str:
    """Begin a silence or maintenance window and return its id; raises ActError or SpoolFullError."""
    actor, said = _actor(), _reason(draft.reason)
    at = now()
    if problem := problem_of(draft, at):
        raise ActError(problem)
    row = Silence(
        silence_id=uuid.uuid4().hex[:16],
        occurred_at=at,
        state=SilenceState.ACTIVE,
        actor_id=actor,
        reason=said,
        starts_at=draft.starts_at or at,
        ends_at=draft.ends_at or at,
        rule=draft.rule.strip(),
        subject=draft.subject.strip(),
        severity=draft.severity,
        is_maintenance=draft.is_maintenance,
    )
    _file([row])
    return row.silence_id


def problem_of(draft: Draft, at: datetime) -> str | None:
    """What is wrong with the patterns or times of a silence, in one sentence."""
    if not draft.rule.strip() or not draft.subject.strip():
        return "A pattern is empty; write * to match everything."
    if draft.ends_at is None:
        return "The end is missing; choose until when nobody is paged."
    starts_at = draft.starts_at or at
    if draft.ends_at <= starts_at:
        return "The end is not after the start; choose a later end."
    if draft.ends_at <= at:
        return "The end is in the past; choose a later one."
    if draft.ends_at - starts_at > LONGEST:
        return f"The silence is longer than {LONGEST.days} days; choose an earlier end, it can be made anew."
    return None


def end_silence(silence_id: str, reason: str) -> None:
    """End a silence now; raises ActError when it is over already or nobody can tell, or SpoolFullError."""
    actor, said = _actor(), _reason(reason)
    answer = data.fresh_answer("silences", since=SPAN)
    row = next((one for one in _with_ours(answer.frame).iter_rows(named=True) if one["silence_id"] == silence_id), None)
    if row is None and answer.problem:
        raise ActError("The store does not answer, so the silence cannot be read; try again soon.")
    if row is None:
        raise ActError("This silence is not known; reload the page.")
    if row["state"] == SilenceState.ENDED or row["ends_at"] <= now():
        raise ActError(f"It has ended already, by {row['actor_id']}." if row["state"] == "ended" else "It is over.")
    kept = {name: row[name] for name in ("starts_at", "ends_at", "rule", "subject", "severity", "is_maintenance")}
    _file([Silence(silence_id, now(), SilenceState.ENDED, actor, said, **kept)])


def acts() -> tuple[pl.DataFrame, Answer]:
    """Everybody's acts of thirty days, oldest first, with those of this session that the store does not have yet."""
    answer = data.answer("engine_acts", since=SPAN)
    ours = [asdict(row) | {"act": str(row.act)} for row in _ours() if isinstance(row, AlertEvent)]
    added = pl.DataFrame(ours, schema=answer.frame.schema)
    return pl.concat([answer.frame, added]).unique(maintain_order=True).sort("occurred_at"), answer


def silences() -> tuple[pl.DataFrame, Answer]:
    """Silences that have not been over for thirty days, the newest state of each, with those of this session.

    Adds `phase`: active, maintenance (active, and one), planned, ended.
    """
    answer = data.answer("silences", since=SPAN)
    at = now()
    phase = (
        pl.when((pl.col("state") == "ended") | (pl.col("ends_at") <= at))
        .then(pl.lit("ended"))
        .when(pl.col("starts_at") > at)
        .then(pl.lit("planned"))
        .when(pl.col("is_maintenance"))
        .then(pl.lit("maintenance"))
        .otherwise(pl.lit("active"))
    )
    return _with_ours(answer.frame).with_columns(phase.alias("phase")), answer


def _with_ours(stored: pl.DataFrame) -> pl.DataFrame:
    ours = [
        asdict(row) | {"state": str(row.state), "made_by": row.actor_id, "made_for": row.reason}
        for row in _ours()
        if isinstance(row, Silence)
    ]
    every = pl.concat([stored, pl.DataFrame(ours, schema=stored.schema)]).sort("occurred_at")
    newest = every.group_by("silence_id", maintain_order=True).last().drop("made_by", "made_for")
    made = every.group_by("silence_id").agg(pl.col("made_by", "made_for").first())
    return newest.join(made, on="silence_id").select(stored.columns).sort("starts_at", "silence_id", descending=True)


def covering(silences_now: pl.DataFrame, rule: str, subject: str, severity: str) -> dict[str, Any] | None:
    """The silence that holds an alert's messages back now, the one that lasts longest; None when there is none."""
    held = silences_now.filter(pl.col("phase").is_in(["active", "maintenance"])).sort("ends_at", descending=True)
    for row in held.iter_rows(named=True):
        if is_match(row["rule"], rule) and is_match(row["subject"], subject) and is_match(row["severity"], severity):
            return row
    return None


def matched(alerts: pl.DataFrame, rule: str, subject: str, severity: str) -> int:
    """How many firing alerts (rows with rule, subject, severity) the patterns match."""
    firing = alerts.filter(pl.col("state") == "firing").select("rule", "subject", "severity").iter_rows()
    patterns = (rule.strip(), subject.strip(), severity)
    return sum(all(map(is_match, patterns, found)) for found in firing)


def _actor() -> str:
    """The id of a viewer that may act; raises ActError."""
    if not may_act():
        raise ActError(f"Acting on alerts needs the role {ROLE}; ask for it under Access.")
    return people.current_user().id


def _reason(text: str) -> str:
    said = " ".join(text.split())
    if sum(letter.isalnum() for letter in said) < LEAST_LETTERS:
        raise ActError(f"The reason is too short; write at least {LEAST_LETTERS} letters, it is kept with the alert.")
    return said


def _ours() -> list[AlertEvent | Silence]:
    found: list[AlertEvent | Silence] = st.session_state.get(OURS, [])
    return found


def _file(rows: Sequence[AlertEvent | Silence]) -> None:
    _spool(settings().spool_path).put(rows)
    st.session_state[OURS] = [*_ours(), *rows]


@lru_cache(maxsize=4)
def _spool(root: Path) -> Spool:
    return Spool(root, COLLECTOR)
