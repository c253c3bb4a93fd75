"""Charts of measured values against published cases, and the series that have no ordinary chart."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.spc.charts import ControlChart
from analysis.spc.constants import D2_OF_TWO
from analysis.spc.subgroups import Subgroups
from analysis.spc.variables_charts import deviations, individuals, moving_range, ranges, xbar

QCC_ROWS = [[2.0, 4.0, 6.0, 8.0], [1.0, 5.0], [3.0, 6.0, 9.0]]  # of qcc's own tests, where NA fills the rows


def test_handbook_case() -> None:
    """NIST/SEMATECH e-Handbook 6.3.2.2."""
    chart = individuals([49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1])
    assert chart.kind == "individuals"
    assert chart.center_line == pytest.approx(50.81, rel=1e-4)
    assert chart.upper_control_limit == pytest.approx(55.8041, rel=1e-4)
    assert chart.lower_control_limit == pytest.approx(45.8159, rel=1e-4)
    assert chart.signals == ()


def test_published_case(practice: Path) -> None:
    case = json.loads((practice / "spc" / "nist_published.json").read_text())["cases"]["pmc322_individuals"]
    chart = individuals(case["data"])
    assert chart.center_line == pytest.approx(case["mean"], abs=5e-5)
    assert chart.sigma * D2_OF_TWO == pytest.approx(case["mr_bar"], abs=5e-5)
    assert chart.upper_control_limit == pytest.approx(case["ucl"], abs=5e-5)
    assert chart.lower_control_limit == pytest.approx(case["lcl"], abs=5e-5)
    assert [signal.index for signal in chart.signals] == case["violations"]


def test_points_after_the_baseline_do_not_move_the_limits() -> None:
    calm = [10.0, 12.0, 10.0, 12.0, 10.0, 12.0]
    chart = individuals([*calm, 30.0], baseline=6)
    assert chart.center_line == 11.0
    assert chart.sigma == pytest.approx(2 / 1.128)
    assert [(signal.rule, signal.index) for signal in chart.signals if signal.rule == "nelson_1"] == [("nelson_1", 7)]


def test_given_center_and_sigma_are_taken() -> None:
    chart = individuals([1.0, 2.0, 9.0], center=1.0, sigma=2.0)
    assert (chart.lower_control_limit, chart.center_line, chart.upper_control_limit) == (-5.0, 1.0, 7.0)
    assert [signal.index for signal in chart.signals] == [3]


@given(st.floats(-1e12, 1e12, allow_subnormal=False), st.integers(2, 200))
def test_a_constant_series_is_calm_whatever_its_value(value: float, count: int) -> None:
    chart = individuals(np.full(count, value))
    assert (chart.sigma, chart.center_line, chart.signals) == (0.0, value, ())


def test_a_point_off_a_constant_baseline_is_beyond_the_limits() -> None:
    chart = individuals([0.1] * 10 + [0.1000001, 0.1], baseline=10)
    assert [(signal.rule, signal.index) for signal in chart.signals] == [("nelson_1", 11)]


@given(st.lists(st.integers(-1000, 1000), min_size=2, max_size=60), st.integers(-1000, 1000))
def test_adding_a_constant_moves_the_lines_and_not_the_signals(numbers: list[int], offset: int) -> None:
    values = np.array(numbers, dtype=np.float64)
    chart, moved = individuals(values), individuals(values + offset)
    assert moved.center_line == pytest.approx(chart.center_line + offset, abs=1e-9)
    assert moved.sigma == pytest.approx(chart.sigma)
    judged, judged_moved = (individuals(values + by, center=3 + by, sigma=7) for by in (0, offset))
    assert judged_moved.signals == judged.signals


@pytest.mark.parametrize(
    ("values", "arguments", "sentence"),
    [
        ([1.0], {}, "at least 2 values"),
        ([], {}, "at least 2 values"),
        ([[1.0, 2.0], [3.0, 4.0]], {}, "shape (2, 2)"),
        ([1.0, math.nan, 2.0], {}, "Value 2 is nan"),
        ([1.0, 2.0, math.inf], {}, "Value 3 is inf"),
        ([1.0, 2.0, 3.0], {"baseline": 1}, "expected from 2 to 3"),
        ([1.0, 2.0, 3.0], {"baseline": 4}, "expected from 2 to 3"),
        ([1.0, 2.0], {"sigma": -1.0}, "expected 0 or more"),
        ([1.0, 2.0], {"center": math.nan}, "The center is nan"),
        ([1e308, -1e308], {}, "too large"),
    ],
)
def test_what_cannot_be_charted_is_refused(values: Any, arguments: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError) as refused:
        individuals(values, **arguments)
    assert sentence in str(refused.value)


@pytest.mark.parametrize(("estimate", "sigma"), [("range", 3.334735), ("deviation", 3.244180), ("pooled", 2.886142)])
def test_unequal_subgroups_have_the_sigma_and_center_of_qcc(estimate: Any, sigma: float) -> None:
    """Values of qcc's test-spc.xbar.R: UWAVE-R, UWAVE-SD, RMSDF."""
    chart = xbar(QCC_ROWS, estimate=estimate, rules=["beyond_limits"])
    assert chart.sigma == pytest.approx(sigma, rel=1e-5)
    assert chart.center_line == pytest.approx(44 / 9, rel=1e-12)
    assert chart.statistic.tolist() == [5.0, 3.0, 6.0]


def test_limits_follow_the_size_of_each_subgroup() -> None:
    """Values of qcc's test-spc.xbar.R."""
    rows = [[10.0] * size for size in (2, 4, 8)]
    chart = xbar(rows, center=10, sigma=2)
    assert chart.lower_control_limits == pytest.approx([5.757359, 7.0, 7.878680], rel=1e-6)
    assert chart.upper_control_limits == pytest.approx([14.24264, 13.0, 12.12132], rel=1e-6)
    assert not chart.has_steady_limits


def test_a_matrix_with_gaps_is_the_same_subgroups() -> None:
    matrix = np.array([[2.0, 4, 6, 8], [1, 5, math.nan, math.nan], [3, 6, 9, math.nan]])
    one, other = (xbar(rows, rules=["beyond_limits"]) for rows in (matrix, QCC_ROWS))
    assert one.upper_control_limits.tolist() == other.upper_control_limits.tolist()


def test_large_subgroups_are_pooled_for_a_range_wastes_most_of_them() -> None:
    rows = np.random.default_rng(5).normal(10, 2, (20, 40))
    groups = Subgroups.of(rows)
    assert xbar(rows).sigma == groups.spread("pooled") != groups.spread("range")


@pytest.mark.parametrize(("chart", "factor"), [(ranges, 2.326), (deviations, 0.9399856)])
def test_a_given_sigma_sets_center_and_limits_of_the_spread(chart: Any, factor: float) -> None:
    found: ControlChart = chart(np.ones((3, 5)), sigma=2.0, rules=["beyond_limits"])
    assert found.center_line == pytest.approx(2 * factor, rel=1e-6)
    assert found.lower_control_limit == 0.0, "a spread is never below 0"


def test_moving_ranges_have_the_published_upper_limit() -> None:
    """D4 of two is 3.267 in every table."""
    chart = moving_range([10.0, 12.0, 11.0, 14.0, 30.0], baseline=3)
    assert chart.statistic.tolist() == [2.0, 1.0, 3.0, 16.0]
    assert chart.center_line == 2.0
    assert chart.upper_control_limit == pytest.approx(3.267 * 2, abs=1e-3)
    assert [(signal.rule, signal.index) for signal in chart.signals] == [("beyond_limits", 4)]


def test_wider_limits_widen_the_zones() -> None:
    chart = individuals([0.0, 3.5, 0.0], center=0, sigma=1, width=3.5, rules=["nelson_1", "beyond_limits"])
    assert chart.upper_control_limit == 3.5
    assert chart.signals == ()
    assert individuals([3.6], center=0, sigma=1, width=3.5).signals[0].index == 1, "one point suffices for given lines"


@pytest.mark.parametrize("make", [ranges, deviations])
def test_a_subgroup_of_one_has_no_spread(make: Any) -> None:
    with pytest.raises(ValueError, match="Subgroup 2 has one value"):
        make([[1.0, 2.0], [3.0]])


def test_subgroups_of_one_need_another_chart() -> None:
    with pytest.raises(ValueError, match="use an individuals chart"):
        xbar([[1.0], [3.0]])


@given(st.floats(-1e9, 1e9, allow_subnormal=False), st.integers(2, 9))
def test_constant_subgroups_are_calm_whatever_their_value(value: float, size: int) -> None:
    chart = xbar(np.full((12, size), value))
    assert (chart.sigma, chart.center_line, chart.signals) == (0.0, value, ())
