"""Calibration of forecasts against simulated truth."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from analysis.calibration import replayed
from config.estate import RefreshJob
from tests.analysis.refresh_frames import at, job, runs_of, slots_of

World = tuple[list[RefreshJob], pl.DataFrame, pl.DataFrame]


def world(seed: int, days: int = 70, jobs: int = 24) -> World:
    """Chains of three jobs a day with log-normal durations, slower at weekends, and deadlines that are often missed."""
    rng = np.random.default_rng(seed)
    made, runs, slots = [], [], []
    ends: dict[tuple[int, int], Any] = {}
    for number in range(jobs):
        upstream = [f"j{number - 1}"] if number % 3 else []
        made.append(job(f"j{number}", *upstream))
        level, spread = rng.uniform(5, 7.5), rng.uniform(0.1, 0.5)
        for day in range(days):
            due = at(day, 2)
            start = max(due, ends.get((number - 1, day), due) if upstream else due) + timedelta(
                seconds=rng.exponential(20)
            )
            slow = 0.5 * (due.weekday() >= 5)
            end = start + timedelta(seconds=float(np.exp(level + slow + rng.normal(0, spread))))
            ends[number, day] = end
            deadline = due + timedelta(seconds=float(np.exp(level + spread)) + (2_000 if upstream else 30))
            seen = {"job_id": f"j{number}", "started_at": start, "finished_at": end}
            runs.append(seen)
            verdict = "late_finish" if end > deadline else "on_time"
            slots.append({**seen, "due_at": due, "deadline_at": deadline, "verdict": verdict})
    return made, runs_of(*runs), slots_of(*slots)


@pytest.mark.parametrize("seed", [1, 2])
def test_four_of_five_finishes_lie_where_they_should(seed: int) -> None:
    found = replayed(*world(seed))
    assert found.forecasts == 24 * 30
    assert found.coverage_80 is not None
    assert 0.75 <= found.coverage_80 <= 0.87
    assert found.brier is not None
    assert found.brier_of_base_rate is not None
    assert found.brier < 0.8 * found.brier_of_base_rate


def test_misses_come_as_often_as_foretold() -> None:
    bins = replayed(*world(3, jobs=60)).bins.filter(pl.col("forecasts") >= 80)
    assert bins.height >= 4
    assert (bins["forecast_ratio"] - bins["missed_ratio"]).abs().max() < 0.15
    assert bins["from_ratio"].is_sorted()


def test_a_forecast_does_not_know_what_came_later() -> None:
    jobs, runs, slots = world(4)
    before = replayed(jobs, runs, slots)
    changed = slots.with_columns(
        pl.when(pl.col("due_at") == slots["due_at"].max())
        .then(pl.col("finished_at") + timedelta(days=1))
        .otherwise("finished_at")
        .alias("finished_at")
    )
    after = replayed(jobs, runs, changed)
    assert before.misses <= after.misses <= before.misses + len(jobs)
    fewer = replayed(jobs, runs.filter(pl.col("started_at") < slots["due_at"].max()), slots)
    assert (fewer.brier, fewer.coverage_80) == (before.brier, before.coverage_80)


def test_nothing_is_said_where_nothing_was_to_be_forecast() -> None:
    jobs, runs, slots = world(5, days=4)
    for found in (replayed(jobs, runs, slots), replayed([], runs_of(), slots_of())):
        assert (found.brier, found.brier_of_base_rate, found.coverage_80) == (None, None, None)
        assert (found.forecasts, found.misses, found.bins.height) == (0, 0, 0)


def test_what_did_not_finish_is_no_forecast_gone_wrong() -> None:
    jobs, runs, slots = world(7)
    is_newest = pl.col("due_at") == slots["due_at"].max()
    failed = slots.with_columns(pl.when(is_newest).then(pl.lit("failed")).otherwise("verdict").alias("verdict"))
    early = slots.filter(~is_newest)
    assert replayed(jobs, runs, failed, 10).misses == replayed(jobs, runs, early, 10).misses
    assert replayed(jobs, runs, failed, 10).forecasts == 24 * 10


def test_only_the_newest_slots_of_a_job_count() -> None:
    assert replayed(*world(6), per_job=3).forecasts == 24 * 3
    with pytest.raises(ValueError, match="expected 1 or more"):
        replayed(*world(6, days=1), per_job=0)
