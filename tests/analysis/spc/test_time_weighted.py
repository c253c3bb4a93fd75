"""EWMA and CUSUM against the values of qcc's own tests, and schemes that make no sense."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from analysis.spc.time_weighted import Scheme, Weighing, cusum, ewma


def test_ewma_of_qcc() -> None:
    """qcc, test-ewma.R."""
    chart = ewma([11.0, 13.0, 12.0], center=10, sigma=2, width=2, weighing=Weighing(0.5))
    assert chart.statistic == pytest.approx([10.5, 11.75, 11.875], abs=1e-12)
    assert chart.standard_errors == pytest.approx([1, math.sqrt(1.25), math.sqrt(1.3125)], abs=1e-12)
    assert chart.upper_control_limits == pytest.approx(10 + 2 * chart.standard_errors, abs=1e-12)


def test_limits_of_an_ewma_of_samples_follow_their_exact_variance() -> None:
    """By hand: 0.25/4 = 0.0625; then 0.25/1 + 0.25 * 0.0625."""
    chart = ewma([1.0, 2.0], center=0, sigma=1, weighing=Weighing(0.5), sizes=[4, 1])
    assert chart.standard_errors == pytest.approx([0.25, math.sqrt(0.265625)])


def test_an_ewma_that_weighs_only_the_newest_point_is_the_individuals_chart() -> None:
    chart = ewma([5.0, 7.0, 6.0], center=6, sigma=1, weighing=Weighing(1.0))
    assert chart.statistic.tolist() == [5.0, 7.0, 6.0]
    assert chart.upper_control_limits.tolist() == [9.0, 9.0, 9.0]


def test_cusum_of_qcc_is_beyond_only_strictly() -> None:
    """qcc, test-cusum.R: 1.0 on an interval of 1 is not beyond."""
    chart = cusum([1.5, 0.5, 0.6, -1.5, -0.5, -0.8], center=0, sigma=1, scheme=Scheme(0.5, 1.0))
    assert chart.more["upper"] == pytest.approx([1.0, 1.0, 1.1, 0, 0, 0], abs=1e-12)
    assert chart.more["lower"] == pytest.approx([0, 0, 0, -1.0, -1.0, -1.3], abs=1e-12)
    assert [signal.index for signal in chart.signals] == [3, 6]


def test_cusum_of_samples_of_qcc() -> None:
    """qcc, test-cusum.R: sizes 3, 3, 2, 3."""
    chart = cusum([10, 10, 14, 16], center=10, sigma=2, scheme=Scheme(0.5, 10), sizes=[3, 3, 2, 3])
    assert chart.more["upper"] == pytest.approx([0, 0, 2.32842712474619, 7.02457954745282], abs=1e-12)


def test_a_head_start_signals_sooner() -> None:
    values = [1.2, 1.2, 1.2, 1.2, 1.2, 1.2, 1.2, 1.2]
    plain, quick = (cusum(values, center=0, sigma=1, scheme=Scheme(0.5, 5, start)).signals for start in (0.0, 2.5))
    assert (plain[0].index, quick[0].index) == (8, 4)


def test_sums_learn_from_the_baseline_only() -> None:
    calm = [10.0, 12.0, 10.0, 12.0, 10.0, 12.0]
    for chart in (ewma([*calm, 30.0], baseline=6), cusum([*calm, 30.0], baseline=6)):
        assert chart.sigma == pytest.approx(2 / 1.128)
        assert [signal.index for signal in chart.signals] == [7]
    assert cusum([*calm, 30.0], baseline=6).more["target"] == 11.0


def test_a_constant_series_is_calm() -> None:
    for chart in (ewma(np.full(50, 0.1)), cusum(np.full(50, 0.1))):
        assert (chart.sigma, chart.signals) == (0.0, ())


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Weighing(0.0), "The lambda is 0; expected more than 0 and at most 1"),
        (lambda: Scheme(k=-1), "The k is -1; expected 0 or more"),
        (lambda: Scheme(h=0), "The h is 0; expected more than 0"),
        (lambda: Scheme(head_start=5), "The head start is 5; expected from 0 to below h"),
        (lambda: ewma([1.0, 2.0], sizes=4), "Means of samples were given without a sigma"),
        (lambda: ewma([1.0, 2.0], width=0), "The width is 0 sigmas"),
        (lambda: cusum([1.0, 1.0, 2.0], baseline=2), "The sigma is 0, so no sum can be taken"),
    ],
)
def test_what_makes_no_sense_is_refused(make: Any, sentence: str) -> None:
    with pytest.raises(ValueError) as refused:
        make()
    assert sentence in str(refused.value)
