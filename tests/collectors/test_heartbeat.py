"""A listener that listens says so, so that what it did not hear while it was down is unknown and not missed."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from collectors.heartbeat import Heartbeat
from store import spool
from store.connection import Store
from store.shipper import ship
from store.spool import Spool

NOW = datetime(2026, 11, 25, 8)


def test_a_beat_is_a_run_with_the_facts_taken_since_the_last(store: Store, tmp_path: Path) -> None:
    heartbeat = Heartbeat("ingest", Spool(tmp_path, "heartbeat"), lambda: NOW)
    heartbeat.took()
    heartbeat.took()
    heartbeat.beat()
    heartbeat.beat()
    ship(store, tmp_path)
    found = store.fetch("select collector, started_at, outcome, rows from collector_runs order by rows")
    assert found.rows() == [("ingest", NOW, "succeeded", 0), ("ingest", NOW, "succeeded", 2)]


def test_a_beat_that_cannot_be_kept_stops_nothing(tmp_path: Path) -> None:
    queue = Spool(tmp_path, "heartbeat")
    queue.folder.rmdir()
    queue.folder.write_text("a file where the folder was")
    Heartbeat("ingest", queue, lambda: NOW).beat()
    assert spool.depths(tmp_path) == {}
