"""What became of every slot, as far as the runs that are known can tell.

Where several things are wrong the worst is the verdict and the others are named in `detail`; from the worst on: failed,
missed, out of order, late finish, too long, late start, too short, duplicate, too early. A slot without a run, or with
one that still runs, is unknown where it would be late or missed but its source was not heard while it was due.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from analysis.slots_runs import counted_runs
from analysis.verdicts_order import out_of_order
from analysis.verdicts_runs import with_runs
from analysis.verdicts_words import phrases
from store.rows import RefreshSlot, Verdict, column_names

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
)
NOT_HEARD = (Verdict.MISSED, Verdict.LATE_START, Verdict.LATE_FINISH, Verdict.TOO_LONG)
TIME = pl.Datetime("us")


def judge(
    slots: pl.DataFrame,
    runs: pl.DataFrame,
    upstream: pl.DataFrame,
    blind: pl.DataFrame,
    now: datetime,
    min_rows: Mapping[str, int] | None = None,
) -> pl.DataFrame:
    """The slots in their order, with the columns of RefreshSlot.

    `slots` as from `expected_slots`; `runs` one row per run with the columns of refresh_runs; `upstream` job_id,
    upstream_id; `blind` job_id, from_at, until_at (null: still) when the source of a job was not heard; `min_rows` the
    fewest rows that a run of a job must bring to have succeeded.
    """
    answered = with_runs(_with_prior(slots), runs, min_rows or {}).with_row_index("slot")
    early = out_of_order(answered, counted_runs(runs), upstream)
    facts = answered.join(early, on="slot", how="left", maintain_order="left").with_columns(
        pl.col("is_running").fill_null(value=False), pl.lit(now, dtype=TIME).alias("judged_at")
    )
    flagged = facts.with_columns(flag.fill_null(value=False).alias(name) for name, flag in _flags().items())
    decided = _unheard(flagged, blind).with_columns(_verdict().alias("verdict")).filter(~pl.col("is_prior"))
    return _said(decided).select(
        *(pl.col("ended_at").alias(name) if name == "finished_at" else name for name in column_names(RefreshSlot))
    )


def _with_prior(slots: pl.DataFrame) -> pl.DataFrame:
    """The slots and, marked `is_prior`, the one before each first: it too may claim runs, so that a verdict does not
    depend on where the span begins.
    """
    is_first = pl.col("due_at") == pl.col("due_at").min().over("job_id", "expectation")
    back = pl.col("due_at") - pl.col("previous_due_at")
    prior = slots.filter(is_first & pl.col("previous_due_at").is_not_null()).with_columns(
        pl.col("due_at", "early_from_at", "start_by_at", "deadline_at") - back,
        pl.col("due_at").alias("next_due_at"),
        pl.col("previous_clock_at").alias("next_clock_at"),
    )
    marked = (
        frame.with_columns(pl.lit(is_prior).alias("is_prior")) for frame, is_prior in ((slots, False), (prior, True))
    )
    return pl.concat(marked)


def _flags() -> Mapping[str, pl.Expr]:
    """All that may be wrong with a slot, by the name of its verdict; null where it cannot be told."""
    now, due, deadline, start_by = (pl.col(name) for name in ("judged_at", "due_at", "deadline_at", "start_by_at"))
    has_run, running, ok = pl.col("run_id").is_not_null(), pl.col("is_running"), pl.col("is_ok").fill_null(value=False)
    is_over = (now >= deadline) | (now >= pl.col("next_due_at")).fill_null(value=False)
    ended = pl.when(running).then(now).otherwise(pl.col("ended_at"))
    took = (ended - pl.col("started_at")).dt.total_microseconds() / 1_000_000
    return {
        Verdict.FAILED: has_run & ~ok & ~running,
        Verdict.MISSED: ~has_run & is_over,
        Verdict.OUT_OF_ORDER: pl.col("before").is_not_null(),
        Verdict.LATE_FINISH: (ok | running) & (ended > deadline),
        Verdict.TOO_LONG: (ok | running) & (took > pl.col("max_seconds")),
        Verdict.LATE_START: pl.when(has_run)
        .then(pl.col("started_at") > start_by)
        .otherwise((now > start_by) & ~is_over),
        Verdict.TOO_SHORT: ok & (took < pl.col("min_seconds")),
        Verdict.DUPLICATE: pl.col("successes") > 1,
        Verdict.TOO_EARLY: has_run & (pl.col("at") < pl.col("early_from_at")),
        Verdict.DUE: ~has_run & (now >= due),
    }


def _verdict() -> pl.Expr:
    first = pl.when(Verdict.UNKNOWN).then(pl.lit(Verdict.UNKNOWN.value))
    for name in WORST_FIRST:
        first = first.when(name).then(pl.lit(name.value))  # type: ignore[assignment]
    has_run = pl.col("run_id").is_not_null()
    return (
        first.when("is_running")
        .then(pl.lit(Verdict.RUNNING.value))
        .when(has_run)
        .then(pl.lit(Verdict.ON_TIME.value))
        .when(Verdict.DUE)
        .then(pl.lit(Verdict.DUE.value))
        .otherwise(pl.lit(Verdict.UPCOMING.value))
    )


def _unheard(flagged: pl.DataFrame, blind: pl.DataFrame) -> pl.DataFrame:
    """Adds the flag `unknown`."""
    is_open = pl.col("run_id").is_null() | pl.col("is_running")
    doubtful = flagged.filter(is_open & pl.any_horizontal(*NOT_HEARD)).select("slot", "job_id", "due_at", "deadline_at")
    is_during = (pl.col("from_at") <= pl.col("deadline_at")) & (
        pl.col("until_at").is_null() | (pl.col("until_at") >= pl.col("due_at"))
    )
    unheard = doubtful.join(blind, on="job_id").filter(is_during)["slot"].unique()
    return flagged.with_columns(pl.col("slot").is_in(unheard.implode()).alias(Verdict.UNKNOWN))


def _said(decided: pl.DataFrame) -> pl.DataFrame:
    """Adds `detail`: all that is wrong with a slot, the worst first; empty where nothing is."""
    names = (Verdict.UNKNOWN, *WORST_FIRST)
    is_wrong = pl.col("verdict").is_in([name.value for name in names])
    words = phrases()
    wrong = decided.filter(is_wrong)
    parts = [pl.when(name).then(words[name]).alias(f"said_{name}") for name in names]
    said = wrong.select("slot", pl.concat_str(parts, separator="; ", ignore_nulls=True).alias("detail"))
    return decided.join(said, on="slot", how="left", maintain_order="left").with_columns(pl.col("detail").fill_null(""))
