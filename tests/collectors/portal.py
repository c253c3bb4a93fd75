"""A real web server with reports of every kind, for the tests of those who look at reports."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from collectors.sources.http_checks import check
from config.reports import Report
from store.rows import ReportCheck
from tests.collectors.support import NOW


class Portal(BaseHTTPRequestHandler):
    """Reports of every kind."""

    ended = threading.Event()
    sent = 0
    loops = 0

    def do_GET(self) -> None:
        getattr(self, f"answer_{self.path.strip('/').replace('/', '_')}", self.answer_missing)()

    def page(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def answer_good(self) -> None:
        self.page("Umsatz: 12 €".encode(), Content_Type="text/html")

    def answer_latin(self) -> None:
        self.page("Umsätze".encode("latin-1"), Content_Type="text/html; charset=iso-8859-1")

    def answer_zipped(self) -> None:
        self.page(gzip.compress(b"Revenue"), Content_Encoding="gzip")

    def answer_missing(self) -> None:
        self.page(b"no such report", 404)

    def answer_broken(self) -> None:
        self.page(b"Traceback", 500)

    def answer_moved(self) -> None:
        self.page(b"", 302, Location="/good", Content_Length="0")

    def answer_loop(self) -> None:
        type(self).loops += 1
        self.page(b"", 302, Location="/loop", Content_Length="0")

    def answer_keys(self) -> None:
        self.page(b"", 302, Location="http://169.254.169.254/latest/meta-data/", Content_Length="0")

    def answer_silent(self) -> None:
        self.ended.wait(30)

    def answer_drip_header(self) -> None:
        self.drip(b"HTTP/1.1 200 OK\r\nX: ", b"x")

    def answer_drip_body(self) -> None:
        self.drip(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x")

    def drip(self, start: bytes, more: bytes) -> None:
        self.wfile.write(start)
        while not self.ended.wait(0.05):
            self.wfile.write(more)

    def answer_endless(self) -> None:
        self.page(b"Revenue", Content_Length="1000000000")
        while not self.ended.is_set():
            self.wfile.write(b"x" * 65_536)
            type(self).sent += 65_536

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:  # the checker went away, which is what it should do
            return

    def log_message(self, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def portal() -> Iterator[str]:
    Portal.ended.clear()
    Portal.sent = Portal.loops = 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), Portal)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    Portal.ended.set()
    server.shutdown()
    server.server_close()


def look(url: str, **fields: Any) -> ReportCheck:
    values = {
        "id": "r",
        "title": "R",
        "url": url,
        "subsystem": "s",
        "check": "http",
        "timeout_seconds": 5,
        "slow_seconds": 4,
    }
    return check(Report.model_validate(values | fields), NOW)


def verdict(found: ReportCheck) -> tuple[str, str, int | None]:
    return found.state.value, found.stage, found.http_status
