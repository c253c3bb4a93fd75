"""Phase I finds the points a process sets its limits from; phase II keeps those limits, as a version, for what follows.

Screening starts from the median and the median moving range, which outliers cannot bend, so that several of them do not
hide each other; then points beyond the limits leave one after another, the worst first, until none is beyond
(D. C. Montgomery, Introduction to Statistical Quality Control, chapter 6; D. J. Wheeler, 1992).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import numpy.typing as npt

from analysis.spc.constants import D2_OF_TWO

Values = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

WIDTH = 3.0
MOST_EXCLUDED = 0.2  # of the points; a baseline that needs more is not one process
FEWEST = 8
MEDIAN_RANGE = 0.954  # the median range of two standard normal values
MAD_SIGMA = 1.4826


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A point that limits are not made from: `index` from 1, its value, and why in one sentence."""

    index: int
    value: float
    reason: str


@dataclass(frozen=True, slots=True)
class Screening:
    """What a baseline of `kept` points (n,) says of the process.

    `is_stable` is False where points beyond the limits remain or too few are left; `note` then says so.
    """

    kept: Flags
    excluded: tuple[Exclusion, ...]
    center: float
    sigma: float
    n: int
    is_stable: bool
    note: str = ""


def screen(
    values: npt.ArrayLike,
    causes: Mapping[int, str] | None = None,
    width: float = WIDTH,
    most_excluded: float = MOST_EXCLUDED,
) -> Screening:
    """Center and sigma of the individuals chart of `values` (n,) without the points that have assignable causes.

    `causes` gives a person's reason for points (index from 1) that stay out in any case; NaN stays out as "no value".
    At most `most_excluded` of the other points leave. Moving ranges do not bridge a point that is out.
    Raises ValueError for infinite values, causes of points that are not there, or fewer than 2 points to start from.
    """
    y = np.asarray(values, dtype=np.float64)
    known = _known(y, causes or {})
    usable = np.ones(y.size, dtype=np.bool_)
    usable[[point.index - 1 for point in known]] = False
    if usable.sum() < 2:
        raise ValueError(
            f"Found {int(usable.sum())} usable points of {y.size}; expected 2 or more to make limits from."
        )
    allowed = math.floor(most_excluded * int(usable.sum()))
    kept = _without_suspects(y, usable, width, allowed)
    while usable.sum() - kept.sum() < allowed and (worst := _worst(y, kept, width)) is not None:
        kept[worst] = False
    center, sigma = _estimate(y, kept)
    found = _reasons(y, usable & ~kept, center, sigma)
    note = _note(y, kept, width, allowed)
    return Screening(kept, (*known, *found), center, sigma, int(kept.sum()), not note, note)


def _known(y: Values, causes: Mapping[int, str]) -> tuple[Exclusion, ...]:
    if y.ndim != 1 or np.isinf(y).any():
        where = f"an infinite value at point {int(np.flatnonzero(np.isinf(y))[0]) + 1}" if y.ndim == 1 else "a table"
        raise ValueError(f"Found {where}; expected finite values in one row, with NaN where there is none.")
    strange = [index for index in causes if not 1 <= index <= y.size]
    if strange:
        raise ValueError(f"A cause is given for point {strange[0]}; expected points from 1 to {y.size}.")
    reasons = {int(place) + 1: "no value" for place in np.flatnonzero(np.isnan(y))} | dict(causes)
    return tuple([Exclusion(index, float(y[index - 1]), reasons[index]) for index in sorted(reasons)])


def _ranges(y: Values, kept: Flags) -> Values:
    """Moving ranges between kept neighbours, or between kept points at all where hardly any are neighbours."""
    both = kept[1:] & kept[:-1]
    return np.abs(np.diff(y))[both] if both.sum() >= 2 else np.abs(np.diff(y[kept]))


def _estimate(y: Values, kept: Flags) -> tuple[float, float]:
    used = y[kept]
    return float(used[0] + np.mean(used - used[0])), float(np.mean(_ranges(y, kept)) / D2_OF_TWO)


def _without_suspects(y: Values, usable: Flags, width: float, allowed: int) -> Flags:
    """The points within robust limits, and those that come back once the limits are made from them."""
    center = float(np.median(y[usable]))
    sigma = float(np.median(_ranges(y, usable)) / MEDIAN_RANGE)
    sigma = sigma or float(MAD_SIGMA * np.median(np.abs(y[usable] - center)))
    if sigma == 0:
        return usable.copy()
    off = np.where(usable, np.abs(y - center), 0.0)
    order = np.argsort(-off, kind="stable")[:allowed]
    suspects = order[off[order] > width * sigma]
    kept = usable.copy()
    kept[suspects] = False
    while True:
        center, sigma = _estimate(y, kept)
        back = usable & ~kept & (np.abs(y - center) <= width * sigma)
        if not back.any():
            return kept
        kept |= back


def _worst(y: Values, kept: Flags, width: float) -> int | None:
    """The place of the kept point farthest beyond the limits, None where none is beyond."""
    center, sigma = _estimate(y, kept)
    off = np.where(kept, np.abs(y - center), 0.0)
    place = int(np.argmax(off))
    return place if off[place] > width * sigma and kept.sum() > 2 else None


def _reasons(y: Values, out: Flags, center: float, sigma: float) -> list[Exclusion]:
    """The points left out, the worst first."""
    places = sorted(np.flatnonzero(out).tolist(), key=lambda place: -abs(y[place] - center))
    return [Exclusion(place + 1, float(y[place]), _reason(float(y[place]), center, sigma)) for place in places]


def _reason(value: float, center: float, sigma: float) -> str:
    side = "above" if value > center else "below"
    if sigma == 0:
        return f"{value:.6g} is {side} the center line {center:.6g}, where all others are"
    return f"{value:.6g} is {abs(value - center) / sigma:.1f} sigma {side} the center line {center:.6g}"


def _note(y: Values, kept: Flags, width: float, allowed: int) -> str:
    center, sigma = _estimate(y, kept)
    left = int(np.sum(kept & (np.abs(y - center) > width * sigma)))
    if left:
        return f"{left} points are still beyond the limits after {allowed} were left out: this is not one process."
    if kept.sum() < FEWEST:
        return f"The limits stand on {int(kept.sum())} points; expected {FEWEST} or more before they are relied on."
    return ""


@dataclass(frozen=True, slots=True)
class Limits:
    """Frozen limits of phase II: version `version` of the limits of one chart of `kind`, never changed, only replaced.

    Made from `n` points between `from_at` and `to_at` (naive UTC) without those `excluded`, at `made_at`, for `reason`.
    """

    version: int
    kind: str
    center: float
    sigma: float
    n: int
    from_at: datetime
    to_at: datetime
    excluded: tuple[Exclusion, ...]
    made_at: datetime
    reason: str
    width: float = WIDTH

    @property
    def lower(self) -> float:
        """The lower control limit."""
        return self.center - self.width * self.sigma

    @property
    def upper(self) -> float:
        """The upper control limit."""
        return self.center + self.width * self.sigma

    def replaced_by(self, newer: Limits) -> Limits:
        """`newer` with the version number that follows this one."""
        return replace(newer, version=self.version + 1)


def freeze(screening: Screening, times: npt.ArrayLike, made_at: datetime, reason: str, width: float = WIDTH) -> Limits:
    """Version 1 of the individuals limits that `screening` found in points at `times` (n,).

    Raises ValueError where the baseline is not stable, or there is not one time for each point.
    """
    at = np.asarray(times, dtype="datetime64[us]")
    if at.shape != screening.kept.shape:
        raise ValueError(f"Found {at.size} times for {screening.kept.size} points; expected one for each point.")
    if not screening.is_stable:
        raise ValueError(f"{screening.note} Choose another baseline or give causes before limits are frozen.")
    used = at[screening.kept]
    return Limits(
        1, "individuals", screening.center, screening.sigma, screening.n, used[0].item(), used[-1].item(),
        screening.excluded, made_at, reason, width,
    )  # fmt: skip
