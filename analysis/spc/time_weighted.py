"""Charts that add up small shifts: the EWMA and the two-sided CUSUM with head start.

Sources: S. W. Roberts, Technometrics 1 (1959); E. S. Page, Biometrika 41 (1954); J. M. Lucas and R. B. Crosier, "Fast
Initial Response for CUSUM Quality-Control Schemes", Technometrics 24 (1982); NIST/SEMATECH e-Handbook 6.3.2.3-4.
Neighbouring points share most of their past, so run rules do not apply to them: only the limits judge.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.signal import lfilter

from analysis.spc.chart_inputs import (
    checked,
    fewest_for,
    finite,
    first_points,
    given_sigma,
    mean,
    moving_range_sigma,
    sized,
    width_of,
)
from analysis.spc.charts import ONLY_LIMITS, WIDTH, ControlChart, Lines, Values, draw

LAMBDA = 0.2
K = 0.5
H = 5.0


@dataclass(frozen=True, slots=True)
class Weighing:
    """How an EWMA weighs: the share of the newest point, and limits that are exact at each point or the final ones."""

    share: float = LAMBDA
    limits: Literal["exact", "asymptotic"] = "exact"

    def __post_init__(self) -> None:
        if not 0 < finite("lambda", self.share) <= 1:
            raise ValueError(f"The lambda is {self.share:g}; expected more than 0 and at most 1, 0.2 is usual.")


@dataclass(frozen=True, slots=True)
class Scheme:
    """A CUSUM: reference value k, decision interval h and head start, all in standard errors of a point."""

    k: float = K
    h: float = H
    head_start: float = 0.0

    def __post_init__(self) -> None:
        if finite("k", self.k) < 0:
            raise ValueError(f"The k is {self.k:g}; expected 0 or more, half the shift to find in sigmas.")
        if finite("h", self.h) <= 0:
            raise ValueError(f"The h is {self.h:g}; expected more than 0, 4 or 5 is usual.")
        if not 0 <= finite("head start", self.head_start) < self.h:
            raise ValueError(f"The head start is {self.head_start:g}; expected from 0 to below h, which is {self.h:g}.")


def ewma(
    values: npt.ArrayLike,
    baseline: int | None = None,
    center: float | None = None,
    sigma: float | None = None,
    width: float = WIDTH,
    weighing: Weighing | None = None,
    sizes: npt.ArrayLike = 1,
) -> ControlChart:
    """EWMA of n values, or means of samples of `sizes`, shape (n,), started at the center line.

    Sigma of one value is the mean moving range / 1.128 of the first `baseline` values unless given; samples of more
    than one need it given. Limits follow the exact variance of each point, also where the sizes differ.
    """
    statistic, every = _points(values, sizes, center, sigma)
    line, spread = _estimates(statistic, every, baseline, center, sigma)
    how = weighing or Weighing()
    smoothed = line + lfilter([how.share], [1, how.share - 1], statistic - line)
    keep = 1 - how.share
    if how.limits == "exact":
        variances = lfilter([how.share**2], [1, -(keep**2)], 1 / every)
    else:
        variances = how.share / (2 - how.share) / every
    lines = Lines(line, spread * np.sqrt(variances), width_of(width))
    return draw("ewma", smoothed, lines, spread, ONLY_LIMITS)


def cusum(
    values: npt.ArrayLike,
    baseline: int | None = None,
    center: float | None = None,
    sigma: float | None = None,
    scheme: Scheme | None = None,
    sizes: npt.ArrayLike = 1,
) -> ControlChart:
    """Two-sided CUSUM of n values, or means of samples of `sizes`, in standard errors from the target `center`.

    `more` holds both sums, `upper` from 0 up and `lower` from 0 down; `statistic` is the one farther from 0, the limits
    are -h and h, the center line is 0 and `target` the center. With a sigma of 1 all is in the unit of the values.
    """
    statistic, every = _points(values, sizes, center, sigma)
    target, spread = _estimates(statistic, every, baseline, center, sigma)
    plan = scheme or Scheme()
    away = statistic - target
    if spread == 0 and away.any():
        raise ValueError("The sigma is 0, so no sum can be taken in sigmas; give a sigma or a longer baseline.")
    standard = away * np.sqrt(every) / spread if spread else away
    upper = cumulated(standard - plan.k, plan.head_start)
    lower = 0.0 - cumulated(-standard - plan.k, plan.head_start)  # 0 - 0 is 0, where -0 prints a sign
    farther = np.where(upper >= -lower, upper, lower)
    more: dict[str, Values | float] = {"upper": upper, "lower": lower, "target": target}
    # Both sums can be beyond at once after a head start or with k = 0; the farther one then stands for both.
    return draw("cusum", farther, Lines(0.0, plan.h, 1.0), spread, ONLY_LIMITS, more)


def cumulated(steps: Values, start: float) -> Values:
    """max(0, sum so far + step) at each of `steps` (n,), from `start`."""
    sums = accumulate(steps.tolist(), lambda total, step: max(0.0, total + step), initial=start)
    return np.fromiter(sums, dtype=np.float64, count=steps.size + 1)[1:]


def _points(
    values: npt.ArrayLike, sizes: npt.ArrayLike, center: float | None, sigma: float | None
) -> tuple[Values, Values]:
    statistic = checked(values, fewest_for(center, sigma))
    every = sized(sizes, statistic.size)
    if sigma is None and bool(np.any(every != 1)):
        raise ValueError("Means of samples were given without a sigma; expected the sigma of one value beside them.")
    return statistic, every


def _estimates(
    statistic: Values, sizes: Values, baseline: int | None, center: float | None, sigma: float | None
) -> tuple[float, float]:
    """Center line and sigma of one value, given or from the first `baseline` points."""
    first = first_points(statistic.size, baseline)
    line = mean(statistic[:first], sizes[:first]) if center is None else finite("center", center)
    return line, moving_range_sigma(statistic[:first]) if sigma is None else given_sigma(sigma)
