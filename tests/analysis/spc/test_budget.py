"""The alarm budget: exact sums, own settings, clamped rates, points a week of any calendar."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.spc.budget import (
    WEEKS_IN_YEAR,
    Watched,
    points_per_week,
    rates,
    rule_signals_per_year,
)
from analysis.spc.calibration import HIGHEST_RATE, LOWEST_RATE
from config.quality import Quality, Watch


def many(count: int, points: float = 7.0) -> list[Watched]:
    return [Watched(f"m{place}", Watch(), points) for place in range(count)]


def test_all_metrics_together_cost_exactly_the_budget() -> None:
    metrics = [*many(1200), Watched("hourly", Watch(weight=5), 168.0), Watched("weekly", Watch(weight=0.5), 1.0)]
    budget = rates(metrics, Quality(false_alarms_per_week=1))
    assert budget.per_year == pytest.approx(WEEKS_IN_YEAR, rel=1e-12)
    assert budget.per_year == pytest.approx(budget.asked_per_year, rel=1e-12)
    share = WEEKS_IN_YEAR / 1205.5
    assert budget.rates["m0"].per_year == pytest.approx(share)
    assert budget.rates["hourly"].per_year == pytest.approx(5 * share)
    assert budget.rates["hourly"].rate == pytest.approx(5 * share / (168 * WEEKS_IN_YEAR))
    assert budget.rates["weekly"].rate == pytest.approx(0.5 * share / WEEKS_IN_YEAR)


def test_an_own_setting_takes_the_place_of_its_share_and_moves_nobody_else() -> None:
    before = rates(many(100), Quality())
    metrics = [Watched("m0", Watch(false_alarms_per_year=4), 7.0), *many(100)[1:]]
    after = rates(metrics, Quality())
    assert after.rates["m1"] == before.rates["m1"]
    assert after.rates["m0"].per_year == pytest.approx(4)
    assert after.rates["m0"].is_own and after.own == 1
    assert after.per_year == pytest.approx(WEEKS_IN_YEAR * 99 / 100 + 4)


def test_rates_that_no_calibration_promises_are_clamped_and_say_so() -> None:
    quiet = Watched("quiet", Watch(false_alarms_per_year=0.001), 168.0)
    loud = Watched("loud", Watch(false_alarms_per_year=300), 7.0)
    budget = rates([quiet, loud, *many(300)], Quality())
    assert budget.rates["quiet"].rate == LOWEST_RATE
    assert budget.rates["loud"].rate == HIGHEST_RATE
    assert budget.rates["quiet"].note.startswith("Fewer than 0.0088 a year cannot be promised")
    assert budget.rates["loud"].note.startswith("More than 18 a year are not given")
    assert budget.rates["m0"].note == ""
    assert budget.sentence("loud").endswith(budget.rates["loud"].note)
    shared = WEEKS_IN_YEAR * 300 / 302
    assert budget.per_year == pytest.approx(shared + sum(budget.rates[name].per_year for name in ("quiet", "loud")))


def test_the_sentence_says_what_chance_costs_in_all_and_here() -> None:
    budget = rates(many(1204), Quality(false_alarms_per_week=1))
    assert budget.sentence("m7") == "Chance alone gives about 52 signals a year over 1,204 data points; this one 0.043."
    assert budget.sentence() == "Chance alone gives about 52 signals a year over 1,204 data points."


def test_no_metrics_cost_nothing_and_points_must_be_above_zero() -> None:
    assert rates([], Quality()).per_year == 0
    with pytest.raises(ValueError, match="Found 0 points a week"):
        rates([Watched("a", Watch(), 0.0)], Quality())


def test_chart_rules_cost_what_their_run_length_says() -> None:
    rules = Watch(rules=["nelson_1"])
    assert rule_signals_per_year(rules, 7.0) == pytest.approx(7 * WEEKS_IN_YEAR / 370.3983, rel=1e-5)
    assert rule_signals_per_year(Watch(), 7.0) == 0


@pytest.mark.parametrize(
    ("step", "count", "expected"),
    [("D", 200, 7.0), ("h", 24 * 60, 168.0), ("W", 60, 1.0), ("m", 300, 7 * 24 * 60.0)],
)
def test_points_a_week_of_even_steps(step: str, count: int, expected: float) -> None:
    times = np.datetime64("2025-03-03T06", "s") + np.arange(count) * np.timedelta64(1, step)
    assert points_per_week(times) == pytest.approx(expected)


def test_points_a_week_of_workdays_of_months_and_across_an_outage() -> None:
    days = np.datetime64("2025-03-03") + np.arange(200)
    workdays = days[(days.astype(np.int64) + 3) % 7 < 5]
    assert points_per_week(workdays) == 5
    assert points_per_week(np.concatenate([days[:40], days[140:]])) == 7
    months = (np.datetime64("2024-01") + np.arange(24)).astype("datetime64[D]")
    assert points_per_week(months) == pytest.approx(7 / 31)
    assert points_per_week(days[:1]) == 7


def test_few_metrics_do_not_use_the_budget_up() -> None:
    found = rates([Watched("a", Watch()), Watched("b", Watch(false_alarms_per_year=12))], Quality())
    assert found.rates["a"].rate == 0.0027
    assert found.rates["b"].per_year == pytest.approx(12)
