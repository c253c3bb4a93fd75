"""Finds the numbers of analysis/spc/limit_tables.py anew: limits with the promised rate, learning included."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from scipy.stats import t

from analysis.spc.detector import Limits, State, alarm_starts, run_detector
from analysis.spc.limit_tables import RATES, TABLE_POINTS
from analysis.spc.models import Models, join, learn_models, standardise
from analysis.spc.warps import spike_limits
from bench.spc_series import Floats, days, made

WATCHED = 200
SPIKE_SHARE, OTHER_SHARE = 0.88, 0.10
FAMILIES = (("flat", 40.0), ("normal", 40.0), ("lognormal", 0.5))


def run() -> Iterator[str]:
    """One line for each length of baseline and rate: share for spikes, limit of the shift and of the drift chart."""
    for points in TABLE_POINTS:
        z, models = _residuals(points, 2_500 if points < 300 else 900)
        for rate in RATES:
            share, shift, drift = _solved(z, models, rate)
            yield f"{points:>4} points, rate {rate:<7g} ({share:.3f}, {shift:.3f}, {drift:.3f})"


def _residuals(points: int, metrics: int) -> tuple[Floats, Models]:
    calendar = days(points + WATCHED)
    rows, models = [], []
    for number, (family, size) in enumerate(FAMILIES):
        values = made(family, size, metrics, points + WATCHED, points + number)
        learned = learn_models(values[:, :points], np.ones((metrics, points), dtype=bool), calendar[:points])
        rows.append(standardise(learned, values[:, points:], calendar[points:]))
        models.append(learned)
    return np.concatenate(rows), join(models)


def _solved(z: Floats, models: Models, rate: float) -> tuple[float, float, float]:
    never = np.full(models.size, 99.0)
    one = np.ones(models.size)

    def found(limits: Limits) -> float:
        scored = run_detector(z, models.phi, limits, 1 / models.profile.points, State.fresh(models.size))
        return float(alarm_starts(scored.alarms).mean())

    def spikes(share: float) -> tuple[Floats, Floats]:
        return spike_limits(models.shapes, t.isf(share * rate / 2, models.profile.freedom))

    share = _root(lambda x: -found(Limits(*spikes(x), never, never)), 0.001, 2.0, -SPIKE_SHARE * rate)
    shift = _root(lambda x: found(Limits(never, never, x * one, never)), 2.0, 16.0, OTHER_SHARE * rate)
    drift = _root(lambda x: found(Limits(never, never, never, x * one)), 2.0, 8.0, OTHER_SHARE * rate)
    up, down = spikes(share)
    factor = _root(lambda x: found(Limits(up, down, one * shift * x, one * drift * x)), 0.7, 1.1, rate)
    return share, shift * factor, drift * factor


def _root(falling: Callable[[float], float], low: float, high: float, goal: float) -> float:
    """Where a falling function reaches `goal`, by halving."""
    for _ in range(10):
        middle = (low + high) / 2
        low, high = (middle, high) if falling(middle) > goal else (low, middle)
    return (low + high) / 2
