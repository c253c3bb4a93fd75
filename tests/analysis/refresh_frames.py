"""Frames of refresh runs and slots for tests, with the columns of their tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from config.estate import RefreshJob
from store.rows import RefreshRun, RefreshSlot, Row

TIMES = pl.Datetime("us")
KINDS = {"rows": pl.Int64, "bytes": pl.Int64}


def frame(row_type: type[Row], rows: Sequence[dict[str, Any]]) -> pl.DataFrame:
    """Rows as the store would answer them; what a row does not name is null."""
    names = [field.name for field in fields(row_type)]
    schema = {
        name: TIMES if name in TIME_NAMES or name.endswith("_at") else KINDS.get(name, pl.String) for name in names
    }
    return pl.DataFrame([{name: row.get(name) for name in names} for row in rows], schema=schema, orient="row")


TIME_NAMES = ("data_interval_start", "data_interval_end")


def runs_of(*rows: dict[str, Any]) -> pl.DataFrame:
    """Runs; status is succeeded where a row does not say."""
    told = [
        {"run_id": f"r{n}", "source": "test", "status": "succeeded", "collected_at": row.get("finished_at"), **row}
        for n, row in enumerate(rows)
    ]
    return frame(RefreshRun, told)


def slots_of(*rows: dict[str, Any]) -> pl.DataFrame:
    """Slots; on time, to start within 15 minutes and to finish within an hour, where a row does not say."""
    told = []
    for row in rows:
        due = row["due_at"]
        given = {
            "expectation": "cron 0 6 * * * UTC",
            "judged_at": due,
            "verdict": "on_time",
            "start_by_at": due + timedelta(minutes=15),
            "deadline_at": due + timedelta(hours=1),
            "detail": "",
        }
        told.append({**given, **row})
    return frame(RefreshSlot, told)


def job(name: str, *upstream: str, **given: Any) -> RefreshJob:
    """A job of the subsystem `all` that refreshes the dataset of its name."""
    return RefreshJob(**{"id": name, "title": name, "subsystem": "all", "upstream": list(upstream), **given})


def at(day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    """A time of March 2026, or as many days before its first as `day` is below 1."""
    return datetime(2026, 3, 1, hour, minute, second) + timedelta(days=day - 1)
