"""What people do about alerts is on disk before the page says so, is shown at once, and needs the role and a reason."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
import streamlit as st

from app import alert_acts, incidents
from app.alert_acts import ActError, Draft
from store import clock, spool
from store.connection import open_store
from store.rows import AlertAct
from store.settings import settings
from store.write import append
from tests.fixtures import incidents as facts
from tests.fixtures import screens
from tests.fixtures.incidents import DISK, LOAD

KEY = ("disk_full", "db-01:/archive:space")


@pytest.fixture(autouse=True)
def session(monkeypatch: pytest.MonkeyPatch) -> None:
    """A session of its own, without a browser."""
    monkeypatch.setattr(st, "session_state", {})


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[str]:
    url = screens.make_store(tmp_path / "store.duckdb", list(facts.incidents(clock.now())))
    with screens.installation(tmp_path / "home", url):
        yield url


def spooled() -> list[dict[str, Any]]:
    """The rows on disk that this session put there."""
    folder = settings().spool_path / "app"
    found = [spool.read(path) for path in spool.pending(folder)] if folder.exists() else []
    return [row for batch in found for part in batch.parts for row in orjson.loads(part.path.read_bytes())]


def draft(**changes: Any) -> Draft:
    at = clock.now()
    fields: dict[str, Any] = {"starts_at": at, "ends_at": at + timedelta(hours=1), "reason": "release 4.2"}
    return Draft(**({"rule": "disk_*", "subject": "*", "severity": "*"} | fields | changes))


def owner_of(incident: str) -> str:
    frame = incidents.inbox().frame
    return str(frame.filter(frame["incident_id"] == incident)["owner"][0])


def test_an_acknowledgement_is_on_disk_and_shown_at_once(installed: str) -> None:
    assert owner_of(DISK) == ""
    alert_acts.act(AlertAct.ACKNOWLEDGED, [KEY], "I free space now")
    (row,) = spooled()
    assert (row["rule"], row["subject"], row["act"], row["reason"]) == (*KEY, "acknowledged", "I free space now")
    assert row["actor_id"] == "alice"
    assert owner_of(DISK) == "alice"
    assert incidents.timeline(DISK)[0]["state"][0] == "acknowledged"


def test_it_can_be_given_back(installed: str) -> None:
    alert_acts.act(AlertAct.ACKNOWLEDGED, [KEY], "I free space now")
    alert_acts.act(AlertAct.UNACKNOWLEDGED, [KEY], "called away")
    assert owner_of(DISK) == ""
    assert [row["act"] for row in spooled()] == ["acknowledged", "unacknowledged"]


def test_a_note_changes_nobodys_duty(installed: str) -> None:
    alert_acts.act(AlertAct.NOTED, [KEY], "the archive job is stuck")
    assert owner_of(DISK) == ""
    assert incidents.timeline(DISK)[0]["what"][0] == "alice: the archive job is stuck"


def test_an_incident_is_acknowledged_by_its_cause_alone(installed: str) -> None:
    keys = incidents.keys_of(incidents.inbox().alerts, LOAD)
    assert keys == [("refresh_delayed", "job:invoices-load")]


@pytest.mark.parametrize("reason", ["", "   ", "ok", "a . - b", "1234"])
def test_without_a_reason_nothing_happens(installed: str, reason: str) -> None:
    with pytest.raises(ActError, match="write at least 5 letters"):
        alert_acts.act(AlertAct.ACKNOWLEDGED, [KEY], reason)
    assert spooled() == []
    assert owner_of(DISK) == ""


def test_an_act_about_nothing_is_refused(installed: str) -> None:
    with pytest.raises(ActError, match="Nothing fires here any more"):
        alert_acts.act(AlertAct.ACKNOWLEDGED, [], "I free space now")


def test_the_role_is_checked_at_the_act(installed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "bob")  # an analyst
    assert not alert_acts.may_act()
    for attempt in (
        lambda: alert_acts.act(AlertAct.ACKNOWLEDGED, [KEY], "I free space now"),
        lambda: alert_acts.silence(draft()),
        lambda: alert_acts.end_silence("sil-1", "the upgrade is done"),
    ):
        with pytest.raises(ActError, match="needs the role operator"):
            attempt()
    assert spooled() == []


def test_an_acknowledgement_needs_the_disk_only(tmp_path: Path) -> None:
    with screens.installation(tmp_path / "home", screens.away()):
        alert_acts.act(AlertAct.ACKNOWLEDGED, [KEY], "I free space now")
        assert len(spooled()) == 1


def test_a_silence_is_on_disk_and_holds_at_once(installed: str) -> None:
    made = alert_acts.silence(draft(is_maintenance=True))
    (row,) = spooled()
    assert (row["silence_id"], row["state"], row["rule"], row["is_maintenance"]) == (made, "active", "disk_*", True)
    silences, _ = alert_acts.silences()
    assert dict(silences.select("silence_id", "phase").iter_rows())[made] == "maintenance"
    held = alert_acts.covering(silences, *KEY, "critical")
    assert held is not None
    assert held["silence_id"] == made
    assert alert_acts.covering(silences, "report_down", "stock-board", "critical") is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ends_at": None}, "The end is missing"),
        ({"rule": " "}, "A pattern is empty"),
        ({"subject": ""}, "A pattern is empty"),
        ({"reason": "abc"}, "The reason is too short"),
        ({"ends_at": clock.now() - timedelta(days=2)}, "The end is not after the start"),
        (
            {"starts_at": clock.now() - timedelta(days=2), "ends_at": clock.now() - timedelta(days=1)},
            "The end is in the past",
        ),
        ({"ends_at": clock.now() + timedelta(days=31)}, "longer than 30 days"),
    ],
)
def test_a_silence_that_makes_no_sense_is_refused_in_one_sentence(
    installed: str, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(ActError, match=said):
        alert_acts.silence(draft(**changes))
    assert spooled() == []


def test_thirty_days_are_allowed(installed: str) -> None:
    at = clock.now()
    assert alert_acts.problem_of(draft(starts_at=at, ends_at=at + timedelta(days=30)), at) is None


def test_a_silence_ends_when_somebody_says_so(installed: str) -> None:
    alert_acts.end_silence("sil-1", "the upgrade is done")
    (row,) = spooled()
    assert (row["state"], row["rule"], row["subject"], row["is_maintenance"]) == (
        *("ended", "data_stale", "dataset:part*"),
        True,
    )
    silences, _ = alert_acts.silences()
    ended = next(one for one in silences.iter_rows(named=True) if one["silence_id"] == "sil-1")
    assert (ended["phase"], ended["made_by"], ended["actor_id"]) == ("ended", "carol", "alice")
    with pytest.raises(ActError, match="It has ended already, by alice"):
        alert_acts.end_silence("sil-1", "the upgrade is done")


def test_what_is_over_or_unknown_cannot_be_ended(installed: str) -> None:
    with pytest.raises(ActError, match="It has ended already, by bob"):
        alert_acts.end_silence("sil-0", "no longer needed")
    with pytest.raises(ActError, match="not known"):
        alert_acts.end_silence("sil-9", "no longer needed")


def test_no_silence_is_ended_blindly_while_the_store_is_away(tmp_path: Path) -> None:
    with screens.installation(tmp_path / "home", screens.away()), pytest.raises(ActError, match="does not answer"):
        alert_acts.end_silence("sil-1", "the upgrade is done")


def test_what_the_store_has_by_now_is_not_shown_twice(installed: str, tmp_path: Path) -> None:
    alert_acts.act(AlertAct.ACKNOWLEDGED, [KEY], "I free space now")
    made = alert_acts.silence(draft())
    ours = list(st.session_state[alert_acts.OURS])
    with screens.installation(tmp_path / "home2", screens.away()):
        store = open_store(installed, tmp_path)
        append(store, ours)
        store.close()
    with screens.installation(tmp_path / "home3", installed):
        acts, _ = alert_acts.acts()
        assert acts.filter(acts["subject"] == KEY[1]).height == 1
        silences, _ = alert_acts.silences()
        assert silences["silence_id"].to_list().count(made) == 1


@pytest.mark.parametrize(
    ("rule", "subject", "severity", "number"),
    [("*", "*", "*", 6), ("data_stale", "*", "*", 3), ("*", "dataset:?argin", "*", 1), ("*", "*", "warning", 1)],
)
def test_it_says_how_many_firing_alerts_a_pattern_matches(
    installed: str, rule: str, subject: str, severity: str, number: int
) -> None:
    assert alert_acts.matched(incidents.inbox().alerts, rule, subject, severity) == number
