"""The shape that repeats every week, learned so that a change of level does not bend it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]
Times = npt.NDArray[np.datetime64]

WEEK = np.timedelta64(7 * 24, "h")  # in hours, since half of seven days is no whole number of days
HALF_DAY = np.timedelta64(12, "h")
FEWEST_WEEKS = 5


def week_shape(values: Values, times: Times) -> Values:
    """How far each point's weekday (and hour, below half a day) lies from the week around it, shape (n,).

    `values` (n,) are finite, `times` (n,) ascending. Each point is compared with the mean of the seven days around it,
    so a level that moves does not count, and the median of a weekday's differences is its shape. All 0 for series
    shorter than 5 weeks or with less than one point a day.
    """
    flat = np.zeros(values.size)
    if values.size < 2 or times[-1] - times[0] < FEWEST_WEEKS * WEEK:
        return flat
    step = np.median(np.diff(times))
    if step >= 2 * (2 * HALF_DAY):
        return flat
    half = WEEK / 2
    first, last = np.searchsorted(times, times - half, "right"), np.searchsorted(times, times + half, "right")
    sums = np.concatenate(([0.0], np.cumsum(values - values.mean())))
    around = (sums[last] - sums[first]) / (last - first) + values.mean()
    inside = (times - half >= times[0]) & (times + half <= times[-1])
    cells = _cells(times, bool(step < HALF_DAY))
    for cell in np.unique(cells):
        here = cells == cell
        if np.sum(here & inside) >= FEWEST_WEEKS - 1:
            flat[here] = np.median((values - around)[here & inside])
    return np.asarray(flat - flat.mean(), dtype=np.float64)


def _cells(times: Times, with_hours: bool) -> npt.NDArray[np.int64]:
    days = times.astype("datetime64[D]")
    weekdays = days.astype(np.int64) % 7
    hours = (times - days) // np.timedelta64(1, "h")
    return np.asarray(weekdays * 24 + hours if with_hours else weekdays, dtype=np.int64)


def is_ascending(values: Values, times: Times) -> None:
    """Raises ValueError unless there is a time for each value and the times ascend."""
    if values.ndim != 1 or values.shape != times.shape:
        raise ValueError(f"Found {values.size} values and {times.size} times; expected one time for each value.")
    late = np.flatnonzero(np.diff(times) <= np.timedelta64(0, "us"))
    if late.size or bool(np.isnat(times).any()):
        place = int(late[0]) + 2 if late.size else int(np.flatnonzero(np.isnat(times))[0]) + 1
        raise ValueError(f"Time {place} is missing or not after the one before it; sort by time and drop duplicates.")
