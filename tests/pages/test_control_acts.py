"""What people decide on the page Control charts: every act is on disk before the page says so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import orjson
import pytest
from streamlit.testing.v1 import AppTest

from app.quality import acts
from store import clock, spool
from store.settings import settings
from tests.fixtures import screens, watched


@pytest.fixture(scope="module", autouse=True)
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("portal")
    url = screens.make_store(folder / "store.duckdb", list(watched.watched(clock.now())))
    with screens.installation(folder / "home", url, watched.ESTATE):
        yield


@pytest.fixture(autouse=True)
def nothing_waits() -> None:
    """Each test sees only its own acts on disk."""
    acts._spool.cache_clear()


def page(**query: str) -> AppTest:
    tested = screens.page("control_charts", **query)
    assert not tested.exception, [found.value for found in tested.exception]
    return tested


def filed(table: str) -> dict[str, Any]:
    """The newest row of an act on disk."""
    newest = spool.pending(settings().spool_path / "app")[-1]
    (row,) = orjson.loads((newest / f"{table}.json").read_bytes())
    found: dict[str, Any] = row
    return found


def test_marks_in_force_are_listed_and_those_taken_back_are_not() -> None:
    said = screens.texts(page(series="revenue", point_tab="Mark points"))
    for part in ("**Stage** from", "**Planned**", "**Left out**", "**Note**", "**Corrected**", "to 50,400 EUR"):
        assert part in said
    assert "never mind" not in said


def test_points_in_the_fields_are_left_out_on_disk() -> None:
    tested = page(series="refunds", point_tab="Mark points")
    day = watched.days_up_to(clock.now())[-5]
    tested.datetime_input(key="mark_from").set_value(day - timedelta(hours=1))
    tested.datetime_input(key="mark_to").set_value(day + timedelta(days=1, hours=1)).run()
    assert "2 points, mean" in screens.texts(tested)
    tested.text_input(key="mark_reason").set_value("the shop was closed")
    tested.button(key="mark_do").click().run()
    assert tested.success[0].value == "Left out of all limits."
    row = filed("point_marks")
    assert (row["metric_id"], row["kind"], row["actor"]) == ("refunds", "left_out", "alice")
    assert row["from_at"].startswith(f"{day:%Y-%m-%dT%H:%M}"), "the point's own time, not the field's"
    assert "the shop was closed" in screens.texts(tested), "shown at once"


def test_an_act_without_a_reason_is_refused_in_a_sentence() -> None:
    tested = page(series="refunds", point_tab="Mark points")
    tested.button(key="mark_do").click().run()
    assert "The reason is too short" in tested.error[0].value


def test_a_correction_takes_the_value_of_the_field() -> None:
    tested = page(series="refunds", point_tab="Mark points")
    tested.segmented_control(key="mark_what").set_value("Correct").run()
    tested.number_input(key="mark_value").set_value(901.5)
    tested.text_input(key="mark_reason").set_value("typed twice")
    tested.button(key="mark_do").click().run()
    assert tested.success[0].value.startswith("Corrected")
    assert filed("point_marks")["new_value"] == 901.5


def test_a_signal_is_answered() -> None:
    tested = page(series="orders")
    tested.text_input(key="answer_signal-orders").set_value("the load was late")
    tested.button(key="data_late_answer_signal-orders").click().run()
    assert tested.success[0].value.startswith("Answered: data late")
    assert filed("signal_answers")["answer"] == "data_late"
    assert "Data late, alice" in screens.texts(tested)


def test_a_signal_that_was_expected_is_no_open_one_any_more() -> None:
    assert "1 open signal" not in screens.texts(page(series="invoices"))


def test_a_proposed_stage_is_accepted() -> None:
    tested = page(series="invoices")
    assert "The level rose by 34 invoices" in screens.texts(tested)
    tested.text_input(key="stage_stage-invoices").set_value("a new customer group")
    tested.button(key="accept_stage_stage-invoices").click().run()
    assert tested.success[0].value.startswith("Accepted")
    assert filed("stage_events")["state"] == "accepted"
    assert "New stage proposed" not in screens.texts(tested)


def test_a_mark_is_taken_back() -> None:
    tested = page(series="revenue", point_tab="Mark points")
    tested.text_input(key="undo_m-planned").set_value("was not done")
    tested.button(key="do_undo_m-planned").click().run()
    assert filed("point_marks")["is_withdrawn"] is True
    assert "stock count" not in screens.texts(tested)


def test_a_setting_is_compared_on_history_before_it_can_be_saved() -> None:
    tested = page(series="refunds", point_tab="Settings")
    assert tested.button(key="compare").disabled
    tested.segmented_control(key="direction_refunds").set_value("up").run()
    assert tested.button(key="save_watch").disabled
    tested.button(key="compare").click().run()
    assert not tested.exception
    assert "Now against proposed" in screens.texts(tested)
    shown = tested.dataframe[0].value
    assert {"now_share", "proposed_share"} <= set(shown.columns)
    tested.text_input(key="watch_reason").set_value("only a rise costs money")
    tested.button(key="save_watch").click().run()
    assert tested.success[0].value.startswith("Saved")
    row = filed("watch_events")
    assert orjson.loads(row["watch"])["direction"] == "up"
    assert orjson.loads(row["backtest"])["verdict"]
