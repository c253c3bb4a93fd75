"""One data point on its way through a pass of the judge: which limits are learned, and which points they judge."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import numpy as np

from analysis.spc.judging_groups import Found, Learning, Scoring
from analysis.spc.judging_schedule import FEWEST, first_position, next_check, usable_points, window_start
from analysis.spc.judging_span import Judged, judged_span
from analysis.spc.judging_subject import LEFT_OUT, NOT_TOLD, Kept, Subject, is_other_rate, marks_key
from analysis.spc.robust import Flags
from store.rows import ControlLimits

FIRST, LEFT, SETTINGS, ANSWERED = "first limits", "points left out", "settings changed", "a signal was answered"


@dataclass(slots=True)
class Course:
    """One subject on its way through a pass: what is to be learned and scored next."""

    subject: Subject
    now: datetime
    kept: Kept | None = None
    start: int = 0  # the place of the first point that `kept` judges, and how many of its stage stand before
    before: int = 0
    check: int = 0  # the place before which limits are learned anew
    learning: list[Learning] = field(default_factory=list)
    scoring: list[Scoring] = field(default_factory=list)
    made: list[ControlLimits] = field(default_factory=list)
    spans: list[Judged] = field(default_factory=list)
    flagged: Flags = field(default_factory=lambda: np.zeros(0, dtype=bool))
    wants_history: bool = False

    @property
    def size(self) -> int:
        """How many points there are."""
        return int(self.subject.times.size)

    def begin(self) -> None:
        """Decides by which limits the points are judged, and whether others are needed first."""
        s = self.subject
        self.flagged = ~np.isfinite(s.values / s.scale)
        if not s.versions:
            self._learn_first(FIRST, version=1)
            return
        kept = s.versions[-1]
        start = int(np.searchsorted(s.times, kept.begins_at))
        reason = self._reason(kept)
        needs_chart = bool(s.watch.rules) and s.watch.chart != "individuals"
        if (reason or needs_chart) and not s.has_history:
            self.wants_history = True
            return
        self._judge_older()
        if reason and self._replace(kept, start, reason):
            return
        self._flag(int(kept.judge["stage_version"]))
        self.kept, self.start, self.before = kept, start, int(kept.judge["at"])
        self.check = next_check(s.times, start, self.before, np.datetime64(kept.row.to_at))
        while self.check < s.known:
            self._next_check()
        self._score_on()

    def learned(self, job: Learning, kept: Kept) -> None:
        """Goes on with new limits."""
        later = timedelta(microseconds=len(self.made))
        kept = replace(kept, row=replace(kept.row, made_at=self.now + later))
        self.made.append(kept.row)
        self.kept, self.start, self.before = kept, job.end, job.at
        self.check = next_check(self.subject.times, job.end, job.at, self.subject.times[job.end - 1])
        self._score_on()

    def scored(self, scoring: Scoring, found: Found) -> None:
        """Takes the scores of a span, and learns limits anew where their time has come and nothing is open."""
        if scoring.kept is not self.kept:
            self.spans.append(judged_span(scoring, found, self.flagged, is_ended=True))
            return
        judged = judged_span(scoring, found, self.flagged, is_ended=False)
        if scoring.end != self.check:
            self.spans.append(judged)
            return
        if not self.subject.has_history:
            self.wants_history = True
            return
        if not any(event.is_open for event in judged.found.events):
            self.flagged[scoring.first : scoring.end] |= judged.found.odd
            if self._learn(
                scoring.kept, self.check, self._reason_of_time(np.datetime64(scoring.kept.row.to_at)), found.state
            ):
                self.spans.append(judged)
                return
        self._next_check()
        if scoring.end < self.size:
            self._score_on()
        else:
            self.spans.append(judged)

    def _score_on(self) -> None:
        end = min(self.check, self.size)
        if self.kept is not None and self.start < end:
            self.scoring.append(Scoring(self.subject, self.kept, self.start, end))

    def _next_check(self) -> None:
        at = self.before + self.check - self.start
        self.check = next_check(self.subject.times, self.check, at, self.subject.times[self.check - 1])

    def _reason(self, kept: Kept) -> str:
        """Why other limits are needed than `kept`; empty where they are not."""
        s = self.subject
        if kept.judge["stage"] != s.stage_key:
            return f"stage accepted: {s.stage.reason}" if s.stage else "stage withdrawn"
        if kept.judge["watch"] != s.watch_key or is_other_rate(s.rate, kept.row.rate):
            return SETTINGS
        first, last = np.datetime64(kept.judge.get("since", kept.row.from_at), "us"), np.datetime64(kept.row.to_at)
        if marks_key(s.marks, first, last) != kept.judge["marks"]:
            return LEFT
        if not s.has_history:  # answers bring the history with them
            return ""
        answers = marks_key(s.answered(int(kept.judge["stage_version"])), first, last)
        return ANSWERED if answers != kept.judge.get("answers", "") else ""

    def _reason_of_time(self, learned_to: np.datetime64) -> str:
        last = self.subject.times[self.check - 1] - learned_to
        hours = round(float(last / np.timedelta64(1, "h")))
        return f"relearned after {hours // 24} days in control" if hours >= 24 else f"relearned after {hours} hours"

    def _replace(self, kept: Kept, start: int, reason: str) -> bool:
        """Limits in the place of `kept` from the next point on; false where the points do not suffice for them."""
        s = self.subject
        own = np.flatnonzero(s.told_version == kept.row.version)
        ended = Scoring(s, kept, start, max(int(own[-1]) + 1 if own.size else start, start))
        if kept.judge["stage"] != s.stage_key:
            self._learn_first(reason, kept.row.version + 1, s.stage.actor if s.stage else "")
        else:
            self._flag(int(kept.judge["stage_version"]))
            if not self._learn(kept, max(s.known, start), reason):
                return False
        if ended.first < ended.end:
            self.scoring.append(ended)
        return True

    def _learn_first(self, reason: str, version: int, actor: str = "") -> None:
        s = self.subject
        stage = s.stage_index()
        end = first_position(s.times, usable_points(s, self.flagged), stage)
        if end is not None:
            end = max(end, s.known)
            self._add(window_start(s.times, end, stage), end, end - stage, version, version, reason, actor)

    def _learn(self, kept: Kept, end: int, reason: str, state: dict[str, list[float]] | None = None) -> bool:
        """Adds the learning of the next version from the points before `end`; false where too few are usable."""
        s = self.subject
        stage = s.stage_index()
        if end <= stage:
            return False
        first = window_start(s.times, end, stage)
        if int(usable_points(s, self.flagged)[first:end].sum()) < FEWEST:
            return False
        version, stage_version = kept.row.version + 1, int(kept.judge["stage_version"])
        self._add(first, end, end - stage, version, stage_version, reason, "", state)
        return True

    def _add(
        self,
        first: int,
        end: int,
        at: int,
        version: int,
        stage_version: int,
        reason: str,
        actor: str,
        state: dict[str, list[float]] | None = None,
    ) -> None:
        usable = usable_points(self.subject, self.flagged)
        self.learning.append(
            Learning(self.subject, first, end, usable, at, version, stage_version, reason, actor, state)
        )

    def _flag(self, stage_version: int) -> None:
        """Marks the points that earlier passes found odd by limits of the present stage."""
        s = self.subject
        self.flagged |= s.told_odd(stage_version)

    def _judge_older(self) -> None:
        """Scores the spans of older versions in which a point came or changed."""
        s = self.subject
        is_new = (s.told_state == NOT_TOLD) | (s.told_value != s.values) | ((s.told_state == LEFT_OUT) != s.set_aside)
        starts = [int(np.searchsorted(s.times, kept.begins_at)) for kept in s.versions]
        for kept, first, end in zip(s.versions[:-1], starts[:-1], starts[1:], strict=True):
            own = np.flatnonzero(s.told_version[first:end] == kept.row.version)
            end = first + int(own[-1]) + 1 if own.size else first
            if is_new[first:end].any():
                self.scoring.append(Scoring(s, kept, first, end))
