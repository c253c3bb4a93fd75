"""On which days a business works, by its calendar."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import holidays

from config.refreshes import Calendar

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEK = Calendar(id="week")


def is_workday(calendar: Calendar, day: date) -> bool:
    """Whether work is done on a day: always if it is named as open, otherwise if nothing makes it a rest day."""
    if day in calendar.open:
        return True
    if WEEKDAYS[day.weekday()] in calendar.weekend or day in calendar.closed:
        return False
    return calendar.country is None or day not in _holidays(calendar.country, calendar.subdivision, day.year)


def nth_workday(calendar: Calendar | None, year: int, month: int, nth: int) -> date | None:
    """The nth workday of a month, from its end where nth is negative; None where the month has fewer.

    Without a calendar Monday to Friday are workdays.
    """
    first = date(year, month, 1)
    days = (first + timedelta(days=count) for count in range(31))
    worked = [day for day in days if day.month == month and is_workday(calendar or WEEK, day)]
    place = nth - 1 if nth > 0 else nth
    return worked[place] if -len(worked) <= place < len(worked) else None


@lru_cache(maxsize=4096)
def _holidays(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, subdiv=subdivision, years=year))
