"""A monitor for any series at any step: one score for each row that depends on no later row, and one threshold.

Evidence is a level in decades of rarity (`streaming_rarity`). The level of a row is the mean over window lengths of
how rare its discord is (`streaming_discords`), or half the weaker of its discords at the same time of day, or what
the plain tests find: a jump from the rows just before, a value that stands still (`streaming_simple`). Level 1.1, a
score of 0.5, is an alarm: two of three windows in the rarest 2 % and far from anything usual. After an alarm its
aftermath is quiet unless it gets worse.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from analysis.spc.robust import Flags, Floats
from analysis.spc.streaming_discords import MEMORY, SECONDS_A_DAY, nearest, nearest_same_time
from analysis.spc.streaming_rarity import LARGE_BLOCK, blocks, decades
from analysis.spc.streaming_simple import EARLY_ROWS, counted, early_levels, is_counter, still_rows

LEAST_RATIOS = {4: 5.0, 12: 2.4, 32: 1.7}  # of the usual distance: more than pure noise ever reaches
SAME_TIME = (4, 12)
JUMP_FROM, JUMP_RATIO, JUMP_SHARE = 4, 8.0, 0.3
THRESHOLD = 0.5
ALARM_LEVEL = 1.1
WORSE = 1.0
ONSET_ROWS = 12
QUIET_SECONDS, QUIET_ROWS = 36_000.0, (32, 120)  # no shorter than the longest window
NEW_ROWS = 100
HUSHED = 0.4  # of the alarm level


@dataclass(frozen=True, slots=True)
class Watched:
    """The score of n rows, 0 to 1, and which are alarms, shape (n,) each; whether it was watched as a counter."""

    scores: Floats
    alarms: Flags
    is_counter: bool


def watch(values: Floats, seconds: Floats | None = None, threshold: float = THRESHOLD) -> Watched:
    """Scores `values`, finite, shape (n,), that came in this order at `seconds` since some midnight, not descending.

    Without `seconds` there is no time of day. Row i depends on rows 0..i alone. Raises ValueError for values that are
    not finite, or times that are not as many or go back.
    """
    _check(values, seconds)
    # values near the largest number there is are infinitely far from others, which is rare as such
    with np.errstate(over="ignore", invalid="ignore"):
        rises = is_counter(values)
        levels = _levels(np.nan_to_num(counted(values)) if rises else values, seconds)
        levels[:EARLY_ROWS] = ALARM_LEVEL * early_levels(values)
    scores = 1 - 0.5 ** (_hushed(levels, seconds) / ALARM_LEVEL)
    return Watched(scores, scores >= threshold, rises)


def _check(values: Floats, seconds: Floats | None) -> None:
    if values.ndim != 1 or not np.isfinite(values).all():
        raise ValueError("Values must be finite numbers, one for each row.")
    if seconds is None:
        return
    if seconds.shape != values.shape:
        raise ValueError(f"Found {seconds.size} times for {values.size} values; expected one for each.")
    if (np.diff(seconds) < 0).any():
        raise ValueError(f"Time goes back at point {int((np.diff(seconds) < 0).argmax()) + 2}.")


def _levels(values: Floats, seconds: Floats | None) -> Floats:
    """The level of each row before alarms hush one another, shape (n,)."""
    levels = np.maximum(np.maximum(_discord_levels(values), _jump_levels(values)), still_rows(values))
    return levels if seconds is None else np.maximum(levels, _same_time_levels(values, seconds))


def _discord_levels(values: Floats) -> Floats:
    """The mean rarity of the discords of all lengths that have one."""
    out = np.zeros(values.size)
    far = {length: np.full(values.size + LARGE_BLOCK, np.nan) for length in LEAST_RATIOS}
    for start, end in blocks(values.size):
        found = []
        for length, ratio in LEAST_RATIOS.items():
            now = nearest(values, start, end, length)
            far[length][start:end] = now
            rare = decades(far[length][_first(start) : start], now, ratio)
            found.append(np.where(np.isfinite(now), rare, np.nan))
        seen = np.isfinite(found)
        level = np.where(seen, found, 0.0).sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
        out[start:end] = level[: values.size - start]
    return out


def _jump_levels(values: Floats) -> Floats:
    """Steps away from the median of the four rows before; an alarm where they come once in 5,000 rows."""
    far = np.full(values.size + LARGE_BLOCK, np.nan)
    if values.size > JUMP_FROM:
        before = np.median(sliding_window_view(values, JUMP_FROM)[:-1], axis=1)
        with np.errstate(over="ignore"):
            far[JUMP_FROM : values.size] = np.minimum(np.abs(values[JUMP_FROM:] - before), 1e300)
    out = np.zeros(values.size)
    for start, end in blocks(values.size):
        rare = decades(far[_first(start) : start], far[start:end], JUMP_RATIO)
        out[start:end] = JUMP_SHARE * rare[: values.size - start]
    return out


def _first(start: int) -> int:
    """The first row whose distances a block at `start` looks at: the very first rows had no past to resemble."""
    return max(min(start // 4, NEW_ROWS), start - MEMORY)


def _same_time_levels(values: Floats, seconds: Floats) -> Floats:
    """Half the weaker rarity of the discords among windows of the same time of day."""
    out = np.zeros(values.size)
    rows_a_day = 0
    far = np.full((len(SAME_TIME), values.size + LARGE_BLOCK), np.nan)
    for start, end in blocks(values.size):
        if start <= 1024:
            rows_a_day = _rows_a_day(seconds[: start + 1])
        if rows_a_day < 8:
            continue
        now = nearest_same_time(values, seconds, (start, end), rows_a_day, SAME_TIME)
        far[:, start:end] = now
        past = far[:, _first(start) : start]
        rare = [decades(past[i], now[i], LEAST_RATIOS[length]) for i, length in enumerate(SAME_TIME)]
        out[start:end] = 0.5 * np.min(rare, axis=0)[: values.size - start]
    return out


def _rows_a_day(past: Floats) -> int:
    """How many rows a day has by the median step; 0 where time does not move."""
    step = float(np.median(np.diff(past))) if past.size > 1 else 0.0
    return round(SECONDS_A_DAY / step) if step > 0 else 0


def _hushed(levels: Floats, seconds: Floats | None) -> Floats:
    """Levels with the aftermath of every alarm below the alarm level, unless it gets a decade worse than its onset."""
    out = levels.copy()
    last, quiet, held = 0, 0, 0.0
    for row in np.flatnonzero(levels >= ALARM_LEVEL).tolist():
        level = float(levels[row])
        is_onset = row - last <= ONSET_ROWS
        if row - last > quiet or (level >= held + WORSE and not is_onset):
            last, quiet, held = row, _quiet_rows(seconds, row), level
        else:
            out[row] = HUSHED * ALARM_LEVEL
            held = max(held, level) if is_onset else held
    return out


def _quiet_rows(seconds: Floats | None, row: int) -> int:
    """How long an alarm at `row` hushes what follows: ten hours, at least 32 rows and at most 120."""
    least, most = QUIET_ROWS
    if seconds is None or row == 0:
        return most // 2
    first = max(0, row - most)
    step = float(seconds[row] - seconds[first]) / (row - first)
    return int(np.clip(QUIET_SECONDS / step, least, most)) if step > 0 else most
