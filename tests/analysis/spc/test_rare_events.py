"""Charts of rare events: the transformation of times, and limits that keep their promise."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.spc.rare_events import g, t

HOURS = [286, 948, 536, 124, 816, 729, 4, 143, 431, 8, 2837, 596, 81, 227, 603, 492, 1199, 1214, 2831, 96]


def test_times_are_judged_as_powers_and_drawn_as_times() -> None:
    """Hours between valve failures, attributed to Montgomery, table 7.14; quoted without the book at hand."""
    chart = t(HOURS)
    assert (chart.statistic**0.2777)[:5] == pytest.approx([4.80986, 6.70903, 5.72650, 3.81367, 6.43541], abs=1e-5)
    assert chart.statistic.tolist() == HOURS, "the chart is drawn in hours"
    powers = np.array(HOURS) ** (1 / 3.6)
    reach = 3 * np.mean(np.abs(np.diff(powers))) / 1.128
    assert chart.center_line == pytest.approx(powers.mean() ** 3.6)
    assert chart.upper_control_limit == pytest.approx((powers.mean() + reach) ** 3.6)
    assert chart.lower_control_limit == 0.0
    assert chart.signals == ()


def test_nelsons_limits_alarm_as_seldom_as_the_normal_ones() -> None:
    """Exponential times: the transformation makes false alarms of about 0.07 %, under the normal 0.27 %."""
    times = np.random.default_rng(3).exponential(100, 200_000)
    assert len(t(times).signals) / times.size < 0.0027


@pytest.mark.parametrize("seed", range(3))
def test_probability_limits_of_times_keep_the_promised_rate(seed: int) -> None:
    times = np.random.default_rng(seed).exponential(100, 200_000)
    chart = t(times, limits="probability")
    assert len(chart.signals) / times.size == pytest.approx(0.0027, abs=3 * np.sqrt(0.0027 / times.size) + 1e-4)
    assert chart.center_line == pytest.approx(100 * np.log(2), rel=0.01)


def test_g_chart_has_benneyans_limits_and_says_how_often_they_are_wrong() -> None:
    chart = g([3, 5, 2, 9, 0, 4, 20, 1, 1, 5])
    assert chart.center_line == 5.0
    assert chart.upper_control_limit == pytest.approx(5 + 3 * np.sqrt(30))
    assert chart.lower_control_limit == 0.0
    # P(more than 21) of a geometric count with mean 5 is (5/6)^22.
    assert f"{(5 / 6) ** 22:.2%} of points" in chart.notes[0]


def test_probability_limits_of_counts_never_promise_too_much() -> None:
    share = 1 / 6
    chart = g([5, 5, 5], center=5, limits="probability")
    above = (1 - share) ** (chart.upper_control_limit + 1)
    assert above <= 0.00135 < above / (1 - share), "and the next limit below would"
    assert chart.lower_control_limit == 0.0


def test_a_long_quiet_time_is_a_signal() -> None:
    assert [signal.index for signal in t([*HOURS, 40_000], baseline=20).signals] == [21]
    assert [signal.index for signal in g([3, 5, 2, 9, 0, 4, 5, 90], baseline=7).signals] == [8]


def test_what_is_no_time_and_no_count_is_refused() -> None:
    with pytest.raises(ValueError, match="Value 2 is -5; expected a time of 0 or more"):
        t([3, -5])
    with pytest.raises(ValueError, match=r"Value 1 is 2.5; expected whole numbers"):
        g([2.5, 3])
