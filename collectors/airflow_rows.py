"""Rows from answers of Airflow's REST API, 2 and 3: DAG runs and task instances. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from collectors.base import SourceError
from collectors.run_rows import JobNames, as_object, instant
from store.rows import RefreshRun, RunStatus

EXPECTED = "expected an answer of Airflow with `dag_runs` or `task_instances`"
RUN_STATES = {
    "success": RunStatus.SUCCEEDED,
    "failed": RunStatus.FAILED,
    "running": RunStatus.RUNNING,
    "queued": RunStatus.QUEUED,
}
TASK_STATES = RUN_STATES | {
    "none": RunStatus.QUEUED,
    "scheduled": RunStatus.QUEUED,
    "up_for_retry": RunStatus.QUEUED,
    "up_for_reschedule": RunStatus.RUNNING,
    "restarting": RunStatus.RUNNING,
    "deferred": RunStatus.RUNNING,
    "awaiting_input": RunStatus.RUNNING,
    "skipped": RunStatus.SKIPPED,
    "upstream_failed": RunStatus.SKIPPED,  # it was never tried; the failure is that of the other task
    "removed": RunStatus.SKIPPED,
    "shutdown": RunStatus.CANCELLED,
}
TASK_MESSAGES = {
    "up_for_retry": "it failed and waits for its next try",
    "upstream_failed": "not tried, because a task before it failed",
    "removed": "the task is not in the DAG any more",
}
INTERVAL = ("data_interval_start", "data_interval_end")
NOT_OVER = (RunStatus.QUEUED, RunStatus.RUNNING)
TRIGGERS = {
    "scheduled": "scheduled",
    "manual": "on_demand",
    "backfill": "backfill",
    "asset_triggered": "api",
    "dataset_triggered": "api",
    "operator_triggered": "api",
    "asset_materialization": "api",
}


def read_run(found: object, names: JobNames, now: datetime) -> RefreshRun:
    """A DAG run of an answer as a row; raises SourceError saying what it lacks."""
    told = as_object(found, EXPECTED)
    dag_id, run_id = _texts(told, "dag_id", "dag_run_id")
    what = f"run {run_id} of DAG {dag_id}"
    status = _status(told.get("state"), RUN_STATES, what)
    first, last = (instant(told.get(name), f"{name} of {what}") for name in INTERVAL)
    has_interval = first is not None and last is not None and first < last  # Airflow 3 gives empty ones: no period
    return RefreshRun(
        job_id=names(dag_id),
        run_id=run_id,
        source="airflow",
        status=status,
        collected_at=now,
        started_at=instant(told.get("start_date"), f"start_date of {what}"),
        finished_at=None if status in NOT_OVER else instant(told.get("end_date"), f"end_date of {what}"),
        triggered_by=TRIGGERS.get(str(told.get("run_type"))),
        data_interval_start=first if has_interval else None,
        data_interval_end=last if has_interval else None,
    )


def read_task(found: object, names: JobNames, now: datetime) -> RefreshRun:
    """A task instance of an answer as a row of the job `dag.task`; raises SourceError saying what it lacks."""
    told = as_object(found, EXPECTED)
    dag_id, task_id, run_id = _texts(told, "dag_id", "task_id", "dag_run_id")
    what = f"task {task_id} in run {run_id} of DAG {dag_id}"
    state = "none" if told.get("state") is None else str(told["state"])
    status = _status(state, TASK_STATES, what)
    index = told.get("map_index")
    return RefreshRun(
        job_id=names(f"{dag_id}.{task_id}"),
        run_id=f"{run_id}:{index}" if isinstance(index, int) and index >= 0 else run_id,
        source="airflow",
        status=status,
        collected_at=now,
        started_at=instant(told.get("start_date"), f"start_date of {what}"),
        finished_at=None if status in NOT_OVER else instant(told.get("end_date"), f"end_date of {what}"),
        message=TASK_MESSAGES.get(state),
    )


def read_answer(content: object, names: JobNames, now: datetime) -> list[RefreshRun]:
    """The rows of a stored answer, one page or a list of pages; raises SourceError."""
    pages: Sequence[object] = content if isinstance(content, list) else [content]
    return [run for page in pages for run in _rows(page, names, now)]


def _rows(page: object, names: JobNames, now: datetime) -> Iterator[RefreshRun]:
    for field, read in (("dag_runs", read_run), ("task_instances", read_task)):
        if isinstance(page, dict) and isinstance(page.get(field), list):
            yield from (read(found, names, now) for found in page[field])
            return
    raise SourceError(f"it has neither `dag_runs` nor `task_instances`, {EXPECTED}")


def _texts(found: dict[str, Any], *fields: str) -> list[str]:
    for field in fields:
        if not isinstance(found.get(field), str) or not found[field]:
            raise SourceError(f"a run has no `{field}`, {EXPECTED}")
    return [found[field] for field in fields]


def _status(found: object, states: dict[str, RunStatus], what: str) -> RunStatus:
    if found not in states:
        raise SourceError(f"{what} has state {found!r}, expected one of {', '.join(states)}")
    return states[str(found)]
