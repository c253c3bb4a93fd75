"""The Reports page over 1,000 reports and 10,000 looks: from the address to the painted wall in a real browser.

Baseline: the Access page of the same app, which shows a form and no history.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from bench.pages import home_of, visits

REPORTS, LOOKS, DAYS = 1_000, 10, 90
WALL = "Report 0"  # the first card of the wall
STAGES = ("reachable", "loaded", "finished", "present", "drawn", "parsed", "equal", "fast")
BARS = """
insert into report_days
select
    format('report-{:03d}', n), date_trunc('day', $now) - to_days(d::int),
    288, 288, 288 - n % 7, 0, 0, n % 7, 0, 1.5, 3.0
from range(1, $reports) r (n), range(1, $days) s (d)
"""


def estate() -> dict[str, object]:
    """Each report with two numbers."""
    numbers = [
        {"id": name, "at": {"css": f"#{name}"}, "source": "x.csv", "sql": "select 1 as value"} for name in ("a", "b")
    ]
    reports = [
        {
            "id": f"report-{number:03}",
            "title": f"Report {number}",
            "url": "http://localhost:1/",
            "subsystem": f"sub-{number % 20:02}",
            "owner": f"owner {number % 10}",
            "numbers": numbers,
        }
        for number in range(REPORTS)
    ]
    subsystems = [{"id": f"sub-{number:02}", "title": f"Subsystem {number}"} for number in range(20)]
    return {"name": "Bench", "subsystems": subsystems, "reports": reports}


def looks(now: datetime) -> Iterator[object]:
    """Ten looks at every report; report 0 has a wrong number."""
    from store.rows import CheckState, Fault, NumberState, ReportCheck, ReportNumber, Stage

    stages = json.dumps([{"stage": name, "state": "passed", "seconds": 0.5, "message": ""} for name in STAGES])
    for number in range(REPORTS):
        name, is_bad = f"report-{number:03}", number == 0
        for step in range(LOOKS):
            at = now - timedelta(minutes=5 * step)
            yield ReportCheck(
                report_id=name,
                observed_at=at,
                state=CheckState.DOWN if is_bad else CheckState.UP,
                stage=Stage.EQUAL if is_bad else Stage.FAST,
                http_status=200,
                latency_seconds=1.0 + number % 30 / 10,
                message="Revenue: Page shows 1.2M, the backend has 1,318,402." if is_bad else "2 numbers equal.",
                check_id=f"{name}-{step}",
                fault=Fault.WRONG_NUMBER if is_bad else None,
                confirmed=CheckState.DOWN if is_bad else CheckState.UP,
                stages=stages,
            )
            for which in ("a", "b"):
                state = NumberState.WRONG if is_bad and which == "a" else NumberState.MATCH
                yield ReportNumber(name, "", which, f"{name}-{step}", at, state, "1.2M", 1.2e6, 1.2e6, 5e4, "EUR")


def build(home: object) -> None:
    """Fill the store's file."""
    from store import clock
    from store.connection import open_store
    from store.migrate import migrate
    from store.write import append

    conf = home.conf  # type: ignore[attr-defined]
    conf.home.mkdir(parents=True, exist_ok=True)
    store = open_store(f"duckdb:{conf.store_path}", conf.token_path)
    migrate(store)
    now = clock.now()
    append(store, list(looks(now)))  # type: ignore[arg-type]
    store.execute(BARS, {"now": now, "reports": REPORTS, "days": DAYS})
    store.close()


def run() -> Iterator[str]:
    """The baseline page, then the wall."""
    with tempfile.TemporaryDirectory() as name:
        home = home_of(Path(name), estate())
        build(home)
        yield from visits(home, "reports", WALL, "reports wall")
