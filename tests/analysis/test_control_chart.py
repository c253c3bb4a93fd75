"""Individuals charts against published cases, and the series that have no ordinary chart."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.control_chart import D2_OF_TWO, individuals
from analysis.detection_rules import NELSON, WESTERN_ELECTRIC

SPC = Path(__file__).resolve().parents[2].parent / "shared" / "practice" / "spc"
needs_practice = pytest.mark.skipif(not SPC.exists(), reason="the practice data are not here")


def individuals_cases() -> list[dict[str, Any]]:
    cases = json.loads((SPC / "shewhart_cases.json").read_text()) if SPC.exists() else []
    return [case for case in cases if case["chart"] == "xbar.one"]


def test_handbook_case() -> None:
    """NIST/SEMATECH e-Handbook 6.3.2.2."""
    chart = individuals([49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1])
    assert chart.kind == "individuals"
    assert chart.center_line == pytest.approx(50.81, rel=1e-4)
    assert chart.upper_control_limit == pytest.approx(55.8041, rel=1e-4)
    assert chart.lower_control_limit == pytest.approx(45.8159, rel=1e-4)
    assert chart.signals == ()


@needs_practice
def test_published_case() -> None:
    case = json.loads((SPC / "nist_published.json").read_text())["cases"]["pmc322_individuals"]
    chart = individuals(case["data"])
    assert chart.center_line == pytest.approx(case["mean"], rel=1e-4)
    assert chart.sigma * D2_OF_TWO == pytest.approx(case["mr_bar"], rel=1e-4)
    assert [chart.lower_control_limit, chart.upper_control_limit] == pytest.approx([case["lcl"], case["ucl"]], rel=1e-4)
    assert [signal.index for signal in chart.signals] == case["violations"]


@needs_practice
@pytest.mark.parametrize("case", individuals_cases(), ids=lambda case: case["id"])
def test_computed_cases(case: dict[str, Any]) -> None:
    chart = individuals(case["statistic"], baseline=case["n_calibration"], rules=[*WESTERN_ELECTRIC, *NELSON])
    assert chart.center_line == pytest.approx(case["center"], rel=1e-4)
    assert chart.sigma == pytest.approx(case["std_dev"], rel=1e-4)
    assert chart.lower_control_limit == pytest.approx(case["lcl"][0], rel=1e-4)
    assert chart.upper_control_limit == pytest.approx(case["ucl"][0], rel=1e-4)
    for short, expected in case["rules_idx"].items():
        name = f"western_electric_{short[2:]}" if short.startswith("WE") else f"nelson_{short[1:]}"
        assert [signal.index for signal in chart.signals if signal.rule == name] == expected, short


@needs_practice
def test_constant_of_the_moving_range() -> None:
    with (SPC / "control_chart_constants.csv").open() as file:
        first = next(csv.DictReader(file, skipinitialspace=True))
    assert round(float(first["d2"]), 3) == D2_OF_TWO


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
