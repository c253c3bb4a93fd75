"""One frozen dataclass per table that collectors and pages append to. Imports no duckdb, so collectors stay small.

Times are naive UTC and end in `_at`; money is Decimal with a currency; durations are seconds, sizes bytes, shares 0..1.
`LATEST` names the tables whose newest row per key is kept in `latest_<table>`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar


class RunStatus(StrEnum):
    """Status of a refresh run, whatever its source calls it."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"


class CheckState(StrEnum):
    """Verdict of a report check; UNKNOWN means the checker, not the report, failed."""

    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"
    UNKNOWN = "unknown"


class FreshnessState(StrEnum):
    """Result of a freshness check."""

    FRESH = "fresh"
    WARN = "warn"
    STALE = "stale"
    UNKNOWN = "unknown"


class Outcome(StrEnum):
    """How a collector run ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    SKIPPED = "skipped"


class RequestState(StrEnum):
    """State of an access request after an event."""

    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class AlertState(StrEnum):
    """State of an alert after a transition."""

    PENDING = "pending"
    FIRING = "firing"
    RESOLVED = "resolved"


class ActionState(StrEnum):
    """State of a corrective action after an event."""

    ACTING = "acting"
    CURED = "cured"
    NOT_CURED = "not_cured"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Row:
    """Base of all rows: the table it goes to and the column that orders it in time."""

    TABLE: ClassVar[str]
    TIME: ClassVar[str]
    LATEST: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True)
class MetricSample(Row):
    """One value of a catalogued metric; `instance` tells disks or interfaces of a host apart ('' if there is one)."""

    TABLE: ClassVar[str] = "metric_samples"
    TIME: ClassVar[str] = "observed_at"
    LATEST: ClassVar[tuple[str, ...]] = ("host", "metric", "instance")

    host: str
    metric: str
    instance: str
    observed_at: datetime
    value: float


@dataclass(frozen=True, slots=True)
class ProcessSample(Row):
    """One of the busiest processes of a host at one instant."""

    TABLE: ClassVar[str] = "process_samples"
    TIME: ClassVar[str] = "observed_at"

    host: str
    observed_at: datetime
    pid: int
    name: str
    cpu_busy_ratio: float
    memory_used_bytes: int


@dataclass(frozen=True, slots=True)
class RefreshRun(Row):
    """One attempt to refresh a dataset, as known at `collected_at`; a later row of the run replaces it in the views."""

    TABLE: ClassVar[str] = "refresh_runs"
    TIME: ClassVar[str] = "collected_at"
    LATEST: ClassVar[tuple[str, ...]] = ("job_id", "run_id")

    job_id: str
    run_id: str
    source: str
    status: RunStatus
    collected_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    rows: int | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class FreshnessCheck(Row):
    """How old the data of a dataset was when it was looked at."""

    TABLE: ClassVar[str] = "freshness_checks"
    TIME: ClassVar[str] = "observed_at"
    LATEST: ClassVar[tuple[str, ...]] = ("dataset_id",)

    dataset_id: str
    observed_at: datetime
    state: FreshnessState
    landed_at: datetime | None = None
    data_age_seconds: float | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class ReportCheck(Row):
    """One look at a report."""

    TABLE: ClassVar[str] = "report_checks"
    TIME: ClassVar[str] = "observed_at"
    LATEST: ClassVar[tuple[str, ...]] = ("report_id",)

    report_id: str
    observed_at: datetime
    state: CheckState
    stage: str
    http_status: int | None = None
    latency_seconds: float | None = None
    tls_days_left: float | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class DataPoint(Row):
    """One value of a key data point; `size` is the subgroup or sample size where there is one."""

    TABLE: ClassVar[str] = "data_points"
    TIME: ClassVar[str] = "observed_at"
    LATEST: ClassVar[tuple[str, ...]] = ("metric_id",)

    metric_id: str
    observed_at: datetime
    collected_at: datetime
    value: float
    size: float | None = None


@dataclass(frozen=True, slots=True)
class Charge(Row):
    """One FOCUS charge row under its snake_case names; `load_id` tells which load brought it."""

    TABLE: ClassVar[str] = "charges"
    TIME: ClassVar[str] = "charge_period_start"

    load_id: str
    source: str
    billing_period_start: datetime
    charge_period_start: datetime
    charge_period_end: datetime
    charge_category: str
    service_name: str
    service_category: str | None
    provider_name: str | None
    sub_account_id: str | None
    sub_account_name: str | None
    region_id: str | None
    resource_id: str | None
    pricing_quantity: Decimal | None
    pricing_unit: str | None
    billed_cost: Decimal
    effective_cost: Decimal
    list_cost: Decimal | None
    contracted_cost: Decimal | None
    billing_currency: str
    tags: str | None = None


@dataclass(frozen=True, slots=True)
class ChargeLoad(Row):
    """The record that makes a load of one source and billing period the current one; the last record wins."""

    TABLE: ClassVar[str] = "charge_loads"
    TIME: ClassVar[str] = "loaded_at"

    load_id: str
    source: str
    billing_period_start: datetime
    loaded_at: datetime
    rows: int
    billed_cost: Decimal
    billing_currency: str
    path: str


@dataclass(frozen=True, slots=True)
class PlanLine(Row):
    """Planned effective cost of a service for one month, as one version of the plan says."""

    TABLE: ClassVar[str] = "plan_lines"
    TIME: ClassVar[str] = "loaded_at"

    load_id: str
    loaded_at: datetime
    service_name: str
    period_start: date
    planned_cost: Decimal
    billing_currency: str


@dataclass(frozen=True, slots=True)
class RequestEvent(Row):
    """One step in the life of an access request; the state after the last step is the request's state."""

    TABLE: ClassVar[str] = "request_events"
    TIME: ClassVar[str] = "occurred_at"
    LATEST: ClassVar[tuple[str, ...]] = ("request_id",)

    request_id: str
    occurred_at: datetime
    state: RequestState
    actor_id: str
    requester_id: str
    asset_id: str
    entitlement: str
    justification: str
    ends_on: date | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class CollectorRun(Row):
    """One execution of a collector."""

    TABLE: ClassVar[str] = "collector_runs"
    TIME: ClassVar[str] = "started_at"
    LATEST: ClassVar[tuple[str, ...]] = ("collector",)

    collector: str
    run_id: str
    started_at: datetime
    outcome: Outcome
    rows: int
    seconds: float
    error: str | None = None


@dataclass(frozen=True, slots=True)
class AlertTransition(Row):
    """A change of state of one alert of one rule."""

    TABLE: ClassVar[str] = "alert_transitions"
    TIME: ClassVar[str] = "occurred_at"
    LATEST: ClassVar[tuple[str, ...]] = ("rule", "subject")

    rule: str
    subject: str
    occurred_at: datetime
    state: AlertState
    severity: str
    evidence: str


@dataclass(frozen=True, slots=True)
class ActionEvent(Row):
    """A step of a corrective action."""

    TABLE: ClassVar[str] = "action_events"
    TIME: ClassVar[str] = "occurred_at"
    LATEST: ClassVar[tuple[str, ...]] = ("playbook", "subject")

    playbook: str
    subject: str
    occurred_at: datetime
    state: ActionState
    detail: str


@dataclass(frozen=True, slots=True)
class SetAsideBatch(Row):
    """A spooled batch that could not be stored and was kept for a person to look at."""

    TABLE: ClassVar[str] = "set_aside_batches"
    TIME: ClassVar[str] = "set_aside_at"

    batch_id: str
    collector: str
    set_aside_at: datetime
    path: str
    problem: str


@dataclass(frozen=True, slots=True)
class Pass(Row):
    """A finished pass of housekeeping (`rollup`, `export`) through all batches up to `batch_no`."""

    TABLE: ClassVar[str] = "passes"
    TIME: ClassVar[str] = "finished_at"

    kind: str
    finished_at: datetime
    batch_no: int
    seconds: float


TABLES: dict[str, type[Row]] = {
    row.TABLE: row
    for row in (
        MetricSample,
        ProcessSample,
        RefreshRun,
        FreshnessCheck,
        ReportCheck,
        DataPoint,
        Charge,
        ChargeLoad,
        PlanLine,
        RequestEvent,
        CollectorRun,
        AlertTransition,
        ActionEvent,
        SetAsideBatch,
        Pass,
    )
}


def column_names(row_type: type[Row]) -> tuple[str, ...]:
    """Column names of a row type in declared order."""
    return tuple(field.name for field in fields(row_type))
