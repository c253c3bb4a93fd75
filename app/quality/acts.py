"""What people decide about data points on a page: correct, leave out, plan, note, begin a stage, answer, judge anew.

Each act is a row, on disk before the page says so; the role is checked at the act, not where its button is drawn. What
this session did is shown at once, until the store has it too. Every act raises ActError with a sentence for the person,
or SpoolFullError when the disk has no room. Times are naive UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import polars as pl
import streamlit as st

from app import data, people
from app.alert_acts import ROLE, ActError, may_act
from app.answers import Answer as Asked
from app.desk import Parameter
from app.quality import deciding, deciding_stages
from app.quality.deciding import LEAST_LETTERS, Case, RefusedError
from app.quality.deciding_merge import Decision, merged
from app.times import now
from config.quality import Metric, Watch
from store.errors import SpoolFullError
from store.rows import PointMark
from store.settings import settings
from store.spool import Spool

__all__ = ["LEAST_LETTERS", "ROLE", "ActError", "SpoolFullError", "may_act"]  # what the page needs of the layers below
OURS = "point_acts"  # rows of this session, shown until the store has them
COLLECTOR = "app"
AWAY = "The store does not answer, so nobody can tell what holds now; try again soon."
Row = TypeVar("Row", bound=Decision)


def correct(metric_id: str, observed_at: datetime | None, new_value: object, reason: str) -> str:
    """Give a point another value, from now on used in place of the collected one; returns the mark's id."""
    return _mark(lambda case: deciding.corrected(case, metric_id, observed_at, new_value, reason))


def leave_out(metric_id: str, from_at: datetime | None, to_at: datetime | None, reason: str) -> str:
    """Leave the points of a range (both ends in it) out of what limits are made from; returns the mark's id."""
    return _mark(lambda case: deciding.left_out(case, metric_id, from_at, to_at, reason))


def plan(metric_id: str, from_at: datetime | None, to_at: datetime | None, reason: str) -> str:
    """Mark planned work, also in the future; returns the mark's id."""
    return _mark(lambda case: deciding.planned(case, metric_id, from_at, to_at, reason))


def note(metric_id: str, at: datetime | None, text: str) -> str:
    """Write a note beside a point; returns the mark's id."""
    return _mark(lambda case: deciding.noted(case, metric_id, at, text))


def withdraw(mark_id: str, reason: str) -> None:
    """Take a correction, a left-out range, a plan or a note back."""
    _mark(lambda case: deciding.mark_withdrawn(case, mark_id, reason))


def start_stage(metric_id: str, starts_at: datetime | None, reason: str) -> str:
    """Begin a new stage at a time: limits are learned anew from there; returns the stage's id."""
    return _file(lambda case: deciding_stages.stage_started(case, metric_id, starts_at, reason)).stage_id


def decide_stage(stage_id: str, accept: bool, reason: str) -> None:
    """Accept or reject a proposed stage."""
    _file(lambda case: deciding_stages.stage_decided(case, stage_id, accept, reason))


def withdraw_stage(stage_id: str, reason: str) -> None:
    """Take an accepted stage back."""
    _file(lambda case: deciding_stages.stage_withdrawn(case, stage_id, reason))


def answer(signal_id: str, answer: str, reason: str) -> None:
    """Say of a signal whether it was real, expected, or only late data (`store.rows.Answer`)."""
    _file(lambda case: deciding_stages.signal_answered(case, signal_id, answer, reason))


def save_watch(metric_id: str, watch: Watch, reason: str, backtest: str | Mapping[str, object] = "") -> None:
    """Judge a data point in another way than the estate says; `backtest` is kept beside it as JSON."""
    _file(lambda case: deciding_stages.watch_saved(case, metric_id, watch, reason, backtest))


def reset_watch(metric_id: str, reason: str) -> None:
    """Judge a data point as the estate says again."""
    _file(lambda case: deciding_stages.watch_reset(case, metric_id, reason))


def marks_of(metric_id: str) -> tuple[pl.DataFrame, Asked]:
    """The marks of a data point, withdrawn ones too, the latest place first, with what this session decided."""
    asked = data.answer("points_marks", of=metric_id)
    return merged("points_marks", metric_id, asked.frame, _ours()), asked


def stages_of(metric_id: str) -> tuple[pl.DataFrame, Asked]:
    """The stages of a data point in every state, the latest begin first, with what this session decided."""
    asked = data.answer("points_stages", of=metric_id)
    return merged("points_stages", metric_id, asked.frame, _ours()), asked


def answers_of(metric_id: str) -> tuple[pl.DataFrame, Asked]:
    """The newest answer to each signal of a data point, the newest first, with what this session decided."""
    asked = data.answer("points_answers", metric_id=metric_id)
    return merged("points_answers", metric_id, asked.frame, _ours()), asked


def watches() -> tuple[pl.DataFrame, Asked]:
    """The newest setting of every data point that ever had one of its own, with what this session decided."""
    asked = data.answer("points_watches")
    return merged("points_watches", "", asked.frame, _ours()), asked


def watch_of(metric: Metric) -> Watch:
    """How a data point is judged now: as saved here, else as the estate says."""
    return deciding_stages.watch_in_force(metric, watches()[0])


def metric_of(metric_id: str) -> Metric:
    """The data point of the estate or of a table profile; raises ActError."""
    try:
        return deciding.metric_of(data.estate().estate, metric_id)
    except RefusedError as error:
        raise ActError(str(error)) from error


def _mark(decide: Callable[[Case], PointMark]) -> str:
    return _file(decide).mark_id


def _file(decide: Callable[[Case], Row]) -> Row:
    if not may_act():
        raise ActError(f"Deciding about data points needs the role {ROLE}; ask for it under Access.")
    try:
        row = decide(Case(data.estate().estate, _look, people.current_user().id, now()))
    except RefusedError as error:
        raise ActError(str(error)) from error
    _spool(settings().spool_path).put([row])
    st.session_state[OURS] = [*_ours(), row]
    return row


def _look(name: str, /, **parameters: Parameter) -> pl.DataFrame:
    """What the store says now, with what this session decided; raises RefusedError when it does not answer."""
    asked = data.fresh_answer(name, **parameters)
    if asked.problem:
        raise RefusedError(AWAY)
    of = str(parameters.get("of", parameters.get("metric_id", "")))
    return merged(name, of, asked.frame, _ours())


def _ours() -> list[Decision]:
    found: list[Decision] = st.session_state.get(OURS, [])
    return found


@lru_cache(maxsize=4)
def _spool(root: Path) -> Spool:
    return Spool(root, COLLECTOR)
