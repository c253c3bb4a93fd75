"""How much each point depends on the one before: measured robustly on residuals, taken out, and warned about."""

from __future__ import annotations

import numpy as np

from analysis.spc.robust import Floats

MOST = 0.97
PULL = 3.0


def lag_one(residual: Floats, used: Floats | float = 1.0) -> Floats:
    """The lag-1 autocorrelation of each row of `residual`, shape (m, n), NaN where a point does not count. Shape (m,).

    Residuals are pulled in to 3 sigma first. The small-sample bias -(1 + 3 phi) / n of a series with an estimated mean
    (M. Kendall, Biometrika 41, 1954) is put back, more of it when `used` parameters were fitted before;
    what n points cannot tell from 0 shrinks towards it.
    """
    spread = np.sqrt(np.nanmean(np.where(np.isfinite(residual), residual, 0.0) ** 2, axis=1))
    bound = np.where(spread > 0, PULL * spread, 1.0)[:, None]
    z = np.clip(residual, -bound, bound)
    now, before = z[:, 1:], z[:, :-1]
    both = np.isfinite(now) & np.isfinite(before)
    pairs = both.sum(axis=1)
    product = np.where(both, now * before, 0.0).sum(axis=1)
    power = np.where(np.isfinite(z), z**2, 0.0).sum(axis=1) / np.maximum(np.isfinite(z).sum(axis=1), 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        raw = np.where((pairs > 2) & (power > 0), product / np.maximum(pairs, 1) / power, 0.0)
    mended = raw + (used * (1 - np.abs(raw)) + 4 * raw) / np.maximum(pairs, 8)
    with np.errstate(divide="ignore"):
        trust = np.clip(1 - 2 / (np.maximum(pairs, 8) * mended**2), 0, 1)
    out: Floats = np.clip(np.nan_to_num(mended * trust), -MOST, MOST)
    return out


def innovations(z: Floats, phi: Floats) -> Floats:
    """What is new in each standardised residual, in units of its own standard deviation; shapes (m, n) and (m,).

    Across a gap the prediction fades as phi to the power of the gap and its variance grows to match.
    """
    out = np.full_like(z, np.nan)
    guess, doubt = np.zeros(z.shape[0]), np.ones(z.shape[0])
    for t in range(z.shape[1]):
        here = np.isfinite(z[:, t])
        out[:, t] = np.where(here, (z[:, t] - guess) / np.sqrt(doubt), np.nan)
        guess = phi * np.where(here, np.nan_to_num(z[:, t]), guess)
        doubt = np.where(here, 1 - phi**2, 1 - phi**2 + phi**2 * doubt)
    return out


def ar_coefficients(residual: Floats, order: int) -> Floats:
    """Yule-Walker coefficients of AR(`order`) for each row of `residual`, shape (m, n); shape (m, order).

    Raises ValueError for an order below 1.
    """
    if order < 1:
        raise ValueError(f"The order is {order}; expected 1 or more.")
    z = np.nan_to_num(residual)
    lags = np.stack([(z[:, : z.shape[1] - k] * z[:, k:]).sum(axis=1) for k in range(order + 1)], axis=1)
    lags[lags[:, 0] == 0, 0] = 1.0
    table = np.abs(np.arange(order)[:, None] - np.arange(order)[None, :])
    ridge = np.eye(order) * 1e-9 * lags[:, :1, None]
    return np.linalg.solve(lags[:, table] + ridge, lags[:, 1:, None])[:, :, 0]


def ignored_rate_factor(phi: float, sigmas: float = 3.0) -> float:
    """How many times more often an individuals chart alarms when autocorrelation `phi` is ignored.

    Its sigma comes from moving ranges, which see only sqrt(1 - phi) of the real one, so that limits of 3 sigma stand
    at 3 sqrt(1 - phi). 1 means nothing changes. Raises ValueError unless -1 < phi < 1.
    """
    if not -1 < phi < 1:
        raise ValueError(f"The autocorrelation is {phi}; expected more than -1 and less than 1.")
    from scipy.stats import norm

    return float(norm.sf(sigmas * np.sqrt(1 - phi)) / norm.sf(sigmas))
