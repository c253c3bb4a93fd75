"""The header that signs the browser in, seen by real servers: the report's own gets it, nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from collectors.reports.browser import Room
from collectors.reports.pool import Pool
from tests.collectors.reports.sites import GOOD, Site, look, moved, reply, site

pytestmark = pytest.mark.browser

SECRET = {"X-Token": "s3cret", "Accept-Language": "de-CH"}


def cookie(handler: BaseHTTPRequestHandler) -> None:
    reply(handler, b"", 302, Location="/", Set_Cookie="who=anna")


@pytest.fixture
def other() -> Iterator[Site]:
    with site({"/": "other", "/image": "x", "/frame": "x", "/back": "x"}) as made:
        yield made


@pytest.fixture
def portal(other: Site) -> Iterator[Site]:
    parts = f"<img src='{other.url}/image'><img src=/image><iframe src='{other.url}/frame'></iframe><iframe src=/frame>"
    pages: dict[str, Any] = {
        "/start": cookie,
        "/": f"{GOOD}{parts}",
        "/image": "x",
        "/frame": "x",
        "/away": moved(f"{other.url}/back"),
        "/data": "{}",
    }
    with site(pages) as made:
        yield made


def test_the_header_goes_to_the_report_and_to_nobody_else(pool: Pool, portal: Site, other: Site) -> None:
    def act(room: Room) -> str:
        room.page.goto(f"{portal.url}/start")
        room.page.evaluate("fetch('/data', {headers: {'x-TOKEN': 'mine'}})")
        room.page.evaluate("fetch('/away', {mode: 'no-cors'}).catch(() => 0)")
        return room.page.inner_text("h1")

    assert look(pool, portal.url, act, private_hosts=("127.0.0.1",), headers=SECRET) == "Revenue"
    for path in ("/start", "/", "/image", "/frame", "/data", "/away"):
        assert portal.headers(path)["x-token"] == "s3cret", path
    assert portal.headers("/")["accept-language"] == "de-CH"
    assert portal.headers("/")["cookie"] == "who=anna"
    assert {path for path, _ in other.asked} >= {"/image", "/frame", "/back"}
    for path, headers in other.asked:
        assert "x-token" not in headers, path
        assert "s3cret" not in str(headers), path


def test_a_report_that_leads_away_does_not_take_the_header_along(pool: Pool, portal: Site, other: Site) -> None:
    def act(room: Room) -> str:
        room.page.goto(f"{portal.url}/away")
        return room.page.url

    assert look(pool, portal.url, act, private_hosts=("127.0.0.1",), headers=SECRET) == f"{other.url}/back"
    assert portal.headers("/away")["x-token"] == "s3cret"
    assert "x-token" not in other.headers("/back")


def test_the_next_look_has_no_header(pool: Pool, portal: Site) -> None:
    def act(room: Room) -> None:
        room.page.goto(portal.url)

    look(pool, portal.url, act, headers=SECRET)
    look(pool, portal.url, act)
    assert "x-token" not in portal.headers("/")
