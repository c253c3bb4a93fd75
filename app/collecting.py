"""Collectors as pages show them: every source there is, whether it ran, when it runs next, what waits in its spool."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from app import data, words
from app.answers import Answer
from app.times import now
from app.watching import ranked

WINDOW = timedelta(hours=1)
LATE_AFTER_STEPS = 3
LATE_AFTER_SECONDS = 60.0


def collectors() -> tuple[pl.DataFrame, Answer, Answer]:
    """One row per collector, worst first: state, last run, next due, rows, seconds, lag, waiting batches, error."""
    runs = data.answer("collectors", since=WINDOW)
    batches = data.answer("applied_batches", since=WINDOW)
    steps, depths = data.collecting_steps(), data.spool_depths()
    names = sorted({*data.sources(), *runs.frame["collector"]})
    every = pl.DataFrame(
        {
            "collector": names,
            "every_seconds": [steps.get(name) for name in names],
            "waiting": [depths.get(name, 0) for name in names],
            "help": [data.sources()[name].help if name in data.sources() else "" for name in names],
        },
        schema={"collector": pl.String, "every_seconds": pl.Float64, "waiting": pl.Int64, "help": pl.String},
    )
    frame = every.join(runs.frame, on="collector", how="left").join(
        batches.frame.select("collector", "applied_at", "lag_seconds"), on="collector", how="left"
    )
    frame = frame.with_columns(_state(runs.is_stale).alias("state"), _next_due().alias("next_due_at"))
    return ranked(frame, ("failed", "timed_out", "late", "never", "unknown")), runs, batches


def _next_due() -> pl.Expr:
    step = pl.duration(microseconds=(pl.col("every_seconds") * 1e6).cast(pl.Int64))
    return (pl.col("started_at") + step).cast(pl.Datetime("us"))


def _state(is_stale: bool) -> pl.Expr:
    """Never run, late and unknown are never shown as succeeded."""
    allowed = pl.max_horizontal(pl.col("every_seconds") * LATE_AFTER_STEPS, pl.lit(LATE_AFTER_SECONDS))
    quiet = (pl.lit(now()) - pl.col("started_at")).dt.total_seconds()
    return (
        pl.when(pl.lit(is_stale))
        .then(pl.lit("unknown"))
        .when(pl.col("started_at").is_null())
        .then(pl.lit("never"))
        .when(pl.col("outcome").is_in(["failed", "timed_out"]))
        .then(pl.col("outcome"))
        .when(quiet > allowed)
        .then(pl.lit("late"))
        .otherwise(pl.col("outcome"))
    )


def verdict(frame: pl.DataFrame) -> tuple[int, str, str]:
    """How many collectors are healthy, the worst state among all, and the others in words (`1 failed, 2 late`)."""
    counts = dict(frame.group_by("state", maintain_order=True).len().iter_rows())
    good = counts.pop("succeeded", 0)
    said = ", ".join(f"{number} {words.state(name).word.lower()}" for name, number in counts.items())
    worst = next(iter(counts), "succeeded" if good else "unknown")
    return good, worst, said


def waiting_elsewhere() -> pl.DataFrame:
    """Spools that belong to no collector, such as those of the app and of the ping service, with what waits in them."""
    others = {name: depth for name, depth in data.spool_depths().items() if name not in data.sources()}
    return pl.DataFrame(
        {"spool": list(others), "waiting": list(others.values())}, schema={"spool": pl.String, "waiting": pl.Int64}
    )
