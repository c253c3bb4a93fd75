"""Theil-Sen and Mann-Kendall against published values, and how often they cry wolf."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import lfilter
from scipy.stats import kendalltau, rankdata, theilslopes
from statsmodels.tsa.stattools import acf

from analysis.spc.slopes import drift, mann_kendall


def dependent(rng: np.random.Generator, count: int, phi: float) -> np.ndarray:
    return lfilter([1], [1, -phi], rng.standard_normal(count + 50))[50:]


def test_gilberts_example_of_the_score() -> None:
    found = mann_kendall(np.array([10.0, 15.0, 14.0, 20.0]))
    assert (found.s, found.tau) == (4.0, pytest.approx(2 / 3))
    assert found.variance == pytest.approx(4 * 3 * 13 / 18)
    assert found.z == pytest.approx(3 / np.sqrt(4 * 3 * 13 / 18))


def test_sens_example_of_the_slope() -> None:
    found = drift([9, 15, 19, 20, 45, 55, 78], [1, 2, 3, 4, 10, 12, 18])
    assert found.slope == 4.0


def test_the_test_without_correction_is_that_of_scipy() -> None:
    values = np.random.default_rng(1).integers(0, 12, 80).astype(np.float64)
    found = mann_kendall(values)
    theirs = kendalltau(np.arange(80), values, method="asymptotic")
    without_continuity = 2 * (1 - _cdf(abs(found.s) / np.sqrt(found.variance)))
    assert without_continuity == pytest.approx(theirs.pvalue, rel=1e-9)


def _cdf(z: float) -> float:
    from statistics import NormalDist

    return NormalDist().cdf(z)


def test_the_interval_is_that_of_scipy() -> None:
    values = np.random.default_rng(3).standard_normal(40) + 0.05 * np.arange(40)
    ours, theirs = drift(values, correction="none"), theilslopes(values)
    assert (ours.slope, ours.lower, ours.upper) == (theirs.slope, theirs.low_slope, theirs.high_slope)


@pytest.mark.parametrize("lags", [3, 99])
def test_corrections_follow_the_papers(lags: int) -> None:
    values = dependent(np.random.default_rng(6), 100, 0.6) + 0.02 * np.arange(100)
    n, lag = 100, np.arange(1, lags + 1)
    rest = values - np.arange(1, n + 1) * theilslopes(values).slope
    plain = mann_kendall(values).variance
    own = acf(rankdata(rest), nlags=lags)[1:]
    own[np.abs(own) < 1.959963984540054 / np.sqrt(n)] = 0
    hamed_rao = 1 + 2 / (n * (n - 1) * (n - 2)) * np.sum((n - lag) * (n - lag - 1) * (n - lag - 2) * own)
    yue_wang = 1 + 2 * np.sum((1 - lag / n) * acf(rest, nlags=lags)[1:])
    assert mann_kendall(values, "hamed_rao", lags).variance == pytest.approx(plain * hamed_rao, rel=1e-9)
    assert mann_kendall(values, "yue_wang", lags).variance == pytest.approx(plain * yue_wang, rel=1e-9)


@pytest.mark.parametrize(("phi", "naive"), [(0.0, 0.0), (0.5, 0.18), (0.8, 0.35)])
def test_neighbours_that_depend_on_each_other_do_not_look_like_a_drift(phi: float, naive: float) -> None:
    rng = np.random.default_rng(8)
    series = [dependent(rng, 120, phi) for _ in range(250)]
    assert np.mean([mann_kendall(one).p_value < 0.05 for one in series]) >= naive
    assert np.mean([drift(one).is_significant for one in series]) < 0.09


def test_dependence_never_makes_a_drift_more_certain() -> None:
    values = np.tile([0.0, 5.0], 40) + 0.02 * np.arange(80)
    assert drift(values, correction="hamed_rao").test.p_value >= mann_kendall(values).p_value


def test_a_drift_is_found_at_uneven_places_with_gaps() -> None:
    rng = np.random.default_rng(4)
    days = np.sort(rng.choice(200, 90, replace=False)).astype(np.float64)
    values = 1000 + 0.8 * days + 20 * rng.standard_normal(90)
    values[10] = np.nan
    found = drift(values, days)
    assert found.is_significant
    assert found.lower < 0.8 < found.upper


def test_words_say_where_it_goes_and_whether_that_is_good() -> None:
    found = drift(np.arange(30.0) * 2 + np.tile([0.0, 0.5], 15))
    assert found.sentence("rows").startswith("Rising by 2 rows per day (95 % interval +")
    assert found.sentence("rows", direction="lower").endswith("getting worse.")
    assert found.sentence("rows", direction="higher").endswith("getting better.")
    assert drift(np.tile([1.0, 2.0], 20)).sentence().startswith("No trend")


def test_a_constant_series_has_no_trend() -> None:
    found = drift(np.full(20, 5.0))
    assert (found.slope, found.is_significant) == (0.0, False)


def test_what_has_no_trend_to_test_is_refused() -> None:
    with pytest.raises(ValueError, match="Found 3 values; expected 4 or more"):
        drift([1.0, 2.0, np.nan, 3.0])
    with pytest.raises(ValueError, match="ascending"):
        drift([1.0, 2.0, 3.0, 4.0], [0, 1, 1, 2])
