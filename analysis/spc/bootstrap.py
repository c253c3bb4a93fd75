"""Block bootstrap: false alarms on a metric's own past, put together anew from blocks of it.

Blocks keep what the model did not explain, such as clusters of noise. With a year of history the check is sharp enough
to widen the limits of a metric that would alarm more often than promised; with twelve weeks it seldom is, and the
limits of `calibration` stand.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy.stats import poisson

from analysis.spc.calibration import Calibration
from analysis.spc.detector import Limits, State, alarm_starts, run_detector
from analysis.spc.robust import Flags, Floats

BLOCK = 14
WIDENINGS = (1.0, 1.08, 1.17, 1.28, 1.4, 1.6, 1.9, 2.3)
SURE = 0.05


def block_resample(rows: Floats, points: int, block: int, draw: np.random.Generator) -> Floats:
    """Each row of `rows`, (m, n), as `points` points of circular blocks of it, shape (m, points).

    Source: D. Politis and J. Romano (1992). Raises ValueError for a block or a number of points below 1.
    """
    if block < 1 or points < 1:
        raise ValueError(f"The block is {block} and the points are {points}; expected 1 or more of both.")
    m, n = rows.shape
    starts = draw.integers(0, n, size=(m, -(-points // block)))
    places = (starts[:, :, None] + np.arange(block)[None, None, :]).reshape(m, -1)[:, :points] % n
    return np.take_along_axis(rows, places, axis=1)


def own_rate(calibration: Calibration, residual: Floats, draw: np.random.Generator, points: int = 2000) -> Floats:
    """Alarm starts per point on `points` points resampled from each metric's baseline residuals, (m, n). Shape (m,)."""
    return _starts(calibration, residual, calibration.limits, draw, points) / points


def widen_to_history(
    calibration: Calibration, residual: Floats, usable: Flags, draw: np.random.Generator, points: int = 2000
) -> Calibration:
    """Limits widened, step by step, for metrics whose own past clearly alarms more often than promised.

    `residual` are the standardised residuals of the baseline, (m, n), `usable` the points that count. "Clearly": the
    alarms found in the past itself have a chance below 5 % at the promised rate. Limits never become narrower.
    """
    kept = np.where(usable, residual, np.nan)
    found = _starts(calibration, kept, calibration.limits, draw, points)
    seen = np.isfinite(kept).sum(axis=1)
    effective = np.round(found * seen / points)
    clear = (effective > 0) & (poisson.sf(effective - 1, calibration.rate * seen) < SURE)
    factor = np.ones(calibration.models.size)
    for step in WIDENINGS[1:]:
        if not clear.any():
            break
        factor[clear] = step
        rate = _starts(calibration, kept, scaled(calibration.limits, factor), draw, points) / points
        clear = clear & (rate > calibration.rate)
    return replace(calibration, limits=scaled(calibration.limits, factor))


def scaled(limits: Limits, factor: Floats) -> Limits:
    """All limits times `factor`, shape (m,)."""
    return Limits(limits.spike_up * factor, limits.spike_down * factor, limits.shift * factor, limits.drift * factor)


def _starts(
    calibration: Calibration, residual: Floats, limits: Limits, draw: np.random.Generator, points: int
) -> npt.NDArray[np.int64]:
    models = calibration.models
    path = block_resample(residual, points, min(BLOCK, residual.shape[1]), draw)
    scored = run_detector(path, models.phi, limits, 1 / np.maximum(models.profile.points, 1), State.fresh(models.size))
    out: npt.NDArray[np.int64] = alarm_starts(scored.alarms).sum(axis=1)
    return out
