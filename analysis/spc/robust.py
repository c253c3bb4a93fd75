"""Robust location and spread of the rows of a matrix; NaN is a point that does not count."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
MAD_TO_SIGMA = 1.482602218505602
PULL = 2.5
PULLED_VARIANCE = 0.9533  # E min(Z^2, PULL^2) of a standard normal Z


def row_median(values: Floats) -> Floats:
    """The median of each row of `values`, shape (m, n), without NaN; NaN for a row without numbers. Shape (m,)."""
    ordered = np.sort(values, axis=1)
    count = np.isfinite(ordered).sum(axis=1)
    rows = np.arange(values.shape[0])
    low, high = np.maximum((count - 1) // 2, 0), np.minimum(count // 2, values.shape[1] - 1)
    return np.where(count > 0, (ordered[rows, low] + ordered[rows, high]) / 2, np.nan)


def row_scale(residual: Floats) -> Floats:
    """Sigma of each row around 0 from the median absolute residual, or the mean one where half are 0. Shape (m,)."""
    size = np.abs(residual)
    by_median = MAD_TO_SIGMA * np.nan_to_num(row_median(size))
    count = np.maximum(np.isfinite(size).sum(axis=1), 1)
    by_mean = np.sqrt(np.pi / 2) * np.nansum(size, axis=1) / count
    return np.where(by_median > 1e-3 * by_mean, by_median, by_mean)


def pulled_in(residual: Floats, used: Floats) -> tuple[Floats, Floats]:
    """Sigma of each row with residuals pulled in to 2.5 sigma, after `used` parameters; its degrees of freedom too.

    Nearly as sharp as the standard deviation on normal data (95 %), and five wild points in a hundred move it little.
    """
    scale = row_scale(residual)
    freedom = scale
    for _ in range(3):
        inside = np.abs(residual) <= 5 * scale[:, None]
        count = inside.sum(axis=1)
        squares = np.where(inside, np.minimum(np.nan_to_num(residual) ** 2, (PULL * scale[:, None]) ** 2), 0.0)
        freedom = np.maximum(count - used, 1.0)
        scale = np.where(count > 0, np.sqrt(squares.sum(axis=1) / freedom / PULLED_VARIANCE), scale)
    return scale, 0.92 * freedom
