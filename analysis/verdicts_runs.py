"""Which run decides which slot.

A run belongs to the slot in whose window it started: from `early_from_at` until that of the job's next slot opens.
A scheduled run that comes after the success of its slot, and is nearer to the next time of the clock than to this one,
belongs to the next slot, for which it is early; on a day on which the calendar rests it belongs to none. Slots of one
job and family that are due at the same time share their runs.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from analysis.slots_runs import INTERVAL, counted_runs, family

PLACE = ["job_id", "family", "due_at"]
FACTS = (
    "run_id",
    "status",
    "at",
    "started_at",
    "ended_at",
    "is_ok",
    "is_running",
    "rows",
    "bytes",
    "landed_at",
    "message",
)


def with_runs(slots: pl.DataFrame, runs: pl.DataFrame, min_rows: Mapping[str, int]) -> pl.DataFrame:
    """The slots, in their order, with the facts of their deciding run (null without one).

    Added columns: those of `FACTS`; `is_short_of_rows`; `least_rows`; `successes`, the number of scheduled runs that
    succeeded. The first success decides, otherwise the newest run.
    """
    framed = slots.with_columns(family().alias("family"))
    places = _places(framed)
    known = counted_runs(runs.join(slots.select("job_id").unique(), on="job_id", how="semi"))
    least = pl.DataFrame(list(min_rows.items()), schema={"job_id": pl.String, "least_rows": pl.Int64}, orient="row")
    filled = known.join(least, on="job_id", how="left").with_columns(
        (pl.col("is_ok") & (pl.col("rows") < pl.col("least_rows")).fill_null(value=False)).alias("is_short_of_rows")
    )
    placed = _placed(filled.with_columns(pl.col("is_ok") & ~pl.col("is_short_of_rows")), places)
    facts = placed.select("place", *FACTS, "is_short_of_rows", "least_rows", "is_scheduled")
    answered = places.join(_deciding(facts), on="place", how="left").select(
        *PLACE, *FACTS, "is_short_of_rows", "least_rows", "successes"
    )
    return framed.join(answered, on=PLACE, how="left", maintain_order="left")


def _places(slots: pl.DataFrame) -> pl.DataFrame:
    """One row per job, family and due time, numbered in order.

    Columns: job_id, family, due_at, place, early_from_at, half_at (half the way to the next time of the clock, null
    where that is not known), is_rest_next (that time is on a day on which the calendar rests).
    """
    clock_at = pl.col("next_clock_at").alias("clock_at")
    early = pl.col("due_at") - pl.col("early_from_at")
    windows = slots.select(*PLACE, "early_from_at", clock_at)
    is_last = pl.col("due_at") == pl.col("due_at").max().over("job_id", "expectation")
    # Where the slots end, the next due time still closes the last window.
    following = slots.filter(is_last & pl.col("next_due_at").is_not_null()).select(
        "job_id",
        "family",
        pl.col("next_due_at").alias("due_at"),
        (pl.col("next_due_at") - early).alias("early_from_at"),
        pl.lit(None, dtype=pl.Datetime("us")).alias("clock_at"),
    )
    grouped = pl.concat([windows, following]).group_by(PLACE).agg(pl.col("early_from_at", "clock_at").min())
    ordered = grouped.sort(PLACE).with_row_index("place")
    is_same = (pl.col("job_id") == pl.col("job_id").shift(-1)) & (pl.col("family") == pl.col("family").shift(-1))
    next_at = pl.when(is_same).then(pl.col("due_at").shift(-1))
    tick_at = pl.min_horizontal("clock_at", next_at)
    half = pl.when(pl.col("family") != INTERVAL).then(pl.col("due_at") + (tick_at - pl.col("due_at")) / 2)
    return ordered.select(
        *PLACE, "place", "early_from_at", half.alias("half_at"), (tick_at < next_at).alias("is_rest_next")
    )


def _placed(runs: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """The runs with the `place` that each belongs to, once per family of its job."""
    ordered = runs.sort("job_id", "at")
    windows = places.select("job_id", "family", "place", "early_from_at", "half_at", "is_rest_next")
    found = [
        ordered.join_asof(
            windows.filter(pl.col("family") == kind).sort("job_id", "early_from_at"),
            left_on="at",
            right_on="early_from_at",
            by="job_id",
            strategy="backward",
            check_sortedness=False,
        ).filter(pl.col("place").is_not_null())
        for kind in windows["family"].unique().sort()
    ]
    if not found:
        return ordered.clear().with_columns(pl.lit(None, dtype=pl.UInt32).alias("place"))
    placed = pl.concat(found)
    answered = placed.filter("is_ok").group_by("place").agg(pl.col("at").min().alias("answered_at"))
    is_beyond = (pl.col("at") > pl.col("answered_at")) & (pl.col("at") > pl.col("half_at")) & pl.col("is_scheduled")
    judged = placed.join(answered, on="place", how="left").with_columns(
        is_beyond.fill_null(value=False).alias("is_beyond")
    )
    kept = judged.filter(~(pl.col("is_beyond") & pl.col("is_rest_next").fill_null(value=False)))
    return kept.with_columns((pl.col("place") + pl.col("is_beyond")).cast(pl.UInt32))


def _deciding(facts: pl.DataFrame) -> pl.DataFrame:
    """One run per place, with the number of its scheduled successes."""
    counts = facts.group_by("place").agg((pl.col("is_ok") & pl.col("is_scheduled")).sum().alias("successes"))
    by_end = pl.when("is_ok").then("ended_at")
    start = pl.col("at").cast(pl.Int64)
    by_start = pl.when("is_ok").then(start).otherwise(-start)
    ordered = facts.sort("place", ~pl.col("is_ok"), by_end, by_start, "run_id")
    return ordered.unique(subset="place", keep="first", maintain_order=True).join(counts, on="place")
