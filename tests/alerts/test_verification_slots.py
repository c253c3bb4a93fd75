"""When verification mails are due, over midnights, missed hours and clock changes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.verification.slots import due, slots_between
from config.alerting import Verification

EVERY_DAY = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def wanted(**parts: Any) -> Verification:
    return Verification.model_validate({"owner": "*", "channel": "ops", "days": EVERY_DAY, **parts})


def test_seven_in_berlin_is_six_utc_in_winter_and_five_in_summer() -> None:
    berlin = wanted(at="07:00", timezone="Europe/Berlin")
    assert slots_between(berlin, datetime(2026, 10, 24), datetime(2026, 10, 26, 12)) == [
        datetime(2026, 10, 24, 5),
        datetime(2026, 10, 25, 6),  # the night in which the clock was put back
        datetime(2026, 10, 26, 6),
    ]


@pytest.mark.parametrize(
    ("day", "slot"),
    [
        (datetime(2026, 3, 29), datetime(2026, 3, 29, 1, 30)),  # there is no 02:30, it comes as 03:30
        (datetime(2026, 10, 25), datetime(2026, 10, 25, 0, 30)),  # there are two, the first counts
    ],
)
def test_a_time_in_the_hour_of_a_clock_change_comes_once(day: datetime, slot: datetime) -> None:
    berlin = wanted(at="02:30", timezone="Europe/Berlin")
    assert slots_between(berlin, day - timedelta(hours=1), day + timedelta(hours=23)) == [slot]


def test_only_the_named_days_of_the_zone_count() -> None:
    sydney = wanted(at="07:00", timezone="Australia/Sydney", days=["mon"])
    assert slots_between(sydney, datetime(2026, 11, 20), datetime(2026, 11, 27)) == [datetime(2026, 11, 22, 20)]


def test_a_slot_that_is_done_with_does_not_come_again() -> None:
    daily, slot = wanted(at="07:00"), datetime(2026, 11, 23, 7)
    assert slots_between(daily, slot, slot + timedelta(hours=23)) == []
    assert slots_between(daily, slot - timedelta(seconds=1), slot) == [slot]


def test_a_slot_is_sent_up_to_six_hours_late_and_those_before_it_are_missed() -> None:
    daily = wanted(at="07:00")
    after = datetime(2026, 11, 22, 8)
    assert due(daily, after, datetime(2026, 11, 23, 6, 59)).slot is None
    late = due(daily, after, datetime(2026, 11, 24, 12, 59))
    assert (late.slot, late.missed) == (datetime(2026, 11, 24, 7), (datetime(2026, 11, 23, 7),))
    too_late = due(daily, after, datetime(2026, 11, 24, 13))
    assert (too_late.slot, len(too_late.missed)) == (None, 2)


@given(
    zone=st.sampled_from(["Europe/Berlin", "America/St_Johns", "Pacific/Apia", "Asia/Kathmandu", "UTC"]),
    minute=st.integers(0, 1439),
    start=st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1)),
    steps=st.lists(st.floats(0.1, 60.0), min_size=1, max_size=30),
)
def test_however_often_one_asks_every_slot_is_found_once(
    zone: str, minute: int, start: datetime, steps: list[float]
) -> None:
    daily = wanted(at=f"{minute // 60:02d}:{minute % 60:02d}", timezone=zone)
    found, at = [], start
    for hours in steps:
        until = at + timedelta(hours=hours)
        found += slots_between(daily, at, until)
        at = until
    assert found == slots_between(daily, start, at)
    assert len(set(found)) == len(found)
    assert abs(len(found) - (at - start) / timedelta(days=1)) <= 1.1
