"""Charts of measured values: individuals and moving range; means, ranges and deviations of subgroups.

Sources: D. J. Wheeler, Understanding Statistical Process Control (1992); D. C. Montgomery, Introduction to Statistical
Quality Control, chapter 6; NIST/SEMATECH e-Handbook 6.3.2. Subgroups of unequal sizes are treated as R's qcc does:
the center line is the mean weighted by size, the limits follow each size.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from analysis.spc.chart_inputs import (
    PointError,
    checked,
    fewest_for,
    finite,
    first_points,
    given_sigma,
    mean,
    moving_range_sigma,
    width_of,
)
from analysis.spc.charts import ONLY_LIMITS, WIDTH, ControlChart, Lines, Values, draw
from analysis.spc.constants import D2_OF_TWO, c4, d2_published, d3, for_sizes
from analysis.spc.rules import NELSON
from analysis.spc.subgroups import Estimate, Subgroups

Groups = Subgroups | Iterable[npt.ArrayLike]


def individuals(
    values: npt.ArrayLike,
    baseline: int | None = None,
    center: float | None = None,
    sigma: float | None = None,
    rules: Sequence[str] = NELSON,
    width: float = WIDTH,
) -> ControlChart:
    """Individuals (XmR) chart of n values in time order, shape (n,), judged by `rules`.

    Center line = mean, sigma = mean moving range / 1.128, limits = center ± `width` sigma, all from the first
    `baseline` values (all of them when None). `center` and `sigma` given here are taken as they are.
    Raises ValueError for values that no chart can be made of.
    """
    statistic = checked(values, fewest_for(center, sigma))
    first = statistic[: first_points(statistic.size, baseline, fewest_for(center, sigma))]
    line = mean(first) if center is None else finite("center", center)
    spread = moving_range_sigma(first) if sigma is None else given_sigma(sigma)
    return draw("individuals", statistic, Lines(line, spread, width_of(width)), spread, rules)


def moving_range(
    values: npt.ArrayLike,
    baseline: int | None = None,
    sigma: float | None = None,
    rules: Sequence[str] = ONLY_LIMITS,
    width: float = WIDTH,
) -> ControlChart:
    """Chart of the n - 1 moving ranges of n values; point i is the range of values i and i + 1.

    It is an R chart of samples of two: center = mean moving range, sigma = center / 1.128, or from the given sigma.
    `baseline` counts moving ranges. Neighbouring ranges share a value, so only the limits judge by default.
    """
    statistic = np.abs(np.diff(checked(values)))
    first = statistic[: first_points(statistic.size, baseline, fewest=1)]
    line = mean(first) if sigma is None else D2_OF_TWO * given_sigma(sigma)
    spread = line / D2_OF_TWO
    return draw("mr", statistic, Lines(line, d3(2) * spread, width_of(width), floor=0), spread, rules)


def xbar(
    subgroups: Groups,
    baseline: int | None = None,
    center: float | None = None,
    sigma: float | None = None,
    rules: Sequence[str] = NELSON,
    width: float = WIDTH,
    estimate: Estimate | None = None,
) -> ControlChart:
    """Chart of the means of g subgroups (a (g, n) array with NaN for missing values, or sequences of any sizes).

    Sigma of one value by `estimate` (see Subgroups.spread) from the first `baseline` subgroups.
    """
    groups = _groups(subgroups)
    first = groups.first(first_points(groups.sizes.size, baseline, fewest=1))
    line = mean(first.means, first.sizes.astype(np.float64)) if center is None else finite("center", center)
    spread = first.spread(estimate) if sigma is None else given_sigma(sigma)
    errors = spread / np.sqrt(groups.sizes)
    return draw("xbar", groups.means, Lines(line, errors, width_of(width)), spread, rules)


def ranges(
    subgroups: Groups,
    baseline: int | None = None,
    center: float | None = None,
    sigma: float | None = None,
    rules: Sequence[str] = NELSON,
    width: float = WIDTH,
) -> ControlChart:
    """R chart: the ranges of g subgroups. A given sigma without a center sets the center line to d2 sigma."""
    groups = _all_told(_groups(subgroups))
    first = groups.first(first_points(groups.sizes.size, baseline, fewest=1))
    spread = first.spread("range") if sigma is None else given_sigma(sigma)
    line: float | Values = mean(first.ranges, first.sizes.astype(np.float64))
    if center is not None:
        line = finite("center", center)
    elif sigma is not None:
        line = spread * for_sizes(d2_published, groups.sizes)
    errors = spread * for_sizes(d3, groups.sizes)
    return draw("r", groups.ranges, Lines(line, errors, width_of(width), floor=0), spread, rules)


def deviations(
    subgroups: Groups,
    baseline: int | None = None,
    center: float | None = None,
    sigma: float | None = None,
    rules: Sequence[str] = NELSON,
    width: float = WIDTH,
) -> ControlChart:
    """S chart: the standard deviations of g subgroups. A given sigma without a center sets the line to c4 sigma."""
    groups = _all_told(_groups(subgroups))
    first = groups.first(first_points(groups.sizes.size, baseline, fewest=1))
    spread = first.spread("deviation") if sigma is None else given_sigma(sigma)
    factor = for_sizes(c4, groups.sizes)
    line: float | Values = mean(first.deviations, first.sizes.astype(np.float64))
    if center is not None:
        line = finite("center", center)
    elif sigma is not None:
        line = spread * factor
    errors = spread * np.sqrt(1 - factor**2)
    return draw("s", groups.deviations, Lines(line, errors, width_of(width), floor=0), spread, rules)


def _groups(subgroups: Groups) -> Subgroups:
    return subgroups if isinstance(subgroups, Subgroups) else Subgroups.of(subgroups)


def _all_told(groups: Subgroups) -> Subgroups:
    alone = np.flatnonzero(groups.sizes < 2)
    if alone.size:
        raise PointError("subgroup", int(alone[0]) + 1, "has one value; a spread within it needs two or more.")
    return groups
