"""The pages in a real browser: every one loads wide and narrow, and the flows that matter end where they should."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from app import navigation
from tests.e2e.conftest import Portal
from tests.processes import wait_for

pytestmark = pytest.mark.browser

READY = '[data-testid="stApp"][data-test-script-state="notRunning"]'
NAMES = sorted(navigation.discover())
WIDE, NARROW = (1280, 900), (390, 844)
HARMLESS = "404"  # Streamlit asks below the page's own path first
PATIENCE = 30_000


@pytest.fixture(params=[WIDE, NARROW], ids=["wide", "narrow"])
def screen(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    yield from opened(browser, request.param)


@pytest.fixture
def wide(browser: Browser) -> Iterator[Page]:
    yield from opened(browser, WIDE)


def opened(browser: Browser, size: tuple[int, int]) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, timezone_id="Europe/Berlin")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    yield page
    context.close()


def visit(page: Page, portal: Portal, path: str = "") -> None:
    page.goto(f"{portal.url}/{path}")
    page.wait_for_selector(READY)
    expect(page.get_by_test_id("stHeading").first).to_be_visible(timeout=PATIENCE)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_loads_without_failures_strangers_or_sideways_scrolling(name: str, screen: Page, portal: Portal) -> None:
    errors: list[str] = []
    strangers: list[str] = []
    screen.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    screen.on("request", lambda request: strangers.append(request.url) if is_strange(request.url, portal) else None)
    visit(screen, portal, "" if name == "overview" else name)
    expect(screen.get_by_test_id("stException")).to_have_count(0)
    expect(screen.get_by_text("could not be shown")).to_have_count(0)
    widths = screen.evaluate(
        "() => { const it = document.querySelector('[data-testid=stMain]'); return [it.scrollWidth, it.clientWidth] }"
    )
    assert widths[0] <= widths[1]
    assert [error for error in errors if HARMLESS not in error] == []
    assert strangers == []


def is_strange(url: str, portal: Portal) -> bool:
    return url.startswith(("http:", "https:")) and not url.startswith(portal.url)


def test_the_overview_shows_a_live_value_and_leads_to_the_evidence(wide: Page, portal: Portal) -> None:
    visit(wide, portal)
    card = wide.get_by_test_id("stMetric").filter(has_text="CPU busy")
    expect(card).to_contain_text(re.compile(r"\d+ %"))
    expect(wide.get_by_text(re.compile("As of .* Europe/Berlin"))).to_be_visible()
    wide.get_by_text("Invoice ageing is down").click()
    expect(wide).to_have_url(re.compile(r"/reports\?.*report=invoice-ageing"))
    expect(wide.get_by_test_id("stMain")).to_contain_text("owner bob")


def test_filing_a_request_ends_in_the_store(wide: Page, portal: Portal) -> None:
    visit(wide, portal, "access")
    wide.get_by_role("textbox", name="Justification").fill("I prepare the partner review")
    wide.get_by_role("button", name="File request").click()
    expect(wide.get_by_text("Filed: viewer of Sales overview.")).to_be_visible()
    store = portal.home.open()
    asked = "select count(*) from request_events where justification = 'I prepare the partner review'"
    wait_for(lambda: store.fetch(asked).item() == 1, "the request to reach the store")
    store.close()


def test_explore_runs_a_query_with_a_key_and_refuses_a_write(wide: Page, portal: Portal) -> None:
    visit(wide, portal, "explore")
    editor = wide.get_by_role("textbox", name="SQL")
    editor.fill("select count(*) as looks from report_checks")
    editor.press("Control+Enter")
    expect(wide.get_by_text(re.compile("^1 row in [^,]*$"))).to_be_visible(timeout=30_000)
    expect(wide).to_have_url(re.compile("q=select"))
    editor.fill("delete from report_checks")
    editor.press("Control+Enter")
    expect(wide.get_by_text("Explore only reads")).to_be_visible()


def test_kill_9_of_the_app_costs_no_filed_request(wide: Page, portal: Portal) -> None:
    visit(wide, portal, "access")
    wide.get_by_role("textbox", name="Justification").fill("I was filed right before a crash")
    wide.get_by_role("button", name="File request").click()
    expect(wide.get_by_text("Filed: viewer of Sales overview.")).to_be_visible()
    portal.restart_app()
    store = portal.home.open()
    asked = "select count(*) from request_events where justification = 'I was filed right before a crash'"
    wait_for(lambda: store.fetch(asked).item() >= 1, "the request to reach the store")
    assert store.fetch(asked).item() == 1
    store.close()
    visit(wide, portal, "access")
    expect(wide.get_by_text("I was filed right before a crash").first).to_be_visible()
