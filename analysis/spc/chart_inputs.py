"""What charts check of their input, and the estimates they share: exact means, spread from moving ranges."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from analysis.spc.constants import D2_OF_TWO

Values = npt.NDArray[np.float64]


class PointError(ValueError):
    """One point is unusable: `what` it is (a value, a size), its `place` from 1, and `problem`, the rest to say."""

    def __init__(self, what: str, place: int, problem: str) -> None:
        super().__init__(f"{what.capitalize()} {place} {problem}")
        self.what, self.place, self.problem = what, place, problem


def checked(values: npt.ArrayLike, fewest: int = 2) -> Values:
    """`values` as floats, shape (n,). Raises ValueError unless there are `fewest` or more, all finite."""
    statistic = np.asarray(values, dtype=np.float64)
    if statistic.ndim != 1:
        raise ValueError(f"Found values of shape {statistic.shape}; expected one row of them.")
    if statistic.size < fewest:
        found = "is 1 value" if statistic.size == 1 else f"are {statistic.size} values"
        raise ValueError(f"There {found}; expected at least {fewest} values.")
    bad = np.flatnonzero(~np.isfinite(statistic))
    if bad.size:
        place = int(bad[0])
        raise PointError(
            "value", place + 1, f"is {statistic[place]}; expected finite numbers, leave out points without a value."
        )
    return statistic


def counted(counts: npt.ArrayLike, is_whole: bool = True, fewest: int = 2) -> Values:
    """Counts, shape (n,): no negative ones, and whole ones where `is_whole`."""
    statistic = checked(counts, fewest)
    bad = np.flatnonzero((statistic < 0) | (is_whole & (statistic != np.floor(statistic))))
    if bad.size:
        wanted = "whole numbers from 0 (counts, not shares)" if is_whole else "0 or more"
        raise PointError("value", int(bad[0]) + 1, f"is {statistic[bad[0]]:g}; expected {wanted}.")
    return statistic


def sized(sizes: npt.ArrayLike, count: int) -> Values:
    """Sizes of `count` samples, shape (count,), from one number or one per sample; all above 0."""
    found = np.asarray(sizes, dtype=np.float64)
    if found.ndim > 1 or (found.ndim == 1 and found.size != count):
        raise ValueError(f"Found sizes of shape {found.shape}; expected one size, or one for each of {count} values.")
    every = np.array(np.broadcast_to(found, (count,)))
    bad = np.flatnonzero(~np.isfinite(every) | (every <= 0))
    if bad.size:
        raise PointError("size", int(bad[0]) + 1, f"is {every[bad[0]]:g}; expected a number above 0.")
    return every


def fewest_for(*given: float | None) -> int:
    """How many points a chart needs: one where all its lines are given, two to learn them from."""
    return 2 if None in given else 1


def first_points(count: int, baseline: int | None, fewest: int = 2) -> int:
    """How many of `count` points set the limits: the first `baseline`, or all of them."""
    if baseline is None:
        return count
    if not fewest <= baseline <= count:
        raise ValueError(f"The baseline is {baseline} points; expected from {fewest} to {count}, the points there are.")
    return baseline


def finite(name: str, value: float) -> float:
    """`value`, or ValueError naming it when it is not a finite number."""
    if not math.isfinite(value):
        raise ValueError(f"The {name} is {value}; expected a finite number.")
    return float(value)


def given_sigma(sigma: float) -> float:
    """A sigma that was given. Raises ValueError for a negative one, or one that is no number."""
    if finite("sigma", sigma) < 0:
        raise ValueError(f"The sigma is {sigma:g}; expected 0 or more.")
    return float(sigma)


def mean(values: Values, weights: Values | None = None) -> float:
    """The (weighted) mean, exact for a constant series, whose points must not fall off their own center line."""
    with np.errstate(over="ignore", invalid="ignore"):
        return float(values[0] + np.average(values - values[0], weights=weights))


def moving_range_sigma(values: Values) -> float:
    """Mean moving range of two / 1.128."""
    with np.errstate(over="ignore"):
        return float(np.mean(np.abs(np.diff(values))) / D2_OF_TWO)


def width_of(width: float) -> float:
    """How many standard errors the limits are from the center line."""
    if finite("width", width) <= 0:
        raise ValueError(f"The width is {width:g} sigmas; expected more than 0, 3 is usual.")
    return float(width)
