"""How a process of the product ends: told by a signal, at a moment of its own choosing."""

from __future__ import annotations

import signal
import threading
from types import FrameType


def ending() -> threading.Event:
    """An event that is set when this process is told to end (SIGTERM or Ctrl-C)."""
    ended = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        ended.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    return ended
