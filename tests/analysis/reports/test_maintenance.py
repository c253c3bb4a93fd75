"""Planned breaks: once and recurring, in any timezone, above all when clocks change."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.reports.maintenance import is_planned, next_window, spans
from config.patience import Maintenance

BERLIN = "Europe/Berlin"
HOUR = timedelta(hours=1)


def window(**fields: Any) -> Maintenance:
    return Maintenance.model_validate({"reason": "upgrade"} | fields)


ONCE = window(begin="2026-11-24T22:00", end="2026-11-25T02:00", timezone=BERLIN)
SUNDAYS = window(cron="0 2 * * 0", seconds=7_200, timezone=BERLIN)


@pytest.mark.parametrize(
    ("now", "planned"),
    [
        (datetime(2026, 11, 24, 20, 59, 59), False),
        (datetime(2026, 11, 24, 21, 0), True),
        (datetime(2026, 11, 25, 0, 59, 59), True),
        (datetime(2026, 11, 25, 1, 0), False),
    ],
)
def test_a_single_window_is_in_its_own_timezone_and_half_open(now: datetime, planned: bool) -> None:
    assert (is_planned([SUNDAYS, ONCE], now) == ONCE) is planned


def test_a_time_with_its_own_offset_keeps_it() -> None:
    aware = window(begin="2026-11-24T22:00-05:00", end="2026-11-24T23:00-05:00", timezone=BERLIN)
    assert spans([aware], datetime(2026, 11, 1), datetime(2026, 12, 1)) == [
        (datetime(2026, 11, 25, 3), datetime(2026, 11, 25, 4))
    ]


@pytest.mark.parametrize(
    ("now", "planned"),
    [
        (datetime(2026, 7, 4, 23, 59), False),
        (datetime(2026, 7, 5, 0, 0), True),  # 02:00 in summer
        (datetime(2026, 7, 5, 1, 59, 59), True),
        (datetime(2026, 7, 5, 2, 0), False),
        (datetime(2026, 12, 6, 0, 30), False),
        (datetime(2026, 12, 6, 1, 0), True),  # 02:00 in winter
        (datetime(2026, 12, 6, 3, 0), False),
    ],
)
def test_a_recurring_window_follows_the_clock_of_its_timezone(now: datetime, planned: bool) -> None:
    assert (is_planned([SUNDAYS], now) is SUNDAYS) is planned


def test_a_window_that_begins_in_the_skipped_hour_begins_at_its_end_and_lasts_as_long() -> None:
    begin = datetime(2026, 3, 29, 1, 0)  # 03:00, where 02:00 is skipped
    assert spans([SUNDAYS], datetime(2026, 3, 28), datetime(2026, 3, 30)) == [(begin, begin + 2 * HOUR)]
    once = window(begin="2026-03-29T02:30", end="2026-03-29T05:00", timezone=BERLIN)
    assert spans([once], datetime(2026, 3, 28), datetime(2026, 3, 30)) == [(begin, begin + 2 * HOUR)]


def test_a_window_in_the_repeated_hour_comes_once() -> None:
    begin = datetime(2026, 10, 25, 0, 0)  # the first 02:00
    assert spans([SUNDAYS], datetime(2026, 10, 24), datetime(2026, 10, 26)) == [(begin, begin + 2 * HOUR)]
    assert is_planned([SUNDAYS], datetime(2026, 10, 25, 1, 30)) is SUNDAYS
    once = window(begin="2026-10-25T02:00", end="2026-10-25T02:30", timezone=BERLIN)
    assert spans([once], datetime(2026, 10, 24), datetime(2026, 10, 26)) == [(begin, begin + 1.5 * HOUR)]


def test_the_next_window_is_the_first_that_has_not_begun() -> None:
    found = next_window([SUNDAYS, ONCE], datetime(2026, 11, 24, 12))
    assert found is not None
    assert (found.begin_at, found.end_at, found.window) == (
        datetime(2026, 11, 24, 21),
        datetime(2026, 11, 25, 1),
        ONCE,
    )
    later = next_window([SUNDAYS, ONCE], datetime(2026, 11, 24, 21))
    assert later is not None
    assert (later.begin_at, later.end_at) == (datetime(2026, 11, 29, 1), datetime(2026, 11, 29, 3))
    assert next_window([ONCE], datetime(2026, 11, 24, 21)) is None
    assert next_window([], datetime(2026, 11, 24)) is None
    assert is_planned([], datetime(2026, 11, 24)) is None


def test_planned_time_is_cut_to_what_is_asked_for_and_counted_once() -> None:
    since, until = datetime(2026, 11, 24, 22), datetime(2026, 11, 25, 3)
    night = window(cron="0 0 * * *", seconds=10_800)
    assert spans([ONCE, night], since, until) == [(since, until)]
    assert spans([ONCE, ONCE], since, until) == [(since, datetime(2026, 11, 25, 1))]
    assert spans([ONCE], datetime(2026, 11, 25, 1), until) == []
    assert spans([night], datetime(2026, 11, 24, 1), datetime(2026, 11, 24, 2)) == [
        (datetime(2026, 11, 24, 1), datetime(2026, 11, 24, 2))
    ]


@pytest.mark.parametrize("seconds", [3_600, 5_400])
def test_a_window_as_long_as_its_interval_never_ends(seconds: float) -> None:
    always = window(cron="0 * * * *", seconds=seconds)
    assert spans([always], datetime(2026, 11, 1), datetime(2026, 11, 2)) == [
        (datetime(2026, 11, 1), datetime(2026, 11, 2))
    ]


@settings(max_examples=60, deadline=None)
@given(
    cron=st.sampled_from(["0 2 * * 0", "30 1 * * *", "*/20 * * * *", "15 2 1 * *", "0 3 29 3 *"]),
    seconds=st.sampled_from([0.0, 60.0, 3_600.0, 90_000.0]),
    zone=st.sampled_from(["UTC", BERLIN, "America/New_York", "Australia/Lord_Howe"]),
    now=st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1)),
)
def test_spans_and_the_present_agree(cron: str, seconds: float, zone: str, now: datetime) -> None:
    recurring = window(cron=cron, seconds=seconds, timezone=zone)
    found = spans([recurring], now - 30 * HOUR, now + 30 * HOUR)
    assert any(begin <= now < end for begin, end in found) == (is_planned([recurring], now) is recurring)
    assert all(one[1] < two[0] for one, two in pairwise(found))
    upcoming = next_window([recurring], now)
    assert upcoming is not None
    assert upcoming.begin_at > now
    assert upcoming.end_at - upcoming.begin_at == timedelta(seconds=seconds)
