"""Seasonal profiles: the shape there is is learned, one that is not there is not made up."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.spc.seasonality import calendar_of, expected, fit_profile

DAYS = np.datetime64("2026-01-05") + np.arange(365)


def test_weekdays_weekends_and_month_edges_are_learned() -> None:
    draw = np.random.default_rng(1)
    calendar = calendar_of(DAYS)
    values = 1000.0 - 400 * calendar.daytype + 80 * (calendar.weekday == 0) + 150 * (calendar.edge == 2)
    noisy = values + draw.normal(0, 20, (50, 365))
    fitted, doubt = expected(fit_profile(noisy, np.ones(noisy.shape, bool), calendar), calendar)
    assert np.sqrt(np.mean((fitted - values) ** 2)) < 8
    assert doubt.max() < 0.15


def test_hours_differ_between_workdays_and_weekends() -> None:
    draw = np.random.default_rng(2)
    calendar = calendar_of(np.datetime64("2026-01-05T00") + np.arange(24 * 84))
    hour = calendar.hour % 24
    values = 100 + 60 * np.sin(hour / 24 * 2 * np.pi) * (1 - calendar.daytype)
    noisy = values + draw.normal(0, 5, (5, hour.size))
    profile = fit_profile(noisy, np.ones(noisy.shape, bool), calendar)
    assert np.sqrt(np.mean((expected(profile, calendar)[0] - values) ** 2)) < 1.5
    assert profile.sigma == pytest.approx(5, rel=0.1)


def test_a_metric_without_a_week_gets_none() -> None:
    draw = np.random.default_rng(3)
    calendar = calendar_of(DAYS[:84])
    noisy = 50 + draw.normal(0, 1, (200, 84))
    fitted, _ = expected(fit_profile(noisy, np.ones(noisy.shape, bool), calendar), calendar)
    # seven free weekday means would miss by 0.29 sigma
    assert np.sqrt(np.mean((fitted - 50) ** 2)) < 0.22


def test_wild_points_and_excluded_points_do_not_bend_the_profile() -> None:
    draw = np.random.default_rng(4)
    calendar = calendar_of(DAYS[:84])
    values = 1000 - 400 * calendar.daytype + draw.normal(0, 40, (1, 84))
    values[0, [10, 30, 50]] += 5000
    values[0, 70:80] = 0
    usable = np.ones((1, 84), bool)
    usable[0, 70:80] = False
    profile = fit_profile(values, usable, calendar)
    assert profile.level[0] + profile.effects["daytype"][0, 0] == pytest.approx(1000, abs=20)
    assert profile.sigma[0] == pytest.approx(40, rel=0.3)


def test_a_holiday_never_seen_may_be_a_workday_or_a_weekend_day() -> None:
    draw = np.random.default_rng(5)
    holidays = np.zeros(120, bool)
    holidays[100] = True
    calendar = calendar_of(DAYS[:120], holidays)
    values = 1000 - 400 * calendar.daytype + draw.normal(0, 40, (1, 120))
    profile = fit_profile(values[:, :84], np.ones((1, 84), bool), calendar[:84])
    fitted, doubt = expected(profile, calendar)
    reach = 3.3 * profile.sigma[0] * np.sqrt(1 + doubt[0, 100])
    assert abs(fitted[0, 100] - 1000) < reach
    assert abs(fitted[0, 100] - 600) < reach


def test_holidays_of_another_length_are_refused_by_number() -> None:
    with pytest.raises(ValueError, match="2 holiday marks for 365 times"):
        calendar_of(DAYS, [True, False])
