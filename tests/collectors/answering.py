"""A real web server whose answers a test decides, for the tests of those who ask schedulers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request: path, the first value of each parameter, headers, and the body."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: str

    @property
    def content(self) -> dict[str, object]:
        return dict(json.loads(self.body))


@dataclass(frozen=True)
class Reply:
    """What is answered; with `lacks`, so many bytes less than were promised; with `drips`, a byte now and then."""

    content: object = field(default_factory=dict)
    status: int = 200
    kind: str = "application/json"
    lacks: int = 0
    drips: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


Answer = Callable[[Asked], Reply]


@contextmanager
def answering(answer: Answer) -> Iterator[tuple[str, list[Asked]]]:
    """The address of a server that answers so, and what it was asked until now."""
    asked: list[Asked] = []
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # connections stay open, as those of real servers do

        def handle_one(self) -> None:
            found = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(found.query).items()}
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            asked.append(Asked(self.command, unquote(found.path), query, dict(self.headers), body))
            reply = answer(asked[-1])
            data = reply.content if isinstance(reply.content, bytes) else json.dumps(reply.content).encode()
            self.send_response(reply.status)
            for name, value in {"Content-Type": reply.kind, "Content-Length": str(len(data)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.close_connection |= bool(reply.lacks or reply.drips)
            for byte in data if reply.drips else ():
                if ended.wait(0.1):
                    return
                self.wfile.write(bytes([byte]))
            self.wfile.write(b"" if reply.drips else data[: len(data) - reply.lacks])

        def handle(self) -> None:
            try:
                super().handle()
            except OSError:  # whoever asked went away, which may be what it should do
                return

        def do_GET(self) -> None:
            self.handle_one()

        def do_POST(self) -> None:
            self.handle_one()

        def log_message(self, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        ended.set()
        server.shutdown()
        server.server_close()
