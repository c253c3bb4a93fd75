"""The wall of Control charts over 2,000 judged data points x a year: from the address to its first card in a browser.

Baseline: the Access page of the same app, which shows a form and no history. Then one chart of the same store.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.pages import home_of, visits

METRICS, DAYS = 2_000, 365
WALL = "Metric 0"  # the strongest signal, so the first card of the wall
POINTS = """
insert into data_points
select format('m-{:04d}', n), date_trunc('day', $now) - to_days(d::int), date_trunc('day', $now) - to_days(d::int - 1),
    1000 + 20 * sin(n + d * 1.7) + if(n % 50 = 0 and d = 1, 200 - n / 20, 0), null
from range($metrics) r (n), range(1, $days) s (d)
"""
VERDICTS = """
insert into point_verdicts
select metric_id, observed_at, collected_at, value,
    if(value > 1040, 'signal', 'in_control'), abs(value - 1000) / 40, if(value > 1040, 'spike up', ''), '',
    1000, 960, 1040, 1, false
from data_points
"""
LIMITS = """
insert into {table}
select format('m-{{:04d}}', n), 1, $now, $now, $now, $days, 'plain', 1000, 13, 960, 1040, 0.0001, '{{}}', 'first', ''
from range($metrics) r (n)
"""
SIGNALS = """
insert into {table}
select 'signal-' || metric_id, metric_id, 'spike', $now, 'open', 'alert', observed_at, observed_at, $now, '[]', score,
    'up', value, 1000, 960, 1040, 0.0001, 1, 'The value is far above what is expected: 960 to 1,040.'
from point_verdicts where state = 'signal'
"""


def estate() -> dict[str, object]:
    """Data points of ten subsystems and twenty datasets."""
    subsystems = [{"id": f"sub-{number}", "title": f"Subsystem {number}"} for number in range(10)]
    datasets = [
        {"id": f"data-{number}", "title": f"Dataset {number}", "subsystem": f"sub-{number % 10}"}
        for number in range(20)
    ]
    metrics = [
        {
            "id": f"m-{number:04}",
            "title": f"Metric {number}",
            "source": "x.csv",
            "sql": "select 1 as value",
            "unit": "rows",
            "subsystem": f"sub-{number % 10}",
            "dataset": f"data-{number % 20}",
        }
        for number in range(METRICS)
    ]
    return {"name": "Bench", "subsystems": subsystems, "datasets": datasets, "metrics": metrics}


def build(home: object) -> None:
    """Fill the store's file."""
    from store import clock
    from store.connection import open_store
    from store.migrate import migrate

    conf = home.conf  # type: ignore[attr-defined]
    conf.home.mkdir(parents=True, exist_ok=True)
    store = open_store(f"duckdb:{conf.store_path}", conf.token_path)
    migrate(store)
    now = clock.now()
    store.execute(POINTS, {"now": now, "metrics": METRICS, "days": DAYS})
    store.execute(VERDICTS)
    for table in ("control_limits", "latest_control_limits"):
        store.execute(LIMITS.format(table=table), {"now": now, "metrics": METRICS, "days": DAYS})
    for table in ("signals", "latest_signals"):
        store.execute(SIGNALS.format(table=table), {"now": now})
    store.close()


def run() -> Iterator[str]:
    """The baseline page, then the wall."""
    with tempfile.TemporaryDirectory() as name:
        home = home_of(Path(name), estate())
        build(home)
        yield from visits(home, "control_charts", WALL, "wall of control charts")
