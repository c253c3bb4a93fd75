"""Thousands of metrics: calibration and scoring in pieces that fit in memory, on as many cores as are given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from analysis.spc.calibration import DEFAULT_RATE, Calibration, calibrate, joined
from analysis.spc.detector import Scored
from analysis.spc.robust import Flags, Floats
from analysis.spc.seasonality import Calendar

PIECE = 1_000
CORES = 2


def calibrate_many(
    values: Floats, usable: Flags, calendar: Calendar, rate: float | Floats = DEFAULT_RATE, cores: int = CORES
) -> Calibration:
    """As `calibration.calibrate`, for any number of metrics (at least one)."""
    rates = np.broadcast_to(np.asarray(rate, dtype=np.float64), (values.shape[0],))

    def learn(rows: slice) -> Calibration:
        return calibrate(values[rows], usable[rows], calendar, rates[rows].copy())

    return joined(_each(learn, values.shape[0], cores))


def score_many(calibration: Calibration, values: Floats, calendar: Calendar, cores: int = CORES) -> Scored:
    """As `Calibration.score` from a fresh state, for any number of metrics."""

    def score(rows: slice) -> Scored:
        part = calibration.taken(np.arange(rows.start, rows.stop))
        return part.score(values[rows], calendar)

    parts: list[Scored] = _each(score, values.shape[0], cores)
    names = ("score", "cause", "innovation", "predicted", "reach")
    return Scored(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def _each(work: Callable[[slice], Any], metrics: int, cores: int) -> list[Any]:
    if metrics <= PIECE:
        return [work(slice(0, metrics))]
    with ThreadPoolExecutor(cores) as pool:
        return list(pool.map(work, _pieces(metrics)))


def _pieces(metrics: int) -> Iterator[slice]:
    for start in range(0, metrics, PIECE):
        yield slice(start, min(start + PIECE, metrics))
