"""How far forecasts can be trusted: measured now and then in the background, shown beside them.

Forecasting the past anew takes seconds at thousands of jobs, so a page never waits for it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta

import streamlit as st
import structlog

from analysis.calibration import Calibration, replayed
from app import data, words
from app.desk import Desk, Parameter
from config.estate import RefreshJob

AGAIN_SECONDS = 600.0
SPAN = timedelta(days=60)
MOST_JOBS = 80
FEWEST = 20  # forecasts below which figures say little
log = structlog.get_logger("app.refresh_trust")


class Gauge:
    """The newest measurement, and at most one more under way."""

    def __init__(self, timer: Callable[[], float] = time.monotonic) -> None:
        self._timer = timer
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="calibration")
        self._lock = threading.Lock()
        self._running: Future[Calibration | None] | None = None
        self._newest: Calibration | None = None
        self._measured_at: float | None = None

    def newest(self, measure: Callable[[], Calibration | None]) -> Calibration | None:
        """What was measured last, at once; starts another measurement when that is old. None until there is one."""
        with self._lock:
            if self._running is not None and self._running.done():
                self._take(self._running)
                self._running = None
            is_old = self._measured_at is None or self._timer() - self._measured_at >= AGAIN_SECONDS
            if is_old and self._running is None:
                self._running = self._worker.submit(measure)
            return self._newest

    def wait(self, seconds: float) -> None:
        """Until the measurement under way has ended."""
        if self._running is not None:
            self._running.exception(seconds)

    def _take(self, ended: Future[Calibration | None]) -> None:
        self._measured_at = self._timer()
        problem = ended.exception()
        if problem is not None:
            log.error("calibration failed", problem=str(problem))
            return
        self._newest = ended.result() or self._newest


@st.cache_resource(show_spinner=False)
def gauge() -> Gauge:
    """The one gauge of this process."""
    return Gauge()


def sample(jobs: Sequence[RefreshJob], most: int = MOST_JOBS) -> list[RefreshJob]:
    """About `most` jobs with an expectation, evenly spread, each with everything upstream of it."""
    known = {job.id: job for job in jobs}
    scheduled = [job.id for job in jobs if job.expectations]
    chosen: dict[str, RefreshJob] = {}
    for name in _spread(scheduled):
        if len(chosen) >= most:
            break
        waiting = [name]
        while waiting:
            one = waiting.pop()
            if one in known and one not in chosen:
                chosen[one] = known[one]
                waiting.extend(known[one].upstream)
    return [job for job in jobs if job.id in chosen]


def _spread(names: Sequence[str]) -> list[str]:
    """All names, in an order of which every beginning is spread over the whole."""
    step = max(len(names) // MOST_JOBS, 1)
    return [name for first in range(step) for name in names[first::step]]


def measure(desk: Desk, jobs: Sequence[RefreshJob]) -> Calibration | None:
    """How good forecasts of the past would have been, for a sample of the jobs; None while the store is away."""
    chosen = sample(jobs)
    asked: dict[str, Parameter] = {"jobs": [job.id for job in chosen], "since": SPAN}
    runs, slots = (desk.ask(name, asked) for name in ("refresh_some_runs", "slot_some"))
    if runs.is_stale or slots.is_stale:
        return None
    return replayed(chosen, runs.frame, slots.frame)


def text(jobs: Sequence[RefreshJob]) -> str:
    """The figures in one sentence."""
    desk = data.desk()
    return said(gauge().newest(lambda: measure(desk, jobs)))


def said(found: Calibration | None) -> str:
    """A measurement in words."""
    if found is None:
        return "How good the forecasts are is being measured."
    if found.brier is None or found.coverage_80 is None or found.forecasts < FEWEST:
        return "Too few finished runs to say how good the forecasts are."
    spread = f"Of {found.forecasts:,} past forecasts, {words.share(found.coverage_80)} fell within their 80 % span"
    if not found.misses:
        return f"{spread}; no deadline was missed among them."
    base = f", {found.brier_of_base_rate:.3f} without them" if found.brier_of_base_rate is not None else ""
    return f"{spread}; Brier score {found.brier:.3f}{base} (0 is perfect)."
