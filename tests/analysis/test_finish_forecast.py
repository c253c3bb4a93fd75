"""Forecasts of finishes: known answers by construction, and what must hold for any history."""

from __future__ import annotations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.finish_forecast import COLUMNS, forecast
from store.rows import RefreshForecast, column_names
from tests.analysis.refresh_chain import JOBS, TODAY, history, minutes, near, today, told
from tests.analysis.refresh_frames import at, runs_of, slots_of


def test_the_frame_is_that_of_the_table() -> None:
    runs, slots = history()
    found = forecast(JOBS, runs_of(*runs), slots_of(*slots, *today("upcoming")), at(TODAY, 5))
    assert tuple(found.columns) == COLUMNS == column_names(RefreshForecast)
    assert found.schema["p10_at"] == found.schema["due_at"] == pl.Datetime("us")
    assert [RefreshForecast(**row).runs for row in found.iter_rows(named=True)] == [60, 60, 60]


def test_a_chain_that_is_to_come_adds_up() -> None:
    runs, slots = history()
    found = told(forecast(JOBS, runs_of(*runs), slots_of(*slots, *today("upcoming")), at(TODAY, 5)))
    assert near(found["extract"]["median_at"], at(TODAY, 6, 31), minutes(1.5))
    assert near(found["load"]["median_at"], at(TODAY, 7, 2), minutes(1.5))
    assert near(found["mart"]["median_at"], at(TODAY, 7, 13), minutes(1.5))
    for row in found.values():
        assert near(row["p90_at"], row["p10_at"], minutes(12))  # extract varies by 10 %, a spread of 7.7 min
        assert row["p10_at"] < row["median_at"] < row["p90_at"]
        assert row["slack_seconds"] == (row["deadline_at"] - row["median_at"]).total_seconds()


def test_the_job_to_chase_is_the_deepest_that_has_not_finished() -> None:
    runs, slots = history()
    running = {"job_id": "extract", "status": "running", "started_at": at(TODAY, 6, 40)}
    now = at(TODAY, 6, 50)
    late = today("late_start", at(TODAY, 6, 40))
    found = told(forecast(JOBS, runs_of(*runs, running), slots_of(*slots, *late), now))
    assert (found["mart"]["blocked_by"], found["mart"]["path"]) == ("extract", "extract > load > mart")
    assert (found["load"]["blocked_by"], found["load"]["path"]) == ("extract", "extract > load")
    assert (found["extract"]["blocked_by"], found["extract"]["path"]) == ("", "")
    assert near(found["mart"]["median_at"], at(TODAY, 7, 52), minutes(2))
    assert found["mart"]["miss_ratio"] > 0.98  # known an hour before it happens
    assert found["extract"]["miss_ratio"] < 0.02


def test_upstream_that_has_finished_binds_no_more() -> None:
    runs, slots = history()
    done = {"job_id": "extract", "started_at": at(TODAY, 6, 1), "finished_at": at(TODAY, 6, 25)}
    rows = today("on_time", at(TODAY, 6, 1))
    rows[0] |= {"finished_at": at(TODAY, 6, 25)}
    found = told(forecast(JOBS, runs_of(*runs, done), slots_of(*slots, *rows), at(TODAY, 6, 25, 10)))
    assert set(found) == {"load", "mart"}
    assert found["load"]["blocked_by"] == ""
    assert near(found["load"]["median_at"], at(TODAY, 6, 56), minutes(1))
    assert (found["mart"]["blocked_by"], found["mart"]["path"]) == ("load", "load > mart")


def test_a_failed_job_is_the_one_to_chase_and_is_taken_to_run_again_at_once() -> None:
    runs, slots = history()
    failed = {"job_id": "extract", "status": "failed", "started_at": at(TODAY, 6, 1), "finished_at": at(TODAY, 6, 5)}
    rows = today("failed", at(TODAY, 6, 1))
    rows[0] |= {"finished_at": at(TODAY, 6, 5)}
    found = told(forecast(JOBS, runs_of(*runs, failed), slots_of(*slots, *rows), at(TODAY, 7)))
    assert set(found) == {"load", "mart"}
    assert found["load"]["blocked_by"] == "extract"
    assert near(found["load"]["median_at"], at(TODAY, 8, 2), minutes(2))


def test_a_job_that_started_without_waiting_is_not_held_up() -> None:
    runs, slots = history()
    started = {"job_id": "load", "status": "running", "started_at": at(TODAY, 6, 2)}
    rows = today("late_start")
    rows[1] |= {"verdict": "running", "started_at": at(TODAY, 6, 2)}
    found = told(forecast(JOBS, runs_of(*runs, started), slots_of(*slots, *rows), at(TODAY, 6, 20)))
    assert found["load"]["blocked_by"] == ""
    assert near(found["load"]["median_at"], at(TODAY, 6, 32), minutes(1))


def test_a_run_under_way_ends_later_than_it_has_lasted() -> None:
    runs, slots = history()
    rows = today("running", at(TODAY, 6, 1))
    for lasted in (20, 40, 120, 600):
        now = at(TODAY, 6, 1) + minutes(lasted)
        found = told(forecast(JOBS, runs_of(*runs), slots_of(*slots, *rows), now))["extract"]
        assert found["p10_at"] >= now
        usual = minutes(30 - lasted) if lasted < 30 else minutes(0)
        assert found["median_at"] - now <= usual + minutes(lasted * 0.25)
    assert found["median_at"] - now > minutes(20)  # far beyond its history it will not end the next moment


def test_a_run_that_is_overdue_starts_later_the_longer_it_is_overdue() -> None:
    runs, slots = history()
    waits = []
    for late in (5, 60, 240):
        now = at(TODAY, 6) + minutes(late)
        found = told(forecast(JOBS, runs_of(*runs), slots_of(*slots, *today("late_start")), now))["extract"]
        waits.append(found["median_at"] - now - minutes(30))
    assert minutes(-1) < waits[0] < waits[1] < waits[2]


def test_a_child_that_has_gone_on_without_its_upstream_does_not_wait_for_it() -> None:
    runs, slots = history()
    hourly = [
        {"job_id": "load", "started_at": at(TODAY, hour, 1), "finished_at": at(TODAY, hour, 6)} for hour in (6, 7)
    ]
    rows = today("late_finish", at(TODAY, 6, 1))[:1]
    due = {"job_id": "load", "due_at": at(TODAY, 9), "verdict": "upcoming"}
    found = told(forecast(JOBS, runs_of(*runs, *hourly), slots_of(*slots, *rows, due), at(TODAY, 8, 55)))
    assert found["load"]["blocked_by"] == ""
    waited = told(forecast(JOBS, runs_of(*runs), slots_of(*slots, *rows, due), at(TODAY, 8, 55)))
    assert waited["load"]["blocked_by"] == "extract"


def test_a_job_without_a_schedule_passes_the_delay_on() -> None:
    runs, slots = history()
    free = [row for row in slots if row["job_id"] != "load"]
    rows = [row for row in today("late_start", at(TODAY, 6, 40)) if row["job_id"] != "load"]
    found = told(forecast(JOBS, runs_of(*runs), slots_of(*free, *rows), at(TODAY, 6, 50)))
    assert set(found) == {"extract", "mart"}
    assert (found["mart"]["blocked_by"], found["mart"]["path"]) == ("extract", "extract > load > mart")
    assert near(found["mart"]["median_at"], at(TODAY, 7, 52), minutes(3))


def test_settled_and_far_slots_are_not_forecast() -> None:
    runs, slots = history()
    rows = [
        {"job_id": "extract", "due_at": at(TODAY, 6), "verdict": verdict}
        for verdict in ("missed", "unknown", "withdrawn")
    ]
    far = {"job_id": "extract", "due_at": at(TODAY + 2, 6), "verdict": "upcoming"}
    assert forecast(JOBS, runs_of(*runs), slots_of(*slots, *rows, far), at(TODAY, 8)).is_empty()
    assert forecast([], runs_of(), slots_of(), at(TODAY)).is_empty()


def test_the_same_seed_gives_the_same_forecast_whatever_else_is_forecast() -> None:
    runs, slots = history()
    frames = slots_of(*slots, *today("upcoming"))
    first = forecast(JOBS, runs_of(*runs), frames, at(TODAY, 5))
    assert forecast(JOBS, runs_of(*runs), frames, at(TODAY, 5)).equals(first)
    alone = forecast(JOBS, runs_of(*runs), frames.filter(pl.col("job_id") == "extract"), at(TODAY, 5))
    assert alone["median_at"][0] == first["median_at"][0]
    assert not forecast(JOBS, runs_of(*runs), frames, at(TODAY, 5), seed=7).equals(first)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.lists(st.integers(0, 180), min_size=2, max_size=4), st.integers(0, 90))
def test_a_later_deadline_is_missed_no_more_often(seed: int, deadlines: list[int], passed: int) -> None:
    runs, slots = history(12, seed)
    ratios = []
    for deadline in sorted(deadlines):
        rows = today("late_start", deadline=at(TODAY, 6) + minutes(deadline))
        found = forecast(JOBS, runs_of(*runs), slots_of(*slots, *rows), at(TODAY, 6) + minutes(passed), samples=50)
        ratios.append(told(found)["mart"]["miss_ratio"])
    assert ratios == sorted(ratios, reverse=True)
    assert all(0 <= ratio <= 1 for ratio in ratios)
