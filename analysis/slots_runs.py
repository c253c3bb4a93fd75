"""Which refresh runs count for slots, and at which instant each of them counts."""

from __future__ import annotations

import polars as pl

from store.rows import RunStatus

IDLE = (RunStatus.SKIPPED, RunStatus.QUEUED)
INSTANT = pl.duration(microseconds=1)
CLOCK, INTERVAL, UPSTREAM = 0, 1, 2


def counted_runs(runs: pl.DataFrame) -> pl.DataFrame:
    """The runs that can decide a slot; backfills, skipped and queued runs cannot.

    Added columns: `at`, the start, or the instant before the end where a source tells no start (clocks that disagree
    never put it after the end); `ended_at`, null while
    the run is under way; `is_ok`; `is_running`; `is_scheduled`, unless a person or another program asked for the run.
    """
    is_running = pl.col("status") == RunStatus.RUNNING
    ended = pl.when(~is_running).then(pl.coalesce("finished_at", "collected_at"))
    unknown_start = pl.coalesce("finished_at", "collected_at") - INSTANT
    counts = ~pl.col("status").is_in(list(IDLE)) & pl.col("triggered_by").ne_missing("backfill")
    return runs.filter(counts).with_columns(
        pl.min_horizontal(pl.coalesce("started_at", unknown_start), ended).alias("at"),
        ended.alias("ended_at"),
        (pl.col("status") == RunStatus.SUCCEEDED).alias("is_ok"),
        is_running.alias("is_running"),
        pl.col("triggered_by").ne_missing("on_demand").alias("is_scheduled"),
    )


def family() -> pl.Expr:
    """What drives a slot, by its `expectation`: the clock, an interval, or the jobs upstream.

    Slots of one family share the runs of a job; those of another are judged by the same runs on their own.
    """
    named = pl.col("expectation")
    is_derived = pl.when(named.str.starts_with("every ")).then(INTERVAL)
    return is_derived.when(named.str.starts_with("after upstream")).then(UPSTREAM).otherwise(CLOCK).cast(pl.Int8)
