"""What the ping service tells Prometheus: pings by outcome, waiting batches, rows and lag of the store by table."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime

import structlog
from prometheus_client import REGISTRY, CollectorRegistry, Counter, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from store import spool
from store.connection import open_store
from store.errors import StoreError
from store.read import ask
from store.settings import Settings

LOOK_SECONDS = 15.0
PINGS = Counter("shewhart_pings", "Pings by what became of them", ["outcome"])
log = structlog.get_logger("collectors.ingest")


class StoreGauges(Collector):
    """Gauges read at every scrape; those of the store come from a look now and then, and stay when it is away."""

    def __init__(self, conf: Settings, now: Callable[[], datetime]) -> None:
        self._conf, self._now = conf, now
        self._store = open_store(conf.url, conf.token_path) if conf.url.startswith("quack:") else None
        self._tables: list[tuple[str, int, datetime | None]] = []
        self._is_up = False
        self._ended = threading.Event()

    def start(self) -> None:
        """Look at the store every 15 s; a store that hangs holds up this thread and no ping and no scrape."""
        threading.Thread(target=self._look_on, daemon=True).start()

    def stop(self) -> None:
        self._ended.set()

    def look(self) -> None:
        """Read rows and newest time per table from the owner; a store opened by file path is left to its opener."""
        if self._store is None:
            return
        try:
            self._tables = [(row[0], row[1], row[2]) for row in ask(self._store, "store_lag").rows()]
            self._is_up = True
        except StoreError as error:
            if self._is_up:
                log.warning("store away, metrics stay as they were", problem=str(error))
            self._is_up = False

    def _look_on(self) -> None:
        self.look()
        while not self._ended.wait(LOOK_SECONDS):
            self.look()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        up = GaugeMetricFamily("shewhart_store_up", "Whether the store answered when last looked at")
        up.add_metric([], float(self._is_up))
        waiting = GaugeMetricFamily("shewhart_spool_batches", "Batches that wait for the store", labels=["collector"])
        for collector, depth in spool.depths(self._conf.spool_path).items():
            waiting.add_metric([collector], depth)
        stored = GaugeMetricFamily("shewhart_store_rows", "Rows taken in within retention", labels=["table"])
        lag = GaugeMetricFamily("shewhart_store_lag_seconds", "Age of the newest row", labels=["table"])
        for table, rows, latest_at in self._tables:
            stored.add_metric([table], rows)
            if latest_at is not None:
                lag.add_metric([table], (self._now() - latest_at).total_seconds())
        yield from (up, waiting, stored, lag)


def exposition(gauges: StoreGauges) -> bytes:
    """Everything of this process in the text format of Prometheus."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(gauges)
    return generate_latest(REGISTRY) + generate_latest(registry)
