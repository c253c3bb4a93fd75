"""Limits whose promised false-alarm rate is the real one, for metrics whose baseline is short and only estimated.

Limits of textbooks suppose that center, sigma, shape and autocorrelation are known. Learned from twelve weeks they are
not, and the same limits alarm two to seven times as often as promised. Here the limits come from simulating the whole
way, learning included, with baselines of the same length (`python -m bench spc_limits` finds them anew); the spike
chart's are those of a Student t over the metric's own likely shapes. The rate is that of alarm starts
(analysis.spc.detector), per point, on average over metrics.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from scipy.stats import norm, t

from analysis.spc.detector import Limits, Scored, State, run_detector
from analysis.spc.kinds import MetricKind, counter_steps
from analysis.spc.limit_tables import RATES, TABLE, TABLE_POINTS
from analysis.spc.models import Models, learn_models, models_from_plain, standardise, zero_chances
from analysis.spc.nested import join_rows, numbers, take_rows, to_plain
from analysis.spc.robust import Flags, Floats
from analysis.spc.scales import AS_IS, COUNT_SHIFT, count_z
from analysis.spc.seasonality import Calendar
from analysis.spc.warps import is_bent, spike_limits

VERSION = 1
DEFAULT_RATE = 0.0027  # false alarms a point: 0.27 in 100 days of daily data, as three sigma promises
LOWEST_RATE, HIGHEST_RATE = 1e-6, 0.05
AUTOCORRELATION_COST = 0.09  # how much wider limits are at autocorrelation 1 after 84 points
PLAIN_GAIN = 0.99  # of the spike limits of `limit_tables`, which were found on a mixture with skewed metrics
SHAPE_COST = 0.03  # how much wider they are where the scale or shape was chosen by the data
COUNT_DOUBT = 110  # points at which half of the rate is left for the spikes of counts wider than Poisson
COUNT_GAIN = 0.06  # how much narrower the shift limit of Poisson counts is after 84 points


@dataclass(frozen=True, slots=True)
class Calibration:
    """What m metrics are judged by: their models, their limits and the false-alarm rate a point asked for, (m,)."""

    models: Models
    limits: Limits
    rate: Floats
    version: int = VERSION

    def score(self, values: Floats, calendar: Calendar, state: State | None = None) -> Scored:
        """Scores the points of `values`, shape (m, n), in order; `state` goes on from earlier ones and is moved on."""
        return run_detector(
            residuals(self.models, values, calendar),
            self.models.phi,
            self.limits,
            1 / np.maximum(self.models.profile.points, 1),
            State.fresh(self.models.size) if state is None else state,
            zero_chances(self.models, values, calendar),
        )

    def taken(self, rows: npt.NDArray[np.int64]) -> Calibration:
        """The calibration of the metrics `rows`."""
        return cast(Calibration, take_rows(self, rows))

    def as_plain(self) -> dict[str, Any]:
        """The calibration as dictionaries, lists and numbers, to be kept as JSON."""
        return cast(dict[str, Any], to_plain(self))

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Calibration:
        """The calibration that `as_plain` wrote. Raises ValueError for one of another version: calibrate anew."""
        if plain.get("version") != VERSION:
            raise ValueError(
                f"The calibration has version {plain.get('version')}; expected {VERSION}, calibrate the metric anew."
            )
        limits = Limits(**{name: numbers(item) for name, item in plain["limits"].items()})
        return cls(models_from_plain(plain["models"]), limits, numbers(plain["rate"]))


def joined(parts: list[Calibration]) -> Calibration:
    """Calibrations of several batches that share a calendar, one after the other."""
    return parts[0] if len(parts) == 1 else cast(Calibration, join_rows(list(parts)))


def calibrate(values: Floats, usable: Flags, calendar: Calendar, rate: float | Floats = DEFAULT_RATE) -> Calibration:
    """Learns and calibrates m metrics from their baselines `values`, shape (m, n), NaN for a missing point.

    `usable`, shape (m, n), leaves out the points to be judged and those flagged, corrected or in maintenance. `rate` is
    the false-alarm rate per point, one or (m,). Raises ValueError for shapes that differ or a rate out of range.
    """
    if values.ndim != 2 or usable.shape != values.shape or calendar.size != values.shape[1]:
        raise ValueError(
            f"Found values of shape {values.shape}, marks of {usable.shape} and a calendar of {calendar.size} points; "
            "expected (metrics, points) twice and one calendar cell for each point."
        )
    models = learn_models(np.where(np.isfinite(values), values, np.nan), usable, calendar)
    return recalibrate(models, rate)


def recalibrate(models: Models, rate: float | Floats) -> Calibration:
    """New limits for another `rate` from models already learned. Raises ValueError for a rate out of range."""
    rates = np.broadcast_to(np.asarray(rate, dtype=np.float64), (models.size,)).copy()
    if not ((rates >= LOWEST_RATE) & (rates <= HIGHEST_RATE)).all():
        raise ValueError(
            f"The false-alarm rate is {rates.min():g} to {rates.max():g} a point; "
            f"expected from {LOWEST_RATE:g} to {HIGHEST_RATE:g}."
        )
    return Calibration(models, limits_for(models, rates), rates)


def limits_for(models: Models, rates: Floats) -> Limits:
    """The limits of each metric at its rate, shape (m,) each."""
    points = np.maximum(models.profile.points, 8)
    share, shift, drift = from_table(points, rates)
    shrink = 84 / points
    wider = 1 + AUTOCORRELATION_COST * np.maximum(models.phi, 0) * np.minimum(shrink, 3)
    wider *= _hour_cost(models)
    up, down = spike_limits(models.shapes, t.isf(share * rates / 2, models.profile.freedom))
    shaped = PLAIN_GAIN + SHAPE_COST * ((models.power != AS_IS) | is_bent(models.shapes)) * np.minimum(shrink, 2)
    up, down = up * shaped, down * shaped
    counts = models.kind == MetricKind.COUNTS
    known = np.where(counts, 1 - _overdispersion(models), 0.0)
    if counts.any():
        one_side = _count_limits(models, (1.3 + 0.5 * known) * rates, known)
        both_sides = _count_limits(models, rates, known)
        may_fall = _lowest(models) < -both_sides
        up = np.where(counts, np.where(may_fall, both_sides, one_side), up)
        down = np.where(counts, both_sides, down)
    narrower = 1 - COUNT_GAIN * known * np.minimum(shrink, 2)
    return Limits(up * wider, down * wider, shift * wider * narrower, drift * wider)


def _hour_cost(models: Models) -> Floats:
    """How much wider limits are because neighbouring hours miss their own means independently, shape (m,).

    The autocorrelation between them is taken out of each point's noise, but not of what its mean is off by.
    """
    doubt = np.zeros(models.size)
    for name in ("hour", "weekhour"):
        if name in models.profile.doubts:
            cells = models.profile.doubts[name]
            doubt = np.maximum(doubt, cells.sum(axis=1) / np.maximum((cells > 0).sum(axis=1), 1))
    louder = 1 + 1.2 * models.phi**2 / (1 - models.phi**2)
    out: Floats = np.sqrt((1 + doubt * louder) / (1 + doubt))
    return out


def _count_limits(models: Models, rates: Floats, known: Floats) -> Floats:
    """Spike limits of counts, between those of a known sigma and of an estimated one, shape (m,)."""
    share = 1 / (1 + (COUNT_DOUBT / np.maximum(models.profile.points, 8)) ** 1.4)
    estimated = t.isf(share * rates / 2, models.profile.freedom)
    out: Floats = known * norm.isf(rates / 2) + (1 - known) * estimated
    return out


def _lowest(models: Models) -> Floats:
    """The residual of a count of 0 at the metric's usual level, shape (m,)."""
    usual = np.maximum(models.profile.level**2 + models.profile.sigma**2 - COUNT_SHIFT, 0.01) * models.factor
    return count_z(np.zeros_like(usual), usual, models.wider)


def _overdispersion(models: Models) -> Floats:
    """The share of a count's variance that is not Poisson, 0 to 1, shape (m,)."""
    mean = np.maximum(models.profile.level**2, 0.1)
    return models.wider * mean / (1 + models.wider * mean)


def from_table(points: Floats, rates: Floats) -> tuple[Floats, Floats, Floats]:
    """Share of the rate for the spike chart and limits of the shift and drift charts, from `limit_tables`, (m,) each.

    Linear in the logarithm of the rate (beyond the table's ends too) and in 1 / points (held at its ends).
    """
    across = np.log(np.asarray(RATES))
    place = np.clip(np.searchsorted(across, np.log(rates)) - 1, 0, len(RATES) - 2)
    part = (np.log(rates) - across[place]) / (across[place + 1] - across[place])
    out = []
    for column in range(3):
        grid = np.asarray(TABLE)[:, :, column]
        inverse = 1 / np.asarray(TABLE_POINTS, dtype=np.float64)
        by_rate = np.stack([np.interp(1 / points, inverse[::-1], grid[::-1, j]) for j in range(len(RATES))], axis=1)
        rows = np.arange(points.size)
        out.append(by_rate[rows, place] * (1 - part) + by_rate[rows, place + 1] * part)
    return np.clip(out[0], 0.001, 2.0), np.maximum(out[1], 1.0), np.maximum(out[2], 1.0)


def residuals(models: Models, values: Floats, calendar: Calendar) -> Floats:
    """Standardised residuals of raw `values`, (m, n): counters are turned into steps from their last known value."""
    counters = models.kind == MetricKind.COUNTER
    if counters.any():
        values = values.copy()
        values[counters] = counter_steps(values[counters], models.last[counters])
    return standardise(models, values, calendar)
