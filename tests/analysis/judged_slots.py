"""A day with a slot at six, judged: runs and times are minutes after six."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from analysis.slots import expected_slots
from analysis.verdicts import judge
from config.estate import RefreshJob
from config.refreshes import Calendar
from tests.analysis.refresh_frames import runs_of
from tests.analysis.test_slots import DAY, HOUR, MIDNIGHT, MINUTE, job

SIX = MIDNIGHT + 6 * HOUR
EARLIER = 300  # minutes after six by which everything of the slot is over
DAILY = {"cron": "0 6 * * *", "start_margin_seconds": 900, "deadline_seconds": 3600}
LOAD = job("load", {**DAILY, "min_seconds": 240, "max_seconds": 2400})
TIME = pl.Datetime("us")
UPSTREAM = [
    job("extract", {"cron": "0 5 * * *", "deadline_seconds": 7200, "start_margin_seconds": 7200}),
    job("load", DAILY, upstream=["extract"]),
]


def run(start: float | None, took: float | None = 5, job_id: str = "load", **fields: Any) -> dict[str, Any]:
    """A run that starts so many minutes after six and takes some minutes; None for one that is not known."""
    begun = None if start is None else SIX + start * MINUTE
    ended = None if took is None else (begun or SIX) + took * MINUTE
    state = {"status": "running"} if took is None else {}
    return (
        {"job_id": job_id, "started_at": begun, "finished_at": ended, "collected_at": ended or begun} | state | fields
    )


def verdicts(
    runs: Sequence[dict[str, Any]],
    now: float = EARLIER,
    jobs: Sequence[RefreshJob] = (LOAD,),
    blind: Sequence[tuple[str, float, float | None]] = (),
    min_rows: Mapping[str, int] | None = None,
    days: int = 1,
    calendars: Sequence[Calendar] = (),
) -> pl.DataFrame:
    """The judged slots as known so many minutes after six."""
    at = SIX + now * MINUTE
    known = runs_of(*runs)
    slots = expected_slots(jobs, calendars, known, MIDNIGHT, MIDNIGHT + days * DAY, at)
    arrows = [(one.id, name) for one in jobs for name in one.upstream]
    upstream = pl.DataFrame(arrows, schema={"job_id": pl.String, "upstream_id": pl.String}, orient="row")
    spells = [(name, SIX + a * MINUTE, None if b is None else SIX + b * MINUTE) for name, a, b in blind]
    unheard = pl.DataFrame(spells, schema={"job_id": pl.String, "from_at": TIME, "until_at": TIME}, orient="row")
    return judge(slots, known, upstream, unheard, at, min_rows)


def verdict(*runs: dict[str, Any], **known: Any) -> tuple[str, str]:
    """Verdict and detail of the one slot of the day."""
    found = verdicts(runs, **known)
    return found.select("verdict", "detail").row(0)
