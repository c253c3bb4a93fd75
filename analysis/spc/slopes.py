"""Whether a series drifts: Theil-Sen slope with its confidence interval, and the Mann-Kendall test of that slope.

Neighbouring values that depend on each other make a quiet series look like a drift; the variance is corrected for that
after K. Hamed and A. Rao, Journal of Hydrology 204, 1998, or S. Yue and C. Wang, Water Resources Management 18, 2004.
Interval: P. Sen, Journal of the American Statistical Association 63, 1968.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.stats import norm, rankdata

from analysis.spc.movements import Direction

Values = npt.NDArray[np.float64]
Correction = Literal["careful", "hamed_rao", "yue_wang", "none"]

MOST_POINTS = 2_000  # every pair is compared
SIGNIFICANCE = 0.05
SURE = float(norm.ppf(1 - SIGNIFICANCE / 2))  # standard errors of a dependence that counts
FEWEST = 4
LAGS = 5
MOST_DEPENDENT = 0.98


@dataclass(frozen=True, slots=True)
class Kendall:
    """The Mann-Kendall test: score s and its variance (ties and dependence counted), tau, z and two-sided p-value."""

    s: float
    variance: float
    tau: float
    z: float
    p_value: float


@dataclass(frozen=True, slots=True)
class Drift:
    """Theil-Sen `slope` per unit of time with the interval `lower` to `upper` at `confidence`, tested by `test`."""

    slope: float
    lower: float
    upper: float
    confidence: float
    test: Kendall

    @property
    def is_significant(self) -> bool:
        """Whether a series without a drift would show such a one in fewer than 5 % of cases."""
        return self.test.p_value < SIGNIFICANCE

    def sentence(self, unit: str = "", per: str = "day", direction: Direction = "none") -> str:
        """The drift in words; `direction` is the good one, so it can say whether it goes there."""
        if not self.is_significant:
            return f"No trend: a drift of {self.slope:+,.3g}{_spaced(unit)} per {per} can be chance."
        good = (self.slope > 0) == (direction == "higher")
        judged = "" if direction == "none" else ", getting better" if good else ", getting worse"
        word = "Rising" if self.slope > 0 else "Falling"
        return (
            f"{word} by {abs(self.slope):,.3g}{_spaced(unit)} per {per} "
            f"({100 * self.confidence:g} % interval {self.lower:+,.3g} to {self.upper:+,.3g}){judged}."
        )


def drift(
    values: npt.ArrayLike,
    at: npt.ArrayLike | None = None,
    correction: Correction = "careful",
    confidence: float = 0.95,
) -> Drift:
    """Slope and test of `values` (n,) at ascending places `at` (n,), 0, 1, 2 ... when None. NaN values are left out.

    Dependence is looked for at 5 lags and never makes a drift more certain than independent values would; "careful"
    takes the larger of Hamed and Rao's factor and that of a first-order dependence without the bias of short series
    (M. Kendall, Biometrika 41, 1954). Take the week's shape out first. The newest 2,000 points count. Raises ValueError
    for fewer than 4 values or places that do not ascend.
    """
    y = np.asarray(values, dtype=np.float64)
    places = np.arange(y.size, dtype=np.float64) if at is None else np.asarray(at, dtype=np.float64)
    if y.shape != places.shape or y.ndim != 1 or (np.diff(places) <= 0).any():
        raise ValueError("The places are not one for each value in ascending order; sort them and drop duplicates.")
    told = np.isfinite(y)
    y, places = y[told][-MOST_POINTS:], places[told][-MOST_POINTS:]
    if y.size < FEWEST:
        raise ValueError(f"Found {y.size} values; expected {FEWEST} or more to see a trend.")
    test = mann_kendall(y, correction, lags=LAGS, places=places, at_least=1.0)
    slopes = np.sort(_slopes(y, places))
    reach = float(norm.ppf((1 + confidence) / 2) * np.sqrt(test.variance))
    low, high = (slopes.size - reach) / 2, (slopes.size + reach) / 2 + 1
    lower = slopes[max(round(low) - 1, 0)]
    upper = slopes[min(round(high) - 1, slopes.size - 1)]
    return Drift(float(np.median(slopes)), float(lower), float(upper), confidence, test)


def mann_kendall(
    values: Values,
    correction: Correction = "none",
    lags: int | None = None,
    places: Values | None = None,
    at_least: float = 0.0,
) -> Kendall:
    """The test of `values` (n,), finite, with dependence at up to `lags` lags (all when None) in the variance.

    The variance grows by the correction factor, which is held to `at_least`.
    """
    n = values.size
    lower, upper = np.triu_indices(n, 1)
    score = float(np.sum(np.sign(values[upper] - values[lower])))
    variance = _variance(values)
    if correction != "none":
        variance *= max(_factor(values, correction, lags or n - 1, places), at_least)
    z = (score - np.sign(score)) / np.sqrt(variance) if variance > 0 else 0.0
    return Kendall(score, variance, score / (n * (n - 1) / 2), float(z), float(2 * norm.sf(abs(z))))


def _variance(values: Values) -> float:
    """Variance of the score of independent values, with ties."""
    n = values.size
    ties = np.unique(values, return_counts=True)[1].astype(np.float64)
    return float((n * (n - 1) * (2 * n + 5) - np.sum(ties * (ties - 1) * (2 * ties + 5))) / 18)


def _factor(values: Values, correction: Correction, lags: int, places: Values | None) -> float:
    """How much larger the variance is for values as dependent as these are around their slope."""
    n = values.size
    at = np.arange(1, n + 1, dtype=np.float64) if places is None else places
    rest = values - at * np.median(_slopes(values, at))
    lag = np.arange(1, min(lags, n - 1) + 1)
    if correction == "yue_wang":
        return float(1 + 2 * np.sum((1 - lag / n) * _autocorrelation(rest, lag.size)))
    found = _autocorrelation(rankdata(rest), lag.size)
    first = min(found[0] + (2 + 4 * found[0]) / n, MOST_DEPENDENT)  # a line was taken out: twice the bias of a mean
    model = float((1 + first) / (1 - first)) if correction == "careful" and first > SURE / np.sqrt(n) else 0.0
    found = np.where(np.abs(found) >= SURE / np.sqrt(n), found, 0.0)
    weights = (n - lag) * (n - lag - 1) * (n - lag - 2)
    return max(float(1 + 2 / (n * (n - 1) * (n - 2)) * np.sum(weights * found)), model)


def _autocorrelation(values: Values, lags: int) -> Values:
    off = values - values.mean()
    power = float(off @ off)
    return np.array([off[:-lag] @ off[lag:] / power if power else 0.0 for lag in range(1, lags + 1)])


def _slopes(values: Values, places: Values) -> Values:
    lower, upper = np.triu_indices(values.size, 1)
    return np.asarray((values[upper] - values[lower]) / (places[upper] - places[lower]), dtype=np.float64)


def _spaced(unit: str) -> str:
    return f" {unit}" if unit else ""
