"""What the collectors of refresh runs share: names of jobs, times, and sending a run again only when it changed.

A source's part of the notes is `seen` (a digest per run that was sent), `sent` (how many batches), and the `memo` that
its asker leaves for the next run. Notes that are lost cost a repetition, never a fact.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import orjson

from collectors import notes
from collectors.base import Context, Piece, SourceError
from collectors.parallel import finished
from config.estate import Estate
from store.clock import to_utc
from store.rows import RefreshRun

WORKERS = 8
BATCH_ROWS = 2_000
ANY_TIME = datetime(1970, 1, 1)
Memo = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """What one source told: its runs, a sentence when it could not tell all, and the `memo` for its next run.

    `is_all` says that runs which are missing here need not be remembered: they are older than what was asked for.
    """

    runs: Sequence[RefreshRun] = ()
    problem: str | None = None
    memo: Memo = field(default_factory=dict)
    is_all: bool = True


Ask = Callable[[Memo], Told]


class JobNames:
    """The estate's job for a name at a source: the one `reported_as` it, else the one with that id, else the name."""

    def __init__(self, estate: Estate | None, collector: str) -> None:
        jobs = [job for job in estate.jobs if job.collector in {"", collector}] if estate else []
        self._ids = {job.id: job.id for job in jobs} | {job.reported_as: job.id for job in jobs if job.reported_as}

    def __call__(self, *names: str) -> str:
        """The job called by any of `names`, most exact first; the last of them when the estate has none."""
        return next((self._ids[name] for name in names if name in self._ids), names[-1])


def as_object(found: object, expected: str) -> dict[str, Any]:
    """`found` when it is a JSON object; raises SourceError otherwise."""
    if not isinstance(found, dict):
        raise SourceError(f"a run is {type(found).__name__}, {expected}")
    return found


def key_of(run: RefreshRun) -> str:
    """What a run is noted under."""
    return f"{run.job_id} {run.run_id}"


def instant(found: object, what: str) -> datetime | None:
    """`found` (ISO text or seconds since 1970) as naive UTC; None for nothing. Raises SourceError naming `what`."""
    if found is None or found == "":
        return None
    try:
        if isinstance(found, int | float) and not isinstance(found, bool):
            return to_utc(datetime.fromtimestamp(found, UTC))
        if isinstance(found, str):
            return to_utc(datetime.fromisoformat(found))
    except (ValueError, OverflowError, OSError) as error:
        raise SourceError(f"{what} is {found!r}, expected a time in ISO form") from error
    raise SourceError(f"{what} is {found!r}, expected a time in ISO form")


def late_after(seconds: float) -> Callable[[], bool]:
    """Tells whether `seconds` have passed since now."""
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


def send_changed(ctx: Context, work: Mapping[str, Ask], seconds: float, workers: int = WORKERS) -> Iterator[Piece]:
    """Pieces with the runs that are new or changed since the last time, by source id; one that fails stops no other."""
    known = notes.read(ctx.state)
    kept = {source_id: known[source_id] for source_id in work if source_id in known}
    asked = {source_id: partial(ask, kept.get(source_id, {}).get("memo", {})) for source_id, ask in work.items()}
    try:
        for source_id, answer in finished(asked, workers, seconds):
            if isinstance(answer, BaseException):
                yield Piece(f"problem:{source_id}", problem=_sentence(source_id, answer))
                continue
            yield from _pieces(source_id, answer, kept)
    finally:
        if kept != known:
            notes.write(ctx.state, kept)


def _pieces(source_id: str, told: Told, kept: dict[str, Any]) -> Iterator[Piece]:
    """What changed, in batches; each is noted when it was taken."""
    before = kept.get(source_id, {})
    seen, sent = dict(before.get("seen", {})), int(before.get("sent", 0))
    runs = {key_of(run): run for run in told.runs}
    digests = {name: _digest(run) for name, run in runs.items()}
    changed = [name for name in runs if seen.get(name) != digests[name]]
    for start in range(0, len(changed), BATCH_ROWS):
        names = changed[start : start + BATCH_ROWS]
        rows = tuple(runs[name] for name in names)
        # The number of the batch lets a run go back to a state that it had before.
        yield Piece(f"{source_id}:{sent}:{_digest(*rows)}", rows=rows)
        sent += 1
        seen |= {name: digests[name] for name in names}
        kept[source_id] = {**before, "seen": seen, "sent": sent}
    memory = digests if told.is_all and not told.problem else seen | digests
    kept[source_id] = {"seen": memory, "sent": sent, "memo": dict(told.memo)}
    if told.problem:
        yield Piece(f"problem:{source_id}", problem=told.problem)


def _digest(*runs: RefreshRun) -> str:
    """What a run says, whenever it was collected."""
    facts = [astuple(replace(run, collected_at=ANY_TIME)) for run in runs]
    return hashlib.sha256(orjson.dumps(facts)).hexdigest()[:16]


def _sentence(source_id: str, error: BaseException) -> str:
    """An error of ours says it all; of any other only the kind is told, as its text may show a password."""
    if isinstance(error, SourceError):
        return str(error)
    return f"{source_id}: {str(error) if isinstance(error, TimeoutError) else type(error).__name__}; ask it by hand."
