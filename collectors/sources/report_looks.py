"""Looks at reports as people see them: rendered, photographed, their numbers proven; and, as a trial, at our own pages.

A run begins looks while it is young and leaves the rest to the next one, so that reports that wait longest come first.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from collectors import notes
from collectors.base import Collector, Context, Piece, Yield
from collectors.reports import canary
from collectors.reports.base import Target
from collectors.reports.rounds import due, targets
from config.estate import Estate
from store.rows import CheckerTrial, CheckState, Fault

if TYPE_CHECKING:  # a browser is only started where there is something to look at
    from collectors.reports.browser import Slot
    from collectors.reports.looking import Desk, Outcome
    from collectors.reports.memory import Remembered
    from collectors.reports.pool import Pool

COLLECTOR = Collector(
    name="report_looks",
    group="browser",
    every=timedelta(seconds=30),
    timeout=timedelta(minutes=5),
    help="Renders every report with `check: browser` at its own `every_seconds` and compares its numbers.",
    settle=timedelta(seconds=10),
)
BEGIN_SECONDS = 20.0  # then a run begins no more looks
RUN_SECONDS = 280.0
TRIAL_EVERY = timedelta(minutes=10)
AGAIN_EVERY = timedelta(minutes=1)  # while the checker is broken
RETIRE_EVERY = timedelta(hours=1)
TRIALS, LOOKS, TRIED_AT, RETIRED_AT = "trials", "looks", "tried_at", "retired_at"
Key = tuple[str, str]


class NotBegunError(Exception):
    """The run was too old to begin this look; it stays due."""


def collect(ctx: Context, pages: Path = canary.PAGES) -> Iterator[Yield]:
    """A piece per look, each as soon as it is known; a checker that fails its trial on `pages` makes all unknown."""
    if not any(targets(ctx.estate)):
        return
    before = notes.read(ctx.state)
    known = {**before, LOOKS: _still_there(ctx.estate, before.get(LOOKS))}
    try:
        yield from _trials(ctx, known, pages)
        yield from _looks(ctx, known)
        _retire(ctx, known)
    finally:
        if known != before:
            notes.write(ctx.state, known)


def _looks(ctx: Context, known: dict[str, Any]) -> Iterator[Yield]:
    from collectors.reports.looking import Desk, failed
    from collectors.reports.memory import from_notes, looked_at, to_notes

    looked = {_key(name): at for name, found in known[LOOKS].items() if (at := looked_at(found))}
    waiting = {target.key: target for target in due(ctx.estate, looked, ctx.now)}
    if not waiting:
        return
    memories = {key: from_notes(known[LOOKS].get("|".join(key))) for key in waiting}
    desk, began, broken = Desk(ctx.settings, ctx.estate.private_hosts), time.monotonic(), _broken(known)
    work = {key: partial(_look, target, desk, memories[key], began, ctx.now) for key, target in waiting.items()}
    for key, answer in _pool(ctx.settings.browser_workers).run(work, RUN_SECONDS):
        if isinstance(answer, NotBegunError):
            continue
        if isinstance(answer, BaseException):
            said = f"The look itself failed: {type(answer).__name__}: {answer}".split("\n")[0]
            answer = failed(waiting[key], Fault.CHECKER_FAILED, said, ctx.now)
            answer = replace(answer, memory=replace(memories[key], looked_at=ctx.now))
        yield Piece(f"{':'.join(key)}:{ctx.now.isoformat()}", rows=_doubted(answer, broken).rows)
        known[LOOKS]["|".join(key)] = to_notes(answer.memory)


def _look(target: Target, desk: Desk, memory: Remembered, began: float, began_at: datetime, slot: Slot) -> Outcome:
    from collectors.reports.looking import look

    age = time.monotonic() - began
    if age > BEGIN_SECONDS:
        raise NotBegunError
    return look(slot, target, desk, memory, began_at + timedelta(seconds=age))


def _doubted(outcome: Outcome, broken: str) -> Outcome:
    """Nothing that a broken checker says is believed."""
    if not broken:
        return outcome
    said = f"The checker is broken, so nobody knows ({broken}). It found: {outcome.check.message}"
    unknown = CheckState.UNKNOWN
    check = replace(outcome.check, state=unknown, confirmed=unknown, fault=Fault.CHECKER_BROKEN, message=said)
    return replace(outcome, check=check)


def _trials(ctx: Context, known: dict[str, Any], pages: Path) -> Iterator[Yield]:
    """Try the checker on pages of our own, one after another, when it is time."""
    from collectors.reports.looking import Desk, look
    from collectors.reports.memory import Remembered

    every = AGAIN_EVERY if _broken(known) else TRIAL_EVERY
    if not _is_time(known.get(TRIED_AT), every, ctx.now):
        return
    folder = ctx.state.parent / "canary"
    desk = Desk(ctx.settings.model_copy(update={"home": folder, "estate": folder}))

    def try_case(case: str, address: str, slot: Slot) -> CheckerTrial:
        started = time.perf_counter()
        found = look(slot, canary.target(case, address, folder), desk, Remembered(), ctx.now)
        return canary.trial(case, ctx.now, found.check.fault, time.perf_counter() - started)

    rows = []
    with canary.served(pages) as address:
        work = {case: partial(try_case, case, address) for case in canary.cases(pages)}
        for case, answer in _pool(ctx.settings.browser_workers).run(work, RUN_SECONDS):
            if isinstance(answer, BaseException):
                said = f"The trial itself failed: {type(answer).__name__}: {answer}".split("\n")[0]
                answer = CheckerTrial(
                    case, ctx.now, False, canary.cases(pages)[case], Fault.CHECKER_FAILED, message=said
                )
            rows.append(answer)
    yield Piece(f"trials:{ctx.now.isoformat()}", rows=tuple(rows))
    known[TRIED_AT] = ctx.now.isoformat()
    known[TRIALS] = {row.case_id: row.message for row in rows if not row.is_right and row.found is not Fault.NO_BROWSER}


def _broken(known: Mapping[str, Any]) -> str:
    """What the newest trials found wrong with the checker, in words; empty when it is right."""
    found = known.get(TRIALS) or {}
    return "; ".join(f"{case.replace('_', ' ')}: {str(said).rstrip('.')}" for case, said in sorted(found.items()))


def _retire(ctx: Context, known: dict[str, Any]) -> None:
    """Delete old pictures."""
    from collectors.reports.snapshot_folder import retire

    if not _is_time(known.get(RETIRED_AT), RETIRE_EVERY, ctx.now):
        return
    retire(ctx.settings.snapshot_path, ctx.now - timedelta(days=ctx.settings.snapshot_days))
    known[RETIRED_AT] = ctx.now.isoformat()


def _is_time(last: object, every: timedelta, now: datetime) -> bool:
    try:
        at = datetime.fromisoformat(str(last))
    except ValueError:
        return True
    return now - at >= every or at > now


def _still_there(estate: Estate, looks: object) -> dict[str, Any]:
    """The notes of targets that the estate still names."""
    names = {"|".join(target.key) for target in targets(estate)}
    return {name: found for name, found in looks.items() if name in names} if isinstance(looks, dict) else {}


def _key(name: str) -> Key:
    report, _, persona = name.partition("|")
    return report, persona


@lru_cache(maxsize=1)
def _pool(workers: int) -> Pool:
    """The browsers of this process, kept from run to run."""
    from collectors.reports.pool import Pool

    return Pool(workers)
