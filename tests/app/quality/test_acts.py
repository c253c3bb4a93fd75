"""What people decide about data points is on disk before the page says so, is shown at once, needs role and reason."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
import streamlit as st

from app import data
from app.alert_acts import ActError
from app.quality import acts
from config.quality import Watch
from store import clock
from store.connection import open_store
from store.read import ask
from store.settings import settings
from tests.app.quality.points import DAY, PROFILED, SIGNAL, STAGE, TODAY, installation, spooled, take_in
from tests.fixtures import screens

REASON = "the feed was broken"
AT = TODAY - 3 * DAY  # a point of value 126
FAR = datetime(2020, 1, 1)


@pytest.fixture(autouse=True)
def session(monkeypatch: pytest.MonkeyPatch) -> None:
    """A session of its own, without a browser."""
    monkeypatch.setattr(st, "session_state", {})


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[str]:
    with installation(tmp_path) as url:
        yield url


def mark(mark_id: str) -> dict[str, object]:
    return acts.marks_of("orders")[0].row(by_predicate=pl.col("mark_id") == mark_id, named=True)


def test_a_correction_is_on_disk_and_shown_at_once_with_the_old_value(installed: str) -> None:
    made = acts.correct("orders", AT, 130, "  the feed\nwas broken ")
    (row,) = spooled()
    assert (row["mark_id"], row["metric_id"], row["kind"]) == (made, "orders", "corrected")
    assert (row["from_at"], row["to_at"]) == (AT.isoformat(), AT.isoformat())
    assert (row["old_value"], row["new_value"], row["actor"], row["reason"]) == (126.0, 130.0, "alice", REASON)
    shown = mark(made)
    assert (shown["new_value"], shown["is_withdrawn"], shown["made_by"]) == (130.0, False, "alice")


def test_a_second_correction_knows_the_first_and_taking_it_back_shows_the_first_again(
    installed: str, tmp_path: Path
) -> None:
    first = acts.correct("orders", AT, "130.5", REASON)
    second = acts.correct("orders", AT, 131, REASON)
    assert [row["old_value"] for row in spooled()] == [126.0, 130.5]
    acts.withdraw(second, "the first was right")
    with pytest.raises(ActError, match=r"is 130\.5 already"):
        acts.correct("orders", AT, 130.5, REASON)
    with pytest.raises(ActError, match="withdrawn already, by alice"):
        acts.withdraw(second, REASON)
    assert (mark(first)["is_withdrawn"], mark(second)["is_withdrawn"]) == (False, True)
    assert (mark(second)["made_for"], mark(second)["reason"]) == (REASON, "the first was right")
    data.desk().close()
    take_in(installed, tmp_path, acts.COLLECTOR)
    store = open_store(installed, tmp_path)
    listed = ask(store, "points_listed", metric_id="orders", since=AT).row(0, named=True)
    store.close()
    assert (listed["value"], listed["raw_value"], listed["is_corrected"]) == (130.5, 126.0, True)


@pytest.mark.parametrize(
    ("metric", "at", "value", "reason", "said"),
    [
        ("order", AT, 1, REASON, "no data point “order”; known are orders."),
        ("table:warehouse/sales.orders/rows", AT, 1, REASON, "no data point"),
        ("empty", AT, 1, REASON, "Empty has no value yet"),
        ("orders", AT + timedelta(hours=1), 1, REASON, "has no point at .* 01:00 UTC; the nearest are"),
        ("orders", None, 1, REASON, "The time is missing"),
        ("orders", AT, 126, REASON, "is 126 already"),
        ("orders", AT, math.nan, REASON, "The new value is nan; expected a finite number"),
        ("orders", AT, "-inf", REASON, "expected a finite number"),
        ("orders", AT, 10**400, REASON, "expected a finite number"),
        ("orders", AT, "a lot", REASON, "The new value is 'a lot'"),
        ("orders", AT, "", REASON, "The new value is ''"),
        ("orders", AT, None, REASON, "The new value is None"),
        ("orders", AT, True, REASON, "The new value is True"),
        ("orders", AT, 1, "", "write at least 5 letters"),
        ("orders", AT, 1, "ok . -", "write at least 5 letters"),
        ("orders", AT, 1, "a" * 501, "has 501 characters"),
    ],
)
def test_a_correction_that_makes_no_sense_is_refused_in_one_sentence(
    installed: str, metric: str, at: datetime | None, value: object, reason: str, said: str
) -> None:
    with pytest.raises(ActError, match=said):
        acts.correct(metric, at, value, reason)
    assert spooled() == []
    assert acts.marks_of("orders")[0].is_empty()


def test_points_are_left_out_and_work_is_planned(installed: str) -> None:
    out = acts.leave_out("orders", AT, TODAY, REASON)
    later = acts.plan("orders", TODAY + 20 * DAY, TODAY + 21 * DAY, "storage moves")
    said = acts.note("orders", AT, "new shop opened")
    profiled = acts.plan(PROFILED, TODAY, TODAY + DAY, "storage moves")
    kinds = {row["mark_id"]: (row["kind"], row["from_at"], row["to_at"]) for row in spooled()}
    assert kinds[out] == ("left_out", AT.isoformat(), TODAY.isoformat())
    assert kinds[later] == ("planned", (TODAY + 20 * DAY).isoformat(), (TODAY + 21 * DAY).isoformat())
    assert kinds[said] == ("note", AT.isoformat(), AT.isoformat())
    assert acts.marks_of("orders")[0]["mark_id"].to_list()[0] == later
    assert acts.marks_of(PROFILED)[0]["mark_id"].to_list() == [profiled]


@pytest.mark.parametrize(
    ("begin", "end", "said"),
    [
        (None, AT, "begin or the end is missing"),
        (AT, AT - DAY, "is before the begin"),
        (FAR, FAR + DAY, "no point from .*; its points are from"),
        (AT, clock.now() + DAY, "is in the future; plan it instead"),
    ],
)
def test_a_range_that_makes_no_sense_is_not_left_out(
    installed: str, begin: datetime | None, end: datetime, said: str
) -> None:
    with pytest.raises(ActError, match=said):
        acts.leave_out("orders", begin, end, REASON)
    assert spooled() == []


def test_a_plan_is_at_most_a_month_and_a_range_of_nothing_says_so(installed: str) -> None:
    with pytest.raises(ActError, match="longer than 31 days"):
        acts.plan("orders", TODAY, TODAY + 31 * DAY + timedelta(seconds=1), REASON)
    with pytest.raises(ActError, match="it has no value yet"):
        acts.leave_out("empty", AT, TODAY, REASON)
    with pytest.raises(ActError, match="no mark “m-9”"):
        acts.withdraw("m-9", REASON)
    with pytest.raises(ActError, match="The time is missing"):
        acts.note("orders", None, REASON)
    assert spooled() == []


EVERY: list[Callable[[], object]] = [
    lambda: acts.correct("orders", AT, 1, REASON),
    lambda: acts.leave_out("orders", AT, AT, REASON),
    lambda: acts.plan("orders", AT, AT, REASON),
    lambda: acts.note("orders", AT, REASON),
    lambda: acts.withdraw("m-1", REASON),
    lambda: acts.start_stage("orders", AT, REASON),
    lambda: acts.decide_stage(STAGE, True, REASON),
    lambda: acts.withdraw_stage(STAGE, REASON),
    lambda: acts.answer(SIGNAL, "real", REASON),
    lambda: acts.save_watch("orders", Watch(weight=2), REASON),
    lambda: acts.reset_watch("orders", REASON),
]


def test_the_role_is_checked_at_the_act(installed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "bob")  # an analyst
    for attempt in EVERY:
        with pytest.raises(ActError, match="needs the role operator"):
            attempt()
    assert spooled() == []


def test_nothing_is_decided_blindly_while_the_store_is_away(tmp_path: Path) -> None:
    with installation(tmp_path), pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHEWHART_STORE_URL", screens.away())
        screens.forget()
        for attempt in [*EVERY[:2], *EVERY[4:]]:
            with pytest.raises(ActError, match="does not answer"):
                attempt()
        acts.plan("orders", AT, AT, "storage moves")  # which needs nothing from the store
        assert len(spooled()) == 1


def test_when_nothing_can_be_written_nothing_is_shown(installed: str) -> None:
    settings().spool_path.write_text("a file where the spool would be")
    with pytest.raises(OSError, match="spool"):
        acts.note("orders", AT, REASON)
    assert acts.marks_of("orders")[0].is_empty()
