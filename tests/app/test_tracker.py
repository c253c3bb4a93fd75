"""The tracker on a real store: what was expected is a row, what changed is appended, what nobody heard is unknown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from app.tracker import Tracker
from config.estate import Estate
from config.load import parse
from store.connection import Store
from store.rows import (
    CollectorRun,
    ExpectationEvent,
    Outcome,
    ProposalState,
    RefreshRun,
    RefreshSlot,
    Row,
    RunStatus,
    Verdict,
)
from store.write import append

ESTATE = """name: Test
subsystems: [{id: sales, title: Sales}]
jobs:
  - id: load
    title: Load
    subsystem: sales
    ping_key: load-key-1
    expect: [{cron: 0 6 * * *, start_margin_seconds: 600, deadline_seconds: 3600}]
"""
DAY = timedelta(days=1)
SIX = datetime(2026, 11, 20, 6)


@pytest.fixture
def estate() -> Estate:
    return parse(ESTATE)


def run(at: datetime, status: RunStatus = RunStatus.SUCCEEDED, minutes: float = 5) -> RefreshRun:
    end = at + timedelta(minutes=minutes)
    return RefreshRun("load", f"r{at:%d%H%M}", "ping", status, end, at, end, triggered_by="scheduled")


def listened(first: datetime, until: datetime) -> list[CollectorRun]:
    """The ping service proves every half minute that it listens."""
    count = int((until - first).total_seconds() // 30)
    beats = [first + timedelta(seconds=30 * n) for n in range(count + 1)]
    return [CollectorRun("ingest", f"{at}", at, Outcome.SUCCEEDED, 0, 0.0) for at in beats]


def track(store: Store, tracker: Tracker, estate: Estate, now: datetime) -> list[RefreshSlot]:
    """A pass whose rows are stored, as the responder's are."""
    rows = tracker.track(store, estate, now)
    if rows:
        append(store, rows)
    return rows


def verdicts(store: Store) -> dict[datetime, str]:
    return dict(store.fetch("select due_at, verdict from latest_refresh_slots order by due_at").rows())


def fill(store: Store, rows: Sequence[Row]) -> None:
    append(store, rows)


def test_a_slot_missed_while_the_tracker_was_down_is_found_by_the_next_pass(store: Store, estate: Estate) -> None:
    fill(store, [run(SIX), *listened(SIX - DAY, SIX + 4 * DAY)])
    track(store, Tracker(), estate, SIX + timedelta(hours=2))
    fill(store, [run(SIX + 3 * DAY)])
    track(store, Tracker(), estate, SIX + 3 * DAY + timedelta(hours=2))
    found = verdicts(store)
    assert [found[SIX + n * DAY] for n in range(5)] == ["on_time", "missed", "missed", "on_time", "upcoming"]


def test_an_estate_without_history_does_not_begin_with_misses(store: Store, estate: Estate) -> None:
    now = SIX + timedelta(hours=7)
    fill(store, listened(now - DAY, now))
    tracker = Tracker()
    track(store, tracker, estate, now)
    assert verdicts(store) == {SIX + DAY: "upcoming"}
    track(store, tracker, estate, now + DAY)
    assert verdicts(store)[SIX + DAY] == "unknown", "nobody has listened since"


def test_what_was_not_heard_because_nobody_listened_is_unknown_and_not_missed(store: Store, estate: Estate) -> None:
    fill(store, [run(SIX - DAY), *listened(SIX - DAY, SIX - timedelta(hours=1))])
    fill(store, listened(SIX + timedelta(hours=3), SIX + timedelta(hours=4)))
    track(store, Tracker(), estate, SIX + timedelta(hours=4))
    assert verdicts(store)[SIX] == "unknown"


def test_a_late_fact_corrects_the_slot_and_both_verdicts_are_kept(store: Store, estate: Estate) -> None:
    fill(store, [run(SIX - DAY), *listened(SIX - DAY, SIX + timedelta(hours=9))])
    tracker = Tracker()
    track(store, tracker, estate, SIX + timedelta(hours=2))
    assert verdicts(store)[SIX] == "missed"
    fill(store, [run(SIX + timedelta(hours=3))])
    track(store, tracker, estate, SIX + timedelta(hours=4))
    assert verdicts(store)[SIX] == "late_finish"
    history = store.fetch("select verdict from refresh_slots where due_at = $due order by judged_at", {"due": SIX})
    assert history["verdict"].to_list()[-2:] == ["missed", "late_finish"]


def test_a_pass_without_news_appends_nothing(store: Store, estate: Estate) -> None:
    fill(store, [run(SIX), *listened(SIX - DAY, SIX + DAY)])
    tracker = Tracker()
    assert track(store, tracker, estate, SIX + timedelta(hours=2))
    assert track(store, tracker, estate, SIX + timedelta(hours=2, seconds=10)) == []


def test_a_changed_expectation_withdraws_what_was_not_judged_yet(store: Store, estate: Estate) -> None:
    fill(store, [run(SIX), *listened(SIX - DAY, SIX + DAY)])
    tracker = Tracker()
    track(store, tracker, estate, SIX + timedelta(hours=2))
    later = parse(ESTATE.replace("0 6 * * *", "0 9 * * *"))
    track(store, tracker, later, SIX + timedelta(hours=2, minutes=1))
    found = verdicts(store)
    assert found[SIX + DAY] == "withdrawn"
    assert found[SIX] == "on_time", "what was judged was true"
    assert found[SIX + timedelta(hours=3)] in ("upcoming", Verdict.UPCOMING)


def test_margins_that_a_person_accepted_take_the_place_of_the_estates(store: Store, estate: Estate) -> None:
    fill(store, [run(SIX + timedelta(minutes=50)), *listened(SIX - DAY, SIX + DAY)])
    fill(store, [run(SIX - DAY)])
    now = SIX + timedelta(hours=2)
    track(store, Tracker(), estate, now)
    assert verdicts(store)[SIX] == "late_start"
    wider = estate.jobs[0].expect[0].model_copy(update={"start_margin_seconds": 3600.0, "deadline_seconds": 7200.0})
    decided = ExpectationEvent(
        "load", wider.id, now, ProposalState.ACCEPTED, "alice", wider.model_dump_json(), reason="the source moved"
    )
    fill(store, [decided])
    track(store, Tracker(), estate, now + timedelta(minutes=1))
    assert verdicts(store)[SIX] == "on_time"


def test_only_the_next_few_slots_of_a_frequent_job_are_rows_before_their_time(store: Store) -> None:
    often = parse(ESTATE.replace("0 6 * * *", "'*/2 * * * *'"))
    track(store, Tracker(), often, SIX)
    assert list(verdicts(store).values()).count("upcoming") == 3


def test_a_scheduler_that_cannot_be_asked_makes_its_jobs_unknown_and_not_missed(store: Store) -> None:
    asked = parse(ESTATE.replace("    ping_key: load-key-1\n", ""))
    told = RefreshRun("load", "r1", "airflow", RunStatus.SUCCEEDED, SIX - DAY, SIX - DAY, SIX - DAY)
    fill(store, [told, CollectorRun("airflow_runs", "c1", SIX - timedelta(hours=1), Outcome.SUCCEEDED, 1, 0.1)])
    fill(store, [CollectorRun("airflow_runs", "c2", SIX, Outcome.FAILED, 0, 0.1, "Airflow answered 500")])
    tracker = Tracker()
    track(store, tracker, asked, SIX + timedelta(hours=2))
    assert verdicts(store)[SIX] == "unknown"
    fill(store, [CollectorRun("airflow_runs", "c3", SIX + timedelta(hours=2, minutes=5), Outcome.SUCCEEDED, 0, 0.1)])
    track(store, tracker, asked, SIX + timedelta(hours=2, minutes=6))
    assert verdicts(store)[SIX] == "missed", "it was asked, and knows of no run"
