"""Which run decides which slot, whatever the order and the time at which one looks."""

from __future__ import annotations

from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.slots import expected_slots
from analysis.verdicts import judge
from analysis.verdicts_runs import with_runs
from config.refreshes import Calendar
from store.rows import Verdict
from tests.analysis.judged_slots import DAILY, EARLIER, LOAD, SIX, TIME, UPSTREAM, run, verdicts
from tests.analysis.refresh_frames import runs_of
from tests.analysis.test_slots import DAY, HOUR, MIDNIGHT, MINUTE, job


def test_a_run_after_the_success_and_nearer_to_the_next_due_time_is_early_for_that() -> None:
    day = 24 * 60
    found = verdicts([run(2), run(day - 90)], now=day + EARLIER, days=2)
    assert found["verdict"].to_list() == ["on_time", "too_early"]
    assert found["detail"][1] == "started 90 min early"
    assert verdicts([run(2), run(day - 90), run(day + 1)], now=day + EARLIER, days=2)["verdict"][1] == "duplicate"
    assert verdicts([run(2), run(600)], now=day + EARLIER, days=2)["verdict"].to_list() == ["duplicate", "missed"]


def test_a_verdict_does_not_depend_on_where_the_span_begins() -> None:
    day = 24 * 60
    runs = [
        *(
            run(start, took, "extract", run_id=f"e{start}")
            for start, took in ((-50, 40), (day - 150, 40), (2 * day - 50, 70))
        ),
        *(run(start, 5, run_id=f"l{start}") for start in (2, day - 90, 2 * day + 2)),
    ]
    known, now = runs_of(*runs), SIX + 2 * DAY + 5 * HOUR
    upstream = pl.DataFrame({"job_id": ["load"], "upstream_id": ["extract"]})
    blind = pl.DataFrame(schema={"job_id": pl.String, "from_at": TIME, "until_at": TIME})
    whole = judge(expected_slots(UPSTREAM, [], known, MIDNIGHT, now, now), known, upstream, blind, now)
    loads = whole.filter(pl.col("job_id") == "load")["verdict"].to_list()
    assert loads == ["on_time", "too_early", "out_of_order"]
    for first in (SIX - HOUR, SIX, SIX + HOUR, SIX + DAY, SIX + 2 * DAY - HOUR, SIX + 2 * DAY):
        part = judge(expected_slots(UPSTREAM, [], known, first, now, now), known, upstream, blind, now)
        assert part.equals(whole.filter(pl.col("due_at") >= first))


def test_without_an_own_success_a_late_run_stays_with_its_slot_however_late() -> None:
    found = verdicts([run(22 * 60)], now=24 * 60 + EARLIER, days=2)
    assert found["verdict"].to_list() == ["late_finish", "missed"]


def test_runs_on_rest_days_are_no_duplicates_and_not_early_for_monday() -> None:
    office = job("load", {**DAILY, "calendar": "office"})
    runs = [run(day * 24 * 60 + 1, run_id=f"d{day}") for day in range(8)]
    found = verdicts(runs, now=8 * 24 * 60, jobs=[office], days=8, calendars=[Calendar(id="office")])
    assert found["verdict"].to_list() == ["on_time"] * 6
    assert found["run_id"].to_list() == ["d0", "d1", "d2", "d3", "d4", "d7"]


def test_several_expectations_of_a_job_share_its_runs() -> None:
    twice = job("load", DAILY, {**DAILY, "cron": "0 18 * * *"}, {**DAILY, "cron": "0 6 1-31 * *"})
    found = verdicts([run(1, run_id="a"), run(12 * 60 + 1, run_id="b")], now=13 * 60, jobs=[twice])
    assert found.sort("due_at")["run_id"].to_list() == ["a", "a", "b"]
    assert set(found["verdict"]) == {"on_time"}


def test_runs_that_end_together_are_in_one_slot_of_an_interval() -> None:
    poll = job("poll", every_seconds=3600)
    found = verdicts([run(0, 20, "poll"), run(20, 0, "poll")], now=50, jobs=[poll])
    assert found["verdict"].to_list() == ["duplicate", "upcoming"]


def test_intervals_in_which_nothing_succeeded_are_missed_and_the_run_that_comes_is_late() -> None:
    poll = job("poll", {"every_seconds": 3600, "start_margin_seconds": 600, "deadline_seconds": 1200})
    runs = [run(0, 5, "poll"), run(55, 5, "poll"), run(235, 5, "poll")]
    found = verdicts(runs, now=270, jobs=[poll])
    assert found["verdict"].to_list() == ["on_time", "on_time", "missed", "late_finish", "upcoming"]
    assert ((found["due_at"] - SIX) / MINUTE).to_list() == [0, 65, 120, 180, 300]


def test_of_overlapping_runs_the_first_to_succeed_decides() -> None:
    slow, fast = run(1, 38, run_id="slow"), run(3, 6, run_id="fast")
    found = verdicts([slow, fast])
    assert found.select("run_id", "verdict").row(0) == ("fast", "duplicate")
    assert verdicts([{**slow, "status": "running", "finished_at": None}, fast], now=20)["verdict"][0] == "on_time"
    slots = expected_slots([LOAD], [], runs_of(slow, fast), MIDNIGHT, MIDNIGHT + DAY)
    assert with_runs(slots, runs_of(slow, fast), {})["successes"].to_list() == [2]


RUNS = st.lists(
    st.builds(
        run,
        st.none() | st.integers(-400, 3 * 24 * 60),
        st.none() | st.integers(0, 200),
        st.sampled_from(["load", "extract", "poll"]),
        status=st.sampled_from(["succeeded", "failed", "cancelled", "skipped", "queued", "running"]),
        triggered_by=st.sampled_from([None, "scheduled", "on_demand", "api", "backfill"]),
    ).filter(lambda one: one["started_at"] is not None or one["finished_at"] is not None),
    max_size=14,
).map(lambda made: [{**one, "run_id": f"r{n}"} for n, one in enumerate(made)])
MANY = [*UPSTREAM, job("poll", {"every_seconds": 7200, "max_seconds": 3600}, DAILY)]


@settings(max_examples=80, deadline=None)
@given(runs=RUNS, now=st.integers(-300, 4 * 24 * 60))
def test_each_run_is_in_one_slot_at_most_and_the_order_of_rows_says_nothing(
    runs: list[dict[str, Any]], now: int
) -> None:
    found = verdicts(runs, now=now, jobs=MANY, days=3)
    kinds = found.filter(pl.col("run_id").is_not_null()).select(
        "job_id", pl.col("expectation").str.starts_with("every"), "run_id"
    )
    assert kinds.is_duplicated().sum() == 0
    assert verdicts(runs[::-1], now=now, jobs=MANY[::-1], days=3).equals(found)
    assert set(found["verdict"]) <= set(Verdict)
    assert (found["detail"] == "").to_list() == [
        one in ("upcoming", "due", "running", "on_time") for one in found["verdict"]
    ]


@settings(max_examples=80, deadline=None)
@given(runs=RUNS, now=st.integers(-300, 3 * 24 * 60), later=st.integers(1, 5_000))
def test_what_was_on_time_stays_so_while_no_fact_is_added(runs: list[dict[str, Any]], now: int, later: int) -> None:
    known = runs_of(*runs)
    slots = expected_slots(MANY, [], known, MIDNIGHT, MIDNIGHT + 3 * DAY, SIX + now * MINUTE)
    upstream = pl.DataFrame({"job_id": ["load"], "upstream_id": ["extract"]})
    blind = pl.DataFrame(
        {"job_id": ["load"], "from_at": [SIX], "until_at": [None]}, schema_overrides={"until_at": TIME}
    )
    first, second = (judge(slots, known, upstream, blind, SIX + at * MINUTE) for at in (now, now + later))
    was_fine = first["verdict"] == "on_time"
    assert (second.filter(was_fine)["verdict"] == "on_time").all()
