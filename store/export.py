"""The analysts' copy: every table as Parquet, one file a day, redone only for the days that batches have touched.

The owner writes each file beside its place and it is then renamed, so that a reader never sees half of one.
"""

from __future__ import annotations

import json
import shutil
import time
from datetime import date, datetime, timedelta
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
TOUCHED_DAYS = """
select table_name, unnest(generate_series(first_at::date, last_at::date, interval 1 day))::date as day
from batch_tables where batch_no > $after and first_at is not null
union
select 'batches', applied_at::date from batches where batch_no > $after
order by 1, 2
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
    found = [(table, day) for table, day in store.fetch(TOUCHED_DAYS, {"after": after}).rows() if table in TIMES]
    tiers = [(tier, day) for table, day in found for tier in TIER_TABLES.get(table, ())]
    return found + tiers


def _write_day(store: Store, table: str, day: date, target: Path) -> None:
    path = target / table / f"day={day.isoformat()}" / "data.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    span = {
        "first": datetime(day.year, day.month, day.day),
        "after": datetime(day.year, day.month, day.day) + timedelta(1),
    }
    rows = f"select * from {table} where {TIMES[table]} >= $first and {TIMES[table]} < $after order by {TIMES[table]}"
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
