"""What has arrived of every dataset, and how its jobs stand: the facts from which data_freshness makes its states.

The newest instant in the data counts, not the newest run: a backfill of an old interval makes nothing newer, and a
run that brought nothing does not vouch for its interval.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import polars as pl

from config.estate import RefreshJob
from config.refreshes import Dataset
from store.rows import RunStatus, Verdict

AHEAD = timedelta(days=1)  # data that claims to be from further ahead of its arrival is not believed
NOT_SETTLED = (Verdict.UPCOMING, Verdict.DUE, Verdict.RUNNING, Verdict.WITHDRAWN)
IS_OVER = (Verdict.FAILED, Verdict.MISSED)
IS_LATE = (Verdict.LATE_FINISH, Verdict.TOO_LONG)


class Standing(StrEnum):
    """How a job stands by its newest slot that has been judged."""

    BEHIND = "behind"  # what was due has not come
    UNKNOWN = "unknown"
    UNDER_WAY = "under_way"
    GREEN = "green"
    NOTHING_DUE = "nothing_due"


@dataclass(frozen=True, slots=True)
class Arrival:
    """What has arrived of a dataset: its newest instant, the start of the job that refreshed it last, and that run."""

    landed_at: datetime | None = None
    job_at: datetime | None = None
    refreshed_at: datetime | None = None
    rows: int | None = None
    bytes: int | None = None
    is_empty: bool = False


@dataclass(frozen=True, slots=True)
class JobStanding:
    """How one job stands, and the verdict and due time that say so."""

    job_id: str = ""
    standing: Standing = Standing.NOTHING_DUE
    verdict: str | None = None
    due_at: datetime | None = None


def arrivals(
    datasets: Sequence[Dataset], jobs: Sequence[RefreshJob], runs: pl.DataFrame, now: datetime
) -> dict[str, Arrival]:
    """What succeeded runs brought, by dataset; `runs` has the columns of refresh_runs."""
    least = {dataset.id: dataset.min_rows for dataset in datasets}
    owners = pl.DataFrame(
        [(job.id, job.dataset, least.get(job.dataset)) for job in jobs if job.dataset],
        schema={"job_id": pl.String, "dataset_id": pl.String, "min_rows": pl.Int64},
        orient="row",
    )
    is_told = (pl.col("status") == RunStatus.SUCCEEDED) & pl.col("triggered_by").ne_missing("backfill")
    told = (
        runs.filter(is_told)
        .join(owners, on="job_id")
        .with_columns(pl.coalesce("finished_at", "collected_at").alias("arrived_at"), _is_empty().alias("is_empty"))
    )
    filled = pl.when(~pl.col("is_empty"))
    latest = pl.min_horizontal("arrived_at", pl.lit(now))
    claimed = pl.coalesce("landed_at", filled.then("data_interval_end"))
    landed = pl.when(claimed <= latest + AHEAD).then(pl.min_horizontal(claimed, latest))
    found = (
        told.with_columns(
            landed.alias("landed_at"), filled.then(pl.coalesce("started_at", "arrived_at")).alias("job_at")
        )
        .sort("arrived_at")
        .group_by("dataset_id")
        .agg(
            pl.col("landed_at").max(),
            pl.col("job_at").max(),
            pl.col("arrived_at").last().alias("refreshed_at"),
            pl.col("rows", "bytes", "is_empty").last(),
        )
    )
    return {row.pop("dataset_id"): Arrival(**row) for row in found.iter_rows(named=True)}


def _is_empty() -> pl.Expr:
    """Whether a run brought nothing, or less than its dataset needs; what is not told is not held against it."""
    rows = pl.col("rows")
    too_few = (rows == 0) | (rows < pl.col("min_rows")).fill_null(False)
    return pl.when(rows.is_not_null()).then(too_few).otherwise((pl.col("bytes") == 0).fill_null(False))


def standings(slots: pl.DataFrame, now: datetime) -> dict[str, JobStanding]:
    """How every job with judged slots stands; uses job_id, due_at, verdict, started_at, finished_at, is_unknown_next.

    The last one, a flag that may be missing, says that a later slot is unknown.
    """
    is_blind = pl.col("is_unknown_next") if "is_unknown_next" in slots.columns else pl.lit(False)
    told = (
        slots.filter((pl.col("due_at") <= now) & ~pl.col("verdict").is_in(NOT_SETTLED))
        .select("job_id", "due_at", "verdict", "started_at", "finished_at", is_blind.alias("is_blind"))
        .sort("due_at")
        .group_by("job_id")
        .last()
    )
    return {
        row["job_id"]: JobStanding(row["job_id"], _standing(row), row["verdict"], row["due_at"])
        for row in told.iter_rows(named=True)
    }


def _standing(row: Mapping[str, Any]) -> Standing:
    verdict, is_finished = row["verdict"], row["finished_at"] is not None
    if row["is_blind"] or verdict == Verdict.UNKNOWN:
        return Standing.UNKNOWN
    if verdict in IS_OVER or (verdict in IS_LATE and not is_finished):
        return Standing.BEHIND
    if verdict == Verdict.LATE_START and row["started_at"] is None and not is_finished:
        return Standing.BEHIND
    return Standing.GREEN if is_finished or verdict == Verdict.ON_TIME else Standing.UNDER_WAY


def standing_of(jobs: Sequence[str], known: Mapping[str, JobStanding]) -> JobStanding:
    """How the jobs of one dataset stand together: the one that is behind, or else the one that nobody knows of."""
    order = list(Standing)
    return min(
        (known.get(job, JobStanding(job)) for job in jobs),
        key=lambda one: order.index(one.standing),
        default=JobStanding(),
    )
