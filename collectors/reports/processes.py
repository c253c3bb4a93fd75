"""The processes of one browser, seen from outside: how much memory they take, and their end."""

from __future__ import annotations

import os
import shutil
import time
from contextlib import suppress

import psutil

END_SECONDS = 2.0
STEP_SECONDS = 0.01
PROFILE = "--user-data-dir="
CHANGE_BYTES = 16_000_000  # resident memory moves by less: what was last measured exactly still holds


class Tree:
    """The browser that has `switch` in its command line, among the processes below this one.

    `LookupError` when there is none.
    """

    def __init__(self, switch: str) -> None:
        found = {one.pid: one for one in psutil.Process().children(recursive=True) if switch in _command(one)}
        outermost = next((one for one in found.values() if one.ppid() not in found), None)
        if outermost is None:
            raise LookupError(f"no process below this one has {switch}")
        self._main = outermost
        self._driver = outermost.parent()
        self._profile = next((part.removeprefix(PROFILE) for part in _command(outermost) if PROFILE in part), None)
        self._seen: dict[int, psutil.Process] = {}  # they are ended too when the browser that started them is gone
        self._resident = self._exact = 0

    def is_alive(self) -> bool:
        """Whether the browser and its driver still run."""
        return all(_is_running(one) for one in (self._main, self._driver) if one is not None)

    def is_driver_alive(self) -> bool:
        return self._driver is not None and _is_running(self._driver)

    def memory(self) -> int:
        """Bytes of all processes, shared ones in equal parts.

        Parts take long to count, so they are only counted again once the plain sum has moved.
        """
        processes = self._all()
        resident = 0
        for process in processes:
            with suppress(psutil.Error):
                resident += process.memory_info().rss
        if self._exact == 0 or abs(resident - self._resident) >= CHANGE_BYTES:
            self._resident, self._exact = resident, sum(_share(process) for process in processes)
        return self._exact

    def kill(self) -> None:
        """End all of them at once, and those that were below it before; from any thread."""
        now = self._all()
        _end([*now, *(one for one in list(self._seen.values()) if one not in now)])

    def clear(self) -> None:
        """Remove its folder, which a driver whose browser is killed leaves behind."""
        if self._profile is not None:
            shutil.rmtree(self._profile, ignore_errors=True)

    def kill_driver(self) -> None:
        """End the driver too, when it does not notice that its browser is gone."""
        if self._driver is not None and self.is_driver_alive() and self._driver.ppid() == os.getpid():
            _end([self._driver])

    def _all(self) -> list[psutil.Process]:
        found: list[psutil.Process] = []
        with suppress(psutil.Error):
            found = [self._main, *self._main.children(recursive=True)]
            self._seen = {one.pid: one for one in found}
        return found


def _command(process: psutil.Process) -> list[str]:
    with suppress(psutil.Error):
        return process.cmdline()
    return []


def _is_running(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def _share(process: psutil.Process) -> int:
    with suppress(psutil.Error):
        found = process.memory_full_info()
        return int(getattr(found, "pss", found.uss))
    return 0


def _end(processes: list[psutil.Process]) -> None:
    """Kill them and wait until none runs; whether somebody buries them does not matter."""
    for process in processes:
        with suppress(psutil.Error):
            process.kill()
    until = time.monotonic() + END_SECONDS
    while any(_is_running(process) for process in processes) and time.monotonic() < until:
        time.sleep(STEP_SECONDS)
