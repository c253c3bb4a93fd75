"""Charts of counts: sizes that vary, bounds, Laney's correction, and what no chart can hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from analysis.spc.attribute_charts import c, laney_p, laney_u, np_, p, u
from analysis.spc.charts import ONLY_LIMITS


def test_limits_of_a_share_follow_the_size_and_stay_within_0_and_1() -> None:
    chart = p([5, 40, 1], [50, 400, 4], center=0.1, rules=ONLY_LIMITS)
    reach = 3 * np.sqrt(0.09 / np.array([50, 400, 4]))
    assert chart.upper_control_limits == pytest.approx(0.1 + reach)
    assert chart.lower_control_limits == pytest.approx([0, 0.1 - reach[1], 0])
    assert p([4, 4], 4, center=0.9, rules=ONLY_LIMITS).upper_control_limit == 1.0


def test_run_rules_see_each_point_in_its_own_standard_errors() -> None:
    """A share of 0.14 is beyond two sigma of 0.1 in 400 items (0.13), and not in 50 (0.185)."""
    large = p([20, 56, 56], [200, 400, 400], center=0.1, rules=["nelson_5"])
    assert [(signal.index, signal.members) for signal in large.signals] == [(3, (2, 3))]
    small = p([40, 56, 7], [400, 400, 50], center=0.1, rules=["nelson_5"])
    assert small.statistic[-1] == large.statistic[-1]
    assert small.signals == ()


def test_trends_are_seen_in_the_values_also_where_sizes_vary() -> None:
    counts, sizes = np.array([10, 22, 12, 26, 14, 30]), np.array([100, 200, 100, 200, 100, 200])
    chart = u(counts, sizes, rules=["nelson_3"])
    assert chart.statistic.tolist() == [0.10, 0.11, 0.12, 0.13, 0.14, 0.15]
    assert [(signal.rule, signal.index) for signal in chart.signals] == [("nelson_3", 6)]


def test_laney_widens_limits_by_the_spread_between_samples() -> None:
    rng = np.random.default_rng(11)
    sizes = np.full(400, 20_000)
    counts = rng.binomial(sizes, np.clip(rng.normal(0.1, 0.01, 400), 0, 1))
    plain, widened = p(counts, sizes, rules=ONLY_LIMITS), laney_p(counts, sizes, rules=ONLY_LIMITS)
    sigma_z = float(np.asarray(widened.more["sigma_z"]))
    assert len(plain.signals) > 80, "the p chart cries wolf where shares vary by themselves"
    assert len(widened.signals) <= 4
    assert sigma_z == pytest.approx(np.hypot(1, 0.01 / np.sqrt(0.09 / 20_000)), rel=0.1)
    assert widened.sigma == pytest.approx(plain.sigma * sigma_z)


def test_laney_leaves_limits_alone_where_only_chance_varies() -> None:
    counts = np.random.default_rng(12).poisson(40, 2000)
    widened = laney_u(counts, 10)
    assert float(np.asarray(widened.more["sigma_z"])) == pytest.approx(1, abs=0.05)


def test_sigma_z_is_the_mean_moving_range_of_the_standardised_points() -> None:
    """By hand: u = 2, standardised (0.5 - 2, 3.5 - 2) * sqrt(2 / 2) = -1.5, 1.5, moving range 3."""
    chart = laney_u([1, 7], 2, rules=ONLY_LIMITS)
    assert chart.center_line == 2.0
    assert chart.more["sigma_z"] == pytest.approx(3 / 1.128)
    assert chart.upper_control_limit == pytest.approx(2 + 3 * 3 / 1.128)


def test_no_defect_at_all_is_calm() -> None:
    for chart in (p([0, 0, 0], 10), laney_p([0, 0, 0], 10), c([0, 0, 0]), u([0, 0, 0], [1, 2, 3])):
        assert (chart.center_line, chart.upper_control_limit, chart.signals) == (0, 0, ())


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: p([1, 60], 50), "Value 2 is 60 defectives of 50"),
        (lambda: p([1, -1], 50), "Value 2 is -1; expected whole numbers from 0"),
        (lambda: p([0.2, 0.1], 50), "Value 1 is 0.2; expected whole numbers from 0 (counts, not shares)"),
        (lambda: p([1, 2], [50, 0]), "Size 2 is 0; expected a number above 0"),
        (lambda: p([1, 2], [50, 50, 50]), "expected one size, or one for each of 2 values"),
        (lambda: p([1, 2], 50, center=1.5), "The center is 1.5 as a share"),
        (lambda: np_([1, 2], [50, 60]), "Size 2 is 60, the first 50; an np chart needs samples of one size"),
        (lambda: c([1, -2]), "Value 2 is -2; expected 0 or more"),
        (lambda: u([1, 2], 0), "Size 1 is 0; expected a number above 0"),
        (lambda: c([4]), "at least 2 values"),
    ],
)
def test_what_cannot_be_counted_is_refused(make: Any, sentence: str) -> None:
    with pytest.raises(ValueError) as refused:
        make()
    assert sentence in str(refused.value)
