"""Slots: what was expected when, by the clock, at an interval, or after the jobs upstream."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.slots import expected_slots
from config.estate import RefreshJob
from config.refreshes import Calendar, Expectation
from tests.analysis.refresh_frames import runs_of

MIDNIGHT = datetime(2026, 11, 16)  # a Monday
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def job(job_id: str, *expectations: dict[str, Any], **fields: Any) -> RefreshJob:
    expect = [Expectation(**one) for one in expectations]
    return RefreshJob(id=job_id, title=job_id, subsystem="sales", expect=expect, **fields)


def run(job_id: str, hours: float, minutes: float = 5, **fields: Any) -> dict[str, Any]:
    """A run that starts so many hours after midnight and takes some minutes."""
    start = MIDNIGHT + hours * HOUR
    return {"job_id": job_id, "started_at": start, "finished_at": start + minutes * MINUTE, **fields}


def slots(
    jobs: Sequence[RefreshJob],
    runs: Sequence[dict[str, Any]] = (),
    hours: float = 24,
    now: float | None = None,
    calendars: Sequence[Calendar] = (),
) -> pl.DataFrame:
    at = None if now is None else MIDNIGHT + now * HOUR
    return expected_slots(jobs, calendars, runs_of(*runs), MIDNIGHT, MIDNIGHT + hours * HOUR, at)


def hours_of(frame: pl.DataFrame, column: str = "due_at") -> list[float | None]:
    """A column of times as hours after midnight, to a hundredth."""
    return [None if at is None else round((at - MIDNIGHT) / HOUR, 2) for at in frame[column]]


def test_a_daily_job_has_one_slot_a_day_with_its_bounds() -> None:
    daily = job("load", {"cron": "0 6 * * *", "deadline_seconds": 3600, "min_seconds": 60, "max_seconds": 1800})
    found = slots([daily], hours=48)
    assert found["expectation"].to_list() == ["cron 0 6 * * * UTC"] * 2
    assert hours_of(found) == [6, 30]
    assert hours_of(found, "early_from_at") == [5.92, 29.92]
    assert hours_of(found, "start_by_at") == [6.25, 30.25]
    assert hours_of(found, "deadline_at") == [7, 31]
    assert hours_of(found, "next_due_at") == [30, 54]
    assert found.select("min_seconds", "max_seconds").row(0) == (60, 1800)


def test_a_paused_job_has_no_slots() -> None:
    assert slots([job("load", {"cron": "0 6 * * *"}, is_paused=True)]).is_empty()
    assert slots([]).is_empty()


def test_jobs_with_one_expectation_share_its_times_and_keep_their_names() -> None:
    found = slots([job(name, {"cron": "0 6 * * *"}) for name in ("b", "a", "c")])
    assert found["job_id"].to_list() == ["a", "b", "c"]
    assert hours_of(found) == [6, 6, 6]


def test_where_due_times_are_near_at_most_a_quarter_of_the_time_between_is_early() -> None:
    found = slots([job("often", {"cron": "*/5 * * * *"})], hours=0.25)
    assert (found["due_at"] - found["early_from_at"]).to_list() == [timedelta(seconds=75)] * 3
    both = slots([job("twice", {"cron": "0 6 * * *"}, {"cron": "4 6 * * *"})])
    assert (both["due_at"] - both["early_from_at"]).to_list() == [5 * MINUTE, 1 * MINUTE]


def test_the_first_slot_of_a_span_is_as_early_as_it_is_in_a_longer_span() -> None:
    often = job("often", {"cron": "*/5 * * * *", "early_seconds": 600})
    longer = expected_slots([often], [], runs_of(), MIDNIGHT - DAY, MIDNIGHT + HOUR)
    assert slots([often], hours=1).equals(longer.filter(pl.col("due_at") >= MIDNIGHT))


def test_a_calendar_drops_slots_and_says_when_the_clock_comes_next() -> None:
    office = Calendar(id="office")
    found = slots([job("load", {"cron": "0 6 * * *", "calendar": "office"})], hours=8 * 24, calendars=[office])
    assert hours_of(found) == [6, 30, 54, 78, 102, 174]  # Monday to Friday, then Monday
    assert hours_of(found, "next_due_at")[4] == 174
    assert hours_of(found, "next_clock_at")[4] == 126


def test_an_interval_counts_from_the_end_of_the_last_success() -> None:
    hourly = job("poll", every_seconds=3600)
    found = slots([hourly], [run("poll", 0), run("poll", 1), run("poll", 2.5)], now=3)
    assert hours_of(found) == [0, 1.08, 2.08, 3.58]
    assert hours_of(found, "early_from_at") == [0, 0.08, 1.08, 2.58]
    assert hours_of(found, "next_due_at") == [1.08, 2.08, 3.58, None]


def test_while_nothing_succeeds_a_slot_is_due_every_interval_up_to_now() -> None:
    hourly = job("poll", every_seconds=3600)
    runs = [run("poll", 0), run("poll", 1.5, status="failed"), run("poll", 3.5)]
    assert hours_of(slots([hourly], runs[:2], now=3.2)) == [0, 1.08, 2.08, 3.08]
    assert hours_of(slots([hourly], runs, now=4)) == [0, 1.08, 2.08, 3.08, 4.58]
    failing = [run("poll", 0, status="failed")]
    assert hours_of(slots([hourly], failing, now=2.5)) == [0, 1, 2]


def test_while_a_run_is_under_way_the_next_interval_waits_until_its_deadline() -> None:
    hourly = job("poll", {"every_seconds": 3600, "deadline_seconds": 1800})
    running = run("poll", 1, status="running") | {"finished_at": None}
    begun = [run("poll", 0), running]
    assert hours_of(slots([hourly], begun, now=2.3)) == [0, 1.08]
    assert hours_of(slots([hourly], begun, now=2.7)) == [0, 1.08, 2.08]
    ended = [run("poll", 0), run("poll", 1, minutes=100)]
    assert hours_of(slots([hourly], ended, now=2.7)) == [0, 1.08, 2.08, 3.67], "what was missed meanwhile stays missed"


def test_backfills_skipped_and_queued_runs_start_no_interval() -> None:
    hourly = job("poll", every_seconds=3600)
    idle = [run("poll", 1, triggered_by="backfill"), run("poll", 2, status="skipped"), run("poll", 3, status="queued")]
    assert slots([hourly], idle).is_empty()
    assert hours_of(slots([hourly], [run("poll", 0), *idle], now=1)) == [0, 1.08]


def test_an_interval_of_pings_without_a_start() -> None:
    hourly = job("poll", every_seconds=3600)
    pings = [run("poll", hour, minutes=0) | {"started_at": None} for hour in (0, 1, 2)]
    found = slots([hourly], pings, now=2.5)
    assert hours_of(found) == [0, 1, 2, 3]


def test_a_job_after_others_is_due_when_the_last_of_them_has_succeeded() -> None:
    mart = job("mart", {"after_upstream": True}, upstream=["orders", "rates"])
    runs = [
        *(run("orders", day * 24 + 4, minutes=60) for day in range(4)),
        *(run("rates", day * 24 + 3, minutes=30) for day in range(4)),
        run("rates", 3, minutes=5, status="failed"),
    ]
    assert hours_of(slots([mart], runs, hours=96)) == [5, 29, 53, 77]


def test_a_repeated_success_upstream_makes_no_second_slot() -> None:
    mart = job("mart", {"after_upstream": True}, upstream=["orders", "rates"])
    runs = [run("rates", 3), run("orders", 5), run("rates", 6), run("rates", 27), run("orders", 29)]
    assert hours_of(slots([mart], runs, hours=48)) == [5.08, 29.08]


def test_a_failure_upstream_skips_its_cycle_and_leaves_the_later_ones_in_step() -> None:
    mart = job("mart", {"after_upstream": True}, upstream=["orders", "rates"])
    first, second = [run("rates", day * 24 + 3) for day in range(6)], [run("orders", day * 24 + 5) for day in range(6)]
    expected = [5.08, 53.08, 77.08, 101.08, 125.08]
    assert hours_of(slots([mart], [*first[:1], *first[2:], *second], hours=200)) == expected
    assert hours_of(slots([mart], [*first, *second[:1], *second[2:]], hours=200)) == expected
    later = slots([mart], [*first[3:], *second[2:]], hours=200)
    assert hours_of(later) == expected[2:], "the history may begin anywhere"


def test_successes_that_end_together_start_one_interval() -> None:
    hourly = job("poll", every_seconds=3600)
    assert hours_of(slots([hourly], [run("poll", 0, 60), run("poll", 1, 0)], now=1.5)) == [0, 2]


def test_of_overlapping_successes_the_first_to_end_starts_the_interval() -> None:
    hourly = job("poll", every_seconds=3600)
    assert hours_of(slots([hourly], [run("poll", 0, 60), run("poll", 0.5, 60)], now=1.6)) == [0, 2]


def test_a_run_that_ended_before_it_started_counts_when_it_ended() -> None:
    hourly = job("poll", every_seconds=3600)
    found = slots([hourly], [run("poll", 0), run("poll", 5, minutes=-240)], now=1.5)
    assert hours_of(found) == [0, 1.08, 2]
    assert hours_of(found, "early_from_at") == [0, 0.08, 1]


@settings(max_examples=150, deadline=None)
@given(
    starts=st.lists(st.integers(0, 600), min_size=1, max_size=12, unique=True),
    lasting=st.lists(st.integers(0, 90), min_size=12, max_size=12),
    failed=st.sets(st.integers(0, 11)),
    every=st.sampled_from([20, 60, 145]),
)
def test_intervals_move_on_and_their_windows_lie_in_line(
    starts: list[int], lasting: list[int], failed: set[int], every: int
) -> None:
    poll = job("poll", every_seconds=every * 60)
    runs = [
        run("poll", start / 60, minutes, run_id=f"r{n}", status="failed" if n in failed else "succeeded")
        for n, (start, minutes) in enumerate(zip(starts, lasting, strict=False))
    ]
    found = slots([poll], runs, hours=15, now=15)
    dues, opened = found["due_at"].to_list(), found["early_from_at"].to_list()
    assert all(early <= due for early, due in zip(opened, dues, strict=True))
    assert all(due < later for due, later in pairwise(dues))
    assert all(early < later for early, later in pairwise(opened))
    assert dues[0] == min(one["started_at"] for one in runs)
    assert slots([poll], runs[::-1], hours=15, now=15).equals(found), "the order of rows says nothing"
