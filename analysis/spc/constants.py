"""Factors of control charts for samples of n normal values: d2, d3, c4 and what follows from them.

d2 and d3 are the mean and standard deviation of the range in sigmas, integrated from the distribution of the range
(H. L. Harter, Annals of Mathematical Statistics 31, 1960); c4 is the mean of the standard deviation in sigmas, from
gamma functions. They are right to all printed digits of every table, for any n from 2.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, poch
from scipy.stats import norm

Values = npt.NDArray[np.float64]

D2_OF_TWO = 1.128  # 2/sqrt(pi) as tables and published charts round it; limits agree with theirs that way
TAIL = 10.0  # sigmas beyond which a normal value adds nothing that a double holds
STEP = 1 / 16  # the trapezoid rule is exact to rounding at this step for so smooth a function
NODES = 120
LONGEST_RANGE = 24.0


@lru_cache(maxsize=4096)
def _range_moments(n: int) -> tuple[float, float]:
    """Mean and standard deviation of the range of n standard normal values."""
    _checked(n)
    points = np.arange(-TAIL, TAIL, STEP)[:, None]
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    ranges, weights = (nodes + 1) * LONGEST_RANGE / 2, weights * LONGEST_RANGE / 2
    within = ndtr(points + ranges) - ndtr(points)
    shorter = np.sum(n * norm.pdf(points) * within ** (n - 1), axis=0) * STEP
    mean = float(np.sum(weights * (1 - shorter)))
    square = float(np.sum(weights * 2 * ranges * (1 - shorter)))
    return mean, float(np.sqrt(square - mean**2))


def d2(n: int) -> float:
    """Mean range of n values in sigmas."""
    return _range_moments(n)[0]


def d3(n: int) -> float:
    """Standard deviation of the range of n values in sigmas."""
    return _range_moments(n)[1]


def d2_published(n: int) -> float:
    """d2 to three decimals, as every table prints it and as published limits, NIST's and those of R's qcc, use it."""
    return round(d2(n), 3)


def c4(n: int) -> float:
    """Mean standard deviation of n values in sigmas."""
    _checked(n)
    return float(np.sqrt(2 / (n - 1)) * poch((n - 1) / 2, 0.5))


def a2(n: int) -> float:
    """Limits of an X-bar chart from its center line, in mean ranges."""
    return 3 / (d2(n) * float(np.sqrt(n)))


def a3(n: int) -> float:
    """Limits of an X-bar chart from its center line, in mean standard deviations."""
    return 3 / (c4(n) * float(np.sqrt(n)))


def b3(n: int) -> float:
    """Lower limit of an S chart in mean standard deviations."""
    return max(0.0, 1 - 3 * _c5(n) / c4(n))


def b4(n: int) -> float:
    """Upper limit of an S chart in mean standard deviations."""
    return 1 + 3 * _c5(n) / c4(n)


def d3_limit(n: int) -> float:
    """Lower limit of an R chart in mean ranges; tables call it D3."""
    return max(0.0, 1 - 3 * d3(n) / d2(n))


def d4_limit(n: int) -> float:
    """Upper limit of an R chart in mean ranges; tables call it D4."""
    return 1 + 3 * d3(n) / d2(n)


def for_sizes(factor: Callable[[int], float], sizes: npt.NDArray[np.int64]) -> Values:
    """The factor of each of `sizes`, shape (n,)."""
    different, places = np.unique(sizes, return_inverse=True)
    return np.array([factor(int(size)) for size in different], dtype=np.float64)[places]


def _c5(n: int) -> float:
    """Standard deviation of the standard deviation of n values in sigmas."""
    return float(np.sqrt(1 - c4(n) ** 2))


def _checked(n: int) -> None:
    if n < 2:
        raise ValueError(f"The sample size is {n}; expected 2 or more, one value has no spread.")
