"""The span of points that one version of limits judges: verdicts, and the signals in it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from analysis.spc.judging_events import Course, Signalled, find_events
from analysis.spc.judging_groups import Found, Scoring
from analysis.spc.judging_rules import Hit, chart_hits, innovation_hits
from analysis.spc.judging_subject import IN_CONTROL, LEARNING, LEFT_OUT, SIGNAL, Ints, Kept, Subject
from analysis.spc.robust import Flags, Floats
from analysis.spc.rules import rules_named

NO_NEWS = 0.99  # the most that a move which the settings call no news counts as


@dataclass(frozen=True, slots=True)
class Judged:
    """The points of `subject` from place `first` to before `end`, judged by `kept`, shape (k,) each.

    `states` are places in STATES, `score` the evidence as a share of its limit. `problem` says why chart rules could
    not be asked.
    """

    subject: Subject
    kept: Kept
    first: int
    end: int
    course: Course
    lower: Floats
    upper: Floats
    found: Signalled
    states: Ints
    score: Floats
    problem: str = ""


def judged_span(scoring: Scoring, found: Found, flagged: Flags, is_ended: bool) -> Judged:
    """The verdicts of a scored span. `flagged` (n,) are points of the subject that no baseline has.

    In a span that `is_ended`, because a later version took over, no signal is open.
    """
    subject, places = scoring.subject, slice(scoring.first, scoring.end)
    course = Course(
        subject.values[places], found.score, found.cause, found.innovation, found.center, found.sigma, found.judged
    )
    problem = ""
    hits: list[Hit] = []
    try:
        hits = _hits(scoring, course, flagged)
    except ValueError as error:
        problem = f"The chart rules of {subject.metric_id} cannot be asked: {error}"
    events = find_events(course, subject.watch, hits)
    for event in events.events if is_ended else ():
        event.is_open = False
    states = np.where(found.judged, IN_CONTROL, LEARNING)
    states[subject.set_aside[places]] = LEFT_OUT
    states[events.signals] = SIGNAL
    score = np.where(found.judged, found.score, np.nan)
    score = np.where((states == IN_CONTROL) & (score >= 1), NO_NEWS, score)
    score = np.where((states == SIGNAL) & (score < 1), 1.0, score)
    return Judged(
        subject,
        scoring.kept,
        scoring.first,
        scoring.end,
        course,
        found.lower,
        found.upper,
        events,
        states,
        score,
        problem,
    )


def _hits(scoring: Scoring, course: Course, flagged: Flags) -> list[Hit]:
    watch = scoring.subject.watch
    if not watch.rules:
        return []
    rules = rules_named(watch.rules)
    if watch.chart == "individuals":
        return innovation_hits(rules, np.where(course.judged, course.innovation, np.nan))
    subject, row = scoring.subject, scoring.kept.row
    spans = (subject.times >= np.datetime64(row.from_at)) & (subject.times <= np.datetime64(row.to_at))
    before = np.flatnonzero(spans & ~flagged & ~subject.set_aside & ~subject.corrected)
    here = np.flatnonzero(course.judged)
    order = np.concatenate([before, here + scoring.first])
    found, _ = chart_hits(watch.chart, rules, subject.values[order], subject.sizes[order], before.size)
    places = np.concatenate([np.full(before.size, -1), here])
    return [
        replace(
            hit,
            at=int(places[hit.at]),
            members=tuple([int(places[one]) for one in hit.members if places[one] >= 0]),
        )
        for hit in found
    ]
