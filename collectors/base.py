"""What a collector is: a typed constant COLLECTOR and a function `collect(ctx)` in one file of collectors/sources."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from collectors import sources
from config.estate import Estate
from config.load import EstateError
from config.plugins import modules
from store.rows import Row
from store.settings import Settings

if TYPE_CHECKING:
    import polars as pl


class SourceError(Exception):
    """A source could not be read; the message is one sentence for a person and ends up in the collector run."""


@dataclass(frozen=True, slots=True)
class Collector:
    """The declaration of a collector; collectors of one `group` share a process.

    `settle` is how long the first run waits after the process has started, for what it looks at to be there.
    """

    name: str
    group: str
    every: timedelta
    timeout: timedelta
    help: str
    settle: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Context:
    """What a collector may use: the time of this run, the estate, and a folder that keeps its own notes."""

    now: datetime
    estate: Estate
    settings: Settings
    state: Path


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows (or frames by table) that belong together under a `key`: the same key is stored once, however often sent.

    `problem` reports a bad input without losing the good ones beside it: the run is recorded as failed with all.
    """

    key: str
    rows: Iterable[Row] = ()
    frames: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    problem: str | None = None


Yield = Row | Piece
Collect = Callable[[Context], Iterator[Yield]]


@dataclass(frozen=True, slots=True)
class Source:
    """A collector with its function."""

    collector: Collector
    collect: Collect


def step_seconds(estate: Estate, collector: Collector) -> float:
    """Seconds between runs of a collector: what the estate says, otherwise its own default."""
    return estate.every.get(collector.name, collector.every.total_seconds())


def check_names(estate: Estate) -> None:
    """Raise EstateError for a step of a collector, or a job told by one, that does not exist."""
    known = sorted(discover())
    for job in estate.jobs:
        if job.collector and job.collector not in (*known, "ingest"):
            raise EstateError(
                f"job {job.id}: found no collector {job.collector!r}, expected one of {', '.join((*known, 'ingest'))}"
            )
    for name in estate.every:
        if name not in known:
            raise EstateError(f"every.{name}: found no such collector, expected one of {', '.join(known)}")


def discover() -> dict[str, Source]:
    """All collectors by name, found by scanning collectors/sources."""
    return {module.COLLECTOR.name: Source(module.COLLECTOR, module.collect) for module in modules(sources)}


def load(name: str) -> Source:
    """The collector in collectors/sources/<name>.py, without importing the others."""
    module = importlib.import_module(f"{sources.__name__}.{name}")
    return Source(module.COLLECTOR, module.collect)
