"""Run lengths: computed against R's package spc and Lucas and Crosier, and what our charts really do when simulated."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from analysis.spc.charts_many import Estimates, cusum_many, ewma_many, individuals_many
from analysis.spc.rules import detect
from analysis.spc.run_length import alarms_per_year, arl_cusum, arl_cusum_one_sided, arl_ewma, arl_shewhart
from analysis.spc.time_weighted import Scheme, Weighing

Values = npt.NDArray[np.float64]
FINAL = Weighing(0.2, "asymptotic")
COMPUTED: dict[str, Callable[[float], float]] = {
    "shewhart_runs_1": arl_shewhart,
    "ewma_l0.2_c2.962": lambda shift: arl_ewma(shift, 2.962, FINAL),
    "cusum_k0.5_h5_two": arl_cusum,
    "cusum_k0.5_h4_two": lambda shift: arl_cusum(shift, Scheme(0.5, 4)),
}
SHIFTS = [0.0, 0.25, 0.5, 0.75, 1, 1.5, 2, 2.5, 3, 4]
FIR = {  # head start of half the interval; attributed to Lucas and Crosier (1982), quoted without the paper at hand
    (4.0, 2.0): [149, 62.7, 20.1, 8.97, 5.29, 2.86, 2.01],
    (5.0, 2.5): [430, 122, 28.7, 11.2, 6.35, 3.37, 2.36, 1.86, 1.54, 1.16],
}


@pytest.fixture
def reference(practice: Path) -> dict[str, dict[float, float]]:
    found = json.loads((practice / "spc" / "arl_reference.json").read_text())
    return {name: dict(zip(found["shift_sigmas"], arls, strict=True)) for name, arls in found["arl"].items()}


@pytest.mark.parametrize("name", COMPUTED)
def test_run_lengths_agree_with_spc_to_its_last_digit(name: str, reference: dict[str, dict[float, float]]) -> None:
    for shift, expected in reference[name].items():
        assert COMPUTED[name](shift) == pytest.approx(expected, abs=6e-7), shift


@pytest.mark.parametrize("plan", FIR)
def test_run_lengths_with_a_head_start_are_those_commonly_quoted(plan: tuple[float, float]) -> None:
    scheme = Scheme(0.5, *plan)
    for shift, expected in zip(SHIFTS, FIR[plan], strict=False):
        close = 0.5 if expected >= 100 else 0.05 if expected >= 10 else 0.0051
        assert arl_cusum(shift, scheme) == pytest.approx(expected, abs=close), shift


def test_one_sided_run_length_is_twice_the_two_sided_one() -> None:
    assert arl_cusum_one_sided(0, Scheme(0.5, 4)) == pytest.approx(2 * arl_cusum(0, Scheme(0.5, 4)))


@pytest.mark.parametrize(("share", "width"), [(0.4, 3.054), (0.25, 2.998), (0.1, 2.814), (0.05, 2.615)])
def test_commonly_quoted_ewma_schemes_promise_500_points(share: float, width: float) -> None:
    """Attributed to J. M. Lucas and M. S. Saccucci, Technometrics 32 (1990); quoted without the paper at hand."""
    assert arl_ewma(0, width, Weighing(share, "asymptotic")) == pytest.approx(500, abs=1)


def test_an_ewma_of_the_newest_point_only_is_a_shewhart_chart() -> None:
    assert arl_ewma(0.5, 3, Weighing(1.0)) == arl_shewhart(0.5)
    assert arl_ewma(0.5, 3, Weighing(0.999, "asymptotic")) == pytest.approx(arl_shewhart(0.5), rel=0.01)


def test_alarms_per_year() -> None:
    assert alarms_per_year(arl_shewhart(), 365.25) == pytest.approx(0.986, abs=1e-3)
    with pytest.raises(ValueError, match="expected 1 or more"):
        alarms_per_year(0.5, 365)


def run_lengths(chart: Callable[[Values], npt.NDArray[np.bool_]], shift: float, runs: int, longest: int) -> Values:
    """Where each of `runs` series first signals; each must within `longest` points."""
    values = np.random.default_rng(20261123).normal(shift, 1, (runs, longest))
    beyond = chart(values)
    assert beyond.any(axis=1).all()
    return np.argmax(beyond, axis=1) + 1.0


def known(values: Values) -> Estimates:
    return Estimates(np.zeros(len(values)), np.ones(len(values)))


SIMULATED: dict[str, Callable[[Values], npt.NDArray[np.bool_]]] = {
    "shewhart_runs_1": lambda values: individuals_many(values, known(values)).beyond,
    "ewma_l0.2_c2.962": lambda values: ewma_many(values, known(values), 2.962, FINAL).beyond,
    "cusum_k0.5_h5_two": lambda values: cusum_many(values, known(values)).beyond,
    "cusum_k0.5_h4_two": lambda values: cusum_many(values, known(values), Scheme(0.5, 4)).beyond,
}


@pytest.mark.parametrize("name", SIMULATED)
@pytest.mark.parametrize(("shift", "runs", "longest"), [(0.0, 1000, 5500), (0.5, 2000, 1800), (1.0, 4000, 500)])
def test_charts_run_as_long_as_promised(
    name: str, shift: float, runs: int, longest: int, reference: dict[str, dict[float, float]]
) -> None:
    found = run_lengths(SIMULATED[name], shift, runs, longest)
    error = float(found.std() / np.sqrt(runs))
    assert abs(found.mean() - reference[name][shift]) < 3 * error


@pytest.mark.parametrize("limits", ["exact", "asymptotic"])
def test_exact_limits_of_an_ewma_run_as_long_as_computed(limits: str) -> None:
    weighing = Weighing(0.1, "exact" if limits == "exact" else "asymptotic")
    found = run_lengths(lambda values: ewma_many(values, known(values), 2.7, weighing).beyond, 0.5, 4000, 600)
    error = float(found.std() / np.sqrt(4000))
    assert abs(found.mean() - arl_ewma(0.5, 2.7, weighing)) < 3 * error


def test_a_head_start_runs_as_long_as_computed() -> None:
    scheme = Scheme(0.5, 5, 2.5)
    found = run_lengths(lambda values: cusum_many(values, known(values), scheme).beyond, 0.5, 4000, 600)
    assert abs(found.mean() - arl_cusum(0.5, scheme)) < 3 * float(found.std() / np.sqrt(4000))


RULE_SETS = {
    "shewhart_runs_12": ("western_electric_1", "western_electric_2"),
    "shewhart_runs_13": ("western_electric_1", "western_electric_3"),
    "shewhart_runs_14": ("western_electric_1", "western_electric_4"),
}


@pytest.mark.parametrize("name", RULE_SETS)
def test_run_rules_run_as_long_as_published(name: str, reference: dict[str, dict[float, float]]) -> None:
    """Rules 2 and 3 wait for a full window, as R's qcc does, so a run may be a point or so longer than zero-state."""
    values = np.random.default_rng(7).normal(1.0, 1, (1500, 250))
    found = np.array([first[0].index for row in values if (first := detect(RULE_SETS[name], row, 0.0, 1.0))])
    assert len(found) == len(values)
    error = float(found.std() / np.sqrt(len(found)))
    assert abs(found.mean() - reference[name][1.0]) < 3 * error
