"""Real servers that take notifications, and messages to send them."""

from __future__ import annotations

import base64
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from alerts.messages import Message
from config.alerting import Mail
from store.rows import NoticeKind
from tests.processes import free_port

NOW = datetime(2026, 11, 23, 12)


def later(seconds: float) -> datetime:
    """`NOW` and so many seconds."""
    return NOW + timedelta(seconds=seconds)


def message(name: str = "m1", channel: str = "ops", **changes: Any) -> Message:
    """A critical alert about a full disk, with its chart."""
    shape: dict[str, Any] = {
        "kind": NoticeKind.FIRED,
        "rule": "disk_full",
        "subject": f"db-01:/{name}",
        "severity": "critical",
        "title": f"Disk full: {name}",
        "evidence": "96.5 % used, 3.1 GB free",
        "occurred_at": NOW,
        "incident_id": "i1",
        "help": "Free some space.",
        "link": "alerts?incident=i1",
        "points": tuple((NOW - timedelta(minutes=60 - at), 0.9 + at / 1000) for at in range(60)),
        "limit": 0.95,
        "unit": "ratio",
    }
    return Message(id=name, channel=channel, **{**shape, **changes})


class Post:
    """A mail server in a thread; `answers` are replies to recipients by address, each list from its first on."""

    def __init__(self, port: int | None = None) -> None:
        self.port = port or free_port()
        self.mails: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.answers: dict[str, list[str]] = {}
        self.data_answer = "250 OK"
        self.controller: Controller | None = None

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.answers.get(address):
            return self.answers[address].pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.data_answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            found = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(found, EmailMessage)
            self.mails.append(found)
            self.recipients.append(list(envelope.rcpt_tos))
        return self.data_answer

    @contextmanager
    def open(self, **options: Any) -> Iterator[Post]:
        """Listen until the end of the block."""
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port, **options)
        self.controller.start()
        try:
            yield self
        finally:
            self.controller.stop()

    def settings(self, *to: str, **changes: Any) -> Mail:
        """The channel's part of alerts.yaml that leads here."""
        shape = {"host": "127.0.0.1", "port": self.port, "sender": "Shewhart <shewhart@example.com>"}
        return Mail.model_validate({**shape, "to": list(to or ["ops@example.com"]), **changes})


class Hook:
    """A web server in a thread that takes JSON; `status` is its answer."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.bodies: list[dict[str, Any]] = []
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if hook.status < 300:
                    hook.bodies.append(body)
                self.send_response(hook.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_POST  # noqa: N815

            def log_message(self, *_arguments: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port

    @contextmanager
    def open(self) -> Iterator[Hook]:
        """Answer until the end of the block."""
        thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.server.shutdown()
            self.server.server_close()
            thread.join()

    @property
    def url(self) -> str:
        """Its apprise URL, with a secret in the path."""
        return f"json://127.0.0.1:{self.port}/hook/s3cr3t-token"

    def titles(self) -> list[str]:
        """Titles of what was taken."""
        return [body["title"] for body in self.bodies]

    def pictures(self) -> list[bytes]:
        """The pictures that came with it."""
        return [base64.b64decode(one["base64"]) for body in self.bodies for one in body["attachments"]]


@contextmanager
def hanging_server() -> Iterator[socket.socket]:
    """A server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=16) as listening:
        yield listening


def url_of(listening: socket.socket) -> str:
    """The apprise URL that leads to a listening socket."""
    return f"json://127.0.0.1:{listening.getsockname()[1]}"


def write_alerts(folder: Path, **parts: Any) -> Path:
    """alerts.yaml below `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "alerts.yaml"
    path.write_text(yaml.safe_dump(parts))
    return path
