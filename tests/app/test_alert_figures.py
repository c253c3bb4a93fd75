"""The figures of the alerts page, its noise and its replay: nothing is good that nobody can know."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import streamlit as st

from app import alert_figures, alert_replay, alert_settings, incidents
from app.alert_replay import Wish
from store import clock
from store.rows import AlertAct, AlertEvent, DeliveryState, NoticeKind, Row
from tests.app.alert_portal import beat, installed
from tests.fixtures import incidents as facts
from tests.fixtures import screens
from tests.fixtures.incidents import cleared, fired, notice


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


def figures() -> dict[str, tuple[str, str, str]]:
    found, _ = alert_figures.figures(incidents.inbox(), alert_settings.pulse())
    return {one.label: (one.value, one.state, one.detail) for one in found}


def test_the_figures_count_what_fires_and_how_fast_people_are(tmp_path: Path, now: datetime) -> None:
    rows: list[Row] = [*facts._load(now), *facts._disk(now)]
    for days, minutes in ((3, 10), (4, 30), (40, 60)):
        row = fired(f"i-{days}", "report_down", "stock-board", now - timedelta(days=days), "warning", "x")
        seen_at = row.occurred_at + timedelta(minutes=minutes / 2)
        rows += [row, cleared(row, row.occurred_at + timedelta(minutes=minutes))]
        rows.append(AlertEvent(row.rule, row.subject, seen_at, AlertAct.ACKNOWLEDGED, "bob", "seen it"))
    with installed(tmp_path, rows):
        beat(clock.now())
        found = figures()
    assert found["Firing now"] == ("5", "critical", "5 critical")
    assert found["Nobody has it"][:2] == ("1", "critical")
    assert found["Time to acknowledge"] == ("8 min 40 s", "", "mean of 3, 30 d; was 30 min"), "bob's 6 min of now too"
    assert found["Time to resolve"] == ("20 min", "", "mean of 2, 30 d; was 1 h")
    assert found["Pages, 7 d"] == ("2", "critical", "1 lost, 3 withheld")


def test_nothing_fires_is_good_only_while_the_engine_looks(tmp_path: Path, now: datetime) -> None:
    with installed(tmp_path, []):
        assert figures()["Firing now"] == ("0", "unknown", "nobody can tell now"), "the engine was never there"
        beat(clock.now())
        assert figures()["Firing now"] == ("0", "ok", "nothing fires")
        assert figures()["Nobody has it"][1] == "ok"
        beat(clock.now() - timedelta(minutes=5))
        assert alert_settings.pulse().is_silent
        assert figures()["Firing now"][1] == "unknown"
        assert figures()["Nobody has it"][1] == "unknown"


def test_with_the_store_away_nothing_is_known(tmp_path: Path) -> None:
    with screens.installation(tmp_path / "home", screens.away()):
        beat(clock.now())
        assert {state for _, state, _ in figures().values()} == {"unknown"}


def test_what_could_not_be_delivered_is_said_with_its_reason(portal: None) -> None:
    found, _ = alert_figures.trouble()
    assert found.is_lost
    assert found.sentences == [
        "phone: 1 message could not be delivered (the phone service answered 503, expected 202; 12 tries in 31 min)."
    ]


def test_a_channel_that_works_again_is_said_to(tmp_path: Path, now: datetime) -> None:
    row = fired("i-1", "disk_full", "a", now - timedelta(hours=2), "critical", "x")
    lost = notice(row, now - timedelta(hours=1), DeliveryState.UNDELIVERABLE, "phone", problem="no route to host")
    sent = notice(row, now - timedelta(minutes=4), DeliveryState.SENT, "phone", NoticeKind.REMINDER)
    tried = notice(row, now, DeliveryState.RETRYING, "ops-chat", problem="timed out.")
    with installed(tmp_path, [row, lost, sent, tried]):
        first, second = alert_figures.trouble()[0].sentences
    assert first.startswith("phone: 1 message could not be delivered (no route to host); reached again 4 min")
    assert second == "ops-chat: 1 message being tried again (timed out)."


def test_the_noisiest_rule_is_the_one_nobody_acts_on(portal: None) -> None:
    frame, _ = alert_figures.noise()
    rows = {row["rule"]: row for row in frame.iter_rows(named=True)}
    assert frame["rule"][0] == "report_down"
    assert rows["report_down"]["unattended"] == rows["report_down"]["fired"] == rows["report_down"]["brief"] > 10
    assert rows["report_down"]["returned"] > 0, "it fired again within an hour of clearing"
    delayed = rows["refresh_delayed"]
    assert (delayed["unattended"], delayed["attached"]) == (0, 1)
    assert delayed["acknowledged"] == delayed["fired"] - 1
    assert rows["data_stale"]["withheld"] == 3, "two explained, one under maintenance"


def test_a_replay_counts_fewer_pages_when_a_rule_is_more_patient(portal: None) -> None:
    rules = tuple(alert_replay.known_rules())
    same = alert_replay.replayed(Wish(rules, 0, 1, 120.0))
    assert same.now == same.then > 0
    assert alert_replay.verdict(same) == "no difference"
    patient = alert_replay.replayed(Wish(("report_down",), 600, 1, 120.0))
    rows = {row["rule"]: row for row in patient.by_rule.iter_rows(named=True)}
    assert rows["report_down"]["then"] == 0 < rows["report_down"]["now"]
    assert rows["refresh_delayed"]["change"] == 0
    assert alert_replay.verdict(patient).endswith("fewer")
    assert patient.by_day["Now"].sum() == sum(row["now"] for row in rows.values())
    assert patient.by_day.height == 31, "days without a page are zeros"


def test_a_wish_is_written_as_alerts_yaml_takes_it(portal: None, tmp_path: Path) -> None:
    text = alert_replay.as_yaml(Wish(("report_down",), 600, 3, 300))
    assert "report_down: {pending_seconds: 600, clear_looks: 3}" in text
    (tmp_path / "try").mkdir()
    (tmp_path / "try" / "alerts.yaml").write_text(text)
    read = alert_settings.read_alerting(tmp_path / "try")
    assert read.flapping.hold_seconds == 300
    assert read.rules["report_down"].clear_looks == 3
