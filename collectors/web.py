"""Opens one web page under guard: a limit for the whole exchange, no link-local address, and a look at the certificate.

A report's URL may come from somebody else, so it must not become a way to ask the cloud's metadata service for keys:
every hop is checked by name before and by address after it is connected. Who asks may refuse more than that.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

MAX_REDIRECTS = 5
PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
FORBIDDEN = tuple(ipaddress.ip_network(text) for text in ("169.254.0.0/16", "fe80::/10", "fd00:ec2::254/128"))
HEADERS = {"User-Agent": "shewhart-report-check", "Cache-Control": "no-cache"}


class RefusedAddressError(Exception):
    """The page is on an address that is not asked; the message is a sentence."""


Refuse = Callable[[str, int, str], None]  # raises RefusedAddressError for a host, a port and an address of the host


class Opener(Protocol):
    """What opens a page, every hop of the way asked of `refuse`: the one below."""

    def __call__(
        self, url: str, *, timeout: tuple[float, float], stream: bool, allow_redirects: bool, refuse: Refuse
    ) -> requests.Response: ...


def refuse_link_local(_host: str, _port: int, address: str) -> None:
    """Raise RefusedAddressError for a link-local or metadata address."""
    found = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None) or found
    if any(mapped in network for network in FORBIDDEN):
        raise RefusedAddressError(
            f"{address} is a link-local address, where clouds keep their keys; give the report an address of its own."
        )


class Watch:
    """The connections of one check, so that another thread can end them when its time is over."""

    def __init__(self) -> None:
        self.is_over = False
        self._sockets: list[socket.socket] = []

    def add(self, connected: socket.socket) -> None:
        self._sockets.append(connected)
        if self.is_over:
            self.end()

    def end(self) -> None:
        """Shut every connection down; whoever reads from one gets an error or an end at once."""
        self.is_over = True
        for connected in list(self._sockets):
            with suppress(OSError):
                connected.shutdown(socket.SHUT_RDWR)


WATCH: ContextVar[Watch | None] = ContextVar("watch", default=None)
REFUSE: ContextVar[Refuse] = ContextVar("refuse", default=refuse_link_local)


@contextmanager
def time_limit(seconds: float) -> Iterator[Watch]:
    """Ends the connections made inside after `seconds`, however slowly their other side goes on sending."""
    watch = Watch()
    timer = threading.Timer(seconds, watch.end)
    timer.daemon = True
    token = WATCH.set(watch)
    timer.start()
    try:
        yield watch
    finally:
        timer.cancel()
        WATCH.reset(token)


def _joined(connection: HTTPConnection) -> None:
    """Check and watch a connection that has just been made."""
    connected = connection.sock
    if connected is None:
        return
    REFUSE.get()(connection.host, connection.port or 0, str(connected.getpeername()[0]))
    watch = WATCH.get()
    if watch is not None:
        watch.add(connected)


class _Connection(HTTPConnection):
    def connect(self) -> None:
        super().connect()
        _joined(self)


class _SecureConnection(HTTPSConnection):
    certificate: dict[str, Any] | None = None

    def connect(self) -> None:
        super().connect()
        _joined(self)
        if isinstance(self.sock, ssl.SSLSocket):
            self.certificate = self.sock.getpeercert()


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class GuardedAdapter(HTTPAdapter):
    """Sends requests for a session, each hop asked of `refuse`."""

    def __init__(self, refuse: Refuse = refuse_link_local) -> None:
        super().__init__()
        self._refuse = refuse
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        asked = urlsplit(request.url or "")
        host, port = asked.hostname or "", asked.port or PORTS.get(asked.scheme, 0)
        for address in _addresses(host):
            self._refuse(host, port, address)
        token = REFUSE.set(self._refuse)
        try:
            return super().send(request, stream, timeout, verify, cert, proxies)
        finally:
            REFUSE.reset(token)


def get(
    url: str,
    *,
    timeout: tuple[float, float],
    stream: bool,
    allow_redirects: bool,
    refuse: Refuse = refuse_link_local,
) -> requests.Response:
    """The answer to a GET, its body unread when `stream`; raises RefusedAddressError and what requests raises."""
    session = requests.Session()
    session.max_redirects = MAX_REDIRECTS
    session.headers.update(HEADERS)
    session.mount("http://", GuardedAdapter(refuse))
    session.mount("https://", GuardedAdapter(refuse))
    return session.get(url, timeout=timeout, stream=stream, allow_redirects=allow_redirects)


def _addresses(host: str) -> set[str]:
    """All addresses of `host`; none when its name cannot be resolved, which the connection then reports."""
    try:
        return {str(found[4][0]) for found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        return set()


def days_left(response: requests.Response, now: datetime) -> float | None:
    """Days until the certificate of a verified connection ends; None where there was no such connection."""
    certificate = getattr(getattr(response.raw, "connection", None), "certificate", None)
    if not certificate or "notAfter" not in certificate:
        return None
    ends_at = ssl.cert_time_to_seconds(certificate["notAfter"])
    return (ends_at - (now - datetime(1970, 1, 1)).total_seconds()) / 86400
