"""Refresh runs by the number of their job, with what the runs upstream had brought: the material of forecasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import polars as pl

from config.estate import RefreshJob
from store.rows import RunStatus

DAYS = 90


def places_of(jobs: Sequence[RefreshJob]) -> dict[str, int]:
    """The number of each job: its place in the estate."""
    return {job.id: n for n, job in enumerate(jobs)}


def arrows_of(jobs: Sequence[RefreshJob]) -> pl.DataFrame:
    """One row per arrow between jobs: job, upstream (numbers)."""
    places = places_of(jobs)
    arrows = [(places[job.id], places[name]) for job in jobs for name in job.upstream if name in places]
    return pl.DataFrame(arrows, schema={"job": pl.Int64, "upstream": pl.Int64}, orient="row")


def numbered(frame: pl.DataFrame, places: Mapping[str, int]) -> pl.DataFrame:
    """The rows of known jobs, with `job`, the number of theirs."""
    schema = {"job_id": pl.String, "job": pl.Int64}
    return frame.join(pl.DataFrame(list(places.items()), schema=schema, orient="row"), on="job_id", how="inner")


def succeeded_runs(runs: pl.DataFrame, places: Mapping[str, int], now: datetime) -> pl.DataFrame:
    """Runs of the 90 days to `now` that tell how long a job takes, sorted by job and start.

    Columns: job, started_at, finished_at, brought (rows, or bytes where there are none; null when neither is known).
    """
    is_told = (
        (pl.col("status") == RunStatus.SUCCEEDED)
        & (pl.col("finished_at") <= now)
        & (pl.col("finished_at") >= now - timedelta(days=DAYS))
        & (pl.col("started_at") <= pl.col("finished_at"))
        & pl.col("triggered_by").ne_missing("backfill")
    )
    brought = pl.coalesce(pl.col("rows"), pl.col("bytes")).cast(pl.Float64).alias("brought")
    told = numbered(runs.filter(is_told), places)
    return told.select("job", "started_at", "finished_at", brought).sort("job", "started_at")


def with_upstream_size(done: pl.DataFrame, arrows: pl.DataFrame) -> pl.DataFrame:
    """The runs with `size`: the logarithm of what the newest runs upstream had brought, null when none says."""
    keyed = done.with_row_index("run")
    brought = done.filter(pl.col("brought").is_not_null()).sort("finished_at")
    if brought.is_empty() or arrows.is_empty():
        return keyed.with_columns(pl.lit(None, dtype=pl.Float64).alias("size"))
    pairs = keyed.select("run", "job", "started_at").join(arrows, on="job").sort("started_at")
    fed = pairs.join_asof(
        brought.select(pl.col("job").alias("upstream"), "finished_at", pl.col("brought").alias("fed")),
        left_on="started_at",
        right_on="finished_at",
        by="upstream",
        check_sortedness=False,
    )
    told = fed.drop_nulls("fed").group_by("run").agg(pl.col("fed").sum().log1p().alias("size"))
    return keyed.join(told, on="run", how="left", maintain_order="left")
