"""Real web servers on loopback whose pages a test writes, and the pool whose browser looks at them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeVar
from urllib.parse import urlsplit

from collectors.reach import Reach
from collectors.reports.browser import Room, Slot
from collectors.reports.limits import Limits
from collectors.reports.pool import Pool

Answer = TypeVar("Answer")
Page = str | Callable[[BaseHTTPRequestHandler], None]

LIMITS = Limits(seconds=30, memory_bytes=1_000_000_000, download_bytes=50_000_000)
GOOD = "<title>Sales</title><h1>Revenue</h1>"


@dataclass
class Site:
    """A server: where it is, and what it was asked, path with headers."""

    url: str
    port: int
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def headers(self, path: str) -> dict[str, str]:
        """The headers of the newest request for `path`, in lower case."""
        return next(headers for asked, headers in reversed(self.asked) if asked == path)


@contextmanager
def site(pages: Mapping[str, Page]) -> Iterator[Site]:
    """A server of `pages` by path: HTML, or a function that answers."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            headers = {name.lower(): ", ".join(self.headers.get_all(name, [])) for name in self.headers}
            made.asked.append((path, headers))
            page = pages.get(path)
            if callable(page):
                page(self)
                return
            body = (page or "").encode()
            reply(self, body, 404 if page is None else 200)

        def handle(self) -> None:
            try:
                super().handle()
            except OSError:  # the browser went away, which may be what it should do
                return

        def log_message(self, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = Site(f"http://127.0.0.1:{server.server_port}", server.server_port)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()


def reply(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
    """Answer with HTML unless the headers say otherwise."""
    handler.send_response(status)
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    for name, value in {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(body)), **given}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


def moved(to: str) -> Callable[[BaseHTTPRequestHandler], None]:
    """A page that is elsewhere."""
    return lambda handler: reply(handler, b"", 302, Location=to)


def on_slot(pool: Pool, act: Callable[[Slot], Answer]) -> Answer:
    """What `act` makes of a slot on its own thread; raises what it raises."""
    ((_, answer),) = pool.run({"only": act}, 100)
    if isinstance(answer, BaseException):
        raise answer
    return answer


def look(
    pool: Pool,
    url: str,
    act: Callable[[Room], Answer],
    limits: Limits = LIMITS,
    private_hosts: tuple[str, ...] = (),
    headers: Mapping[str, str] | None = None,
    **options: object,
) -> Answer:
    """What `act` makes of a room for the report at `url`."""

    def work(slot: Slot) -> Answer:
        reach = Reach.of(private_hosts, url)
        with slot.room(limits, reach, width=800, height=600, headers=headers, **options) as room:  # type: ignore[arg-type]
            return act(room)

    return on_slot(pool, work)


def opened(url: str) -> Callable[[Room], Room]:
    """Open `url`; the room is for its notes and its usage then, its page is gone."""

    def act(room: Room) -> Room:
        room.page.goto(url)
        return room

    return act
