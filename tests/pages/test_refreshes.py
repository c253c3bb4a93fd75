"""The Refreshes page: the answer on top, the evidence below, and a drawer in which people decide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest
from streamlit.testing.v1 import AppTest

from app import refresh_deciding
from store import spool
from store.settings import settings
from tests.fixtures import screens


@pytest.fixture(scope="module", autouse=True)
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("portal")
    with screens.installation(folder / "home", screens.filled(folder / "store.duckdb")):
        yield


def page(**query: str) -> AppTest:
    tested = screens.page("refreshes", **query)
    assert not tested.exception, [found.value for found in tested.exception]
    return tested


def test_the_first_lines_answer_the_question() -> None:
    said = screens.texts(page())
    assert "3 datasets are stale, 1 job is late, 1 job will probably be late; 6 reports hit" in said
    for words in ("Late job, stale data", "Green job, stale data", "Refreshed but empty", "Late job, fresh data"):
        assert words in said
    assert "Hits Invoice ageing, Margin by product for finance" in said
    assert "with 92 %" in said


def test_a_subsystem_in_the_address_narrows_the_page() -> None:
    tested = page(subsystem="Sales")
    assert screens.figures(tested)["Datasets stale"][0] == "1 of 2"
    assert set(tested.dataframe[0].value["title"]) == {"Orders load", "Partners load"}
    assert "Invoices load is behind" not in screens.texts(tested)


def test_a_click_on_a_subsystem_narrows_the_page_and_another_widens_it() -> None:
    tested = page()
    tested.button(key="pick_finance").click().run()
    assert tested.selectbox(key="subsystem").value == "finance"
    assert screens.figures(tested)["Jobs failed or late"][0] == "1 of 3"
    tested.button(key="pick_finance").click().run()
    assert screens.figures(tested)["Jobs failed or late"][0] == "2 of 8"


def test_one_kind_of_trouble_can_be_singled_out() -> None:
    tested = page(trouble="May miss")
    lines = [button.label for button in tested.button if str(button.key).startswith("line_")]
    assert lines == ["**Margin mart**"]


def test_a_line_opens_the_drawer_of_its_job() -> None:
    tested = page()
    line = next(button for button in tested.button if button.label == "**Margin mart**")
    line.click().run()
    assert tested.subheader[0].value == "Margin mart"
    said = screens.texts(tested)
    assert "Waits for Invoices load" in said
    assert "Blocked along Invoices load → Margin mart." in said
    assert "Due every 1 h after the last success: start within 15 min, finish within 45 min." in said


def margins(job_id: str) -> AppTest:
    """The tab of a job's expectation by itself: the test harness draws a drawer once and never again."""
    script = f"""
from app import data, refresh_margins, refreshing, watching
from app.refresh_deciding import decisions
found = refreshing.situation(decisions()[0])
runs = data.answer("refresh_history", job_id="{job_id}", since=watching.RUNS_SPAN)
slots = data.answer("slot_history", job_id="{job_id}", since=refreshing.SLOTS_SPAN)
refresh_margins.show(found.in_force["{job_id}"], runs.frame, slots.frame)
"""
    tested = AppTest.from_string(script, default_timeout=screens.PATIENCE_SECONDS).run()
    assert not tested.exception, [found.value for found in tested.exception]
    return tested


def part(elements: Sequence[Any], key: str) -> Any:
    """The element whose key begins so."""
    return next(element for element in elements if str(element.key).startswith(key))


def decided(job_id: str) -> list[dict[str, Any]]:
    """The decisions about a job on disk, in order."""
    folder = settings().spool_path / refresh_deciding.COLLECTOR
    events = [orjson.loads((path / "expectation_events.json").read_bytes()) for path in spool.pending(folder)]
    return [event for batch in events for event in batch if event["job_id"] == job_id]


def test_margins_are_tried_on_the_past_before_they_are_saved() -> None:
    tested = margins("returns-load")
    assert part(tested.button, "save_").disabled, "nothing is changed yet"
    part(tested.slider, "start_").set_value(60).run()
    now, then = (float(screens.figures(tested)[f"Alarms a week, {when}"][0]) for when in ("now", "then"))
    assert then < now, "what started up to 25 minutes late is no alarm any more"
    assert not part(tested.button, "save_").disabled


def test_saved_margins_are_on_disk_then_in_force_and_can_be_withdrawn() -> None:
    tested = margins("returns-load")
    part(tested.slider, "deadline_").set_value(90).run()
    part(tested.button, "save_").click().run()
    assert tested.success[0].value.startswith("Saved.")
    (event,) = decided("returns-load")
    assert (event["state"], event["actor_id"]) == ("accepted", "alice")
    assert orjson.loads(event["expectation"])["deadline_seconds"] == 5400.0
    tested.run()
    assert "finish within 1 h 30 min" in tested.markdown[0].value
    assert tested.caption[0].value.startswith("Accepted by alice")
    part(tested.button, "withdraw_").click().run()
    assert [event["state"] for event in decided("returns-load")] == ["accepted", "withdrawn"]
    assert "finish within 45 min" in tested.run().markdown[0].value


def test_a_learned_schedule_is_rejected_once_and_not_proposed_again() -> None:
    tested = margins("margin-mart")
    assert "Learned" in screens.texts(tested)
    part(tested.button, "reject_").click().run()
    assert tested.success[0].value.startswith("Rejected.")
    assert decided("margin-mart")[0]["confidence"] >= 0.75
    assert "Rejected by alice" in screens.texts(tested.run())


def test_who_does_not_operate_may_look_and_not_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "bob")  # an analyst
    tested = margins("orders-load")
    decisions = ("save_", "accept_", "reject_")
    assert all(button.disabled for button in tested.button if str(button.key).startswith(decisions))
    assert "Saving needs the role operator" in screens.texts(tested)


def test_a_job_without_schedule_is_not_shown_as_fine() -> None:
    tested = page(job="archive")
    assert "No schedule" in screens.texts(tested)
    row = tested.dataframe[0].value.set_index("title").loc["Yearly archive"]
    assert row["state"][0] == "? No schedule"


def test_nothing_is_green_that_is_not_known(tmp_path: Path) -> None:
    with screens.installation(tmp_path / "empty", screens.make_store(tmp_path / "store.duckdb", [])):
        said = screens.texts(page())
        assert ":green" not in said
        assert "Nothing is known to be stale, but of 8 things nobody can tell." in said
    with screens.installation(tmp_path / "away", screens.away()):
        said = screens.texts(page())
        assert ":green" not in said
        assert "Unknown: the store has not answered since the app was started." in said
