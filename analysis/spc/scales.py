"""The scale a metric is judged on, and the standardised residual of a value on it.

Positive numbers and ratios are fitted on several scales at once and the likelihood says which suits; that also settles
whether the season adds or multiplies. Counts are judged by their Poisson or negative binomial chance, amounts that are
often 0 by the chance of a 0 and the size of the rest.
"""

from __future__ import annotations

import numpy as np
from scipy.special import betainc, betaincc, expit, logit, ndtr, ndtri

from analysis.spc.robust import Flags, Floats

LOG, SIXTH_ROOT, CUBE_ROOT, ROOT, AS_IS, LOGIT = 0.0, 1 / 6, 1 / 3, 0.5, 1.0, -9.0
COUNT_SHIFT = (
    0.375  # F. Anscombe, Biometrika 35 (1948): the root of x + 3/8 has a spread that hardly depends on its mean
)
EDGE = 1e-6
NO_PLACE = -50.0  # log-likelihood of a value at the end of a scale that has no end there
MOST_Z = 8.2
LUMPY = 0.9  # counts that vary more beyond Poisson are mostly 0 with a few large ones between


def to_scale(values: Floats, power: float) -> Floats:
    """`values` on the scale named by `power` (1 as it is, 0 logarithm, -9 logit); NaN where it has no place there."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if power == AS_IS:
            return values
        if power == LOGIT:
            out: Floats = logit(np.clip(values, EDGE, 1 - EDGE))
            return out
        if power == LOG:
            return np.where(
                values > 0, np.log(np.where(values > 0, values, 1.0)), np.where(values <= 0, -745.0, np.nan)
            )
        return np.where(values >= 0, np.abs(values) ** power, np.where(values < 0, 0.0, np.nan))


def from_scale(y: Floats, power: float) -> Floats:
    """The natural values of `y`."""
    if power == AS_IS:
        return y
    if power == LOGIT:
        out: Floats = expit(y)
        return out
    if power == LOG:
        return np.exp(np.minimum(y, 700.0))
    return np.maximum(y, 0.0) ** (1 / power)


def log_slope(values: Floats, power: float) -> Floats:
    """The logarithm of the slope of the scale at each value, which makes likelihoods on two scales comparable."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if power == AS_IS:
            return np.zeros_like(values)
        inside = np.clip(values, EDGE, 1 - EDGE)
        if power == LOGIT:
            return np.where(inside == values, -np.log(inside) - np.log1p(-inside), NO_PLACE)
        slope = (power - 1) * np.log(values) + (np.log(power) if power > 0 else 0.0)
        return np.where(values > 0, slope, NO_PLACE)


def count_z(values: Floats, mean: Floats, wider: Floats) -> Floats:
    """Normal score of the mid-p chance of each count; Poisson where `wider` is 0, else negative binomial.

    `mean` has the shape of `values`; the variance is mean + `wider` mean^2. The chances are those of D. Peizer and
    J. Pratt, JASA 63 (1968), right to 0.05 sigma, and exact where counts are LUMPY: there those would be far off.
    """
    mean = np.maximum(mean, 1e-3)
    size = 1 / np.maximum(wider, 1e-6)
    high = _count_score(np.maximum(np.floor(values), 0.0), mean, size)
    low = np.where(values >= 1, _count_score(np.maximum(np.floor(values) - 1, 0.0), mean, size), -40.0)
    up = high + low > 0
    tail = (ndtr(np.where(up, -high, high)) + ndtr(np.where(up, -low, low))) / 2
    out: Floats = np.where(up, -_score(tail), _score(tail)) + 0 * values
    lumpy = np.isfinite(out) & (wider > LUMPY)
    if lumpy.any():
        k, mean, size = (np.broadcast_to(one, out.shape)[lumpy] for one in (np.floor(values), mean, size))
        out[lumpy] = _lumpy_z(np.maximum(k, 0.0), mean, size)
    return out


def _lumpy_z(k: Floats, mean: Floats, size: Floats) -> Floats:
    """`count_z` by the exact chances of the negative binomial, shape (k,) each."""
    p = mean / (size + mean)
    below = (betaincc(k + 1, size, p) + np.where(k > 0, betaincc(np.maximum(k, 1.0), size, p), 0.0)) / 2
    above = (betainc(k + 1, size, p) + np.where(k > 0, betainc(np.maximum(k, 1.0), size, p), 1.0)) / 2
    out: Floats = np.where(above < below, -_score(above), _score(below))
    return out


def _count_score(k: Floats, mean: Floats, size: Floats) -> Floats:
    """Normal score of the chance of at most `k`, told as that of a binomial of k + size trials."""
    n = k + size
    p = mean / (size + mean)
    q = 1 - p
    distance = k + 2 / 3 - (n + 1 / 3) * p + 0.02 * (q / (k + 1) - p / size + (q - 0.5) / (n + 1))
    bend = 1 + q * _bend((k + 0.5) / (n * p)) + p * _bend((size - 0.5) / (n * q))
    return distance * np.sqrt(np.maximum(bend, 1e-9) / ((n + 1 / 6) * p * q))


def _bend(ratio: Floats) -> Floats:
    ratio = np.maximum(ratio, 1e-9)
    off = 1 - ratio
    near = np.abs(off) < 0.02
    safe = np.where(near, 1.0, off)
    return np.where(near, off / 3 + off**2 / 6 + off**3 / 10, (1 - ratio**2 + 2 * ratio * np.log(ratio)) / safe**2)


def amount_z(values: Floats, z_of_rest: Floats, zeros: Floats) -> Floats:
    """Normal score of an amount that is 0 with chance `zeros`; `z_of_rest` standardises it where it is not 0."""
    rest = zeros + (1 - zeros) * ndtr(z_of_rest)
    far = -_score((1 - zeros) * ndtr(-z_of_rest))
    return np.where(values == 0, _score(zeros / 2), np.where(rest > 0.9, far, _score(rest)))


def rest_z(z: Floats, zeros: Floats) -> Floats:
    """The `z_of_rest` that `amount_z` turns into `z`; minus infinity where `z` is that of a 0."""
    upper = ndtr(-z) / np.maximum(1 - zeros, 1e-12)
    return np.where(upper < 1, -ndtri(np.clip(upper, 1e-300, 1.0)), -np.inf)


def _score(chance: Floats) -> Floats:
    out: Floats = np.clip(ndtri(np.clip(chance, 1e-300, 1.0)), -MOST_Z * 4, MOST_Z * 4)
    return out


def count_spread(values: Floats, mean: Floats, kept: Flags) -> Floats:
    """How much wider than Poisson each row of counts is: the `wider` of `count_z`, 0 or more, shape (m,)."""
    bound = 5 * np.sqrt(np.maximum(mean, 0.25)) * np.maximum(1, np.sqrt(_raw_ratio(values, mean, kept))[:, None])
    off = np.clip(values - mean, -bound, bound)
    extra = np.where(kept, off**2 - mean, 0.0).sum(axis=1)
    out: Floats = np.maximum(extra / np.maximum(np.where(kept, mean**2, 0.0).sum(axis=1), 1e-9), 0.0)
    return out


def _raw_ratio(values: Floats, mean: Floats, kept: Flags) -> Floats:
    share = np.where(kept, (values - mean) ** 2 / np.maximum(mean, 0.25), np.nan)
    ordered = np.sort(np.where(kept, share, np.inf), axis=1)
    count = kept.sum(axis=1)
    out: Floats = np.clip(
        ordered[np.arange(len(count)), np.clip((0.75 * count).astype(int), 0, share.shape[1] - 1)] / 1.32, 1, 1e6
    )
    return out
