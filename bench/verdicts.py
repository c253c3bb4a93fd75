"""Slots and verdicts of 2,000 jobs over 90 days, one run a day each.

Baseline: the same runs and slots put beside each other by one plain `join_asof` of polars, without any verdict.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import polars as pl

from analysis.slots import expected_slots
from analysis.verdicts import judge
from config.estate import RefreshJob
from config.refreshes import Calendar, Expectation

JOBS = 2_000
DAYS = 90
DIFFERENT = 50
NOW = datetime(2026, 11, 20, 12)
FIRST = NOW - timedelta(days=DAYS)
ZONES = ("Europe/Paris", "America/New_York", "UTC", "Asia/Kolkata", "Australia/Lord_Howe")


def jobs() -> list[RefreshJob]:
    """Jobs with a daily cron, some on workdays only, each after the one ten places before."""
    made = []
    for number in range(JOBS):
        kind = number % DIFFERENT
        expectation = Expectation(
            cron=f"{kind % 6 * 10} {kind % 24} * * *",
            timezone=ZONES[kind % len(ZONES)],
            calendar="office" if kind % 5 == 0 else None,
            deadline="11:30" if kind % 7 == 0 else None,
            min_seconds=120,
            max_seconds=3600,
        )
        upstream = [f"job{number - 10}"] if number >= 10 else []
        made.append(RefreshJob(id=f"job{number}", title="", subsystem="bench", expect=[expectation], upstream=upstream))
    return made


def runs(slots: pl.DataFrame) -> pl.DataFrame:
    """A run for nearly every slot: some late, some long, one in fifty failed, one in a hundred missing."""
    draw = random.Random(7)
    rows = []
    for number, (job_id, due_at) in enumerate(slots.select("job_id", "due_at").iter_rows()):
        if due_at > NOW or draw.random() < 0.01:
            continue
        start = due_at + timedelta(seconds=draw.expovariate(1 / 200))
        end = start + timedelta(seconds=draw.lognormvariate(6, 0.8))
        status = "failed" if draw.random() < 0.02 else "succeeded"
        rows.append((job_id, f"r{number}", "bench", status, end, start, end, 1000, "scheduled"))
    time_type = pl.Datetime("us")
    schema = {
        **dict.fromkeys(("job_id", "run_id", "source", "status"), pl.String),
        **dict.fromkeys(("collected_at", "started_at", "finished_at"), time_type),
        "rows": pl.Int64,
        "triggered_by": pl.String,
    }
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(
        pl.lit(None, dtype=pl.String).alias("message"),
        *(
            pl.lit(None, dtype=time_type).alias(name)
            for name in ("data_interval_start", "data_interval_end", "landed_at")
        ),
        pl.lit(None, dtype=pl.Int64).alias("bytes"),
    )


def run() -> Iterator[str]:
    """Seconds of the baseline, of the slots (their due times found anew) and of the verdicts."""
    made = jobs()
    calendars = [Calendar(id="office", country="DE")]
    nothing = runs(pl.DataFrame(schema={"job_id": pl.String, "due_at": pl.Datetime("us")}))
    started = time.perf_counter()
    slots = expected_slots(made, calendars, nothing, FIRST, NOW + timedelta(hours=24))
    slotted = time.perf_counter() - started
    facts = runs(slots)
    arrows = [(job.id, name) for job in made for name in job.upstream]
    upstream = pl.DataFrame(arrows, schema={"job_id": pl.String, "upstream_id": pl.String}, orient="row")
    base = min(_timed_asof(slots, facts) for _ in range(3))
    times = []
    for _ in range(3):
        started = time.perf_counter()
        judged = judge(slots, facts, upstream, _nobody_blind(), NOW)
        times.append(time.perf_counter() - started)
    counts = judged["verdict"].value_counts(sort=True)
    yield f"{slots.height:,} slots, {facts.height:,} runs: " + ", ".join(f"{n:,} {name}" for name, n in counts.rows())
    yield f"{'join_asof alone':<28} {base:>8.2f} s   1.0 (baseline)"
    yield f"{'slots, clock asked anew':<28} {slotted:>8.2f} s"
    yield f"{'verdicts':<28} {min(times):>8.2f} s   {min(times) / base:.1f}"
    yield f"{'slots and verdicts':<28} {slotted + min(times):>8.2f} s   (goal <= 2 s)"


def _timed_asof(slots: pl.DataFrame, facts: pl.DataFrame) -> float:
    started = time.perf_counter()
    facts.sort("started_at").join_asof(
        slots.sort("early_from_at"), left_on="started_at", right_on="early_from_at", by="job_id", check_sortedness=False
    )
    return time.perf_counter() - started


def _nobody_blind() -> pl.DataFrame:
    return pl.DataFrame(schema={"job_id": pl.String, "from_at": pl.Datetime("us"), "until_at": pl.Datetime("us")})
