"""The only cached reads of pages: answers of the store, the estate, the spool, the metric catalogue.

Caches live for seconds and are shared by all sessions; an answer that is a little too old is served while it is
refreshed in the background, one that is twice as old is asked anew.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path

import polars as pl
import streamlit as st

from app.answers import Answer
from app.desk import Desk, Parameter
from collectors import base
from config.estate import Estate
from config.load import FILE, EstateError, Loaded, in_force
from store import spool
from store.settings import ROOT, settings

TTL_SECONDS = 4  # twice that is less than the step of a live page, so that each tick asks anew
RAW_SPAN = timedelta(hours=3)
MINUTES_SPAN = timedelta(days=2)
POINTS = 180
COLLECTING_STEP_SECONDS = 10
Question = tuple[str, dict[str, Parameter]]
ASKED: ContextVar[list[Question] | None] = ContextVar("asked", default=None)  # what the page under way has asked


@dataclass(frozen=True, slots=True)
class MetricKind:
    """What the catalogue says about a metric."""

    name: str
    unit: str
    help: str
    direction: str


@st.cache_resource(show_spinner=False)
def desk() -> Desk:
    """The one desk of this process."""
    return Desk(settings().url, settings().token_path)


def answer(name: str, /, **parameters: Parameter) -> Answer:
    """The answer to a named query of store/queries; a timedelta means that long ago."""
    noted = ASKED.get()
    if noted is not None:
        noted.append((name, parameters))
    return _answer(name, parameters)


@st.cache_data(ttl=TTL_SECONDS, max_entries=500, show_spinner=False, refresh_mode="background")
def _answer(name: str, parameters: dict[str, Parameter]) -> Answer:
    return desk().ask(name, parameters)


@contextmanager
def together(page: str) -> Iterator[None]:
    """Send what `page` asked the last time all at once, so that its questions are answered side by side."""
    if ASKED.get() is not None:
        yield  # a live part within its page
        return
    last = _last_asked()
    if last.get(page):
        _ask_ahead(page)
    token = ASKED.set([])
    try:
        yield
    finally:
        last[page] = ASKED.get() or []
        ASKED.reset(token)


@st.cache_resource(show_spinner=False)
def _last_asked() -> dict[str, list[Question]]:
    return {}


@st.cache_data(ttl=TTL_SECONDS, max_entries=50, show_spinner=False)  # one session asks for all
def _ask_ahead(page: str) -> None:
    desk().ask_ahead(_last_asked()[page])


def fresh_answer(name: str, /, **parameters: Parameter) -> Answer:
    """The answer asked at this moment, past every cache; for decisions, not for display."""
    return desk().ask(name, parameters)


def metric_history(metrics: list[str], span: timedelta) -> Answer:
    """Series of some metrics over `span`, at about 180 points each, from the cheapest tier that has them.

    Raw samples serve short spans only; where a tier has nothing yet, the newest hours of raw samples stand in.
    """
    step = max(int(span.total_seconds()) // POINTS, COLLECTING_STEP_SECONDS)
    if span > RAW_SPAN:
        tier, least = ("minutes", 60) if span <= MINUTES_SPAN else ("hours", 3600)
        step = max(step // least, 1) * least
        found = answer(f"metric_series_{tier}", metrics=metrics, since=span, step_seconds=step)
        if not found.is_empty or found.is_stale:
            return found
        step = COLLECTING_STEP_SECONDS * 6
    return answer("metric_series_raw", metrics=metrics, since=min(span, RAW_SPAN), step_seconds=step)


def estate() -> Loaded:
    """The estate in force; with its problem, and empty if there never was a good one."""
    folder = settings().estate
    path = folder / FILE
    return _estate(folder, path.stat().st_mtime_ns if path.exists() else 0)


@st.cache_resource(max_entries=2, show_spinner=False)
def _estate(folder: Path, changed: int) -> Loaded:  # noqa: ARG001  # part of the cache's key, so without an underscore
    try:
        return in_force(folder, settings().state_path / FILE)
    except EstateError as error:
        return Loaded(Estate(name="No estate", subsystems=[]), str(error))


@st.cache_data(ttl=TTL_SECONDS, show_spinner=False)
def spool_depths() -> dict[str, int]:
    """Waiting batches by collector."""
    return spool.depths(settings().spool_path)


@st.cache_resource(show_spinner=False)
def sources() -> dict[str, base.Collector]:
    """Every collector that there is, whether it ever ran or not."""
    return {name: source.collector for name, source in base.discover().items()}


def collecting_steps() -> dict[str, float]:
    """Seconds between runs of every collector."""
    return {name: base.step_seconds(estate().estate, found) for name, found in sources().items()}


@lru_cache(maxsize=1)
def catalogue() -> dict[str, MetricKind]:
    """The metric catalogue by name."""
    path = ROOT / "store" / "metrics.csv"
    if not path.exists():
        return {}
    with path.open(newline="") as file:
        return {row["name"]: MetricKind(**row) for row in csv.DictReader(file)}


def titles(kind: str) -> dict[str, str]:
    """Titles by id of the estate's `jobs`, `reports` or `metrics`."""
    return {part.id: part.title for part in getattr(estate().estate, kind)}


def with_titles(frame: pl.DataFrame, kind: str, key: str) -> pl.DataFrame:
    """The frame with a column `title`; what the estate does not know keeps its id."""
    return frame.with_columns(pl.col(key).replace(titles(kind)).alias("title"))


def reset() -> None:
    """Forget everything that was read; for tests and after a change of settings."""
    st.cache_data.clear()
    st.cache_resource.clear()
