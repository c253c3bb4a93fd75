"""What is said about a slot that did not go as expected: one short sentence with the figures."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from store.rows import RunStatus, Verdict

LONGEST_MESSAGE = 160
SECONDS = (("s", 1, 100), ("min", 60, 100), ("h", 3_600, 48), ("d", 86_400, None))


def phrases() -> Mapping[Verdict, pl.Expr]:
    """The words for each verdict, over the columns that `judge` has found."""
    missed = pl.min_horizontal("deadline_at", "next_due_at") - pl.col("due_at")
    lateness = pl.col("started_at") - pl.col("due_at")
    is_open = pl.col("is_running")
    late = pl.format("finished {} after the deadline", span(pl.col("ended_at") - pl.col("deadline_at")))
    least, most = (span(pl.duration(microseconds=pl.col(name) * 1_000_000)) for name in ("min_seconds", "max_seconds"))
    took = span(pl.col("ended_at") - pl.col("started_at"))
    return {
        Verdict.FAILED: _failure(),
        Verdict.MISSED: pl.format("no run in the {} after it was due", span(missed)),
        Verdict.UNKNOWN: pl.lit("what tells of its runs was not heard while it was due"),
        Verdict.OUT_OF_ORDER: pl.format("started before {} had finished", pl.col("before")),
        Verdict.LATE_FINISH: pl.when(is_open).then(pl.lit("still running after the deadline")).otherwise(late),
        Verdict.TOO_LONG: pl.when(is_open)
        .then(pl.format("running for more than {}", most))
        .otherwise(pl.format("took {}, at most {} expected", took, most)),
        Verdict.LATE_START: pl.when(pl.col("run_id").is_null())
        .then(pl.format("not started {} after it was due", span(pl.col("start_by_at") - pl.col("due_at"))))
        .otherwise(pl.format("started {} late", span(lateness))),
        Verdict.TOO_SHORT: pl.format("took {}, at least {} expected", took, least),
        Verdict.DUPLICATE: pl.format("{} runs succeeded", pl.col("successes")),
        Verdict.TOO_EARLY: pl.format("started {} early", span(pl.col("due_at") - pl.col("at"))),
    }


def _failure() -> pl.Expr:
    took = pl.format("failed after {}", span(pl.col("ended_at") - pl.col("started_at")))
    said = pl.col("message").str.strip_chars().str.split("\n").list.first().str.slice(0, LONGEST_MESSAGE)
    short = pl.format("brought {} rows, at least {} expected", pl.col("rows"), pl.col("least_rows"))
    return (
        pl.when("is_short_of_rows")
        .then(short)
        .when(pl.col("status") == RunStatus.CANCELLED)
        .then(pl.lit("was cancelled"))
        .when(said.str.len_chars() > 0)
        .then(said)
        .otherwise(pl.coalesce(took, pl.lit("failed")))
    )


def span(length: pl.Expr) -> pl.Expr:
    """A duration in the unit that reads best: 45 s, 23 min, 5.5 h, 3 d; null where it is."""
    seconds = length.dt.total_microseconds() / 1_000_000
    text = pl.lit(None, dtype=pl.String)
    for unit, size, limit in reversed(SECONDS):
        value = (seconds / size).round(1 if size >= 3_600 else 0)
        shown = pl.format("{} {}", value.cast(pl.String).str.strip_suffix(".0"), pl.lit(unit))
        text = shown if limit is None else pl.when(value < limit).then(shown).otherwise(text)
    return text
