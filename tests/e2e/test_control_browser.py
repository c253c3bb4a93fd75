"""Control charts in a real browser: from the wall into one chart, a range dragged on it, a decision, and back."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from store import clock
from store.spool import Spool
from tests.e2e.conftest import Portal
from tests.e2e.test_pages_browser import PATIENCE
from tests.fixtures import watched
from tests.processes import Home, wait_for

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def points(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """Store, shipper and app of their own with four months of data points."""
    home = Home.make(tmp_path_factory.mktemp("points"), estate=watched.ESTATE)
    try:
        home.start_store()
        home.start("-m", "store.shipper")
        Spool(home.conf.spool_path, "history").put(watched.watched(clock.now()))
        store = home.open()
        wait_for(lambda: store.fetch("select count(*) from batches").item() == 1, "the points to be stored")
        store.close()
        made = Portal(home, f"http://localhost:{home.conf.app_port}")
        made.start_app()
        yield made
    finally:
        home.stop()


@pytest.fixture
def wide(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 1200}, timezone_id="Europe/Berlin")
    yield context.new_page()
    context.close()


def drag_over_chart(page: Page, begin: float, end: float) -> None:
    """Drag over the plot from one share of its width to another."""
    plot = page.locator(".js-plotly-plot .nsewdrag").first
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + begin * box["width"], box["y"] + 0.2 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + end * box["width"], box["y"] + 0.8 * box["height"], steps=8)
    page.mouse.up()


def test_a_card_leads_to_the_chart_and_back_to_the_wall_as_it_was_narrowed(wide: Page, points: Portal) -> None:
    wide.goto(f"{points.url}/control_charts?dataset=Orders")
    expect(wide.get_by_role("img", name=re.compile(r"Orders, \d+ points, 2 of them signals"))).to_be_visible(
        timeout=PATIENCE
    )
    wide.get_by_role("link", name=re.compile("Orders")).first.click()
    expect(wide.locator(".js-plotly-plot")).to_be_visible(timeout=PATIENCE)
    expect(wide).to_have_url(re.compile(r"series=orders"), timeout=PATIENCE)
    wide.get_by_role("link", name=re.compile("All data points")).click()
    expect(wide.get_by_text("Rows without a partner").first).to_be_visible(timeout=PATIENCE)
    expect(wide.get_by_role("link", name=re.compile("Refunds"))).to_have_count(0)
    expect(wide).to_have_url(re.compile(r"/control_charts\?dataset=Orders$"))


def test_a_series_picked_on_the_wall_opens(wide: Page, points: Portal) -> None:
    wide.goto(f"{points.url}/control_charts")
    picker = wide.get_by_role("combobox", name=re.compile("Series"))
    picker.click(timeout=PATIENCE)
    wide.get_by_role("option", name="CPU busy ratio · db-01").click()
    expect(wide.get_by_text("Nelson's eight rules")).to_be_visible(timeout=PATIENCE)


def test_a_range_dragged_on_the_chart_is_left_out(wide: Page, points: Portal) -> None:
    wide.goto(f"{points.url}/control_charts?series=refunds&point_tab=Mark+points")
    expect(wide.get_by_text("1 point, mean")).to_be_visible(timeout=PATIENCE)
    drag_over_chart(wide, 0.3, 0.4)
    counted = wide.get_by_text(re.compile(r"^(8|9|10) points, mean [\d.]+ EUR$"))
    expect(counted).to_be_visible(timeout=PATIENCE)
    wide.get_by_label("Reason").fill("the shop moved house")
    wide.get_by_role("button", name="Leave out", exact=True).last.click()
    expect(wide.get_by_text("Left out of all limits.")).to_be_visible(timeout=PATIENCE)
    expect(wide.locator(".js-plotly-plot").get_by_text("Left out: the shop moved house")).to_be_visible(
        timeout=PATIENCE
    )


def test_on_a_phone_nothing_is_wider_than_the_screen(browser: Browser, points: Portal) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    for address in ("control_charts", "control_charts?series=revenue"):
        page.goto(f"{points.url}/{address}")
        expect(page.get_by_text("Revenue").first).to_be_visible(timeout=PATIENCE)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()
