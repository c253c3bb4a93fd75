"""Detection rules of many metrics at once: arrays of shape (metrics, n) in time order, NaN where there is no value.

Each metric gives what `rules.detect` gives for it alone. Metrics are taken in chunks small enough for the processor.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from analysis.spc.rule_catalogue import Rule, find_rule
from analysis.spc.rule_patterns import Flags, Pattern, Values, Zones
from analysis.spc.whole_chart_rules import run_analysis

CHUNK = 100_000  # points looked at together


def detect_many(
    values: npt.ArrayLike,
    center: npt.ArrayLike,
    sigma: npt.ArrayLike,
    rules: Sequence[str],
    stages: npt.NDArray[np.generic] | None = None,
) -> Flags:
    """Whether each rule has a signal at each point: booleans of shape (metrics, n, rules), in the order of `rules`.

    `values` is (metrics, n); `center` and `sigma` are numbers, (metrics,), or broadcast to (metrics, n). `stages` (n,)
    names the stage of each column: no pattern reaches from one into the next. A metric whose sigma is 0 has signals of
    single points only. Raises ValueError for other shapes and for what is no rule.
    """
    found = np.asarray(values, dtype=np.float64)
    if found.ndim != 2:
        raise ValueError(f"Found values of shape {found.shape}; expected (metrics, n).")
    lines = [_line(line, found.shape) for line in (center, sigma)]
    named = [find_rule(name) for name in rules]
    out = np.zeros((len(named), *found.shape), dtype=np.bool_)
    step = max(1, CHUNK // max(found.shape[1], 1))
    bounds = _bounds(stages, found.shape[1])
    for first in range(0, found.shape[0], step):
        rows = slice(first, first + step)
        for columns in bounds:
            part = [line[rows, columns] if line.shape[1] > 1 else line[rows] for line in lines]
            _fill(out[:, rows, columns], found[rows, columns], part[0], part[1], named)
    return np.moveaxis(out, 0, -1)


def _fill(out: Flags, values: Values, center: Values, sigma: Values, rules: list[Rule]) -> None:
    """Writes the signals of one chunk, within one stage, to `out` (rules, metrics, n)."""
    gaps = np.isnan(values) | np.isnan(center) | np.isnan(sigma)
    uneven = gaps.any(axis=1)
    if uneven.any():
        values, center, sigma, order = _closed_up(values, center, sigma, gaps)
    zones, is_still = Zones(values, center, sigma), ~np.any(sigma, axis=1)
    counts = values.shape[1] - gaps.sum(axis=1)
    for place, rule in enumerate(rules):
        flags = _flags(zones, rule, counts)
        if rule.points > 1 and is_still.any():
            flags = flags & ~is_still[:, None]
        if uneven.any():
            flags = flags & (np.arange(flags.shape[1]) < counts[:, None])
            np.put_along_axis(out[place], order, flags, axis=1)
        else:
            out[place] = flags


def _flags(zones: Zones, rule: Rule, counts: npt.NDArray[np.int64]) -> Flags:
    if isinstance(rule.pattern, Pattern):
        return zones.ends(rule.pattern)
    out = np.zeros(zones.statistic.shape, dtype=np.bool_)
    centers = np.broadcast_to(zones.center, zones.statistic.shape)
    for row, count in enumerate(counts):
        if members := run_analysis(zones.statistic[row, :count], centers[row, :count]).members(rule.pattern):
            out[row, members[-1]] = True
    return out


def _closed_up(
    values: Values, center: Values, sigma: Values, gaps: Flags
) -> tuple[Values, Values, Values, npt.NDArray[np.int64]]:
    """The rows with their gaps moved to the end, and where each point came from."""
    order = np.argsort(gaps, axis=1, kind="stable")
    lines = [np.take_along_axis(line, order, axis=1) if line.shape[1] > 1 else line for line in (center, sigma)]
    return np.take_along_axis(values, order, axis=1), lines[0], lines[1], order


def _line(line: npt.ArrayLike, shape: tuple[int, ...]) -> Values:
    """The line as (metrics, 1) or (metrics, n)."""
    found = np.asarray(line, dtype=np.float64)
    if found.ndim == 1:
        found = found[:, None]
    width = 1 if found.ndim == 0 else found.shape[1]
    try:
        return np.broadcast_to(found, (shape[0], width if width == shape[1] else 1))
    except ValueError as error:
        raise ValueError(f"Found lines of shape {np.shape(line)}; expected them to fit values of {shape}.") from error


def _bounds(stages: npt.NDArray[np.generic] | None, count: int) -> list[slice]:
    if stages is None:
        return [slice(0, count)]
    edges = [0, *(np.flatnonzero(stages[1:] != stages[:-1]) + 1).tolist(), count]
    return [slice(first, last) for first, last in pairwise(edges)]
