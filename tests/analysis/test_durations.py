"""What the past of a job says about how long it will take, seen in its forecast."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.finish_forecast import forecast
from tests.analysis.refresh_chain import JOBS, TODAY, history, minutes, near, today, told
from tests.analysis.refresh_frames import at, job, runs_of, slots_of


def test_few_runs_make_a_wide_forecast() -> None:
    widths = []
    for days in (60, 3, 0):
        runs, slots = history(days)
        found = told(forecast(JOBS, runs_of(*runs), slots_of(*slots, *today("upcoming")), at(TODAY, 5)))["extract"]
        assert found["runs"] == days
        low, high = (found[name] - at(TODAY, 6) for name in ("p10_at", "p90_at"))
        widths.append(np.log(high / low))
    assert 2 * widths[0] < widths[1] < widths[2]


def test_a_fifth_run_makes_a_forecast_much_surer() -> None:
    widths = []
    for count in (4, 5):
        runs = [{"job_id": "extract", "started_at": at(day, 6), "finished_at": at(day, 6, 30)} for day in range(count)]
        slot = {"job_id": "extract", "due_at": at(TODAY, 6), "verdict": "running", "started_at": at(TODAY, 6)}
        found = forecast([job("extract")], runs_of(*runs), slots_of(slot), at(TODAY, 6))
        widths.append(np.log((found["p90_at"][0] - at(TODAY, 6)) / (found["p10_at"][0] - at(TODAY, 6))))
    assert widths[0] > 2 * widths[1]


def test_days_of_the_week_differ_where_history_says_so() -> None:
    slots, runs = [], []
    for day in range(-70, 1):
        start, taken = at(day, 6), 90 if at(day).weekday() >= 5 else 30
        runs.append({"job_id": "extract", "started_at": start, "finished_at": start + minutes(taken + day % 3)})
    for day in range(1, 8):
        slots.append({"job_id": "extract", "due_at": at(day, 6), "verdict": "upcoming"})
    for slot in slots:
        found = forecast([job("extract")], runs_of(*runs), slots_of(slot), slot["due_at"] - minutes(60))
        usual = 90 if slot["due_at"].weekday() >= 5 else 30
        assert near(found["median_at"][0], slot["due_at"] + minutes(usual + 1.5), minutes(usual / 10))


def test_a_lasting_change_is_followed_within_a_few_runs() -> None:
    runs = []
    for day in range(-60, 1):
        taken = (60 if day > -4 else 30) + day % 3  # for five days it has taken twice as long
        runs.append({"job_id": "extract", "started_at": at(day, 6), "finished_at": at(day, 6) + minutes(taken)})
    slots = slots_of({"job_id": "extract", "due_at": at(1, 6), "verdict": "upcoming"})
    found = forecast([job("extract")], runs_of(*runs), slots, at(1, 5))
    assert near(found["median_at"][0], at(1, 7, 1), minutes(4))


def test_much_from_upstream_takes_longer() -> None:
    rng = np.random.default_rng(5)
    runs = []
    for day in range(-60, 1):
        rows = int(np.exp(rng.normal(12, 1)))
        runs.append({"job_id": "extract", "started_at": at(day, 5), "finished_at": at(day, 5, 30), "rows": rows})
        taken = 30 * (rows / np.exp(12)) ** 0.8 * np.exp(rng.normal(0, 0.05))
        runs.append({"job_id": "load", "started_at": at(day, 6), "finished_at": at(day, 6) + minutes(taken)})
    medians = {}
    for factor in (0.25, 1, 4):
        brought = {
            "job_id": "extract",
            "started_at": at(1, 5),
            "finished_at": at(1, 5, 30),
            "rows": int(factor * np.exp(12)),
        }
        slots = slots_of({"job_id": "load", "due_at": at(1, 6), "verdict": "running", "started_at": at(1, 6)})
        found = forecast(JOBS, runs_of(*runs, brought), slots, at(1, 6, 0, 5))
        medians[factor] = (found["median_at"][0] - at(1, 6)) / minutes(30)
    assert medians[0.25] == pytest.approx(4**-0.8, rel=0.12)
    assert medians[1] == pytest.approx(1, rel=0.12)
    assert medians[4] == pytest.approx(4**0.8, rel=0.12)


def test_backfills_say_nothing_about_durations() -> None:
    runs, slots = history()
    filled = [
        {"job_id": "extract", "started_at": at(day, 12), "finished_at": at(day, 23), "triggered_by": "backfill"}
        for day in range(TODAY - 30, TODAY)
    ]
    frames = slots_of(*slots, *today("upcoming"))
    plain = forecast(JOBS, runs_of(*runs), frames, at(TODAY, 5))
    assert forecast(JOBS, runs_of(*runs, *filled), frames, at(TODAY, 5)).equals(plain)
