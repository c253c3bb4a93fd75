"""Subgroups of values: sizes, means, ranges, deviations, and the spread of the process within them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from analysis.spc.chart_inputs import PointError
from analysis.spc.constants import c4, d2_published, for_sizes

Values = npt.NDArray[np.float64]
Estimate = Literal["range", "deviation", "pooled"]
LARGEST_FOR_RANGES = 25


@dataclass(frozen=True, slots=True)
class Subgroups:
    """g subgroups, each array of shape (g,); a subgroup of one value has range 0 and deviation NaN."""

    sizes: npt.NDArray[np.int64]
    means: Values
    ranges: Values
    deviations: Values

    @staticmethod
    def of(rows: Iterable[npt.ArrayLike]) -> Subgroups:
        """From a (g, n) array with NaN where a value is missing, or from one sequence of values per subgroup."""
        groups = [np.atleast_1d(np.asarray(row, dtype=np.float64)) for row in rows]
        kept = [group[~np.isnan(group)] for group in groups]
        sizes = np.array([group.size for group in kept], dtype=np.int64)
        if not sizes.size or not sizes.all():
            empty = int(np.flatnonzero(sizes == 0)[0]) + 1 if sizes.size else 1
            raise ValueError(f"Subgroup {empty} has no value; expected one or more in each.")
        return Subgroups.sorted(np.concatenate(kept), sizes)

    @staticmethod
    def sorted(values: Values, sizes: npt.NDArray[np.int64]) -> Subgroups:
        """From all `values`, subgroup after subgroup, and how many belong to each."""
        bad = np.flatnonzero(~np.isfinite(values))
        if bad.size:
            raise PointError("value", int(bad[0]) + 1, f"is {values[bad[0]]}; expected finite numbers.")
        starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
        firsts = values[starts]
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            # From the first value of each: the mean of equal values is then exactly that value.
            means = firsts + np.add.reduceat(values - np.repeat(firsts, sizes), starts) / sizes
            squares = np.add.reduceat((values - np.repeat(means, sizes)) ** 2, starts)
            deviations = np.sqrt(squares / (sizes - 1))
        deviations[sizes == 1] = np.nan
        ranges = np.maximum.reduceat(values, starts) - np.minimum.reduceat(values, starts)
        return Subgroups(sizes, means, ranges, deviations)

    def first(self, count: int) -> Subgroups:
        """The first `count` subgroups."""
        return Subgroups(self.sizes[:count], self.means[:count], self.ranges[:count], self.deviations[:count])

    def spread(self, estimate: Estimate | None = None) -> float:
        """Sigma of one value, from what differs within subgroups of two or more.

        `range`: mean of R/d2; `deviation`: mean of S/c4; `pooled`: root of the pooled variance / c4 (qcc: UWAVE-R,
        UWAVE-SD, RMSDF). None takes ranges up to 25 values a subgroup and pools beyond, as qcc does.
        """
        told = self.sizes > 1
        if not told.any():
            raise ValueError("Every subgroup has one value, so nothing differs within them; use an individuals chart.")
        sizes, ranges, deviations = self.sizes[told], self.ranges[told], self.deviations[told]
        chosen = estimate or ("range" if sizes.max() <= LARGEST_FOR_RANGES else "pooled")
        if chosen == "range":
            return float(np.mean(ranges / for_sizes(d2_published, sizes)))
        if chosen == "deviation":
            return float(np.mean(deviations / for_sizes(c4, sizes)))
        freedom = sizes - 1
        pooled = float(np.sqrt(np.sum(freedom * deviations**2) / freedom.sum()))
        return pooled / c4(int(freedom.sum()) + 1)
