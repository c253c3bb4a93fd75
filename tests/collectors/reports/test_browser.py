"""One look in a real Chromium: fresh every time, and cut off when it takes too much."""

from __future__ import annotations

import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import psutil
import pytest
from playwright.sync_api import Error

from collectors.reach import Reach
from collectors.reports.browser import BrowserGoneError, BrowserMissingError, Room, Slot, find_browser
from collectors.reports.limits import LimitExceededError, Limits
from collectors.reports.pool import Pool
from config.reports import Report
from tests.collectors.reports.sites import GOOD, LIMITS, Site, look, moved, on_slot, opened, reply, site
from tests.processes import wait_for

pytestmark = pytest.mark.browser

SENT = {"bytes": 0}
HUNGRY = "<script>const kept=[];setInterval(()=>kept.push(new Array(2e6).fill(Math.random())),5)</script>"


def pour(handler: BaseHTTPRequestHandler) -> None:
    """A gigabyte of report."""
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.send_header("Content-Length", "1000000000")
    handler.end_headers()
    for _ in range(1000):
        handler.wfile.write(b"x" * 1_000_000)
        SENT["bytes"] += 1_000_000


def ask_for_password(handler: BaseHTTPRequestHandler) -> None:
    reply(handler, b"who are you", 401, WWW_Authenticate='Basic realm="reports"')


@pytest.fixture(scope="module")
def portal() -> Iterator[Site]:
    pages: dict[str, Any] = {
        "/": GOOD,
        "/cookie": "<script>document.cookie='seen=1';localStorage.seen=1</script>",
        "/errors": "<h1>x</h1><script>console.error('odd');setTimeout(()=>{throw new Error('boom')})</script>"
        "<img src=/none><script src=http://reports.invalid/x.js></script>",
        "/hungry": HUNGRY,
        "/pour": pour,
        "/loop": moved("/loop"),
        "/moved": moved("/"),
        "/password": ask_for_password,
        "/download": lambda one: reply(one, b"a,b\n", Content_Disposition="attachment; filename=sales.csv"),
        "/dialogs": "<script>alert('a');r=[confirm('b'),prompt('c')];onbeforeunload=e=>{e.preventDefault()}</script>"
        f"{GOOD}<script>document.title=JSON.stringify(r);print()</script>",
        "/popup": f"{GOOD}<script>window.open('/')</script>",
        "/worker": f"{GOOD}<script>r=navigator.serviceWorker.register('/sw.js').then(()=>'yes',()=>'no')</script>",
    }
    with site(pages) as made:
        yield made


def text(room: Room) -> str:
    return room.page.inner_text("h1")


def test_a_good_page_is_there_with_what_it_took(pool: Pool, portal: Site) -> None:
    def act(room: Room) -> tuple[str, Room]:
        room.page.goto(f"{portal.url}/moved")
        return text(room), room

    said, room = look(pool, portal.url, act)
    assert (said, room.notes.status) == ("Revenue", 200)
    assert 200 < room.usage().received_bytes < 10_000
    assert room.usage().peak_memory_bytes < 500_000_000
    assert (room.notes.refused, room.notes.page_errors, room.notes.dialogs) == ([], [], [])


def test_every_look_is_in_a_fresh_context_of_the_same_browser(pool: Pool, portal: Site) -> None:
    def pid(slot: Slot) -> int:
        with slot.room(LIMITS, Reach.of([], portal.url), width=800, height=600) as room:
            room.page.goto(f"{portal.url}/cookie")
            assert room.page.evaluate("[document.cookie, Object.keys(localStorage).length]") == ["seen=1", 1]
        return browser_of(slot).pid

    assert on_slot(pool, pid) == on_slot(pool, pid)
    assert "cookie" not in portal.headers("/cookie")


def test_the_page_is_as_it_is_asked_for(pool: Pool, portal: Site) -> None:
    def act(room: Room) -> list[object]:
        room.page.goto(portal.url)
        return room.page.evaluate(
            "[innerWidth, innerHeight, navigator.language, Intl.DateTimeFormat().resolvedOptions().timeZone,"
            " document.cookie]"
        )

    cookie = {"name": "who", "value": "anna", "domain": "127.0.0.1", "path": "/", "expires": -1}
    state = {"cookies": [cookie | {"httpOnly": False, "secure": False, "sameSite": "Lax"}], "origins": []}
    found = look(pool, portal.url, act, locale="de-DE", timezone="Europe/Berlin", storage_state=state)
    assert found == [800, 600, "de-DE", "Europe/Berlin", "who=anna"]


def test_errors_beside_the_page_are_noted(pool: Pool, portal: Site) -> None:
    notes = look(pool, portal.url, opened(f"{portal.url}/errors")).notes
    assert "odd" in notes.console_errors
    assert notes.page_errors == ["boom"]
    assert notes.failed_requests == ["http://reports.invalid/x.js: net::ERR_SOCKS_CONNECTION_FAILED"]


def test_the_status_of_an_empty_answer_is_noted_though_the_browser_shows_an_error(pool: Pool, portal: Site) -> None:
    def act(room: Room) -> tuple[int | None, str]:
        with pytest.raises(Error, match="ERR_HTTP_RESPONSE_CODE_FAILURE"):
            room.page.goto(f"{portal.url}/none")
        return room.notes.status, room.notes.content_type

    assert look(pool, portal.url, act) == (404, "text/html; charset=utf-8")


def test_an_endless_script_is_cut_off_and_the_next_look_works(pool: Pool, portal: Site) -> None:
    def act(room: Room) -> None:
        room.page.goto(portal.url)
        room.page.evaluate("() => { while (true) {} }")

    started = time.monotonic()
    with pytest.raises(LimitExceededError, match=r"^The page kept the browser busy for 1.5 s") as error:
        look(pool, portal.url, act, Limits(1.5, 10**9, 10**7))
    assert error.value.kind == "time"
    assert error.value.usage.received_bytes > 0
    assert time.monotonic() - started < 25
    assert look(pool, portal.url, lambda room: room.page.goto(portal.url) and text(room)) == "Revenue"


def test_an_endless_script_does_not_keep_a_look_that_is_done(pool: Pool, portal: Site) -> None:
    def act(room: Room) -> str:
        room.page.goto(portal.url)
        room.page.evaluate("() => { setTimeout(() => { while (true) {} }) }")
        return "done"

    started = time.monotonic()
    assert look(pool, portal.url, act) == "done"
    assert time.monotonic() - started < 25


def test_a_page_that_takes_more_and_more_memory_is_cut_off(pool: Pool, portal: Site) -> None:
    def act(room: Room) -> None:
        room.page.goto(f"{portal.url}/hungry")
        room.page.wait_for_selector("#never")

    with pytest.raises(LimitExceededError, match=r"MB of memory, 300 MB allowed; .* raise `memory_mb`") as error:
        look(pool, portal.url, act, Limits(30, 300_000_000, 10**7))
    assert error.value.kind == "memory"
    assert 300_000_000 < error.value.usage.peak_memory_bytes < 2_000_000_000
    assert look(pool, portal.url, opened(portal.url)).notes.status == 200


def test_a_gigabyte_is_cut_off_at_the_limit(pool: Pool, portal: Site) -> None:
    with pytest.raises(LimitExceededError, match=r"^The page sent more than 5 MB; .* raise `download_mb`") as error:
        look(pool, portal.url, opened(f"{portal.url}/pour"), Limits(30, 10**9, 5_000_000))
    assert error.value.kind == "bytes"
    assert SENT["bytes"] < 50_000_000
    assert look(pool, portal.url, opened(portal.url)).notes.status == 200


def test_the_limits_of_a_report_are_its_own_with_a_little_time_for_the_verdict() -> None:
    given = {"id": "r", "title": "R", "url": "http://r", "subsystem": "s", "timeout_seconds": 20, "memory_mb": 200}
    limits = Limits.of(Report.model_validate(given))
    assert (limits.memory_bytes, limits.download_bytes) == (200_000_000, 100_000_000)
    assert 20 < limits.seconds <= 30


@pytest.mark.parametrize(("path", "said"), [("/loop", "ERR_TOO_MANY_REDIRECTS"), ("/download", "Download is starting")])
def test_a_page_that_is_none_ends_its_own_look_only(pool: Pool, portal: Site, path: str, said: str) -> None:
    def act(room: Room) -> Room:
        with pytest.raises(Error, match=said):
            room.page.goto(f"{portal.url}{path}")
        return room

    assert look(pool, portal.url, act).notes.downloads == (["sales.csv"] if path == "/download" else [])
    assert look(pool, portal.url, opened(portal.url)).notes.status == 200


def test_dialogs_and_a_print_do_not_hold_the_page_up(pool: Pool, portal: Site) -> None:
    def act(room: Room) -> tuple[str, list[str]]:
        room.page.goto(f"{portal.url}/dialogs")
        return room.page.title(), room.notes.dialogs

    assert look(pool, portal.url, act) == ("[false,null]", ["alert: a", "confirm: b", "prompt: c"])


def test_popups_are_closed_and_noted(pool: Pool, portal: Site) -> None:
    def act(room: Room) -> int:
        with room.context.expect_page() as popup:
            room.page.goto(f"{portal.url}/popup")
        if not popup.value.is_closed():
            popup.value.wait_for_event("close")
        assert len(room.notes.popups) == 1
        return len(room.context.pages)

    assert look(pool, portal.url, act) == 1


def test_a_page_that_asks_for_a_password_answers_401(pool: Pool, portal: Site) -> None:
    def act(room: Room) -> int | None:
        with pytest.raises(Error, match="ERR_INVALID_AUTH_CREDENTIALS"):
            room.page.goto(f"{portal.url}/password")
        return room.notes.status

    assert look(pool, portal.url, act) == 401


def test_a_page_gets_no_permission_and_leaves_nothing_running(pool: Pool, portal: Site) -> None:
    def act(room: Room) -> object:
        room.page.goto(f"{portal.url}/worker")
        place = "new Promise(done => navigator.geolocation.getCurrentPosition(() => done('yes'), () => done('no')))"
        return room.page.evaluate(f"Promise.all([{place}, Notification.requestPermission(), r.then(() => 'over')])")

    assert look(pool, portal.url, act) == ["no", "denied", "over"]
    assert "/sw.js" not in [path for path, _ in portal.asked]


def browser_of(slot: Slot) -> psutil.Process:
    """The one process that was started as the browser of the slot."""
    (found,) = (one for one in psutil.Process().children(recursive=True) if slot.switch in command(one))
    return found


def profile_of(browser: psutil.Process) -> Path:
    (found,) = (Path(part.partition("=")[2]) for part in browser.cmdline() if part.startswith("--user-data-dir="))
    return found


def command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def test_a_browser_that_is_killed_between_looks_is_replaced(pool: Pool, portal: Site) -> None:
    look(pool, portal.url, opened(portal.url))
    killed = on_slot(pool, browser_of)
    profile = profile_of(killed)
    killed.kill()
    wait_for(lambda: not killed.is_running() or killed.status() == psutil.STATUS_ZOMBIE, "the browser to end")
    assert look(pool, portal.url, opened(portal.url)).notes.status == 200
    assert on_slot(pool, browser_of).pid != killed.pid
    assert not profile.exists()


@pytest.mark.parametrize("whose", ["browser", "driver"])
def test_a_browser_that_is_killed_during_a_look_is_told_and_replaced(pool: Pool, portal: Site, whose: str) -> None:
    profiles = []

    def work(slot: Slot) -> None:
        with slot.room(LIMITS, Reach.of([], portal.url), width=800, height=600) as room:
            room.page.goto(portal.url)
            browser = browser_of(slot)
            profiles.append(profile_of(browser))
            killed = browser if whose == "browser" else browser.parent()
            assert killed is not None
            killed.kill()
            room.page.wait_for_selector("#never")

    with pytest.raises(BrowserGoneError, match="ended in the middle of the look"):
        on_slot(pool, work)
    assert look(pool, portal.url, opened(portal.url)).notes.status == 200
    assert not profiles[0].exists()


def test_a_page_whose_process_breaks_down_is_noted(pool: Pool, portal: Site) -> None:
    def work(slot: Slot) -> bool:
        with slot.room(LIMITS, Reach.of([], portal.url), width=800, height=600) as room:
            room.page.goto(portal.url)
            for one in browser_of(slot).children(recursive=True):
                if "--type=renderer" in command(one):
                    one.kill()
            with pytest.raises(Error, match="crashed"):
                room.page.wait_for_selector("#never")
            return room.notes.has_crashed

    assert on_slot(pool, work)
    assert look(pool, portal.url, opened(portal.url)).notes.status == 200


def test_a_browser_is_renewed_when_asked_and_after_so_many_looks(portal: Site) -> None:
    def work(slot: Slot) -> list[int]:
        found = []
        for number in range(4):
            if number == 3:
                slot.renew()
            with slot.room(LIMITS, Reach.of([], portal.url), width=800, height=600):
                found.append(browser_of(slot).pid)
        return found

    one = Pool(1, lambda: Slot(checks_per_browser=2))
    try:
        first, second, third, fourth = on_slot(one, work)
    finally:
        one.close()
    assert first == second
    assert len({first, third, fourth}) == 3


def test_a_browser_that_is_not_there_is_told(portal: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHEWHART_BROWSER", "/nowhere/chrome")
    with pytest.raises(
        BrowserMissingError, match=r"^SHEWHART_BROWSER is '/nowhere/chrome', which is no program; .*inst"
    ):
        find_browser()
    monkeypatch.setenv("SHEWHART_BROWSER", "/bin/false")
    one = Pool(1)
    try:
        with pytest.raises(BrowserMissingError, match=r"^The browser /bin/false does not start: "):
            look(one, portal.url, opened(portal.url))
        monkeypatch.delenv("SHEWHART_BROWSER")
        assert look(one, portal.url, opened(portal.url)).notes.status == 200
    finally:
        one.close()
