"""How soon a job starts once nothing holds it up: after it is due and everything upstream of it has finished."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from analysis.quantile_tables import GRID, Tables, tables_of
from analysis.run_frames import DAYS, numbered
from store.rows import Verdict

USUAL_SECONDS = 30.0
LEAST_TAIL_SECONDS = 1.0
FEWEST = 20  # from so many waits of all jobs on, these are what a job without a past is taken to be like
NOT_USUAL = (Verdict.TOO_EARLY, Verdict.OUT_OF_ORDER, Verdict.DUPLICATE)


def learn_waits(
    slots: pl.DataFrame, places: Mapping[str, int], done: pl.DataFrame, arrows: pl.DataFrame, now: datetime
) -> Tables:
    """Seconds that each job waits, one row per job, from the slots of the 90 days to `now` whose run had started."""
    waits = _waits(slots, places, done, arrows, now)
    values, owners = waits["wait"].to_numpy(), waits["job"].to_numpy()
    prior = Tables(
        (-USUAL_SECONDS * np.log(1 - GRID))[None, :], np.array([LEAST_TAIL_SECONDS]), np.array([USUAL_SECONDS])
    )
    if values.size >= FEWEST:
        prior = tables_of(values, np.zeros(values.size, dtype=np.int64), 1, prior, LEAST_TAIL_SECONDS)
    return tables_of(values, owners, len(places), prior, LEAST_TAIL_SECONDS)


def _waits(
    slots: pl.DataFrame, places: Mapping[str, int], done: pl.DataFrame, arrows: pl.DataFrame, now: datetime
) -> pl.DataFrame:
    """Columns job, wait: from the due time, or the last finish upstream after it, to the start."""
    is_told = (
        (pl.col("started_at") <= now)
        & (pl.col("due_at") >= now - timedelta(days=DAYS))
        & ~pl.col("verdict").is_in(NOT_USUAL)
    )
    started = numbered(slots.filter(is_told), places).select("job", "due_at", "started_at").with_row_index("slot")
    pairs = started.join(arrows, on="job").sort("started_at")
    fed = pairs.join_asof(
        done.select(pl.col("job").alias("upstream"), "finished_at").sort("finished_at"),
        left_on="started_at",
        right_on="finished_at",
        by="upstream",
        check_sortedness=False,
    )
    last = fed.group_by("slot").agg(pl.col("finished_at").max())
    ready = pl.max_horizontal("due_at", "finished_at")
    wait = (pl.col("started_at") - ready).dt.total_microseconds() / 1e6
    return started.join(last, on="slot", how="left").select("job", wait.alias("wait"))
