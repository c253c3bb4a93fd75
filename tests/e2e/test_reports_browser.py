"""The way from the wall of reports to the proof of a wrong number and back, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Portal
from tests.e2e.test_pages_browser import PATIENCE, visit, wide  # noqa: F401  # a fixture

pytestmark = pytest.mark.browser


def test_a_card_leads_to_the_proof_and_back_to_the_wall_as_it_was_narrowed(wide: Page, portal: Portal) -> None:  # noqa: F811
    visit(wide, portal, "reports?owner=alice")
    wide.get_by_role("link", name=re.compile("Partner scorecard")).click()
    expect(wide.get_by_text("Revenue, hop by hop")).to_be_visible(timeout=PATIENCE)
    expect(wide).to_have_url(re.compile(r"report=partner-scorecard&persona=gold"), timeout=PATIENCE)
    wide.go_back()
    expect(wide.get_by_text("Sales overview").first).to_be_visible(timeout=PATIENCE)
    expect(wide).to_have_url(re.compile(r"/reports\?owner=alice$"))
    wide.get_by_role("link", name=re.compile("Partner scorecard")).click()
    wide.get_by_role("link", name=re.compile("All reports")).click()
    expect(wide.get_by_text("Sales overview").first).to_be_visible(timeout=PATIENCE)
    expect(wide.get_by_text("Invoice ageing")).to_have_count(0)


def test_the_wall_shows_a_small_picture_and_ninety_days_of_every_report(wide: Page, portal: Portal) -> None:  # noqa: F811
    visit(wide, portal, "reports")
    picture = wide.get_by_role("img", name="Partner scorecard as last seen")
    expect(picture).to_be_visible(timeout=PATIENCE)
    assert picture.evaluate("image => image.naturalWidth") == 232
    expect(wide.get_by_role("img", name=re.compile(r"Partner scorecard, 90 days: \d+ good"))).to_be_visible(
        timeout=PATIENCE
    )
