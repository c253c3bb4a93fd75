"""Looks at reports in real browsers: how many a minute on this machine, memory of each, and whether anything grows.

Baseline: the same page opened in the same browser without any judgement, until its load event.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psutil

LOOKS, WARM, WORKERS = 500, 20, 2
MEGABYTE = 1_000_000


def run() -> Iterator[str]:
    """The baseline, then many looks at the good page of the checker's own trial."""
    from collectors.reports import canary
    from collectors.reports.browser import Slot
    from collectors.reports.looking import Desk, look
    from collectors.reports.memory import Remembered
    from collectors.reports.pool import Pool
    from store import clock
    from store.settings import Settings

    with tempfile.TemporaryDirectory() as name, canary.served() as address:
        folder = Path(name)
        desk = Desk(Settings(home=folder, estate=folder))
        target = canary.target(canary.GOOD, address, folder)

        def opened(slot: Slot) -> float:
            from collectors.reach import Reach
            from collectors.reports.limits import Limits

            started = time.perf_counter()
            with slot.room(Limits.of(target.report), Reach.of((), target.report.url), width=1280, height=900) as room:
                room.page.goto(str(target.report.url))
            return time.perf_counter() - started

        def looked(slot: Slot) -> tuple[float, int, bool]:
            started = time.perf_counter()
            check = look(slot, target, desk, Remembered(), clock.now()).check
            return time.perf_counter() - started, check.peak_memory_bytes or 0, check.state == "up"

        pool = Pool(WORKERS)
        base = [
            seconds for _, seconds in pool.run(dict.fromkeys(range(WARM), opened), 300) if isinstance(seconds, float)
        ]
        baseline = statistics.median(base)
        yield f"page opened, nothing judged   {baseline:6.2f} s    1.00 (baseline)"
        yield from _measured(pool, partial(looked), baseline)
        pool.close()


def _measured(pool: object, looked: object, baseline: float) -> Iterator[str]:
    answers = dict(pool.run(dict.fromkeys(range(WARM), looked), 300))  # type: ignore[attr-defined]
    ours = psutil.Process()
    before, started = ours.memory_info().rss, time.perf_counter()
    for batch in range(WARM, LOOKS + WARM, 50):
        answers |= dict(pool.run(dict.fromkeys(range(batch, batch + 50), looked), 900))  # type: ignore[attr-defined]
    minutes = (time.perf_counter() - started) / 60
    grown = ours.memory_info().rss - before
    good = [answer for answer in answers.values() if isinstance(answer, tuple) and answer[2]]
    seconds = statistics.median(answer[0] for answer in good)
    memory = statistics.median(answer[1] for answer in good)
    yield f"one look, {WORKERS} at once           {seconds:6.2f} s    {seconds / baseline:.2f}"
    yield f"looks a minute                {LOOKS / minutes:6.0f}      ({len(good)} of {len(answers)} good)"
    yield f"memory of one look            {memory / MEGABYTE:6.0f} MB   beyond an idle browser"
    yield f"our own memory after {LOOKS}      {grown / MEGABYTE:+6.1f} MB   of {before / MEGABYTE:.0f} MB"
