"""Incidents as the page shows them: one per cause, with what it explains, who has it, who was told, who is next."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import streamlit as st

from app import alert_settings, attention, incidents
from store import clock
from store.rows import AlertAct, AlertEvent, AlertState, AlertTransition, DeliveryState, Row
from tests.app.alert_portal import installed
from tests.fixtures import incidents as facts
from tests.fixtures.incidents import DISK, LOAD, STALE, cleared, fired, notice


@pytest.fixture(autouse=True)
def session(monkeypatch: pytest.MonkeyPatch) -> None:
    """A session of its own, without a browser."""
    monkeypatch.setattr(st, "session_state", {})


@pytest.fixture
def now() -> datetime:
    return clock.now()


@pytest.fixture
def portal(tmp_path: Path, now: datetime) -> Iterator[None]:
    with installed(tmp_path, list(facts.incidents(now))):
        yield


def by_id() -> dict[str, dict[str, Any]]:
    return {row["incident_id"]: row for row in incidents.inbox().frame.iter_rows(named=True)}


def test_there_is_one_incident_per_cause_the_widest_first(portal: None) -> None:
    frame = incidents.inbox().frame
    assert frame["incident_id"].to_list() == [LOAD, STALE, DISK], "impact before severity"
    assert frame["title"][0] == "Refresh delayed: Invoices load"
    assert frame["explained"].to_list() == [3, 0, 0]


def test_severity_then_age_decide_where_the_impact_is_the_same(tmp_path: Path, now: datetime) -> None:
    old, new = now - timedelta(hours=2), now - timedelta(hours=1)
    rows: list[Row] = [
        fired("i-old-warning", "disk_full", "a", old - timedelta(hours=1), "warning", "x"),
        fired("i-new", "disk_full", "b", new, "critical", "x"),
        fired("i-old", "disk_full", "c", old, "critical", "x"),
    ]
    with installed(tmp_path, rows):
        assert incidents.inbox().frame["incident_id"].to_list() == ["i-old", "i-new", "i-old-warning"]


def test_it_says_since_when_it_fires_whatever_was_recorded_since(tmp_path: Path, now: datetime) -> None:
    at = now - timedelta(hours=3)
    first = fired("i-0", "disk_full", "db-01:/", at - timedelta(days=1), "warning", "88%")
    rows: list[Row] = [
        first,
        cleared(first, at - timedelta(hours=20)),
        AlertTransition("disk_full", "db-01:/", at - timedelta(minutes=1), AlertState.PENDING, "warning", "90%", "i-1"),
        fired("i-1", "disk_full", "db-01:/", at, "warning", "91%"),
        fired("i-1", "disk_full", "db-01:/", at + timedelta(hours=1), "critical", "97%"),
    ]
    with installed(tmp_path, rows):
        row = by_id()["i-1"]
    assert (row["since_at"], row["severity"], row["evidence"]) == (at, "critical", "97%")


def test_an_alert_without_an_incident_is_a_cause_of_its_own(tmp_path: Path, now: datetime) -> None:
    rows: list[Row] = [AlertTransition("disk_full", "db-01:/", now, AlertState.FIRING, "critical", "97%")]
    with installed(tmp_path, rows):
        (incident,) = by_id()
        assert incident == "disk_full|db-01:/"
        assert not incidents.is_numbered(incident)
        assert incidents.members(incident).frame["subject"].to_list() == ["db-01:/"]


def test_attached_alerts_whose_cause_does_not_fire_are_not_lost(tmp_path: Path, now: datetime) -> None:
    rows: list[Row] = [fired("i-1", "data_stale", "dataset:margin", now, "warning", "5 h old", "refresh_delayed|job:x")]
    with installed(tmp_path, rows):
        row = by_id()["i-1"]
        assert (row["subject"], row["explained"]) == ("dataset:margin", 0)
        assert incidents.keys_of(incidents.inbox().alerts, "i-1") == [("data_stale", "dataset:margin")]


def test_the_cause_stands_for_its_incident_also_when_it_was_found_last(tmp_path: Path, now: datetime) -> None:
    cause = "refresh_delayed|job:x"
    rows: list[Row] = [
        fired("i-1", "data_stale", "dataset:margin", now - timedelta(minutes=9), "warning", "5 h old", cause, 4),
        fired("i-1", "refresh_delayed", "job:x", now - timedelta(minutes=1), "critical", "failed", impact=2),
    ]
    with installed(tmp_path, rows):
        row = by_id()["i-1"]
    assert (row["subject"], row["explained"], row["impact"]) == ("job:x", 1, 4)


def test_who_has_it_is_the_newest_act_since_it_fires(tmp_path: Path, now: datetime) -> None:
    at = now - timedelta(hours=1)

    def act(minutes: int, what: AlertAct, who: str) -> AlertEvent:
        return AlertEvent("disk_full", "a", at + timedelta(minutes=minutes), what, who, "seen it")

    rows: list[Row] = [
        fired("i-a", "disk_full", "a", at, "critical", "x"),
        act(-5, AlertAct.ACKNOWLEDGED, "alice"),
        act(5, AlertAct.ACKNOWLEDGED, "bob"),
        act(6, AlertAct.NOTED, "carol"),
    ]
    with installed(tmp_path / "held", rows):
        assert by_id()["i-a"]["owner"] == "bob"
    with installed(tmp_path / "back", [*rows, act(9, AlertAct.UNACKNOWLEDGED, "bob")]):
        assert by_id()["i-a"]["owner"] == ""
    with installed(tmp_path / "before", rows[:2]):
        assert by_id()["i-a"]["owner"] == "", "an act on an earlier firing says nothing of this one"


def test_it_says_who_was_told_and_who_was_not(portal: None) -> None:
    found = by_id()
    assert found[LOAD]["told"] == "told ops-chat"
    assert found[DISK]["told"] == "told ops-chat, could not reach phone"
    assert found[DISK]["is_undeliverable"]
    assert found[STALE]["told"] == "nobody told: maintenance by carol: the source is being upgraded"


def test_it_says_who_is_told_next(tmp_path: Path, now: datetime) -> None:
    old, new = now - timedelta(hours=1), now - timedelta(minutes=5)
    waits = fired("i-waits", "disk_full", "a", new, "critical", "x")
    over = fired("i-over", "disk_full", "b", old, "critical", "x")
    stale = fired("i-stale", "data_stale", "c", new, "critical", "x")
    told: list[Row] = [notice(row, row.occurred_at, DeliveryState.SENT, "ops-chat") for row in (waits, over, stale)]
    info = fired("i-info", "disk_full", "d", new, "info", "x")
    with installed(tmp_path, [waits, over, stale, info, *told]):
        found = by_id()
    due = new + timedelta(minutes=30)
    assert found["i-waits"]["next"] == f"escalates to phone at {clock_of(due, now)}"
    assert found["i-over"]["next"] == "escalates to phone now"
    assert found["i-stale"]["next"] == f"reminder at {clock_of(new + timedelta(hours=2), now)}"
    assert found["i-info"]["next"] == "no route: nobody will be told"


def clock_of(moment: datetime, now: datetime) -> str:
    return f"{moment:%H:%M}" if moment.date() == now.date() else f"{moment.day} {moment:%b %H:%M}"


def test_an_escalation_delays_no_reminder(portal: None, now: datetime) -> None:
    due = now - timedelta(minutes=42) + timedelta(seconds=3, hours=4)
    assert by_id()[DISK]["next"] == f"reminder at {clock_of(due, now)}"


def test_while_somebody_has_it_or_a_silence_holds_nobody_is_next(portal: None) -> None:
    found = by_id()
    assert found[LOAD]["next"] == "no reminder while somebody has it"
    assert found[STALE]["next"].startswith("silent until ")
    assert found[STALE]["silenced_by"] == "carol"


def test_nobody_can_tell_who_is_next_while_the_routes_cannot_be_read(tmp_path: Path, now: datetime) -> None:
    with installed(tmp_path, [fired("i-1", "disk_full", "a", now, "critical", "x")], "routes: 7"):
        assert by_id()["i-1"]["next"] == "unknown: alerts.yaml cannot be used"
        assert "alerts.yaml:1" in str(alert_settings.alerting()[1])


def test_the_story_has_everything_that_happened_newest_first(portal: None) -> None:
    story, _ = incidents.timeline(LOAD)
    assert story["occurred_at"].is_sorted(descending=True)
    states = story["state"].to_list()
    assert states[:2] == ["noted", "acknowledged"]
    assert states[-3:] == ["sent", "firing", "pending"]
    assert states.count("explained") == states.count("withheld") == 3
    assert "page to ops-chat: explained by Refresh delayed: Invoices load" in story["what"].to_list()
    assert "bob: killing the session that holds the lock" in story["what"].to_list()


def test_a_silence_over_an_incident_stands_in_its_story(portal: None) -> None:
    story, _ = incidents.timeline(STALE)
    (row,) = story.filter(story["state"] == "maintenance").iter_rows(named=True)
    assert row["what"].startswith("carol: until ")
    assert "maintenance" not in incidents.timeline(DISK)[0]["state"].to_list()


def test_a_link_to_an_incident_that_joined_another_leads_there(tmp_path: Path, now: datetime) -> None:
    at = now - timedelta(minutes=10)
    rows: list[Row] = [
        fired("i-early", "data_stale", "dataset:margin", at, "warning", "5 h old"),
        fired("i-root", "refresh_delayed", "job:x", at + timedelta(minutes=1), "critical", "failed"),
        fired(
            "i-root",
            "data_stale",
            "dataset:margin",
            at + timedelta(minutes=2),
            "warning",
            "5 h",
            "refresh_delayed|job:x",
        ),
    ]
    with installed(tmp_path, rows):
        assert incidents.home_of("i-early") == "i-root"
        assert incidents.home_of("i-root") == "i-root"
        assert incidents.home_of(None) is None
        assert list(by_id()) == ["i-root"]


def test_resolved_incidents_say_how_long_they_took(tmp_path: Path, now: datetime) -> None:
    at = now - timedelta(days=2)
    root = fired("i-1", "refresh_delayed", "job:x", at, "critical", "failed", impact=2)
    below = fired(
        "i-1", "data_stale", "dataset:d", at + timedelta(minutes=1), "warning", "old", "refresh_delayed|job:x"
    )
    old = fired("i-0", "disk_full", "a", now - timedelta(days=45), "warning", "x")
    half = fired("i-2", "refresh_delayed", "job:y", at, "critical", "failed")
    half_below = fired("i-2", "data_stale", "dataset:e", at, "warning", "old", "refresh_delayed|job:y")
    rows: list[Row] = [
        *(root, below, old, half, half_below, cleared(half, at + timedelta(minutes=9))),
        cleared(old, now - timedelta(days=44)),
        AlertEvent("refresh_delayed", "job:x", at + timedelta(minutes=4), AlertAct.ACKNOWLEDGED, "bob", "seen it"),
        cleared(root, at + timedelta(minutes=30)),
        cleared(below, at + timedelta(minutes=40)),
    ]
    with installed(tmp_path, rows):
        frame, _ = incidents.resolved()
    (row,) = frame.iter_rows(named=True)
    assert (row["incident_id"], row["subject"], row["attached"], row["impact"]) == ("i-1", "job:x", 1, 2)
    assert (row["acknowledge_seconds"], row["resolve_seconds"], row["acknowledged_by"]) == (240.0, 2400.0, "bob")


def test_the_overview_has_one_line_per_incident_and_leads_to_it(portal: None) -> None:
    lines = {concern.title: concern for concern in attention.concerns()[0] if concern.page == "alerts"}
    assert set(lines) == {"Refresh delayed: Invoices load", "Disk full: db-01:/archive:space", "Data stale: Partners"}
    load = lines["Refresh delayed: Invoices load"]
    assert load.query == {"incident": LOAD}
    assert load.evidence.endswith("hits finance, and 3 explained by it")
