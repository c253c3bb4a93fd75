"""A real Chromium on a page that tries to reach what it may not: it goes through the gateway or nowhere."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from playwright.sync_api import Error

from collectors.reports.browser import Room, Slot
from collectors.reports.pool import Pool
from tests.collectors.reports.sites import GOOD, Site, look, moved, site
from tests.processes import free_port

pytestmark = pytest.mark.browser

WAYS = {
    "image": "new Promise(end => {const i = new Image(); i.onload = i.onerror = end; i.src = URL})",
    "fetch": "fetch(URL, {mode: 'no-cors'}).catch(() => 0)",
    "beacon": "(navigator.sendBeacon(URL, 'x'), fetch(URL, {mode: 'no-cors'}).catch(() => 0))",
    "iframe": "new Promise(end => {const i = document.createElement('iframe'); i.onload = end; i.src = URL;"
    " document.body.append(i)})",
    "script": "new Promise(end => {const i = document.createElement('script'); i.onload = i.onerror = end; i.src = URL;"
    " document.body.append(i)})",
    "websocket": "new Promise(end => {const s = new WebSocket(URL.replace('http', 'ws')); s.onopen = s.onerror = end})",
    "events": "new Promise(end => {const s = new EventSource(URL); s.onopen = s.onerror = () => {s.close(); end()}})",
    "worker": "new Promise(end => {const w = new Worker(URL_OF(`fetch('${URL}', {mode: 'no-cors'})"
    ".catch(() => 0).then(() => postMessage(1))`)); w.onmessage = end})",
    "redirect": "fetch('/led?' + URL, {mode: 'no-cors'}).catch(() => 0)",
}
URL_OF = "const URL_OF = text => window.URL.createObjectURL(new Blob([text]));"
DATAGRAMS = """async ([host, port]) => {
    const link = new RTCPeerConnection({iceServers: [{urls: `stun:${host}:${port}`}]});
    link.createDataChannel('x');
    const ended = new Promise(end => {link.onicecandidate = event => event.candidate || end()});
    await link.setLocalDescription(await link.createOffer());
    const transport = new WebTransport(`https://${host}:${port}/`);
    transport.closed.catch(() => 0);
    await Promise.all([ended, transport.ready.catch(() => 0)]);
}"""


@pytest.fixture(scope="module")
def inner() -> Iterator[Site]:
    """What nobody outside should reach."""
    with site({"/": "secret"}) as made:
        yield made


@pytest.fixture(scope="module")
def portal(inner: Site) -> Iterator[Site]:
    pages: dict[str, Any] = {
        "/": GOOD,
        "/led": moved(inner.url),
        "/keys": moved("http://169.254.169.254/latest/meta-data/"),
        "/decimal": moved("http://2852039166/latest/meta-data/"),
    }
    with site(pages) as made:
        yield made


@pytest.mark.parametrize("way", WAYS)
def test_a_page_reaches_nothing_of_the_house(pool: Pool, portal: Site, inner: Site, way: str) -> None:
    inner.asked.clear()

    def act(room: Room) -> tuple[str, list[str]]:
        room.page.goto(portal.url)
        room.page.evaluate(f"async URL => {{ {URL_OF if way == 'worker' else ''} await {WAYS[way]}; }}", inner.url)
        return room.page.inner_text("h1"), room.notes.refused

    said, refused = look(pool, portal.url, act)
    assert said == "Revenue"
    assert inner.asked == []
    assert refused == [
        f"127.0.0.1 is an address within the house; if reports may use it, name 127.0.0.1:{inner.port} in "
        "`private_hosts` of the estate."
    ]
    assert look(pool, portal.url, act, private_hosts=(f"127.0.0.1:{inner.port}",)) == ("Revenue", [])
    assert inner.asked


@pytest.mark.parametrize("path", ["keys", "decimal"])
def test_a_redirect_to_the_metadata_of_a_cloud_ends_there(pool: Pool, portal: Site, path: str) -> None:
    def act(room: Room) -> list[str]:
        with pytest.raises(Error, match="ERR_SOCKS_CONNECTION_FAILED"):
            room.page.goto(f"{portal.url}/{path}")
        return room.notes.refused

    (sentence,) = look(pool, portal.url, act, private_hosts=("0.0.0.0/0",))
    assert sentence.startswith("169.254.169.254 is a link-local address")


def test_why_a_page_cannot_be_reached_is_noted(pool: Pool) -> None:
    port = free_port()

    def act(room: Room) -> dict[str, str]:
        for url in (f"http://127.0.0.1:{port}/", "http://reports.invalid/"):
            with pytest.raises(Error, match="ERR_SOCKS_CONNECTION_FAILED"):
                room.page.goto(url)
        return room.notes.unreached

    noted = look(pool, f"http://127.0.0.1:{port}/", act)
    assert noted[f"127.0.0.1:{port}"] == "refused the connection"
    assert noted["reports.invalid:80"] == "has no address that can be found"


def test_no_datagram_leaves_the_browser(pool: Pool, portal: Site) -> None:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.setblocking(False)

        def act(room: Room) -> None:
            room.page.goto(portal.url)
            room.page.evaluate(DATAGRAMS, list(listening.getsockname()))

        look(pool, portal.url, act)
        with pytest.raises(BlockingIOError):
            listening.recv(100)


def test_a_name_that_leads_elsewhere_the_second_time_gains_nothing() -> None:
    leads_to = ["127.0.0.1"]
    one = Pool(1, lambda: Slot(resolve=lambda host, port: leads_to if host == "reports.example" else []))

    with site({"/": GOOD}) as portal:
        url = f"http://reports.example:{portal.port}/"

        def act(room: Room) -> tuple[int | None, list[str]]:
            room.page.goto(url)
            leads_to[:] = ["127.0.0.2"]
            portal.asked.clear()
            room.page.evaluate("url => fetch(url + 'keys', {mode: 'no-cors'}).catch(() => 0)", url)
            return room.notes.status, room.notes.refused

        with closing(one):
            status, (sentence,) = look(one, url, act, private_hosts=("127.0.0.1",))
        assert status == 200
        assert sentence.startswith("reports.example leads to 127.0.0.2, an address within the house")
        assert "/keys" not in [path for path, _ in portal.asked]


def test_what_one_report_may_use_the_next_may_not(pool: Pool, portal: Site, inner: Site) -> None:
    def act(room: Room) -> int | None:
        room.page.goto(inner.url)
        return room.notes.status

    assert look(pool, inner.url, act) == 200
    with pytest.raises(Error, match="ERR_SOCKS_CONNECTION_FAILED"):
        look(pool, portal.url, act)
