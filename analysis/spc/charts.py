"""A control chart: what is plotted, the lines and limits a process sets itself, and the points that break them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np
import numpy.typing as npt

from analysis.spc.rules import NELSON, Signal, detect, find_rule

Values = npt.NDArray[np.float64]

BEYOND_LIMITS = "beyond_limits"
ONLY_LIMITS = (BEYOND_LIMITS,)
WIDTH = 3.0


@dataclass(frozen=True, slots=True)
class ControlChart:
    """A chart of n points; `statistic` is what is plotted, every line and limit has one value per point, shape (n,).

    `sigma` is the spread of the process (of one value), `standard_errors` (n,) that of each plotted point. `more` holds
    what only some kinds have (`upper` and `lower` sums of a cusum, `sigma_z` of a Laney chart); `notes` are sentences.
    """

    kind: str
    statistic: Values
    center_lines: Values
    sigma: float
    standard_errors: Values
    lower_control_limits: Values
    upper_control_limits: Values
    signals: tuple[Signal, ...]
    more: Mapping[str, Values | float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def center_line(self) -> float:
        """The center line at the newest point."""
        return float(self.center_lines[-1])

    @property
    def lower_control_limit(self) -> float:
        """The lower control limit at the newest point."""
        return float(self.lower_control_limits[-1])

    @property
    def upper_control_limit(self) -> float:
        """The upper control limit at the newest point."""
        return float(self.upper_control_limits[-1])

    @property
    def has_steady_limits(self) -> bool:
        """Whether center line and limits are the same at every point."""
        lines = (self.center_lines, self.lower_control_limits, self.upper_control_limits)
        return all(bool(np.all(line == line[0])) for line in lines)


@dataclass(frozen=True, slots=True)
class Lines:
    """Where a chart is drawn: center line and standard error of a point, one for all or one per point; the bounds."""

    center: float | Values
    errors: float | Values
    width: float = WIDTH
    floor: float = -np.inf
    ceiling: float | Values = np.inf

    def limits(self, count: int) -> tuple[Values, Values]:
        """Lower and upper limits of `count` points, within the bounds."""
        with np.errstate(over="ignore", invalid="ignore"):
            reach = np.broadcast_to(np.asarray(self.width * np.asarray(self.errors), dtype=np.float64), (count,))
            lower, upper = self.center - reach, self.center + reach
        if not (np.isfinite(lower).all() and np.isfinite(upper).all()):
            raise ValueError("The values are too large to compute limits from; chart them in a larger unit.")
        return np.maximum(lower, self.floor), np.minimum(upper, self.ceiling)


def draw(
    kind: str,
    statistic: Values,
    lines: Lines,
    sigma: float,
    rules: Sequence[str] = NELSON,
    more: Mapping[str, Values | float] | None = None,
    notes: tuple[str, ...] = (),
) -> ControlChart:
    """The chart of `statistic` (n,) with its limits, judged by `rules`.

    The zones of run rules are thirds of the distance from the center line to the limits, as R's qcc draws them.
    """
    lower, upper = lines.limits(statistic.size)
    zone = np.asarray(lines.errors, dtype=np.float64) * (lines.width / WIDTH)
    return ControlChart(
        kind,
        statistic,
        per_point(lines.center, statistic.size),
        sigma,
        per_point(lines.errors, statistic.size),
        lower,
        upper,
        judge(rules, statistic, lines.center, zone, (lower, upper)),
        more or {},
        notes,
    )


def per_point(value: float | Values, count: int) -> Values:
    """`value` at each of `count` points."""
    return np.array(np.broadcast_to(np.asarray(value, dtype=np.float64), (count,)))


def judge(
    rules: Sequence[str], statistic: Values, center: float | Values, zone: Values, limits: tuple[Values, Values]
) -> tuple[Signal, ...]:
    """The signals of `rules` at `statistic` (n,), by index and then in the order the rules were named.

    `beyond_limits` looks at the limits as drawn, every other rule at the center line and zones of `zone` width.
    """
    found = list(detect([rule for rule in rules if rule != BEYOND_LIMITS], statistic, _one(center), _one(zone)))
    if BEYOND_LIMITS in rules:
        found += [Signal(BEYOND_LIMITS, index, (index,)) for index in beyond(statistic, *limits).tolist()]
        order = {find_rule(rule).name: place for place, rule in enumerate(rules)}
        found.sort(key=lambda signal: (signal.index, order[signal.rule]))
    return tuple(found)


def beyond(statistic: Values, lower: Values, upper: Values) -> npt.NDArray[np.int64]:
    """Indices from 1 of the points strictly beyond their limits."""
    return np.flatnonzero((statistic > upper) | (statistic < lower)) + 1


def rules_at(chart: ControlChart) -> list[str]:
    """The rules that fired at each point, separated by spaces, empty where none did."""
    said = [""] * chart.statistic.size
    for index, group in groupby(chart.signals, key=lambda signal: signal.index):
        said[index - 1] = " ".join(signal.rule for signal in group)
    return said


def _one(value: float | Values) -> float | Values:
    """The one value where it is the same at all points: a comparison with a number is the quicker one."""
    many = np.asarray(value, dtype=np.float64)
    return float(many.flat[0]) if many.size and bool(np.all(many == many.flat[0])) else many
