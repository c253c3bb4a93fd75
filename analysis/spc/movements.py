"""How a day compares with days like it: the same weekday, the same day of the month, the same weekday a year ago."""

from __future__ import annotations

import calendar
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np
import numpy.typing as npt

Direction = Literal["higher", "lower", "none"]

WEEK = timedelta(days=7)
WEEKS_OF_MEAN = 4
FEWEST_OF_MEAN = 2  # of the four weekdays: the mean of one day is that day
YEAR_OF_WEEKS = 52 * WEEK
LARGEST_STEADY = 0.0005  # shares below this print as 0.0 %


@dataclass(frozen=True, slots=True)
class Movement:
    """A day's `value` against `earlier`, the mean of the days `against`; `missing` says why there is none.

    `change` is in the unit of the value, `share` of the earlier one's size (0.1 is ten percent up); NaN when unknown.
    """

    name: str
    title: str
    against: tuple[date, ...]
    value: float
    earlier: float
    change: float
    share: float
    missing: str = ""

    def sentence(self, direction: Direction = "none") -> str:
        """The movement in words; `direction` is the good one, so it can say which way that went."""
        if self.missing:
            return f"Against {self.title}: unknown, {self.missing}."
        judged = verdict(self.change, self.share, direction)
        share = "" if math.isnan(self.share) else f" ({100 * self.share:+.1f} %)"
        return f"Against {self.title}: {self.change:+,.6g}{share}{', ' + judged if judged else ''}."


def verdict(change: float, share: float, direction: Direction) -> str:
    """better, worse or unchanged; empty when the change or the good direction is not known."""
    if math.isnan(change):
        return ""
    if change == 0 or abs(share) < LARGEST_STEADY:
        return "unchanged"
    if direction == "none":
        return ""
    return "better" if (change > 0) == (direction == "higher") else "worse"


def movements(values: npt.ArrayLike, times: npt.ArrayLike, day: date | None = None) -> tuple[Movement, ...]:
    """The movements of `day` (the newest when None) in daily `values` (n,) at `times` (n,), in any order.

    Several values of one day are their mean; NaN is no value. The year-ago day is 364 days back, the same weekday.
    Raises ValueError for shapes that differ, no value at all, or a `day` without one.
    """
    known = by_day(values, times)
    if not known:
        raise ValueError("Found no value on any day; expected at least one.")
    today = max(known) if day is None else day
    if today not in known:
        raise ValueError(f"There is no value on {today}; expected a day between {min(known)} and {max(known)}.")
    weekdays = tuple([today - week * WEEK for week in range(1, WEEKS_OF_MEAN + 1)])
    return (
        _against(known, today, "last_week", "the same weekday last week", weekdays[:1]),
        _against(known, today, "four_weeks", "the mean of the last 4 same weekdays", weekdays, FEWEST_OF_MEAN),
        _against(known, today, "last_month", "the same day of last month", (month_before(today),)),
        _against(known, today, "last_year", "the same weekday a year ago", (today - YEAR_OF_WEEKS,)),
    )


def month_before(day: date) -> date:
    """The same day of the month before, or its last day where that month is shorter: 31 March gives 28 February."""
    year, month = (day.year, day.month - 1) if day.month > 1 else (day.year - 1, 12)
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def by_day(values: npt.ArrayLike, times: npt.ArrayLike) -> dict[date, float]:
    """The mean of the finite `values` (n,) of each day of `times` (n,). Raises ValueError for shapes that differ."""
    y, at = np.asarray(values, dtype=np.float64), np.asarray(times, dtype="datetime64[D]")
    if y.shape != at.shape or y.ndim != 1:
        raise ValueError(f"Found {y.size} values and {at.size} times; expected one time for each value.")
    told = np.isfinite(y) & ~np.isnat(at)
    days, places = np.unique(at[told], return_inverse=True)
    means = np.bincount(places, weights=y[told]) / np.bincount(places) if days.size else np.zeros(0)
    return dict(zip(days.tolist(), means.tolist(), strict=True))


def _against(
    known: Mapping[date, float], today: date, name: str, title: str, days: tuple[date, ...], fewest: int = 1
) -> Movement:
    found = tuple([day for day in days if day in known])
    value = known[today]
    if len(found) < fewest:
        unknown = math.nan
        lacking = f"there is no value on {days[0]:%d %b %Y}" if len(days) == 1 else f"{len(found)} of them have a value"
        return Movement(name, title, found, value, unknown, unknown, unknown, lacking)
    earlier = math.fsum(known[day] for day in found) / len(found)
    change = value - earlier
    return Movement(name, title, found, value, earlier, change, change / abs(earlier) if earlier else math.nan)
