"""Forecasts on a real store: written when they say something new, and not again while they say the same."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.forecaster import Forecaster
from app.tracker import Tracker
from config.load import parse
from store.connection import Store
from store.rows import RefreshRun, RunStatus
from store.write import append

ESTATE = parse("""name: Test
subsystems: [{id: sales, title: Sales}]
jobs:
  - {id: extract, title: Extract, subsystem: sales, expect: [{cron: 0 5 * * *, deadline_seconds: 5400}]}
  - {id: load, title: Load, subsystem: sales, upstream: [extract], expect: [{cron: 0 6 * * *, deadline_seconds: 3600}]}
""")
NOW = datetime(2026, 11, 25, 6, 45)


def run(job: str, at: datetime, minutes: float | None) -> RefreshRun:
    """A run that took so many minutes, or that is still running."""
    end = at + timedelta(minutes=minutes) if minutes is not None else None
    status = RunStatus.SUCCEEDED if end else RunStatus.RUNNING
    return RefreshRun(job, f"{job}-{at:%d}", "test", status, end or at, at, end, triggered_by="scheduled")


def test_a_late_extract_is_named_before_its_load_misses_the_deadline(store: Store) -> None:
    for day in range(1, 25):
        five = NOW.replace(hour=5, minute=0) - timedelta(days=day)
        rows = [run("extract", five, 50 + day % 3), run("load", five + timedelta(hours=1), 25 + day % 4)]
        append(store, rows)
    append(store, [run("extract", NOW - timedelta(minutes=5), None)])  # started a hundred minutes late
    append(store, Tracker().track(store, ESTATE, NOW))
    forecaster = Forecaster()
    rows = forecaster.look_ahead(store, ESTATE, NOW)
    load = next(row for row in rows if row.job_id == "load" and row.due_at == NOW.replace(hour=6, minute=0))
    assert load.miss_ratio > 0.95
    assert (load.blocked_by, load.path) == ("extract", "extract > load")
    assert timedelta(minutes=60) < load.median_at - NOW < timedelta(minutes=90)
    append(store, rows)
    assert forecaster.look_ahead(store, ESTATE, NOW + timedelta(seconds=1)) == []
