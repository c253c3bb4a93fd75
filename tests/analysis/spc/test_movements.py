"""A day against days like it."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pytest

from analysis.spc.movements import month_before, movements

START = date(2025, 1, 1)


def days(count: int) -> list[date]:
    return [START + timedelta(days=day) for day in range(count)]


def test_each_movement_looks_at_the_days_it_names() -> None:
    found = {one.name: one for one in movements(np.arange(400.0), days(400))}
    today = days(400)[-1]
    assert found["last_week"].against == (today - timedelta(days=7),)
    assert found["last_week"].change == 7.0
    assert [today - day for day in found["four_weeks"].against] == [timedelta(days=7 * week) for week in (1, 2, 3, 4)]
    assert found["four_weeks"].change == pytest.approx(17.5)
    assert found["last_month"].against == (date(2026, 1, 4),)
    assert found["last_year"].against[0].weekday() == today.weekday()
    assert found["last_year"].change == 364.0
    assert found["last_year"].share == pytest.approx(364 / 35)


@pytest.mark.parametrize(
    ("day", "before"),
    [
        (date(2025, 3, 31), date(2025, 2, 28)),
        (date(2024, 3, 31), date(2024, 2, 29)),
        (date(2025, 3, 29), date(2025, 2, 28)),
        (date(2025, 5, 31), date(2025, 4, 30)),
        (date(2025, 1, 31), date(2024, 12, 31)),
        (date(2025, 4, 30), date(2025, 3, 30)),
    ],
)
def test_the_same_day_of_last_month_at_its_end(day: date, before: date) -> None:
    assert month_before(day) == before


def test_missing_days_are_unknown_and_say_why() -> None:
    values = np.arange(30.0)
    values[22] = np.nan  # a week before the last day
    found = {one.name: one for one in movements(values, days(30))}
    assert math.isnan(found["last_week"].change)
    assert found["last_week"].sentence() == (
        "Against the same weekday last week: unknown, there is no value on 23 Jan 2025."
    )
    assert len(found["four_weeks"].against) == 3
    assert "unknown" in found["last_year"].sentence("higher")


def test_words_follow_the_good_direction() -> None:
    found = movements([200.0, *[0.0] * 6, 190.0], days(8))[0]
    assert found.sentence() == "Against the same weekday last week: -10 (-5.0 %)."
    assert found.sentence("higher").endswith("-10 (-5.0 %), worse.")
    assert found.sentence("lower").endswith("-10 (-5.0 %), better.")
    assert movements([5.0, *[0.0] * 6, 5.0], days(8))[0].sentence("lower").endswith("unchanged.")


def test_a_share_of_nothing_is_unknown_but_the_change_is_not() -> None:
    found = movements([0.0, *[1.0] * 6, 4.0], days(8))[0]
    assert math.isnan(found.share)
    assert found.sentence("higher") == "Against the same weekday last week: +4, better."
    assert movements([-10.0, *[1.0] * 6, -5.0], days(8))[0].share == 0.5


def test_several_values_of_a_day_are_their_mean_in_any_order() -> None:
    found = movements([9.0, 1.0, 3.0], [START + timedelta(days=7), START, START])[0]
    assert (found.value, found.earlier) == (9.0, 2.0)


def test_an_older_day_can_be_asked_for() -> None:
    assert movements(np.arange(30.0), days(30), date(2025, 1, 20))[0].value == 19.0
    with pytest.raises(ValueError, match="no value on 2025-03-01; expected a day between 2025-01-01 and 2025-01-30"):
        movements(np.arange(30.0), days(30), date(2025, 3, 1))
    with pytest.raises(ValueError, match="Found no value on any day"):
        movements([np.nan], [START])
    with pytest.raises(ValueError, match="Found 2 values and 1 times"):
        movements([1.0, 2.0], [START])
