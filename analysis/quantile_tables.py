"""Distributions of many jobs at once: a row of quantiles for each, with exponential tails beyond what was seen.

Few values are mixed with a prior, quantile by quantile, so that one or two runs do not look like certainty.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.integer[Any]]

STEP = 0.02
GRID = np.arange(STEP, 1.0, STEP)  # the probabilities of the columns, 0.02 to 0.98
NEARLY_NONE = 1e-12
PRIOR_COUNT = 3.0  # how many values of its own weigh as much as the prior
TAIL_FROM = 0.8  # tails are as long as the mean excess beyond the 80 % quantile
TAIL_FROM_COLUMN = round(TAIL_FROM / STEP) - 1


@dataclass(frozen=True, slots=True)
class Tables:
    """Quantiles at GRID, shape (n, 49), and the mean excess beyond both ends, shape (n,)."""

    quantiles: Floats
    low: Floats
    high: Floats

    def draw(self, rows: Ints, shares: Floats) -> Floats:
        """The value below which `shares` of the distribution of each of `rows` lies; shapes (m,) and (m, s)."""
        place = (shares - STEP) / STEP
        left = np.clip(place.astype(np.int64), 0, GRID.size - 2)
        weight = np.clip(place - left, 0.0, 1.0)
        row = rows[:, None]
        values = self.quantiles[row, left] * (1 - weight) + self.quantiles[row, left + 1] * weight
        over = np.log(STEP / np.clip(1 - shares, NEARLY_NONE, STEP))
        under = np.log(STEP / np.clip(shares, NEARLY_NONE, STEP))
        return np.asarray(values + self.high[row] * over - self.low[row] * under)

    def share_below(self, rows: Ints, values: Floats) -> Floats:
        """The share of the distribution of each row below its value, both of shape (m,)."""
        shares = np.empty(rows.size)
        for n, (row, value) in enumerate(zip(rows, values, strict=True)):
            known = self.quantiles[row]
            if value < known[0]:
                shares[n] = STEP * np.exp((value - known[0]) / self.low[row])
            elif value > known[-1]:
                shares[n] = 1 - STEP * np.exp((known[-1] - value) / self.high[row])
            else:
                shares[n] = np.interp(value, known, GRID)
        return shares

    def draw_beyond(self, rows: Ints, least: Floats, shares: Floats, most_tail: float) -> Floats:
        """Values given that they exceed `least` (m,): what is left of a wait that has lasted so long already.

        Beyond what was ever seen, the tail grows with the excess, up to `most_tail`: what has outlived its history
        by much will not end the next moment.
        """
        below = self.share_below(rows, least)
        inside = self.draw(rows, below[:, None] + shares * (1 - below[:, None]))
        excess = least - self.quantiles[rows, -1]
        tail = np.maximum(self.high[rows], np.minimum(excess, most_tail))
        outside = least[:, None] - tail[:, None] * np.log1p(-shares)
        return np.maximum(np.where(excess[:, None] > 0, outside, inside), least[:, None])


def tables_of(values: Floats, owners: Ints, count: int, prior: Tables, least_tail: float) -> Tables:
    """Tables of `count` owners from their values, both of shape (n,), mixed with a prior of one row, or one per owner.

    An owner without values gets the prior. Tails are at least `least_tail`.
    """
    order = np.lexsort((values, owners))
    ordered, owned = values[order], owners[order]
    sizes = np.bincount(owned, minlength=count)
    first = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    place = GRID[None, :] * (sizes[:, None] + 1) - 1  # Weibull's plotting positions i / (n + 1)
    left = np.clip(np.floor(place), 0, np.maximum(sizes - 2, 0)[:, None]).astype(np.int64)
    right = np.minimum(left + 1, np.maximum(sizes - 1, 0)[:, None])
    weight = np.clip(place - left, 0.0, 1.0)
    padded = np.append(ordered, 0.0)
    last = max(ordered.size, 0)
    at = [np.minimum(first[:, None] + side, last) for side in (left, right)]
    own = padded[at[0]] * (1 - weight) + padded[at[1]] * weight
    high = np.maximum(_excess(ordered, owned, own[:, TAIL_FROM_COLUMN], sizes), least_tail)
    low = np.maximum(_excess(-ordered, owned, -own[:, -TAIL_FROM_COLUMN - 1], sizes), least_tail)
    end = 1 / (sizes[:, None] + 1)  # the share beyond the outermost value
    own = own + high[:, None] * np.log(np.maximum(end / (1 - GRID), 1)) * (sizes > 0)[:, None]
    own = own - low[:, None] * np.log(np.maximum(end / GRID, 1)) * (sizes > 0)[:, None]
    mixed = (sizes / (sizes + PRIOR_COUNT))[:, None]
    return Tables(
        mixed * own + (1 - mixed) * prior.quantiles,
        mixed[:, 0] * low + (1 - mixed[:, 0]) * prior.low,
        mixed[:, 0] * high + (1 - mixed[:, 0]) * prior.high,
    )


def _excess(values: Floats, owners: Ints, limits: Floats, sizes: Ints) -> Floats:
    """The mean excess of each owner's values over its limit; 0 where none exceeds it."""
    over = values - limits[owners]
    is_over = over > 0
    total = np.bincount(owners[is_over], over[is_over], minlength=sizes.size)
    return np.asarray(total / np.maximum(np.bincount(owners[is_over], minlength=sizes.size), 1))
