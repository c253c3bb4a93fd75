"""Where on its way from the source to the page a number first goes wrong: the hop, then the day, then the segment.

The days of two hops are compared whole, each side asked once with a grouped statement. Halving the range would scan the
same rows in more round trips, and two errors that cancel out within a half would stay hidden.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from config.reports import Tolerance

PAGE = "page"  # the last hop of every number
NOISE = 1e-9  # sums of the same rows differ by this much of themselves from one database to the next
EXACT = Tolerance()
Name = TypeVar("Name", bound=date | str | None)


@dataclass(frozen=True, slots=True)
class HopValue:
    """The value at one hop, or the `problem` (a sentence) why it is not known; a value of None is a null.

    `allowed` is how far it may lie from the hop before, where that is more than the tolerance: what a page rounds away.
    """

    hop: str
    title: str
    value: float | None = None
    problem: str | None = None
    allowed: float = 0.0


@dataclass(frozen=True, slots=True)
class Wrong:
    """Positions: of the first wrong hop, of the one it differs from, and of those between that are not known.

    `right_again` is the next known hop when that one agrees with the one before the wrong one.
    """

    position: int
    before: int
    unknown: tuple[int, ...] = ()
    right_again: int | None = None


@dataclass(frozen=True, slots=True)
class Slice(Generic[Name]):
    """What a hop has for one day (None: rows without a day) or one segment: the value, None for null, and its rows."""

    name: Name
    value: float | None
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class Difference(Generic[Name]):
    """A day or a segment in which two hops differ; a hop without it has no value and no rows there."""

    name: Name
    value_before: float | None
    value_here: float | None
    rows_before: int | None = None
    rows_here: int | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """The first wrong day and the segment in it that is furthest off; `note` says why one of them is not known."""

    day: Difference[date | None] | None = None
    segment: Difference[str] | None = None
    note: str = ""


def first_wrong(values: Sequence[HopValue], tolerance: Tolerance) -> Wrong | None:
    """The first hop, source first, whose value differs from the last known one before it; None when all known agree.

    A hop that is not known is passed over: the number may have gone wrong there already.
    """
    before: int | None = None
    unknown: list[int] = []
    for position, here in enumerate(values):
        if here.problem is not None:
            unknown.append(position)
            continue
        if before is not None and differs(values[before].value, here.value, tolerance, here.allowed):
            between = tuple(one for one in unknown if one > before)
            return Wrong(position, before, between, _right_again(values, position, before, tolerance))
        before = position
    return None


def _right_again(values: Sequence[HopValue], wrong: int, before: int, tolerance: Tolerance) -> int | None:
    later = [(at, one) for at, one in enumerate(values) if at > wrong and one.problem is None]
    if later and not differs(values[before].value, later[0][1].value, tolerance, later[0][1].allowed):
        return later[0][0]
    return None


def differs(before: float | None, here: float | None, tolerance: Tolerance, allowed: float = 0.0) -> bool:
    """Whether two values lie further apart than they may; a null differs from every number."""
    if before is None or here is None:
        return before is not here
    size = max(abs(before), abs(here))
    return abs(before - here) > max(tolerance.absolute, tolerance.relative * abs(before), allowed, NOISE * size)


def first_wrong_day(
    before: Sequence[Slice[date | None]], here: Sequence[Slice[date | None]], tolerance: Tolerance
) -> Difference[date | None] | None:
    """The first day that differs; rows without a day come last. None when all days agree, in their rows too."""
    return _first(before, here, tolerance, lambda one: (one.name is None, one.name or date.max))


def worst_segment(
    before: Sequence[Slice[str]], here: Sequence[Slice[str]], tolerance: Tolerance
) -> Difference[str] | None:
    """The segment that differs most, in its value or otherwise in its rows; None when all agree."""
    return _first(before, here, tolerance, lambda one: (-_distance(one), -_rows_apart(one), one.name))


def _first(
    before: Sequence[Slice[Name]],
    here: Sequence[Slice[Name]],
    tolerance: Tolerance,
    order: Callable[[Difference[Name]], tuple[object, ...]],
) -> Difference[Name] | None:
    """The first in `order` that differs beyond the tolerance, otherwise at all, otherwise in its rows.

    A total may be off by many small differences that are each within the tolerance.
    """
    pairs = sorted(_pairs(before, here), key=order)
    for kind in (lambda one: _values_differ(one, tolerance), lambda one: _values_differ(one, EXACT), _rows_apart):
        found = next((one for one in pairs if kind(one)), None)
        if found is not None:
            return found
    return None


def _pairs(before: Sequence[Slice[Name]], here: Sequence[Slice[Name]]) -> list[Difference[Name]]:
    """Every day or segment of either hop, with what both have for it."""
    left, right = {one.name: one for one in before}, {one.name: one for one in here}
    found = []
    for name in left | right:
        one, other = (side.get(name) or Slice(name, None, 0) for side in (left, right))
        found.append(Difference(name, one.value, other.value, one.rows, other.rows))
    return found


def _values_differ(one: Difference[Name], tolerance: Tolerance) -> bool:
    """A hop without such rows counts as 0 there: an empty day of a dense calendar is no difference in value."""
    before = 0.0 if one.value_before is None and one.rows_before == 0 else one.value_before
    here = 0.0 if one.value_here is None and one.rows_here == 0 else one.value_here
    if one.value_before is None and one.value_here is None:
        return False
    return differs(before, here, tolerance)


def _distance(one: Difference[Name]) -> float:
    return abs((one.value_here or 0.0) - (one.value_before or 0.0))


def _rows_apart(one: Difference[Name]) -> int:
    return 0 if one.rows_before is None or one.rows_here is None else abs(one.rows_here - one.rows_before)
