"""Patterns of points that detection rules look for, as data, and where they end, for one series or many at once.

A point on a line is not beyond it. A pattern stands at its last point, every further point of it counts again, and for
`points` of `of` beyond a line the last point is one of them and the window is full. All functions work along the last
axis, so arrays are (n,) or (metrics, n).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Kind = Literal["run", "trend", "some_of", "alternating", "within", "outside"]
Side = Literal["one", "above", "below", "either", "both"]
SIDES: dict[Kind, tuple[Side, ...]] = {
    "run": ("one", "above", "below"),
    "trend": ("one", "above", "below"),  # of rises and falls: one direction, rising, falling
    "some_of": ("one", "above", "below", "either"),
    "alternating": ("either",),
    "within": ("either",),
    "outside": ("either", "both"),
}
FEWEST: dict[Kind, int] = {"run": 1, "trend": 2, "some_of": 1, "alternating": 3, "within": 1, "outside": 1}
MOST = 1000


@dataclass(frozen=True, slots=True)
class Pattern:
    """`points` points of a kind: beyond `sigmas` (0 is the center line) on a side, `of` so many for `some_of`.

    `is_same_side` asks all points of a `some_of` window to be on that side of the center line.
    Raises ValueError where the numbers cannot make a pattern.
    """

    kind: Kind
    points: int
    of: int = 0
    sigmas: float = 0.0
    side: Side = "one"
    is_same_side: bool = False

    def __post_init__(self) -> None:
        """Checks the numbers against the kind."""
        if self.kind not in SIDES:
            raise ValueError(f"A rule of kind {self.kind!r} is not known; expected {', '.join(SIDES)}.")
        if self.side not in SIDES[self.kind]:
            sides = " or ".join(SIDES[self.kind])
            raise ValueError(f"A rule of kind {self.kind} on side {self.side!r} is not known; expected {sides}.")
        if not FEWEST[self.kind] <= self.points <= MOST:
            raise ValueError(f"A rule of {self.points} points: expected {FEWEST[self.kind]} to {MOST} for {self.kind}.")
        if self.of and not self.points <= self.of <= MOST:
            raise ValueError(f"A rule of {self.points} of {self.of} points: expected at most as many as it looks at.")
        if not 0 <= self.sigmas < np.inf:
            raise ValueError(f"A rule at {self.sigmas:g} sigma: expected 0 or more.")

    @property
    def window(self) -> int:
        """How many points it looks at."""
        return max(self.of, self.points)


class Zones:
    """A statistic seen from its center line and sigma; these are numbers, or arrays that broadcast to it."""

    def __init__(self, statistic: Values, center: float | Values, sigma: float | Values) -> None:
        self.statistic, self.center, self.sigma = statistic, center, sigma
        self._known: dict[tuple[str, float], Flags] = {}
        self._found: dict[Pattern, Flags] = {}

    def above(self, sigmas: float) -> Flags:
        """Points above center + `sigmas` sigma."""
        if ("above", sigmas) not in self._known:
            self._known["above", sigmas] = self.statistic > self.center + sigmas * self.sigma
        return self._known["above", sigmas]

    def below(self, sigmas: float) -> Flags:
        """Points below center - `sigmas` sigma."""
        if ("below", sigmas) not in self._known:
            self._known["below", sigmas] = self.statistic < self.center - sigmas * self.sigma
        return self._known["below", sigmas]

    def beyond(self, sigmas: float) -> Flags:
        """Points further than `sigmas` sigma from the center, on either side."""
        if ("beyond", sigmas) not in self._known:
            self._known["beyond", sigmas] = self.above(sigmas) | self.below(sigmas)
        return self._known["beyond", sigmas]

    def ends(self, pattern: Pattern) -> Flags:
        """Where `pattern` ends; each pattern is looked for once."""
        if pattern not in self._found:
            self._found[pattern] = FINDERS[pattern.kind](self, pattern)
        return self._found[pattern]


def streak(flags: Flags) -> npt.NDArray[np.int64]:
    """How many points in a row, up to and with each one, are flagged (n counts)."""
    places = np.arange(1, flags.size + 1)
    return places - np.maximum.accumulate(np.where(flags, 0, places))


def run_ends(flags: Flags, count: int) -> Flags:
    """Points that are, with the `count` - 1 before them, all flagged: windows doubled until they are long enough."""
    found, length = flags, 1
    while length < count:
        step = min(length, count - length)
        longer = np.zeros_like(found)
        np.logical_and(found[..., step:], found[..., :-step], out=longer[..., step:])
        found, length = longer, length + step
    return found


def sided(zones: Zones, pattern: Pattern) -> list[tuple[Flags, Flags]]:
    """Per side that counts: the points beyond the pattern's line, and those on that side of the center line."""
    if pattern.side == "either":
        beyond = zones.beyond(pattern.sigmas)
        return [(beyond, beyond)]
    sides = {"above": zones.above, "below": zones.below}
    wanted = sides.values() if pattern.side == "one" else [sides[pattern.side]]
    return [(side(pattern.sigmas), side(0)) for side in wanted]


def enough(side: Flags, needed: int, window: int) -> Flags:
    """Flagged points with at least `needed` flagged among the `window` points that end there."""
    found = np.zeros_like(side)
    starts = side.shape[-1] - window + 1
    if starts < 1:
        return found
    counts = np.zeros((*side.shape[:-1], starts), dtype=np.uint8 if window < 256 else np.uint16)
    for first in range(window):
        counts += side[..., first : first + starts]
    np.logical_and(counts >= needed, side[..., window - 1 :], out=found[..., window - 1 :])
    return found


def _run(zones: Zones, pattern: Pattern) -> Flags:
    return _any([run_ends(beyond, pattern.points) for beyond, _ in sided(zones, pattern)])


def _some_of(zones: Zones, pattern: Pattern) -> Flags:
    found = []
    for beyond, side in sided(zones, pattern):
        ends = enough(beyond, pattern.points, pattern.window) if pattern.window > 1 else beyond
        found.append(ends & run_ends(side, pattern.window) if pattern.is_same_side else ends)
    return _any(found)


def _trend(zones: Zones, pattern: Pattern) -> Flags:
    now, before = zones.statistic[..., 1:], zones.statistic[..., :-1]
    steps = [now > before] if pattern.side != "below" else []
    steps += [now < before] if pattern.side != "above" else []
    return _later(_any([run_ends(step, pattern.points - 1) for step in steps]), 1)


def _alternating(zones: Zones, pattern: Pattern) -> Flags:
    rises = zones.statistic[..., 1:] > zones.statistic[..., :-1]
    falls = zones.statistic[..., 1:] < zones.statistic[..., :-1]
    turns = (rises[..., 1:] & falls[..., :-1]) | (falls[..., 1:] & rises[..., :-1])
    return _later(run_ends(turns, pattern.points - 2), 2)


def _within(zones: Zones, pattern: Pattern) -> Flags:
    return run_ends(~zones.beyond(pattern.sigmas), pattern.points)


def _outside(zones: Zones, pattern: Pattern) -> Flags:
    found = run_ends(zones.beyond(pattern.sigmas), pattern.points)
    if pattern.side == "either":
        return found
    above, below = (run_ends(side(pattern.sigmas), pattern.points) for side in (zones.above, zones.below))
    return found & ~(above | below)


def _any(found: list[Flags]) -> Flags:
    return found[0] if len(found) == 1 else found[0] | found[1]


def _later(flags: Flags, count: int) -> Flags:
    """Flags moved `count` points on: differences begin at a later point than the values."""
    return np.concatenate([np.zeros((*flags.shape[:-1], count), dtype=np.bool_), flags], axis=-1)


FINDERS: dict[Kind, Callable[[Zones, Pattern], Flags]] = {
    "run": _run,
    "trend": _trend,
    "some_of": _some_of,
    "alternating": _alternating,
    "within": _within,
    "outside": _outside,
}
