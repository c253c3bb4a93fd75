"""How far a distribution has moved from its reference, both counted in the same bins; pure functions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate

LEAST_SHARE = 1e-4  # of an empty bin, whose logarithm would be infinite


def psi(reference: Sequence[float], current: Sequence[float]) -> float | None:
    """Population stability index of two lists of counts, bin by bin; None when either has no value at all.

    The sum over bins of (q - p) ln(q / p), p and q the shares of the reference and of now (N. Siddiqi, Credit Risk
    Scorecards, 2006, chapter 9): the symmetric divergence of H. Jeffreys (1946). An empty bin counts as LEAST_SHARE;
    the shares are not scaled again after that.
    """
    pairs = [(max(p, LEAST_SHARE), max(q, LEAST_SHARE)) for p, q in _shares(reference, current)]
    return math.fsum((q - p) * math.log(q / p) for p, q in pairs) if pairs else None


def ks(reference: Sequence[float], current: Sequence[float]) -> float | None:
    """Two-sample Kolmogorov-Smirnov statistic of values that are known by bin; None when either has no value.

    The greatest difference of the two cumulative shares at an edge of the bins (W. J. Conover, Practical Nonparametric
    Statistics, 3rd edition, section 6.3). Between the edges nothing is known, so it is at most that of the values.
    """
    pairs = _shares(reference, current)
    if not pairs:
        return None
    before, now = accumulate(p for p, _ in pairs), accumulate(q for _, q in pairs)
    return max(abs(p - q) for p, q in zip(before, now, strict=True))


def _shares(reference: Sequence[float], current: Sequence[float]) -> list[tuple[float, float]]:
    """Both as shares of their sum, bin by bin."""
    all_before, all_now = math.fsum(reference), math.fsum(current)
    if all_before <= 0 or all_now <= 0:
        return []
    return [(p / all_before, q / all_now) for p, q in zip(reference, current, strict=True)]
