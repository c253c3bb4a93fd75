"""Every chart against R's qcc and the NIST/SEMATECH e-Handbook: limits to rounding, signals exactly."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis.spc import attribute_charts, variables_charts
from analysis.spc.charts import BEYOND_LIMITS, ControlChart
from analysis.spc.rules import NELSON, WESTERN_ELECTRIC
from analysis.spc.time_weighted import Scheme, Weighing, cusum, ewma

RULES = [BEYOND_LIMITS, *WESTERN_ELECTRIC, *NELSON]
Case = dict[str, Any]
MAKERS: dict[str, Callable[[Case], ControlChart]] = {
    "xbar.one": lambda case: variables_charts.individuals(case["data"], case["n_calibration"], rules=RULES),
    "xbar": lambda case: variables_charts.xbar(np.array(case["data"]), case["n_calibration"], rules=RULES),
    "R": lambda case: variables_charts.ranges(np.array(case["data"]), case["n_calibration"], rules=RULES),
    "S": lambda case: variables_charts.deviations(np.array(case["data"]), case["n_calibration"], rules=RULES),
    "p": lambda case: attribute_charts.p(case["data"], case["sizes"], case["n_calibration"], rules=RULES),
    "np": lambda case: attribute_charts.np_(case["data"], case["sizes"], case["n_calibration"], rules=RULES),
    "u": lambda case: attribute_charts.u(case["data"], case["sizes"], case["n_calibration"], rules=RULES),
    "c": lambda case: attribute_charts.c(case["data"], case["n_calibration"], rules=RULES),
}
IDS = [
    "pistonrings_xbar_25", "pistonrings_R_25", "pistonrings_S_25", "viscosity_I", "orangejuice_p", "circuit_c",
    "pcmanufact_u", "nist_pmc322_I", "ishikawa_mirrors_np",
]  # fmt: skip


@pytest.fixture
def cases(practice: Path) -> dict[str, Case]:
    return {case["id"]: case for case in json.loads((practice / "spc" / "shewhart_cases.json").read_text())}


@pytest.fixture
def published(practice: Path) -> Case:
    found: Case = json.loads((practice / "spc" / "nist_published.json").read_text())["cases"]
    return found


@pytest.mark.parametrize("name", IDS)
def test_chart_agrees_with_qcc(name: str, cases: dict[str, Case]) -> None:
    case = cases[name]
    chart = MAKERS[case["chart"]](case)
    # qcc 2.7 holds d3(5) as 0.8640855, where the range distribution gives 0.8640819.
    close = 3e-6 if case["chart"] == "R" else 1e-9
    assert chart.statistic == pytest.approx(case["statistic"], rel=1e-9)
    assert chart.center_line == pytest.approx(case["center"], rel=1e-9)
    assert chart.sigma == pytest.approx(case["std_dev"], rel=1e-9)
    assert chart.lower_control_limits == pytest.approx(case["lcl"], rel=close, abs=1e-12)
    assert chart.upper_control_limits == pytest.approx(case["ucl"], rel=close)
    fired = {rule: [signal.index for signal in chart.signals if signal.rule == rule] for rule in RULES}
    assert fired[BEYOND_LIMITS] == case["beyond_limits_idx"]
    for short, expected in case["rules_idx"].items():
        rule = f"western_electric_{short[2:]}" if short.startswith("WE") else f"nelson_{short[1:]}"
        assert fired[rule] == expected, short


def test_counts_of_the_handbook(published: Case) -> None:
    case = published["pmc331_c"]
    chart = attribute_charts.c(case["data"], rules=[BEYOND_LIMITS])
    lines = (chart.center_line, chart.lower_control_limit, chart.upper_control_limit)
    assert lines == (case["center"], case["lcl"], case["ucl"])
    indexes = [signal.index for signal in chart.signals]
    assert indexes == case["violations_1based_strict"], "wafer 3 lies on the limit, which is not beyond"


def test_shares_of_the_handbook(published: Case) -> None:
    case = published["pmc332_p"]
    chart = attribute_charts.p(np.round(np.array(case["fractions"]) * case["n"]), case["n"], rules=[BEYOND_LIMITS])
    lines = (chart.center_line, chart.lower_control_limit, chart.upper_control_limit)
    assert [round(line, 4) for line in lines] == [case["center"], case["lcl"], case["ucl"]]
    assert [signal.index for signal in chart.signals] == case["violations_1based"]


def test_ewma_of_the_handbook(published: Case) -> None:
    case = published["pmc324_ewma"]
    chart = ewma(case["data"], center=case["ewma0"], sigma=case["s"], weighing=Weighing(case["lambda"], "asymptotic"))
    assert chart.statistic == pytest.approx(case["ewma"], abs=5.01e-3)
    assert chart.upper_control_limit == pytest.approx(case["ucl"], abs=1e-4)
    assert chart.lower_control_limit == pytest.approx(case["lcl"], abs=1e-4)
    assert [signal.index for signal in chart.signals] == case["violations"]


def test_cusum_of_the_handbook(published: Case) -> None:
    case = published["pmc323_cusum"]
    chart = cusum(case["data"], center=case["target"], sigma=1, scheme=Scheme(case["k"], case["h"]))
    assert chart.more["upper"] == pytest.approx(case["S_hi"], abs=5.01e-3)
    assert chart.more["lower"] == pytest.approx([-low for low in case["S_lo"]], abs=5.01e-3)
    assert [signal.index for signal in chart.signals] == case["violations_1based"]
