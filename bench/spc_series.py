"""Made series of every kind the detector is judged on: shaped by the week, skewed, counts, autocorrelated."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.spc.seasonality import Calendar, calendar_of

Floats = npt.NDArray[np.float64]
FAMILIES = (
    ("normal", 40.0), ("flat", 40.0), ("lognormal", 0.1), ("lognormal", 0.5), ("gamma", 2.0), ("gamma", 10.0),
    ("shifted_gamma", 3.0), ("poisson", 3.0), ("poisson", 10.0), ("poisson", 50.0), ("negative_binomial", 20.0),
    ("student_t", 6.0),
)  # fmt: skip
AUTOCORRELATIONS = (0.3, 0.5, 0.7)


def days(points: int) -> Calendar:
    """A daily calendar from a Monday on."""
    return calendar_of(np.datetime64("2026-01-05") + np.arange(points))


def made(family: str, size: float, metrics: int, points: int, seed: int, phi: float = 0.0) -> Floats:
    """Series of shape (metrics, points): weekday 1000, weekend 600 (counts: `size` and 0.6 of it)."""
    draw = np.random.default_rng(seed)
    shape = np.where(np.arange(points) % 7 >= 5, 600.0, 1000.0)
    if family == "poisson":
        return draw.poisson(size * shape / 1000, size=(metrics, points)).astype(np.float64)
    if family == "negative_binomial":
        mean = size * shape / 1000 * draw.gamma(5.0, 1 / 5.0, size=(metrics, points))
        return draw.poisson(mean).astype(np.float64)
    if family == "gamma":
        return shape * draw.gamma(size, 1 / size, size=(metrics, points))
    if family == "shifted_gamma":
        return shape + 100 * draw.gamma(size, size=(metrics, points))
    if family == "student_t":
        return shape + 40 * draw.standard_t(size, size=(metrics, points))
    noise = draw.normal(size=(metrics, points))
    for t in range(1, points if phi else 0):
        noise[:, t] = phi * noise[:, t - 1] + np.sqrt(1 - phi**2) * noise[:, t]
    if family == "lognormal":
        return shape * np.exp(size * noise)
    return (shape if family == "normal" else 1000.0) + size * noise
