"""What a ping means: which refresh run it starts, ends or comments on. Understands the URLs of Healthchecks.

A start and its end belong together by `rid`; an end without one belongs to the job's open run that was started without
one. An end without a start is a run of its own. A start without `rid` while such a run is open cancels that run: it was
never heard of again. A log message is kept with the open run; outside a run it is a skipped run: no work was done.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

import orjson

from store.rows import RefreshRun, RunStatus

SOURCE = "ping"
FORGET_AFTER = timedelta(hours=72)
MOST_OPEN = 1000
MOST_ENDED = 20
NEVER_ENDED = "No end was reported before the next start."


class PingError(ValueError):
    """A ping that says something impossible; the message is one sentence for a person."""


class Action(StrEnum):
    """What a sender can say about its job."""

    START = "start"
    SUCCESS = "success"
    FAIL = "fail"
    LOG = "log"


@dataclass(frozen=True, slots=True)
class Ping:
    """One message about a job; `message` is what its body said."""

    job_id: str
    action: Action
    rid: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class KnownRun:
    """A run that was started by a ping: open, or ended not long ago so that an end sent twice finds its start."""

    run_id: str
    started_at: datetime
    has_rid: bool
    is_open: bool = True


def parse(what: str, rid: str | None, job_id: str, message: str | None) -> Ping:
    """The ping of `/ping/<key>/<what>?rid=<rid>`; `what` is empty for plain success. Raises PingError."""
    if rid is not None:
        try:
            rid = str(uuid.UUID(rid))
        except ValueError as error:
            raise PingError(f"The rid is {rid[:60]!r}; expected a UUID such as {uuid.UUID(int=0)}.") from error
    if not what.isdecimal() or not what.isascii():
        if what not in ("", Action.START, Action.FAIL, Action.LOG):
            raise PingError(f"Found {what[:60]!r} after the key; expected start, fail, log or an exit status.")
        return Ping(job_id, Action(what or "success"), rid, message)
    if len(what) > 3 or int(what) > 255:
        raise PingError(f"The exit status is {what[:60]}; expected a number from 0 to 255.")
    if int(what) == 0:
        return Ping(job_id, Action.SUCCESS, rid, message)
    return Ping(job_id, Action.FAIL, rid, "\n".join(filter(None, [f"Exit status {int(what)}.", message])))


class Runs:
    """The runs that pings have started, kept in a file so that a restart still pairs starts with ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._jobs: dict[str, list[KnownRun]] = {}
        if path.exists():
            self._jobs = _read(path)
        self._is_saved = True

    @contextmanager
    def record(self, ping: Ping, now: datetime) -> Iterator[list[RefreshRun]]:
        """The rows that `ping` makes; when they could not be kept (any error inside), it is as if it never came."""
        before = self._jobs.get(ping.job_id, [])
        rows, after = _start(before, ping, now) if ping.action is Action.START else _report(before, ping, now)
        yield rows
        if after != before:
            self._jobs[ping.job_id] = _bounded(after, now)
            self._is_saved = False

    def save(self) -> None:
        """Write the runs durably if they changed; raises OSError."""
        if self._is_saved:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        beside = self._path.with_suffix(".new")
        with beside.open("wb") as file:
            file.write(orjson.dumps({job: [asdict(run) for run in runs] for job, runs in self._jobs.items()}))
            file.flush()
            os.fsync(file.fileno())
        beside.rename(self._path)
        self._is_saved = True


def _read(path: Path) -> dict[str, list[KnownRun]]:
    content = orjson.loads(path.read_bytes())
    return {
        job: [KnownRun(**{**run, "started_at": datetime.fromisoformat(run["started_at"])}) for run in runs]
        for job, runs in content.items()
    }


def _row(ping: Ping, run_id: str, status: RunStatus, now: datetime, started_at: datetime | None) -> RefreshRun:
    is_over = status is not RunStatus.RUNNING
    return RefreshRun(
        ping.job_id, run_id, SOURCE, status, now, started_at, now if is_over else None, message=ping.message
    )


def _start(runs: list[KnownRun], ping: Ping, now: datetime) -> tuple[list[RefreshRun], list[KnownRun]]:
    known = _find(runs, ping)
    if known and ping.rid and known.is_open:
        return [_row(ping, known.run_id, RunStatus.RUNNING, now, known.started_at)], runs
    started = KnownRun(ping.rid or str(uuid.uuid4()), now, ping.rid is not None)
    rows = [_row(ping, started.run_id, RunStatus.RUNNING, now, now)]
    if known and not ping.rid:
        lost = replace(ping, message=NEVER_ENDED)
        rows.insert(0, _row(lost, known.run_id, RunStatus.CANCELLED, now, known.started_at))
    return rows, [*(run for run in runs if run is not known), started]


def _report(runs: list[KnownRun], ping: Ping, now: datetime) -> tuple[list[RefreshRun], list[KnownRun]]:
    known = _find(runs, ping)
    if ping.action is Action.LOG:
        if known and known.is_open:
            return [_row(ping, known.run_id, RunStatus.RUNNING, now, known.started_at)], runs
        return [_row(ping, str(uuid.uuid4()), RunStatus.SKIPPED, now, None)], runs
    status = RunStatus.SUCCEEDED if ping.action is Action.SUCCESS else RunStatus.FAILED
    if known is None:
        return [_row(ping, ping.rid or str(uuid.uuid4()), status, now, None)], runs
    ended = [replace(run, is_open=False) if run is known else run for run in runs]
    return [_row(ping, known.run_id, status, now, known.started_at)], ended


def _find(runs: list[KnownRun], ping: Ping) -> KnownRun | None:
    """The run a ping is about: the one of its rid, open or not, or the open one without a rid."""
    if ping.rid:
        return next((run for run in runs if run.run_id == ping.rid), None)
    return next((run for run in runs if run.is_open and not run.has_rid), None)


def _bounded(runs: list[KnownRun], now: datetime) -> list[KnownRun]:
    recent = [run for run in runs if now - run.started_at < FORGET_AFTER]
    still_open = [run for run in recent if run.is_open][-MOST_OPEN:]
    ended = [run for run in recent if not run.is_open][-MOST_ENDED:]
    return sorted(still_open + ended, key=lambda run: run.started_at)
