"""What may be decided about a data point, and the row of each decision; pages and verbs both ask here.

Nothing is written and no clock is read: a `Case` holds who decides, when, and how to look at what is known. What is
refused raises RefusedError with one sentence for the person.
"""

from __future__ import annotations

import difflib
import math
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import polars as pl

from config.estate import Estate
from config.quality import Metric, profiled_metric
from store.rows import MarkKind, PointMark

LEAST_LETTERS = 5
LONGEST_PLAN = timedelta(days=31)
MOST_LETTERS = 500


class RefusedError(ValueError):
    """A decision that is refused; the message is one sentence for the person."""


class Look(Protocol):
    """The rows of a query of store/queries with everything that is decided already; raises RefusedError when away."""

    def __call__(self, name: str, /, **parameters: str | datetime) -> pl.DataFrame:
        """The answer to the named query."""


@dataclass(frozen=True, slots=True)
class Case:
    """Who decides, when (naive UTC), by which estate, and how to look at what is known."""

    estate: Estate
    look: Look
    actor: str
    at: datetime


def metric_of(estate: Estate, metric_id: str) -> Metric:
    """The data point of the estate or of one of its table profiles; raises RefusedError with the nearest names."""
    found = next((one for one in estate.metrics if one.id == metric_id), None)
    found = found or profiled_metric(metric_id, estate.profiles)
    if found is None:
        known = [one.id for one in estate.metrics]
        near = difflib.get_close_matches(metric_id, known, 3) or known[:5]
        more = f"; known are {', '.join(near)}" if near else ""
        raise RefusedError(f"The estate has no data point “{metric_id}”{more}.")
    return found


def reason_of(text: str) -> str:
    """The reason on one line; raises RefusedError for one that says nothing."""
    said = " ".join(str(text).split())
    if sum(letter.isalnum() for letter in said) < LEAST_LETTERS:
        raise RefusedError(
            f"The reason is too short; write at least {LEAST_LETTERS} letters, it is kept with the decision."
        )
    if len(said) > MOST_LETTERS:
        raise RefusedError(f"The reason has {len(said)} characters; write at most {MOST_LETTERS}.")
    return said


def when(moment: datetime) -> str:
    """A moment as refusals say it: `2026-11-24 08:00 UTC`, with seconds where there are any."""
    return f"{moment.isoformat(' ', 'minutes' if not (moment.second or moment.microsecond) else 'auto')} UTC"


def new_id() -> str:
    """An id for a mark or stage that a person makes."""
    return uuid.uuid4().hex[:16]


def corrected(case: Case, metric_id: str, observed_at: datetime | None, new_value: object, reason: str) -> PointMark:
    """The correction of one point, with the value that counted until now as the old one."""
    said = reason_of(reason)
    metric = metric_of(case.estate, metric_id)
    number = _number(new_value)
    if observed_at is None:
        raise RefusedError("The time is missing; choose the point whose value is wrong.")
    old = _value_at(case, metric, observed_at)
    if old == number:
        raise RefusedError(f"The value of {metric.title} at {when(observed_at)} is {number:g} already.")
    span = (observed_at, observed_at)
    return PointMark(new_id(), metric_id, MarkKind.CORRECTED, *span, case.at, case.actor, said, old, number)


def _number(value: object) -> float:
    try:
        number = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else math.nan
    except (ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise RefusedError(f"The new value is {value!r}; expected a finite number.")
    return number


def _value_at(case: Case, metric: Metric, at: datetime) -> float:
    """The value that counts at a time: the newest correction's, else the collected one."""
    near = case.look("points_near", metric_id=metric.id, at=at)
    if near.is_empty():
        raise RefusedError(f"{metric.title} has no value yet, so there is nothing to correct.")
    row = near.row(0, named=True)
    if row["observed_at"] != at:
        known = ", ".join(when(moment) for moment in near["observed_at"].sort())
        raise RefusedError(f"{metric.title} has no point at {when(at)}; the nearest are {known}.")
    here = (pl.col("kind") == MarkKind.CORRECTED) & (pl.col("from_at") == at) & ~pl.col("is_withdrawn")
    marks = case.look("points_marks", of=metric.id).filter(here).sort("marked_at")
    return float(marks["new_value"][-1] if marks.height else row["value"])


def left_out(case: Case, metric_id: str, from_at: datetime | None, to_at: datetime | None, reason: str) -> PointMark:
    """Points that no limits are made from; they must be there already."""
    said = reason_of(reason)
    metric = metric_of(case.estate, metric_id)
    begin, end = _range(from_at, to_at)
    extent = case.look("points_extent", metric_id=metric_id, from_at=begin, to_at=end).row(0, named=True)
    if not extent["inside"]:
        raise RefusedError(f"{metric.title} has no point from {when(begin)} to {when(end)}; {_extent(extent)}.")
    if end > max(case.at, extent["last_at"]):
        raise RefusedError(
            f"The end, {when(end)}, is in the future; plan it instead, points that are not there yet are not known."
        )
    return PointMark(new_id(), metric_id, MarkKind.LEFT_OUT, begin, end, case.at, case.actor, said)


def planned(case: Case, metric_id: str, from_at: datetime | None, to_at: datetime | None, reason: str) -> PointMark:
    """Planned work, before or after it; at most a month at a time."""
    said = reason_of(reason)
    metric_of(case.estate, metric_id)
    begin, end = _range(from_at, to_at)
    if end - begin > LONGEST_PLAN:
        raise RefusedError(
            f"The plan is longer than {LONGEST_PLAN.days} days; choose an earlier end, another can follow it."
        )
    return PointMark(new_id(), metric_id, MarkKind.PLANNED, begin, end, case.at, case.actor, said)


def noted(case: Case, metric_id: str, at: datetime | None, text: str) -> PointMark:
    """A note at a time; it changes nothing of how points are judged."""
    said = reason_of(text)
    metric_of(case.estate, metric_id)
    if at is None:
        raise RefusedError("The time is missing; choose the point that the note is about.")
    return PointMark(new_id(), metric_id, MarkKind.NOTE, at, at, case.at, case.actor, said)


def _range(from_at: datetime | None, to_at: datetime | None) -> tuple[datetime, datetime]:
    if from_at is None or to_at is None:
        raise RefusedError("The begin or the end is missing; choose both.")
    if to_at < from_at:
        raise RefusedError(f"The end, {when(to_at)}, is before the begin, {when(from_at)}; choose a later end.")
    return from_at, to_at


def _extent(extent: dict[str, Any]) -> str:
    if extent["first_at"] is None:
        return "it has no value yet"
    return f"its points are from {when(extent['first_at'])} to {when(extent['last_at'])}"


def mark_withdrawn(case: Case, mark_id: str, reason: str) -> PointMark:
    """The row that takes a mark back; what it was stays in it."""
    said = reason_of(reason)
    found = case.look("points_marks", of=mark_id).filter(pl.col("mark_id") == mark_id).to_dicts()
    if not found:
        raise RefusedError(f"There is no mark “{mark_id}”; one that was just made is known in some seconds.")
    row = found[0]
    if row["is_withdrawn"]:
        raise RefusedError(f"It was withdrawn already, by {row['actor']}.")
    kept = {name: row[name] for name in ("mark_id", "metric_id", "from_at", "to_at", "old_value", "new_value")}
    kind = MarkKind(row["kind"])
    return PointMark(**kept, kind=kind, marked_at=case.at, actor=case.actor, reason=said, is_withdrawn=True)
