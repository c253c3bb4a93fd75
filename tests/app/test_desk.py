"""The store goes away and comes back while pages ask."""

from __future__ import annotations

import signal
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app import desk
from app.desk import Desk, resolved
from store.connection import open_store
from store.rows import MetricSample
from store.shipper import ship
from store.spool import Spool
from tests.fixtures import screens
from tests.processes import Home, freeze, wait_for

NOON = datetime(2026, 11, 23, 12)
CPU = {"metrics": ["cpu_busy_ratio"]}


@pytest.fixture
def watched(home: Home) -> Home:
    """A served store with one sample in it."""
    home.start_store()
    store = home.open()
    Spool(home.conf.spool_path, "test").put([MetricSample("db-01", "cpu_busy_ratio", "", NOON, 0.43)])
    ship(store, home.conf.spool_path)
    store.close()
    return home


def test_the_last_good_answer_stays_while_the_store_is_away_and_is_new_when_it_is_back(watched: Home) -> None:
    asking = Desk(watched.conf.url, watched.conf.token_path)
    before = asking.ask("latest_metrics", CPU)
    assert (before.frame["value"].to_list(), before.is_stale, before.problem) == ([0.43], False, None)

    watched.stop()
    away = asking.ask("latest_metrics", CPU)
    assert away.frame["value"].to_list() == [0.43]
    assert away.is_stale
    assert away.as_of == before.as_of, "its age is that of the answer, not of the question"
    assert "does not answer" in str(away.problem)

    watched.start_store()
    wait_for(lambda: not asking.ask("latest_metrics", CPU).is_stale, "an answer of the new owner")
    again = asking.ask("latest_metrics", CPU)
    assert again.as_of is not None and before.as_of is not None
    assert again.as_of > before.as_of
    asking.close()


def test_what_was_never_answered_has_the_declared_columns_and_no_time(tmp_path: Path) -> None:
    answer = Desk(screens.away(), tmp_path / "no.token").ask("refresh_failures", {"since": timedelta(days=1)})
    assert answer.is_empty
    assert answer.is_stale
    assert answer.as_of is None
    assert "job_id" in answer.frame.columns
    assert "has not started yet" in str(answer.problem)


def test_a_refused_question_is_said_and_does_not_stop_the_others(tmp_path: Path) -> None:
    url = f"duckdb:{tmp_path / 'bare.duckdb'}"
    open_store(url, tmp_path).close()
    asking = Desk(url, tmp_path)
    answer = asking.ask("reports", {})
    assert answer.is_empty
    assert "report_verdicts does not exist" in str(answer.problem)
    asking.close()


def test_the_store_is_tried_once_and_not_by_every_card(tmp_path: Path) -> None:
    moment = [100.0]
    asking = Desk(screens.away(), tmp_path / "no.token", timer=lambda: moment[0])
    first = asking.ask("reports", {}).problem
    (tmp_path / "no.token").write_text("now there is one")
    assert asking.ask("freshness", {}).problem == first, "within the pause nobody tries"
    moment[0] += desk.PAUSE_SECONDS
    assert asking.ask("freshness", {}).problem != first, "after it somebody does"


def test_only_so_many_answers_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "KEPT_ANSWERS", 2)
    url = screens.make_store(tmp_path / "store.duckdb", [])
    asking = Desk(url, tmp_path)
    for report in ("first", "second", "third"):
        asking.ask("report_history", {"report_id": report, "since": NOON})
    assert len(asking._good) == 2
    assert "third" in next(reversed(asking._good))
    asking.close()


def test_a_span_means_that_long_ago() -> None:
    assert resolved({"since": timedelta(hours=2), "host": "db-01"}, NOON) == {
        "since": datetime(2026, 11, 23, 10),
        "host": "db-01",
    }


def test_a_store_that_hangs_is_a_store_that_is_away(watched: Home) -> None:
    asking = Desk(watched.conf.url, watched.conf.token_path, patience_seconds=0.5)
    wait_for(lambda: not asking.ask("latest_metrics", CPU).is_stale, "a first answer")
    (owner,) = watched.running
    freeze(owner)
    try:
        hung = asking.ask("latest_metrics", CPU)
    finally:
        owner.send_signal(signal.SIGCONT)
    assert hung.frame["value"].to_list() == [0.43]
    assert hung.is_stale
    assert hung.problem == "The store gave no answer within 0.5 s."
    wait_for(lambda: not asking.ask("latest_metrics", CPU).is_stale, "an answer of the owner that goes on")
    asking.close()


def test_what_was_asked_ahead_is_answered_by_the_answer_that_is_under_way(watched: Home) -> None:
    timer = [0.0]
    asking = Desk(watched.conf.url, watched.conf.token_path, timer=lambda: timer[0])
    asking.ask_ahead([("latest_metrics", CPU)])
    watched.verb("status")  # the answer ahead is older than what follows
    ahead = asking.ask("latest_metrics", CPU)
    anew = asking.ask("latest_metrics", CPU)
    assert ahead.frame.equals(anew.frame)
    assert ahead.as_of is not None and anew.as_of is not None
    assert anew.as_of - ahead.as_of > timedelta(milliseconds=100), "an answer ahead keeps the time it was asked at"
    asking.close()


def test_an_answer_ahead_that_nobody_fetched_in_time_is_not_used(watched: Home) -> None:
    timer = [0.0]
    asking = Desk(watched.conf.url, watched.conf.token_path, timer=lambda: timer[0])
    before = asking.ask("latest_metrics", CPU).as_of
    asking.ask_ahead([("latest_metrics", CPU)])
    timer[0] = desk.AHEAD_SECONDS
    Spool(watched.conf.spool_path, "test").put([MetricSample("db-01", "cpu_busy_ratio", "", NOON, 0.99)])
    store = watched.open()
    ship(store, watched.conf.spool_path)
    store.close()
    after = asking.ask("latest_metrics", CPU)
    assert after.frame["value"].to_list() == [0.99]
    assert before is not None and after.as_of is not None
    asking.close()


def test_asking_ahead_of_a_store_that_is_away_waits_for_whoever_asks(tmp_path: Path) -> None:
    asking = Desk(screens.away(), tmp_path / "no.token")
    asking.ask_ahead([("reports", {})])
    assert "has not started yet" in str(asking.ask("reports", {}).problem)
