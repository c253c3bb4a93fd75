"""What is kept of looks at reports: the verdict by stages, numbers, hops, pictures, and what people decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from store.rows.base import Row
from store.rows.states import BaselineState, CheckState, Fault, NumberState, Stage


@dataclass(frozen=True, slots=True)
class ReportCheck(Row):
    """One look at a report as one persona sees it ('' if there is one audience only).

    `state` and `stage`, the first failed one, are of this look; `confirmed` is what several looks agree on. `stages`
    is JSON: a list of stage, state, seconds and message. `latency_seconds` is the time until the page was useful. A
    look `is_planned` within a maintenance window. `layout` is a digest of the page's structure.
    """

    TABLE: ClassVar[str] = "report_checks"
    TIME: ClassVar[str] = "observed_at"
    LATEST: ClassVar[tuple[str, ...]] = ("report_id", "persona")

    report_id: str
    observed_at: datetime
    state: CheckState
    stage: Stage
    http_status: int | None = None
    latency_seconds: float | None = None
    tls_days_left: float | None = None
    message: str | None = None
    persona: str = ""
    check_id: str = ""
    fault: Fault | None = None
    confirmed: CheckState | None = None
    stages: str | None = None
    attempts: int = 1
    is_planned: bool = False
    snapshot_id: str | None = None
    layout: str | None = None
    page_as_of_at: datetime | None = None
    peak_memory_bytes: int | None = None
    received_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class ReportNumber(Row):
    """One number of a report beside its backend; `tolerance` is how far they may lie apart, `hop` the first wrong one.

    `day` and `segment` are the first that are wrong at that hop, where it can tell them apart.
    """

    TABLE: ClassVar[str] = "report_numbers"
    TIME: ClassVar[str] = "observed_at"
    LATEST: ClassVar[tuple[str, ...]] = ("report_id", "persona", "number_id")

    report_id: str
    persona: str
    number_id: str
    check_id: str
    observed_at: datetime
    state: NumberState
    page_text: str | None = None
    page_value: float | None = None
    backend_value: float | None = None
    tolerance: float | None = None
    unit: str = ""
    hop: str | None = None
    day: date | None = None
    segment: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class ReportHop(Row):
    """The value of a number at one hop of its way, in order of `position`; the page is the last.

    `is_wrong` marks the first that differs from the one before; then `day`, `segment`, the values and row counts of the
    two hops there are its proof.
    """

    TABLE: ClassVar[str] = "report_hops"
    TIME: ClassVar[str] = "observed_at"

    report_id: str
    persona: str
    number_id: str
    check_id: str
    observed_at: datetime
    position: int
    hop: str
    value: float | None = None
    is_wrong: bool = False
    day: date | None = None
    segment: str | None = None
    value_before: float | None = None
    value_here: float | None = None
    rows_before: int | None = None
    rows_here: int | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Snapshot(Row):
    """A picture that was kept: `file` is relative to the snapshots' folder; a look that shows the same refers to it.

    `phash` is its perceptual hash in hex; beside the picture lies the page's structure as text.
    """

    TABLE: ClassVar[str] = "snapshots"
    TIME: ClassVar[str] = "taken_at"

    snapshot_id: str
    report_id: str
    persona: str
    taken_at: datetime
    file: str
    width: int
    height: int
    bytes: int
    phash: str
    layout: str


@dataclass(frozen=True, slots=True)
class BaselineEvent(Row):
    """A person said how a report should look, or took that back."""

    TABLE: ClassVar[str] = "baseline_events"
    TIME: ClassVar[str] = "occurred_at"

    report_id: str
    persona: str
    occurred_at: datetime
    state: BaselineState
    snapshot_id: str
    file: str
    layout: str
    actor: str
    reason: str


@dataclass(frozen=True, slots=True)
class MaintenanceEvent(Row):
    """A person marked a time as planned, before or after it, or took that back; the newest row of a window counts."""

    TABLE: ClassVar[str] = "maintenance_events"
    TIME: ClassVar[str] = "occurred_at"

    window_id: str
    report_id: str
    occurred_at: datetime
    begin_at: datetime
    end_at: datetime
    is_withdrawn: bool
    actor: str
    reason: str


@dataclass(frozen=True, slots=True)
class CheckerTrial(Row):
    """The checker tried on a page of our own whose fault is known; `found` is what it said, None for a good page."""

    TABLE: ClassVar[str] = "checker_trials"
    TIME: ClassVar[str] = "observed_at"
    LATEST: ClassVar[tuple[str, ...]] = ("case_id",)

    case_id: str
    observed_at: datetime
    is_right: bool
    expected: Fault | None = None
    found: Fault | None = None
    seconds: float | None = None
    message: str | None = None
