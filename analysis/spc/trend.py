"""Where a series is going: rolling means, movement against an earlier point, and a slope that outliers do not bend."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.stats import theilslopes

Values = npt.NDArray[np.float64]

MOST_SLOPE_POINTS = 1_000  # Theil-Sen compares every pair, so its cost grows with the square
WINDOWS = (7, 28, 91)  # days: whole weeks, so that every weekday counts the same
FEWEST_SHARE = 0.5  # of the days of a window that must have a value
DAY = np.timedelta64(86_400_000_000, "us")


def rolling_mean(values: Values, window: int) -> Values:
    """Mean of each value and the `window` - 1 before it, shape (n,); NaN until there are that many.

    Raises ValueError for a window below 1.
    """
    if window < 1:
        raise ValueError(f"The window is {window} points; expected 1 or more.")
    return pl.Series(values, dtype=pl.Float64).rolling_mean(window).cast(pl.Float64).fill_null(np.nan).to_numpy()


def rolling_mean_over(values: npt.ArrayLike, times: npt.ArrayLike, days: int) -> Values:
    """Mean of the values of the `days` that end with each point, shape (n,), for `values` (n,) at ascending `times`.

    NaN values are left out. NaN where less than half of those days have a value, or the series began later than they.
    Raises ValueError for a window below 1 day, shapes that differ, or times that do not ascend.
    """
    if days < 1:
        raise ValueError(f"The window is {days} days; expected 1 or more.")
    y, at = np.asarray(values, dtype=np.float64), np.asarray(times, dtype="datetime64[us]")
    if y.shape != at.shape or y.ndim != 1:
        raise ValueError(f"Found {y.size} values and {at.size} times; expected one time for each value.")
    if (np.diff(at) < np.timedelta64(0, "us")).any():
        raise ValueError("The times are not in order; sort the values by time.")
    if y.size == 0:
        return np.zeros(0)
    told = np.isfinite(y)
    whole = at.astype("datetime64[D]")
    first = np.searchsorted(at, at - days * DAY, side="right")
    here = np.arange(1, y.size + 1)
    means = _sums(np.where(told, y - np.nanmean(y), 0.0) if told.any() else np.zeros(y.size), first, here)
    counts = _sums(told.astype(np.float64), first, here)
    full = _days_told(told, whole, first, here) >= FEWEST_SHARE * days
    began = whole - whole[0] >= np.timedelta64(days - 1, "D")
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(full & began & (counts > 0), means / counts + (np.nanmean(y) if told.any() else 0.0), np.nan)


def _sums(values: Values, first: npt.NDArray[np.int64], past: npt.NDArray[np.int64]) -> Values:
    total = np.concatenate(([0.0], np.cumsum(values)))
    return np.asarray(total[past] - total[first], dtype=np.float64)


def _days_told(
    told: npt.NDArray[np.bool_],
    whole: npt.NDArray[np.datetime64],
    first: npt.NDArray[np.int64],
    past: npt.NDArray[np.int64],
) -> Values:
    """How many days have a value in each window; the last of a day's told points stands for its day."""
    places = np.flatnonzero(told)
    stands = np.zeros(told.size)
    if places.size:
        days = whole[places]
        stands[places[np.concatenate((days[1:] != days[:-1], [True]))]] = 1.0
    counts = _sums(stands, first, past)
    latest = np.maximum.accumulate(np.where(told, np.arange(told.size), -1))
    unfinished = (latest >= first) & (stands[np.maximum(latest, 0)] == 0)
    return np.asarray(counts + unfinished, dtype=np.float64)


def movement(values: Values, lag: int) -> Values:
    """Change of each value against the one `lag` points earlier, as a share of that one's size, shape (n,).

    0.1 is ten percent up, whatever the sign of the values; NaN where there is no earlier value or it is 0.
    Raises ValueError for a lag below 1.
    """
    if lag < 1:
        raise ValueError(f"The lag is {lag} points; expected 1 or more.")
    change = np.full(values.size, np.nan)
    if values.size > lag:
        earlier = np.where(values[:-lag] == 0, np.nan, np.abs(values[:-lag]))
        change[lag:] = (values[lag:] - values[:-lag]) / earlier
    return change


def slope(values: Values, at: Values | None = None) -> float:
    """The median of all pairwise slopes (Theil-Sen), per unit of `at`, or per point when `at` is None.

    Long series are thinned evenly to 1,000 points. NaN for fewer than 2 values or when all of `at` are the same.
    """
    places = np.arange(values.size, dtype=np.float64) if at is None else at
    if values.size < 2 or np.ptp(places) == 0:
        return float("nan")
    picked = np.unique(np.linspace(0, values.size - 1, min(values.size, MOST_SLOPE_POINTS)).astype(np.int64))
    return float(theilslopes(values[picked], places[picked]).slope)
