"""All that is known of one dataset, the name of its state, and the sentence that says why.

A job can succeed and bring old data, or nothing; it can be late while its data is still young. Each has its name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from analysis.data_arrivals import Arrival, JobStanding, Standing
from config.refreshes import Dataset
from store.rows import FreshnessState

CHECK_HOLDS = timedelta(days=1)  # a check that found fresh data says nothing after that


class DataState(StrEnum):
    """How the data of a dataset, or of a report, stands; the worst first."""

    LATE = "late"  # the job is late, and the data is old or of unknown age
    GREEN_JOB_STALE_DATA = "green_job_stale_data"
    REFRESHED_BUT_EMPTY = "refreshed_but_empty"
    STALE = "stale"
    UNKNOWN = "unknown"
    LATE_JOB_FRESH_DATA = "late_job_fresh_data"
    FRESH = "fresh"


@dataclass(frozen=True, slots=True)
class Check:
    observed_at: datetime
    state: str
    landed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known of one dataset."""

    dataset: Dataset
    arrival: Arrival
    standing: JobStanding
    check: Check | None
    now: datetime

    @property
    def landed_at(self) -> datetime | None:
        """The newest instant in the data, by runs and checks."""
        seen = None if self.check is None else self.check.landed_at
        return max((at for at in (self.arrival.landed_at, seen) if at is not None), default=None)

    @property
    def as_of_at(self) -> datetime | None:
        """The newest instant in the data, or the start of the job where only that is known."""
        return self.landed_at or self.arrival.job_at

    @property
    def age(self) -> timedelta | None:
        return None if self.as_of_at is None else self.now - self.as_of_at

    @property
    def basis(self) -> str:
        return "data" if self.landed_at else "job" if self.arrival.job_at else "none"

    @property
    def is_old(self) -> bool | None:
        """Whether the data is older than promised; None when nothing is promised or nobody can tell."""
        limit = self.dataset.max_age_seconds
        if limit is not None:
            return None if self.age is None else self.age.total_seconds() > limit
        check = self.check
        if check is None or check.state == FreshnessState.UNKNOWN:
            return None
        newer = self.arrival.landed_at
        if check.state == FreshnessState.STALE:
            return None if newer is not None and newer > (check.landed_at or check.observed_at) else True
        return False if self.now - check.observed_at <= CHECK_HOLDS else None


def state_of(facts: Facts) -> DataState:
    """The state of a dataset."""
    standing, is_old = facts.standing.standing, facts.is_old
    is_behind = standing == Standing.BEHIND
    if facts.arrival.is_empty:
        return DataState.REFRESHED_BUT_EMPTY
    if is_old is False:
        return DataState.LATE_JOB_FRESH_DATA if is_behind else DataState.FRESH
    if is_behind:
        return DataState.LATE
    if is_old:
        is_green = standing == Standing.GREEN and facts.basis == "data"
        return DataState.GREEN_JOB_STALE_DATA if is_green else DataState.STALE
    has_promise = facts.dataset.max_age_seconds is not None or facts.check is not None
    is_kept = standing in (Standing.GREEN, Standing.UNDER_WAY) and facts.as_of_at is not None
    return DataState.FRESH if is_kept and not has_promise else DataState.UNKNOWN


def explanation_of(facts: Facts, state: DataState) -> str:
    """One sentence: what was found and what was expected."""
    name = facts.dataset.title or facts.dataset.id
    job, verdict = facts.standing.job_id, (facts.standing.verdict or "").replace("_", " ")
    due = facts.standing.due_at
    age = "of unknown age" if facts.age is None else f"{_span(facts.age)} old"
    limit = facts.dataset.max_age_seconds
    promised = "" if limit is None else f", at most {_span(timedelta(seconds=limit))} promised"
    since = f" (due {due:%d %b %H:%M} UTC)" if due else ""
    match state:
        case DataState.REFRESHED_BUT_EMPTY:
            return f"{name} was refreshed but brought {_amount(facts)}; its data is {age}."
        case DataState.GREEN_JOB_STALE_DATA:
            return f"{job} succeeded ({verdict}), but the data of {name} is {age}{promised}."
        case DataState.STALE:
            return f"The data of {name} is {age}{promised}."
        case DataState.LATE:
            return f"{job} is behind, {verdict}{since}; the data of {name} is {age}{promised}."
        case DataState.LATE_JOB_FRESH_DATA:
            return f"{job} is behind, {verdict}{since}, but the data of {name} is only {age}{promised}."
        case DataState.FRESH:
            return f"The data of {name} is {age}{promised or '; its job is in order'}."
        case DataState.UNKNOWN:
            return f"Nobody can tell how fresh {name} is: {_gap(facts)}."


def _amount(facts: Facts) -> str:
    rows, least = facts.arrival.rows, facts.dataset.min_rows
    if rows is None:
        return "0 bytes"
    return f"{rows:,} rows" if least is None else f"{rows:,} rows, at least {least:,} expected"


def _gap(facts: Facts) -> str:
    if facts.as_of_at is None:
        return "no run and no check has told the time of its data"
    if facts.standing.standing == Standing.UNKNOWN:
        return f"whether {facts.standing.job_id} ran is not known, and no age is promised"
    if facts.check is not None and facts.dataset.max_age_seconds is None:
        return "its last check says nothing of its data now"
    return "no age is promised, and its job has no slot that was judged"


def _span(span: timedelta) -> str:
    """A span in its largest unit or two."""
    minutes = max(round(span.total_seconds() / 60), 0)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"
