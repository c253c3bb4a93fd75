"""Passes of any lengths, each going on from the rows of the last ones, come to what one pass does."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.spc.judging import Outcome, judge
from analysis.spc.judging_rows import signal_rows
from analysis.spc.judging_subject import NOT_TOLD, STATES, Kept, Subject, Told, watch_key
from config.quality import Watch
from store.rows import ControlLimits, Signal, SignalState

NOW = datetime(2026, 7, 1)
DAYS = 130
OFTEN = 0.02  # so many false alarms a point that weak ones are common


class Book:
    """What is kept of one metric between passes."""

    def __init__(self, values: npt.NDArray[np.float64], watch: Watch) -> None:
        n = values.size
        self.values, self.watch = values, watch
        self.times = np.datetime64("2026-01-05", "us") + np.arange(n) * np.timedelta64(1, "D")
        self.states = np.full(n, NOT_TOLD)
        self.versions = np.zeros(n, dtype=np.int64)
        self.limits: list[ControlLimits] = []
        self.signals: dict[str, Signal] = {}

    def subject(self, until: int, has_history: bool = True) -> Subject:
        """The metric as the store would give it after `until` points."""
        kept = tuple(Kept.of(row) for row in self.limits)
        first = int(np.searchsorted(self.times, kept[-1].begins_at)) if kept and not has_history else 0
        here = slice(first, until)
        told = np.where(self.states[here] != NOT_TOLD, self.values[here], np.nan)
        nothing, n = np.zeros(until - first, dtype=bool), until - first
        live = [one for one in self.signals.values() if one.state is not SignalState.WITHDRAWN]
        return Subject(
            "m", "Orders", "", self.watch, OFTEN, self.times[here], self.values[here], np.full(n, np.nan), nothing,
            nothing, self.states[here], told, self.versions[here], not kept or has_history, kept,
            spans=tuple(Told.of(one) for one in live), watch_key=watch_key(self.watch),
        )  # fmt: skip

    def take(self, until: int, now: datetime) -> None:
        """A pass after `until` points: without history first, as the store is read."""
        (outcome,), wanting = _pass(self.subject(until, has_history=False), now)
        if wanting:
            (outcome,), _ = _pass(self.subject(until), now)
        first = until - outcome.subject.times.size
        states = outcome.states()
        said = states != NOT_TOLD
        self.states[first:until][said] = states[said]
        for span in outcome.spans:
            here = slice(first + span.first, first + span.end)
            self.versions[here] = np.where(span.course.judged, span.kept.row.version, 0)
        self.limits += outcome.limits
        for row in signal_rows(outcome, self.signals, frozenset(), now):
            self.signals[row.signal_id] = row


def _pass(subject: Subject, now: datetime) -> tuple[list[Outcome | None], list[str]]:
    outcomes, wanting = judge([subject], now)
    return list(outcomes) or [None], wanting


def history(seed: int) -> npt.NDArray[np.float64]:
    draw = np.random.default_rng(seed)
    values = 1000 - 200 * (np.arange(DAYS) % 7 >= 5) + 30 * draw.normal(size=DAYS)
    for at in draw.integers(15, DAYS, 4):
        values[at : at + draw.integers(1, 4)] += draw.choice([-400, 90, 120])
    return values


@settings(max_examples=25)
@given(
    seed=st.integers(0, 10_000),
    lengths=st.lists(st.integers(1, 40), min_size=1, max_size=6),
    rules=st.sampled_from([[], ["nelson_2"]]),
    direction=st.sampled_from(["both", "up"]),
)
def test_passes_of_any_lengths_come_to_the_same_verdicts_limits_and_signals(
    seed: int, lengths: list[int], rules: list[str], direction: str
) -> None:
    values, watch = history(seed), Watch.model_validate({"rules": rules, "direction": direction})
    whole, parts = Book(values, watch), Book(values, watch)
    whole.take(DAYS, NOW)
    until = turn = 0
    while until < DAYS:
        until = min(DAYS, until + lengths[turn % len(lengths)])
        turn += 1
        parts.take(until, NOW + timedelta(minutes=turn))
    assert [STATES[state] for state in parts.states] == [STATES[state] for state in whole.states]
    assert parts.versions.tolist() == whole.versions.tolist()
    blank = {"made_at": NOW}
    assert [replace(one, **blank) for one in parts.limits] == [replace(one, **blank) for one in whole.limits]
    dates = {"changed_at": NOW, "detected_at": NOW}
    live = {key: replace(one, **dates) for key, one in parts.signals.items() if one.state != "withdrawn"}
    assert live == {key: replace(one, **dates) for key, one in whole.signals.items()}
