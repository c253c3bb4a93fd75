"""A signal that lasts is perhaps a new stage: the test of a lasting change proposes it once, a person decides."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from analysis.spc.change_points import LEAST, propose_stage
from analysis.spc.judging import Outcome
from analysis.spc.judging_events import Event
from analysis.spc.judging_span import Judged
from analysis.spc.judging_subject import Subject, digest
from store.rows import ProposalState, StageEvent

MOST_POINTS = 400  # of the past that the test looks at


def is_lasting(outcome: Outcome) -> bool:
    """Whether a signal of the detector is open at the newest points for so long that it may be a new stage."""
    return any(_lasts(span, event) for span, event in outcome.open_events())


def _lasts(span: Judged, event: Event) -> bool:
    return event.hit is None and int(span.course.judged[event.start :].sum()) >= LEAST


def proposal(subject: Subject, now: datetime, near: tuple[datetime, ...] = ()) -> StageEvent | None:
    """The stage that the points of `subject`, with its history, show, or None.

    `near` are the starts of stages that were proposed or decided about: one within 14 points of these is not new.
    """
    first = max(subject.stage_index(), subject.times.size - MOST_POINTS)
    times = subject.times[first:]
    values = np.where(subject.set_aside, np.nan, subject.values / subject.scale)[first:]
    found = propose_stage(values, times)
    if found is None:
        return None
    places = np.searchsorted(times, np.array(near, dtype="datetime64[us]"))
    if (np.abs(places - found.index) < LEAST).any():
        return None
    return StageEvent(
        digest("stage", subject.metric_id, found.at.isoformat()),
        subject.metric_id,
        found.at,
        now,
        ProposalState.PROPOSED,
        "a lasting change of level was found",
        evidence=found.sentence(subject.unit),
    )
