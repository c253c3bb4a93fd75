"""From the result of a metric's statement to its data points; pure functions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from collectors.base import SourceError
from store.clock import to_utc
from store.rows import DataPoint

EXPECTED = "expected one row with `value`, or rows with `observed_at`, `value` and optionally `size`"
SHAPES = ({"value"}, {"observed_at", "value"}, {"observed_at", "value", "size"})
EARLIEST = datetime(1900, 1, 1)
AHEAD = timedelta(days=3653)  # what lies beyond is an open end (9999-12-31), not a time of a value


@dataclass(frozen=True, slots=True)
class Result:
    """What a statement returned: names of columns and rows of Python values."""

    columns: Sequence[str]
    rows: Sequence[Sequence[object]]


def read_points(metric_id: str, result: Result, now: datetime) -> tuple[list[DataPoint], str | None]:
    """The points in time order, and a sentence about rows that have no value (NULL or not finite), if there are any.

    A result with `value` alone is one point at `now`. Raises SourceError when the result has another shape, a value
    that is no number, a time that is none or before 1900 or over ten years ahead, or two rows for one time.
    """
    names = [name.lower() for name in result.columns]
    if set(names) not in SHAPES or len(set(names)) != len(names):
        raise SourceError(f"metric {metric_id} returned {', '.join(names) or 'no column'}, {EXPECTED}.")
    rows = [dict(zip(names, row, strict=True)) for row in result.rows]
    if "observed_at" not in names and len(rows) != 1:
        raise SourceError(f"metric {metric_id} returned {len(rows)} rows without `observed_at`, {EXPECTED}.")
    points: dict[datetime, DataPoint] = {}
    missing = 0
    for row in rows:
        observed_at = _instant(metric_id, row["observed_at"]) if "observed_at" in row else now
        if not EARLIEST <= observed_at <= now + AHEAD:
            raise SourceError(
                f"metric {metric_id} returned observed_at {observed_at}, expected a time from 1900 to "
                f"{(now + AHEAD).year}; leave such rows out in the statement."
            )
        value = _number(metric_id, "value", row["value"])
        if value is None:
            missing += 1
            continue
        if observed_at in points:
            raise SourceError(f"metric {metric_id} returned two rows for {observed_at}; group them by observed_at.")
        size = _number(metric_id, "size", row.get("size"))
        points[observed_at] = DataPoint(metric_id, observed_at, now, value, size)
    return [points[at] for at in sorted(points)], _missing(metric_id, missing)


def _missing(metric_id: str, rows: int) -> str | None:
    """The sentence about rows without a value."""
    if not rows:
        return None
    said = "1 row without a value; it was" if rows == 1 else f"{rows} rows without a value; they were"
    return f"metric {metric_id} returned {said} left out."


def _number(metric_id: str, column: str, found: object) -> float | None:
    """`found` as a number; None when it is NULL or not finite."""
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, int | float | Decimal):
        raise SourceError(
            f"metric {metric_id} returned {column} {found!r}, expected a number; cast it in the statement."
        )
    try:
        number = float(found)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _instant(metric_id: str, found: object) -> datetime:
    """`found` as naive UTC; a time without a zone is taken to be UTC, a day is its midnight."""
    try:
        if isinstance(found, str):
            found = datetime.fromisoformat(found)
        if isinstance(found, datetime):
            return to_utc(found)
    except (ValueError, OverflowError) as error:
        raise SourceError(f"metric {metric_id} returned observed_at {found!r}, expected a time in ISO form.") from error
    if isinstance(found, date):
        return datetime.combine(found, time())
    raise SourceError(f"metric {metric_id} returned observed_at {found!r}, expected a time; cast it in the sql.")
