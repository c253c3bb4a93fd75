"""Forecasts of 2,000 jobs from 90 days of runs, against a plain mean of the last ten runs; goal: 3 s at most.

Baseline: due time and mean duration of each job's last ten runs, as in Airflow's AVERAGE_RUNTIME, in one polars query
over the same frames; it knows nothing of upstream jobs, of chance, or of what is under way.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from analysis.calibration import replayed
from analysis.finish_forecast import forecast
from config.estate import RefreshJob
from store.rows import RunStatus, Verdict

JOBS = 2_000
DAYS = 90
LAYERS = 5  # a job has up to two jobs upstream, one layer above it
FIRST = datetime(2026, 1, 1, 2)
GOAL_SECONDS = 3.0


def portal(seed: int = 1) -> tuple[list[RefreshJob], pl.DataFrame, pl.DataFrame, datetime]:
    """Jobs, runs, slots, and a time in the middle of the last day's refresh."""
    rng = np.random.default_rng(seed)
    layer = JOBS // LAYERS
    upstream = [
        sorted(set(rng.integers(n - n % layer - layer, n - n % layer, 2))) if n >= layer else [] for n in range(JOBS)
    ]
    jobs = [
        RefreshJob(id=f"job-{n}", title=f"Job {n}", subsystem="all", upstream=[f"job-{up}" for up in ups])
        for n, ups in enumerate(upstream)
    ]
    level, spread = rng.uniform(4, 7, JOBS), rng.uniform(0.05, 0.4, JOBS)
    taken = np.exp(level[:, None] + spread[:, None] * rng.normal(size=(JOBS, DAYS)))
    start, end = np.zeros((JOBS, DAYS)), np.zeros((JOBS, DAYS))
    for n, ups in enumerate(upstream):
        start[n] = (end[ups].max(axis=0) if ups else 0.0) + rng.exponential(20, DAYS)
        end[n] = start[n] + taken[n]
    deadline = np.quantile(end, 0.95, axis=1)
    now = FIRST + timedelta(days=DAYS - 1, seconds=float(np.median(end[:, -1])))
    return jobs, *_frames(start, end, deadline, now), now


def _frames(
    start: np.ndarray, end: np.ndarray, deadline: np.ndarray, now: datetime
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Runs and slots as known at `now`, from seconds after the due time of each day."""
    job, day = np.divmod(np.arange(start.size), DAYS)
    due = pl.lit(FIRST) + pl.duration(days=pl.col("day"))
    known = pl.DataFrame(
        {"job": job, "day": day, "start": start.ravel(), "end": end.ravel(), "deadline": deadline[job]}
    )
    facts = known.select(
        pl.format("job-{}", "job").alias("job_id"),
        pl.format("{}-{}", "job", "day").alias("run_id"),
        due.alias("due_at"),
        *(
            (due + pl.duration(microseconds=(pl.col(name) * 1e6).cast(pl.Int64))).alias(f"{name}_at")
            for name in ("start", "end", "deadline")
        ),
    )
    seen = {name: pl.when(pl.col(f"{name}_at") <= now).then(f"{name}_at") for name in ("start", "end")}
    nothing = [pl.lit(None, dtype=pl.Datetime("us")).alias(f"data_interval_{side}") for side in ("start", "end")]
    runs = facts.filter(pl.col("start_at") <= now).select(
        "job_id",
        "run_id",
        pl.lit("bench").alias("source"),
        pl.when(pl.col("end_at") <= now)
        .then(pl.lit(RunStatus.SUCCEEDED))
        .otherwise(pl.lit(RunStatus.RUNNING))
        .alias("status"),
        pl.lit(now).alias("collected_at"),
        pl.col("start_at").alias("started_at"),
        seen["end"].alias("finished_at"),
        pl.lit(None, dtype=pl.Int64).alias("rows"),
        pl.lit(None, dtype=pl.String).alias("triggered_by"),
        *nothing,
        pl.lit(None, dtype=pl.Int64).alias("bytes"),
    )
    verdict = pl.when(pl.col("end_at") > now).then(pl.lit(Verdict.RUNNING)).otherwise(pl.lit(Verdict.ON_TIME))
    slots = facts.select(
        "job_id",
        pl.lit("cron").alias("expectation"),
        "due_at",
        verdict.alias("verdict"),
        "deadline_at",
        seen["start"].alias("started_at"),
        seen["end"].alias("finished_at"),
    )
    return runs, slots


def plain(runs: pl.DataFrame, slots: pl.DataFrame) -> pl.DataFrame:
    """Due time and mean duration of the last ten runs."""
    taken = (pl.col("finished_at") - pl.col("started_at")).tail(10).mean()
    usual = runs.drop_nulls("finished_at").sort("started_at").group_by("job_id").agg(taken.alias("taken"))
    waiting = slots.filter(pl.col("finished_at").is_null())
    return waiting.join(usual, on="job_id").with_columns((pl.col("due_at") + pl.col("taken")).alias("median_at"))


def run() -> Iterator[str]:
    """Seconds of a forecast and of the baseline, then how good the forecasts were over the past."""
    jobs, runs, slots, now = portal()
    seconds = {}
    for name, work in (("plain", lambda: plain(runs, slots)), ("forecast", lambda: forecast(jobs, runs, slots, now))):
        took = []
        for _ in range(3):
            started = time.perf_counter()
            made = work()
            took.append(time.perf_counter() - started)
        seconds[name] = min(took)
        yield f"{name:<9} {made.height:>6,} slots of {JOBS:,} jobs, {runs.height:,} runs: {seconds[name] * 1e3:8.0f} ms"
    ratio = seconds["forecast"] / seconds["plain"]
    verdict = "met" if seconds["forecast"] <= GOAL_SECONDS else "MISSED"
    yield f"ratio {ratio:.0f} x the plain mean; goal {GOAL_SECONDS:g} s: {verdict}"
    started = time.perf_counter()
    found = replayed(jobs, runs, slots)
    yield (
        f"replayed {found.forecasts:,} forecasts in {time.perf_counter() - started:.1f} s: Brier {found.brier:.4f} "
        f"(base rate {found.brier_of_base_rate:.4f}), {found.coverage_80:.0%} of finishes within the 80 % span"
    )
