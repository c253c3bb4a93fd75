"""Rules of many metrics at once give what they give for each metric alone."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from analysis.spc import rules_many
from analysis.spc.rules import RULES, detect
from analysis.spc.rules_many import detect_many

ALL = list(RULES)
METRICS, POINTS = 40, 120


def alone(
    values: npt.NDArray[np.float64],
    center: npt.NDArray[np.float64],
    sigma: npt.NDArray[np.float64],
    stages: npt.NDArray[np.int64] | None = None,
) -> npt.NDArray[np.bool_]:
    out = np.zeros((*values.shape, len(ALL)), dtype=np.bool_)
    for number, row in enumerate(values):
        for signal in detect(ALL, row, center[number], sigma[number], stages):
            out[number, signal.index - 1, ALL.index(signal.rule)] = True
    return out


@pytest.fixture
def values() -> npt.NDArray[np.float64]:
    source = np.random.default_rng(20261123)
    scales = source.choice([0.3, 0.8, 1.0, 1.6], (METRICS, 1))
    noise = source.normal(0, 1, (METRICS, POINTS))
    return np.round(noise * scales + np.cumsum(noise, axis=1) * source.choice([0, 0.1], (METRICS, 1)), 1)


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules_many, "CHUNK", 7 * POINTS)


def test_lines_of_each_metric(values: npt.NDArray[np.float64]) -> None:
    center, sigma = np.linspace(-1, 1, METRICS), np.linspace(0.5, 1.5, METRICS)
    sigma[3] = 0.0
    found = detect_many(values, center, sigma, ALL)
    assert found.shape == (METRICS, POINTS, len(ALL))
    assert np.array_equal(found, alone(values, center, sigma))
    assert (found.any(axis=(0, 1)).sum(), found[3].any()) == (len(ALL), True)


def test_gaps_and_metrics_without_values_or_lines(values: npt.NDArray[np.float64]) -> None:
    values[np.random.default_rng(1).random(values.shape) < 0.2] = np.nan
    values[5] = np.nan
    center, sigma = np.zeros(METRICS), np.ones(METRICS)
    center[7] = np.nan
    found = detect_many(values, center, sigma, ALL)
    assert np.array_equal(found, alone(values, center, sigma))
    assert not found[[5, 7]].any() and not found[np.isnan(values)].any()


def test_lines_of_each_point_and_stages(values: npt.NDArray[np.float64]) -> None:
    stages = np.repeat([1, 2, 3], POINTS // 3)
    center = np.broadcast_to(stages * 0.2, values.shape)
    sigma = np.broadcast_to(1 + stages * 0.1, values.shape)
    assert np.array_equal(detect_many(values, center, sigma, ALL, stages), alone(values, center, sigma, stages))


def test_shapes_that_do_not_fit_are_said() -> None:
    with pytest.raises(ValueError, match="expected \\(metrics, n\\)"):
        detect_many(np.zeros(3), 0.0, 1.0, ["nelson_1"])
    with pytest.raises(ValueError, match="expected them to fit values of"):
        detect_many(np.zeros((3, 4)), np.zeros(2), 1.0, ["nelson_1"])
    with pytest.raises(ValueError, match="is no rule"):
        detect_many(np.zeros((3, 4)), 0.0, 1.0, ["nelson_9"])
