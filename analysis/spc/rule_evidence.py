"""The evidence of a signal in one sentence: what the points did, since when, how far, and how rare it is by chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from analysis.spc.rule_catalogue import find_rule
from analysis.spc.rule_chances import chance, chance_beyond
from analysis.spc.rule_patterns import MOST, Pattern, Values, Zones, streak
from analysis.spc.rules import Line, Signal
from analysis.spc.whole_chart_rules import run_analysis

RAREST = 1_000_000


def explain(
    signal: Signal,
    statistic: Values,
    center: Line,
    sigma: Line,
    unit: str = "",
    times: Sequence[datetime] | None = None,
) -> str:
    """The sentence of `signal`, which `detect` found in `statistic` (n,) with the same `center` and `sigma`.

    A pattern that had lasted longer is told with its whole length. `times` (n,) gives the day it began.
    """
    points = np.array(signal.members) - 1
    seen = _Seen(statistic, _every(center, statistic), _every(sigma, statistic), unit, times)
    pattern = find_rule(signal.rule).pattern
    if not isinstance(pattern, Pattern):
        return seen.whole(points, is_run=pattern == "longest_run")
    if pattern.window == 1:
        return seen.single(int(points[-1]))
    if pattern.kind != "some_of":
        points = seen.lasting(points, pattern)
        pattern = replace(pattern, points=min(points.size, MOST), of=0)
    return seen.several(points, pattern)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A chart as a sentence sees it."""

    statistic: Values
    center: Values
    sigma: Values
    unit: str
    times: Sequence[datetime] | None

    def single(self, point: int) -> str:
        """One point beyond a line."""
        value, center, sigma = (float(line[point]) for line in (self.statistic, self.center, self.sigma))
        on = f" on {_day(self.times[point])}" if self.times is not None else ""
        where = f"{'above' if value > center else 'below'} the center line {_said(center)}{_change(value, center)}"
        if sigma == 0:
            return f"{self._amount(value)}{on} is {where}: the values before did not vary at all."
        far = (value - center) / sigma
        rarity = _rare(chance_beyond(far), "a point so far out", "points")
        return f"{self._amount(value)}{on} is {abs(far):.1f} sigma {where}: {rarity}."

    def several(self, points: np.ndarray, pattern: Pattern) -> str:
        """Points of one pattern; `pattern` has as many points as there are."""
        first, last = float(self.statistic[points[0]]), float(self.statistic[points[-1]])
        row, since, sigmas = f"{points.size} points in a row", self._since(points), f"{pattern.sigmas:g} sigma"
        if pattern.kind == "trend":
            way = "rise" if last > first else "fall"
            moved = f"from {_said(first)} to {self._amount(last)}{_change(last, first)}"
            return f"{row} {way}{since}, {moved}: {_rare(chance(pattern), 'such a trend')}."
        if pattern.kind == "alternating":
            return f"{row} go up and down in turn{since}: {_rare(chance(pattern), 'such a pattern')}."
        line = f"the center line {_said(float(self.center[points[-1]]))}"
        mean, middle = float(np.mean(self.statistic[points])), float(np.mean(self.center[points]))
        rarity = _rare(chance(pattern), "such a run" if pattern.kind == "run" else "such a pattern")
        if pattern.kind == "within":
            return f"{row} are within {sigmas} of {line}{since}: {rarity}."
        if pattern.kind == "outside":
            ways = ", on both sides" if pattern.side == "both" else ""
            return f"{row} are more than {sigmas} from {line}{ways}{since}: {rarity}."
        side = "above" if mean > middle else "below"
        where = f"more than {sigmas} {side} {line}" if pattern.sigmas else f"{side} {line}"
        if pattern.side == "either" and pattern.kind == "some_of":
            where = f"more than {sigmas} from {line}"
        count = f"{points.size} of {pattern.window} points" if pattern.kind == "some_of" else row
        return f"{count} {where}{since}, mean {self._amount(mean)}{_change(mean, middle)}: {rarity}."

    def whole(self, points: np.ndarray, is_run: bool) -> str:
        """A rule of the whole chart."""
        found = run_analysis(self.statistic, self.center)
        useful = f"{len(found.useful)} points off the center line"
        if is_run:
            side = "above" if self.statistic[points[0]] > self.center[points[0]] else "below"
            run = f"{points.size} points in a row are {side} the center line {_said(float(self.center[points[-1]]))}"
            return f"{run}{self._since(points)}: among {useful} chance makes runs of up to {found.longest_allowed}."
        times = {0: "never", 1: "once"}.get(found.crossings, f"{found.crossings} times")
        crossed = f"The center line is crossed {times}"
        return (
            f"{crossed}{self._since(points)}: with {useful} chance crosses it {found.crossings_needed} times or more."
        )

    def lasting(self, points: np.ndarray, pattern: Pattern) -> np.ndarray:
        """The points of the pattern from where it really began: patterns that end one after the other are one."""
        known = ~(np.isnan(self.statistic) | np.isnan(self.center) | np.isnan(self.sigma))
        known[points[-1] + 1 :] = False
        places = np.flatnonzero(known)
        ends = Zones(self.statistic[places], self.center[places], self.sigma[places]).ends(pattern)
        length = pattern.points + int(streak(ends)[-1]) - 1
        longer = places[-length:]
        return longer if longer.size >= points.size else points

    def _since(self, points: np.ndarray) -> str:
        return f" since {_day(self.times[int(points[0])])}" if self.times is not None else ""

    def _amount(self, value: float) -> str:
        return f"{_said(value)} {self.unit}".strip()


def _every(line: Line, statistic: Values) -> Values:
    return np.broadcast_to(np.asarray(line, dtype=np.float64), statistic.shape)


def _said(value: float) -> str:
    """Four digits, or all before the point."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _change(value: float, base: float) -> str:
    return f" ({100 * (value - base) / abs(base):+.1f} %)" if base else ""


def _day(time: datetime) -> str:
    return f"{time.day} {time:%b}"


def _rare(share: float, what: str, of: str = "starts") -> str:
    """How often something happens by chance."""
    if share * RAREST < 1:
        return f"{what} happens by chance less than once in a million {of}"
    return f"{what} happens by chance once in {round(1 / share):,} {of}"
