"""Refresh slots and what is said about them: verdicts, forecasts, and what people decided about expectations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from store.rows.base import Row
from store.rows.states import ProposalState, Verdict


@dataclass(frozen=True, slots=True)
class RefreshSlot(Row):
    """One time at which one expectation of a job wanted a run, and what became of it as known at `judged_at`."""

    TABLE: ClassVar[str] = "refresh_slots"
    TIME: ClassVar[str] = "judged_at"
    LATEST: ClassVar[tuple[str, ...]] = ("job_id", "expectation", "due_at")

    job_id: str
    expectation: str
    due_at: datetime
    judged_at: datetime
    verdict: Verdict
    start_by_at: datetime
    deadline_at: datetime
    run_id: str | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    rows: int | None = None
    bytes: int | None = None
    landed_at: datetime | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class RefreshForecast(Row):
    """When the run of a slot will have finished, as forecast at `forecast_at`; `miss_ratio` is P(after the deadline).

    `blocked_by` is the one job to chase (empty for none) and `path` the jobs from it to this one, ` > ` between them.
    """

    TABLE: ClassVar[str] = "refresh_forecasts"
    TIME: ClassVar[str] = "forecast_at"
    LATEST: ClassVar[tuple[str, ...]] = ("job_id", "due_at")

    job_id: str
    due_at: datetime
    forecast_at: datetime
    deadline_at: datetime
    p10_at: datetime
    median_at: datetime
    p90_at: datetime
    miss_ratio: float
    slack_seconds: float
    blocked_by: str = ""
    path: str = ""
    runs: int = 0


@dataclass(frozen=True, slots=True)
class ExpectationEvent(Row):
    """What was proposed or decided about an expectation of a job; `expectation` is its fields as JSON."""

    TABLE: ClassVar[str] = "expectation_events"
    TIME: ClassVar[str] = "occurred_at"
    LATEST: ClassVar[tuple[str, ...]] = ("job_id", "expectation_id")

    job_id: str
    expectation_id: str
    occurred_at: datetime
    state: ProposalState
    actor_id: str
    expectation: str
    confidence: float | None = None
    reason: str | None = None
