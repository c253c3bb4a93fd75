"""Rolling means, movements and slopes."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.spc.trend import WINDOWS, movement, rolling_mean, rolling_mean_over, slope


def test_rolling_mean_waits_for_a_full_window() -> None:
    means = rolling_mean(np.array([1.0, 2.0, 3.0, 7.0]), 3)
    assert np.isnan(means[:2]).all()
    assert means[2:].tolist() == [2.0, 4.0]


def test_rolling_mean_of_a_short_series_is_unknown() -> None:
    assert np.isnan(rolling_mean(np.array([1.0]), 3)).all()
    assert rolling_mean(np.array([]), 3).size == 0


def test_movement_is_a_share_of_the_earlier_size() -> None:
    change = movement(np.array([100.0, 0.0, 110.0, 5.0, -220.0]), 2)
    assert np.isnan(change[[0, 1, 3]]).all()
    assert change[[2, 4]] == pytest.approx([0.1, -3.0])


def test_movement_up_from_a_negative_value_is_positive() -> None:
    assert movement(np.array([-10.0, -5.0]), 1)[1] == 0.5


def test_movement_of_a_short_series_is_unknown() -> None:
    assert np.isnan(movement(np.array([1.0, 2.0]), 7)).all()


def test_one_outlier_does_not_bend_the_slope() -> None:
    values = np.arange(0.0, 100.0, 2.0)
    values[20] = 1e6
    assert slope(values) == pytest.approx(2.0)


def test_slope_is_per_unit_of_time() -> None:
    at = np.array([0.0, 10.0, 40.0])
    assert slope(at * 0.5 + 3, at) == pytest.approx(0.5)


def test_slope_of_a_long_series() -> None:
    assert slope(np.arange(0.0, -25_000.0, -0.25)) == pytest.approx(-0.25)


def test_slope_needs_two_places() -> None:
    assert np.isnan(slope(np.array([1.0])))
    assert np.isnan(slope(np.array([1.0, 2.0]), np.array([5.0, 5.0])))


def test_windows_and_lags_below_one_are_refused() -> None:
    with pytest.raises(ValueError, match="The window is 0 points"):
        rolling_mean(np.array([1.0]), 0)
    with pytest.raises(ValueError, match="The lag is 0 points"):
        movement(np.array([1.0]), 0)


DAYS = np.datetime64("2026-01-01") + np.arange(120).astype("timedelta64[D]")


@pytest.mark.parametrize("days", WINDOWS)
def test_a_mean_over_days_is_that_of_those_days(days: int) -> None:
    values = np.random.default_rng(1).normal(1000, 40, 120)
    means = rolling_mean_over(values, DAYS, days)
    assert np.isnan(means[: days - 1]).all()
    assert means[days - 1 :] == pytest.approx(np.convolve(values, np.ones(days) / days, "valid"), rel=1e-12)


def test_a_mean_over_days_bridges_gaps_and_says_when_it_cannot() -> None:
    values = np.arange(120.0)
    values[40] = np.nan
    kept = np.r_[0:50, 54:60, 80:120]  # rows that are missing altogether
    means = dict(zip(kept.tolist(), rolling_mean_over(values[kept], DAYS[kept], 7).tolist(), strict=True))
    assert means[42] == pytest.approx(np.mean([36, 37, 38, 39, 41, 42]))
    assert means[57] == pytest.approx(np.mean([54, 55, 56, 57]))
    assert means[56] != means[56]  # three of seven days have a value
    assert means[80] != means[80]
    assert means[86] == pytest.approx(83.0)


def test_a_mean_over_days_takes_any_step() -> None:
    hours = np.datetime64("2026-01-01") + np.arange(24 * 20).astype("timedelta64[h]")
    values = np.arange(480.0)
    means = rolling_mean_over(values, hours, 7)
    assert means[-1] == pytest.approx(np.mean(values[-168:]))
    assert np.isnan(means[: 24 * 6]).all()
    assert not np.isnan(means[24 * 6])


def test_a_mean_over_days_of_nothing_is_unknown() -> None:
    assert rolling_mean_over([], [], 7).size == 0
    assert np.isnan(rolling_mean_over(np.full(120, np.nan), DAYS, 7)).all()
    with pytest.raises(ValueError, match="not in order"):
        rolling_mean_over([1.0, 2.0], DAYS[[1, 0]], 7)
    with pytest.raises(ValueError, match="The window is 0 days"):
        rolling_mean_over([1.0], DAYS[:1], 0)
