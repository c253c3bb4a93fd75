"""Rules that look at a whole chart at once: Anhøj's longest run and number of crossings of the center line.

J. Anhøj and A. V. Olesen, PLoS ONE 9 (2014). Useful points are those not on the center line, which is meant to be a
median; a point on it neither breaks nor extends a run. A run is too long above round(log2(n)) + 3 of n useful points,
crossings are too few below the 5 % point of a binomial of n - 1 trials.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import binom

from analysis.spc.rule_catalogue import FEWEST_USEFUL, Whole

Values = npt.NDArray[np.float64]
SHARE = 0.05


@dataclass(frozen=True, slots=True)
class RunAnalysis:
    """Runs of a chart: `useful` and `run` are indices from 0, of all useful points and of the first longest run."""

    useful: tuple[int, ...]
    run: tuple[int, ...]
    longest_allowed: int
    crossings: int
    crossings_needed: int

    @property
    def is_run_too_long(self) -> bool:
        """Whether the longest run is longer than chance allows."""
        return len(self.useful) >= FEWEST_USEFUL and len(self.run) > self.longest_allowed

    @property
    def is_crossed_too_seldom(self) -> bool:
        """Whether there are fewer crossings than chance allows."""
        return len(self.useful) >= FEWEST_USEFUL and self.crossings < self.crossings_needed

    def members(self, rule: Whole) -> tuple[int, ...]:
        """The points of the pattern where the rule is violated, no points where it holds."""
        if rule == "longest_run":
            return self.run if self.is_run_too_long else ()
        return self.useful if self.is_crossed_too_seldom else ()


def run_analysis(values: Values, center: float | Values) -> RunAnalysis:
    """The runs of `values` (n,) about `center`, one for all or one per point; NaN is left out."""
    sides = np.sign(values - center)
    useful = np.flatnonzero((sides != 0) & ~np.isnan(sides))
    count = useful.size
    if not count:
        return RunAnalysis((), (), 0, 0, 0)
    breaks = np.flatnonzero(np.diff(sides[useful])) + 1
    edges = np.concatenate(([0], breaks, [count]))
    longest = int(np.argmax(np.diff(edges)))
    run = useful[edges[longest] : edges[longest + 1]]
    needed = int(binom.ppf(SHARE, count - 1, 0.5)) if count > 1 else 0
    allowed = round(float(np.log2(count))) + 3
    return RunAnalysis(tuple(useful.tolist()), tuple(run.tolist()), allowed, int(breaks.size), needed)
