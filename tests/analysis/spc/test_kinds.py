"""Kinds of metrics, each handled by name."""

from __future__ import annotations

import numpy as np

from analysis.spc.calibration import calibrate, residuals
from analysis.spc.detector import CAUSES, Scored
from analysis.spc.kinds import MetricKind, counter_steps, kinds_of
from analysis.spc.natural import is_too_small, natural_limits
from bench.spc_series import days

POINTS = 84


def judged(values: np.ndarray) -> tuple[str, Scored]:
    """The kind learned from the first 84 points and the scores of the rest of one metric."""
    row = values[None, :]
    calendar = days(values.size)
    calibration = calibrate(row[:, :POINTS], np.ones((1, POINTS), bool), calendar[:POINTS])
    return str(calibration.models.kind[0]), calibration.score(row[:, POINTS:], calendar[POINTS:])


def test_every_kind_is_told_from_its_values() -> None:
    draw = np.random.default_rng(1)
    rows = {
        MetricKind.CONSTANT: np.full(POINTS, 7.0),
        MetricKind.COUNTER: np.cumsum(draw.uniform(1, 9, POINTS)),
        MetricKind.COUNTS: draw.poisson(4, POINTS).astype(float),
        MetricKind.INTERMITTENT: np.where(draw.random(POINTS) < 0.5, 0.0, draw.lognormal(size=POINTS)),
        MetricKind.RATIO: draw.beta(2, 20, POINTS),
        MetricKind.POSITIVE: draw.lognormal(3, 1, POINTS),
        MetricKind.NORMAL: draw.normal(0, 1, POINTS),
        MetricKind.EMPTY: np.full(POINTS, np.nan),
    }
    values = np.stack(list(rows.values()))
    assert kinds_of(values, np.ones(values.shape, bool)).tolist() == [kind.value for kind in rows]


def test_any_change_of_a_metric_that_never_changed_is_a_signal() -> None:
    kind, scored = judged(np.concatenate([np.full(POINTS, 7.0), [7.0, 7.001, 7.0]]))
    assert kind == MetricKind.CONSTANT
    assert scored.alarms[0].tolist() == [False, True, False]


def test_a_change_too_small_to_matter_can_be_told() -> None:
    row = np.concatenate([np.full(POINTS, 7.0), [7.001, 9.0]])[None, :]
    calendar = days(POINTS + 2)
    calibration = calibrate(row[:, :POINTS], np.ones((1, POINTS), bool), calendar[:POINTS])
    scored = calibration.score(row[:, POINTS:], calendar[POINTS:])
    small = is_too_small(natural_limits(calibration, calendar[POINTS:], scored), row[:, POINTS:], 0.5)
    assert (scored.alarms & ~small).tolist() == [[False, True]]


def test_a_counter_is_watched_by_its_steps_and_its_resets_are_no_signal() -> None:
    draw = np.random.default_rng(2)
    steps = draw.normal(100, 5, POINTS + 6)
    values = np.cumsum(steps)
    values[POINTS + 1 :] -= values[POINTS]  # a reset
    kind, scored = judged(values)
    assert kind == MetricKind.COUNTER
    assert not scored.alarms.any()
    values[POINTS + 4 :] += 200
    _, scored = judged(values)
    assert scored.alarms[0].tolist() == [False, False, False, False, True, False]


def test_steps_of_a_counter_across_a_gap_and_a_reset() -> None:
    steps = counter_steps(np.array([[10.0, 15.0, np.nan, 25.0, 4.0]]), np.array([8.0]))
    np.testing.assert_allclose(steps, [[2, 5, np.nan, 5, 4]])


def test_a_long_silence_of_an_intermittent_amount_is_found() -> None:
    draw = np.random.default_rng(3)
    values = np.where(draw.random(POINTS + 30) < 0.4, 0.0, draw.lognormal(3, 0.4, POINTS + 30))
    values[POINTS:] = 0.0
    kind, scored = judged(values)
    assert kind == MetricKind.INTERMITTENT
    assert scored.alarms[0].any()
    assert CAUSES[scored.cause[0][scored.alarms[0]][0]] in ("shift down", "drift down")


def test_a_ratio_near_its_bound_is_judged_on_a_scale_with_room() -> None:
    draw = np.random.default_rng(4)
    values = 1 - draw.beta(2, 60, POINTS + 3)
    values[-1] = 0.6
    kind, scored = judged(values)
    assert kind == MetricKind.RATIO
    assert scored.alarms[0].tolist() == [False, False, True]


def test_a_metric_without_values_is_unknown_and_never_stops_the_others() -> None:
    draw = np.random.default_rng(5)
    values = draw.normal(1000, 10, (3, POINTS + 5))
    values[0] = np.nan
    values[1, 5:] = np.nan
    values[2, -1] = np.inf
    calendar = days(POINTS + 5)
    calibration = calibrate(values[:, :POINTS], np.ones((3, POINTS), bool), calendar[:POINTS])
    assert calibration.models.kind.tolist() == ["empty", "empty", "positive"]
    scored = calibration.score(values[:, POINTS:], calendar[POINTS:])
    assert np.isnan(scored.score[:2]).all()
    assert np.isfinite(scored.score[2, :-1]).all()
    assert np.isnan(residuals(calibration.models, values, calendar)[0]).all()
