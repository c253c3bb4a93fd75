"""Append through the whole path (rows, spool, Quack, table) against a bare in-process INSERT ... SELECT.

Baseline: the same frames, one transaction each, into a table of the same columns in this process. The whole path is
what runs in production: this process puts batches of 10k in the spool, the shipper carries them to the owner process.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl

from store import spool
from store.rows import MetricSample
from store.spool import Spool
from tests.processes import Home, wait_for

BATCH = 10_000
BATCHES = 100
AT = datetime(2026, 11, 1)


def rows(number: int) -> list[MetricSample]:
    """One batch: 50 hosts, 20 metrics, in time order."""
    first = AT + timedelta(seconds=10 * number)
    return [
        MetricSample(f"h{n % 50}", f"m{n % 20}", "", first + timedelta(milliseconds=n), n * 1.1) for n in range(BATCH)
    ]


def frame(batch: list[MetricSample]) -> pl.DataFrame:
    """The batch as a frame with the table's columns."""
    names = ("host", "metric", "instance", "observed_at", "value")
    return pl.DataFrame({name: [getattr(row, name) for row in batch] for name in names})


def bare(folder: Path, frames: list[pl.DataFrame]) -> float:
    """Seconds of the bare inserts."""
    con = duckdb.connect(str(folder / "bare.duckdb"))
    columns = "host varchar, metric varchar, instance varchar, observed_at timestamp, value double"
    con.execute(f"create table metric_samples ({columns})")
    started = time.perf_counter()
    for one in frames:
        con.register("one", one)
        con.execute("insert into metric_samples by name select * from one")
    seconds = time.perf_counter() - started
    con.close()
    return seconds


def whole(folder: Path, batches: list[list[MetricSample]] | None, frames: list[pl.DataFrame]) -> float:
    """Seconds from the first put until the last row is in its table; rows as dataclasses, or as frames."""
    home = Home.make(folder)
    home.start_store()
    home.start("-m", "store.shipper")
    queue = Spool(home.conf.spool_path, "bench")
    queue.put(rows(-1)[:1])
    wait_for(lambda: not spool.depths(home.conf.spool_path)["bench"], "the shipper to be warm")
    started = time.perf_counter()
    if batches is not None:
        for batch in batches:
            queue.put(batch)
    else:
        for one in frames:
            queue.put(frames={"metric_samples": one})
    wait_for(lambda: not spool.depths(home.conf.spool_path)["bench"], "the spool to empty")
    seconds = time.perf_counter() - started
    count = home.open().fetch("select count(*) from metric_samples").item()
    assert count == BATCH * BATCHES + 1, count
    home.stop()
    return seconds


def run() -> Iterator[str]:
    """Three figures: bare, whole path from frames, whole path from dataclass rows."""
    batches = [rows(number) for number in range(BATCHES)]
    frames = [frame(batch) for batch in batches]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        base = bare(folder, frames)
        yield _line("bare INSERT ... SELECT", base, "1.00 (baseline)")
        for label, rows_or_none in (("whole path, frames", None), ("whole path, rows", batches)):
            seconds = whole(folder / label[-4:], rows_or_none, frames)
            yield _line(label, seconds, f"{base / seconds:.2f} (goal >= 0.5)")


def _line(label: str, seconds: float, ratio: str) -> str:
    return f"{label:<28} {BATCH * BATCHES / seconds:>12,.0f} rows/s   {ratio}"
