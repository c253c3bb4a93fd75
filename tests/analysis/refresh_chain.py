"""A chain of jobs with a known history: extract, half an hour of load after it, ten minutes of mart after that."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from tests.analysis.refresh_frames import at, job

TODAY = 10
DEADLINE = at(TODAY, 7, 30)
JOBS = [job("extract"), job("load", "extract"), job("mart", "load")]


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def history(days: int = 60, seed: int = 1) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Every day at 06:00: extract takes about 30 min, load always 30 min after it, mart always 10; a minute between."""
    rng = np.random.default_rng(seed)
    runs, slots = [], []
    for day in range(TODAY - days, TODAY):
        due = at(day, 6)
        start = due + minutes(1)
        for name, taken in (("extract", 30 * np.exp(rng.normal(0, 0.1))), ("load", 30.0), ("mart", 10.0)):
            end = start + minutes(taken)
            runs.append({"job_id": name, "started_at": start, "finished_at": end})
            slots.append({"job_id": name, "due_at": due, "started_at": start, "finished_at": end})
            start = end + minutes(1)
    return runs, slots


def today(verdict: str, started_at: datetime | None = None, deadline: datetime = DEADLINE) -> list[dict[str, Any]]:
    """Today's slots: the one of extract as given, the others waiting."""
    waiting = "upcoming" if verdict == "upcoming" else "late_start"
    rows = [(name, waiting, None) for name in ("load", "mart")]
    return [
        {"job_id": name, "due_at": at(TODAY, 6), "verdict": said, "started_at": started, "deadline_at": deadline}
        for name, said, started in [("extract", verdict, started_at), *rows]
    ]


def told(found: pl.DataFrame) -> dict[str, dict[str, Any]]:
    return {row["job_id"]: row for row in found.iter_rows(named=True)}


def near(found: datetime, expected: datetime, most: timedelta) -> bool:
    return abs(found - expected) <= most
