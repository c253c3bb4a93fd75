"""How rare a piece of evidence is within the series' own past, in decades: 2 is once in a hundred rows.

Within the past it is counted; beyond its 98 % point the tail is a generalised Pareto with a fixed, moderately heavy
shape. Rare is not enough: the evidence must also be large beside what is usual, or pure noise would give an alarm
every so many rows by construction.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from analysis.spc.robust import Floats

TAIL_SHARE = 0.02
TAIL_LEAST = 8
TAIL_SHAPE = 0.3
TAIL_FLOOR = 0.1  # of the way from the median to the tail: the least mean excess
LEAST_PAST = 20
MOST_DECADES = 8.0
SMALL_BLOCK, LARGE_BLOCK, SMALL_UNTIL = 16, 64, 256


def blocks(rows: int) -> Iterator[tuple[int, int]]:
    """First row and end of blocks that depend on nothing but the row number; the last may end behind `rows`."""
    start = 0
    while start < rows:
        size = SMALL_BLOCK if start < SMALL_UNTIL else LARGE_BLOCK
        yield start, start + size
        start += size


def decades(past: Floats, now: Floats, least_ratio: float) -> Floats:
    """Rarity of each of `now`, shape (k,), within `past`, shape (n,); 0 below `least_ratio` times the past's median.

    NaN in `past` does not count; NaN in `now` has rarity 0. All 0 while the past has fewer than 20 numbers.
    """
    known = past[np.isfinite(past)]
    if known.size < LEAST_PAST:
        return np.zeros(now.size)
    tail = max(TAIL_LEAST, int(TAIL_SHARE * known.size))
    edge = known.size - tail - 1
    ordered = np.partition(known, [edge, known.size // 2])
    median, limit = ordered[known.size // 2], ordered[edge]
    excess = float((ordered[edge + 1 :] - limit).mean())
    unit = max(excess, TAIL_FLOOR * (limit - median), 1e-9 * abs(limit), 1e-300)
    with np.errstate(over="ignore"):
        beyond = np.maximum(np.nan_to_num(now) - limit, 0.0) / unit
        more = np.log1p(TAIL_SHAPE * np.minimum(beyond, 1e30)) / TAIL_SHAPE / np.log(10)
    found = np.minimum(np.log10(known.size / tail) + more, MOST_DECADES)
    out: Floats = np.where((beyond > 0) & (now >= least_ratio * median), found, 0.0)
    return out
