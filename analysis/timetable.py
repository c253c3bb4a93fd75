"""When the clock wants a refresh run: due times, latest starts and deadlines of an expectation.

All times are naive UTC. Cron runs as Debian's does when clocks change: a fixed time in the skipped hour is due at its
end, one in the repeated hour is due once, and steps such as `*/30` follow the real time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from itertools import takewhile
from zoneinfo import ZoneInfo

from cronsim import CronSim

from analysis.timetable_calendar import is_workday, nth_workday
from config.refreshes import Calendar, Expectation

INSTANT = timedelta(microseconds=1)
DAY = timedelta(days=1)
MONTH = timedelta(days=31)
MOST_REST_DAYS = 1_000  # in a row; a calendar that rests longer never wants a run
MOST_MONTHS = 120


def due_times(expectation: Expectation, calendar: Calendar | None, first: datetime, until: datetime) -> list[datetime]:
    """Due times in [first, until), in order; none for an expectation that no clock drives."""
    if expectation.cron is not None:
        months = _months(first, until)
        times = (at for month in months for at in _cron_month(expectation.cron, expectation.timezone, *month))
        wanted = [at for at in times if first <= at < until]
        return [at for at in wanted if not rests(expectation, calendar, at)] if calendar else wanted
    if expectation.workday is not None:
        found = (_workday_time(expectation, calendar, *month) for month in _months(first - DAY, until + DAY))
        return [at for at in found if at is not None and first <= at < until]
    return []


def next_due(expectation: Expectation, calendar: Calendar | None, after: datetime) -> datetime | None:
    """The first due time after an instant; None where no clock drives the expectation or its calendar always rests."""
    if expectation.cron is not None:
        return _next_cron(expectation, expectation.cron, calendar, after)
    if expectation.workday is not None:
        found = (_workday_time(expectation, calendar, *month) for month in _months(after - DAY, None))
        return next((at for at in found if at is not None and at > after), None)
    return None


def previous_due(expectation: Expectation, calendar: Calendar | None, before: datetime) -> datetime | None:
    """The last due time before an instant; None where no clock drives the expectation or ten years had none."""
    if expectation.cron is None and expectation.workday is None:
        return None
    for year, month in reversed(list(_months(before - MOST_MONTHS * MONTH, before))):
        end = min(before, _month_start(year, month + 1))
        found = due_times(expectation, calendar, _month_start(year, month), end)
        if found:
            return found[-1]
    return None


def rests(expectation: Expectation, calendar: Calendar | None, at: datetime) -> bool:
    """Whether the business rests on the local day of an instant."""
    return calendar is not None and not is_workday(calendar, _local_date(at, expectation.timezone))


def start_by(expectation: Expectation, due_at: datetime) -> datetime:
    """The latest start that is on time: the start margin after the due time, never after the deadline."""
    margin = due_at + timedelta(seconds=expectation.start_margin_seconds)
    return min(margin, deadline(expectation, due_at))


def deadline(expectation: Expectation, due_at: datetime) -> datetime:
    """When a run must have finished: the seconds after the due time, or the next time the local clock shows it."""
    seconds = deadline_after(expectation)
    if seconds is not None:
        return due_at + timedelta(seconds=seconds)
    clock = time.fromisoformat(expectation.deadline or "")
    day = _local_date(due_at, expectation.timezone)
    at = _utc(datetime.combine(day, clock), expectation.timezone)
    return at if at >= due_at else _utc(datetime.combine(day + DAY, clock), expectation.timezone)


def deadline_after(expectation: Expectation) -> float | None:
    """Seconds from the due time to the deadline; None where the deadline is a time of the clock.

    Without a deadline of its own a run may start at the end of the start margin and take its `max_seconds`, or as long
    as the margin.
    """
    if expectation.deadline is not None:
        return None
    if expectation.deadline_seconds is not None:
        return expectation.deadline_seconds
    margin = expectation.start_margin_seconds
    return margin + (margin if expectation.max_seconds is None else expectation.max_seconds)


def _cron_after(cron: str, zone: str, after: datetime) -> Iterator[datetime]:
    """Due times after an instant, strictly increasing.

    CronSim forgets in which of two repeated hours it starts, so what it finds may lie before the start.
    """
    last = after
    for local in CronSim(cron, after.replace(tzinfo=UTC).astimezone(_zone(zone))):
        at: datetime = local.astimezone(UTC).replace(tzinfo=None)
        if at > last:
            yield at
            last = at


@lru_cache(maxsize=8192)
def _cron_month(cron: str, zone: str, year: int, month: int) -> tuple[datetime, ...]:
    """The due times of a month of UTC; kept, because every pass asks for nearly the same ones."""
    start, end = _month_start(year, month), _month_start(year, month + 1)
    return tuple(takewhile(lambda at: at < end, _cron_after(cron, zone, start - INSTANT)))


def _next_cron(expectation: Expectation, cron: str, calendar: Calendar | None, after: datetime) -> datetime | None:
    zone = expectation.timezone
    for _ in range(MOST_REST_DAYS):
        at = next(_cron_after(cron, zone, after), None)
        if at is None or not rests(expectation, calendar, at):
            return at
        tomorrow = _utc(datetime.combine(_local_date(at, zone) + DAY, time()), zone)
        after = max(at, tomorrow - INSTANT)
    return None


def _workday_time(expectation: Expectation, calendar: Calendar | None, year: int, month: int) -> datetime | None:
    day = nth_workday(calendar, year, month, expectation.workday or 1)
    if day is None:
        return None
    return _utc(datetime.combine(day, time.fromisoformat(expectation.at or "00:00")), expectation.timezone)


def _months(first: datetime, until: datetime | None) -> Iterator[tuple[int, int]]:
    """Year and month of all months from one instant to another, or of the next ten years."""
    month = first.year * 12 + first.month - 1
    last = month + MOST_MONTHS if until is None else until.year * 12 + until.month - 1
    for count in range(month, last + 1):
        yield count // 12, count % 12 + 1


def _month_start(year: int, month: int) -> datetime:
    """The beginning of a month; the thirteenth is the first of the next year."""
    return datetime(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def _utc(local: datetime, zone: str) -> datetime:
    """The instant at which a local clock shows a time: the first of two, or the end of the hour that is skipped."""
    at = local.replace(tzinfo=_zone(zone))
    while at.astimezone(UTC).astimezone(at.tzinfo).replace(tzinfo=None) != at.replace(tzinfo=None):
        at += timedelta(minutes=1)
    return at.astimezone(UTC).replace(tzinfo=None)


def _local_date(at: datetime, zone: str) -> date:
    return at.replace(tzinfo=UTC).astimezone(_zone(zone)).date()


def _zone(name: str) -> tzinfo:
    return UTC if name == "UTC" else ZoneInfo(name)  # CronSim is faster with this UTC
