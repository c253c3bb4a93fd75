"""What kind of number a metric is, told from its own values: each kind has its own scale and its own noise."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
import numpy.typing as npt

from analysis.spc.robust import Flags, Floats

COUNTER_RISES = 0.97  # share of steps up or level that makes a counter
MANY_ZEROS = 0.3
LARGE_COUNT = 200.0  # counts with a larger median behave as a continuous number
Kinds = npt.NDArray[np.str_]


class MetricKind(StrEnum):
    """The kinds by name."""

    EMPTY = "empty"  # too few values to say anything
    CONSTANT = "constant"  # never changed: any change is a signal
    COUNTER = "counter"  # only rises, but for resets: its steps are watched
    COUNTS = "counts"  # whole numbers from 0, Poisson or wider
    INTERMITTENT = "intermittent"  # an amount that is often exactly 0
    RATIO = "ratio"  # between 0 and 1
    POSITIVE = "positive"  # above 0: may be skewed, its noise may grow with its level
    NORMAL = "normal"  # everything else


def kinds_of(values: Floats, usable: Flags, fewest: int = 8) -> Kinds:
    """The kind of each row of `values`, shape (m, n), told from its `usable` points, shape (m, n). Shape (m,)."""
    kept = usable & np.isfinite(values)
    count = kept.sum(axis=1)
    low = np.where(kept, values, np.inf).min(axis=1)
    high = np.where(kept, values, -np.inf).max(axis=1)
    whole = (np.where(kept, values == np.round(values), True)).all(axis=1)
    zeros = (kept & (values == 0)).sum(axis=1) / np.maximum(count, 1)
    middle = np.where(kept, values, 0.0).sum(axis=1) / np.maximum(count, 1)
    out = np.full(values.shape[0], MetricKind.NORMAL.value, dtype="<U12")
    out[low > 0] = MetricKind.POSITIVE
    out[(low >= 0) & (high <= 1) & ~whole & (high > low)] = MetricKind.RATIO
    out[(low >= 0) & (zeros >= MANY_ZEROS) & ~whole] = MetricKind.INTERMITTENT
    out[(low >= 0) & whole & (middle < LARGE_COUNT)] = MetricKind.COUNTS
    out[_counters(values, kept) & (count > 2)] = MetricKind.COUNTER
    out[high == low] = MetricKind.CONSTANT
    out[count < fewest] = MetricKind.EMPTY
    return out


def _counters(values: Floats, kept: Flags) -> Flags:
    """Rows that nearly always rise and, where they fall, fall far: to less than half of where they were."""
    steps = np.diff(values, axis=1)
    both = kept[:, 1:] & kept[:, :-1]
    pairs = np.maximum(both.sum(axis=1), 1)
    with np.errstate(invalid="ignore"):
        rises = (both & (steps > 0)).sum(axis=1)
        falls = (both & (steps < 0)).sum(axis=1)
        odd = (both & (steps < 0) & (values[:, 1:] > values[:, :-1] / 2)).sum(axis=1)
    out: Flags = ((pairs - falls) / pairs >= COUNTER_RISES) & (rises / pairs >= 0.5) & (odd == 0) & (pairs >= 7)
    return out


def counter_steps(values: Floats, before: Floats | None = None) -> Floats:
    """How much each counter rose since its last known value, shape (m, n); after a reset, what it has reached since.

    `before` is the last value before the first column, shape (m,); without it the first step is NaN.
    A rise across a gap is spread evenly over the points it took.
    """
    last = np.full(values.shape[0], np.nan) if before is None else before.copy()
    since = np.ones(values.shape[0])
    out = np.full_like(values, np.nan)
    for t in range(values.shape[1]):
        now = values[:, t]
        here = np.isfinite(now)
        out[:, t] = np.where(now >= last, now - last, np.where(np.isfinite(last), now, np.nan)) / since
        since = np.where(here, 1.0, since + 1)
        last = np.where(here, now, last)
    return out
