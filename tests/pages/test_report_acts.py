"""Deciding about a report on its page: a picture approved, a break planned, with a reason, down to the row on disk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import orjson
import pytest
from streamlit.testing.v1 import AppTest

from app import report_acts
from store import clock, spool
from store.settings import settings
from tests.fixtures import report_paintings, screens


@pytest.fixture(autouse=True)
def portal(portal_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with screens.installation(tmp_path_factory.mktemp("home"), portal_url):
        report_acts._spool.cache_clear()
        report_paintings.paint(settings().snapshot_path)
        yield


@pytest.fixture(scope="module")
def portal_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return screens.filled(tmp_path_factory.mktemp("portal") / "store.duckdb")


def page(tab: str, report: str) -> AppTest:
    tested = screens.page("reports", report=report, report_tab=tab)
    assert not tested.exception, [found.value for found in tested.exception]
    return tested


def filed(table: str) -> list[dict[str, Any]]:
    """The rows of a table that wait on disk, in order."""
    folders = spool.pending(settings().spool_path / report_acts.COLLECTOR)
    batches = [orjson.loads((path / f"{table}.json").read_bytes()) for path in folders]
    return [row for batch in batches for row in batch]


def test_a_picture_is_approved_with_a_reason_and_stands_as_approved_at_once() -> None:
    tested = page("Pictures", "partner-scorecard")
    tested.text_input(key="report_reason").set_value("the table was taken out on purpose")
    tested.button(key="approve").click().run()
    (event,) = filed("baseline_events")
    assert (event["report_id"], event["persona"], event["state"]) == ("partner-scorecard", "gold", "approved")
    assert (event["file"], event["actor"]) == ("partner-scorecard/gold/b.png", "alice")
    assert event["reason"] == "the table was taken out on purpose"
    assert tested.success[0].value.startswith("Approved.")
    said = screens.texts(tested)
    assert "the table was taken out on purpose" in said
    assert "as agreed with the partners" not in said


def test_an_approval_without_a_reason_is_refused_and_nothing_is_written() -> None:
    tested = page("Pictures", "partner-scorecard")
    tested.button(key="approve").click().run()
    assert tested.error[0].value.startswith("The reason is too short")
    assert filed("baseline_events") == []


def test_an_approval_can_be_withdrawn() -> None:
    tested = page("Pictures", "partner-scorecard")
    tested.text_input(key="report_reason_back").set_value("agreed by mistake")
    tested.button(key="withdraw").click().run()
    assert [event["state"] for event in filed("baseline_events")] == ["withdrawn"]
    assert "No picture of this report is approved" in screens.texts(tested)


def test_breaks_of_the_estate_and_of_people_are_listed_with_who_and_why() -> None:
    tested = page("Planned breaks", "stock-board")
    assert "nightly count" in screens.texts(tested)
    rows = tested.dataframe[-1].value
    assert rows["phase"].to_list() == [["… Planned"], ["– Ended"]]
    assert rows["made_for"].to_list() == ["new scanners", "storage moved"]
    assert rows["made_by"].to_list() == ["carol", "carol"]


def test_a_break_that_is_on_is_planned_and_makes_the_report_count_for_nothing() -> None:
    tested = page("Planned breaks", "invoice-ageing")
    at = clock.now().replace(second=0, microsecond=0)
    tested.session_state["break_begin"] = at - timedelta(hours=1)
    tested.session_state["break_end"] = at + timedelta(hours=1)
    tested.text_input(key="break_reason").set_value("the database moves")
    tested.button(key="plan_break").click().run()
    (event,) = filed("maintenance_events")
    assert (event["report_id"], event["reason"], event["is_withdrawn"]) == (
        "invoice-ageing",
        "the database moves",
        False,
    )
    assert "Maintenance: planned; now answers an error" in screens.texts(tested.run())


def test_a_break_can_be_withdrawn_with_a_reason() -> None:
    tested = page("Planned breaks", "stock-board")
    tested.text_input(key="back_w-next").set_value("the scanners are late")
    tested.button(key="withdraw_w-next").click().run()
    (event,) = filed("maintenance_events")
    assert (event["window_id"], event["is_withdrawn"]) == ("w-next", True)
    assert tested.dataframe[-1].value["phase"].to_list()[0] == ["– Withdrawn"]


def test_who_does_not_operate_may_look_and_not_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "bob")  # an analyst
    tested = page("Pictures", "partner-scorecard")
    assert "Approving needs the role operator" in screens.texts(tested)
    assert "approve" not in {button.key for button in tested.button}
    tested = page("Planned breaks", "stock-board")
    assert "Planning needs the role operator" in screens.texts(tested)
    assert "plan_break" not in {button.key for button in tested.button}
