"""Chart rules that are watched beside the calibrated detector: where they end and which points belong to each.

On the chart `individuals` they look at the innovations of the detector, so that a week's shape and the dependence of
neighbours are no pattern; other charts are those of their kind, with limits from the baseline. A rule of the whole
chart is asked at every point anew, with the points up to it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.spc import attribute_charts, time_weighted
from analysis.spc.charts import ControlChart
from analysis.spc.robust import Floats
from analysis.spc.rule_catalogue import FEWEST_USEFUL, find_rule
from analysis.spc.rule_patterns import Pattern
from analysis.spc.rules import detect

OWN_SIZES = {"p", "u", "laney_p", "laney_u", "np"}


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that ends at the place `at`, with the places of its points."""

    rule: str
    at: int
    members: tuple[int, ...]


def innovation_hits(rules: Sequence[str], innovation: Floats) -> list[Hit]:
    """The hits of `rules` in `innovation` (n,), NaN where there is none. Raises ValueError for what is no rule."""
    patterns = [name for name in rules if isinstance(find_rule(name).pattern, Pattern)]
    whole = [name for name in rules if name not in patterns]
    found = [_hit(one.rule, one.index, one.members) for one in detect(patterns, innovation, 0.0, 1.0)]
    for end in range(FEWEST_USEFUL, innovation.size + 1) if whole else ():
        if np.isfinite(innovation[end - 1]):
            found += [Hit(one.rule, end - 1, _places(one.members)) for one in detect(whole, innovation[:end], 0.0, 1.0)]
    return found


def chart_hits(
    kind: str, rules: Sequence[str], values: Floats, sizes: Floats, baseline: int
) -> tuple[list[Hit], ControlChart]:
    """The hits of `rules` on a chart of `kind` after its first `baseline` points; `values` (n,) finite, as `sizes`.

    The places are those in `values`; an ewma and a cusum know only points beyond their limits. Raises ValueError for
    values that such a chart cannot be made of.
    """
    if kind in OWN_SIZES and not np.isfinite(sizes).all():
        raise ValueError(f"A {kind} chart needs the size of each sample; give `size` beside `value`.")
    makers: dict[str, Callable[[], ControlChart]] = {
        "p": lambda: attribute_charts.p(values, sizes, baseline, rules=rules),
        "laney_p": lambda: attribute_charts.laney_p(values, sizes, baseline, rules=rules),
        "np": lambda: attribute_charts.np_(values, sizes, baseline, rules=rules),
        "c": lambda: attribute_charts.c(values, baseline, rules=rules),
        "u": lambda: attribute_charts.u(values, sizes, baseline, rules=rules),
        "laney_u": lambda: attribute_charts.laney_u(values, sizes, baseline, rules=rules),
        "ewma": lambda: time_weighted.ewma(values, baseline),
        "cusum": lambda: time_weighted.cusum(values, baseline),
    }
    chart = makers[kind]()
    return [_hit(one.rule, one.index, one.members) for one in chart.signals if one.index > baseline], chart


def _hit(rule: str, index: int, members: Sequence[int]) -> Hit:
    return Hit(rule, index - 1, _places(members))


def _places(members: Sequence[int]) -> tuple[int, ...]:
    return tuple([member - 1 for member in members])
