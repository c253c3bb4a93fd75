"""Rows from answers of Dagster's GraphQL API: its runs. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from collectors.base import SourceError
from collectors.run_rows import JobNames, as_object, instant
from store.rows import RefreshRun, RunStatus

EXPECTED = "expected an answer of Dagster with `data.runsOrError.results`"
STATUSES = {
    "QUEUED": RunStatus.QUEUED,
    "NOT_STARTED": RunStatus.QUEUED,
    "STARTING": RunStatus.QUEUED,  # launched, and not at work yet
    "STARTED": RunStatus.RUNNING,
    "MANAGED": RunStatus.RUNNING,
    "SUSPENDED": RunStatus.RUNNING,
    "CANCELING": RunStatus.RUNNING,
    "SUCCESS": RunStatus.SUCCEEDED,
    "FAILURE": RunStatus.FAILED,
    "CANCELED": RunStatus.CANCELLED,
}
NOT_OVER = (RunStatus.QUEUED, RunStatus.RUNNING)
TRIGGERS = (
    ("dagster/backfill", "backfill"),
    ("dagster/schedule_name", "scheduled"),
    ("dagster/sensor_name", "api"),
    ("dagster/auto_materialize", "api"),
)
PARTITION = "dagster/partition"
RANGE = ("dagster/asset_partition_range_start", "dagster/asset_partition_range_end")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
HOUR = re.compile(r"(\d{4}-\d\d-\d\d)-(\d\d:\d\d)")


def read_run(found: object, names: JobNames, now: datetime) -> RefreshRun:
    """A run of an answer as a row; raises SourceError saying what it lacks."""
    told = as_object(found, EXPECTED)
    run_id, job = told.get("runId") or told.get("id"), told.get("jobName") or told.get("pipelineName")
    if not isinstance(run_id, str) or not isinstance(job, str):
        raise SourceError(f"a run has no `runId` or no `jobName`, {EXPECTED}")
    what = f"run {run_id} of job {job}"
    if told.get("status") not in STATUSES:
        raise SourceError(f"{what} has status {told.get('status')!r}, expected one of {', '.join(STATUSES)}")
    status = STATUSES[told["status"]]
    tags = _tags(told.get("tags"))
    interval = _interval(tags)
    return RefreshRun(
        job_id=names(job),
        run_id=run_id,
        source="dagster",
        status=status,
        collected_at=now,
        started_at=instant(told.get("startTime"), f"startTime of {what}"),
        finished_at=None if status in NOT_OVER else instant(told.get("endTime"), f"endTime of {what}"),
        triggered_by=next((word for tag, word in TRIGGERS if tag in tags), "on_demand") if "tags" in told else None,
        data_interval_start=interval[0],
        data_interval_end=interval[1],
    )


def results_of(content: Mapping[str, object]) -> list[object]:
    """The runs of one answer; raises SourceError with what Dagster says instead."""
    data = content.get("data")
    if not isinstance(data, dict):
        errors = content.get("errors")
        said = errors[0].get("message") if isinstance(errors, list) and errors and isinstance(errors[0], dict) else None
        raise SourceError(f"it says {str(said)[:200]!r}, {EXPECTED}" if said else f"it has no `data`, {EXPECTED}")
    found = data.get("runsOrError", data.get("runs", data.get("pipelineRunsOrError")))
    results = found.get("results") if isinstance(found, dict) else found
    if isinstance(results, list):
        return results
    said = found.get("message") if isinstance(found, dict) else None
    raise SourceError(f"it says {str(said)[:200]!r}, {EXPECTED}" if said else f"it has no runs, {EXPECTED}")


def read_answer(content: object, names: JobNames, now: datetime) -> list[RefreshRun]:
    """The rows of a stored answer, one page or a list of pages; raises SourceError."""
    pages: Sequence[object] = content if isinstance(content, list) else [content]
    return [read_run(found, names, now) for page in pages for found in results_of(as_object(page, EXPECTED))]


def _tags(found: object) -> dict[str, str]:
    tags = found if isinstance(found, list) else []
    return {str(tag.get("key")): str(tag.get("value")) for tag in tags if isinstance(tag, dict)}


def _interval(tags: Mapping[str, str]) -> tuple[datetime | None, datetime | None]:
    """The time of the data, from partitions that are named by a day or an hour; of a longer one its first day."""
    first, last = (_partition(tags.get(tag, tags.get(PARTITION, ""))) for tag in RANGE)
    return first[0], last[1]


def _partition(key: str) -> tuple[datetime | None, datetime | None]:
    try:
        if DAY.fullmatch(key):
            start = datetime.fromisoformat(key)
            return start, start + timedelta(days=1)
        if found := HOUR.fullmatch(key):
            start = datetime.fromisoformat(f"{found[1]}T{found[2]}")
            return start, start + timedelta(hours=1)
    except ValueError:  # it looks like a day and is none
        pass
    return None, None
