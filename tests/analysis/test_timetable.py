"""Due times, latest starts and deadlines, above all when clocks change and when the business rests."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.timetable import deadline, due_times, next_due, previous_due, start_by
from analysis.timetable_calendar import is_workday, nth_workday
from config.refreshes import Calendar, Expectation

NEW_YORK = "America/New_York"
ZONES = ("UTC", "Europe/Paris", NEW_YORK, "Asia/Kolkata", "America/Sao_Paulo", "Australia/Lord_Howe")
DAY = timedelta(days=1)
GERMANY = Calendar(id="de", country="DE", subdivision="BY", closed=[date(2026, 12, 24)], open=[date(2026, 12, 19)])


def expect(**fields: Any) -> Expectation:
    return Expectation(**fields)


def local(at: datetime, zone: str) -> datetime:
    return at.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def local_times(expectation: Expectation, first: datetime, until: datetime) -> list[str]:
    times = due_times(expectation, None, first, until)
    return [f"{local(at, expectation.timezone):%m-%d %H:%M}" for at in times]


def test_a_time_in_the_skipped_hour_is_due_at_its_end() -> None:
    nightly = expect(cron="30 2 * * *", timezone=NEW_YORK)
    found = local_times(nightly, datetime(2026, 3, 7), datetime(2026, 3, 10))
    assert found == ["03-07 02:30", "03-08 03:00", "03-09 02:30"]


def test_a_time_in_the_repeated_hour_is_due_once() -> None:
    nightly = expect(cron="30 1 * * *", timezone=NEW_YORK)
    found = due_times(nightly, None, datetime(2026, 11, 1), datetime(2026, 11, 2))
    assert found == [datetime(2026, 11, 1, 5, 30)]
    second = datetime(2026, 11, 1, 6, 10)  # 01:10 for the second time
    assert due_times(nightly, None, second, datetime(2026, 11, 2)) == []
    assert next_due(nightly, None, second) == datetime(2026, 11, 2, 6, 30)


def test_half_hours_come_twice_in_the_repeated_hour_and_not_in_the_skipped_one() -> None:
    often = expect(cron="*/30 * * * *", timezone=NEW_YORK)
    assert local_times(often, datetime(2026, 11, 1, 5), datetime(2026, 11, 1, 7)) == [
        "11-01 01:00",
        "11-01 01:30",
        "11-01 01:00",
        "11-01 01:30",
    ]
    spring = local_times(often, datetime(2026, 3, 8, 6), datetime(2026, 3, 8, 8))
    assert spring == ["03-08 01:00", "03-08 01:30", "03-08 03:00", "03-08 03:30"]


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    year=st.integers(2015, 2030),
    minute=st.integers(0, 59),
    hour=st.integers(0, 23),
    days=st.sampled_from(["* * *", "* * 1-5", "1 * *", "L * *"]),
)
def test_over_a_year_due_times_increase_and_show_the_wall_clock_except_where_it_skips(
    zone: str, year: int, minute: int, hour: int, days: str
) -> None:
    expectation = expect(cron=f"{minute} {hour} {days}", timezone=zone)
    times = due_times(expectation, None, datetime(year, 1, 1), datetime(year + 1, 1, 1))
    assert times, "something is due in every year"
    assert all(earlier < later for earlier, later in pairwise(times))
    for at in times:
        shown = local(at, zone)
        if (shown.hour, shown.minute) != (hour, minute):
            asked = shown.replace(hour=hour, minute=minute)
            back = local(asked.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None), zone)
            assert back != asked, "the clock of that day does show the time that was asked for"
            assert local(at - timedelta(minutes=1), zone) < asked < shown, "due at the end of what is skipped"


@settings(max_examples=40, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    cron=st.sampled_from(["*/30 * * * *", "0 * * * *", "30 2 * * *", "30 1 * * *", "0 8,12 * * 1-5", "0 0 1 * *"]),
    start=st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1)),
    days=st.integers(1, 40),
    cut=st.floats(0, 1),
)
def test_due_times_of_a_span_are_those_of_its_parts(
    zone: str, cron: str, start: datetime, days: int, cut: float
) -> None:
    expectation = expect(cron=cron, timezone=zone)
    end = start + days * DAY
    middle = start + (end - start) * cut
    whole = due_times(expectation, None, start, end)
    assert whole == [
        *due_times(expectation, None, start, middle),
        *due_times(expectation, None, middle, end),
    ]
    walked, at = [], next_due(expectation, None, start - timedelta(microseconds=1))
    while at is not None and at < end and len(walked) < 100:
        walked.append(at)
        at = next_due(expectation, None, at)
    assert whole[:100] == walked
    assert previous_due(expectation, None, end) == (whole[-1] if whole else previous_due(expectation, None, start))


def test_a_calendar_drops_rest_days_by_the_local_date() -> None:
    expectation = expect(cron="30 23 * * *", timezone=NEW_YORK, calendar="us")
    calendar = Calendar(id="us", country="US")
    found = due_times(expectation, calendar, datetime(2026, 7, 1), datetime(2026, 7, 9))
    # 3 July is the holiday observed, 4 and 5 July a weekend; 23:30 there is the next day in UTC.
    assert [f"{local(at, NEW_YORK):%a %d}" for at in found] == ["Tue 30", "Wed 01", "Thu 02", "Mon 06", "Tue 07"]
    assert next_due(expectation, calendar, found[2]) == found[3]
    midnights = expect(cron="0 0 * * *", timezone=NEW_YORK, calendar="us")
    assert next_due(midnights, calendar, found[2]) == datetime(2026, 7, 6, 4), "the first minute of Monday"


@pytest.mark.parametrize(
    ("day", "is_worked"),
    [
        (date(2026, 6, 3), True),
        (date(2026, 6, 4), False),  # Corpus Christi, in Bavaria
        (date(2026, 12, 24), False),  # closed
        (date(2026, 12, 19), True),  # a Saturday that is open
        (date(2026, 12, 20), False),
    ],
)
def test_workdays_follow_country_subdivision_and_days_of_ones_own(day: date, is_worked: bool) -> None:
    assert is_workday(GERMANY, day) is is_worked


def test_workdays_of_a_month_count_from_both_ends() -> None:
    assert nth_workday(GERMANY, 2026, 1, 3) == date(2026, 1, 7)  # 1 and 6 January rest in Bavaria
    assert nth_workday(GERMANY, 2026, 12, -1) == date(2026, 12, 31)
    assert nth_workday(None, 2026, 2, 20) == date(2026, 2, 27)
    assert nth_workday(None, 2026, 2, 21) is None
    assert nth_workday(None, 2026, 2, -21) is None


def test_the_last_workday_of_every_month_at_a_local_time() -> None:
    closing = expect(workday=-1, at="18:00", timezone="Europe/Berlin")
    found = due_times(closing, None, datetime(2026, 1, 1), datetime(2026, 7, 1))
    days = ["01-30 17:00", "02-27 17:00", "03-31 16:00", "04-30 16:00", "05-29 16:00", "06-30 16:00"]
    assert [f"{at:%m-%d %H:%M}" for at in found] == days
    assert next_due(closing, None, found[1]) == found[2]


def test_no_clock_drives_an_interval() -> None:
    assert due_times(expect(every_seconds=60), None, datetime(2026, 1, 1), datetime(2026, 1, 2)) == []
    assert next_due(expect(after_upstream=True), None, datetime(2026, 1, 1)) is None


def test_the_due_time_before_an_instant_is_found_over_months_and_rest_days() -> None:
    yearly = expect(cron="0 6 2 1 *", calendar="office")
    assert previous_due(yearly, None, datetime(2026, 1, 2, 6)) == datetime(2025, 1, 2, 6)
    assert previous_due(yearly, Calendar(id="office"), datetime(2022, 12, 31)) == datetime(2020, 1, 2, 6), "a weekday"
    assert previous_due(expect(workday=1, at="06:00"), None, datetime(2026, 2, 2)) == datetime(2026, 1, 1, 6)
    assert previous_due(expect(every_seconds=60), None, datetime(2026, 2, 2)) is None


def test_a_calendar_that_always_rests_never_wants_a_run() -> None:
    saturdays = expect(cron="* * * * 6", calendar="office")
    assert next_due(saturdays, Calendar(id="office"), datetime(2026, 1, 1)) is None


DUE = datetime(2026, 6, 1, 6)


@pytest.mark.parametrize(
    ("fields", "start_minutes", "deadline_minutes"),
    [
        ({}, 15, 30),
        ({"max_seconds": 3600}, 15, 75),
        ({"deadline_seconds": 3600}, 15, 60),
        ({"deadline_seconds": 300}, 5, 5),
        ({"start_margin_seconds": 60, "deadline": "07:00"}, 1, 60),
        ({"deadline": "06:00"}, 0, 0),
        ({"deadline": "05:00"}, 15, 23 * 60),
    ],
)
def test_latest_start_and_deadline(fields: dict[str, Any], start_minutes: int, deadline_minutes: int) -> None:
    expectation = expect(cron="0 6 * * *", **fields)
    assert start_by(expectation, DUE) - DUE == timedelta(minutes=start_minutes)
    assert deadline(expectation, DUE) - DUE == timedelta(minutes=deadline_minutes)


def test_a_deadline_on_the_wall_clock_follows_it_through_the_change() -> None:
    evening = expect(cron="0 22 * * *", timezone=NEW_YORK, deadline="02:30")
    due = datetime(2026, 3, 8, 3)  # 22:00 on 7 March there
    assert deadline(evening, due) == datetime(2026, 3, 8, 7), "02:30 is skipped; 03:00 comes instead"
    assert deadline(evening, due + 7 * DAY - timedelta(hours=1)) == datetime(2026, 3, 15, 6, 30)
