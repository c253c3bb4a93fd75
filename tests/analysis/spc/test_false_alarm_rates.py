"""The false-alarm rate that was asked for is the one that happens, whatever the kind of series."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.spc.calibration import calibrate
from analysis.spc.detector import alarm_starts
from analysis.spc.detector_many import calibrate_many, score_many
from bench.spc_series import days, made

BASELINE, WATCHED, METRICS = 84, 200, 900
CASES = (
    ("normal", 40.0, 0.0), ("flat", 40.0, 0.0), ("lognormal", 0.5, 0.0), ("gamma", 2.0, 0.0), ("poisson", 10.0, 0.0),
    ("negative_binomial", 20.0, 0.0), ("flat", 40.0, 0.3), ("flat", 40.0, 0.7),
)  # fmt: skip


def rate_found(family: str, size: float, phi: float, asked: float, baseline: int = BASELINE) -> float:
    """Alarm starts a point after a baseline, as a share of the rate asked for."""
    values = made(family, size, METRICS, baseline + WATCHED, 31, phi)
    calendar = days(values.shape[1])
    calibration = calibrate_many(values[:, :baseline], np.ones((METRICS, baseline), bool), calendar[:baseline], asked)
    alarms = score_many(calibration, values[:, baseline:], calendar[baseline:]).alarms
    return float(alarm_starts(alarms).mean() / asked)


@pytest.mark.parametrize(("family", "size", "phi"), CASES)
def test_the_rate_asked_for_is_the_rate_found(family: str, size: float, phi: float) -> None:
    # 486 false alarms are promised: one standard error of the ratio is 0.05
    assert 0.75 < rate_found(family, size, phi, 0.0027) < 1.3


@pytest.mark.parametrize("asked", [0.0009, 0.01])
def test_another_rate_is_kept_too(asked: float) -> None:
    assert 0.7 < rate_found("normal", 40.0, 0.0, asked) < 1.3


@pytest.mark.parametrize("baseline", [42, 168])
def test_shorter_and_longer_baselines_keep_the_rate(baseline: int) -> None:
    assert 0.7 < rate_found("normal", 40.0, 0.0, 0.0027, baseline) < 1.3


def test_changes_are_found_as_often_as_the_best_peer_finds_them() -> None:
    metrics, settled = 1_000, BASELINE + 28
    values = made("normal", 40.0, metrics, settled + 14, 5)
    calendar = days(settled + 14)
    calibration = calibrate(values[:, :BASELINE], np.ones((metrics, BASELINE), bool), calendar[:BASELINE])

    def found(sigmas: np.ndarray) -> float:
        changed = values.copy()
        changed[:, settled : settled + sigmas.size] += 40 * sigmas
        alarms = calibration.score(changed[:, BASELINE:], calendar[BASELINE:]).alarms
        return float(alarms[:, 28 : 28 + sigmas.size].any(axis=1).mean())

    assert found(np.array([5.0])) > 0.91
    assert found(np.full(14, 1.5)) > 0.85
    assert found(np.full(14, 2.0)) > 0.98
    assert found(0.15 * np.arange(1, 15)) > 0.7


def test_every_day_of_an_outage_is_flagged_and_the_days_after_it_are_not() -> None:
    values = made("normal", 40.0, 300, BASELINE + 20, 6)
    values[:, BASELINE + 5 : BASELINE + 8] -= 320
    calendar = days(BASELINE + 20)
    calibration = calibrate(values[:, :BASELINE], np.ones((300, BASELINE), bool), calendar[:BASELINE])
    alarms = calibration.score(values[:, BASELINE:], calendar[BASELINE:]).alarms
    assert alarms[:, 5:8].mean(axis=0).min() > 0.99
    assert alarms[:, 8:].mean() < 0.02
