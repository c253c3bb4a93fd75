"""Discords: how far the newest rows are from the most similar rows seen before, for windows of a few lengths.

A window that resembles nothing in the past is a discord, be it a spike, a jump, a burst, a new level or a new shape; a
season needs no model, since its windows come again. Distances are Euclidean on the values themselves.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from analysis.spc.robust import Flags, Floats
from analysis.spc.seasonality import Ints

MEMORY = 4000
HUGE = 1e70
PRODUCT = 2**18  # multiplications in a product that BLAS leaves to one thread
ROUNDING = 1e-12
SECONDS_A_DAY = 86_400.0
DAYS_BACK = 14
ROWS_ASIDE = 3


def nearest(values: Floats, start: int, end: int, length: int) -> Floats:
    """Distance from the window of `length` rows that ends at each row `start`..`end` to the nearest earlier window.

    Windows compared do not overlap; the past reaches back 4,000 rows before `start`. Shape (end - start,); NaN where
    there is no earlier window. `end` may lie behind the last value: those rows are NaN. A distance does not depend on
    any later value, not even in its last digit: the shapes of all products depend on `start` and `end` alone.
    """
    out = np.full(end - start, np.nan)
    first = max(0, start - MEMORY)
    if start - first < 2 * length or start >= values.size:
        return out
    known = values[first : min(end, values.size)]
    center, unit = _center(values[first:start])
    scaled = np.zeros(end - first)
    with np.errstate(over="ignore"):
        scaled[: known.size] = np.clip(known / unit - center / unit, -HUGE, HUGE)
    windows = sliding_window_view(scaled, length)
    asked = np.ascontiguousarray(windows[start - first - length + 1 :])
    past = np.ascontiguousarray(windows[: end - first - 2 * length + 1])
    own = (asked**2).sum(axis=1)
    least = own + _least_gaps(asked, past)
    distance = np.sqrt(np.where(least > ROUNDING * own, least, 0.0)) * unit
    out[:] = np.where(distance > ROUNDING * abs(center), distance, 0.0)
    out[max(values.size - start, 0) :] = np.nan
    return out


def _least_gaps(asked: Floats, past: Floats) -> Floats:
    """The least of p.p - 2 a.p over the windows p that each window a may be compared with, in pieces kept in cache.

    Row k of `asked` may see all of `past` but its last (rows of asked - 1 - k). A piece is too small for BLAS to share
    among threads, which on a busy machine costs more than it gains.
    """
    rows, length = asked.shape
    least = np.full(rows, np.inf)
    square = (past**2).sum(axis=1)
    turned, doubled = np.ascontiguousarray(past.T), -2.0 * asked
    everyone = past.shape[0] - rows + 1
    step = max(rows, PRODUCT // (rows * length))
    for first in range(0, everyone, step):
        last = min(first + step, everyone)
        gaps = doubled @ turned[:, first:last]
        gaps += square[first:last]
        np.minimum(least, gaps.min(axis=1), out=least)
    rest = doubled @ turned[:, everyone:] + square[everyone:]
    rest[np.arange(rows - 1)[None, :] >= np.arange(rows)[:, None]] = np.inf
    np.minimum(least, rest.min(axis=1, initial=np.inf), out=least)
    return least


def _center(past: Floats) -> tuple[float, float]:
    """A center and a unit that keep the squares of ordinary values near 1."""
    with np.errstate(over="ignore"):
        center = float(np.median(past))
        unit = float(np.minimum(np.abs(past - center), 1e300).mean())
    return center, unit if unit > 0 else 1.0


def nearest_same_time(
    values: Floats, seconds: Floats, rows: tuple[int, int], rows_a_day: int, lengths: tuple[int, ...]
) -> Floats:
    """As `nearest`, compared only with windows that ended at the same time of day on the 14 days before.

    `seconds` since some midnight, not descending, shape (n,). `rows`: first and end. Shape (lengths, end - start); NaN
    until two days were seen. Up to three rows before and after count as the same time, fewer where rows are long.
    """
    start, end = rows[0], min(rows[1], values.size)
    out = np.full((len(lengths), rows[1] - rows[0]), np.nan)
    longest, at = max(lengths), np.arange(start, end)
    if not at.size or start < longest or seconds[end - 1] - seconds[0] < 2 * SECONDS_A_DAY:
        return out
    ends, usable = _same_times(seconds, at, rows_a_day, longest)
    total = np.zeros(ends.shape)
    old = seconds[at] - seconds[0] >= 2 * SECONDS_A_DAY
    for ago in range(longest):
        with np.errstate(over="ignore"):
            total += np.minimum((values[at - ago][:, None] - values[ends - ago]) ** 2, 1e300)
        if ago + 1 in lengths:
            least = np.where(usable, total, np.inf).min(axis=1)
            out[lengths.index(ago + 1), : at.size] = np.where(np.isfinite(least) & old, np.sqrt(least), np.nan)
    return out


def _same_times(seconds: Floats, at: Ints, rows_a_day: int, longest: int) -> tuple[Ints, Flags]:
    """Rows at the time of day of each of the rows `at` on the days before, and which of them can be compared."""
    back = seconds[at][:, None] - SECONDS_A_DAY * np.arange(1, DAYS_BACK + 1)[None, :]
    found = np.searchsorted(seconds[: at[-1] + 1], back + SECONDS_A_DAY / rows_a_day / 2) - 1
    aside = min(ROWS_ASIDE, rows_a_day // 48)
    ends = (found[:, :, None] + np.arange(-aside, aside + 1)).reshape(at.size, -1)
    reached = np.repeat(back >= seconds[0], 2 * aside + 1, axis=1)
    usable = reached & (ends >= longest - 1) & (ends <= at[:, None] - longest)
    return np.where(usable, ends, longest - 1), usable
