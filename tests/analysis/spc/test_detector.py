"""The detector: causal, exact about its state, honest about gaps, and its limits in natural units."""

from __future__ import annotations

import json

import numpy as np
import pytest

from analysis.spc.autocorrelation import ar_coefficients, ignored_rate_factor, innovations, lag_one
from analysis.spc.bootstrap import block_resample, own_rate, widen_to_history
from analysis.spc.calibration import Calibration, calibrate, recalibrate, residuals
from analysis.spc.detector import State, alarm_starts
from analysis.spc.detector_many import calibrate_many, score_many
from analysis.spc.natural import natural_limits, values_at
from analysis.spc.power import find_chance, smallest_shift
from bench.spc_series import days, made

BASELINE = 84
FAMILIES = (("normal", 40.0), ("lognormal", 0.5), ("poisson", 5.0), ("negative_binomial", 20.0), ("shifted_gamma", 3.0))


def learned(family: str, size: float, points: int = 120, metrics: int = 40) -> tuple[np.ndarray, Calibration]:
    values = made(family, size, metrics, points, 3)
    return values, calibrate(values[:, :BASELINE], np.ones((metrics, BASELINE), bool), days(points)[:BASELINE])


def test_a_later_point_changes_no_earlier_score_and_no_limit() -> None:
    values, calibration = learned("normal", 40.0)
    calendar = days(120)[BASELINE:]
    scored = calibration.score(values[:, BASELINE:], calendar).score
    changed = values.copy()
    changed[:, -1] += 1e6
    again = calibration.score(changed[:, BASELINE:], calendar).score
    np.testing.assert_array_equal(scored[:, :-1], again[:, :-1])


def test_points_left_out_of_the_baseline_do_not_move_it() -> None:
    values = made("normal", 40.0, 5, 120, 4)
    usable = np.ones((5, BASELINE), bool)
    usable[:, 40:45] = False
    spoilt = values.copy()
    spoilt[:, 40:45] = 9e9
    first, second = (calibrate(v[:, :BASELINE], usable, days(120)[:BASELINE]) for v in (values, spoilt))
    np.testing.assert_allclose(first.models.profile.level, second.models.profile.level)
    np.testing.assert_allclose(first.limits.spike_up, second.limits.spike_up)


def test_scoring_point_by_point_with_the_kept_state_is_scoring_at_once() -> None:
    values, calibration = learned("normal", 40.0)
    calendar = days(120)
    whole = calibration.score(values[:, BASELINE:], calendar[BASELINE:]).score
    state = State.fresh(40)
    kept = []
    for at in range(BASELINE, 120):
        state = State.from_lists(json.loads(json.dumps(state.as_lists())))
        kept.append(calibration.score(values[:, at : at + 1], calendar[at : at + 1], state).score[:, 0])
    np.testing.assert_allclose(np.stack(kept, axis=1), whole)


@pytest.mark.parametrize(("family", "size"), FAMILIES)
def test_a_calibration_survives_json(family: str, size: float) -> None:
    values, calibration = learned(family, size)
    again = Calibration.from_plain(json.loads(json.dumps(calibration.as_plain())))
    calendar = days(120)[BASELINE:]
    first, second = (c.score(values[:, BASELINE:], calendar).score for c in (calibration, again))
    np.testing.assert_allclose(first, second)


def test_a_calibration_of_another_version_is_refused() -> None:
    _, calibration = learned("normal", 40.0)
    with pytest.raises(ValueError, match="version 0; expected"):
        Calibration.from_plain({**calibration.as_plain(), "version": 0})


@pytest.mark.parametrize(("family", "size"), FAMILIES)
def test_a_point_is_a_spike_exactly_when_it_is_beyond_its_natural_limits(family: str, size: float) -> None:
    values, calibration = learned(family, size, 400)
    calendar = days(400)[BASELINE:]
    watched = values[:, BASELINE:]
    scored = calibration.score(watched, calendar)
    natural = natural_limits(calibration, calendar, scored)
    beyond = (watched > natural.upper) | (watched < natural.lower)
    alone = np.maximum(
        scored.innovation / calibration.limits.spike_up[:, None],
        -scored.innovation / calibration.limits.spike_down[:, None],
    )
    clear = (np.abs(alone - 1) > 1e-6) & (watched > 0)  # a run of zeros is judged as a run
    np.testing.assert_array_equal(beyond[clear], (alone > 1)[clear])
    assert (natural.lower <= natural.center).all()
    assert (natural.center <= natural.upper).all()


def test_residuals_and_values_are_inverse() -> None:
    values, calibration = learned("lognormal", 0.5)
    z = residuals(calibration.models, values, days(120))
    np.testing.assert_allclose(values_at(calibration, days(120), z), values, rtol=1e-6)


def test_a_gap_neither_alarms_nor_counts() -> None:
    values, calibration = learned("normal", 40.0)
    values[:, 100:105] = np.nan
    scored = calibration.score(values[:, BASELINE:], days(120)[BASELINE:])
    assert np.isnan(scored.score[:, 16:21]).all()
    assert not scored.alarms[:, 16:21].any()
    assert np.isfinite(scored.score[:, 21:]).all()


def test_alarms_within_the_rearm_span_are_one_start() -> None:
    alarms = np.zeros((1, 20), bool)
    alarms[0, [2, 3, 9, 18]] = True
    assert np.flatnonzero(alarm_starts(alarms)[0]).tolist() == [2, 18]


def test_many_metrics_in_pieces_are_the_same_metrics() -> None:
    values = made("normal", 40.0, 1_100, 120, 8)
    known, calendar = np.ones((1_100, BASELINE), bool), days(120)
    many = calibrate_many(values[:, :BASELINE], known, calendar[:BASELINE])
    one = calibrate(values[:, :BASELINE], known, calendar[:BASELINE])
    np.testing.assert_allclose(many.limits.spike_up, one.limits.spike_up)
    rest = (values[:, BASELINE:], calendar[BASELINE:])
    np.testing.assert_allclose(score_many(many, *rest).score, one.score(*rest).score)


def test_a_lower_rate_needs_wider_limits_and_no_new_learning() -> None:
    _, calibration = learned("normal", 40.0)
    calm = recalibrate(calibration.models, 0.0005)
    assert (calm.limits.spike_up > calibration.limits.spike_up).all()
    assert (calm.limits.shift > calibration.limits.shift).all()
    with pytest.raises(ValueError, match=r"false-alarm rate is 0\.9"):
        recalibrate(calibration.models, 0.9)


def test_autocorrelation_is_measured_taken_out_and_warned_about() -> None:
    rows = made("flat", 1.0, 500, 84, 5, 0.6) - 1000
    assert lag_one(rows).mean() == pytest.approx(0.6, abs=0.03)
    left = innovations(made("flat", 1.0, 50, 2000, 6, 0.6) - 1000, np.full(50, 0.6))
    assert np.abs(lag_one(left).mean()) < 0.02
    assert left.std() == pytest.approx(1, abs=0.02)
    assert ignored_rate_factor(0.0) == pytest.approx(1)
    assert ignored_rate_factor(0.5) == pytest.approx(12.56, abs=0.1)
    second = np.zeros((1, 5000))
    noise = np.random.default_rng(1).normal(size=5000)
    for t in range(2, 5000):
        second[0, t] = 0.5 * second[0, t - 1] + 0.3 * second[0, t - 2] + noise[t]
    np.testing.assert_allclose(ar_coefficients(second, 2), [[0.5, 0.3]], atol=0.05)


def test_blocks_keep_neighbours_together() -> None:
    rows = np.arange(100.0)[None, :]
    path = block_resample(rows, 60, 10, np.random.default_rng(1))[0]
    assert path.shape == (60,)
    assert ((np.diff(path) % 100) == 1).sum() >= 54


def test_a_metric_whose_own_past_alarms_too_often_gets_wider_limits() -> None:
    draw = np.random.default_rng(7)
    points = 730
    calm = draw.normal(0, 1, (20, points))
    burst = np.repeat(np.exp(draw.normal(0, 0.9, (20, points // 10))), 10, axis=1)  # ten days wild, ten days quiet
    values = 1000 + 10 * np.concatenate([calm, calm * burst])
    usable = np.ones(values.shape, bool)
    calibration = calibrate(values, usable, days(points))
    z = residuals(calibration.models, values, days(points))
    wider = widen_to_history(calibration, z, usable, np.random.default_rng(1))
    assert (wider.limits.spike_up[:20] == calibration.limits.spike_up[:20]).mean() > 0.8
    before, after = (own_rate(c, z, np.random.default_rng(2)) for c in (calibration, wider))
    assert after[20:].mean() < before[20:].mean()


def test_the_smallest_shift_found_in_a_week_is_found_so_often() -> None:
    _, calibration = learned("flat", 40.0)
    sigmas, rows = smallest_shift(calibration, 0, days(BASELINE))
    assert 1 < sigmas < 3
    assert rows == pytest.approx(sigmas * calibration.models.profile.sigma[0], rel=0.05)
    assert find_chance(calibration, 0, np.array([sigmas]), 7, seed=9)[0] == pytest.approx(0.9, abs=0.06)
