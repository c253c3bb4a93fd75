"""Asks the store for pages, and remembers the last good answers for when the store is away."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import structlog

from app.answers import Answer
from store import clock
from store.connection import Store, open_store
from store.errors import StatementError, StoreAwayError, StoreError
from store.literal import Value
from store.read import ask, queries

Parameter = Value | timedelta
KEPT_ANSWERS = 256
PATIENCE_SECONDS = 10.0
ASKERS = 16
AHEAD_SECONDS = 2.0  # an answer that was asked for ahead and not fetched by then is dropped
PAUSE_SECONDS = 2.0  # between tries while the store is away, so that a page asks once and not once per card
KINDS: dict[str, pl.DataType | type[pl.DataType]] = {
    "varchar": pl.String,
    "double": pl.Float64,
    "bigint": pl.Int64,
    "boolean": pl.Boolean,
    "date": pl.Date,
    "timestamp": pl.Datetime("us"),
    "double[]": pl.List(pl.Float64),
    "varchar[]": pl.List(pl.String),
}
log = structlog.get_logger("app.desk")


def empty_frame(name: str) -> pl.DataFrame:
    """No rows with the columns that the named query declares."""
    return pl.DataFrame(schema={column: KINDS[kind] for column, kind in queries()[name].returns.items()})


def resolved(parameters: Mapping[str, Parameter], now: datetime) -> dict[str, Value]:
    """Parameters as the store takes them: a timedelta means that long before `now`."""
    return {key: now - value if isinstance(value, timedelta) else value for key, value in parameters.items()}


def _key(name: str, parameters: Mapping[str, Parameter]) -> str:
    return repr((name, sorted(parameters.items())))


class Desk:
    """One store for all sessions of this process, and the last good answer to each of the newest questions."""

    def __init__(
        self,
        url: str,
        token_path: Path,
        timer: Callable[[], float] = time.monotonic,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._url, self._token_path = url, token_path
        self._timer = timer
        self._patience = patience_seconds
        self._askers = ThreadPoolExecutor(ASKERS, thread_name_prefix="desk")
        self._lock = threading.Lock()
        self._store: Store | None = None
        self._good: OrderedDict[str, Answer] = OrderedDict()
        self._away: tuple[float, str] | None = None
        self._ahead: dict[str, tuple[float, datetime, Future[pl.DataFrame]]] = {}

    def ask_ahead(self, questions: Iterable[tuple[str, Mapping[str, Parameter]]]) -> None:
        """Send many questions at once; each answer is there, or under way, when `ask` is asked for it."""
        now, at = clock.now(), self._timer()
        try:
            store = self.store()
        except StoreAwayError:
            return  # whoever asks will be told
        with self._lock:
            self._ahead = {key: one for key, one in self._ahead.items() if at - one[0] < AHEAD_SECONDS}
            for name, parameters in questions:
                asked = self._askers.submit(ask, store, name, **resolved(parameters, now))
                self._ahead[_key(name, parameters)] = (at, now, asked)

    def ask(self, name: str, parameters: Mapping[str, Parameter]) -> Answer:
        """The answer now; or the last good one, marked stale; or no rows and the problem."""
        question = _key(name, parameters)
        try:
            answer = self._answer(name, parameters, question)
        except (StoreAwayError, StatementError) as error:
            return self._without_store(name, question, error)
        with self._lock:
            self._away = None
            self._good[question] = answer
            self._good.move_to_end(question)
            while len(self._good) > KEPT_ANSWERS:
                self._good.popitem(last=False)
        return answer

    def _answer(self, name: str, parameters: Mapping[str, Parameter], question: str) -> Answer:
        """The rows, or StoreAwayError when an owner that hangs gives none: Quack itself would wait for ever."""
        with self._lock:
            at, now, ahead = self._ahead.pop(question, (0.0, None, None))
        if now is None or ahead is None or self._timer() - at >= AHEAD_SECONDS:
            now = clock.now()
            ahead = self._askers.submit(ask, self.store(), name, **resolved(parameters, now))
        return Answer(self._waited_for(ahead), now)

    def _waited_for(self, asked: Future[pl.DataFrame]) -> pl.DataFrame:
        try:
            return asked.result(self._patience)
        except TimeoutError as error:
            asked.cancel()
            raise StoreAwayError(f"The store gave no answer within {self._patience:g} s.") from error

    def store(self) -> Store:
        """The open store; raises StoreAwayError, without trying again within a short pause after a failure."""
        with self._lock:
            if self._away and self._timer() < self._away[0]:
                raise StoreAwayError(self._away[1])
            if self._store is None:
                self._store = open_store(self._url, self._token_path)
            return self._store

    def close(self) -> None:
        """Let go of the store."""
        with self._lock:
            if self._store is not None:
                self._store.close()
            self._store = None

    def _without_store(self, name: str, question: str, error: StoreError) -> Answer:
        problem = str(error)
        with self._lock:
            if isinstance(error, StoreAwayError):
                if self._away is None:
                    log.warning("store away, pages show the last good answers", problem=problem)
                if self._away is None or self._timer() >= self._away[0]:
                    self._away = (self._timer() + PAUSE_SECONDS, problem)
            else:
                log.error("query refused", query=name, problem=problem)
            last = self._good.get(question)
        if last is None:
            return Answer(empty_frame(name), None, is_stale=True, problem=problem)
        return replace(last, is_stale=True, problem=problem)
