"""How old the data of every dataset and report is, whatever the jobs say of themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from analysis.data_arrivals import NOT_SETTLED, Arrival, arrivals, standing_of, standings
from analysis.dataset_facts import Check, DataState, Facts, explanation_of, state_of
from analysis.job_graph import Graph
from config.estate import RefreshJob
from config.refreshes import Dataset
from store.rows import Verdict

__all__ = ["DataState", "dataset_states", "report_guarantees"]
AHEAD = timedelta(days=1)
ON_TIME_SPAN = timedelta(days=30)
STATES: dict[str, pl.DataType] = {
    "dataset_id": pl.String(),
    "state": pl.String(),
    "landed_at": pl.Datetime("us"),
    "as_of_at": pl.Datetime("us"),
    "refreshed_at": pl.Datetime("us"),
    "age_seconds": pl.Float64(),
    "basis": pl.String(),
    "rows": pl.Int64(),
    "bytes": pl.Int64(),
    "job_id": pl.String(),
    "job_verdict": pl.String(),
    "explanation": pl.String(),
}


GUARANTEES: dict[str, pl.DataType] = {
    "report_id": pl.String(),
    "state": pl.String(),
    "data_as_of": pl.Datetime("us"),
    "age_seconds": pl.Float64(),
    "basis": pl.String(),
    "oldest_dataset": pl.String(),
    "next_expected_at": pl.Datetime("us"),
    "on_time_ratio": pl.Float64(),
    "broken_by": pl.String(),
}
NOT_OPEN = (Verdict.FAILED, Verdict.MISSED, Verdict.UNKNOWN, Verdict.WITHDRAWN)
BROKEN = (DataState.LATE, DataState.GREEN_JOB_STALE_DATA, DataState.REFRESHED_BUT_EMPTY, DataState.STALE)


def dataset_states(
    datasets: Sequence[Dataset],
    jobs: Sequence[RefreshJob],
    runs: pl.DataFrame,
    checks: pl.DataFrame,
    slots: pl.DataFrame,
    now: datetime,
) -> pl.DataFrame:
    """One row per dataset, those that only a job names among them, with the columns STATES.

    `runs`, `checks` and `slots` have the columns of refresh_runs, freshness_checks and refresh_slots; of each job the
    run with the newest data, the newest run, and the newest judged slots are enough. `landed_at` is the newest instant
    in the data; `as_of_at` is the same or, on the `basis` "job", the start of the last run; both are null when unknown.
    """
    known = {dataset.id: dataset for dataset in datasets}
    for job in jobs:
        if job.dataset and job.dataset not in known:
            known[job.dataset] = Dataset(id=job.dataset, subsystem=job.subsystem)
    refreshed_by: dict[str, list[str]] = {}
    for job in jobs:
        refreshed_by.setdefault(job.dataset, []).append(job.id)
    arrived, stands, checked = arrivals(datasets, jobs, runs, now), standings(slots, now), _checks(checks, now)
    rows = []
    for dataset in known.values():
        standing = standing_of(refreshed_by.get(dataset.id, ()), stands)
        facts = Facts(dataset, arrived.get(dataset.id, Arrival()), standing, checked.get(dataset.id), now)
        rows.append(_row(facts))
    return pl.DataFrame(rows, schema=STATES, orient="row")


def _checks(checks: pl.DataFrame, now: datetime) -> dict[str, Check]:
    """The newest check of every dataset."""
    latest = pl.min_horizontal("observed_at", pl.lit(now))
    landed = pl.when(pl.col("landed_at") <= latest + AHEAD).then(pl.min_horizontal("landed_at", latest))
    told = checks.sort("observed_at").group_by("dataset_id").last()
    rows = told.select("dataset_id", "observed_at", "state", landed.alias("landed_at")).rows()
    return {dataset_id: Check(observed_at, state, landed_at) for dataset_id, observed_at, state, landed_at in rows}


def _row(facts: Facts) -> tuple[Any, ...]:
    arrival, state = facts.arrival, state_of(facts)
    return (
        facts.dataset.id,
        state.value,
        facts.landed_at,
        facts.as_of_at,
        arrival.refreshed_at,
        None if facts.age is None else facts.age.total_seconds(),
        facts.basis,
        arrival.rows,
        arrival.bytes,
        facts.standing.job_id or None,
        facts.standing.verdict,
        explanation_of(facts, state),
    )


def report_guarantees(
    graph: Graph,
    states: pl.DataFrame,
    slots: pl.DataFrame,
    now: datetime,
    forecasts: pl.DataFrame | None = None,
    totals: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """One row per report, with the columns GUARANTEES: how old the oldest of all data is that it rests on.

    `states` comes from `dataset_states`. `data_as_of` is null when the time of any input is unknown; its `basis` is
    "job" when any is known by its job alone. `next_expected_at` is when the report will be right, or newer if it is
    right now: by `forecasts` (columns of refresh_forecasts) where there is one, otherwise by the deadlines of `slots`.
    `on_time_ratio` is over the judged slots of 30 days of all jobs behind it, or over `totals` (job_id, judged,
    on_time). `broken_by` is the dataset deepest in the lineage whose state breaks the promise; empty when none does.
    """
    by_dataset = {row["dataset_id"]: row for row in states.iter_rows(named=True)}
    pending = _pending(slots, forecasts, now)
    counted = totals if totals is not None else _totals(slots, now)
    on_time = {job_id: (judged, good) for job_id, judged, good in counted.select("job_id", "judged", "on_time").rows()}
    rows = []
    for report_id in graph.reports:
        inputs = [by_dataset.get(name, {"dataset_id": name}) for name in sorted(graph.datasets_of(report_id))]
        found = [DataState(row.get("state", DataState.UNKNOWN)) for row in inputs]
        state = min(found, key=list(DataState).index, default=DataState.UNKNOWN)
        broken = [row["dataset_id"] for row, one in zip(inputs, found, strict=True) if one in BROKEN]
        counts = [on_time.get(job, (0, 0)) for job in graph.jobs_behind_report(report_id)]
        judged = sum(one for one, _ in counts)
        ratio = sum(good for _, good in counts) / judged if judged else None
        next_at = _next_expected(graph, report_id, broken, pending)
        rows.append((report_id, state.value, *_age(inputs, now), next_at, ratio, _deepest(graph, broken)))
    return pl.DataFrame(rows, schema=GUARANTEES, orient="row")


def _age(inputs: Sequence[dict[str, Any]], now: datetime) -> tuple[datetime | None, float | None, str, str | None]:
    """The as-of time, age, basis and name of the oldest input; a name without a time when that one is unknown."""
    unknown = [row["dataset_id"] for row in inputs if row.get("as_of_at") is None]
    if unknown or not inputs:
        return None, None, "none", unknown[0] if unknown else None
    oldest = min(inputs, key=lambda row: row["as_of_at"])
    basis = "job" if any(row["basis"] == "job" for row in inputs) else "data"
    return oldest["as_of_at"], (now - oldest["as_of_at"]).total_seconds(), basis, oldest["dataset_id"]


def _deepest(graph: Graph, broken: Sequence[str]) -> str:
    """The broken dataset that rests on no other broken one."""
    roots = [name for name in broken if not graph.datasets_behind(name) & set(broken)]
    return next(iter(roots or broken), "")


def _next_expected(
    graph: Graph, report_id: str, broken: Sequence[str], pending: dict[str, datetime]
) -> datetime | None:
    """The last finish of what the broken datasets, and those that the report shows, wait for; None if one has none."""
    needed = [*broken, *graph.reports[report_id].datasets]
    ends = []
    for dataset in needed:
        found = [pending[job] for job in graph.jobs_of(dataset) if job in pending]
        if not found:
            return None
        ends.append(min(found))
    return max(ends, default=None)


def _pending(slots: pl.DataFrame, forecasts: pl.DataFrame | None, now: datetime) -> dict[str, datetime]:
    """When the first unfinished slot of every job will have finished, at `now` or later."""
    is_open = pl.col("finished_at").is_null() & ~pl.col("verdict").is_in(NOT_OPEN)
    told = slots.filter(is_open).select("job_id", "due_at", pl.col("deadline_at").alias("end_at"))
    if forecasts is not None:
        known = forecasts.select("job_id", "due_at", "median_at")
        told = told.join(known, on=["job_id", "due_at"], how="left")
        told = told.with_columns(pl.coalesce("median_at", "end_at").alias("end_at"))
    first = told.filter(pl.col("end_at") >= now).group_by("job_id").agg(pl.col("end_at").min())
    return dict(first.rows())


def _totals(slots: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """How many slots of the last 30 days were judged, and how many on time: job_id, judged, on_time."""
    is_judged = ~pl.col("verdict").is_in([*NOT_SETTLED, Verdict.UNKNOWN])
    told = slots.filter(is_judged & (pl.col("due_at") <= now) & (pl.col("due_at") > now - ON_TIME_SPAN))
    return told.group_by("job_id").agg(
        pl.len().alias("judged"), (pl.col("verdict") == Verdict.ON_TIME).sum().alias("on_time")
    )
