"""When a report is in a planned break. Times are naive UTC; those of a window are in its own timezone.

What recurs begins at a time of the clock and lasts for so many real seconds; when clocks change it follows
`analysis.timetable`. A time that a clock skips is the end of the hour that it skips; of one that it shows twice a
window begins with the first and ends with the second.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from config.patience import Maintenance
from config.refreshes import Expectation

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Break:
    """One occurrence of a window, from `begin_at` until before `end_at`."""

    begin_at: datetime
    end_at: datetime
    window: Maintenance


def is_planned(windows: Sequence[Maintenance], now: datetime) -> Maintenance | None:
    """The window that `now` lies in; None outside of all."""
    return next((window for window in windows if _holds(window, now)), None)


def next_window(windows: Sequence[Maintenance], now: datetime) -> Break | None:
    """The next break that has not begun; None when none is planned."""
    found = (_next(window, now) for window in windows)
    return min((one for one in found if one is not None), key=lambda one: one.begin_at, default=None)


def spans(windows: Sequence[Maintenance], since: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
    """Beginnings and ends of the planned time within [since, until), in order, without overlaps."""
    breaks = sorted((one.begin_at, one.end_at) for window in windows for one in _breaks(window, since, until))
    merged: list[tuple[datetime, datetime]] = []
    for begin, end in breaks:
        begin, end = max(begin, since), min(end, until)
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        elif begin < end:
            merged.append((begin, end))
    return merged


def _holds(window: Maintenance, now: datetime) -> bool:
    if window.cron is None:
        return any(one.begin_at <= now < one.end_at for one in _once(window))
    begin = _next_begin(window, now - timedelta(seconds=window.seconds or 0.0))
    return begin is not None and begin <= now


def _next(window: Maintenance, now: datetime) -> Break | None:
    if window.cron is None:
        return next((one for one in _once(window) if one.begin_at > now), None)
    begin = _next_begin(window, now)
    return Break(begin, begin + timedelta(seconds=window.seconds or 0.0), window) if begin else None


def _breaks(window: Maintenance, since: datetime, until: datetime) -> Iterator[Break]:
    """Every occurrence that overlaps [since, until), and maybe some that do not."""
    if window.cron is None:
        yield from _once(window)
        return
    from analysis.timetable import due_times  # brings calendars, which a report with no such window does not need

    length = timedelta(seconds=window.seconds or 0.0)
    for begin in due_times(_expectation(window), None, since - length, until):
        yield Break(begin, begin + length, window)


def _next_begin(window: Maintenance, after: datetime) -> datetime | None:
    from analysis.timetable import next_due

    return next_due(_expectation(window), None, after)


def _expectation(window: Maintenance) -> Expectation:
    return Expectation(cron=window.cron, timezone=window.timezone)


def _once(window: Maintenance) -> Iterator[Break]:
    if window.begin is not None and window.end is not None:
        zone = ZoneInfo(window.timezone)
        yield Break(_utc(window.begin, zone, fold=0), _utc(window.end, zone, fold=1), window)


def _utc(at: datetime, zone: tzinfo, fold: int) -> datetime:
    """The instant at which the clock of the zone shows a time, or of the time's own zone where it has one."""
    if at.tzinfo is None:
        at = at.replace(tzinfo=zone, fold=fold)
        while at.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != at.replace(tzinfo=None):
            at += MINUTE
    return at.astimezone(UTC).replace(tzinfo=None, fold=0)
