"""What an ops person does with an incident and a late job, in a real browser, down to the row in the store."""

from __future__ import annotations

import re

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Portal
from tests.e2e.test_pages_browser import visit, wide  # noqa: F401  # a fixture
from tests.processes import wait_for

pytestmark = pytest.mark.browser


def test_acknowledging_an_incident_needs_a_reason_and_ends_in_the_store(wide: Page, portal: Portal) -> None:  # noqa: F811
    visit(wide, portal, "alerts?incident=inc-disk-archive")
    drawer = wide.get_by_role("dialog")
    expect(drawer).to_contain_text("/archive")
    drawer.get_by_role("textbox", name="Reason").fill("I move the oldest year away")
    drawer.get_by_role("textbox", name="Reason").press("Tab")
    drawer.get_by_role("button", name=re.compile("Acknowledge")).click()
    asked = "select count(*) from alert_events where reason = 'I move the oldest year away'"
    store = portal.home.open()
    wait_for(lambda: store.fetch(asked).item() == 1, "the act to reach the store")
    store.close()


def test_what_is_stale_leads_to_the_slots_of_its_job(wide: Page, portal: Portal) -> None:  # noqa: F811
    visit(wide, portal, "refreshes")
    expect(wide.get_by_text("What is stale and why")).to_be_visible()
    expect(wide.get_by_text(re.compile("Chase .*Invoices load")).first).to_be_visible()
    visit(wide, portal, "refreshes?job=invoices-load")
    drawer = wide.get_by_role("dialog")
    expect(drawer).to_contain_text("Invoices load")
    expect(drawer.get_by_text("the pale bar is the window from due to deadline")).to_be_visible()


def test_a_portal_can_ask_how_fresh_a_report_is(portal: Portal) -> None:
    answer = requests.get(f"{portal.url}/freshness/sales-overview", timeout=10)
    assert answer.json()["report"] == "sales-overview"
    assert answer.json()["data_as_of"] is not None
    badge = requests.get(f"{portal.url}/freshness/sales-overview.svg", timeout=10)
    assert badge.headers["content-type"].startswith("image/svg+xml")
    assert "data as of" in badge.text
    assert requests.get(f"{portal.url}/freshness/nobody", timeout=10).status_code == 404
