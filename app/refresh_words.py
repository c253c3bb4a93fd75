"""Expectations, forecasts and impact as sentences for a person."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from math import floor
from typing import Any

from app import times, words
from config.refreshes import Expectation

LIKELY_RATIO = 0.5  # a miss this probable is worth a person's attention
FEWEST_RUNS = 5  # a forecast from fewer runs is a guess, and says so
NAMED = 3
ROUNDING = 1e-6  # 0.99 is 0.98999... in binary
HALF_A_YEAR = timedelta(days=183)
JOB_ID = re.compile(r"[a-z0-9][a-z0-9_.-]*[a-z0-9]")
UTC_MOMENT = re.compile(r"(\d{1,2} [A-Z][a-z]{2} \d{2}:\d{2}) UTC")
DAY_NAMES = {"1-5": "on weekdays", "0-6": "every day", "*": "every day", "6,0": "at weekends", "0,6": "at weekends"}
DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def moment_text(moment: datetime) -> str:
    """`07:00` on the viewer's clock, with the day when it is not today."""
    there, today = times.local(moment), times.local(times.now()).date()
    return f"{there:%H:%M}" if there.date() == today else f"{there.day} {there:%b %H:%M}"


def named(names: Sequence[str], nobody: str = "") -> str:
    """The first names and how many more: `Orders, Margin and 4 more`."""
    if not names:
        return nobody
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def ratio_text(ratio: float | None) -> str:
    """A share near one with the digits that tell it from its objective: `98.99 %`; rounded down, never up to it."""
    if ratio is None or ratio < 0.9 or ratio >= 1:
        return words.share(ratio)
    return f"{floor(10_000 * ratio + ROUNDING) / 100:.2f} %"


def with_titles(said: str, titles: Mapping[str, str]) -> str:
    """The sentence with jobs under their titles: those that it begins with, and names that are no plain words."""
    first = said.partition(" ")[0]
    return JOB_ID.sub(
        lambda found: (
            titles.get(found.group(), found.group())
            if found.group() == first or not found.group().isalpha()
            else found.group()
        ),
        said,
    )


def on_viewers_clock(said: str) -> str:
    """The sentence with its UTC moments (`25 Nov 13:16 UTC`) on the viewer's clock."""

    def local(found: re.Match[str]) -> str:
        now = times.now()
        moment = datetime.strptime(f"{now.year} {found.group(1)}", "%Y %d %b %H:%M")
        return moment_text(moment if moment < now + HALF_A_YEAR else moment.replace(year=now.year - 1))

    return UTC_MOMENT.sub(local, said)


def due_text(expectation: Expectation) -> str:
    """When a run is due: `on weekdays at 06:00 Europe/Berlin`, `every 1 h after the last success`."""
    if expectation.every_seconds is not None:
        said = f"every {words.duration(expectation.every_seconds)} after the last success"
    elif expectation.after_upstream:
        said = "when its upstream jobs have succeeded"
    elif expectation.workday is not None:
        place = "the last workday" if expectation.workday == -1 else f"workday {expectation.workday}"
        said = f"on {place} of the month at {expectation.at} {expectation.timezone}"
    else:
        said = _cron_text(expectation.cron or "", expectation.timezone)
    return f"{said}, not on days on which {expectation.calendar} rests" if expectation.calendar else said


def _cron_text(cron: str, zone: str) -> str:
    minute, hour, day, month, weekday = cron.split() if len(cron.split()) == 5 else ("*",) * 5
    if minute.isdigit() and (hour, day, month, weekday) == ("*",) * 4:
        return f"every hour at minute {int(minute)}"
    if not (minute.isdigit() and hour.isdigit() and (day, month) == ("*", "*")):
        return f"by cron `{cron}` {zone}"
    if weekday.isdigit() and int(weekday) < len(DAYS):
        days = f"on {DAYS[int(weekday)]}s"
    elif weekday in DAY_NAMES:
        days = DAY_NAMES[weekday]
    else:
        return f"by cron `{cron}` {zone}"
    return f"{days} at {int(hour):02}:{int(minute):02} {zone}"


def margins_text(expectation: Expectation) -> str:
    """What is allowed: `start within 15 min, finish by 07:00, take 5 min to 1 h`."""
    parts = [f"start within {words.duration(expectation.start_margin_seconds)}"]
    if expectation.deadline is not None:
        parts.append(f"finish by {expectation.deadline} {expectation.timezone}")
    elif expectation.deadline_seconds is not None:
        parts.append(f"finish within {words.duration(expectation.deadline_seconds)}")
    least, most = expectation.min_seconds, expectation.max_seconds
    if least is not None and most is not None:
        parts.append(f"take {words.duration(least)} to {words.duration(most)}")
    elif most is not None:
        parts.append(f"take at most {words.duration(most)}")
    elif least is not None:
        parts.append(f"take at least {words.duration(least)}")
    return ", ".join(parts)


def expectation_text(expectation: Expectation) -> str:
    """The whole expectation in one sentence."""
    return f"Due {due_text(expectation)}: {margins_text(expectation)}."


def risk_text(row: dict[str, Any]) -> str:
    """`will miss 07:00 with 92 %`; a forecast from few runs is called a guess. Empty without a forecast."""
    ratio, deadline = row.get("miss_ratio"), row.get("risk_deadline_at")
    if ratio is None or deadline is None:
        return ""
    if deadline < times.now():
        return f"past its deadline of {moment_text(deadline)}"
    guess = (
        "" if (row.get("runs") or 0) >= FEWEST_RUNS else f", a guess from {words.plural(row.get('runs') or 0, 'run')}"
    )
    if ratio >= LIKELY_RATIO:
        return f"will miss {moment_text(deadline)} with {ratio:.0%}{guess}".replace("%", " %")
    return f"will meet {moment_text(deadline)} with {1 - ratio:.0%}{guess}".replace("%", " %")


def right_text(right_at: datetime | None, is_known: bool = True) -> str:
    """When it will be right: `right again about 13:40`."""
    if right_at is None or not is_known:
        return "nobody can tell when it will be right"
    if right_at < times.now():
        return f"was to be right by {moment_text(right_at)}"
    return f"right again about {moment_text(right_at)}"
