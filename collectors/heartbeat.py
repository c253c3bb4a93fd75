"""A listener's proof that it listened: a collector run every half minute, so that silence can be told from absence."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from datetime import datetime

import structlog

from store.errors import SpoolFullError
from store.rows import CollectorRun, Outcome
from store.spool import Spool

SECONDS = 30.0
log = structlog.get_logger("collectors.heartbeat")


class Heartbeat:
    """Beats in a thread of its own from `start` to `stop`; `rows` of a beat are the facts taken since the last."""

    def __init__(self, name: str, spool: Spool, now: Callable[[], datetime], seconds: float = SECONDS) -> None:
        self._name, self._spool, self._now, self._seconds = name, spool, now, seconds
        self._ended = threading.Event()
        self._taken = 0

    def took(self) -> None:
        """One more fact was taken."""
        self._taken += 1

    def start(self) -> None:
        threading.Thread(target=self._beat_on, name=f"{self._name}-heartbeat", daemon=True).start()

    def stop(self) -> None:
        self._ended.set()

    def beat(self) -> None:
        """Record that this listener listens now; a full disk loses the beat, as it would lose the facts."""
        started = time.perf_counter()
        taken, self._taken = self._taken, 0
        run = CollectorRun(
            self._name, uuid.uuid4().hex, self._now(), Outcome.SUCCEEDED, taken, time.perf_counter() - started
        )
        try:
            self._spool.put([run])
        except (SpoolFullError, OSError) as error:
            log.error("heartbeat not kept", collector=self._name, problem=str(error))

    def _beat_on(self) -> None:
        self.beat()
        while not self._ended.wait(self._seconds):
            self.beat()
