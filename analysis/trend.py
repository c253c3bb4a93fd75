"""Where a series is going: rolling mean, movement against an earlier point, and a slope that outliers do not bend."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.stats import theilslopes

from analysis.detection_rules import Values

MOST_SLOPE_POINTS = 1_000  # Theil-Sen compares every pair, so its cost grows with the square


def rolling_mean(values: Values, window: int) -> Values:
    """Mean of each value and the `window` - 1 before it, shape (n,); NaN until there are that many.

    Raises ValueError for a window below 1.
    """
    if window < 1:
        raise ValueError(f"The window is {window} points; expected 1 or more.")
    return pl.Series(values, dtype=pl.Float64).rolling_mean(window).cast(pl.Float64).fill_null(np.nan).to_numpy()


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
