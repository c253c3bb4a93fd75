"""How every refresh job stands now, from its newest slots, totals and forecasts: one row per job of the estate."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import polars as pl

from analysis.job_graph import Graph
from app.refresh_words import FEWEST_RUNS, LIKELY_RATIO
from config.estate import RefreshJob

TRACKER_GRACE = timedelta(minutes=5)  # a slot that the tracker leaves unjudged for longer is unknown
WORST_FIRST = (
    "failed",
    "missed",
    "late_finish",
    "too_long",
    "unknown",
    "at_risk",
    "late_start",
    "out_of_order",
    "too_short",
    "too_early",
    "duplicate",
    "due",
    "running",
    "on_time",
    "unscheduled",
    "paused",
)
SLOT = ("due_at", "deadline_at", "started_at", "finished_at", "verdict", "detail")
AT = pl.Datetime("us")


def job_states(
    jobs: Sequence[RefreshJob],
    graph: Graph,
    slots: pl.DataFrame,
    totals: pl.DataFrame,
    forecasts: pl.DataFrame,
    now: datetime,
) -> pl.DataFrame:
    """One row per job, worst first.

    Columns: job_id, title, subsystem, dataset, owner, slo_ratio; state with is_wrong (failed, missed or late, and not
    made good yet), is_at_risk (it will probably miss its deadline) and is_unknown; the slot that the state is about
    (due_at, deadline_at, started_at, finished_at, verdict, detail); next_due_at; of forecasts right_at (the median of
    the earliest), miss_ratio, risk_deadline_at, risk_median_at, blocked_by, path, runs (the likeliest miss); of the
    totals judged, on_time, failed, missed, unknown, on_time_ratio and budget_left (share of the error budget); reports
    and audiences that are hit when it is late.
    """
    frame = (
        _declared(jobs, graph)
        .join(_by_job(slots, now), on="job_id", how="left")
        .join(_by_forecast(forecasts), on="job_id", how="left")
        .join(totals, on="job_id", how="left")
    )
    counts = [pl.col(name).fill_null(0) for name in ("judged", "on_time", "failed", "missed", "unknown")]
    frame = frame.with_columns(*counts).with_columns(
        (pl.col("on_time") / pl.col("judged")).fill_nan(None).alias("on_time_ratio"),
        _budget_left().alias("budget_left"),
    )
    frame = frame.with_columns(_state().alias("state")).with_columns(
        (pl.col("is_wrong") & (pl.col("state") == pl.col("standing"))).fill_null(False).alias("is_wrong"),
        (pl.col("state") == "at_risk").alias("is_at_risk"),
        (pl.col("state") == "unknown").alias("is_unknown"),
    )
    return frame.sort(~pl.col("is_wrong"), _place("state"), -pl.col("reports").list.len().cast(pl.Int64), "title")


def _declared(jobs: Sequence[RefreshJob], graph: Graph) -> pl.DataFrame:
    impacts = [graph.impact_of(job.id) for job in jobs]
    return pl.DataFrame(
        {
            "job_id": [job.id for job in jobs],
            "title": [job.title for job in jobs],
            "subsystem": [job.subsystem for job in jobs],
            "dataset": [job.dataset for job in jobs],
            "owner": [job.owner for job in jobs],
            "slo_ratio": [job.slo_ratio for job in jobs],
            "is_paused": [job.is_paused for job in jobs],
            "is_scheduled": [bool(job.expectations) for job in jobs],
            "reports": [list(impact.reports) for impact in impacts],
            "audiences": [list(impact.audiences) for impact in impacts],
        },
        schema={
            **dict.fromkeys(("job_id", "title", "subsystem", "dataset", "owner"), pl.String),
            "slo_ratio": pl.Float64,
            "is_paused": pl.Boolean,
            "is_scheduled": pl.Boolean,
            "reports": pl.List(pl.String),
            "audiences": pl.List(pl.String),
        },
    )


def _by_job(slots: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """The worst that any expectation of a job has to say now, and when the next slot is due."""
    is_next = pl.col("verdict") == "upcoming"
    is_left_over = is_next & (pl.col("start_by_at") < now - TRACKER_GRACE)
    said = (
        slots.filter(~is_next | is_left_over)
        .sort("due_at")
        .with_columns(
            pl.when(is_left_over).then(pl.lit("unknown")).otherwise(pl.col("verdict")).alias("standing"),
            _is_wrong().alias("is_wrong"),
        )
        .group_by("job_id", "expectation", maintain_order=True)
        .agg(_speaking(name).alias(name) for name in (*SLOT, "standing", "is_wrong"))
    )
    worst = said.sort(~pl.col("is_wrong"), _place("standing"), "due_at").group_by("job_id", maintain_order=True).first()
    coming = (
        slots.filter(is_next & (pl.col("due_at") >= now))
        .group_by("job_id")
        .agg(pl.col("due_at").min().alias("next_due_at"))
    )
    return worst.drop("expectation").join(coming, on="job_id", how="full", coalesce=True)


def _is_wrong() -> pl.Expr:
    """Whether a slot went wrong and was not made good: what finished late is over, what started late runs now."""
    verdict = pl.col("verdict")
    return (
        verdict.is_in(["failed", "missed"])
        | (verdict.is_in(["late_finish", "too_long"]) & pl.col("finished_at").is_null())
        | ((verdict == "late_start") & pl.col("started_at").is_null())
    )


def _speaking(column: str) -> pl.Expr:
    """The value of the slot that speaks for an expectation: an open one does not hide that the last one went wrong."""
    is_open = pl.col("verdict").is_in(["due", "running"])
    was_wrong = pl.col("is_wrong").filter(~is_open).last().fill_null(False)
    return pl.when(was_wrong).then(pl.col(column).filter(~is_open).last()).otherwise(pl.col(column).last())


def _place(column: str) -> pl.Expr:
    order = {name: place for place, name in enumerate(WORST_FIRST)}
    return pl.col(column).replace_strict(order, default=len(order), return_dtype=pl.Int64)


def _by_forecast(forecasts: pl.DataFrame) -> pl.DataFrame:
    soonest = forecasts.sort("due_at").group_by("job_id").agg(pl.col("median_at").first().alias("right_at"))
    likeliest = (
        forecasts.sort(-pl.col("miss_ratio"), "due_at")
        .group_by("job_id", maintain_order=True)
        .first()
        .select(
            "job_id",
            "miss_ratio",
            pl.col("deadline_at").alias("risk_deadline_at"),
            pl.col("median_at").alias("risk_median_at"),
            "p10_at",
            "p90_at",
            "forecast_at",
            "blocked_by",
            "path",
            "runs",
        )
    )
    return soonest.join(likeliest, on="job_id", how="left")


def _state() -> pl.Expr:
    is_risky = (pl.col("miss_ratio") >= LIKELY_RATIO) & (pl.col("runs") >= FEWEST_RUNS)
    speaks_already = pl.col("is_wrong").fill_null(False) | (pl.col("standing") == "unknown").fill_null(False)
    return (
        pl.when("is_paused")
        .then(pl.lit("paused"))
        .when(~pl.col("is_scheduled"))
        .then(pl.lit("unscheduled"))
        .when(is_risky & ~speaks_already)
        .then(pl.lit("at_risk"))
        .otherwise(pl.col("standing").fill_null("unknown"))
    )


def _budget_left() -> pl.Expr:
    """What is left of the misses that the objective allows, as a share; negative when more were missed."""
    allowed = (1 - pl.col("slo_ratio")) * pl.col("judged")
    return (1 - (pl.col("judged") - pl.col("on_time")) / allowed).fill_nan(None)
