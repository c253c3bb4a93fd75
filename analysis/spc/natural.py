"""The expected value and the control limits of each point in the metric's own unit, for charts and sentences."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from analysis.spc import scales
from analysis.spc.calibration import Calibration
from analysis.spc.detector import Scored
from analysis.spc.kinds import MetricKind
from analysis.spc.models import count_means
from analysis.spc.robust import Flags, Floats
from analysis.spc.seasonality import Calendar, expected
from analysis.spc.warps import bend_back

NEVER_BELOW_0 = [MetricKind.POSITIVE, MetricKind.RATIO, MetricKind.COUNTS, MetricKind.INTERMITTENT]


@dataclass(frozen=True, slots=True)
class NaturalLimits:
    """Center line and control limits of single points, shape (m, n) each; a counter's are those of its steps."""

    center: Floats
    lower: Floats
    upper: Floats


def natural_limits(calibration: Calibration, calendar: Calendar, scored: Scored) -> NaturalLimits:
    """Where each point was expected, given the points before it, and beyond which values it alone is an alarm."""
    limits = calibration.limits
    lower = scored.predicted - limits.spike_down[:, None] * scored.reach
    upper = scored.predicted + limits.spike_up[:, None] * scored.reach
    return NaturalLimits(*(values_at(calibration, calendar, z) for z in (scored.predicted, lower, upper)))


def within_bounds(calibration: Calibration, lines: NaturalLimits) -> NaturalLimits:
    """The lines without what the kind of number cannot be: below 0, a ratio also above 1."""
    kind = calibration.models.kind[:, None]
    lower = np.where(np.isin(kind, NEVER_BELOW_0), np.maximum(lines.lower, 0.0), lines.lower)
    return replace(
        lines, lower=lower, upper=np.where(kind == MetricKind.RATIO, np.minimum(lines.upper, 1), lines.upper)
    )


def is_too_small(natural: NaturalLimits, values: Floats, least_change: float | Floats) -> Flags:
    """Points within `least_change` of their center line (one number, or (m,)): too small to matter, shape (m, n)."""
    least = np.broadcast_to(np.asarray(least_change, dtype=np.float64), (values.shape[0],))[:, None]
    out: Flags = np.abs(values - natural.center) < least
    return out


def values_at(calibration: Calibration, calendar: Calendar, z: Floats) -> Floats:
    """The values whose standardised residuals are `z`, shape (m, n): the inverse of `models.standardise`.

    Counts lie between whole numbers here, at the place where their chance passes that of `z`.
    """
    models = calibration.models
    center, doubt = expected(models.profile, calendar)
    off = bend_back(z, models.shapes) * np.sqrt(1 + doubt)
    out = np.empty_like(z)
    counts = models.kind == MetricKind.COUNTS
    for power in np.unique(models.power[~counts]):
        rows = ~counts & (models.power == power)
        out[rows] = scales.from_scale(center[rows] + off[rows] * models.profile.sigma[rows, None], power)
    if counts.any():
        out[counts] = _counts_at(off[counts], count_means(models, center)[counts], models.wider[counts, None])
    amounts = models.kind == MetricKind.INTERMITTENT
    if amounts.any():
        zeros = models.zeros[amounts][:, calendar.daytype]
        rest = scales.rest_z(off[amounts], zeros)
        y = center[amounts] + rest * models.profile.sigma[amounts, None]
        out[amounts] = np.where(np.isfinite(rest), scales.from_scale(y, scales.LOG), 0.0)
    return out


def _counts_at(z: Floats, mean: Floats, wider: Floats) -> Floats:
    """By bisection between neighbouring whole numbers; never below 0."""
    low = np.full_like(z, -1.0)
    high = np.ceil(mean + 20 * np.sqrt(mean + wider * mean**2) * np.maximum(1, np.abs(z) / 4) ** 2 + 20)
    while (high - low > 1).any():
        middle = np.where(high - low > 1, np.floor((low + high) / 2), high)
        over = scales.count_z(middle, mean, wider) >= z
        low, high = np.where(over | (high - low <= 1), low, middle), np.where(over, middle, high)
    at, before = scales.count_z(high, mean, wider), scales.count_z(np.maximum(low, 0), mean, wider)
    part = np.where(at > before, (z - before) / np.where(at > before, at - before, 1.0), 1.0)
    out: Floats = np.maximum(np.where(low < 0, high, low + np.clip(part, 0, 1)), 0.0)
    return out
