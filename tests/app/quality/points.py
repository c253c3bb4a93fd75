"""An installation with one data point of thirty days, a signal, a proposed stage and a table profile, for tests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from config.quality import profile_metric_id
from store import clock, spool
from store.connection import open_store
from store.rows import (
    DataPoint,
    PointState,
    PointVerdict,
    ProposalState,
    Row,
    Signal,
    SignalMode,
    SignalState,
    StageEvent,
)
from store.settings import settings
from store.write import apply
from tests.fixtures import screens

DAY = timedelta(days=1)
TODAY = datetime.combine(clock.now(), datetime.min.time())
FIRST = TODAY - 29 * DAY
PROFILED = profile_metric_id("warehouse", "sales.orders", "", "rows")
SIGNAL = "5igna1"
STAGE = "5tage"
ESTATE = {
    "name": "Test",
    "subsystems": [{"id": "s", "title": "S"}],
    "calendars": [{"id": "shop", "country": "DE"}],
    "metrics": [
        {"id": "orders", "title": "Orders", "source": "o.csv", "sql": "select 1", "subsystem": "s", "unit": "orders"},
        {"id": "empty", "title": "Empty", "source": "o.csv", "sql": "select 1", "subsystem": "s"},
    ],
    "profiles": [{"id": "warehouse", "source": "w.duckdb", "subsystem": "s"}],
    "people": [
        {"id": "alice", "name": "Alice Adams", "roles": ["operator"]},
        {"id": "bob", "name": "Bob Brown", "roles": ["analyst"]},
    ],
}


def value_on(day: int) -> float:
    """The value of the day with this number, 0 for the first."""
    return 100.0 + day


def rows() -> list[Row]:
    """What the store knows."""
    found: list[Row] = [DataPoint("orders", FIRST + day * DAY, FIRST + day * DAY, value_on(day)) for day in range(30)]
    found += [
        PointVerdict("orders", FIRST + day * DAY, FIRST + (day + late) * DAY, value_on(day), state, score=0.5 + late)
        for day, late, state in ((28, 0, PointState.IN_CONTROL), (28, 1, PointState.SIGNAL))
    ]
    modes = (SignalState.OPEN, SignalMode.ALERT)
    spans = (TODAY - DAY, TODAY - DAY, TODAY)
    rest = ("[]", 1.5, "down", 128.0, 140.0, 135.0, 145.0, 0.003, 1, "Orders was 128; expected 135 to 145.")
    found.append(Signal(SIGNAL, "orders", "spike", TODAY, *modes, *spans, *rest))
    found.append(StageEvent(STAGE, "orders", TODAY - 5 * DAY, TODAY, ProposalState.PROPOSED, "a shift", "", "10 up"))
    return found


@contextmanager
def installation(folder: Path, **estate: Any) -> Iterator[str]:
    """The installation, and the URL of its store."""
    home = folder / "estate"
    home.mkdir()
    (home / "estate.yaml").write_text(json.dumps(ESTATE | estate))
    url = screens.make_store(folder / "store.duckdb", rows())
    with screens.installation(folder / "home", url, home):
        yield url


def spooled(collector: str = "app") -> list[dict[str, Any]]:
    """The rows on disk that were put there, in order."""
    return [
        row for batch in _batches(collector) for part in batch.parts for row in orjson.loads(part.path.read_bytes())
    ]


def take_in(url: str, folder: Path, collector: str) -> None:
    """Let the store have what was put there, as its owner does."""
    store = open_store(url, folder)
    apply(store, _batches(collector))
    store.close()


def _batches(collector: str) -> list[spool.Batch]:
    folder = settings().spool_path / collector
    return [spool.read(path) for path in spool.pending(folder)] if folder.exists() else []
