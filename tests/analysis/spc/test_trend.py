"""Rolling means, movements and slopes."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.spc.trend import movement, rolling_mean, slope


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
