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

LOOKS, WARM, WORKERS, BATCH = 500, 20, 2, 50
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
    answers = list(_answers(pool, looked, WARM))
    sizes, started = [_resident()], time.perf_counter()
    for _ in range(LOOKS // BATCH):
        answers += _answers(pool, looked, BATCH)
        sizes.append(_resident())
    minutes = (time.perf_counter() - started) / 60
    good = [answer for answer in answers if answer[2]]
    seconds = statistics.median(answer[0] for answer in good)
    memory = statistics.median(answer[1] for answer in good)
    half = len(sizes) // 2
    yield f"one look, {WORKERS} at once           {seconds:6.2f} s    {seconds / baseline:.2f}"
    yield f"looks a minute                {LOOKS / minutes:6.0f}      ({len(good)} of {LOOKS + WARM} good)"
    yield f"memory of one look            {memory / MEGABYTE:6.0f} MB   beyond an idle browser"
    for name, first, last in (("first", 0, half), ("second", half, -1)):
        grown = sizes[last] - sizes[first]
        label = f"our memory, {name} half"
        yield f"{label:30s}{grown / MEGABYTE:+6.1f} MB   of {sizes[0] / MEGABYTE:.0f} MB"


def _answers(pool: object, looked: object, count: int) -> Iterator[tuple[float, int, bool]]:
    found = pool.run(dict.fromkeys(range(count), looked), 900)  # type: ignore[attr-defined]
    yield from (answer for _, answer in found if isinstance(answer, tuple))


def _resident() -> int:
    """Bytes of this process and the drivers of its browsers; the browsers themselves are replaced now and then."""
    ours = psutil.Process()
    drivers = [child for child in ours.children() if "chrom" not in child.name()]
    return int(sum(process.memory_info().rss for process in [ours, *drivers]))
