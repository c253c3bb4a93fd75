"""One alarm budget over many metrics, kept on made nulls and mixtures."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import norm

from analysis.spc.detector import alarm_starts
from analysis.spc.detector_many import calibrate_many, score_many
from analysis.spc.portfolio import budget_rates, expected_alarms_per_year, lord, p_values, saffron
from bench.spc_series import days, made


def test_rates_share_the_budget() -> None:
    rates = budget_rates(7, np.array([7.0, 7.0, 168.0]), np.array([1.0, 1.0, 2.0]))
    assert (rates * [7, 7, 168]).tolist() == pytest.approx([1.75, 1.75, 3.5])
    assert expected_alarms_per_year(rates, np.array([365.25, 365.25, 8766])) == pytest.approx(365.25)
    with pytest.raises(ValueError, match="budget of 0 alarms"):
        budget_rates(0, [7.0])


def test_500_metrics_keep_a_budget_of_ten_alarms_a_week() -> None:
    values = made("normal", 40.0, 500, 84 + 182, 11)
    calendar = days(84 + 182)
    rates = budget_rates(10, np.full(500, 7.0))
    calibration = calibrate_many(values[:, :84], np.ones((500, 84), bool), calendar[:84], rates)
    alarms = score_many(calibration, values[:, 84:], calendar[84:]).alarms
    assert alarm_starts(alarms).sum() / 26 == pytest.approx(10, rel=0.25)


@pytest.mark.parametrize("control", [lord, saffron])
@pytest.mark.parametrize("wrong", [0.0, 0.05, 0.3])
def test_the_share_of_false_discoveries_stays_below_alpha(control: Callable, wrong: float) -> None:
    shares, power = [], []
    for seed in range(120):
        draw = np.random.default_rng(seed)
        real = draw.random(600) < wrong
        p = 2 * norm.sf(np.abs(draw.normal(size=600) + 4 * real))
        found = control(p, 0.1)
        shares.append((found & ~real).sum() / max(found.sum(), 1))
        power.append((found & real).sum() / max(real.sum(), 1))
    assert np.mean(shares) < 0.1 + 2 * np.std(shares) / np.sqrt(len(shares))
    assert wrong == 0 or np.mean(power) > 0.3


def test_saffron_finds_more_where_much_is_wrong() -> None:
    draw = np.random.default_rng(3)
    real = draw.random(3000) < 0.4
    p = 2 * norm.sf(np.abs(draw.normal(size=3000) + 3 * real))
    assert (saffron(p, 0.1) & real).sum() > (lord(p, 0.1) & real).sum()


def test_a_point_without_a_value_costs_no_budget() -> None:
    p = np.array([1e-9, np.nan, 1e-9])
    assert lord(p, 0.05).tolist() == [True, False, True]
    with pytest.raises(ValueError, match="between 0 and 1"):
        lord(p, 1.5)


def test_p_values_of_quiet_metrics_are_uniform() -> None:
    values = made("flat", 40.0, 400, 184, 12)
    calendar = days(184)
    calibration = calibrate_many(values[:, :84], np.ones((400, 84), bool), calendar[:84])
    p = p_values(score_many(calibration, values[:, 84:], calendar[84:]))
    assert np.mean(p < 0.05) == pytest.approx(0.05, abs=0.012)
