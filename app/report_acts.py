"""What people decide about reports: approve a picture, take that back, plan a break, take that back.

Each act is an event, on disk before the page says so; the role is checked at the act, not where its button is drawn.
What this session did is shown at once, until the store has it too.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl
import streamlit as st

from app import data, people, report_pictures
from app.alert_acts import LEAST_LETTERS, ROLE, ActError, may_act
from app.answers import Answer
from app.times import now
from collectors.reports.snapshot_folder import mark_baseline, prefix_of
from store.errors import SpoolFullError
from store.rows import BaselineEvent, BaselineState, MaintenanceEvent
from store.settings import settings
from store.spool import Spool

__all__ = ["LEAST_LETTERS", "ROLE", "ActError", "SpoolFullError", "may_act"]  # what the page needs of the layers below
OURS = "report_acts"  # rows of this session, shown until the store has them
COLLECTOR = "app"
LONGEST = timedelta(days=31)
PAST = timedelta(days=90)  # as far back as promises are kept
SPAN = timedelta(days=90)
Event = BaselineEvent | MaintenanceEvent


def approve(report_id: str, persona: str, snapshot_id: str, file: str, layout: str, reason: str) -> None:
    """Say that the report should look like this picture; raises ActError or SpoolFullError.

    `layout` is the digest of the page's structure in it. The picture is kept for as long as it is approved.
    """
    actor, said = _actor(), _reason(reason)
    _check_target(report_id, persona)
    if not file.startswith(f"{prefix_of(report_id, persona)}/"):
        raise ActError("This is a picture of another report; reload the page.")
    if report_pictures.path_of(file) is None:
        raise ActError("The file of this picture is gone; approve a newer one.")
    before = _newest_baseline(report_id, persona)
    _protect(report_id, persona, file)
    try:
        _file(
            [BaselineEvent(report_id, persona, now(), BaselineState.APPROVED, snapshot_id, file, layout, actor, said)]
        )
    except (SpoolFullError, OSError):
        _protect(report_id, persona, before)
        raise


def withdraw(report_id: str, persona: str, reason: str) -> None:
    """Take the approval of a picture back; raises ActError when there is none or nobody can tell, or SpoolFullError."""
    actor, said = _actor(), _reason(reason)
    answer = data.fresh_answer("report_baselines")
    row = next(iter(_of(_approved(_newest_events(answer.frame)), report_id, persona)), None)
    if row is None and answer.problem:
        raise ActError("The store does not answer, so the approval cannot be read; try again soon.")
    if row is None:
        raise ActError("No picture of this report is approved, so there is nothing to withdraw; reload the page.")
    kept = {name: row[name] for name in ("snapshot_id", "file", "layout")}
    state = BaselineState.WITHDRAWN
    _file([BaselineEvent(report_id, persona, now(), state, actor=actor, reason=said, **kept)])
    with suppress(ActError):  # then the picture stays a little longer than it must
        _protect(report_id, persona, None)


def baselines() -> tuple[pl.DataFrame, Answer]:
    """The approvals that hold, one row for each report and persona, with what this session decided."""
    answer = data.answer("report_baselines")
    return _approved(_newest_events(answer.frame)), answer


def add_window(report_id: str, begin: datetime | None, end: datetime | None, reason: str) -> str:
    """Mark a time as planned, before or after it, and return the window's id; raises ActError or SpoolFullError.

    Times are naive UTC. Looks go on within it and count for nothing.
    """
    actor, said = _actor(), _reason(reason)
    _check_target(report_id, None)
    at = now()
    if begin is None or end is None:
        raise ActError("The begin or the end is missing; choose both.")
    if problem := problem_of(begin, end, at):
        raise ActError(problem)
    window_id = uuid.uuid4().hex[:16]
    _file([MaintenanceEvent(window_id, report_id, at, begin, end, is_withdrawn=False, actor=actor, reason=said)])
    return window_id


def problem_of(begin: datetime, end: datetime, at: datetime) -> str | None:
    """What is wrong with the times of a window, in one sentence."""
    if end <= begin:
        return "The end is not after the begin; choose a later end."
    if end - begin > LONGEST:
        return f"The break is longer than {LONGEST.days} days; choose an earlier end, another can follow it."
    if begin < at - PAST:
        return f"The begin is more than {PAST.days} days ago, beyond what promises count; choose a later one."
    return None


def withdraw_window(window_id: str, reason: str) -> None:
    """Take a window back; raises ActError when it is withdrawn or nobody can tell, or SpoolFullError."""
    actor, said = _actor(), _reason(reason)
    answer = data.fresh_answer("report_windows", since=PAST + LONGEST)
    rows = _newest_windows(answer.frame).filter(pl.col("window_id") == window_id).to_dicts()
    if not rows and answer.problem:
        raise ActError("The store does not answer, so the break cannot be read; try again soon.")
    if not rows:
        raise ActError("This break is not known; reload the page.")
    row = rows[0]
    if row["is_withdrawn"]:
        raise ActError(f"It was withdrawn already, by {row['actor']}.")
    times = {name: row[name] for name in ("begin_at", "end_at")}
    _file([MaintenanceEvent(window_id, row["report_id"], now(), **times, is_withdrawn=True, actor=actor, reason=said)])


def windows() -> tuple[pl.DataFrame, Answer]:
    """Windows that end within the last ninety days or later, the newest state of each, the latest begin first.

    Adds `phase`: withdrawn, planned, maintenance (it is on), ended.
    """
    answer = data.answer("report_windows", since=SPAN)
    at = now()
    phase = (
        pl.when("is_withdrawn")
        .then(pl.lit("withdrawn"))
        .when(pl.col("begin_at") > at)
        .then(pl.lit("planned"))
        .when(pl.col("end_at") > at)
        .then(pl.lit("maintenance"))
        .otherwise(pl.lit("ended"))
    )
    return _newest_windows(answer.frame).with_columns(phase.alias("phase")), answer


def _newest_events(stored: pl.DataFrame) -> pl.DataFrame:
    """The newest decision about the picture of each report and persona."""
    ours = [asdict(row) | {"state": str(row.state)} for row in _ours() if isinstance(row, BaselineEvent)]
    every = pl.concat([stored, pl.DataFrame(ours, schema=stored.schema)]).sort("occurred_at")
    return every.group_by("report_id", "persona", maintain_order=True).last().select(stored.columns)


def _approved(events: pl.DataFrame) -> pl.DataFrame:
    return events.filter(pl.col("state") == BaselineState.APPROVED).sort("report_id", "persona")


def _of(events: pl.DataFrame, report_id: str, persona: str) -> list[dict[str, Any]]:
    return events.filter((pl.col("report_id") == report_id) & (pl.col("persona") == persona)).to_dicts()


def _newest_baseline(report_id: str, persona: str) -> str | None:
    """The file that is approved now, as far as is known."""
    return next((row["file"] for row in _of(baselines()[0], report_id, persona)), None)


def _newest_windows(stored: pl.DataFrame) -> pl.DataFrame:
    ours = [
        asdict(row) | {"made_at": row.occurred_at, "made_by": row.actor, "made_for": row.reason}
        for row in _ours()
        if isinstance(row, MaintenanceEvent)
    ]
    made_of = ("made_at", "made_by", "made_for")
    every = pl.concat([stored, pl.DataFrame(ours, schema=stored.schema)]).sort("occurred_at")
    newest = every.group_by("window_id", maintain_order=True).last().drop(made_of)
    made = every.group_by("window_id").agg(pl.col(made_of).sort_by("made_at").first())
    return newest.join(made, on="window_id").select(stored.columns).sort("begin_at", "window_id", descending=True)


def _actor() -> str:
    """The id of a viewer that may act; raises ActError."""
    if not may_act():
        raise ActError(f"Deciding about reports needs the role {ROLE}; ask for it under Access.")
    return people.current_user().id


def _reason(text: str) -> str:
    said = " ".join(text.split())
    if sum(letter.isalnum() for letter in said) < LEAST_LETTERS:
        raise ActError(
            f"The reason is too short; write at least {LEAST_LETTERS} letters, it is kept with the decision."
        )
    return said


def _check_target(report_id: str, persona: str | None) -> None:
    """Raise ActError for a report or an audience that the estate does not have; None means any audience."""
    report = next((one for one in data.estate().estate.reports if one.id == report_id), None)
    if report is None:
        raise ActError(f"The estate has no report “{report_id}”; reload the page.")
    personas = [one.id for one in report.personas] or [""]
    if persona is not None and persona not in personas:
        raise ActError(f"“{report.title}” has no audience “{persona}”; reload the page.")


def _protect(report_id: str, persona: str, file: str | None) -> None:
    """Keep the approved picture from being deleted with old ones; raises ActError when that cannot be noted."""
    try:
        mark_baseline(settings().snapshot_path, report_id, persona, file)
    except OSError as error:
        raise ActError(f"The approval cannot be noted beside the picture: {error.strerror}.") from error


def _ours() -> list[Event]:
    found: list[Event] = st.session_state.get(OURS, [])
    return found


def _file(rows: Sequence[Event]) -> None:
    _spool(settings().spool_path).put(rows)
    st.session_state[OURS] = [*_ours(), *rows]


@lru_cache(maxsize=4)
def _spool(root: Path) -> Spool:
    return Spool(root, COLLECTOR)
