"""Detection rules of control charts: which patterns of points are signals, after Nelson and Western Electric.

Definitions: L. S. Nelson, "The Shewhart Control Chart: Tests for Special Causes", Journal of Quality Technology 16
(1984); Western Electric, Statistical Quality Control Handbook (1956). A point on a line is not beyond it.
Signals count from 1; a signal stands at the last point of its pattern, and every further point of it counts again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import itemgetter

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Members = Callable[[int], tuple[int, ...]]
Found = tuple[Flags, Members]


@dataclass(frozen=True, slots=True)
class Signal:
    """One hit of a rule: `index` is the last point of the pattern, `members` all its points, all counted from 1."""

    rule: str
    index: int
    members: tuple[int, ...]


class Zones:
    """A statistic (n points) seen from its center line and sigma, as every rule sees it."""

    def __init__(self, statistic: Values, center: float, sigma: float) -> None:
        self.statistic, self.center, self.sigma = statistic, center, sigma
        self._places = tuple(range(1, statistic.size + 1))

    def last(self, count: int) -> Members:
        """Gives for an index the places of the `count` points that end there."""
        return lambda index: self._places[index - count : index]

    def above(self, sigmas: float) -> Flags:
        return self.statistic > self.center + sigmas * self.sigma

    def below(self, sigmas: float) -> Flags:
        return self.statistic < self.center - sigmas * self.sigma

    def beyond(self, sigmas: float) -> Flags:
        return self.above(sigmas) | self.below(sigmas)


def streak(flags: Flags) -> npt.NDArray[np.int64]:
    """How many points in a row, up to and with each one, are flagged (n counts)."""
    places = np.arange(1, flags.size + 1)
    return places - np.maximum.accumulate(np.where(flags, 0, places))


def _beyond_limits(zones: Zones) -> Found:
    return zones.beyond(3), zones.last(1)


def _same_side(count: int) -> Callable[[Zones], Found]:
    def find(zones: Zones) -> Found:
        return (streak(zones.above(0)) >= count) | (streak(zones.below(0)) >= count), zones.last(count)

    return find


def _some_of(needed: int, window: int, sigmas: float) -> Callable[[Zones], Found]:
    """`needed` of `window` points beyond `sigmas` on one side, the last of them being one."""

    def find(zones: Zones) -> Found:
        above, below = zones.above(sigmas), zones.below(sigmas)
        on_sides, last = (above.tolist(), below.tolist()), zones.last(window)

        def members(index: int) -> tuple[int, ...]:
            side = on_sides[0] if on_sides[0][index - 1] else on_sides[1]
            return tuple([place for place in last(index) if side[place - 1]])

        return _enough(above, needed, window) | _enough(below, needed, window), members

    return find


def _enough(side: Flags, needed: int, window: int) -> Flags:
    found = np.zeros(side.size, dtype=np.bool_)
    total = np.concatenate(([0], np.cumsum(side)))
    found[window - 1 :] = (total[window:] - total[:-window] >= needed) & side[window - 1 :]
    return found


def _steady(zones: Zones) -> Found:
    steps = np.diff(zones.statistic)
    long = (streak(steps > 0) >= 5) | (streak(steps < 0) >= 5)
    return np.concatenate(([False], long)), zones.last(6)


def _alternating(zones: Zones) -> Found:
    signs = np.sign(np.diff(zones.statistic))
    long = streak(signs[1:] * signs[:-1] < 0) >= 12
    return np.concatenate(([False, False], long)), zones.last(14)


def _hugging(zones: Zones) -> Found:
    return streak(~zones.beyond(1)) >= 15, zones.last(15)


def _avoiding(zones: Zones) -> Found:
    above, below = zones.above(1), zones.below(1)
    one_sided = (streak(above) >= 8) | (streak(below) >= 8)
    return (streak(above | below) >= 8) & ~one_sided, zones.last(8)


@dataclass(frozen=True, slots=True)
class Rule:
    """A detection rule: what to call it, what it says in one sentence, how many points it looks at."""

    name: str
    title: str
    explanation: str
    points: int
    find: Callable[[Zones], Found]


BEYOND = "One point is more than three sigma from the center line: something unusual happened at that point."
TWO_OF_THREE = "Two of three points in a row are more than two sigma out on one side: the level is probably moving."
FOUR_OF_FIVE = "Four of five points in a row are more than one sigma out on one side: a small shift has probably begun."

ALL = (
    Rule("nelson_1", "Beyond the limits", BEYOND, 1, _beyond_limits),
    Rule(
        "nelson_2",
        "Shift",
        "Nine points in a row are on one side of the center line: the level has shifted.",
        9,
        _same_side(9),
    ),
    Rule(
        "nelson_3",
        "Trend",
        "Six points in a row rise, or fall, without a break: the level is drifting.",
        6,
        _steady,
    ),
    Rule(
        "nelson_4",
        "Alternation",
        "Fourteen points in a row go up and down in turn: two causes alternate, such as two sources.",
        14,
        _alternating,
    ),
    Rule("nelson_5", "Two of three far out", TWO_OF_THREE, 3, _some_of(2, 3, 2)),
    Rule("nelson_6", "Four of five out", FOUR_OF_FIVE, 5, _some_of(4, 5, 1)),
    Rule(
        "nelson_7",
        "Too quiet",
        "Fifteen points in a row are within one sigma: the limits are too wide, or the values were smoothed.",
        15,
        _hugging,
    ),
    Rule(
        "nelson_8",
        "Avoids the center",
        "Eight points in a row are more than one sigma out, on both sides: values of two processes are mixed.",
        8,
        _avoiding,
    ),
    Rule("western_electric_1", "Beyond the limits", BEYOND, 1, _beyond_limits),
    Rule("western_electric_2", "Two of three far out", TWO_OF_THREE, 3, _some_of(2, 3, 2)),
    Rule("western_electric_3", "Four of five out", FOUR_OF_FIVE, 5, _some_of(4, 5, 1)),
    Rule(
        "western_electric_4",
        "Shift",
        "Eight points in a row are on one side of the center line: the level has shifted.",
        8,
        _same_side(8),
    ),
)
RULES: dict[str, Rule] = {rule.name: rule for rule in ALL}
NELSON = tuple(name for name in RULES if name.startswith("nelson"))
WESTERN_ELECTRIC = tuple(name for name in RULES if name.startswith("western_electric"))


def detect(rules: Iterable[str], statistic: Values, center: float, sigma: float) -> tuple[Signal, ...]:
    """The signals of the named rules in `statistic` (n points), ordered by index and then as the rules were named.

    Where sigma is 0 only points off the center line are signals: every other rule needs a spread to compare with.
    Raises KeyError for a rule that is not in RULES.
    """
    zones = Zones(statistic, center, sigma)
    found: list[tuple[int, str, Members]] = []
    for rule in [RULES[name] for name in rules]:
        if statistic.size < rule.points or (sigma == 0 and rule.points > 1):
            continue
        flags, members = rule.find(zones)
        found += [(index, rule.name, members) for index in (np.flatnonzero(flags) + 1).tolist()]
    found.sort(key=itemgetter(0))  # stable, so that the rules of one index stay in the order they were named in
    return tuple([Signal(name, index, members(index)) for index, name, members in found])


def nelson(statistic: Values, center: float, sigma: float) -> tuple[Signal, ...]:
    """Signals of Nelson's eight rules in `statistic` (n points) around `center`, both in the unit of the statistic."""
    return detect(NELSON, statistic, center, sigma)


def western_electric(statistic: Values, center: float, sigma: float) -> tuple[Signal, ...]:
    """Signals of the four Western Electric rules in `statistic` (n points) around `center`."""
    return detect(WESTERN_ELECTRIC, statistic, center, sigma)
