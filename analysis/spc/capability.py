"""Whether a process in control keeps within the limits its customers set: Cp, Cpk, Pp, Ppk, Cpm with intervals.

Sources: NIST/SEMATECH e-Handbook 6.1.6; D. C. Montgomery, Introduction to Statistical Quality Control, chapter 8; AIAG,
Statistical Process Control (2005): Cp and Cpk from the spread between neighbours, Pp and Ppk from that of all values.
Intervals: Cp Y. Chou, D. Owen and S. Borrego (1990), Cpk A. Bissell (1990), Cpm R. Boyles (1991) with the
degrees of freedom of R's qcc, which are never more than his, so that the interval is never the narrower one.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import chi2, norm

from analysis.spc.charts import ONLY_LIMITS
from analysis.spc.variables_charts import individuals

Values = npt.NDArray[np.float64]
FEWEST = 20  # values; with fewer the intervals are too wide to act on
ENOUGH_CPK = 1.33
RULES = (*ONLY_LIMITS, "nelson_2")


@dataclass(frozen=True, slots=True)
class Index:
    """An estimated index with its confidence interval."""

    value: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Specification:
    """The limits a customer set, either of them or both, and the target (the middle when None)."""

    lower: float | None = None
    upper: float | None = None
    target: float | None = None

    def __post_init__(self) -> None:
        given = [limit for limit in (self.lower, self.upper, self.target) if limit is not None]
        if self.lower is None and self.upper is None:
            raise ValueError("There is no specification limit; give a lower one, an upper one or both.")
        if not all(math.isfinite(limit) for limit in given):
            raise ValueError("A specification limit is no finite number; leave out the limit that does not apply.")
        if self.lower is not None and self.upper is not None and self.lower >= self.upper:
            raise ValueError(f"The lower limit {self.lower:g} is not below the upper limit {self.upper:g}.")

    @property
    def aim(self) -> float | None:
        """The target, or the middle of two limits."""
        if self.target is not None or self.lower is None or self.upper is None:
            return self.target
        return (self.lower + self.upper) / 2


@dataclass(frozen=True, slots=True)
class Capability:
    """The indices of `n` values; those that need a limit or a target that is not set are None.

    Cp, Cpl, Cpu, Cpk and Cpm take `sigma_within`, the Pp family (`ppm` is Cpm of the long run) `sigma_overall`. The
    intervals of Cpl and Cpu are one-sided bounds each.
    `within` and `beyond_expected` are shares: of the values within the limits, and of a normal process beyond them.
    """

    n: int
    center: float
    sigma_within: float
    sigma_overall: float
    cp: Index | None
    cpl: Index | None
    cpu: Index | None
    cpk: Index
    cpm: Index | None
    pp: Index | None
    ppk: Index
    ppm: Index | None
    within: float
    beyond_expected: float

    def sentence(self) -> str:
        """What the indices say, as sure as the values allow."""
        reached = "capable" if self.cpk.lower >= ENOUGH_CPK else "not capable" if self.cpk.upper < ENOUGH_CPK else None
        judged = f"the process is {reached}" if reached else "more values are needed to say whether it is capable"
        return (
            f"Cpk is {self.cpk.value:.2f} ({self.cpk.lower:.2f} to {self.cpk.upper:.2f}), {judged} "
            f"({ENOUGH_CPK} expected); {100 * self.within:.1f} % of {self.n} values are within the limits, "
            f"{_percent(self.beyond_expected)} are expected beyond."
        )


@dataclass(frozen=True, slots=True)
class NotStated:
    """Why no capability is stated; `within` (a share) is only what was seen, no promise."""

    reason: str
    within: float


def capability(
    values: npt.ArrayLike, limits: Specification, confidence: float = 0.95, examined: Collection[int] = ()
) -> Capability | NotStated:
    """The capability of finite individual `values` (n,) in time order against `limits`.

    Not stated for fewer than 20 values, values that are all the same, or a process out of control: points beyond its
    own limits, or nine in a row on one side. In 200 values one such signal is often chance: `examined` are the points
    (index from 1) where a person looked and found no cause. Raises ValueError for values no chart can be made of.
    """
    y = np.asarray(values, dtype=np.float64)
    chart = individuals(y, rules=RULES)
    within = share_within(y, limits)
    if y.size < FEWEST:
        return NotStated(f"Found {y.size} values; expected {FEWEST} or more to state a capability.", within)
    if chart.sigma == 0:
        return NotStated("All values are the same; a capability needs a spread to compare with.", within)
    points = sorted({signal.index for signal in chart.signals} - set(examined))
    if points:
        return NotStated(
            f"The process is out of control: {len(points)} of {y.size} points are signals, the first at point "
            f"{points[0]}; find their causes before a capability is stated.",
            within,
        )
    overall = float(np.std(y, ddof=1))
    return indices(y.size, chart.center_line, chart.sigma, overall, limits, within, confidence)


def indices(
    n: int,
    center: float,
    sigma_within: float,
    sigma_overall: float,
    limits: Specification,
    within: float = math.nan,
    confidence: float = 0.95,
) -> Capability:
    """The indices of a process that is known to be in control, from its estimates over `n` values.

    Expected shares beyond take `sigma_overall`. Raises ValueError for fewer than 2 values or a sigma of 0 or less.
    """
    if n < 2 or not (sigma_within > 0 and sigma_overall > 0):
        raise ValueError(f"Found {n} values with sigma {sigma_within:g}; expected 2 or more and a sigma above 0.")
    within_sigma, overall_sigma = (_Spread(n, center, sigma, confidence) for sigma in (sigma_within, sigma_overall))
    return Capability(
        n=n,
        center=center,
        sigma_within=sigma_within,
        sigma_overall=sigma_overall,
        cp=within_sigma.cp(limits),
        cpl=within_sigma.side(None if limits.lower is None else center - limits.lower),
        cpu=within_sigma.side(None if limits.upper is None else limits.upper - center),
        cpk=within_sigma.cpk(limits),
        cpm=within_sigma.cpm(limits),
        pp=overall_sigma.cp(limits),
        ppk=overall_sigma.cpk(limits),
        ppm=overall_sigma.cpm(limits),
        within=within,
        beyond_expected=_expected_beyond(center, sigma_overall, limits),
    )


def share_within(values: Values, limits: Specification) -> float:
    """The share of `values` (n,) within the limits; a value on a limit is within."""
    low = -np.inf if limits.lower is None else limits.lower
    high = np.inf if limits.upper is None else limits.upper
    return float(np.mean((values >= low) & (values <= high)))


@dataclass(frozen=True, slots=True)
class _Spread:
    """One estimate of sigma around `center` from `n` values, and the indices that follow from it."""

    n: int
    center: float
    sigma: float
    confidence: float

    def cp(self, limits: Specification) -> Index | None:
        if limits.lower is None or limits.upper is None:
            return None
        return self._with_chi((limits.upper - limits.lower) / (6 * self.sigma), self.n - 1)

    def side(self, room: float | None) -> Index | None:
        return None if room is None else self._with_normal(room / (3 * self.sigma), self.confidence)

    def cpk(self, limits: Specification) -> Index:
        above = math.inf if limits.upper is None else limits.upper - self.center
        below = math.inf if limits.lower is None else self.center - limits.lower
        return self._with_normal(min(above, below) / (3 * self.sigma), (1 + self.confidence) / 2)

    def cpm(self, limits: Specification) -> Index | None:
        if limits.lower is None or limits.upper is None or limits.aim is None:
            return None
        off = ((self.center - limits.aim) / self.sigma) ** 2
        value = (limits.upper - limits.lower) / (6 * self.sigma * math.sqrt(1 + off))
        return self._with_chi(value, self.n * (1 + off) / (1 + 2 * off))

    def _with_chi(self, value: float, freedom: float) -> Index:
        tail = (1 - self.confidence) / 2
        lower, upper = (float(value * np.sqrt(chi2.ppf(share, freedom) / freedom)) for share in (tail, 1 - tail))
        return Index(value, lower, upper)

    def _with_normal(self, value: float, level: float) -> Index:
        reach = float(norm.ppf(level)) * math.sqrt(1 / (9 * self.n) + value**2 / (2 * (self.n - 1)))
        return Index(value, value - reach, value + reach)


def _expected_beyond(center: float, sigma: float, limits: Specification) -> float:
    low = 0.0 if limits.lower is None else norm.cdf((limits.lower - center) / sigma)
    high = 0.0 if limits.upper is None else norm.sf((limits.upper - center) / sigma)
    return float(low + high)


def _percent(share: float) -> str:
    """A share in percent; what is too small to read is said to be less than what can be read."""
    return "less than 0.01 %" if 0 < share < 1e-4 else f"{100 * share:.2g} %"
