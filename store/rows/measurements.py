"""What collectors measure: samples, data points, refresh runs, checks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from store.rows.base import Row
from store.rows.states import FreshnessState, RunStatus


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
    triggered_by: str | None = None  # scheduled, on_demand, api or backfill; None when its source does not say
    data_interval_start: datetime | None = None
    data_interval_end: datetime | None = None
    landed_at: datetime | None = None  # the newest instant in the data that it brought
    bytes: int | None = None


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
