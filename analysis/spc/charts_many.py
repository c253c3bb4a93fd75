"""Charts of many metrics at once: arrays of shape (metrics, n) in time order, NaN where a metric has no value.

A gap is left out, as if the row were not there: the moving range spans it, sums stand still, and nothing is judged.
Each metric gives what `individuals`, `ewma` and `cusum` give for it alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.spc.charts import WIDTH
from analysis.spc.constants import D2_OF_TWO
from analysis.spc.time_weighted import Scheme, Weighing

Values = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Estimates:
    """Center line and sigma of each metric, shape (metrics,); NaN where the baseline has fewer than two values."""

    center: Values
    sigma: Values


@dataclass(frozen=True, slots=True)
class ManyCharts:
    """`statistic`, `lower` and `upper` limits of each point, and whether it is beyond, all broadcast to (metrics, n).

    A cusum's `statistic` is its upper sum, `second` the lower one (from 0 down); other charts have no `second`.
    """

    kind: str
    statistic: Values
    lower: Values
    upper: Values
    beyond: Flags
    second: Values | None = None


@dataclass(frozen=True, slots=True)
class ChartSet:
    """The three charts of every metric, with the estimates they share."""

    estimates: Estimates
    individuals: ManyCharts
    ewma: ManyCharts
    cusum: ManyCharts


def charts_many(
    values: npt.ArrayLike, baseline: int | None = None, weighing: Weighing | None = None, scheme: Scheme | None = None
) -> ChartSet:
    """Individuals, EWMA and CUSUM charts of `values` (metrics, n); limits from the first `baseline` values of each."""
    found = _matrix(values)
    estimates = estimate_many(found, baseline)
    return ChartSet(
        estimates,
        individuals_many(found, estimates),
        ewma_many(found, estimates, weighing=weighing),
        cusum_many(found, estimates, scheme),
    )


def estimate_many(values: npt.ArrayLike, baseline: int | None = None) -> Estimates:
    """Mean and mean moving range / 1.128 of the first `baseline` values of each metric, gaps left out."""
    found = _matrix(values)
    known = np.isfinite(found)
    if known.all():
        return _without_gaps(found[:, :baseline])
    used = known if baseline is None else known & (np.cumsum(known, axis=1) <= baseline)
    counts = used.sum(axis=1)
    rows = np.arange(found.shape[0])
    firsts = found[rows, np.argmax(used, axis=1)]
    with np.errstate(invalid="ignore", divide="ignore"):
        away = np.where(used, found - firsts[:, None], 0.0)
        center = firsts + away.sum(axis=1) / counts
        last = np.maximum.accumulate(np.where(used, np.arange(found.shape[1]), 0), axis=1)
        # Filled forward, a gap adds a difference of 0; before the first value all is 0 as the first one is.
        filled = np.take_along_axis(away, last, axis=1)
        sigma = np.abs(np.diff(filled, axis=1)).sum(axis=1) / (counts - 1) / D2_OF_TWO
    short = counts < 2
    center[short], sigma[short] = np.nan, np.nan
    return Estimates(center, sigma)


def individuals_many(values: npt.ArrayLike, estimates: Estimates, width: float = WIDTH) -> ManyCharts:
    """Individuals charts: limits are one column each, shape (metrics, 1)."""
    found = _matrix(values)
    center, reach = estimates.center[:, None], width * estimates.sigma[:, None]
    return _judged("individuals", found, center - reach, center + reach)


def ewma_many(
    values: npt.ArrayLike, estimates: Estimates, width: float = WIDTH, weighing: Weighing | None = None
) -> ManyCharts:
    """EWMA charts with the exact limits of each point, or the final ones."""
    found, how = _matrix(values), weighing or Weighing()
    known = np.isfinite(found)
    smoothed = np.zeros(found.shape[0])
    away = np.empty(found.shape[::-1])
    for place, (point, here) in enumerate(zip(found.T - estimates.center, known.T, strict=True)):
        smoothed = smoothed + np.where(here, how.share * (point - smoothed), 0.0)
        away[place] = np.where(here, smoothed, np.nan)
    final = how.share / (2 - how.share)
    points = np.cumsum(known, axis=1) if not known.all() else np.arange(1, found.shape[1] + 1)[None, :]
    grown = 1 - (1 - how.share) ** (2.0 * points) if how.limits == "exact" else np.ones((1, 1))
    reach = width * estimates.sigma[:, None] * np.sqrt(final * grown)
    center = estimates.center[:, None]
    return _judged("ewma", center + away.T, center - reach, center + reach)


def cusum_many(values: npt.ArrayLike, estimates: Estimates, scheme: Scheme | None = None) -> ManyCharts:
    """Two-sided CUSUM charts in sigmas; NaN for a metric without a spread, which no sum in sigmas can judge."""
    found, plan = _matrix(values), scheme or Scheme()
    sigma = np.where(estimates.sigma > 0, estimates.sigma, np.nan)
    upper, lower = np.full(found.shape[0], plan.head_start), np.full(found.shape[0], plan.head_start)
    uppers, lowers = np.empty(found.shape[::-1]), np.empty(found.shape[::-1])
    for place, point in enumerate(found.T):
        standard = (point - estimates.center) / sigma
        here = np.isfinite(standard)
        upper = np.where(here, np.maximum(0, upper + standard - plan.k), upper)
        lower = np.where(here, np.maximum(0, lower - standard - plan.k), lower)
        uppers[place], lowers[place] = np.where(here, upper, np.nan), np.where(here, -lower, np.nan)
    limit = np.full((1, 1), plan.h)
    outside = np.maximum(uppers.T, -lowers.T) > limit
    return ManyCharts("cusum", uppers.T, -limit, limit, outside, lowers.T)


def _judged(kind: str, statistic: Values, lower: Values, upper: Values) -> ManyCharts:
    return ManyCharts(kind, statistic, lower, upper, (statistic > upper) | (statistic < lower))


def _without_gaps(values: Values) -> Estimates:
    if values.shape[1] < 2:
        nothing = np.full(values.shape[0], np.nan)
        return Estimates(nothing, nothing)
    center = values[:, 0] + (values - values[:, :1]).mean(axis=1)
    return Estimates(center, np.abs(np.diff(values, axis=1)).mean(axis=1) / D2_OF_TWO)


def _matrix(values: npt.ArrayLike) -> Values:
    found = np.asarray(values, dtype=np.float64)
    if found.ndim != 2 or 0 in found.shape:
        raise ValueError(f"Found values of shape {found.shape}; expected (metrics, n) with at least one of each.")
    return found
