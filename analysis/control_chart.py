"""Control charts: the center line and control limits that a process sets itself, and the points that break them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.detection_rules import NELSON, Signal, Values, detect

D2_OF_TWO = 1.128  # 2/sqrt(pi) as the tables and the published charts round it; limits agree with theirs that way
LIMIT_SIGMAS = 3


@dataclass(frozen=True, slots=True)
class ControlChart:
    """A chart of n points: `statistic` is what is plotted; lines, limits and sigma are in its unit."""

    kind: str
    statistic: Values
    center_line: float
    sigma: float
    lower_control_limit: float
    upper_control_limit: float
    signals: tuple[Signal, ...]


def individuals(
    values: npt.ArrayLike,
    baseline: int | None = None,
    center: float | None = None,
    sigma: float | None = None,
    rules: Sequence[str] = NELSON,
) -> ControlChart:
    """Individuals (XmR) chart of n values in time order, shape (n,), judged by `rules`.

    Center line = mean, sigma = mean moving range / 1.128, limits = center ± 3 sigma, all from the first `baseline`
    values (all of them when None). `center` and `sigma` given here are taken as they are. Source: D. J. Wheeler,
    Understanding Statistical Process Control (1992); NIST/SEMATECH e-Handbook 6.3.2.2.
    Raises ValueError for values that no chart can be made of.
    """
    statistic = _checked(values)
    first = _baseline(statistic, baseline)
    line = float(_mean(first)) if center is None else _finite("center", center)
    spread = _moving_range_sigma(first) if sigma is None else _finite("sigma", sigma)
    reach = LIMIT_SIGMAS * spread
    if spread < 0:
        raise ValueError(f"The sigma is {spread:g}; expected 0 or more.")
    if not math.isfinite(line - reach) or not math.isfinite(line + reach):
        raise ValueError("The values are too large to compute limits from; chart them in a larger unit.")
    signals = detect(rules, statistic, line, spread)
    return ControlChart("individuals", statistic, line, spread, line - reach, line + reach, signals)


def _checked(values: npt.ArrayLike) -> Values:
    statistic = np.asarray(values, dtype=np.float64)
    if statistic.ndim != 1 or statistic.size < 2:
        raise ValueError(f"Found values of shape {statistic.shape}; expected at least 2 values in one row.")
    bad = np.flatnonzero(~np.isfinite(statistic))
    if bad.size:
        raise ValueError(
            f"Value {bad[0] + 1} is {statistic[bad[0]]}; expected finite numbers, leave out points without a value."
        )
    return statistic


def _baseline(statistic: Values, baseline: int | None) -> Values:
    if baseline is None:
        return statistic
    if not 2 <= baseline <= statistic.size:
        raise ValueError(
            f"The baseline is {baseline} points; expected from 2 to {statistic.size}, the points there are."
        )
    return statistic[:baseline]


def _mean(values: Values) -> np.float64:
    """The mean, exact for a constant series, whose points must not fall off their own center line by rounding."""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.float64(values[0] + np.mean(values - values[0]))


def _moving_range_sigma(values: Values) -> float:
    with np.errstate(over="ignore"):
        return float(np.mean(np.abs(np.diff(values))) / D2_OF_TWO)


def _finite(name: str, value: float) -> float:
    if not math.isfinite(value):
        raise ValueError(f"The {name} is {value}; expected a finite number.")
    return float(value)
