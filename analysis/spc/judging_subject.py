"""What the judge knows of one data point, and the limits it keeps: points, marks, stage, settings, versions."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from analysis.spc.robust import Flags, Floats
from config.quality import Watch
from config.refreshes import Calendar
from store.rows import ControlLimits, Signal

Times = npt.NDArray[np.datetime64]
Ints = npt.NDArray[np.int64]
Span = tuple[np.datetime64, np.datetime64]

OF_SHARES = {"p", "u", "laney_p", "laney_u"}
NOT_TOLD = -1
STATES = ("in_control", "signal", "learning", "left_out")
IN_CONTROL, SIGNAL, LEARNING, LEFT_OUT = range(4)
CLEAR = 1.5  # evidence, as a share of its limit, from which on chance hardly explains a signal of one point
TICK = np.timedelta64(1, "us")
MOST_RATE_CHANGE = 1.5  # the share of the budget may move so far before limits are made for another
NOT_LIMITS = {"weight", "lowest", "highest", "target", "action_plan"}  # of a watch: nothing is judged by them


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage a person accepted: limits come from its points only."""

    starts_at: np.datetime64
    reason: str = ""
    actor: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """A version of limits with what its JSON holds: the calibration, and under `judge` what the judge goes on from.

    `judge` has: `since` (the first time of the baseline), `from` (the first time it judges), `at` (points of the stage
    before that), `stage`, `stage_version` (the first version of the stage), `watch`, `marks` and `answers` (digests),
    `step` (seconds), `daytypes` (which were seen) and `state` (the detector's).
    """

    row: ControlLimits
    plain: dict[str, Any]

    @classmethod
    def of(cls, row: ControlLimits) -> Kept:
        """The kept limits of a stored row; raises ValueError (of JSON) for a row that was not written by the judge."""
        plain = orjson.loads(row.calibration)
        if not isinstance(plain, dict) or "judge" not in plain:
            raise ValueError(f"Version {row.version} of {row.metric_id} has no notes of the judge; it is learned anew.")
        return cls(row, plain)

    @property
    def judge(self) -> dict[str, Any]:
        """The judge's notes."""
        notes: dict[str, Any] = self.plain["judge"]
        return notes

    @property
    def begins_at(self) -> np.datetime64:
        """The first time it judges."""
        return np.datetime64(self.judge["from"], "us")


@dataclass(frozen=True, slots=True)
class Told:
    """A signal that was told before: its first and last point, its version and score, and whether it was answered."""

    first_at: np.datetime64
    last_at: np.datetime64
    version: int
    score: float
    is_answered: bool = False

    @classmethod
    def of(cls, signal: Signal, is_answered: bool = False) -> Told:
        """What is told of a stored signal."""
        span = np.datetime64(signal.first_at, "us"), np.datetime64(signal.last_at, "us")
        return cls(*span, signal.version, signal.score, is_answered)


@dataclass(frozen=True, slots=True)
class Subject:
    """One data point to be judged: n points in time order, finite values, shape (n,) each.

    `set_aside` points are left out or planned, `corrected` ones have a person's value; neither is in a baseline.
    `told_state` is a place in STATES or -1, `told_value` and `told_version` what was judged before. Without
    `has_history` the points begin where the newest of `versions` begins to judge. `marks` are the spans in force of
    what is in no baseline, `spans` the signals so far that were not withdrawn.
    """

    metric_id: str
    title: str
    unit: str
    watch: Watch
    rate: float
    times: Times
    values: Floats
    sizes: Floats
    set_aside: Flags
    corrected: Flags
    told_state: Ints
    told_value: Floats
    told_version: Ints
    has_history: bool = True
    versions: tuple[Kept, ...] = ()
    stage: Stage | None = None
    marks: tuple[Span, ...] = ()
    spans: tuple[Told, ...] = ()
    known_stages: frozenset[str] = frozenset()
    calendar: Calendar | None = None
    watch_key: str = field(default="")

    @property
    def stage_key(self) -> str:
        """The start of the stage as text, empty for the first one."""
        return "" if self.stage is None else str(self.stage.starts_at)

    @property
    def scale(self) -> Floats:
        """What values are divided by before they are judged, (n,): the sample sizes on charts of shares, else 1."""
        if self.watch.chart not in OF_SHARES:
            return np.ones_like(self.values)
        return np.where(self.sizes > 0, self.sizes, np.nan)

    @property
    def known(self) -> int:
        """How many points stand up to the last one that was ever judged."""
        told = np.flatnonzero(self.told_state != NOT_TOLD)
        return int(told[-1]) + 1 if told.size else 0

    def told_odd(self, stage_version: int) -> Flags:
        """The points that no baseline may have because of signals by limits of the present stage, (n,).

        These are the points of signals that are clear (see CLEAR), and of those that people answered.
        """
        out = np.zeros(self.times.size, dtype=bool)
        for span in self.spans:
            if span.version >= stage_version and (span.is_answered or self._is_clear(span)):
                out |= self._points_of(span)
        return out

    def answered(self, stage_version: int) -> list[Span]:
        """The spans of signals that are out of baselines only because people answered them; needs the history."""
        found = [one for one in self.spans if one.version >= stage_version and one.is_answered]
        return [(one.first_at, one.last_at) for one in found if not self._is_clear(one)]

    def _is_clear(self, span: Told) -> bool:
        return span.score >= CLEAR or int((self.told_state[self._points_of(span)] == SIGNAL).sum()) > 1

    def _points_of(self, span: Told) -> Flags:
        here: Flags = (self.times >= span.first_at) & (self.times <= span.last_at) & (self.told_version == span.version)
        return here

    def stage_index(self) -> int:
        """The place of the first point of the stage."""
        return 0 if self.stage is None else int(np.searchsorted(self.times, self.stage.starts_at))


def is_other_rate(rate: float, before: float) -> bool:
    """Whether a rate is so far from the one that limits were made for that they are made anew."""
    return not 1 / MOST_RATE_CHANGE < rate / before < MOST_RATE_CHANGE


def watch_key(watch: Watch) -> str:
    """A digest of the settings that change what is a signal."""
    return digest(watch.model_dump_json(exclude=NOT_LIMITS))


def marks_key(marks: Sequence[Span], first: np.datetime64, last: np.datetime64) -> str:
    """A digest of the marks that touch the points from `first` to `last`; empty without any."""
    found = sorted(f"{start}/{end}" for start, end in marks if start <= last and end >= first)
    return digest(*found) if found else ""


def digest(*parts: str) -> str:
    """24 digits that stand for `parts`."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]
