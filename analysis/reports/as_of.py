"""Reads the time that a page gives for its data: `As of 24 Nov 2026 06:10 CET`, `Stand: 24.11.2026, 06:10 Uhr`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from analysis.reports.month_names import NUMBER_OF
from analysis.reports.number_choice import quoted
from analysis.reports.number_plain import plain
from analysis.reports.stamp_forms import AMOUNT, FORMS, HOURS_OF_ZONE, SECONDS_OF, of_format

MOST_LETTERS = 2_000
DAY = timedelta(days=1)
AHEAD = timedelta(minutes=10)  # a page's clock may be this much fast
CENTURY = 2000
Groups = dict[str, str]


@dataclass(frozen=True, slots=True)
class Stamp:
    """The time that a page gives for its data (naive UTC), or the `problem` (a sentence) why it is not known."""

    at: datetime | None
    problem: str = ""


def parse_as_of(text: str, format: str | None, timezone: str, now: datetime) -> datetime | None:
    """The time in `text` as naive UTC; None when there is none that is sure. See `read_stamp`."""
    return read_stamp(text, format, timezone, now).at


def read_stamp(text: str | None, pattern: str | None, zone: str, now: datetime) -> Stamp:
    """The time in `text`, written in the strptime format `pattern` or a usual form, in `zone` unless it names its own.

    Words around it are passed over. A time without a day is the last such one before `now` (naive UTC), a day without
    a time its beginning; 05/06/2026 is not sure without a format.
    """
    if text is None or not text.strip():
        return Stamp(None, "The page does not say how old its data is.")
    line = plain(" ".join(text[:MOST_LETTERS].split()))
    try:
        forms = FORMS if pattern is None else (of_format(plain(pattern)),)
    except ValueError as error:
        return Stamp(None, f"The format {pattern!r} of the page's time {error}; expected one as of strptime.")
    found = next((hits for hits in (list(form.finditer(line)) for form in forms) if hits), [])
    for hit in found:
        given = {name: value for name, value in hit.groupdict().items() if value is not None}
        if _is_unsure(given):
            problem = f"Page shows {quoted(hit[0])}, of which it is not known whether the day or the month is first"
            return Stamp(None, f"{problem}: give its `format`.")
        at = _instant(given, ZoneInfo(zone), now)
        if at is not None:
            return Stamp(at)
    expected = f"a time as {pattern!r}" if pattern is not None else "a time"
    return Stamp(None, f"Page shows {quoted(line)}, expected {expected}.")


def _is_unsure(given: Groups) -> bool:
    numbers = [int(given[name]) for name in ("one", "two") if name in given]
    return len(numbers) == 2 and numbers[0] != numbers[1] and max(numbers) <= 12


def _instant(given: Groups, zone: ZoneInfo, now: datetime) -> datetime | None:
    """The instant, as naive UTC; None where there is no such day or time."""
    if "now" in given:
        return now
    try:
        if "ago" in given:
            return now - _length(given["ago"])
        found = [_utc(local, _zone(given.get("zone"), zone, local), now) for local in _locals(given, zone, now)]
    except (ValueError, OverflowError):
        return None
    past = [at for at in found if at <= now + AHEAD]
    return max(past) if past else min(found, default=None)


def _length(text: str) -> timedelta:
    """`2 h 5 min` as a length of time."""
    pieces = re.findall(rf"({AMOUNT})[ ]?(st|[^\W\d_])", text.lower())
    return timedelta(seconds=sum((int(count) if count.isdigit() else 1) * SECONDS_OF[unit] for count, unit in pieces))


def _locals(given: Groups, zone: ZoneInfo, now: datetime) -> Iterator[datetime]:
    """The local times that it can be: those of the years or days about now, where it names none."""
    hour, minute, second = (int(given.get(name, 0)) for name in ("hour", "minute", "second"))
    half = given.get("half", "").lower()
    if half and hour <= 12:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    for day in _days(given, zone, now):
        yield datetime(day.year, day.month, day.day, hour, minute, second)


def _days(given: Groups, zone: ZoneInfo, now: datetime) -> Iterator[date]:
    today = now.replace(tzinfo=UTC).astimezone(zone).date()
    month, day = _month(given), int(given.get("day", 0))
    if "one" in given:
        month, day = int(given["one"]), int(given["two"])
        month, day = (day, month) if month > 12 else (month, day)
    if not day:
        yield from [today - DAY] if "yesterday" in given else [today] if "today" in given else [today, today - DAY]
    elif "year" in given:
        year = int(given["year"])
        yield date(year + CENTURY if len(given["year"]) == 2 else year, month, day)
    else:
        yield from (date(year, month, day) for year in (today.year, today.year - 1))


def _month(given: Groups) -> int:
    if "name" in given:
        return NUMBER_OF[given["name"].casefold().rstrip(".")]
    return int(given.get("month", 1))


def _zone(named: str | None, zone: ZoneInfo, local: datetime) -> tzinfo:
    """The zone that stands behind the time; an abbreviation of the report's own zone means that one (IST, CST)."""
    if named is None:
        return zone
    for fold in (0, 1):
        here = local.replace(tzinfo=zone, fold=fold)
        if here.tzname() == named:
            return timezone(here.utcoffset() or timedelta(0))
    hours = HOURS_OF_ZONE.get(named.upper())
    if hours is None:
        digits = re.sub(r"[^\d]", "", named)
        whole, rest = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "0")
        hours = (int(whole) + int(rest) / 60) * (-1 if "-" in named else 1)
    return timezone(timedelta(hours=hours))


def _utc(local: datetime, zone: tzinfo, now: datetime) -> datetime:
    """Of a time that the clock shows twice, the last that is not after now; one that it skips is an hour later."""
    both = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    found = sorted(at.replace(tzinfo=None, fold=0) for at in both)
    past = [at for at in found if at <= now]
    return past[-1] if past else found[0]
