"""The judge: every point gets a verdict by limits that were learned before it, and what is odd becomes signals.

Pure and repeatable: limits are learned at places that only the points decide (judging_schedule), each version judges
from where it was learned to where the next one was, and a version's whole span is scored anew whenever something in it
changed. So passes of any length, a restart between them, or one pass over everything come to the same verdicts.

A new version is made of: first limits, a stage that was accepted, marks within the baseline, other settings, and time
in control. Points that signalled, points between the first and last of a signal, points set aside or corrected, and
the point to be judged are in no baseline.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from analysis.spc.judging_course import Course
from analysis.spc.judging_events import Event
from analysis.spc.judging_groups import learn, score
from analysis.spc.judging_span import Judged
from analysis.spc.judging_subject import LEARNING, LEFT_OUT, NOT_TOLD, Ints, Subject
from store.rows import ControlLimits


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a pass made of one subject: new limits, the spans that were judged, and its points before any limits."""

    subject: Subject
    limits: tuple[ControlLimits, ...]
    spans: tuple[Judged, ...]

    def states(self) -> Ints:
        """The state of each point as a place in STATES, (n,); -1 where this pass says nothing new about it."""
        subject = self.subject
        out = np.full(subject.times.size, NOT_TOLD, dtype=np.int64)
        is_new = (subject.told_state == NOT_TOLD) | (subject.told_value != subject.values)
        is_new |= (subject.told_state == LEFT_OUT) != subject.set_aside
        out[is_new] = np.where(subject.set_aside[is_new], LEFT_OUT, LEARNING)
        for span in self.spans:
            out[span.first : span.end] = span.states
        return out

    def open_events(self) -> list[tuple[Judged, Event]]:
        """The signals that are open at its newest point."""
        return [(span, event) for span in self.spans for event in span.found.events if event.is_open]


def judge(subjects: Sequence[Subject], now: datetime) -> tuple[list[Outcome], list[str]]:
    """The outcomes of all `subjects` but those whose limits are to be learned and that came without history.

    The ids of these come second, to be given again with it. New limits are made at `now`, later versions of the same
    metric microseconds after.
    """
    going = [Course(subject, now) for subject in subjects]
    by_id = {course.subject.metric_id: course for course in going}
    for course in going:
        course.begin()
    while any(course.learning or course.scoring for course in going):
        for job, kept in learn([job for course in going for job in course.learning], now):
            by_id[job.subject.metric_id].learned(job, kept)
        jobs = [job for course in going for job in course.scoring]
        for course in going:
            course.learning, course.scoring = [], []
        for scoring, found in score(jobs):
            by_id[scoring.subject.metric_id].scored(scoring, found)
    done = [course for course in going if not course.wants_history]
    outcomes = [Outcome(one.subject, tuple(one.made), tuple(one.spans)) for one in done]
    return outcomes, [one.subject.metric_id for one in going if one.wants_history]
