"""Serves the Streamlit app of the case pages, one process for all cases."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import requests

from tests.collectors.reports.pages_server import PAGES, Case

START_SECONDS = 60
KINDS = ("plotly", "altair", "line", "echarts", "echarts_line", "pie", "area", "scatter")
STREAMLIT_CASES = [
    Case("/?case=exception", "exception", "finished"),
    Case("/?case=running", "unfinished", "finished", {"timeout_seconds": 8}),
    Case("/?case=nothing", "blank_page", "present"),
    Case("/?case=dash", "empty_chart", "drawn"),
    *(Case(f"/?case={kind}-empty", "empty_chart", "drawn") for kind in KINDS if kind != "pie"),
    *(Case(f"/?case={kind}", None, None, {"charts": 1, "must_contain": "409,849"}) for kind in KINDS),
    Case("/?case=table"),
    Case("/?case=graph"),
    Case("/?case=plain"),
    Case("/?case=slow", None, None, {"must_contain": "Revenue 1.2M"}),
    Case("/?case=message"),
]


@contextmanager
def served() -> Iterator[str]:
    """The address of the app once it answers; its process is gone afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--server.port", str(port), "--server.headless", "true", "--server.fileWatcherType", "none"]
    quiet = ["--browser.gatherUsageStats", "false", "--server.address", "127.0.0.1"]
    app = str(PAGES / "streamlit_app.py")
    command = [sys.executable, "-m", "streamlit", "run", app, *options, *quiet]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def _wait(url: str) -> None:
    until = time.monotonic() + START_SECONDS
    with requests.Session() as session:
        while time.monotonic() < until:
            try:
                if session.get(f"{url}/_stcore/health", timeout=1).ok:
                    return
            except requests.RequestException:
                time.sleep(0.1)
    raise TimeoutError(f"the app does not answer within {START_SECONDS} s")
