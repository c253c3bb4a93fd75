"""The plain evidence of a stream: early rows against the few before, values that stand still, and counters."""

from __future__ import annotations

import numpy as np

from analysis.spc.robust import MAD_TO_SIGMA, Flags, Floats

EARLY_LEAST, EARLY_STILL = 10, 20
EARLY_SIGMAS = 6.0
STILL_LEAST, STILL_RATIO, STILL_PAST = 12, 3, 100
EARLY_ROWS = 40
COUNTER_RISES = 0.9
COUNTER_RESET, COUNTER_RESETS = 0.1, 1


def early_levels(values: Floats) -> Floats:
    """Evidence at the first 40 rows, shape (at most 40,): 1 where value and step are 6 sigma from all before, 2 at 12.

    Sigma is the median absolute deviation of the past, or the mean one where that is 0; a step away
    from a value that never changed counts from row 20. A reset of what only rose is none.
    """
    out = np.zeros(min(EARLY_ROWS, values.size))
    resets = _resets(values[: out.size])
    for row in range(EARLY_LEAST, out.size):
        past = values[:row]
        if resets[row] and _only_rises(past):
            continue
        step = abs(float(values[row] - values[row - 1]))
        level = _sigmas(past, float(values[row]))
        moved = _sigmas(np.abs(np.diff(past)), step, center=0.0)
        if row >= EARLY_STILL or np.isfinite(level):
            out[row] = np.clip(min(level, moved) / EARLY_SIGMAS, 0.0, 2.0)
    return np.where(out >= 1, out, 0.0)


def _sigmas(past: Floats, value: float, center: float | None = None) -> float:
    middle = float(np.median(past)) if center is None else center
    away = np.abs(past - middle)
    sigma = max(MAD_TO_SIGMA * float(np.median(away)), float(away.mean()))
    away_now = abs(value - middle)
    return away_now / sigma if sigma > 0 else np.inf if away_now > 0 else 0.0


def still_rows(values: Floats) -> Floats:
    """1.5 at the row where a value has stood still three times longer than ever before, else 0. Shape (n,)."""
    out = np.zeros(values.size)
    changed = np.flatnonzero(np.diff(values, prepend=np.nan) != 0)
    lengths = np.diff(np.append(changed, values.size))
    longest = 1
    for start, length in zip(changed, lengths, strict=True):
        needed = max(STILL_RATIO * longest, STILL_LEAST)
        if start >= STILL_PAST and length >= needed:
            out[start + needed - 1] = 1.5
        longest = max(longest, int(length))
    return out


def is_counter(values: Floats) -> bool:
    """Whether the first 40 rows only rise, as a counter does, from 0 or more; one reset may be among them."""
    return values.size >= EARLY_ROWS and _only_rises(values[:EARLY_ROWS])


def counted(values: Floats) -> Floats:
    """What a counter gained with every row, shape (n,); after a reset to less than a tenth, what it holds."""
    return np.where(_resets(values), values, np.diff(values, prepend=values[0]))


def _only_rises(values: Floats) -> bool:
    steps, resets = np.diff(values), _resets(values)[1:]
    rises = (steps >= 0) | (resets & (resets.sum() <= COUNTER_RESETS))
    return bool(values[0] >= 0 and rises.all() and (steps > 0).mean() >= COUNTER_RISES)


def _resets(values: Floats) -> Flags:
    """Where a value is down to a tenth of the one before or less, shape (n,)."""
    before = np.concatenate([values[:1], values[:-1]])
    return (values < before) & (values <= COUNTER_RESET * before)
