"""The analysts' copy: every table as Parquet, one file a day, redone only for the days that batches have touched.

The owner writes each file beside its place and it is then renamed, so that a reader never sees half of one.
"""

from __future__ import annotations

import json
import shutil
import time
from datetime import date, datetime
from datetime import time as clock_time
from pathlib import Path

from store.connection import Store
from store.literal import literal
from store.rollup import keep_from, last_pass, record_pass, retention
from store.rows import TABLES
from store.settings import Settings

TIER_TABLES = {"metric_samples": ("metric_minutes", "metric_hours", "metric_days"), "report_checks": ("report_days",)}
TIMES = (
    {name: row.TIME for name, row in TABLES.items()}
    | dict.fromkeys(TIER_TABLES["metric_samples"], "bucket_at")
    | {"report_days": "day_at", "batches": "applied_at"}
)
BATCH_DAYS = "select distinct applied_at::date as day from batches where batch_no > $after"
TOUCHED = "select distinct table_name from batch_tables where batch_no > $after and first_at is not null"
TOUCHED_DAYS = """
with spans as (
    select first_at, last_at from batch_tables where batch_no > $after and table_name = $table and first_at is not null
),
days as (
    select distinct {time}::date as day from {table}
    where {time} between (select min(first_at) from spans) and (select max(last_at) from spans)
)
select day from days semi join spans on days.day between spans.first_at::date and spans.last_at::date order by day
"""


def export(store: Store, now: datetime, conf: Settings, folder: Path | None = None) -> int:
    """Write the changed days (all days into a `folder` of one's own) and the manifest; returns the number of files.

    A folder of one's own must lie where the owner may write: below the export or backup folder.
    """
    started = time.perf_counter()
    target = folder or conf.export_path
    batch_no = int(store.fetch("select coalesce(max(batch_no), 0) from batches").item())
    days = _days(store, 0 if folder else last_pass(store, "export"))
    for table, day in days:
        _write_day(store, table, day, target)
    _forget_old(now, conf, target)
    _write_manifest(store, now, batch_no, target)
    if folder is None:
        record_pass(store, "export", now, batch_no, time.perf_counter() - started)
    return len(days)


def _days(store: Store, after: int) -> list[tuple[str, date]]:
    """The days that have rows in what batches have touched: a batch of three rows may span a century."""
    found = [("batches", day) for (day,) in store.fetch(BATCH_DAYS, {"after": after}).rows()]
    for (table,) in store.fetch(TOUCHED, {"after": after}).rows():
        if table in TIMES:
            days = store.fetch(TOUCHED_DAYS.format(table=table, time=TIMES[table]), {"after": after, "table": table})
            found += [(name, day) for (day,) in days.rows() for name in (table, *TIER_TABLES.get(table, ()))]
    return sorted(found)


def _write_day(store: Store, table: str, day: date, target: Path) -> None:
    path = target / table / f"day={day.isoformat()}" / "data.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    span = {"first": datetime.combine(day, clock_time.min), "last": datetime.combine(day, clock_time.max)}
    at = TIMES[table]
    rows = f"select * from {table} where {at} between $first and $last order by {at}"
    store.execute(f"copy ({rows}) to {literal(str(beside))} (format parquet)", span)
    beside.rename(path)


def _forget_old(now: datetime, conf: Settings, target: Path) -> None:
    for table, (_, days) in retention(conf).items():
        oldest = f"day={keep_from(now, days).date().isoformat()}"
        for path in (target / table).glob("day=*"):
            if path.name < oldest:
                shutil.rmtree(path)


def _write_manifest(store: Store, now: datetime, batch_no: int, target: Path) -> None:
    counts = {table: {"rows": int(store.fetch(f"select count(*) from {table}").item())} for table in TIMES}
    target.mkdir(parents=True, exist_ok=True)
    beside = target / "manifest.new"
    beside.write_text(json.dumps({"as_of": now.isoformat(), "batch_no": batch_no, "tables": counts}, indent=1))
    beside.rename(target / "manifest.json")
