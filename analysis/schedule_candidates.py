"""Schedules that the starts of a job might follow, the simplest first: each is an expectation without margins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median
from zoneinfo import ZoneInfo

from analysis.timetable_calendar import WEEK, is_workday
from config.refreshes import Expectation

DAY_MINUTES = 1440
NICE = (60, 30, 15, 10, 5, 1)  # minutes past the hour that people choose, the likeliest first
LAG_MINUTES = 3.0  # how long before the earliest starts the due time may be; half their spread if that is more
MOST_LAG_MINUTES = 15.0
APART_MINUTES = 45.0  # starts that lie further apart belong to another time of the day
MOST_TIMES = 12
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Candidate:
    """An expectation, what it is in words, how far it is from simple, and the seconds between its due times."""

    expectation: Expectation
    words: str
    complexity: int
    period_seconds: float


def clock_candidates(starts: Sequence[datetime], zone: str) -> Iterator[Candidate]:
    """Schedules by the clock of a zone; `starts` are naive UTC, in order."""
    local = [at.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)) for at in starts]
    minutes = [at.hour * 60 + at.minute + at.second / 60 for at in local]
    yield from _steps(starts, minutes, zone)
    times = _times_of_day(minutes)
    if len(times) > 1 and len({at % 60 for at in times}) == 1:
        hours, words = ",".join(str(at // 60) for at in times), f"at {', '.join(_clock(at) for at in times)}"
        if len(times) > 2 and times[-1] - times[0] == 60 * (len(times) - 1):
            hours = f"{times[0] // 60}-{times[-1] // 60}"
            words = f"every hour from {_clock(times[0])} to {_clock(times[-1])}"
        yield from _by_day(f"{times[0] % 60} {hours}", words, local, zone, 2, 86_400 / len(times))
    due = _due_minute(minutes, DAY_MINUTES)
    yield from _by_day(f"{due % 60} {due // 60}", f"at {_clock(due)}", local, zone, 0, 86_400)
    yield from _by_month(due, local, zone)


def _steps(starts: Sequence[datetime], minutes: Sequence[float], zone: str) -> Iterator[Candidate]:
    """Every so many minutes or hours, from a minute of the clock on."""
    step = round(median((b - a).total_seconds() for a, b in pairwise(starts)) / 60)
    if step < 1 or step >= DAY_MINUTES or (60 % step if step <= 60 else step % 60 or DAY_MINUTES % step):
        return
    phase = _due_minute([minute % step for minute in minutes], step)
    if step <= 60:
        field = f"{phase}" if step == 60 else f"*/{step}" if phase == 0 and step > 1 else f"{phase}-59/{step}"
        cron, words = f"{field if step > 1 else '*'} * * * *", f"every {step} min"
    else:
        hours = ",".join(str(hour) for hour in range(phase // 60, 24, step // 60))
        cron, words = f"{phase % 60} {hours} * * *", f"every {step // 60} h"
    words += f" from minute {phase % 60}" if phase % 60 else ""
    yield Candidate(Expectation(cron=cron, timezone=zone), words, 0, step * 60)


def _by_day(
    clock: str, words: str, local: Sequence[datetime], zone: str, complexity: int, period: float
) -> Iterator[Candidate]:
    """A time of the day on all days, on working days, or on those days of the week that were seen."""
    weeks = (local[-1].date() - local[0].date()).days / 7
    seen = Counter(at.weekday() for at in {at.date(): at for at in local}.values())
    days = sorted(day for day, count in seen.items() if count >= 0.5 * weeks)
    every = Expectation(cron=f"{clock} * * *", timezone=zone)
    yield Candidate(every, f"daily {words}", complexity, period)
    working = Expectation(cron=f"{clock} * * 1-5", timezone=zone)
    yield Candidate(working, f"Monday to Friday {words}", complexity + 1, period)
    if weeks >= 2 and 0 < len(days) < 7:
        listed = Expectation(cron=f"{clock} * * {','.join(str((day + 1) % 7) for day in days)}", timezone=zone)
        named = f"{'weekly ' if len(days) == 1 else ''}on {', '.join(DAYS[day] for day in days)}"
        yield Candidate(listed, f"{named} {words}", complexity + 2, period)


def _by_month(due: int, local: Sequence[datetime], zone: str) -> Iterator[Candidate]:
    """A day of the month, or the nth working day from its begin or end."""
    if (local[-1].date() - local[0].date()).days < 80:
        return
    period, at = 28 * 86_400.0, _clock(due)
    [(day, _)] = Counter(one.day for one in local).most_common(1)
    cron = Expectation(cron=f"{due % 60} {due // 60} {day} * *", timezone=zone)
    yield Candidate(cron, f"on day {day} of the month at {at}", 2, period)
    last = Expectation(cron=f"{due % 60} {due // 60} L * *", timezone=zone)
    yield Candidate(last, f"on the last day of the month at {at}", 2, period)
    places = [_workday(one) for one in local]
    for side, words in ((0, "working day"), (1, "working day before the end")):
        [(nth, _)] = Counter(place[side] for place in places).most_common(1)
        if nth:
            workday = Expectation(workday=nth, at=at, timezone=zone)
            yield Candidate(workday, f"on {words} {abs(nth)} of the month at {at}", 3, period)


def _workday(at: datetime) -> tuple[int, int]:
    """Which working day of its month a day is, from the begin and from the end (-1 the last); 0 for a free day."""
    day = at.date()
    if not is_workday(WEEK, day):
        return 0, 0
    first = day.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    days = [first + timedelta(days=n) for n in range((following - first).days)]
    working = [one for one in days if is_workday(WEEK, one)]
    place = working.index(day)
    return place + 1, place - len(working)


def _times_of_day(minutes: Sequence[float]) -> list[int]:
    """The due minutes of up to twelve separate times of the day; none when there are more."""
    ordered = sorted(minutes)
    groups = [[ordered[0]]]
    for before, after in pairwise(ordered):
        if after - before > APART_MINUTES:
            groups.append([])
        groups[-1].append(after)
    usual = [group for group in groups if len(group) >= 0.1 * len(minutes) / len(groups)]
    return [_due_minute(group, DAY_MINUTES) for group in usual] if len(usual) <= MOST_TIMES else []


def _due_minute(minutes: Sequence[float], around: int) -> int:
    """The minute that starts follow on a clock of `around` minutes: just before nearly all, preferably a round one."""
    ordered = sorted(minute % around for minute in minutes)
    gaps = [(after - before, after) for before, after in pairwise(ordered)]
    _, first = max([(ordered[0] + around - ordered[-1], ordered[0]), *gaps])
    turned = sorted((minute - first) % around for minute in ordered)
    early = first + turned[len(turned) // 10]
    lag = min(max(LAG_MINUTES, (turned[-1 - len(turned) // 10] + first - early) / 2), MOST_LAG_MINUTES, around / 10)
    for nice in NICE:
        due = early // nice * nice
        if early - due <= lag:
            return int(due) % around
    return int(early) % around


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
