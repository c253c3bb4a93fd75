"""The time that a page gives for its data, in the ways in which pages write it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.reports.as_of import parse_as_of, read_stamp

BERLIN = "Europe/Berlin"
NOW = datetime(2026, 11, 24, 12, 0)
MORNING = datetime(2026, 11, 24, 5, 10)  # 06:10 in Berlin


@pytest.mark.parametrize(
    "text",
    [
        "as of 24 Nov 2026 06:10 CET",
        "Stand: 24.11.2026, 06:10 Uhr",
        "Stand: 24. November 2026, 06:10 Uhr",
        "Stand: heute, 06.10 Uhr",
        "11/24/2026 6:10 AM",
        "24/11/2026 06:10",
        "2026-11-24T05:10:00Z",
        "2026-11-24T06:10:00.123+01:00",
        "Data until 2026-11-24 06:10",
        "2026-11-24 07:10 UTC+2",
        "2026/11/24 05:10 (UTC)",
        "Tuesday, November 24, 2026 at 6:10 AM",
        "Last refresh: 24-Nov-2026 06:10:00",
        "24 Nov 06:10",
        "24.11. 06:10",
        "Nov 24, 06:10",
        "24 novembre 2026 à 06h10",
        "Updated at 06:10",
        "00:10 EST",
        "24.11.26\u00a006:10",
        "(24\u202fNov\u202f2026,\n06:10)",
    ],
)
def test_usual_forms_are_read(text: str) -> None:
    assert parse_as_of(text, None, BERLIN, NOW) == MORNING


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("Updated 5 minutes ago", timedelta(minutes=5)),
        ("vor 5 Minuten aktualisiert", timedelta(minutes=5)),
        ("vor einer Stunde", timedelta(hours=1)),
        ("an hour ago", timedelta(hours=1)),
        ("2h 5m ago", timedelta(hours=2, minutes=5)),
        ("2 hours and 5 minutes ago", timedelta(hours=2, minutes=5)),
        ("30 s ago", timedelta(seconds=30)),
        ("3 days ago", timedelta(days=3)),
        ("il y a 5 minutes", timedelta(minutes=5)),
        ("Refreshed just now", timedelta(0)),
    ],
)
def test_an_age_is_counted_back_from_now(text: str, age: timedelta) -> None:
    assert parse_as_of(text, None, BERLIN, NOW) == NOW - age


def test_a_time_without_a_day_is_the_last_such_one() -> None:
    assert parse_as_of("Updated at 23:10", None, BERLIN, NOW) == datetime(2026, 11, 23, 22, 10)
    assert parse_as_of("Updated at 13:05", None, BERLIN, NOW) == datetime(2026, 11, 24, 12, 5)  # its clock is fast
    assert parse_as_of("yesterday, 06:10", None, BERLIN, NOW) == datetime(2026, 11, 23, 5, 10)
    assert parse_as_of("24 Dec 06:10", None, BERLIN, NOW) == datetime(2025, 12, 24, 5, 10)
    assert parse_as_of("6 PM", None, BERLIN, NOW) == datetime(2026, 11, 23, 17, 0)


def test_a_day_without_a_time_is_its_beginning() -> None:
    assert parse_as_of("Data as of 2026-11-24", None, BERLIN, NOW) == datetime(2026, 11, 23, 23, 0)


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("Data as of 11/24/2026 6:10 AM (local)", "%m/%d/%Y %I:%M %p"),
        ("Di, 24. November 2026 06:10", "%a, %d. %B %Y %H:%M"),
        ("Stand 24.11.26 06:10 Uhr", "%d.%m.%y %H:%M"),
        ("x 2026-11-24 07:10:00 +0200 y", "%Y-%m-%d %H:%M:%S %z"),
        ("20261124 0610", "%Y%m%d %H%M"),
        ("100 % of 24 Nov 06:10", "100 %% of %d %b %H:%M"),
    ],
)
def test_a_format_is_found_among_other_words(text: str, pattern: str) -> None:
    assert parse_as_of(text, pattern, BERLIN, NOW) == MORNING


def test_day_and_month_that_may_be_exchanged_need_a_format() -> None:
    found = read_stamp("As of 05/06/2026 6:10 AM", None, "UTC", NOW)
    assert found.at is None
    assert found.problem == (
        "Page shows “05/06/2026 6:10 AM”, of which it is not known whether the day or the month is first: "
        "give its `format`."
    )
    assert parse_as_of("05/06/2026", "%d/%m/%Y", "UTC", NOW) == datetime(2026, 6, 5)
    assert parse_as_of("05/05/2026", None, "UTC", NOW) == datetime(2026, 5, 5)


@pytest.mark.parametrize(
    ("text", "pattern", "problem"),
    [
        (None, None, "The page does not say how old its data is."),
        ("  ", None, "The page does not say how old its data is."),
        ("soon", None, "Page shows “soon”, expected a time."),
        ("31.02.2026 06:10", None, "Page shows “31.02.2026 06:10”, expected a time."),
        ("0001-01-01 00:00", None, "Page shows “0001-01-01 00:00”, expected a time."),
        ("999999999999 days ago", None, "Page shows “999999999999 days ago”, expected a time."),
        ("soon", "%H:%M", "Page shows “soon”, expected a time as '%H:%M'."),
        ("1", "%Q", "The format '%Q' of the page's time has %Q, which is not known; expected one as of strptime."),
        ("1", "%d%d", "The format '%d%d' of the page's time names a part twice; expected one as of strptime."),
    ],
)
def test_what_is_no_time_is_named(text: str | None, pattern: str | None, problem: str) -> None:
    found = read_stamp(text, pattern, BERLIN, NOW)
    assert (found.at, found.problem) == (None, problem)


def test_of_an_hour_that_comes_twice_the_last_that_is_past_is_meant() -> None:
    stamp = "25 Oct 2026 02:30"
    assert parse_as_of(stamp, None, BERLIN, NOW) == datetime(2026, 10, 25, 1, 30)
    assert parse_as_of(stamp, None, BERLIN, datetime(2026, 10, 25, 0, 40)) == datetime(2026, 10, 25, 0, 30)
    assert parse_as_of("25 Oct 2026 02:30 CEST", None, BERLIN, NOW) == datetime(2026, 10, 25, 0, 30)


def test_a_time_that_the_clock_skips_is_an_hour_later() -> None:
    assert parse_as_of("29 Mar 2026 02:30", None, BERLIN, NOW) == datetime(2026, 3, 29, 1, 30)


def test_an_abbreviation_means_the_zone_of_the_report_where_it_can() -> None:
    assert parse_as_of("24 Nov 2026 06:10 IST", None, "Asia/Kolkata", NOW) == datetime(2026, 11, 24, 0, 40)
    assert parse_as_of("24 Nov 2026 06:10 CST", None, "Asia/Shanghai", NOW) == datetime(2026, 11, 23, 22, 10)
    assert parse_as_of("24 Nov 2026 06:10 CST", None, "America/Chicago", NOW) == datetime(2026, 11, 24, 12, 10)


FORMS = ["%Y-%m-%d %H:%M", "%d.%m.%Y, %H:%M Uhr", "%d %b %Y %H:%M", "%B %d, %Y %I:%M %p", "%Y-%m-%dT%H:%M:%S%z"]


@settings(deadline=None)
@given(
    at=st.datetimes(datetime(2020, 1, 1), datetime(2026, 11, 20)),
    zone=st.sampled_from(["UTC", BERLIN, "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]),
    form=st.sampled_from(FORMS),
    around=st.sampled_from(["{}", "Data as of {}", "({})", "Updated: {} · daily"]),
)
def test_a_time_that_is_written_is_read_back(at: datetime, zone: str, form: str, around: str) -> None:
    at = at.replace(second=0, microsecond=0)
    local = at.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    text = around.format(local.strftime(form))
    for pattern in (None, form):
        found = parse_as_of(text, pattern, zone, NOW)
        assert found is not None
        again = found.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
        assert again.replace(tzinfo=None, fold=0) == local.replace(tzinfo=None, fold=0)


@settings(deadline=None)
@given(text=st.text(max_size=80) | st.from_regex(r"[0-9]{1,4}[-./ ][0-9]{1,2}[-./ ][0-9]{1,4}[ T,]?[0-9:]{0,8}"))
def test_any_text_is_a_time_or_a_problem(text: str) -> None:
    found = read_stamp(text, None, BERLIN, NOW)
    assert (found.at is None) == bool(found.problem)
