"""The alerts page: what it shows of three incidents, and what its buttons do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import orjson
import pytest
from streamlit.testing.v1 import AppTest

from app import data
from store import clock, spool
from store.rows import Row
from store.settings import settings
from tests.fixtures import incidents, screens
from tests.fixtures.incidents import DISK, LOAD, STALE, fired


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[None]:
    url = screens.make_store(tmp_path / "store.duckdb", list(incidents.incidents(clock.now())))
    with screens.installation(tmp_path / "home", url):
        beat(0)
        yield


def beat(seconds_ago: float) -> None:
    path = settings().state_path / "alerts.json.beat"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text((clock.now() - timedelta(seconds=seconds_ago)).isoformat())
    data.reset()


def spooled() -> list[dict[str, object]]:
    folder = settings().spool_path / "app"
    found = [spool.read(path) for path in spool.pending(folder)] if folder.exists() else []
    return [row for batch in found for part in batch.parts for row in orjson.loads(part.path.read_bytes())]


def test_the_inbox_has_one_card_per_incident(portal: None) -> None:
    tested = screens.page("alerts")
    said = screens.texts(tested)
    assert [button.key for button in tested.button] == [f"open_{one}" for one in (LOAD, STALE, DISK)]
    assert "Refresh delayed\\: Invoices load" in said
    assert "and 3 explained by it" in said
    assert "bob has it" in said
    assert "Engine looked" in said


def test_what_could_not_be_delivered_is_loud(portal: None) -> None:
    (error,) = screens.page("alerts").error
    assert "Somebody was not told" in error.value
    assert "the phone service answered 503" in error.value


def test_a_silent_engine_is_loud_and_nothing_is_green(tmp_path: Path) -> None:
    with screens.installation(tmp_path / "home", screens.make_store(tmp_path / "store.duckdb", [])):
        beat(600)
        tested = screens.page("alerts")
        assert "The alert engine is silent: its last pass was 10 min" in tested.error[0].value
        assert "Nothing fired when last heard" in screens.texts(tested)
        assert not [one.label for one in tested.metric if "✓" in str(one.delta)]


def test_an_engine_that_never_ran_is_not_started_and_grey(tmp_path: Path) -> None:
    with screens.installation(tmp_path / "home", screens.make_store(tmp_path / "store.duckdb", [])):
        tested = screens.page("alerts")
        assert not tested.error
        assert ":gray-badge[:material/help: Engine not started yet]" in screens.texts(tested)
        assert "Not started yet" in screens.texts(tested)


def test_nothing_fires_is_said_when_it_is_known(tmp_path: Path) -> None:
    with screens.installation(tmp_path / "home", screens.make_store(tmp_path / "store.duckdb", [])):
        beat(2)
        tested = screens.page("alerts")
        assert "Nothing fires" in screens.texts(tested)
        assert screens.figures(tested)["Firing now"] == ("0", "✓ nothing fires")


def test_a_link_opens_the_incident_with_what_to_do(portal: None) -> None:
    tested = screens.page("alerts", incident=LOAD)
    assert not tested.exception
    assert tested.info[0].value.startswith("**What to do.** Chase the job")
    said = screens.texts(tested)
    assert "bob\\: killing the session that holds the lock" in said
    assert "3 alerts of which nobody was paged" in said


def test_a_link_to_nothing_opens_nothing(portal: None) -> None:
    tested = screens.page("alerts", incident="gone")
    assert not tested.exception
    assert "Timeline" not in screens.texts(tested)


def test_acknowledging_asks_why_and_then_says_who_has_it(portal: None) -> None:
    tested = screens.page("alerts", incident=DISK)
    tested.button(key=f"acknowledged_{DISK}").click().run()
    reopened(tested)
    assert "The reason is too short" in [error.value for error in tested.error][-1]
    assert spooled() == []
    tested.text_input(key=f"reason_{DISK}").set_value("I free space now")
    tested.button(key=f"acknowledged_{DISK}").click().run()
    reopened(tested)
    (row,) = spooled()
    assert (row["act"], row["actor_id"], row["reason"]) == ("acknowledged", "alice", "I free space now")
    assert tested.success[0].value.startswith("You have it")
    assert "Give back" in [button.label for button in tested.button]


def test_a_silence_of_an_hour_is_begun_from_the_incident_and_taken_back(portal: None) -> None:
    tested = screens.page("alerts", incident=DISK)
    tested.text_input(key=f"reason_{DISK}").set_value("cleanup is running")
    tested.button(key=f"silence_1_{DISK}").click().run()
    reopened(tested)
    (row,) = spooled()
    assert (row["rule"], row["subject"], row["severity"]) == ("disk_full", "db-01:/archive:space", "*")
    begins, ends = (datetime.fromisoformat(str(row[name])) for name in ("starts_at", "ends_at"))
    assert ends - begins == timedelta(hours=1)
    assert tested.success[0].value.startswith("Silenced until")
    tested.button(key=f"undo_{row['silence_id']}").click().run()
    assert [one["state"] for one in spooled()] == ["active", "ended"]


def reopened(tested: AppTest) -> None:
    """Let the next run draw the drawer again: only a browser keeps it open between two."""
    tested.session_state["incident_shown"] = None
    tested.run()


def test_the_filter_leaves_what_nobody_has(portal: None) -> None:
    tested = screens.page("alerts", alerts_show="Nobody has it")
    assert [button.key for button in tested.button] == [f"open_{one}" for one in (STALE, DISK)]


def test_many_incidents_are_cards_and_then_a_table(tmp_path: Path) -> None:
    at = clock.now() - timedelta(minutes=5)
    rows: list[Row] = [fired(f"i-{n:02}", "disk_full", f"db-{n:02}:/", at, "critical", "full") for n in range(40)]
    with screens.installation(tmp_path / "home", screens.make_store(tmp_path / "store.duckdb", rows)):
        tested = screens.page("alerts")
        assert len(tested.button) == 12
        assert len(tested.dataframe[0].value) == 28
        assert "**28 more**" in screens.texts(tested)


@pytest.mark.parametrize(
    ("tab", "said"),
    [
        ("Resolved", "Select a row for its timeline"),
        ("Silences", "data\\_stale about dataset\\:part\\*"),
        ("Noise", "Nobody ever acted on Report down"),
        ("Replay", "Settings to try"),
    ],
)
def test_each_tab_shows_what_it_is_for(portal: None, tab: str, said: str) -> None:
    tested = screens.page("alerts", alerts_tab=tab)
    assert not tested.exception
    assert said in screens.texts(tested)


def test_a_new_silence_needs_patterns_and_a_reason(portal: None) -> None:
    tested = screens.page("alerts", alerts_tab="Silences")
    tested.text_input(key="silence_reason").set_value("release 4.2")
    tested.button(key="silence_begin").click().run()
    assert "A pattern is empty" in [error.value for error in tested.error][-1]
    tested.text_input(key="silence_rule").set_value("disk_*")
    tested.text_input(key="silence_subject").set_value("*")
    tested.text_input(key="silence_reason").set_value("release 4.2")
    tested.button(key="silence_begin").click().run()
    (row,) = spooled()
    assert (row["rule"], row["state"]) == ("disk_*", "active")
    assert "**disk\\_\\***" in screens.texts(tested)


def test_a_silence_is_ended_from_the_list(portal: None) -> None:
    tested = screens.page("alerts", alerts_tab="Silences")
    tested.text_input(key="end_reason_sil-1").set_value("the upgrade is done")
    tested.button(key="end_sil-1").click().run()
    assert [row["state"] for row in spooled()] == ["ended"]
    assert tested.success[0].value == "The silence is ended."


def test_a_more_patient_rule_is_replayed(portal: None) -> None:
    tested = screens.page("alerts", alerts_tab="Replay", replay_rule="Report down")
    before = screens.figures(tested)["Pages a week, then"][0]
    tested.slider(key="pending_report_down").set_value(600).run()
    found = screens.figures(tested)
    assert float(found["Pages a week, then"][0]) < float(before) == float(found["Pages a week, now"][0])
    assert found["Pages a week, then"][1].endswith("fewer")
    assert "report_down: {pending_seconds: 600" in tested.code[0].value


def test_what_others_wrote_is_never_taken_for_markup(tmp_path: Path) -> None:
    rows: list[Row] = [fired("i-1", "disk_full", "db:[x](http://y)", clock.now(), "critical", "**bold** $a$ :red[b]")]
    with screens.installation(tmp_path / "home", screens.make_store(tmp_path / "store.duckdb", rows)):
        said = screens.texts(screens.page("alerts", incident="i-1"))
    assert "\\*\\*bold\\*\\* \\$a\\$ \\:red\\[b\\]" in said
    assert "[x](http" not in said
