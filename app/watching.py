"""Reports and refresh jobs as pages show them: everything the estate names, and nothing green that is not known now."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from app import data
from app.answers import Answer
from app.reports import looks

DAY = timedelta(hours=24)
RUNS_SPAN = timedelta(days=30)
COLLECTORS_SPAN = timedelta(hours=6)  # collectors run every few seconds: their day would drown all others


def with_estate(frame: pl.DataFrame, kind: str, key: str) -> pl.DataFrame:
    """The frame with a title per row and a row for everything that the estate names but nothing was stored about."""
    names = data.titles(kind)
    seen = set(frame[key])
    missing = pl.DataFrame({key: [name for name in names if name not in seen]}, schema={key: pl.String})
    return data.with_titles(pl.concat([frame, missing], how="diagonal"), kind, key)


def reports() -> tuple[pl.DataFrame, Answer, Answer]:
    """Every report with its state, ranked worst first, and how it did over a day.

    A look that is older than several of its steps says nothing about now, and neither does a checker that is broken:
    such a report is unknown.
    """
    targets, newest, _ = looks.newest()
    day = data.answer("report_availability", since=DAY)
    frame = looks.by_report(targets).join(day.frame, on="report_id", how="left", maintain_order="left")
    return ranked(frame, looks.WORST_FIRST), newest, day


def jobs() -> tuple[pl.DataFrame, Answer]:
    """Every refresh job with its last run and its newest forty, our collectors last; what never reported is unknown."""
    answer = data.answer("refresh_jobs", since=RUNS_SPAN, collectors_since=COLLECTORS_SPAN)
    frame = with_estate(answer.frame, "jobs", "job_id").with_columns(
        pl.col("status").fill_null("unknown" if answer.as_of is None else "never"),
        pl.col("runs").fill_null(0),
        pl.col("failures").fill_null(0),
        (1 - pl.col("failures") / pl.col("runs")).fill_nan(None).alias("succeeded_ratio"),
    )
    worst_first = ranked(frame, ("failed", "running", "queued", "never", "unknown"), "status")
    return worst_first.sort(pl.col("source").eq_missing("collector"), maintain_order=True), answer


def failures() -> tuple[pl.DataFrame, Answer]:
    """The refresh jobs whose last run failed."""
    answer = data.answer("refresh_failures", since=RUNS_SPAN)
    return data.with_titles(answer.frame, "jobs", "job_id"), answer


def freshness() -> tuple[pl.DataFrame, Answer]:
    """Every dataset with its age, worst first; nothing is fresh while the store cannot be asked."""
    answer = data.answer("freshness")
    state = pl.lit("unknown") if answer.is_stale else pl.col("state")
    frame = answer.frame.with_columns(state.alias("state"), (pl.col("data_age_seconds") / 3600).alias("age_hours"))
    return ranked(frame, ("stale", "warn", "unknown", "fresh")), answer


def ranked(frame: pl.DataFrame, worst_first: tuple[str, ...], column: str = "state") -> pl.DataFrame:
    """The rows in the order of their states; states that are not named come last."""
    order = {name: place for place, name in enumerate(worst_first)}
    place = pl.col(column).replace_strict(order, default=len(order), return_dtype=pl.Int64)
    return frame.sort(place, pl.nth(0))
