"""Limits of counts as people read them: of whole numbers between 0 and 9.7 the greatest that is expected is 9."""

from __future__ import annotations

import polars as pl

from analysis.spc.kinds import MetricKind


def as_read(rows: pl.DataFrame) -> pl.DataFrame:
    """`rows` with `lower` and `upper` at the least and greatest whole number within them where `kind` is a count's."""
    is_count = pl.col("kind") == MetricKind.COUNTS
    return rows.with_columns(
        pl.when(is_count).then(pl.col("lower").ceil()).otherwise("lower").alias("lower"),
        pl.when(is_count).then(pl.col("upper").floor()).otherwise("upper").alias("upper"),
    )
