"""Runs that did not wait for the jobs upstream."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from tests.analysis.judged_slots import EARLIER, UPSTREAM, run, verdicts
from tests.analysis.test_slots import job


@pytest.mark.parametrize(
    ("extract", "expected"),
    [
        (run(-50, 40, "extract"), "on_time"),
        (run(-50, 70, "extract"), "out_of_order"),
        (run(-50, None, "extract"), "out_of_order"),
        (run(20, 5, "extract"), "out_of_order"),
        (run(-50, 10, "extract", status="failed"), "on_time"),
        (run(-24 * 60 - 50, 40, "extract"), "on_time"),
    ],
)
def test_a_run_that_did_not_wait_for_its_upstream_is_out_of_order(extract: dict[str, Any], expected: str) -> None:
    found = verdicts([run(2, run_id="mine"), extract], jobs=UPSTREAM).filter(pl.col("job_id") == "load")
    assert found["verdict"].to_list() == [expected]
    if expected == "out_of_order":
        assert found["detail"][0] == "started before extract had finished"


def test_an_upstream_that_runs_more_often_need_not_have_finished_its_newest_run() -> None:
    often = job("extract", {"cron": "*/30 * * * *"})
    runs = [run(30 * n, 10, "extract", run_id=f"e{n}") for n in range(-12, 4)]
    found = verdicts([run(2, run_id="mine"), *runs], jobs=[often, UPSTREAM[1]]).filter(pl.col("job_id") == "load")
    assert found["verdict"].to_list() == ["on_time"]


def test_one_late_upstream_run_puts_one_slot_out_of_order_and_not_those_after_it() -> None:
    hourly = job("load", {"cron": "0 * * * *"}, upstream=["extract"])
    runs = [run(60 * hour + 1, 5, run_id=f"l{hour}") for hour in range(-3, 4)]
    found = verdicts([*runs, run(-60, 150, "extract", run_id="e")], jobs=[UPSTREAM[0], hourly])
    by_hour = found.filter((pl.col("job_id") == "load") & (pl.col("run_id") != "")).sort("due_at")["verdict"]
    assert by_hour.to_list() == ["on_time", "on_time", "out_of_order", *["on_time"] * 4]


def test_an_upstream_without_expectations_is_judged_by_what_was_under_way() -> None:
    jobs = [job("extract"), UPSTREAM[1]]
    cases = ((-20, 10, "on_time"), (-20, 40, "out_of_order"), (1, 5, "out_of_order"), (10, 5, "on_time"))
    for start, took, expected in cases:
        found = verdicts([run(2, run_id="mine"), run(start, took, "extract")], jobs=jobs)
        assert found["verdict"].to_list() == [expected]


def test_a_job_after_upstream_that_did_not_wait_is_out_of_order() -> None:
    jobs = [UPSTREAM[0], job("mart", {"after_upstream": True}, upstream=["extract"])]
    day = 24 * 60
    runs = [run(n * day - 60, 60, "extract", run_id=f"e{n}") for n in range(3)]
    marts = [run(1, 5, "mart", run_id="m0"), run(day - 30, 5, "mart", run_id="m1"), run(2 * day + 1, 5, "mart")]
    found = verdicts([*runs, *marts], now=2 * day + EARLIER, jobs=jobs, days=3).filter(pl.col("job_id") == "mart")
    assert found["verdict"].to_list() == ["on_time", "out_of_order", "on_time"]
    assert found["detail"][1] == "started before extract had finished; started 30 min early"
