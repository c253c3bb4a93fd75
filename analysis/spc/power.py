"""What a calibrated detector can find: how large a shift must be to be found in time, and how likely one is."""

from __future__ import annotations

import numpy as np

from analysis.spc.calibration import Calibration
from analysis.spc.detector import State, run_detector
from analysis.spc.natural import values_at
from analysis.spc.robust import Floats
from analysis.spc.seasonality import Calendar

SETTLING = 30
LARGEST = 12.0
PATHS = 400


def find_chance(calibration: Calibration, metric: int, shifts: Floats, within_points: int, seed: int = 0) -> Floats:
    """The chance that a lasting shift of each of `shifts` sigma is found within so many points; shape of `shifts`.

    Simulated: normal residuals with the metric's autocorrelation, its limits, a shift from one point on.
    """
    draw = np.random.default_rng(seed)
    limits = calibration.taken(np.full(shifts.size * PATHS, metric)).limits
    phi = float(calibration.models.phi[metric])
    noise = draw.normal(size=(PATHS, SETTLING + within_points))
    for t in range(1, noise.shape[1]):
        noise[:, t] = phi * noise[:, t - 1] + np.sqrt(1 - phi**2) * noise[:, t]
    paths = np.repeat(noise[None], shifts.size, axis=0)
    paths[:, :, SETTLING:] += shifts[:, None, None]
    flat = paths.reshape(-1, noise.shape[1])
    doubt = np.full(flat.shape[0], 1 / max(float(calibration.models.profile.points[metric]), 1.0))
    scored = run_detector(flat, np.full(flat.shape[0], phi), limits, doubt, State.fresh(flat.shape[0]))
    found = scored.alarms[:, SETTLING:].any(axis=1).reshape(shifts.size, PATHS)
    out: Floats = found.mean(axis=1)
    return out


def smallest_shift(
    calibration: Calibration, metric: int, calendar: Calendar, within_points: int = 7, power: float = 0.9
) -> tuple[float, float]:
    """The smallest lasting shift found within so many points with chance `power`: in sigma and in natural units.

    Natural units at the middle of `calendar`. Infinity when even 12 sigma are not found so often. Raises ValueError
    for less than 1 point or a power outside 0 to 1.
    """
    if within_points < 1 or not 0 < power < 1:
        raise ValueError(f"Found {within_points} points and power {power}; expected 1 or more and between 0 and 1.")
    shifts = np.arange(0.1, LARGEST + 0.1, 0.1)
    chances = np.maximum.accumulate(find_chance(calibration, metric, shifts, within_points))
    enough = np.flatnonzero(chances >= power)
    if not enough.size:
        return float("inf"), float("inf")
    sigmas = round(float(shifts[enough[0]]), 2)
    return sigmas, in_units(calibration, metric, calendar, sigmas)


def in_units(calibration: Calibration, metric: int, calendar: Calendar, sigmas: float) -> float:
    """How much `sigmas` up from the center line are in the metric's unit: the median over `calendar`."""
    one = calibration.taken(np.array([metric]))
    nothing = np.zeros((1, calendar.size))
    rise = values_at(one, calendar, nothing + sigmas) - values_at(one, calendar, nothing)
    return float(np.median(rise))
