"""What other margins would have changed: stored slots judged anew with another start margin or deadline."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from store.rows import Verdict

NOT_JUDGED = (Verdict.UPCOMING, Verdict.DUE, Verdict.RUNNING, Verdict.UNKNOWN, Verdict.WITHDRAWN)
TIMED = (Verdict.ON_TIME, Verdict.LATE_START, Verdict.LATE_FINISH)  # what margins alone decide
WORST_FIRST = (
    Verdict.FAILED,
    Verdict.MISSED,
    Verdict.OUT_OF_ORDER,
    Verdict.LATE_FINISH,
    Verdict.TOO_LONG,
    Verdict.LATE_START,
    Verdict.TOO_SHORT,
    Verdict.DUPLICATE,
    Verdict.TOO_EARLY,
    Verdict.ON_TIME,
)
WEEK_SECONDS = 7 * 86_400


@dataclass(frozen=True, slots=True)
class Replay:
    """Alarms (slots that were not on time) a week as stored and with the other margins.

    `weeks` has columns week_at (Monday), now, then; `changed` the slots whose verdict changes, with `verdict_then`.
    """

    alarms_per_week_now: float
    alarms_per_week_then: float
    weeks: pl.DataFrame
    changed: pl.DataFrame


def replay(
    slots: pl.DataFrame, start_margin_seconds: float | None = None, deadline_seconds: float | None = None
) -> Replay:
    """The judged slots with a start margin and a deadline, both seconds after the due time; None keeps what is stored.

    `slots` has the columns of refresh_slots; rates are over the time from its first to its last judged slot, a week at
    least. A missed slot stays missed, since no run is known that could be late; what a stored verdict hides (only the
    worst is stored) stays hidden. Raises ValueError for a negative margin or deadline.
    """
    for name, value in (("start margin", start_margin_seconds), ("deadline", deadline_seconds)):
        if value is not None and value < 0:
            raise ValueError(f"The {name} is {value:g} seconds; expected 0 or more.")
    judged = slots.filter(~pl.col("verdict").is_in(NOT_JUDGED)).with_columns(
        pl.col("verdict").cast(pl.String), _verdict_then(start_margin_seconds, deadline_seconds).alias("verdict_then")
    )
    weeks = (
        judged.group_by(pl.col("due_at").dt.truncate("1w").alias("week_at"))
        .agg(
            (pl.col("verdict") != Verdict.ON_TIME).sum().cast(pl.Int64).alias("now"),
            (pl.col("verdict_then") != Verdict.ON_TIME).sum().cast(pl.Int64).alias("then"),
        )
        .sort("week_at")
    )
    seconds = judged.select((pl.col("due_at").max() - pl.col("due_at").min()).dt.total_seconds()).item()
    count = max(float(seconds or 0) / WEEK_SECONDS, 1.0)
    changed = judged.filter(pl.col("verdict") != pl.col("verdict_then")).sort("due_at")
    return Replay(int(weeks["now"].sum()) / count, int(weeks["then"].sum()) / count, weeks, changed)


def _verdict_then(start_margin_seconds: float | None, deadline_seconds: float | None) -> pl.Expr:
    """The worse of what margins decide anew and of what they do not touch."""
    start_by, deadline = pl.col("start_by_at"), pl.col("deadline_at")
    if start_margin_seconds is not None:
        start_by = pl.col("due_at") + pl.duration(microseconds=round(start_margin_seconds * 1e6))
    if deadline_seconds is not None:
        deadline = pl.col("due_at") + pl.duration(microseconds=round(deadline_seconds * 1e6))
    still_runs = pl.col("finished_at").is_null() & (pl.col("judged_at") > deadline)
    is_late = (pl.col("finished_at") > deadline).fill_null(False) | still_runs
    timed = (
        pl.when(is_late)
        .then(pl.lit(Verdict.LATE_FINISH.value))
        .when(pl.col("started_at").fill_null(pl.col("judged_at")) > start_by)
        .then(pl.lit(Verdict.LATE_START.value))
        .otherwise(pl.lit(Verdict.ON_TIME.value))
    )
    verdict = pl.col("verdict").cast(pl.String)
    kept = pl.when(verdict.is_in(TIMED)).then(pl.lit(Verdict.ON_TIME.value)).otherwise(verdict)
    places = {value.value: place for place, value in enumerate(WORST_FIRST)}
    worse = timed.replace_strict(places) < kept.replace_strict(places)
    return pl.when(worse).then(timed).otherwise(kept)
