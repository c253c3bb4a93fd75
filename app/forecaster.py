"""Forecasts the finish of every run that is due or under way, and appends a forecast when it says something else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from analysis.finish_forecast import forecast
from app.tracker import FURTHEST_BACK, KEYS, LOOK_AHEAD, effective_jobs
from config.estate import Estate
from store.connection import Store
from store.read import ask
from store.rows import RefreshForecast

HISTORY_IS_GOOD_FOR = timedelta(minutes=10)  # habits change slowly; the last days are asked anew every time
WAITS_BACK = timedelta(days=30)
NEVER = datetime(1970, 1, 1)
RECENT = timedelta(days=2)
MOVED_RATIO = 0.02
MOVED = timedelta(minutes=1)


@dataclass(slots=True)
class Forecaster:
    """Keeps the long history of runs and slots between passes."""

    runs: pl.DataFrame | None = None
    slots: pl.DataFrame | None = None
    read_at: datetime = NEVER

    def look_ahead(self, store: Store, estate: Estate, now: datetime) -> list[RefreshForecast]:
        """The forecasts that are new or have moved; raises StoreError."""
        jobs = effective_jobs(estate, ask(store, "track_expectations"))
        if self.runs is None or self.slots is None or now - self.read_at > HISTORY_IS_GOOD_FOR:
            self.runs = ask(store, "track_runs", since=now - FURTHEST_BACK)
            self.slots = ask(store, "track_slots", since=now - WAITS_BACK)
            self.read_at = now
        runs = _renewed(self.runs, ask(store, "track_runs", since=now - RECENT), ("job_id", "run_id"))
        slots = _renewed(self.slots, ask(store, "track_slots", since=now - RECENT), KEYS)
        made = forecast(jobs, runs, slots, now)
        return list(_moved(made, ask(store, "track_forecasts", since=now - RECENT - LOOK_AHEAD)))


def _renewed(history: pl.DataFrame, recent: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """The history with everything recent in its place."""
    return pl.concat([history.join(recent, on=list(keys), how="anti"), recent])


def _moved(made: pl.DataFrame, stored: pl.DataFrame) -> Iterator[RefreshForecast]:
    """Forecasts whose chance, finish or blocker differs from what is stored by more than a reader would care."""
    before = stored.select(
        "job_id",
        "due_at",
        pl.col("median_at").alias("median_before"),
        pl.col("miss_ratio").alias("ratio_before"),
        pl.col("blocked_by").alias("blocker_before"),
    )
    both = made.join(before, on=["job_id", "due_at"], how="left")
    is_other = (
        pl.col("median_before").is_null()
        | ((pl.col("miss_ratio") - pl.col("ratio_before")).abs() >= MOVED_RATIO)
        | ((pl.col("median_at") - pl.col("median_before")).abs() >= MOVED)
        | pl.col("blocked_by").ne_missing(pl.col("blocker_before"))
    )
    for row in both.filter(is_other).select(made.columns).iter_rows(named=True):
        yield RefreshForecast(**row)
