"""The public status: words of states for readers, fields for machines, nothing that is for the house alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser, sync_playwright
from starlette.testclient import TestClient

from app import badges, server, status_api, status_page
from app.status_facts import DAYS, Status, Statuses
from collectors.reports.browser import find_browser
from store import clock
from store.rows import CheckState, Fault, MaintenanceEvent, NumberState, ReportCheck, ReportNumber, Row, Stage
from tests.e2e import conftest
from tests.fixtures import screens
from tests.fixtures.outage import take_away

AT = datetime(2026, 11, 25, 9)
FIELDS = [
    "report", "state", "stage", "fault", "verified_at", "numbers_matching", "numbers_total", "uptime_90d",
    "slo_target", "budget_left", "as_of",
]  # fmt: skip
ESTATE = """name: Test
subsystems: [{id: sales, title: Sales}]
reports:
  - id: sales
    title: "<b>Sales</b> & more"
    url: "https://secret-host.example.com/sales"
    subsystem: sales
    numbers:
      - {id: revenue, at: {text: Revenue}, source: "duckdb:warehouse.duckdb", sql: "select 42 as value"}
  - {id: stock, title: Stock, url: "https://secret-host.example.com/stock", subsystem: sales}
  - {id: salaries, title: Salaries, url: "https://x.example.com", subsystem: sales, entitlements: [payroll]}
"""
GOOD = Status(
    "sales", "Sales", "up", None, None, AT - timedelta(minutes=48), 14, 14, 0.99996, 0.995, 0.5, ("good",) * DAYS
)  # fmt: skip


@contextmanager
def portal(folder: Path, rows: list[Row], estate: str = ESTATE) -> Iterator[TestClient]:
    """The app over a store with these rows."""
    (folder / "estate").mkdir(parents=True)
    (folder / "estate" / "estate.yaml").write_text(estate)
    url = screens.make_store(folder / "store.duckdb", rows)
    with screens.installation(folder / "home", url, folder / "estate"):
        yield TestClient(server.app)


def look(report: str, state: CheckState = CheckState.UP, minutes: float = 1, **more: object) -> ReportCheck:
    at = clock.now() - timedelta(minutes=minutes)
    return ReportCheck(report, at, state, Stage.FAST, check_id=f"{report}-{minutes}", confirmed=state, **more)  # type: ignore[arg-type]


def down(report: str, minutes: float = 1) -> ReportCheck:
    said = "The page shows an exception: KeyError 'amount' in /srv/app/sales.py."
    return replace(look(report, CheckState.DOWN, minutes), stage=Stage.FINISHED, fault=Fault.EXCEPTION, message=said)


def number(state: NumberState = NumberState.MATCH) -> ReportNumber:
    return ReportNumber("sales", "", "revenue", "sales-1", clock.now(), state, "987,654", 987_654.0, 987_654.0)


def test_a_report_that_is_up_is_verified_with_its_numbers(tmp_path: Path) -> None:
    looks = [look("sales"), number(), *(look("sales", minutes=2 + 5 * n) for n in range(38)), down("sales", 500)]
    with portal(tmp_path, looks) as client:
        found = client.get("/status/sales")
        assert found.headers["cache-control"] == "public, max-age=30"
        told = found.json()
        assert list(told) == FIELDS, "these names are promised"
        assert (told["state"], told["stage"], told["fault"]) == ("up", None, None)
        assert (told["numbers_matching"], told["numbers_total"]) == (1, 1)
        assert told["verified_at"].endswith("Z")
        assert told["uptime_90d"] == 0.975
        assert told["slo_target"] == 0.995
        assert told["budget_left"] == pytest.approx(-4.0), "one of forty is five times what may be"
        page = client.get("/status")
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert "1 number matches" in page.text
        assert "up 97.5 % in 90 days" in page.text


def test_a_report_that_is_down_says_when_it_was_good_and_by_which_fault(tmp_path: Path) -> None:
    with portal(tmp_path, [look("sales", minutes=30), down("sales", 2), down("sales")]) as client:
        told = client.get("/status/sales").json()
        good = datetime.fromisoformat(told["verified_at"]).replace(tzinfo=None)
        assert clock.now() - good == pytest.approx(timedelta(minutes=30), abs=timedelta(minutes=2))
        assert (told["state"], told["stage"], told["fault"]) == ("down", "finished", "exception")
        assert told["numbers_matching"] is None
        page = client.get("/status").text
        assert "1 down, 1 unknown, of 2 reports" in page
        assert "Last verified" in page


def test_nothing_of_the_house_is_told(tmp_path: Path) -> None:
    rows = [down("sales"), number(NumberState.WRONG), look("stock"), look("salaries")]
    with portal(tmp_path, rows) as client:
        everything = "".join(client.get(path).text for path in ("/status", "/status/sales", "/status/sales.svg"))
        for inner in ("secret-host", "warehouse", "select 42", "987", "KeyError", "/srv/app", "alaries"):
            assert inner not in everything
        assert "<b>Sales" not in everything
        assert "&lt;b&gt;Sales&lt;/b&gt; &amp; more" in everything
        for path in ("/status/salaries", "/status/salaries.svg", "/status/nothing", "/status/nothing.svg"):
            found = client.get(path)
            assert found.status_code == 404
            assert found.json()["error"].endswith("there are sales, stock.")


def test_what_nobody_has_looked_at_lately_is_unknown(tmp_path: Path) -> None:
    with portal(tmp_path, [look("sales", minutes=60)]) as client:
        assert client.get("/status/sales").json()["state"] == "unknown"
        assert client.get("/status/stock").json()["verified_at"] is None
        page = client.get("/status").text
        assert "The state of the reports is unknown" in page
        assert "uptime not known" in page
        assert badges.COLORS["grey"] in client.get("/status/sales.svg").text


def test_every_audience_must_have_been_seen_good(tmp_path: Path) -> None:
    estate = ESTATE.replace("title: Stock,", "title: Stock, personas: [{id: gold}, {id: silver}],")
    looks = [replace(look("stock", minutes=n), persona=name) for name, n in (("gold", 1), ("silver", 9))]
    with portal(tmp_path, looks, estate) as client:
        good = datetime.fromisoformat(client.get("/status/stock").json()["verified_at"]).replace(tzinfo=None)
        assert clock.now() - good >= timedelta(minutes=9)
    with portal(tmp_path / "half", looks[:1], estate) as client:
        assert client.get("/status/stock").json()["verified_at"] is None


def test_a_planned_break_is_told_before_and_while_it_is_on(tmp_path: Path) -> None:
    now = clock.now()

    def window(report: str, hours: float, name: str) -> MaintenanceEvent:
        begin = now + timedelta(hours=hours)
        reason = "the vault moves"
        return MaintenanceEvent(name, report, now, begin, begin + timedelta(hours=3), False, "alice", reason)

    rows = [window("sales", -1, "a"), window("stock", 48, "b"), window("stock", -9, "c"), down("sales"), look("stock")]
    with portal(tmp_path, rows) as client:
        assert client.get("/status/sales").json()["state"] == "maintenance"
        page = client.get("/status").text
        assert "Planned maintenance now, until" in page
        begin = now + timedelta(hours=48)
        assert f"Planned maintenance {begin.day} {begin:%b %H:%M} to" in page
        assert page.count("Planned maintenance") == 2
        assert "vault" not in page


def test_breaks_of_the_estate_are_told_too(tmp_path: Path) -> None:
    estate = ESTATE.replace(
        "title: Stock,", 'title: Stock, maintenance: [{reason: vault, cron: "0 2 * * *", seconds: 3600}],'
    )
    with portal(tmp_path, [look("stock")], estate) as client:
        page = client.get("/status").text
        assert "02:00 to 03:00 UTC" in page or "now, until 03:00 UTC" in page


def test_the_store_away_is_unknown_and_never_green(tmp_path: Path) -> None:
    with portal(tmp_path, [look("sales"), number(), look("stock")]) as client:
        assert client.get("/status/sales").json()["state"] == "up"
        take_away(tmp_path / "store.duckdb")
        told = client.get("/status/sales").json()
        assert told["state"] == "unknown"
        assert told["verified_at"], "what was last known is still told"
        picture, page = client.get("/status/sales.svg").text, client.get("/status").text
    assert badges.COLORS["grey"] in picture
    assert badges.COLORS["green"] not in picture
    assert "Nobody can tell how the reports are now" in page
    assert 'class="up"' not in page


def test_an_estate_without_reports_has_a_page(tmp_path: Path) -> None:
    empty = "name: Test\nsubsystems: [{id: sales, title: Sales}]\n"
    with portal(tmp_path, [], empty) as client:
        assert "There is no public report" in client.get("/status").text
        assert client.get("/status/x").json()["error"].endswith("there are none.")


def test_the_badge_is_a_picture_with_words(tmp_path: Path) -> None:
    with portal(tmp_path, [look("sales"), number(), down("stock")]) as client:
        found = client.get("/status/sales.svg")
        assert found.headers["content-type"].startswith("image/svg+xml")
        said = ElementTree.fromstring(found.text).get("aria-label") or ""
        assert said.startswith("report: Up · verified ")
        assert said.endswith(" UTC · 1 number matches")
        assert badges.COLORS["green"] in found.text
        assert badges.COLORS["red"] in client.get("/status/stock.svg").text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, ["Up", "verified 08:12 UTC", "14 numbers match"]),
        ({"numbers_matching": 13}, ["Up", "verified 08:12 UTC", "13 of 14 numbers match"]),
        ({"numbers_matching": None}, ["Up", "verified 08:12 UTC", "numbers not known"]),
        ({"numbers_total": 0}, ["Up", "verified 08:12 UTC"]),
        ({"state": "down"}, ["Down", "last verified 08:12 UTC"]),
        ({"state": "unknown", "verified_at": None}, ["Unknown", "not verified lately"]),
        ({"verified_at": AT - timedelta(days=2)}, ["Up", "verified 23 Nov 09:00 UTC", "14 numbers match"]),
    ],
)
def test_a_report_is_said_in_a_few_words(change: dict[str, object], said: list[str]) -> None:
    assert status_page.said(replace(GOOD, **change), AT) == said  # type: ignore[arg-type]


def test_shares_are_cut_and_never_rounded_up() -> None:
    assert status_page.uptime(0.99996) == "up 99.99 % in 90 days"
    assert status_page.uptime(0.57) == "up 57 % in 90 days"
    assert status_page.uptime(1.0) == "up 100 % in 90 days"
    found = status_api.facts(replace(GOOD, budget_left=-0.00001), Statuses((GOOD,), AT, False))
    assert (found["uptime_90d"], found["budget_left"]) == (0.9999, -0.0001)


def test_the_headline_counts_what_is_not_up() -> None:
    bad = [replace(GOOD, state=state) for state in ("down", "degraded", "maintenance", "unknown")]
    assert status_page.headline(Statuses((GOOD, GOOD), AT, False)) == "All 2 reports are up"
    assert status_page.headline(Statuses((GOOD,), AT, False)) == "The report is up"
    found = status_page.headline(Statuses((*bad, GOOD), AT, False))
    assert found == "1 down, 1 degraded, 1 maintenance, 1 unknown, of 5 reports"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=list(conftest.QUIET))
        yield browser
        browser.close()


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_a_phone_and_asks_for_nothing_else(scheme: str, chromium: Browser) -> None:
    long = replace(GOOD, title="Ausgangsrechnungsprüfungsübersicht" * 4, days=("good", "bad", "warn") * 30)
    text = status_page.html(Statuses((long, replace(GOOD, state="down")), AT, False), AT)
    page = chromium.new_page(viewport={"width": 360, "height": 640}, color_scheme=scheme)  # type: ignore[arg-type]
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_content(text)
    assert asked == []
    assert page.locator("script").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.get_by_role("heading", level=1).inner_text() == "1 down, of 2 reports"
    bars = page.get_by_role("img").first
    assert bars.get_attribute("aria-label") == f"{DAYS} days: 30 good, 30 partly bad, 30 bad"
    assert len(set(page.eval_on_selector_all("svg path", "all => all.map(one => getComputedStyle(one).fill)"))) == 3
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(14, 19, 32)") == (scheme == "dark")
    page.close()
