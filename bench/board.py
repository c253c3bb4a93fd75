"""The refresh board over 2,000 jobs x 90 days of slots: from the address to the painted page in a real browser.

Baseline: the Access page of the same app, which shows a form and no history. Then a pass of the tracker over the same
estate, as the responder does it every few seconds.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from bench.pages import home_of, visits

JOBS, DAYS, SUBSYSTEMS, REPORTS = 2_000, 90, 40, 200
BOARD = "Subsystems"


def estate() -> dict[str, object]:
    """Chains of four daily jobs, each filling a dataset, the last of a chain shown by a report."""
    jobs, datasets, reports = [], [], []
    for number in range(JOBS):
        chain, place = divmod(number, 4)
        name, subsystem = f"job-{number:04}", f"sub-{number % SUBSYSTEMS:02}"
        jobs.append(
            {
                "id": name,
                "title": f"Load {number}",
                "subsystem": subsystem,
                "dataset": f"data-{number:04}",
                "upstream": [f"job-{number - 1:04}"] if place else [],
                "expect": [{"cron": f"{chain % 60} {1 + place} * * *", "deadline_seconds": 3600}],
            }
        )
        datasets.append({"id": f"data-{number:04}", "subsystem": subsystem, "max_age_seconds": 2 * 86_400})
    for number in range(REPORTS):
        shown = {"title": f"Report {number}", "url": "http://localhost:1/", "audience": f"group {number % 20}"}
        last = {"subsystem": "sub-00", "datasets": [f"data-{4 * number + 3:04}"]}
        reports.append({"id": f"report-{number:03}", **shown, **last})
    subsystems = [{"id": f"sub-{number:02}", "title": f"Subsystem {number}"} for number in range(SUBSYSTEMS)]
    return {"name": "Bench", "subsystems": subsystems, "datasets": datasets, "jobs": jobs, "reports": reports}


def runs(now: datetime) -> pl.DataFrame:
    """One run a job and day; one in fifty failed, one in twenty late."""
    first = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=DAYS)
    base = pl.DataFrame({"number": range(JOBS)}).join(pl.DataFrame({"day": range(DAYS + 1)}), how="cross")
    dice = pl.struct("number", "day").hash(7)
    hour, minute = 1 + pl.col("number") % 4, (pl.col("number") // 4) % 60
    due = pl.lit(first) + pl.duration(days="day", hours=hour, minutes=minute)
    late = pl.when(dice % 20 == 0).then(40).otherwise((dice % 6).cast(pl.Int64))
    started = due + pl.duration(minutes=late)
    status = pl.when(dice % 50 == 1).then(pl.lit("failed")).otherwise(pl.lit("succeeded"))
    return base.select(
        job_id=pl.format("job-{}", pl.col("number").cast(pl.String).str.zfill(4)),
        run_id=pl.format("{}-{}", "number", "day"),
        source=pl.lit("bench"),
        status=status,
        collected_at=started + pl.duration(minutes=10),
        started_at=started,
        finished_at=started + pl.duration(seconds=300 + (dice % 200).cast(pl.Int64)),
        rows=(dice % 100_000).cast(pl.Int64),
        message=pl.lit(None, pl.String),
        triggered_by=pl.lit("scheduled"),
        data_interval_start=pl.lit(None, pl.Datetime("us")),
        data_interval_end=pl.lit(None, pl.Datetime("us")),
        landed_at=started,
        bytes=pl.lit(None, pl.Int64),
    ).filter(pl.col("started_at") < now)


def build(home: object) -> float:
    """Fill the store's file with the runs and let the tracker judge them all; returns the seconds of that pass."""
    from app.tracker import Tracker
    from config.load import read
    from store import clock
    from store.connection import open_store
    from store.migrate import migrate
    from store.spool import Spool, pending
    from store.spool import read as read_batch
    from store.write import append, apply

    conf = home.conf  # type: ignore[attr-defined]
    conf.home.mkdir(parents=True, exist_ok=True)
    store = open_store(f"duckdb:{conf.store_path}", conf.token_path)
    migrate(store)
    now = clock.now()
    queue = Spool(conf.home / "bench-spool", "bench")
    queue.put(frames={"refresh_runs": runs(now)})
    apply(store, [read_batch(path) for path in pending(queue.folder)])
    known = read(conf.estate)
    started = time.perf_counter()
    judged = Tracker().track(store, known, now)
    seconds = time.perf_counter() - started
    append(store, judged)
    store.close()
    return seconds


def run() -> Iterator[str]:
    """The first pass of the tracker, the baseline page, the board."""
    with tempfile.TemporaryDirectory() as name:
        home = home_of(Path(name), estate())
        yield f"tracker, first pass over all   {build(home):6.2f} s    ({JOBS * DAYS:,} slots)"
        yield from visits(home, "refreshes", BOARD, "refresh board")
