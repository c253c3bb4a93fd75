"""Access requests on their way from the form to the store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
import streamlit as st

from access.workflow import Draft, RequestError
from app import data, filing
from store import clock, spool
from store.settings import settings
from tests.fixtures import screens

DRAFT = Draft("invoice-ageing", "viewer", "I close the quarter and need the ageing list")


@pytest.fixture(autouse=True)
def session(monkeypatch: pytest.MonkeyPatch) -> None:
    """A session of its own, without a browser."""
    monkeypatch.setattr(st, "session_state", {})


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[None]:
    with screens.installation(tmp_path / "home", screens.filled(tmp_path / "store.duckdb")):
        yield


def spooled() -> list[dict[str, str]]:
    """The request events on disk."""
    found = [spool.read(path) for path in spool.pending(settings().spool_path / "app")]
    return [event for batch in found for part in batch.parts for event in orjson.loads(part.path.read_bytes())]


def test_a_request_is_on_disk_when_filing_returns(installed: None) -> None:
    request = filing.submit_request(DRAFT, "alice")
    (event,) = spooled()
    assert (event["request_id"], event["state"], event["actor_id"]) == (request, "pending", "alice")
    assert event["asset_id"] == "invoice-ageing"


def test_a_refused_draft_leaves_nothing_behind(installed: None) -> None:
    with pytest.raises(RequestError, match="write at least 12"):
        filing.submit_request(Draft("invoice-ageing", "viewer", "please"), "alice")
    assert not (settings().spool_path / "app").exists() or spooled() == []


def test_what_was_filed_is_shown_before_the_store_has_it(installed: None) -> None:
    request = filing.submit_request(DRAFT, "alice")
    frame, _ = filing.requests_of("alice")
    assert frame["request_id"][0] == request
    assert frame["state"][0] == "pending"
    assert frame.height == 4


def test_the_requester_cancels_and_sees_it_at_once(installed: None) -> None:
    filing.cancel_request("r-3", "alice")
    (event,) = spooled()
    assert (event["request_id"], event["state"], event["asset_id"]) == ("r-3", "cancelled", "stock-board")
    frame, _ = filing.requests_of("alice")
    mine = {row["request_id"]: row for row in frame.iter_rows(named=True)}
    assert mine["r-3"]["state"] == "cancelled"
    assert mine["r-3"]["filed_at"] < clock.now() - timedelta(hours=23), "it keeps the time it was filed at"


def test_what_was_decided_cannot_be_cancelled_any_more(installed: None) -> None:
    with pytest.raises(RequestError, match="approved already"):
        filing.cancel_request("r-1", "alice")


def test_nobody_cancels_blindly_while_the_store_is_away(tmp_path: Path) -> None:
    with screens.installation(tmp_path / "home", screens.away()):
        with pytest.raises(RequestError, match="store does not answer"):
            filing.cancel_request("r-3", "alice")
        assert filing.submit_request(DRAFT, "alice"), "filing needs the disk only"


def test_the_offers_are_those_of_the_estate(installed: None) -> None:
    assert filing.offers()["sales-overview"] == ["viewer", "analyst"]
    assert set(filing.offers()) == set(data.titles("reports"))
