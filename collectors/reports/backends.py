"""Asks backends and hops for the values of a number: in all, by day, and of a day by segment.

One `Backends` is one round of asking within a look: whatever is asked twice is asked once, everything that is asked at
once runs side by side, and a source that hangs is cut off without holding up another.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

from analysis.reports.backend_values import Asked
from analysis.reports.hops import Slice
from collectors.asking import ask_source
from collectors.base import SourceError
from collectors.parallel import finished
from collectors.points import Result
from collectors.reports.slices import Days, read_days, read_segments, read_total
from config.measures import Measure
from config.reports import Number, Persona
from store.errors import StatementError
from store.parameters import Bound, parameter_names
from store.settings import Settings

SECONDS = 15.0  # for one statement
MAX_ROWS = 100_000
WORKERS = 64  # threads that mostly wait
AT_ONCE = 4  # statements that one source gets at the same time
AS_OF = "as_of"
DAY = "day"
NO_NAME = re.compile(r"\W")

Given = Mapping[str, Bound]
Key = TypeVar("Key")
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Question:
    """A statement for a source, with the values of the parameters that it names."""

    source: str
    statement: str
    parameters: tuple[tuple[str, Bound], ...] = ()


@dataclass(frozen=True, slots=True)
class Want:
    """A measure and the values that its statements may name."""

    measure: Measure
    given: Given


def parameters(number: Number, persona: Persona | None, as_of: datetime) -> dict[str, Bound]:
    """What the statements of a number may name: its filters, those of the persona before them, and `:as_of`.

    `as_of` is naive UTC. A filter `sales-region` is named `:sales_region`.
    """
    filters = {**number.filters, **(persona.filters if persona else {})}
    return {**{NO_NAME.sub("_", name): value for name, value in filters.items()}, AS_OF: as_of}


def knows_as_of(measure: Measure) -> bool:
    """Whether the measure can be asked for its value at an earlier time."""
    return AS_OF in parameter_names(measure.total_statement)


def ask_total(measure: Measure, given: Given, settings: Settings, seconds: float = SECONDS) -> float | None:
    """The value now, None for null; raises SourceError or StatementError in one sentence."""
    return read_total(_ask(_question(measure, measure.total_statement, given), settings, seconds))


def ask_days(measure: Measure, given: Given, settings: Settings, seconds: float = SECONDS) -> Days:
    """The value and rows of every day; raises SourceError or StatementError in one sentence."""
    return read_days(_ask(_question(measure, measure.days_statement, given), settings, seconds))


def ask_segments(
    measure: Measure, given: Given, day: Bound, settings: Settings, seconds: float = SECONDS
) -> list[Slice[str]]:
    """The value and rows of every segment of `day`, as the source itself wrote that day; raises as the others do."""
    question = _question(measure, measure.segments_statement, {**given, DAY: day})
    return read_segments(_ask(question, settings, seconds))


class Backends:
    """One round of asking at `now`; a statement has `seconds`, all that is asked together twice as long."""

    def __init__(self, settings: Settings, now: datetime, seconds: float = SECONDS) -> None:
        self.now = now
        self._settings = settings
        self._seconds = seconds
        self._answers: dict[Question, Result | str] = {}

    def totals(self, wanted: Mapping[Key, Want]) -> dict[Key, Asked]:
        """The value of each, or the sentence that says why there is none; nothing is raised."""
        found = self._find(wanted, lambda want: want.measure.total_statement, read_total)
        return {
            key: Asked(self.now, problem=answer) if isinstance(answer, str) else Asked(self.now, answer)
            for key, answer in found.items()
        }

    def days(self, wanted: Mapping[Key, Want]) -> dict[Key, Days | str]:
        """The days of each, or the sentence that says why there are none."""
        return self._find(wanted, lambda want: want.measure.days_statement, read_days)

    def segments(self, wanted: Mapping[Key, Want]) -> dict[Key, list[Slice[str]] | str]:
        """The segments of each for the `day` among its values, or the sentence that says why there are none."""
        return self._find(wanted, lambda want: want.measure.segments_statement, read_segments)

    def _find(
        self,
        wanted: Mapping[Key, Want],
        statement: Callable[[Want], str | None],
        read: Callable[[Result], Found],
    ) -> dict[Key, Found | str]:
        questions: dict[Key, Question | str] = {}
        for key, want in wanted.items():
            try:
                questions[key] = _question(want.measure, statement(want), want.given)
            except SourceError as error:
                questions[key] = _sentence(error)
        self._ask_all({one for one in questions.values() if isinstance(one, Question)} - self._answers.keys())
        return {
            key: question if isinstance(question, str) else _read(self._answers[question], read)
            for key, question in questions.items()
        }

    def _ask_all(self, questions: set[Question]) -> None:
        gates = {one.source: threading.BoundedSemaphore(AT_ONCE) for one in questions}
        limit = 2 * self._seconds
        until = time.monotonic() + limit
        work = {
            one: partial(_ask_in_turn, one, self._settings, self._seconds, gates[one.source], until)
            for one in questions
        }
        if work:
            for question, answer in finished(work, min(len(work), WORKERS), limit):
                self._answers[question] = _sentence(answer) if isinstance(answer, BaseException) else answer


def _question(measure: Measure, statement: str | None, given: Given) -> Question:
    """Raises SourceError when there is no such statement, or it names what is not given."""
    if statement is None:
        raise SourceError("it has no statement for that")
    names = parameter_names(statement)
    missing = [f":{name}" for name in names if name not in given]
    if missing:
        raise SourceError(f"the statement names {', '.join(missing)}, which neither the number nor the persona gives")
    return Question(measure.source, statement, tuple((name, given[name]) for name in names))


def _ask(question: Question, settings: Settings, seconds: float) -> Result:
    given = dict(question.parameters)
    return ask_source(question.source, question.statement, settings, seconds, MAX_ROWS, given)


def _ask_in_turn(
    question: Question, settings: Settings, seconds: float, gate: threading.BoundedSemaphore, until: float
) -> Result:
    """Wait until the source has a place free, at the latest `until`; those of a source that hangs give up with it."""
    if not gate.acquire(timeout=max(0.0, until - time.monotonic())):
        raise TimeoutError(f"no answer within {2 * seconds:g} s")
    try:
        return _ask(question, settings, seconds)
    finally:
        gate.release()


def _read(answer: Result | str, read: Callable[[Result], Found]) -> Found | str:
    if isinstance(answer, str):
        return answer
    try:
        return read(answer)
    except SourceError as error:
        return _sentence(error)


def _sentence(error: BaseException) -> str:
    """An error of ours says it all; of any other only the kind is told, as its text may show a password."""
    is_ours = isinstance(error, SourceError | StatementError | TimeoutError)
    return f"{(str(error) if is_ours else type(error).__name__).removesuffix('.')}."
