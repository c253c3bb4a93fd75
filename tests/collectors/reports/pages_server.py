"""Serves the case pages of `report_pages`, and the bad manners of servers, on loopback."""

from __future__ import annotations

import io
import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import plotly
from PIL import Image, ImageDraw

PAGES = Path(__file__).parents[2] / "fixtures" / "report_pages"
PLOTLY = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"


@dataclass(frozen=True)
class Case:
    """A page whose fault is known; None and no stage for a good one. `report` are the settings that it needs."""

    path: str
    fault: str | None = None
    stage: str | None = None
    report: dict[str, Any] = field(default_factory=dict)


def page_cases() -> list[Case]:
    """Every page of the two folders; its second line says what is wrong with it."""
    cases = []
    for page in sorted(PAGES.glob("*/*.html")):
        told = page.read_text(encoding="utf-8").splitlines()[1].removeprefix("<!--").removesuffix("-->")
        cases.append(Case(f"/{page.parent.name}/{page.stem}", **json.loads(told)))
    return cases


SERVER_CASES = [
    Case("/error-500", "http_error", "loaded"),
    Case("/error-503", "http_error", "loaded"),
    Case("/error-404", "http_error", "loaded"),
    Case("/json-error", "error_page", "finished"),
    Case("/json-data", "error_page", "loaded"),
    Case("/redirect-to-login", "login_required", "loaded"),
    Case("/redirect-loop", "redirect_loop", "reachable"),
    Case("/hang", "timed_out", "reachable", {"timeout_seconds": 2}),
    Case("/reset", "unreachable", "reachable"),
    Case("/reset-in-the-middle", "unfinished", "finished"),
    Case("/cut-short", "unfinished", "finished"),
    Case("/endless", "unfinished", "finished", {"timeout_seconds": 3}),
    Case("/download", "download", "reachable"),
    Case("/nothing", "http_error", "reachable"),
    Case("/json-data-expected", None, None, {"must_contain": "partners"}),
    Case("/redirect-to-good"),
]


class Handler(BaseHTTPRequestHandler):
    """One answer of one page."""

    protocol_version = "HTTP/1.1"
    other = ""
    closing = threading.Event()

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        act = ANSWERS.get(path)
        if act is not None:
            act(self)
            return
        page = PAGES / f"{path.strip('/')}.html"
        if PAGES in page.parents and page.is_file():
            self.reply(page.read_bytes().replace(b"OTHER", self.other.encode()))
        else:
            self.reply(b"<h1>Not found</h1>", 404)

    def reply(self, body: bytes, status: int = 200, kind: str = "text/html; charset=utf-8", **more: str) -> None:
        """Answer with a body."""
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **more}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def hang(self) -> None:
        """Answer never; the connection ends with the server."""
        self.closing.wait(60)

    def moved(self, to: str) -> None:
        """Answer that the page is elsewhere."""
        self.reply(b"", 302, Location=to)

    def reset(self) -> None:
        """Break off the connection."""
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.rfile.close()  # it keeps the connection open, too
        self.connection.close()

    def begin(self, length: int | None) -> None:
        """The head of a page, and the first half of it."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(length)) if length else self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Sales</title><h1>Sales</h1><p>Partners 409,849</p>" + b" " * 2000)
        self.wfile.flush()

    def handle(self) -> None:
        try:
            super().handle()
        except (OSError, ValueError):  # the browser went away, or the connection was broken off
            return

    def log_message(self, *args: object) -> None:
        """Quiet."""


def _endless(handler: Handler) -> None:
    handler.begin(None)
    while not handler.closing.wait(0.05):
        handler.wfile.write(b"<p>more</p>\n" * 5)
        handler.wfile.flush()


def _events(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "text/event-stream")
    handler.end_headers()
    while not handler.closing.wait(0.2):
        handler.wfile.write(b"data: 1\n\n")
        handler.wfile.flush()


def _reset_in_the_middle(handler: Handler) -> None:
    handler.begin(90_000)
    handler.reset()


def _cut_short(handler: Handler) -> None:
    handler.begin(90_000)
    handler.close_connection = True


def picture(plain: bool) -> bytes:
    """A PNG of one colour, or of some bars."""
    image = Image.new("RGB", (500, 300), "white")
    if not plain:
        for number, height in enumerate((90, 160, 220)):
            ImageDraw.Draw(image).rectangle((60 + number * 120, 280 - height, 130 + number * 120, 280), fill="#1f77b4")
    kept = io.BytesIO()
    image.save(kept, "PNG")
    return kept.getvalue()


SIGN_IN = b"<title>Sign in</title><h1>Sign in</h1><form><input name=u><input type=password><button>Next</button></form>"
NGINX = b"<html><head><title>%b</title></head><body><h1>%b</h1><hr>nginx</body></html>"
ANSWERS: dict[str, Callable[[Handler], None]] = {
    "/error-500": lambda one: one.reply(NGINX % ((b"500 Internal Server Error",) * 2), 500),
    "/error-503": lambda one: one.reply(NGINX % ((b"503 Service Unavailable",) * 2), 503),
    "/error-404": lambda one: one.reply(b"<h1>Nothing here</h1>", 404),
    "/json-error": lambda one: one.reply(b'{"error": "relation sales does not exist"}', kind="application/json"),
    "/json-data": lambda one: one.reply(b'{"partners": 409849}', kind="application/json"),
    "/json-data-expected": lambda one: one.reply(b'{"partners": 409849}', kind="application/json"),
    "/redirect-to-login": lambda one: one.moved("/account/login?next=report"),
    "/account/login": lambda one: one.reply(SIGN_IN),
    "/redirect-loop": lambda one: one.moved("/redirect-loop"),
    "/redirect-to-good": lambda one: one.moved("/good/plain"),
    "/hang": Handler.hang,
    "/reset": Handler.reset,
    "/reset-in-the-middle": _reset_in_the_middle,
    "/cut-short": _cut_short,
    "/endless": _endless,
    "/events": _events,
    "/poll": lambda one: one.reply(b"ok", kind="text/plain"),
    "/download": lambda one: one.reply(
        b"a,b\n1,2\n", kind="text/csv", Content_Disposition='attachment; filename="sales.csv"'
    ),
    "/nothing": lambda one: one.reply(b"", 204),
    "/lib/plotly.min.js": lambda one: one.reply(PLOTLY.read_bytes(), kind="text/javascript"),
    "/chart.png": lambda one: one.reply(picture(plain=False), kind="image/png"),
    "/plain.png": lambda one: one.reply(picture(plain=True), kind="image/png"),
}


@contextmanager
def served() -> Iterator[str]:
    """The address of a server of all pages; beside it runs another, which is somebody else's."""
    with _server(Handler) as other:
        mine = type("Mine", (Handler,), {"other": other.replace("127.0.0.1", "localhost")})
        with _server(mine) as url:
            yield url


@contextmanager
def _server(handler: type[Handler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    handler.closing = threading.Event()
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        handler.closing.set()
        server.shutdown()
        server.server_close()
