"""A set of rules as a Markov chain: what must be remembered of the past, and how each new point changes it.

After C. W. Champ and W. H. Woodall, Technometrics 29 (1987). Only rules that look at zones about the center line have
such a chain; trends and alternation compare values with each other and have none of finite size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, identity
from scipy.sparse.linalg import spsolve
from scipy.special import ndtr

from analysis.spc.rule_patterns import Pattern

Values = npt.NDArray[np.float64]
State = tuple[int, ...]
Hits = Callable[[Sequence[bool]], bool]
MOST_STATES = 200_000


@dataclass(frozen=True, slots=True)
class Streak:
    """Whether `count` points in a row lie between two lines, in sigmas; remembers how many do."""

    low: float
    high: float
    count: int
    is_outside: bool = False

    def step(self, state: int, point: float) -> tuple[int, bool]:
        """What is remembered after a point, and whether the streak is long enough."""
        inside = (self.low < point < self.high) != self.is_outside
        state = min(state + 1, self.count) if inside else 0
        return state, state == self.count


@dataclass(frozen=True, slots=True)
class Window:
    """Whether a point and enough of those before it lie between two lines; remembers which of the last ones did."""

    low: float
    high: float
    needed: int
    of: int
    is_outside: bool = False

    def step(self, state: int, point: float) -> tuple[int, bool]:
        """What is remembered after a point, and whether there are enough."""
        inside = (self.low < point < self.high) != self.is_outside
        bits = (state << 1 | inside) & ((1 << self.of) - 1)
        return bits & ((1 << (self.of - 1)) - 1), inside and bits.bit_count() >= self.needed


Part = Streak | Window


def parts_of(pattern: Pattern) -> tuple[list[Part], Hits]:
    """What to remember for a pattern, and how its parts make a hit. Raises ValueError for trends and alternation."""
    line, count = pattern.sigmas, pattern.points
    if pattern.kind == "within":
        return [Streak(-line, line, count)], all
    beyond: Part = Streak(-line, line, count, is_outside=True)
    lines = {"above": (line, np.inf), "below": (-np.inf, -line)}
    sides = [lines[pattern.side]] if pattern.side in lines else list(lines.values())
    if pattern.kind == "run":
        return [Streak(low, high, count) for low, high in sides], any
    if pattern.kind == "outside":
        runs: list[Part] = [Streak(low, high, count) for low, high in sides]
        either = pattern.side == "either"
        return ([beyond], all) if either else ([beyond, *runs], lambda hits: hits[0] and not any(hits[1:]))
    if pattern.kind != "some_of":
        raise ValueError(f"A rule of kind {pattern.kind} has no finite chain; simulate its run length.")
    if pattern.side == "either":
        return [Window(-line, line, count, pattern.window, is_outside=True)], all
    windows: list[Part] = [Window(low, high, count, pattern.window) for low, high in sides]
    if not pattern.is_same_side:
        return windows, any
    halves = [Streak(0.0, np.inf, pattern.window), Streak(-np.inf, 0.0, pattern.window)]
    halves = {"above": halves[:1], "below": halves[1:]}.get(pattern.side, halves)
    pairs = len(windows)
    return [*windows, *halves], lambda hits: any(hits[n] and hits[pairs + n] for n in range(pairs))


class Chain:
    """The chain of several patterns at once; a point is known only by the zone between neighbouring lines it is in."""

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        self.patterns = list(dict.fromkeys(patterns))
        made = [parts_of(pattern) for pattern in self.patterns]
        self.parts = list(dict.fromkeys(part for parts, _ in made for part in parts))
        self._hits = [([self.parts.index(part) for part in parts], hits) for parts, hits in made]
        edges = sorted({line for part in self.parts for line in (part.low, part.high, 0.0)} - {np.inf, -np.inf})
        self.edges = np.array([-np.inf, *edges, np.inf])
        self.zones = [edges[0] - 1, *((low + high) / 2 for low, high in pairwise(edges))]
        self.zones.append(edges[-1] + 1)

    def start(self) -> State:
        """Nothing is remembered."""
        return (0,) * len(self.parts)

    def chances(self, shift: float) -> Values:
        """The chance of each zone for normal points moved by `shift` sigmas."""
        return np.asarray(np.diff(ndtr(self.edges - shift)), dtype=np.float64)

    def step(self, state: State, zone: int, before: int | None = None) -> tuple[State, bool]:
        """The state after a point in a zone and whether a rule is hit; no rule that needs more than `before` points."""
        made = [part.step(known, self.zones[zone]) for part, known in zip(self.parts, state, strict=True)]
        hit = any(
            hits([made[place][1] for place in places])
            for pattern, (places, hits) in zip(self.patterns, self._hits, strict=True)
            if before is None or pattern.window <= before
        )
        return tuple([known for known, _ in made]), hit

    def run_lengths(self, shift: float, starts: Sequence[State]) -> Values:
        """The average number of points until a rule is hit, from each of the `starts`."""
        places = {state: place for place, state in enumerate(starts)}
        waiting, rows, columns, zones = list(starts), [], [], []
        while waiting:
            state = waiting.pop()
            for zone in range(len(self.zones)):
                after, hit = self.step(state, zone)
                if hit:
                    continue
                if after not in places:
                    places[after] = len(places)
                    waiting.append(after)
                rows.append(places[state])
                columns.append(places[after])
                zones.append(zone)
            if len(places) > MOST_STATES:
                raise ValueError("These rules together remember too much for a chain; simulate their run length.")
        size = len(places)
        kernel = coo_array((self.chances(shift)[zones], (rows, columns)), shape=(size, size))
        lengths = spsolve((identity(size) - kernel).tocsc(), np.ones(size))
        return np.asarray(lengths[: len(starts)], dtype=np.float64)
