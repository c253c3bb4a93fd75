"""When limits are learned and from which points: a matter of the points alone, so that a replay learns the same.

First limits need 14 usable points over two days. They are learned anew when a stage has twice the points of the last
time, and later every 90 days; where a signal is open then, the next such time is waited for. A baseline is what was
usable in the last 26 weeks (84 points at least, 20,160 at most).
"""

from __future__ import annotations

import numpy as np

from analysis.spc.judging_subject import Subject, Times
from analysis.spc.robust import Flags

FEWEST = 14
FIRST_SPAN = np.timedelta64(47, "h")
RELEARN = np.timedelta64(90, "D")
WINDOW = np.timedelta64(182, "D")
WINDOW_POINTS = 84
MOST_POINTS = 20_160


def first_position(times: Times, usable: Flags, stage: int) -> int | None:
    """How many of the points must have come for first limits of the stage that begins at place `stage`; None: more."""
    counts = np.cumsum(usable[stage:])
    enough = (counts >= FEWEST) & (times[stage:] - times[stage : stage + 1] >= FIRST_SPAN)
    found = np.flatnonzero(enough)
    return stage + int(found[0]) + 1 if found.size else None


def next_check(times: Times, begins: int, at: int, last_at: np.datetime64) -> int:
    """The place in `times` before which limits are learned anew: `at` points of the stage stand before `begins`.

    `last_at` is the time of the last of these. Beyond the end of `times` when it is still to come.
    """
    later = int(np.searchsorted(times, last_at + RELEARN)) + 1
    return begins + max(FEWEST, min(at, later - begins))


def window_start(times: Times, end: int, stage: int) -> int:
    """The place of the first point of a baseline that ends before `end`."""
    first = min(int(np.searchsorted(times, times[end - 1] - WINDOW, side="right")), max(end - WINDOW_POINTS, 0))
    return max(first, end - MOST_POINTS, stage)


def usable_points(subject: Subject, flagged: Flags) -> Flags:
    """The points that may be in a baseline: not flagged, not marked, of the present stage."""
    out: Flags = ~flagged & ~subject.set_aside & ~subject.corrected
    out[: subject.stage_index()] = False
    return out
