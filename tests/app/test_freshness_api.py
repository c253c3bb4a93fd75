"""Freshness for machines and readers: what is promised to be stable, and a badge that is never green by mistake."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest
from starlette.testclient import TestClient

from app import badges, freshness_api, server
from tests.fixtures import screens
from tests.fixtures.outage import take_away

AT = datetime(2026, 11, 25, 9)
FRESH = {
    "report": "sales",
    "state": "fresh",
    "data_as_of": "2026-11-25T06:42:00Z",
    "age_seconds": 8280.0,
    "oldest_dataset": "orders",
    "next_expected": "2026-11-25T07:00:00Z",
    "on_time_ratio": 0.9929,
    "as_of": "2026-11-25T09:00:00Z",
}


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("portal")
    with screens.installation(folder / "home", screens.filled(folder / "store.duckdb")):
        yield TestClient(server.app)


def test_a_report_says_how_old_its_oldest_data_is(portal: TestClient) -> None:
    found = portal.get("/freshness/invoice-ageing")
    assert found.status_code == 200
    told = found.json()
    assert list(told) == list(FRESH), "these names are promised"
    assert (told["state"], told["oldest_dataset"]) == ("late_job_stale_data", "invoices")
    assert told["age_seconds"] == pytest.approx(9.5 * 3600, abs=120)
    assert told["data_as_of"].endswith("Z")
    assert 0.9 < told["on_time_ratio"] < 1
    assert portal.get("/freshness/stock-board").json()["state"] == "fresh"


def test_a_report_that_nobody_knows_is_not_found(portal: TestClient) -> None:
    for path in ("/freshness/nothing", "/freshness/nothing.svg"):
        found = portal.get(path)
        assert found.status_code == 404
        assert "There is no report 'nothing'; the estate has delivery-times" in found.json()["error"]


def test_a_badge_is_a_picture_with_words_and_a_short_life(portal: TestClient) -> None:
    found = portal.get("/freshness/stock-board.svg")
    assert found.headers["content-type"].startswith("image/svg+xml")
    assert found.headers["cache-control"] == "public, max-age=30"
    picture = ElementTree.fromstring(found.text)
    assert "data as of" in (picture.get("aria-label") or "")
    assert badges.COLORS["green"] in found.text
    stale = portal.get("/freshness/invoice-ageing.svg").text
    assert badges.COLORS["red"] in stale
    assert "late job, stale data" in stale


def test_the_store_away_is_unknown_and_grey(tmp_path: Path) -> None:
    with screens.installation(tmp_path / "home", screens.filled(tmp_path / "store.duckdb")):
        client = TestClient(server.app)
        assert client.get("/freshness/stock-board").json()["state"] == "fresh"
        take_away(tmp_path / "store.duckdb")
        told = client.get("/freshness/stock-board").json()
        assert told["state"] == "unknown"
        assert told["data_as_of"], "what was last known is still told"
        assert client.get("/freshness/invoice-ageing").json()["state"] == "unknown", "stale then says nothing of now"
        picture = client.get("/freshness/stock-board.svg").text
    assert badges.COLORS["grey"] in picture
    assert badges.COLORS["green"] not in picture


def test_the_message_is_short_and_exact() -> None:
    said = "data as of 06:42 UTC · next 07:00 · on time 99.2 %"
    assert freshness_api.message(FRESH, AT) == said, "never rounded up"
    older = FRESH | {"data_as_of": "2026-11-23T06:42:00Z", "state": "green_job_stale_data", "next_expected": None}
    assert freshness_api.message(older, AT) == "green job, stale data · data as of 23 Nov 06:42 UTC · on time 99.2 %"


@pytest.mark.parametrize(
    ("state", "color"),
    [("fresh", "green"), ("late_job_fresh_data", "amber"), ("stale", "red"), ("unknown", "grey"), ("made-up", "grey")],
)
def test_the_colour_follows_the_state(state: str, color: str) -> None:
    assert freshness_api.color_of(state) == badges.COLORS[color]


def test_the_badge_is_as_wide_as_its_words() -> None:
    picture = freshness_api.svg(FRESH | {"data_as_of": None}, AT)
    wider = freshness_api.svg(FRESH, AT)
    assert int(ElementTree.fromstring(wider).get("width", "0")) > int(ElementTree.fromstring(picture).get("width", "0"))
    assert badges.width_of("mmmm") > badges.width_of("iiii")
