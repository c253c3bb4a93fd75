"""Which runs started before a run upstream of the same cycle had finished."""

from __future__ import annotations

import polars as pl

SLOT_FACTS = ["job_id", "due_at", "run_id", "ended_at"]


def out_of_order(answered: pl.DataFrame, runs: pl.DataFrame, upstream: pl.DataFrame) -> pl.DataFrame:
    """Slots whose deciding run was too early for a job upstream: slot, before (the first such job by name).

    `answered` has a column `slot` and the facts of its deciding run, `runs` are counted runs, `upstream` has job_id,
    upstream_id. The upstream run of a cycle is that of the newest slot due not after this one; for an upstream job
    without slots it is the newest that had started. One that had finished since this job's slot before is enough.
    """
    before = pl.col("due_at").shift(1).over("job_id", "expectation", order_by="due_at")
    waiting = answered.with_columns(before.alias("before_at")).filter(pl.col("at").is_not_null())
    pairs = waiting.select("slot", "job_id", "due_at", "at", "before_at").join(upstream, on="job_id")
    if pairs.is_empty():
        return pl.DataFrame(schema={"slot": pl.UInt32, "before": pl.String})
    timed = answered.select(*SLOT_FACTS)
    untimed = runs.join(timed, on="job_id", how="anti").select(
        "job_id", pl.col("at").alias("due_at"), "run_id", "ended_at"
    )
    feeding = pl.concat([timed, untimed]).join(
        upstream.select(pl.col("upstream_id").alias("job_id")).unique(), on="job_id", how="semi"
    )
    marked = pairs.join(
        timed.select(pl.col("job_id").alias("upstream_id")).unique().with_columns(pl.lit(value=True).alias("is_timed")),
        on="upstream_id",
        how="left",
    ).with_columns(pl.when("is_timed").then("due_at").otherwise("at").alias("by_at"))
    matched = marked.sort("by_at").join_asof(
        _with_earlier(feeding), left_on="by_at", right_on="cycle_at", by="upstream_id", check_sortedness=False
    )
    return matched.filter(_is_open()).group_by("slot").agg(pl.col("upstream_id").min().alias("before"))


def _with_earlier(feeding: pl.DataFrame) -> pl.DataFrame:
    """The runs upstream by the time of their cycle, each with the one before."""
    ordered = feeding.sort("job_id", "due_at", "run_id")
    is_same = pl.col("job_id") == pl.col("job_id").shift(1)
    return ordered.select(
        pl.col("job_id").alias("upstream_id"),
        pl.col("due_at").alias("cycle_at"),
        pl.col("run_id").alias("fed_by"),
        pl.col("ended_at").alias("fed_at"),
        pl.when(is_same).then(pl.col("due_at").shift(1)).alias("earlier_at"),
        pl.when(is_same).then(pl.col("ended_at").shift(1)).alias("earlier_fed_at"),
    ).sort("cycle_at")


def _is_open() -> pl.Expr:
    """The upstream run of this cycle is known and had not finished, and neither had the one before it in this cycle."""
    since = pl.col("before_at").fill_null(pl.datetime(1, 1, 1))
    is_fed = (pl.col("fed_at") <= pl.col("at")).fill_null(value=False)
    is_in_cycle = pl.col("fed_by").is_not_null() & (pl.col("cycle_at") > since)
    was_fed = (pl.col("earlier_at") > since) & (pl.col("earlier_fed_at") <= pl.col("at"))
    return is_in_cycle & ~is_fed & ~was_fed.fill_null(value=False)
