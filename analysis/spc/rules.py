"""Detection rules of control charts: which patterns of points are signals, by which family of published rules.

Signals count from 1; a signal stands at the last point of its pattern, and every further point of it counts again.
A missing value (NaN) is no evidence: it is left out, so it neither breaks nor extends a pattern.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import itemgetter

import numpy as np
import numpy.typing as npt

from analysis.spc.rule_catalogue import FAMILIES, NELSON, RULES, WESTERN_ELECTRIC, Rule, find_rule, rules_named
from analysis.spc.rule_patterns import Flags, Pattern, Values, Zones
from analysis.spc.whole_chart_rules import run_analysis

__all__ = [
    "FAMILIES", "NELSON", "RULES", "WESTERN_ELECTRIC", "Flags", "Pattern", "Rule", "Signal", "Values", "detect",
    "find_rule", "nelson", "rules_named", "western_electric",
]  # fmt: skip

Members = Callable[[int], tuple[int, ...]]
Line = float | Values


@dataclass(frozen=True, slots=True)
class Signal:
    """One hit of a rule: `index` is the last point of the pattern, `members` all its points, all counted from 1."""

    rule: str
    index: int
    members: tuple[int, ...]


def detect(
    rules: Iterable[str],
    statistic: Values,
    center: Line,
    sigma: Line,
    stages: npt.NDArray[np.generic] | None = None,
) -> tuple[Signal, ...]:
    """The signals of the named rules in `statistic` (n,), ordered by index and then as the rules were named.

    `center` and `sigma` are numbers or (n,); trends and alternation look at the statistic itself, all other rules at
    its place between the lines of each point. `stages` (n,) names the stage of each point: no pattern reaches from one
    into the next. Rules are names of RULES or words such as "4 of 5 beyond 1 sigma".
    Where sigma is 0 only points off the center line are signals: every other rule needs a spread to compare with.
    Raises ValueError for what is no rule.
    """
    named = [find_rule(name) for name in rules]
    gaps = np.isnan(statistic) | np.isnan(center) | np.isnan(sigma)
    if stages is None and not gaps.any():
        return _in_stage(named, statistic, center, sigma, tuple(range(1, statistic.size + 1)))
    places = np.flatnonzero(~gaps)
    cuts: npt.NDArray[np.int64] | list[int] = []
    if stages is not None:
        cuts = np.flatnonzero(stages[places][1:] != stages[places][:-1]) + 1
    found: list[Signal] = []
    for part in np.split(places, cuts):
        found += _in_stage(named, statistic[part], _at(center, part), _at(sigma, part), tuple((part + 1).tolist()))
    return tuple(found)


def nelson(statistic: Values, center: Line, sigma: Line) -> tuple[Signal, ...]:
    """Signals of Nelson's eight rules in `statistic` (n points) around `center`, both in the unit of the statistic."""
    return detect(NELSON, statistic, center, sigma)


def western_electric(statistic: Values, center: Line, sigma: Line) -> tuple[Signal, ...]:
    """Signals of the four Western Electric rules in `statistic` (n points) around `center`."""
    return detect(WESTERN_ELECTRIC, statistic, center, sigma)


def _at(line: Line, points: npt.NDArray[np.int64]) -> Line:
    return line[points] if isinstance(line, np.ndarray) and line.ndim else line


def _in_stage(
    rules: list[Rule], statistic: Values, center: Line, sigma: Line, places: tuple[int, ...]
) -> tuple[Signal, ...]:
    """The signals of points that follow each other, known by their `places`."""
    zones, is_still = Zones(statistic, center, sigma), not np.any(sigma)
    found: list[tuple[int, str, Members]] = []
    for rule in rules:
        if statistic.size < rule.points or (is_still and rule.points > 1):
            continue
        if isinstance(rule.pattern, Pattern):
            ends = (np.flatnonzero(zones.ends(rule.pattern)) + 1).tolist()
            if ends:
                members = _members(zones, rule.pattern, places)
                found += [(end, rule.name, members) for end in ends]
        elif points := run_analysis(statistic, center).members(rule.pattern):
            found.append((points[-1] + 1, rule.name, _these(tuple([places[point] for point in points]))))
    found.sort(key=itemgetter(0))  # stable, so that the rules of one index stay in the order they were named in
    return tuple([Signal(name, places[end - 1], members(end)) for end, name, members in found])


def _these(points: tuple[int, ...]) -> Members:
    return lambda _: points


def _members(zones: Zones, pattern: Pattern, places: tuple[int, ...]) -> Members:
    """Gives the places of the points of the pattern that ends at a point counted from 1."""
    window = pattern.window
    if pattern.kind != "some_of" or window == 1:
        return lambda end: places[end - window : end]
    if pattern.side == "either":
        sides = [zones.beyond(pattern.sigmas).tolist()]
    else:
        sides = [zones.above(pattern.sigmas).tolist(), zones.below(pattern.sigmas).tolist()]

    def on_side(end: int) -> tuple[int, ...]:
        side = sides[0] if sides[0][end - 1] else sides[-1]
        return tuple([places[point] for point in range(end - window, end) if side[point]])

    return on_side
