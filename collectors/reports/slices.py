"""From the result of a measure's statement to its value, its days, or the segments of a day; pure functions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal

from analysis.reports.hops import Slice
from collectors.base import SourceError
from collectors.points import Result
from store.parameters import Bound

NO_SEGMENT = "(none)"
SHOWN = 40  # characters of a value that a message shows


@dataclass(frozen=True, slots=True)
class Days:
    """What a source has by day; `written` is how it wrote each day, for it to be asked about that day again."""

    slices: Sequence[Slice[date | None]] = ()
    written: Mapping[date | None, Bound] = field(default_factory=dict)


def read_total(result: Result) -> float | None:
    """The value of a result with one row, None for null; raises SourceError for another shape or no number."""
    names = [name.lower() for name in result.columns]
    expected = "expected one row with `value`"
    if len(result.rows) != 1:
        raise SourceError(f"the statement returned {_counted(result)}, {expected}")
    if names != ["value"]:
        raise SourceError(f"the statement returned {', '.join(names)}, {expected}")
    return _number("value", result.rows[0][0])


def read_days(result: Result) -> Days:
    """The days of a result with `day`, `value` and `rows`; raises SourceError for what cannot be read."""
    slices: list[Slice[date | None]] = []
    written: dict[date | None, Bound] = {}
    for found, value, rows in _rows(result, "day"):
        day = _day(found)
        if day in written:
            raise SourceError(f"the statement returned two rows for {_day_text(day)}, expected one row a day")
        written[day] = found if isinstance(found, str | int | date) else None
        slices.append(Slice(day, value, rows))
    return Days(slices, written)


def read_segments(result: Result) -> list[Slice[str]]:
    """The segments of a result with `segment`, `value` and `rows`; raises SourceError for what cannot be read."""
    found = [Slice(_segment(name), value, rows) for name, value, rows in _rows(result, "segment")]
    names = [one.name for one in found]
    twice = next((name for name in names if names.count(name) > 1), None) if len(set(names)) < len(names) else None
    if twice is not None:
        raise SourceError(f"the statement returned two rows for {twice}, expected one row a segment")
    return found


def _rows(result: Result, first: str) -> list[tuple[object, float | None, int]]:
    """`row_count` may stand for `rows`, which some databases keep for themselves."""
    names = ["rows" if name.lower() == "row_count" else name.lower() for name in result.columns]
    if sorted(names) != sorted([first, "value", "rows"]):
        raise SourceError(f"the statement returned {', '.join(names)}, expected {first}, value, rows")
    at = [names.index(name) for name in (first, "value", "rows")]
    return [(row[at[0]], _number("value", row[at[1]]), _count(row[at[2]])) for row in result.rows]


def _number(column: str, found: object) -> float | None:
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, int | float | Decimal):
        raise SourceError(f"the statement returned {column} {_shown(found)}, expected a number; cast it there")
    try:
        number = float(found)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise SourceError(f"the statement returned {column} {_shown(found)}, expected a finite number")
    return number


def _count(found: object) -> int:
    number = _number("rows", found)
    if number is None or number < 0 or number != int(number):
        raise SourceError(f"the statement returned rows {_shown(found)}, expected a count")
    return int(number)


def _day(found: object) -> date | None:
    """`found` as a day; a time with a zone is the day of UTC."""
    try:
        if isinstance(found, str | int) and not isinstance(found, bool):
            found = datetime.fromisoformat(str(found).strip())
    except ValueError as error:
        raise SourceError(f"the statement returned day {_shown(found)}, expected a date such as 2026-11-12") from error
    if isinstance(found, datetime):
        return (found.astimezone(UTC) if found.tzinfo else found).date()
    if found is None or isinstance(found, date):
        return found
    raise SourceError(f"the statement returned day {_shown(found)}, expected a date such as 2026-11-12")


def _segment(found: object) -> str:
    """The name of a segment: 1, 1.0 and '1 ' are the same one in different databases."""
    if found is None:
        return NO_SEGMENT
    is_whole = isinstance(found, float | Decimal) and math.isfinite(found) and found == int(found)
    found = int(found) if is_whole and isinstance(found, float | Decimal) else found
    return str(found).lower() if isinstance(found, bool) else str(found).rstrip()


def _counted(result: Result) -> str:
    return f"{len(result.rows):,} rows" if result.rows else "no rows"


def _day_text(day: date | None) -> str:
    return "no day" if day is None else day.isoformat()


def _shown(found: object) -> str:
    text = repr(found)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
