"""Walks along the hops of a number, from its source to the page, and brings the proof of where it first goes wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeVar

from analysis.reports.hop_words import explain
from analysis.reports.hops import PAGE, HopValue, Proof, Slice, Wrong, first_wrong, first_wrong_day, worst_segment
from collectors.reports.backends import DAY, Backends, Given, Want
from collectors.reports.slices import Days
from config.measures import Hop
from config.reports import Number
from store.rows import ReportHop

PAGE_TITLE = "the page"
NO_NUMBER = "the page shows no number."
Found = TypeVar("Found")
Pair = tuple[Hop, Hop]


@dataclass(frozen=True, slots=True)
class Walk:
    """The values of all hops, the page last; the first wrong one with its proof; and all of it in words."""

    values: tuple[HopValue, ...]
    wrong: Wrong | None
    proof: Proof
    message: str

    @property
    def hop(self) -> str | None:
        """The id of the first wrong hop, `page` for the page."""
        return self.values[self.wrong.position].hop if self.wrong else None

    @property
    def day(self) -> date | None:
        """The first wrong day there, where days can be told apart."""
        return self.proof.day.name if self.proof.day else None

    @property
    def segment(self) -> str | None:
        """The segment of that day that is furthest off, where segments can be told apart."""
        return self.proof.segment.name if self.proof.segment else None


def walk(number: Number, given: Given, page_value: float | None, allowed: float, ask: Backends) -> Walk:
    """All hops asked at once, then the two around the first difference by day, then that day by segment.

    `given` are the values that statements may name, `page_value` is in the unit of the contract (None: not readable),
    `allowed` is how far page and backend may lie apart. Nothing is raised: what cannot be asked is told.
    """
    answers = ask.totals({hop.id: Want(hop, given) for hop in number.way})
    values = [HopValue(hop.id, title(hop), answers[hop.id].value, answers[hop.id].problem) for hop in number.way]
    values.append(HopValue(PAGE, PAGE_TITLE, page_value, NO_NUMBER if page_value is None else None, allowed))
    wrong = first_wrong(values, number.tolerance)
    proof = Proof()
    if wrong is not None and wrong.position < len(number.way):
        proof = _prove(number, (number.way[wrong.before], number.way[wrong.position]), given, ask)
    return Walk(tuple(values), wrong, proof, explain(values, wrong, proof, number.unit))


def title(hop: Hop) -> str:
    """What a person calls it."""
    return hop.title or hop.id


def rows(
    found: Walk, report_id: str, persona: str, number_id: str, check_id: str, observed_at: datetime
) -> list[ReportHop]:
    """One row for every hop; the first wrong one has the values and row counts that prove it, and the explanation."""
    about = (report_id, persona, number_id, check_id, observed_at)
    kept = [
        ReportHop(*about, position=position, hop=one.hop, value=one.value, message=one.problem)
        for position, one in enumerate(found.values)
    ]
    if found.wrong is None:
        return kept
    here, before = found.wrong.position, found.wrong.before
    marked = replace(kept[here], is_wrong=True, day=found.day, segment=found.segment, message=found.message)
    shown = found.proof.segment or found.proof.day
    kept[here] = replace(
        marked,
        value_before=shown.value_before if shown else found.values[before].value,
        value_here=shown.value_here if shown else found.values[here].value,
        rows_before=shown.rows_before if shown else None,
        rows_here=shown.rows_here if shown else None,
    )
    return kept


def _prove(number: Number, pair: Pair, given: Given, ask: Backends) -> Proof:
    """The first wrong day, and the segment in it; as far as both hops can tell them apart."""
    blind = [title(hop) for hop in pair if hop.days_statement is None]
    if blind:
        return Proof(note=f"{' and '.join(blind)} cannot tell days apart")
    days, note = _both(pair, ask.days({hop.id: Want(hop, given) for hop in pair}), "days")
    if days is None:
        return Proof(note=note)
    day = first_wrong_day(days[0].slices, days[1].slices, number.tolerance)
    if day is None:
        return Proof(note="every single day agrees in value and rows: look at what the statement of the total adds")
    blind = [title(hop) for hop in pair if hop.segments_statement is None]
    if blind:
        return Proof(day, note=f"{' and '.join(blind)} cannot tell segments apart")
    if day.name is None:
        return Proof(day)
    segments, note = _segments(pair, days, day.name, given, ask)
    if segments is None:
        return Proof(day, note=note)
    worst = worst_segment(segments[0], segments[1], number.tolerance)
    return Proof(day, worst, "" if worst else "every single segment of that day agrees in value and rows")


def _segments(
    pair: Pair, days: tuple[Days, Days], day: date, given: Given, ask: Backends
) -> tuple[tuple[list[Slice[str]], list[Slice[str]]] | None, str]:
    """Each hop is asked for the day as it writes it itself; one that lacks the day has no segments of it."""
    wanted = {
        hop.id: Want(hop, {**given, DAY: side.written[day]})
        for hop, side in zip(pair, days, strict=True)
        if day in side.written
    }
    return _both(pair, {hop.id: [] for hop in pair} | ask.segments(wanted), "segments")


def _both(pair: Pair, answers: Mapping[str, Found | str], what: str) -> tuple[tuple[Found, Found] | None, str]:
    """The answers of the two hops, or the sentence why there are not both."""
    before, here = (answers[hop.id] for hop in pair)
    if isinstance(before, str):
        return None, f"the {what} of {title(pair[0])} could not be asked: {before}"
    if isinstance(here, str):
        return None, f"the {what} of {title(pair[1])} could not be asked: {here}"
    return (before, here), ""
