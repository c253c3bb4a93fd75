"""Proves the numbers of a page: its backends asked before and after, each number judged, its way walked back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from analysis.reports.as_of import read_stamp
from analysis.reports.backend_values import Asked, Backend, Past, remember
from analysis.reports.hops import PAGE
from analysis.reports.judging import Judgement, judge
from analysis.reports.lag import judge_lag
from collectors.reports.backends import Backends, Want, knows_as_of, parameters
from collectors.reports.base import Finding, Target, Visit
from collectors.reports.hops import Walk, rows, walk
from collectors.reports.memory import Way
from config.reports import Number
from store.rows import Fault, NumberState, ReportHop, ReportNumber, Stage, StageState
from store.settings import Settings

EQUAL_ORDER = (NumberState.WRONG, NumberState.STALE, NumberState.UNKNOWN)  # which of several is the verdict


@dataclass(frozen=True, slots=True)
class Proven:
    """The stages `parsed` and `equal` with what they rest on; `earlier` is what to remember of the hops."""

    findings: tuple[Finding, ...] = ()
    numbers: tuple[ReportNumber, ...] = ()
    hops: tuple[ReportHop, ...] = ()
    earlier: Mapping[str, Way] | None = None
    page_as_of_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Judged:
    number: Number
    judgement: Judgement
    walk: Walk | None = None

    @property
    def title(self) -> str:
        return self.number.title or self.number.id


class Prover:
    """The numbers of one look at `target`, which is made before the page is opened: it asks the backends at once.

    `earlier` are the values that the hops of each number had at earlier looks.
    """

    def __init__(self, target: Target, settings: Settings, now: datetime, earlier: Mapping[str, Way]) -> None:
        self._target, self._settings, self._earlier = target, settings, earlier
        self._numbers = target.report.numbers
        self._before = self._ask(Backends(settings, now), now)

    def prove(self, visit: Visit, check_id: str, observed_at: datetime, now: datetime) -> Proven:
        """The verdict on what the page showed; `now` is after it was read."""
        if not self._numbers:
            return Proven((_nothing(Stage.PARSED), _nothing(Stage.EQUAL)))
        stated = self._target.report.as_of
        stamp = read_stamp(visit.as_of_text, stated.format, stated.timezone, now).at if stated else None
        asked = Backends(self._settings, now)
        after, then = self._ask(asked, now), self._as_of(asked, stamp)
        earlier = {number.id: self._remembered(number, self._before[number.id]) for number in self._numbers}
        judged = []
        for number in self._numbers:
            past = self._earlier.get(number.id, {}).get(number.way[-1].id, ())
            backend = Backend(self._before[number.id], after[number.id], then.get(number.id), stamp, past)
            found = judge(
                number, visit.texts.get(number.id), backend, skew_seconds=self._target.report.skew_seconds, now=now
            )
            judged.append(self._walked(number, found, asked, now, earlier))
        about = (*self._target.key, check_id, observed_at)
        return Proven(
            _findings(judged),
            tuple(_number_row(one, *about) for one in judged),
            tuple(row for one in judged if one.walk for row in _hop_rows(one, one.walk, *about)),
            earlier,
            stamp,
        )

    def _ask(self, ask: Backends, now: datetime) -> dict[str, Asked]:
        given = {number.id: parameters(number, self._target.persona, now) for number in self._numbers}
        return ask.totals({number.id: Want(number.backend, given[number.id]) for number in self._numbers})

    def _as_of(self, ask: Backends, stamp: datetime | None) -> dict[str, Asked]:
        if stamp is None:
            return {}
        wanted = [number for number in self._numbers if knows_as_of(number.backend)]
        persona = self._target.persona
        return ask.totals({number.id: Want(number.backend, parameters(number, persona, stamp)) for number in wanted})

    def _walked(
        self,
        number: Number,
        found: Judgement,
        ask: Backends,
        now: datetime,
        earlier: Mapping[str, dict[str, list[Past]]],
    ) -> _Judged:
        """Walk back what is wrong or stale, and what is right too where there is more than one hop."""
        is_worth = found.state in (NumberState.WRONG, NumberState.STALE) and found.fault is not Fault.WRONG_UNIT
        if not is_worth and not (found.state is NumberState.MATCH and len(number.way) > 1):
            return _Judged(number, found)
        given = parameters(number, self._target.persona, now)
        way = walk(number, given, found.page_value, found.tolerance or 0.0, ask)
        past = self._earlier.get(number.id, {})
        for one in way.values:
            if one.hop != PAGE and one.problem is None:
                earlier[number.id][one.hop] = remember(past.get(one.hop, ()), one.value, now)
        if found.state is NumberState.MATCH and way.wrong is not None:
            found = self._upstream(found, way, past, now)
        return _Judged(number, found, way)

    def _upstream(self, found: Judgement, way: Walk, past: Way, now: datetime) -> Judgement:
        """The page shows what its backend has, and yet a hop before that differs from the one it comes from."""
        if way.wrong is None:
            return found
        here, ahead = way.values[way.wrong.position], way.values[way.wrong.before]
        if here.value is None or ahead.value is None:
            state, why = NumberState.WRONG, ""
        else:
            skew = self._target.report.skew_seconds
            allowed = max(found.tolerance or 0.0, here.allowed)
            state, why = judge_lag(here.value, ahead.value, past.get(ahead.hop, ()), allowed, skew, now)
        fault = {NumberState.WRONG: Fault.WRONG_NUMBER, NumberState.STALE: Fault.STALE_NUMBER}.get(state)
        message = f"Page and backend agree, but {here.title} differs from {ahead.title}{f': {why}' if why else ''}."
        return replace(found, state=state, fault=fault, message=message)

    def _remembered(self, number: Number, asked: Asked) -> dict[str, list[Past]]:
        """The values of all hops until now, with that of the backend when the page was opened."""
        kept = {hop: list(values) for hop, values in self._earlier.get(number.id, {}).items()}
        backend = number.way[-1].id
        kept[backend] = remember(kept.get(backend, ()), asked.number, asked.at)
        return kept


def _nothing(stage: Stage) -> Finding:
    return Finding(stage, StageState.SKIPPED, message="The estate promises no number.")


def _findings(judged: Sequence[_Judged]) -> tuple[Finding, Finding]:
    """Are all numbers readable, and do they equal their backends."""
    dark = next((one for one in judged if one.judgement.state is NumberState.UNREADABLE), None)
    if dark is not None:
        said = f"{dark.title}: {dark.judgement.message}"
        parsed = Finding(Stage.PARSED, StageState.FAILED, message=said, fault=dark.judgement.fault)
    else:
        parsed = Finding(Stage.PARSED, StageState.PASSED, message=f"{_count(len(judged))} read.")
    worst = min(
        (one for one in judged if one.judgement.state in EQUAL_ORDER),
        key=lambda one: EQUAL_ORDER.index(one.judgement.state),
        default=None,
    )
    if worst is not None:
        is_known = worst.judgement.state is not NumberState.UNKNOWN
        state = StageState.FAILED if is_known else StageState.UNKNOWN
        equal = Finding(Stage.EQUAL, state, message=_said(worst), fault=worst.judgement.fault)
    elif dark is not None and all(one.judgement.state is NumberState.UNREADABLE for one in judged):
        equal = Finding(Stage.EQUAL, StageState.SKIPPED)
    else:
        equal = Finding(Stage.EQUAL, StageState.PASSED, message=_agreed(judged))
    return parsed, equal


def _agreed(judged: Sequence[_Judged]) -> str:
    flying = sum(one.judgement.state is NumberState.IN_FLIGHT for one in judged)
    right = sum(one.judgement.state is NumberState.MATCH for one in judged)
    said = f"{_count(right)} equal to the backend"
    return f"{said}, {flying} in flight." if flying else f"{said}."


def _count(number: int) -> str:
    return "1 number" if number == 1 else f"{number} numbers"


def _said(one: _Judged) -> str:
    """The number, what is wrong with it, and from which hop on."""
    way = f" {one.walk.message}" if one.walk is not None and one.walk.wrong is not None else ""
    return f"{one.title}: {one.judgement.message}{way}"


def _number_row(one: _Judged, report_id: str, persona: str, check_id: str, observed_at: datetime) -> ReportNumber:
    found, way = one.judgement, one.walk if one.judgement.state in EQUAL_ORDER else None
    return ReportNumber(
        report_id,
        persona,
        one.number.id,
        check_id,
        observed_at,
        found.state,
        found.page_text,
        found.page_value,
        found.backend_value,
        found.tolerance,
        found.unit,
        way.hop if way else None,
        way.day if way else None,
        way.segment if way else None,
        _said(one).removeprefix(f"{one.title}: "),
    )


def _hop_rows(
    one: _Judged, way: Walk, report_id: str, persona: str, check_id: str, observed_at: datetime
) -> Iterator[ReportHop]:
    """A hop that is only on its way is not marked wrong."""
    is_wrong = one.judgement.state in EQUAL_ORDER
    for row in rows(way, report_id, persona, one.number.id, check_id, observed_at):
        yield row if is_wrong else replace(row, is_wrong=False)
