"""Runs the collectors of one process: due, with jitter and a time limit, each run recorded with its rows in one batch.

A failing or hanging source never stops another: each run has its own thread, its outcome is a row, and a run that is
due while the last one still hangs is recorded as skipped. This is the one broad `except` of the collecting side.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

import schedule
import structlog

from collectors.base import Context, Piece, Source, Yield, load, step_seconds
from config.load import Loaded, in_force
from store import clock
from store.errors import SpoolFullError
from store.lifetime import ending
from store.rows import CollectorRun, Outcome, Row
from store.settings import Settings, settings
from store.spool import Spool

JITTER_RATIO = 0.05
CLOCK_STEP_SECONDS = 30.0
KEPT_RUNS = 100  # run records kept in memory while the disk is full
log = structlog.get_logger("collectors.runner")


@dataclass(slots=True)
class Job:
    """One collector in this process: its spool, and the run that is going on, if any."""

    source: Source
    spool: Spool
    thread: threading.Thread | None = None
    deadline: float = 0.0
    abandoned: threading.Event | None = None
    unwritten: deque[CollectorRun] = field(default_factory=lambda: deque(maxlen=KEPT_RUNS))

    @property
    def name(self) -> str:
        return self.source.collector.name


def run_once(
    source: Source,
    ctx: Context,
    spool: Spool,
    unwritten: Iterable[CollectorRun] = (),
    is_abandoned: Callable[[], bool] = bool,
) -> CollectorRun:
    """One run: collect, then put rows and the run's own record on disk. Never raises but SpoolFullError.

    An abandoned run (over its time) puts nothing: its record has been written by the one who gave up waiting.
    """
    started = time.perf_counter()
    rows: list[Row] = []
    problems: list[str] = []
    count = 0
    try:
        for found in source.collect(ctx):
            if is_abandoned():
                break
            count += _keep(found, spool, rows, problems)
    except SpoolFullError:
        raise
    except Exception as error:  # the seam: whatever a source does, its run is recorded and the others go on
        log.exception("collector failed", collector=source.collector.name)
        problems.append(str(error) or type(error).__name__)
    outcome = Outcome.FAILED if problems else Outcome.SUCCEEDED
    seconds = time.perf_counter() - started
    run = _record(source, ctx.now, outcome, seconds, count, "; ".join(problems) or None)
    if not is_abandoned():
        spool.put([*rows, *unwritten, run])
    return run


def _keep(found: Yield, spool: Spool, rows: list[Row], problems: list[str]) -> int:
    """Put a piece on disk before the source goes on and notes it as sent; rows wait for the run's own batch."""
    if not isinstance(found, Piece):
        rows.append(found)
        return 1
    if found.problem:
        problems.append(found.problem)
    piece_rows = list(found.rows)
    if piece_rows or found.frames:
        spool.put(piece_rows, found.frames, key=found.key)
    return len(piece_rows) + sum(frame.height for frame in found.frames.values())


def _record(
    source: Source, at: datetime, outcome: Outcome, seconds: float, rows: int = 0, error: str | None = None
) -> CollectorRun:
    return CollectorRun(source.collector.name, uuid.uuid4().hex, at, outcome, rows, seconds, error)


class Runner:
    """The loop of one process. `monotonic` and `wall` are seams for tests of the clock."""

    def __init__(
        self,
        sources: Iterable[Source],
        conf: Settings,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], datetime] = clock.now,
    ) -> None:
        self.conf = conf
        self.jobs = [Job(source, Spool(conf.spool_path, source.collector.name)) for source in sources]
        self.loaded: Loaded = self._load()
        self.scheduler = schedule.Scheduler()
        self._monotonic = monotonic
        self._wall = wall
        self._offset = self._clock_offset()
        self._plan(first=True)

    def step(self) -> float:
        """Start what is due, give up on what is over its time, and return the seconds until the next look."""
        self._follow_clock()
        self._give_up()
        self.scheduler.run_pending()
        idle = self.scheduler.idle_seconds
        return min(max(idle if idle is not None else 1.0, 0.05), 1.0)

    def _load(self) -> Loaded:
        return in_force(self.conf.estate, self.conf.state_path / "estate.yaml")

    def _plan(self, first: bool = False) -> None:
        """(Re)build the schedule: everything at once when the process starts, then at each collector's own step."""
        self.scheduler.clear()
        for job in self.jobs:
            every = step_seconds(self.loaded.estate, job.source.collector)
            spread = every * JITTER_RATIO
            self.scheduler.every(int(max(1, every - spread))).to(int(max(1, every))).seconds.do(self._start, job)
            if first and job.source.collector.settle:
                self.scheduler.every(int(job.source.collector.settle.total_seconds())).seconds.do(self._start_once, job)
            elif first:
                self._start(job)

    def _clock_offset(self) -> float:
        return (self._wall() - datetime(1970, 1, 1)).total_seconds() - self._monotonic()

    def _follow_clock(self) -> None:
        """`schedule` plans by the wall clock: after the clock was set, plan anew, or an hour would be missed."""
        offset = self._clock_offset()
        if abs(offset - self._offset) > CLOCK_STEP_SECONDS:
            log.warning("the clock was set", seconds=round(offset - self._offset))
            self._plan(first=True)
        self._offset = offset

    def _start(self, job: Job) -> None:
        if job.thread is not None and job.thread.is_alive():
            hangs = job.abandoned is not None and job.abandoned.is_set()
            outcome = Outcome.TIMED_OUT if hangs else Outcome.SKIPPED
            error = "the run that gave no answer still hangs" if hangs else "the last run is still going on"
            job.unwritten.append(_record(job.source, self._wall(), outcome, 0.0, error=error))
            self._flush(job)
            return
        self._reload()
        job.abandoned = threading.Event()
        job.deadline = self._monotonic() + job.source.collector.timeout.total_seconds()
        job.thread = threading.Thread(target=self._run, args=(job, job.abandoned), name=job.name, daemon=True)
        job.thread.start()

    def _start_once(self, job: Job) -> type[schedule.CancelJob]:
        self._start(job)
        return schedule.CancelJob

    def _reload(self) -> None:
        loaded = self._load()
        if loaded.problem and loaded.problem != self.loaded.problem:
            log.error("estate refused, the last good one stays in force", problem=loaded.problem)
        changed = loaded.estate.every != self.loaded.estate.every
        self.loaded = loaded
        if changed:
            self._plan()

    def _run(self, job: Job, abandoned: threading.Event) -> None:
        state = self.conf.state_path / f"{job.name}.json"
        state.parent.mkdir(parents=True, exist_ok=True)
        ctx = Context(self._wall(), self.loaded.estate, self.conf, state)
        earlier = [job.unwritten.popleft() for _ in range(len(job.unwritten))]
        try:
            run = run_once(job.source, ctx, job.spool, earlier, abandoned.is_set)
        except SpoolFullError as error:
            log.error("spool full", collector=job.name, problem=str(error))
            job.unwritten.extend([*earlier, _record(job.source, ctx.now, Outcome.FAILED, 0.0, error=str(error))])
            return
        if abandoned.is_set():
            job.unwritten.extend(earlier)
        log.debug("collected", collector=job.name, outcome=run.outcome, rows=run.rows, seconds=run.seconds)

    def _give_up(self) -> None:
        for job in self.jobs:
            overdue = job.thread is not None and job.thread.is_alive() and self._monotonic() > job.deadline
            if overdue and job.abandoned is not None and not job.abandoned.is_set():
                job.abandoned.set()
                limit = job.source.collector.timeout.total_seconds()
                error = f"no answer within {limit:g} s; nothing was taken from this run"
                job.unwritten.append(_record(job.source, self._wall(), Outcome.TIMED_OUT, limit, error=error))
                self._flush(job)

    def _flush(self, job: Job) -> None:
        """Write run records that no run of their own will bring; while the disk is full they stay in memory."""
        records = [job.unwritten.popleft() for _ in range(len(job.unwritten))]
        try:
            job.spool.put(records)
        except SpoolFullError as error:
            log.error("spool full", collector=job.name, problem=str(error))
            job.unwritten.extend(records)


def main() -> int:
    """Run the named collectors until told to end."""
    parser = argparse.ArgumentParser(description="Run collectors in this process, for example `resources`.")
    parser.add_argument("names", nargs="+", metavar="NAME")
    names = parser.parse_args().names
    os.environ["TZ"] = "UTC"  # `schedule` plans by local time, which jumps an hour when daylight-saving time ends
    time.tzset()
    ended = ending()
    runner = Runner([load(name) for name in names], settings())
    while not ended.wait(runner.step()):
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
