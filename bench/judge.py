"""The judge over 10,000 metrics of 730 days: the first pass, which learns and judges everything, and a day later.

Baseline: reading the same points from the store.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

METRICS, DAYS = 10_000, 730
FIRST = datetime(2024, 1, 1)
SQL = "select 1 as value"
POINTS = """
insert into data_points
select
    format('metric-{:05d}', m), $first::timestamp + to_days(d::int), $first::timestamp + to_days(d::int),
    (100 + m % 50) * (1 - 0.3 * (d % 7 >= 5)::int)
    * (1 + 0.03 * sqrt(-2 * ln(random() + 1e-12)) * cos(6.28318530718 * random())),
    null
from range($metrics) r (m), range($days) s (d)
"""
Answer = TypeVar("Answer")


def run() -> Iterator[str]:
    """The first pass, and one with a new point of every metric."""
    from app.quality.judge import Judge
    from config.estate import Estate
    from store.connection import open_store
    from store.migrate import migrate
    from store.rows import DataPoint
    from store.shipper import ship
    from store.spool import Spool
    from store.write import append

    metrics = [
        {"id": f"metric-{n:05d}", "title": f"Metric {n}", "source": "x.csv", "sql": SQL, "subsystem": "s"}
        for n in range(METRICS)
    ]
    estate = Estate.model_validate({"name": "Bench", "subsystems": [{"id": "s", "title": "S"}], "metrics": metrics})
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"duckdb:{Path(folder) / 'store.duckdb'}", Path(folder) / "token")
        migrate(store)
        store.execute("select setseed(0.5)")
        store.execute(POINTS, {"first": FIRST, "metrics": METRICS, "days": DAYS})
        base, _ = _timed(lambda: store.fetch("select * from current_data_points order by metric_id, observed_at"))
        yield f"the points read               {base:6.1f} s    1.00 (baseline)"
        judge, queue = Judge(), Spool(Path(folder) / "spool", "judge")

        def one_pass(now: datetime) -> tuple[int, int]:
            verdicts = rows = 0
            for piece in judge.look(store, estate, now):
                queue.put(piece.rows, {"point_verdicts": piece.verdicts} if piece.verdicts.height else None)
                verdicts, rows = verdicts + piece.verdicts.height, rows + len(piece.rows)
                ship(store, Path(folder) / "spool")
            return verdicts, rows

        at = FIRST + timedelta(days=DAYS)
        seconds, (verdicts, rows) = _timed(lambda: one_pass(at))
        made = f"({verdicts:,} verdicts, {rows:,} rows)"
        yield f"everything judged             {seconds:6.1f} s    {seconds / base:.2f}  {made}"
        append(store, [DataPoint(f"metric-{n:05d}", at, at, 100.0) for n in range(METRICS)])
        seconds, (verdicts, _) = _timed(lambda: one_pass(at + timedelta(hours=1)))
        yield f"a new point of each           {seconds:6.1f} s    {seconds / base:.2f}  ({verdicts:,} verdicts)"


def _timed(work: Callable[[], Answer]) -> tuple[float, Answer]:
    started = time.perf_counter()
    found = work()
    return time.perf_counter() - started, found
