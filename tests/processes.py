"""Real processes of the product for tests: each has its own home and ports, and is ended by its own id."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from store.connection import Store, open_store
from store.errors import StoreError
from store.ports import is_free
from store.settings import ROOT, Settings

PATIENCE_SECONDS = 60.0
FIRST_EPHEMERAL = 32768
LOTTERY = random.SystemRandom()  # workers that share a seed must not draw the same ports


def free_port() -> int:
    """A port that nobody has now, below those the system lends to clients.

    A client that keeps knocking at a lendable port where nobody listens will sooner or later be lent that very port,
    connect to itself, and keep the owner from coming back.
    """
    while True:
        port = LOTTERY.randrange(20_000, FIRST_EPHEMERAL)
        if is_free("127.0.0.1", port):
            return port


def wait_for(is_so: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Look again and again until it is so; fails with `what` when it never is."""
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, f"waited {seconds:g} s in vain for: {what}"
        time.sleep(0.02)


def freeze(process: subprocess.Popen[bytes]) -> None:
    """Stop a process without ending it, and wait until none of its threads runs any more."""
    process.send_signal(signal.SIGSTOP)
    wait_for(lambda: psutil.Process(process.pid).status() == psutil.STATUS_STOPPED, "the process to stop")
    threads = Path(f"/proc/{process.pid}/task")
    wait_for(lambda: all(_is_stopped(stat) for stat in threads.glob("*/stat")), "its threads to stop")


def _is_stopped(stat: Path) -> bool:
    return stat.read_text().rpartition(") ")[2].startswith("T")


@dataclass
class Home:
    """A scratch installation: settings, and the processes a test has started in it."""

    conf: Settings
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @classmethod
    def make(cls, folder: Path, **changes: Any) -> Home:
        """An installation below `folder` on free ports."""
        ports = {"app_port": free_port(), "ingest_port": free_port(), "store_port": free_port()}
        return cls(Settings(**{"home": folder / "var", **ports, **changes}))

    def environment(self) -> dict[str, str]:
        """Environment variables that give a process the settings of this home."""
        names = ("home", "estate", "app_port", "ingest_port", "store_port", "explore_seconds", "pings_per_minute")
        ours = {f"SHEWHART_{name.upper()}": str(getattr(self.conf, name)) for name in names}
        return {**os.environ, **ours, "PYTHONPATH": str(ROOT)}

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start `python ARGUMENTS` in this home; its output goes to a log that a failing test shows."""
        self.conf.home.mkdir(parents=True, exist_ok=True)
        log = (self.conf.home / f"log-{len(self.running)}.txt").open("wb")
        process = subprocess.Popen(
            [sys.executable, *arguments], env=self.environment(), cwd=ROOT, stdout=log, stderr=subprocess.STDOUT
        )
        self.running.append(process)
        return process

    def verb(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`python -m app ARGUMENTS` as a user runs it."""
        command = [sys.executable, "-m", "app", *arguments]
        return subprocess.run(
            command, env=self.environment(), cwd=ROOT, capture_output=True, text=True, timeout=150, check=False
        )

    def start_store(self) -> subprocess.Popen[bytes]:
        """Start the owner process and wait until it answers."""
        process = self.start("-m", "store.server")
        log = self.conf.home / f"log-{len(self.running) - 1}.txt"
        wait_for(lambda: self.answers() or process.poll() is not None, "the store to answer")
        assert process.poll() is None, f"the store ended: {log.read_text()}"
        return process

    def open(self) -> Store:
        """A client of the owner process."""
        return open_store(self.conf.url, self.conf.token_path)

    def answers(self) -> bool:
        """Whether the owner process answers."""
        store = self.open()
        try:
            store.fetch("select 1")
        except StoreError:
            return False
        finally:
            store.close()
        return True

    def stop(self) -> None:
        """End every process of this home."""
        for process in reversed(self.running):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.running:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
