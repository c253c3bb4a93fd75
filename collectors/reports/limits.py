"""What one look at a report may take, and the watch that ends the browser of a look that takes more.

A page with an endless loop answers to nothing, so its limits are enforced from outside, by a thread of their own.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Self

from collectors.reports.base import Usage
from collectors.reports.processes import Tree
from config.reports import Report

Kind = Literal["time", "memory", "bytes"]

MEGABYTE = 1_000_000
GRACE_SECONDS = 10.0  # beyond the report's own limit, for a verdict and a last picture
STEP_SECONDS = 0.25
CLOSE_SECONDS = 5.0
DRIVER_SECONDS = 3.0  # for the driver to notice that its browser is gone


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds of the whole look, memory beyond that of an idle browser, and bytes received."""

    seconds: float
    memory_bytes: int
    download_bytes: int

    @classmethod
    def of(cls, report: Report) -> Limits:
        """What the report allows itself."""
        return cls(report.timeout_seconds + GRACE_SECONDS, report.memory_mb * MEGABYTE, report.download_mb * MEGABYTE)


class LimitExceededError(Exception):
    """A look took more than it may and was ended; the message is one sentence. `usage` is what it took until then."""

    def __init__(self, kind: Kind, sentence: str, usage: Usage) -> None:
        super().__init__(sentence)
        self.kind: Kind = kind
        self.usage = usage


class Watchdog:
    """Watches one look from its start until `with` ends, and kills the browser when a limit is passed.

    `received` gives the bytes until now. `exceeded` is set before the browser is killed; `peak` is the most memory
    beyond `idle_bytes`.
    """

    def __init__(self, tree: Tree, limits: Limits, idle_bytes: int, received: Callable[[], int]) -> None:
        self.exceeded: LimitExceededError | None = None
        self._peak = 0
        self._tree, self._limits, self._idle, self._received = tree, limits, idle_bytes, received
        self._deadline = time.monotonic() + limits.seconds
        self._is_closing = False
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def usage(self) -> Usage:
        return Usage(self._peak, self._received())

    def closing(self) -> None:
        """The look has ended; now its browser has a little time to put the page away."""
        self._deadline = time.monotonic() + CLOSE_SECONDS
        self._is_closing = True
        self._measure()

    def _watch(self) -> None:
        while not self._done.wait(STEP_SECONDS):
            if self._is_closing:
                is_over = time.monotonic() > self._deadline
            else:
                self.exceeded = self._excess()
                is_over = self.exceeded is not None
            if is_over:
                self._tree.kill()
                if not self._done.wait(DRIVER_SECONDS):
                    self._tree.kill_driver()
                return

    def _measure(self) -> int:
        used = self._tree.memory() - self._idle
        self._peak = max(self._peak, used)
        return used

    def _excess(self) -> LimitExceededError | None:
        used = self._measure()
        limits = self._limits
        if used > limits.memory_bytes:
            return LimitExceededError(
                "memory",
                f"The page took {used / MEGABYTE:,.0f} MB of memory, {limits.memory_bytes / MEGABYTE:,.0f} MB allowed; "
                "make it lighter or raise `memory_mb` of the report.",
                self.usage(),
            )
        if self._received() > limits.download_bytes:
            return LimitExceededError(
                "bytes",
                f"The page sent more than {limits.download_bytes / MEGABYTE:,.0f} MB; "
                "make it lighter or raise `download_mb` of the report.",
                self.usage(),
            )
        if time.monotonic() > self._deadline:
            return LimitExceededError(
                "time",
                f"The page kept the browser busy for {limits.seconds:g} s and was ended; look for a script in it that "
                "does not end.",
                self.usage(),
            )
        return None
