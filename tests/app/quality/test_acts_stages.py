"""Stages, answers and settings of data points: decided once, with a reason, on disk before the page says so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import streamlit as st

from app import data
from app.alert_acts import ActError
from app.quality import acts
from config.quality import Watch
from store.connection import open_store
from store.read import ask
from tests.app.quality.points import DAY, FIRST, SIGNAL, STAGE, TODAY, installation, spooled, take_in

REASON = "the feed was broken"
AT = TODAY - 3 * DAY


@pytest.fixture(autouse=True)
def session(monkeypatch: pytest.MonkeyPatch) -> None:
    """A session of its own, without a browser."""
    monkeypatch.setattr(st, "session_state", {})


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[str]:
    with installation(tmp_path) as url:
        yield url


def test_a_stage_is_begun_and_taken_back(installed: str) -> None:
    made = acts.start_stage("orders", AT, "a new shop opened")
    with pytest.raises(ActError, match=r"begins at .* already"):
        acts.start_stage("orders", AT, REASON)
    acts.withdraw_stage(made, "it closed again")
    with pytest.raises(ActError, match="is withdrawn by alice"):
        acts.withdraw_stage(made, REASON)
    assert [(row["state"], row["starts_at"], row["actor"]) for row in spooled()] == [
        ("accepted", AT.isoformat(), "alice"),
        ("withdrawn", AT.isoformat(), "alice"),
    ]
    states = dict(acts.stages_of("orders")[0].select("stage_id", "state").iter_rows())
    assert states == {made: "withdrawn", STAGE: "proposed"}


@pytest.mark.parametrize(
    ("metric", "at", "said"),
    [
        ("orders", None, "The time is missing"),
        ("orders", FIRST, "cannot begin at"),
        ("orders", TODAY + timedelta(seconds=1), "cannot begin at .*; choose a time after"),
        ("empty", AT, "no value yet"),
        ("gone", AT, "no data point “gone”"),
    ],
)
def test_a_stage_needs_points_before_and_after_it(installed: str, metric: str, at: datetime | None, said: str) -> None:
    with pytest.raises(ActError, match=said):
        acts.start_stage(metric, at, REASON)
    assert spooled() == []


@pytest.mark.parametrize(("accept", "state"), [(True, "accepted"), (False, "rejected")])
def test_a_proposed_stage_is_decided_once_and_keeps_its_evidence(installed: str, accept: bool, state: str) -> None:
    acts.decide_stage(STAGE, accept, "seen with sales")
    (row,) = spooled()
    assert (row["stage_id"], row["state"], row["evidence"], row["reason"]) == (STAGE, state, "10 up", "seen with sales")
    with pytest.raises(ActError, match=f"is {state} by alice"):
        acts.decide_stage(STAGE, not accept, REASON)
    with pytest.raises(ActError, match="no stage “s-9”"):
        acts.decide_stage("s-9", accept, REASON)
    assert len(spooled()) == 1


def test_the_newest_answer_to_a_signal_counts(installed: str, tmp_path: Path) -> None:
    acts.answer(SIGNAL, "real", "a shop was closed")
    with pytest.raises(ActError, match="“real” already, by alice"):
        acts.answer(SIGNAL, "real", REASON)
    acts.answer(SIGNAL, "data_late", "it came after all")
    assert [(row["metric_id"], row["rule"], row["answer"]) for row in spooled()] == [
        ("orders", "spike", "real"),
        ("orders", "spike", "data_late"),
    ]
    frame, _ = acts.answers_of("orders")
    assert frame.select("signal_id", "answer", "actor").rows() == [(SIGNAL, "data_late", "alice")]
    data.desk().close()
    take_in(installed, tmp_path, acts.COLLECTOR)
    store = open_store(installed, tmp_path)
    signal = ask(store, "points_signals", of="orders", since=TODAY).row(0, named=True)
    store.close()
    assert (signal["answer"], signal["answered_for"]) == ("data_late", "it came after all")


@pytest.mark.parametrize(
    ("signal", "answer", "said"),
    [(SIGNAL, "maybe", "expected real, expected or data_late"), ("s-9", "real", "no signal “s-9”")],
)
def test_an_answer_that_makes_no_sense_is_refused(installed: str, signal: str, answer: str, said: str) -> None:
    with pytest.raises(ActError, match=said):
        acts.answer(signal, answer, REASON)
    assert spooled() == []


def test_a_setting_is_saved_with_its_backtest_and_reset(installed: str) -> None:
    metric = acts.metric_of("orders")
    assert acts.watch_of(metric) == Watch()
    chosen = Watch(false_alarms_per_year=2, rules=["western_electric", "run of 7"], calendar="shop")
    acts.save_watch("orders", chosen, REASON, {"found": 3})
    (row,) = spooled()
    assert json.loads(row["backtest"]) == {"found": 3}
    held = acts.watch_of(metric)
    assert held.rules == [*(f"western_electric_{number}" for number in range(1, 5)), "run_of_7"]
    assert (held.false_alarms_per_year, held.calendar) == (2, "shop")
    with pytest.raises(ActError, match="in this way already"):
        acts.save_watch("orders", chosen, REASON)
    acts.reset_watch("orders", "it was too much")
    assert acts.watch_of(metric) == Watch()
    with pytest.raises(ActError, match="nothing to reset"):
        acts.reset_watch("orders", REASON)
    assert acts.watches()[0].select("metric_id", "is_withdrawn").rows() == [("orders", True)]


@pytest.mark.parametrize(
    ("watch", "said"),
    [
        (Watch(), "in this way already"),
        (Watch(rules=["run of many"]), "'run of many' is no rule; expected"),
        (Watch(calendar="moon"), "no calendar “moon”; known are shop"),
        (Watch.model_construct(**(Watch().model_dump() | {"lowest": 5, "highest": 4})), "lowest is 5 and highest 4"),
        (Watch.model_construct(**(Watch().model_dump() | {"false_alarms_per_year": -1})), "false_alarms_per_year: "),
    ],
)
def test_a_setting_that_makes_no_sense_is_not_saved(installed: str, watch: Watch, said: str) -> None:
    with pytest.raises(ActError, match=said):
        acts.save_watch("orders", watch, REASON)
    assert spooled() == []
