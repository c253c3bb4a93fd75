"""Alarms and hits of rules become signals: one event is one signal that grows, until its points are in control again.

Alarms of the detector in one direction are one event whatever chart of it saw them first; each chart rule has its own.
An event ends after 3 points without another alarm, one of a shift or drift after 7 whose mean is also back within one
sigma: a level that stays where it went is no end.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from analysis.spc.detector import CAUSES, MOST_EVIDENCE, REFERENCE
from analysis.spc.judging_rules import Hit
from analysis.spc.judging_subject import CLEAR
from analysis.spc.robust import Flags, Floats
from config.quality import Watch

AFTER_SPIKE = 3
AFTER_SHIFT = 7
BACK = 1.0  # sigma: how near the mean of the last points must be
DRIFT_REFERENCE = 0.25
FURTHEST_BACK = 90  # points that the start of a shift is looked for in


@dataclass(slots=True)
class Event:
    """A signal in the making: `alarms` and `members` are places of its points, `strongest` that of its best evidence.

    `start` is where the shift began, for a spike the spike; `is_up` its direction.
    """

    rule: str
    is_up: bool
    start: int
    alarms: list[int] = field(default_factory=list)
    members: set[int] = field(default_factory=set)
    score: float = 0.0
    strongest: int = 0
    lasts: bool = False
    is_open: bool = True
    hit: Hit | None = None

    @property
    def last(self) -> int:
        """The place of its newest alarm."""
        return self.alarms[-1]

    def grow(self, at: int, members: Iterable[int], score: float, lasts: bool) -> None:
        """Takes in another alarm."""
        self.alarms.append(at)
        self.members.update(members)
        self.lasts = self.lasts or lasts
        if score > self.score:
            self.score, self.strongest = score, at


@dataclass(frozen=True, slots=True)
class Course:
    """What was found at k points in a row that one version judges, shape (k,) each; `center` in the metric's unit."""

    values: Floats
    score: Floats
    cause: Floats
    innovation: Floats
    center: Floats
    sigma: Floats
    judged: Flags


@dataclass(frozen=True, slots=True)
class Signalled:
    """The events of a course; `signals` are the points that are one, `odd` those no baseline may have, (k,) each.

    `rules` names the rules that ended at a point.
    """

    events: list[Event]
    signals: Flags
    odd: Flags
    rules: dict[int, list[str]]


def find_events(course: Course, watch: Watch, hits: list[Hit]) -> Signalled:
    """The events in time order of their first alarm."""
    alarms = course.judged & (course.cause > 0)
    signals = np.zeros_like(alarms)
    rules: dict[int, list[str]] = {}
    running: dict[tuple[str, bool], Event] = {}
    events: list[Event] = []
    previous = -1
    for at in np.flatnonzero(alarms).tolist():
        kind, way = CAUSES[int(course.cause[at])].split(" ")
        is_up = way == "up"
        start = at if kind == "spike" else _start(course.innovation, at, previous + 1, kind, is_up)
        previous = at
        if not _matters(course, watch, [at] if kind == "spike" else list(range(start, at + 1)), is_up):
            continue
        signals[at] = True
        event = _running(running, events, course, ("", is_up), at, Event(kind, is_up, start))
        event.grow(
            at, range(max(start, event.start), at + 1) if kind != "spike" else [at], course.score[at], kind != "spike"
        )
    for hit in hits:
        is_up = _mean(course, hit.members) >= 0
        if not _matters(course, watch, list(hit.members), is_up):
            continue
        signals[hit.at] = True
        rules.setdefault(hit.at, []).append(hit.rule)
        fresh = Event(hit.rule, is_up, hit.members[0], hit=hit)
        event = _running(running, events, course, (hit.rule, True), hit.at, fresh)
        event.grow(hit.at, hit.members, max(1.0, float(np.nan_to_num(course.score[hit.at]))), False)
        event.hit = hit
    for event in running.values():
        event.is_open = not _is_over(course, event, course.values.size)
    odd = np.zeros_like(signals)
    for event in events:
        here = slice(event.start, event.last + 1)
        if event.score >= CLEAR or int(signals[here].sum()) > 1:  # as Subject.told_odd has it
            odd[here] |= course.judged[here]
    events.sort(key=lambda event: (event.alarms[0], event.rule))
    return Signalled(events, signals, odd, rules)


def _running(
    running: dict[tuple[str, bool], Event],
    events: list[Event],
    course: Course,
    key: tuple[str, bool],
    at: int,
    fresh: Event,
) -> Event:
    """The event of `key` that goes on at `at`, or `fresh` as a new one."""
    event = running.get(key)
    if event is None or _is_over(course, event, at):
        if event is not None:
            event.is_open = False
            fresh.start = max(fresh.start, event.last + 1)
        running[key] = fresh
        events.append(fresh)
        return fresh
    return event


def _is_over(course: Course, event: Event, until: int) -> bool:
    """Whether the event ended before the place `until`."""
    since = course.innovation[event.last + 1 : until][course.judged[event.last + 1 : until]]
    if not event.lasts:
        return bool(since.size >= AFTER_SPIKE)
    if since.size < AFTER_SHIFT:
        return False
    means = np.convolve(since, np.ones(AFTER_SHIFT) / AFTER_SHIFT, mode="valid")
    return bool(((means if event.is_up else -means) < BACK).any())


def _start(innovation: Floats, at: int, earliest: int, kind: str, is_up: bool) -> int:
    """The place from which on the evidence for a shift or drift that ends at `at` adds up."""
    first = max(earliest, at - FURTHEST_BACK)
    part = innovation[first : at + 1] if is_up else -innovation[first : at + 1]
    gains = np.nan_to_num(
        np.clip(part, -MOST_EVIDENCE, MOST_EVIDENCE) - (REFERENCE if kind == "shift" else DRIFT_REFERENCE)
    )
    sums = np.cumsum(gains[::-1])[::-1]
    return first + int(np.argmax(sums))


def _matters(course: Course, watch: Watch, members: list[int], is_up: bool) -> bool:
    """Whether the move is in a direction and of a size that is news."""
    if watch.direction != "both" and is_up != (watch.direction == "up"):
        return False
    return abs(_mean(course, members)) >= watch.least_change


def _mean(course: Course, members: Iterable[int]) -> float:
    places = [member for member in members if member >= 0]
    away = (course.values - course.center)[places]
    return float(np.nanmean(away)) if np.isfinite(away).any() else 0.0
