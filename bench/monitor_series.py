"""Made series for the monitor: clean ones of many kinds, and ones in which something happens at a known row."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.signal import lfilter

Floats = npt.NDArray[np.float64]
STEP = 300.0
DAY = 288


def clean(rows: int, seed: int) -> dict[str, Floats]:
    """Clean series of `rows` rows at 5 minutes by name."""
    random = np.random.default_rng(seed)
    noise = random.normal(size=rows)
    phase = 2 * np.pi * np.arange(rows) / DAY
    return {
        "noise": 50 + noise,
        "autoregressive 0.7": lfilter([1.0], [1.0, -0.7], noise),
        "autoregressive 0.95": lfilter([1.0], [1.0, -0.95], noise),
        "random walk": np.cumsum(noise),
        "trend": np.arange(rows) * 0.01 + noise,
        "counter": np.cumsum(random.poisson(20, rows)).astype(float),
        "day": 100 + 20 * np.sin(phase) + 2 * noise,
        "day of two waves": 100 + 20 * np.sin(phase) + 10 * np.sin(2 * phase + 1) + 6 * noise,
        "office hours": np.where(np.sin(phase) > 0.3, 80.0, 20.0) + 2 * noise,
        "counts of a day": random.poisson(60 + 50 * np.sin(phase)).astype(float),
        "counts": random.poisson(5, rows).astype(float),
        "rare counts": random.poisson(0.05, rows).astype(float),
        "lognormal 0.5": np.exp(0.5 * noise),
        "lognormal 1": np.exp(noise),
        "Student t, 3": random.standard_t(3, rows),
        "spikes": np.where(random.random(rows) < 0.01, 20 + noise, 0.1 * noise),
    }


def _spike(values: Floats, at: int, sigma: float) -> Floats:
    return values + 10 * sigma * (np.arange(values.size) == at)


def _shift(values: Floats, at: int, sigma: float, size: float = 5.0) -> Floats:
    return values + size * sigma * (np.arange(values.size) >= at)


def _small_shift(values: Floats, at: int, sigma: float) -> Floats:
    return _shift(values, at, sigma, 2.0)


def _wild(values: Floats, at: int, sigma: float) -> Floats:
    more = np.random.default_rng(at).normal(size=values.size) * 3 * sigma
    return values + more * (np.arange(values.size) >= at)


def _flat(values: Floats, at: int, _sigma: float) -> Floats:
    return np.where(np.arange(values.size) >= at, values[at], values)


def _dip(values: Floats, at: int, _sigma: float) -> Floats:
    inside = (np.arange(values.size) >= at) & (np.arange(values.size) < at + 6)
    return np.where(inside, 0.0, values)


def _no_cycle(values: Floats, at: int, sigma: float) -> Floats:
    out = values.copy()
    low = np.sort(values[at - DAY : at])[DAY // 4]
    later = slice(at, at + DAY)
    out[later] = np.minimum(values[later], low + sigma * np.random.default_rng(at).normal(size=DAY))
    return out


def _drift(values: Floats, at: int, sigma: float) -> Floats:
    return values + 0.05 * sigma * np.maximum(np.arange(values.size) - at, 0)


CHANGES: dict[str, Callable[[Floats, int, float], Floats]] = {
    "spike of 10 sigma": _spike,
    "shift of 5 sigma": _shift,
    "shift of 2 sigma": _small_shift,
    "sigma three times as large": _wild,
    "stuck at a value": _flat,
    "half an hour of zeros": _dip,
    "a day without its peak": _no_cycle,
    "drift of 0.05 sigma a row": _drift,
}
SIGMAS = {
    "noise": 1.0,
    "day": 2.0,
    "day of two waves": 6.0,
    "office hours": 2.0,
    "autoregressive 0.7": 1.4,
    "counts of a day": 8.0,
}
