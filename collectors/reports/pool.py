"""Worker threads that look at reports, each with a browser of its own that it keeps from look to look."""

from __future__ import annotations

import atexit
import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from collectors.parallel import told
from collectors.reports.browser import Slot

Key = TypeVar("Key")
Answer = TypeVar("Answer")

CLOSE_SECONDS = 10.0
STEP_SECONDS = 0.5


class Pool:
    """Up to `workers` looks at once. It outlives whatever its work does, and is closed when the process ends."""

    def __init__(self, workers: int, launch: Callable[[], Slot] = Slot) -> None:
        self._launch = launch
        self._tasks: queue.SimpleQueue[_Task[Any] | None] = queue.SimpleQueue()
        self._slots: list[Slot] = []
        self._is_closed = False
        self._threads = [threading.Thread(target=self._serve, name=f"looks-{n}", daemon=True) for n in range(workers)]
        for thread in self._threads:
            thread.start()
        atexit.register(self.close)

    def run(
        self, work: Mapping[Key, Callable[[Slot], Answer]], seconds: float
    ) -> Iterator[tuple[Key, Answer | BaseException]]:
        """Each key with its result, or the error it ended in, as they finish.

        After `seconds` TimeoutError for the rest: what has not begun by then never does, what has goes on until its
        own limits end it.
        """
        if self._is_closed:
            raise RuntimeError("the pool is closed")
        futures: dict[Future[Answer], Key] = {}
        for key, function in work.items():
            future: Future[Answer] = Future()
            futures[future] = key
            self._tasks.put(_Task(function, future))
        try:
            yield from told(futures, seconds)
        finally:
            for future in futures:
                future.cancel()  # what has begun goes on, what is done stays done

    def close(self) -> None:
        """End all browsers, looks that are going on too; nothing is taken on any more."""
        if self._is_closed:
            return
        self._is_closed = True
        atexit.unregister(self.close)
        for _ in self._threads:
            self._tasks.put(None)
        until = time.monotonic() + CLOSE_SECONDS
        while any(thread.is_alive() for thread in self._threads) and time.monotonic() < until:
            for slot in list(self._slots):
                slot.kill()
            for thread in self._threads:
                thread.join(STEP_SECONDS)

    def _serve(self) -> None:
        task = self._tasks.get()
        if task is None:
            return
        slot = self._launch()
        self._slots.append(slot)
        try:
            while task is not None:
                task(slot, self._is_closed)
                task = self._tasks.get()
        finally:
            slot.close()


class _Task(Generic[Answer]):
    """A piece of work and the future that is told how it ends."""

    def __init__(self, function: Callable[[Slot], Answer], future: Future[Answer]) -> None:
        self._function, self._future = function, future

    def __call__(self, slot: Slot, is_too_late: bool) -> None:
        if self._future.set_running_or_notify_cancel():
            with _Told(self._future):
                if is_too_late:
                    raise RuntimeError("the pool is closed")
                self._future.set_result(self._function(slot))


class _Told:
    """Puts the error that its block ends in into a future, whatever it is: the thread goes on."""

    def __init__(self, future: Future[Any]) -> None:
        self._future = future

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if error is not None:
            self._future.set_exception(error)
        return True
