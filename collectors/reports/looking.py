"""One look at a report: rendered, read, proven, photographed; repeated at once in a fresh browser when it is bad."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from playwright.sync_api import Error

from analysis.reports.confirmation import confirm
from analysis.reports.maintenance import is_planned
from collectors.reach import Reach
from collectors.reports import secrets, snapshots
from collectors.reports.arriving import address
from collectors.reports.base import Finding, Target, Usage, Visit, state_of
from collectors.reports.browser import BrowserGoneError, BrowserMissingError, Room, Slot
from collectors.reports.limits import LimitExceededError, Limits
from collectors.reports.memory import Remembered
from collectors.reports.proving import Proven, Prover
from collectors.reports.secrets import SecretError
from collectors.reports.snapshot_folder import mark_good, path_of
from collectors.reports.snapshots import Keeping
from collectors.reports.verdict import STAGES, after_first, ended, first_bad, message, speed, stages_json
from collectors.reports.visit import visit
from config.estate import Estate
from store.rows import CheckState, Fault, ReportCheck, ReportHop, ReportNumber, Row, Snapshot, Stage, StageState
from store.settings import Settings

FUTILE = (Fault.NO_BROWSER, Fault.NO_SIGN_IN, Fault.REFUSED_ADDRESS)  # another try would find the same
UNPROVABLE = (Stage.REACHABLE, Stage.LOADED, Stage.FINISHED)  # a page that failed here has no numbers to speak of
NOTHING, UNPROVEN, UNUSED = Remembered(), Proven(), Usage()
LIMIT_FAULT = {"time": Fault.UNFINISHED, "memory": Fault.TOO_HEAVY, "bytes": Fault.TOO_HEAVY}


@dataclass(frozen=True, slots=True)
class Desk:
    """What a look needs besides its target: settings, and the hosts within the house that pages may use."""

    settings: Settings
    private_hosts: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a look found, as rows; `snapshot` is its picture on disk, `memory` what the next look should know."""

    check: ReportCheck
    findings: tuple[Finding, ...]
    numbers: tuple[ReportNumber, ...] = ()
    hops: tuple[ReportHop, ...] = ()
    kept: Snapshot | None = None
    snapshot: Path | None = None
    memory: Remembered = NOTHING

    @property
    def rows(self) -> list[Row]:
        """Everything that goes into the store."""
        return [self.check, *self.numbers, *self.hops, *([self.kept] if self.kept else [])]


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One try: its stages, and what it brought as far as it came."""

    findings: tuple[Finding, ...]
    visit: Visit | None = None
    proven: Proven = UNPROVEN
    usage: Usage = UNUSED
    tls_days_left: float | None = None

    @property
    def bad(self) -> Finding | None:
        """The first stage that failed or could not be judged."""
        return first_bad(self.findings)


def look(slot: Slot, target: Target, desk: Desk, memory: Remembered, now: datetime) -> Outcome:
    """Look at the target in the slot's browser, again up to `retries` times while it is bad; the last try counts."""
    check_id = uuid.uuid4().hex
    tries = 1
    found = _attempt(slot, target, desk, memory, check_id, now)
    while tries <= target.report.confirm.retries and found.bad is not None and found.bad.fault not in FUTILE:
        slot.renew()
        tries += 1
        found = _attempt(slot, target, desk, memory, check_id, now)
    return _outcome(target, found, desk, memory, check_id, now, tries)


def look_once(estate: Estate, report_id: str, persona: str, conf: Settings, now: datetime) -> Outcome:
    """Look at one report now, in a browser of its own that is closed afterwards; remembers nothing."""
    report = next(one for one in estate.reports if one.id == report_id)
    chosen = next((one for one in report.personas if one.id == persona), None)
    slot = Slot()
    try:
        return look(slot, Target(report, chosen), Desk(conf, estate.private_hosts), Remembered(), now)
    finally:
        slot.close()


def failed(target: Target, fault: Fault, message: str, now: datetime) -> Outcome:
    """The outcome of a look that broke in a way nobody thought of: it says nothing about its report."""
    return _outcome_of_nothing(target, ended(Stage.REACHABLE, fault, message), now)


def _outcome_of_nothing(target: Target, findings: tuple[Finding, ...], now: datetime) -> Outcome:
    report_id, persona = target.key
    bad = findings[0]
    check = ReportCheck(
        report_id, now, state_of(bad.fault), bad.stage, message=bad.message, persona=persona, fault=bad.fault
    )
    return Outcome(replace(check, stages=stages_json(findings)), findings)


def _attempt(slot: Slot, target: Target, desk: Desk, memory: Remembered, check_id: str, now: datetime) -> _Attempt:
    """One try; whatever limit or missing thing ends it becomes the stage that failed."""
    report, began = target.report, time.monotonic()
    login = (target.persona and target.persona.login) or report.login
    home = desk.settings.home
    try:
        headers = secrets.headers(login, home)
        state = secrets.storage_state(login.state, home) if login and login.state else None
        reach = Reach.of(desk.private_hosts, address(target))
        prover = Prover(target, desk.settings, now, memory.earlier)
        limits, width, height = Limits.of(report), report.width, report.height
        with slot.room(limits, reach, width=width, height=height, headers=headers, storage_state=state) as room:
            seen = _visit(room, target)
            usage, days = room.usage(), _tls_days_left(room, now)
    except SecretError as error:
        return _Attempt(ended(Stage.REACHABLE, Fault.NO_SIGN_IN, str(error)))
    except BrowserMissingError as error:
        return _Attempt(ended(Stage.REACHABLE, Fault.NO_BROWSER, str(error)))
    except LimitExceededError as error:
        return _Attempt(ended(Stage.FINISHED, LIMIT_FAULT[error.kind], str(error)), usage=error.usage)
    except (BrowserGoneError, Error) as error:
        said = str(error).strip().splitlines()[0]
        return _Attempt(ended(Stage.REACHABLE, Fault.CHECKER_FAILED, f"The look itself failed: {said}"))
    bad = first_bad(seen.findings)
    proven = Proven((Finding(Stage.PARSED, StageState.SKIPPED), Finding(Stage.EQUAL, StageState.SKIPPED)))
    if bad is None or bad.stage not in UNPROVABLE:
        proven = prover.prove(seen, check_id, now, now + timedelta(seconds=time.monotonic() - began))
    findings = (*seen.findings, *proven.findings, speed(seen.useful_seconds, report.slow_seconds))
    return _Attempt(after_first(findings), seen, proven, usage, days)


def _visit(room: Room, target: Target) -> Visit:
    """The visit; a page whose own process ends is too heavy, not a failure of the checker."""
    try:
        return visit(room.page, target, room.notes)
    except Error:
        if not room.notes.has_crashed:
            raise
        said = "The page's own process crashed; look for a script in it that takes too much memory."
        return Visit(ended(Stage.FINISHED, Fault.TOO_HEAVY, said)[: STAGES.index(Stage.PARSED)])


def _tls_days_left(room: Room, now: datetime) -> float | None:
    """Days until the certificate of the page ends; None without one."""
    try:
        details = room.notes.answer.security_details() if room.notes.answer is not None else None
    except Error:
        return None
    until = details.get("validTo") if details else None
    return None if not until else (until - (now - datetime(1970, 1, 1)).total_seconds()) / 86_400


def _outcome(
    target: Target, found: _Attempt, desk: Desk, memory: Remembered, check_id: str, now: datetime, tries: int
) -> Outcome:
    report, (report_id, persona) = target.report, target.key
    folder = desk.settings.snapshot_path
    bad = found.bad
    state = state_of(bad.fault if bad else None)
    useful = found.visit.useful_seconds if found.visit else None
    keeping = _keep(folder, target, found.visit, memory, now)
    if state is CheckState.UP and keeping.file:
        mark_good(folder, target, keeping.file)
    confirmation = confirm(memory.confirmation, state, useful, report.confirm, report.slow_seconds)
    check = ReportCheck(
        report_id=report_id,
        observed_at=now,
        state=state,
        stage=bad.stage if bad else Stage.FAST,
        http_status=found.visit.http_status if found.visit else None,
        latency_seconds=useful,
        tls_days_left=found.tls_days_left,
        message=_message(found, keeping, tries),
        persona=persona,
        check_id=check_id,
        fault=bad.fault if bad else None,
        confirmed=confirmation.confirmed,
        stages=stages_json(found.findings),
        attempts=tries,
        is_planned=is_planned(report.maintenance, now) is not None,
        snapshot_id=keeping.snapshot_id,
        layout=keeping.layout,
        page_as_of_at=found.proven.page_as_of_at,
        peak_memory_bytes=found.usage.peak_memory_bytes,
        received_bytes=found.usage.received_bytes,
    )
    earlier = found.proven.earlier if found.proven.earlier is not None else memory.earlier
    kept = path_of(folder, keeping.file) if keeping.file else None
    known = Remembered(now, confirmation, earlier, keeping.known)
    return Outcome(check, found.findings, found.proven.numbers, found.proven.hops, keeping.row, kept, known)


def _keep(folder: Path, target: Target, seen: Visit | None, memory: Remembered, now: datetime) -> Keeping:
    if seen is None or seen.png is None:
        return Keeping(memory.pictures)
    return snapshots.keep(folder, target, seen.png, seen.layout, now, memory.pictures)


def _message(found: _Attempt, keeping: Keeping, tries: int) -> str:
    """The first failed stage in one sentence, or what was proven."""
    said = message(found.findings)
    again = f" Good at try {tries}." if tries > 1 and found.bad is None else ""
    return f"{said}{again}{f' {keeping.problem}' if keeping.problem else ''}"
