"""States of datasets and guarantees of reports, named so that green never hides old data."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.data_freshness import DataState, dataset_states, report_guarantees
from analysis.job_graph import Graph
from config.refreshes import Dataset
from store.rows import FreshnessCheck
from tests.analysis.refresh_frames import at, frame, job, runs_of, slots_of
from tests.analysis.test_job_graph import report

NOW = at(1, 12)
HOUR = timedelta(hours=1)
LOAD = job("load", dataset="orders")


def orders(**given: Any) -> Dataset:
    return Dataset(**{"id": "orders", "title": "Orders", "subsystem": "all", "max_age_seconds": 7200, **given})


def checks_of(*rows: dict[str, Any]) -> pl.DataFrame:
    return frame(FreshnessCheck, list(rows))


def run(finished_at: datetime, **given: Any) -> dict[str, Any]:
    return {"job_id": "load", "started_at": finished_at - HOUR / 2, "finished_at": finished_at, **given}


def slot(verdict: str = "on_time", finished_at: datetime | None = NOW - HOUR, **given: Any) -> dict[str, Any]:
    started = None if finished_at is None else finished_at - HOUR / 2
    return {
        "job_id": "load",
        "due_at": NOW - 2 * HOUR,
        "verdict": verdict,
        "started_at": started,
        "finished_at": finished_at,
        **given,
    }


def state(
    *runs: dict[str, Any],
    slots: tuple[dict[str, Any], ...] = (),
    checks: tuple[dict[str, Any], ...] = (),
    dataset: Dataset | None = None,
) -> dict[str, Any]:
    known = dataset or orders()
    found = dataset_states([known], [LOAD], runs_of(*runs), checks_of(*checks), slots_of(*slots), NOW)
    assert found.height == 1
    return found.row(0, named=True)


def test_young_data_is_fresh() -> None:
    found = state(run(NOW - HOUR, landed_at=NOW - 1.5 * HOUR, rows=10), slots=(slot(),))
    assert (found["state"], found["basis"], found["age_seconds"]) == ("fresh", "data", 5400)
    assert (found["rows"], found["job_id"], found["job_verdict"]) == (10, "load", "on_time")
    assert found["explanation"] == "The data of Orders is 1 h 30 min old, at most 2 h promised."


def test_a_green_job_with_old_data_is_named_so() -> None:
    found = state(run(NOW - HOUR, landed_at=NOW - 9 * HOUR), slots=(slot(),))
    assert found["state"] == DataState.GREEN_JOB_STALE_DATA
    assert found["explanation"] == "load succeeded (on time), but the data of Orders is 9 h old, at most 2 h promised."


def test_a_refresh_that_brought_nothing_or_too_little_is_not_fresh() -> None:
    for brought, said in (({"rows": 0}, "0 rows"), ({"bytes": 0}, "0 bytes")):
        found = state(run(NOW - HOUR, landed_at=NOW - HOUR, **brought), slots=(slot(),))
        assert found["state"] == DataState.REFRESHED_BUT_EMPTY
        assert said in found["explanation"]
    half = state(run(NOW - HOUR, rows=120), slots=(slot(),), dataset=orders(min_rows=1000))
    assert half["state"] == DataState.REFRESHED_BUT_EMPTY
    assert "120 rows, at least 1,000 expected" in half["explanation"]
    assert state(run(NOW - HOUR, rows=5, bytes=0), slots=(slot(),))["state"] == DataState.FRESH


def test_an_empty_run_does_not_vouch_for_its_interval() -> None:
    full = run(NOW - 5 * HOUR, data_interval_end=NOW - 6 * HOUR, rows=10)
    empty = run(NOW - HOUR, data_interval_end=NOW - HOUR, rows=0)
    assert state(full, empty)["landed_at"] == NOW - 6 * HOUR


def test_late_jobs_with_young_and_with_old_data() -> None:
    missed = slot("missed", None)
    young = state(run(NOW - HOUR, landed_at=NOW - HOUR), slots=(missed,))
    assert young["state"] == DataState.LATE_JOB_FRESH_DATA
    assert "load is behind, missed (due 01 Mar 10:00 UTC)" in young["explanation"]
    assert state(run(NOW - 9 * HOUR, landed_at=NOW - 9 * HOUR), slots=(missed,))["state"] == DataState.LATE
    assert state(slots=(missed,))["state"] == DataState.LATE


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (slot("late_finish"), DataState.FRESH),  # it came, late
        (slot("late_finish", None, started_at=NOW - HOUR), DataState.LATE),
        (slot("late_start", None), DataState.LATE),
        (slot("late_start", None, started_at=NOW - HOUR), DataState.FRESH),  # under way, not past its deadline
        (slot("failed"), DataState.LATE),
        (slot("unknown", None), DataState.UNKNOWN),
        (slot("upcoming", None), DataState.UNKNOWN),
    ],
)
def test_without_a_promise_the_job_decides(given: dict[str, Any], expected: DataState) -> None:
    found = state(run(NOW - 50 * HOUR), slots=(given,), dataset=orders(max_age_seconds=None))
    assert found["state"] == expected


def test_the_newest_judged_slot_counts_while_the_next_is_open() -> None:
    waiting = slot("due", None, due_at=NOW - HOUR / 4)
    assert state(run(NOW - 9 * HOUR), slots=(slot("missed", None), waiting))["state"] == DataState.LATE


def test_only_the_time_of_the_job_is_a_basis_of_its_own() -> None:
    found = state(run(NOW - HOUR), slots=(slot(),))
    assert (found["basis"], found["landed_at"], found["as_of_at"]) == ("job", None, NOW - 1.5 * HOUR)
    assert state(run(NOW - 9 * HOUR), slots=(slot(),))["state"] == DataState.STALE  # no data is known that could be old


def test_nothing_known_is_unknown_and_never_fresh() -> None:
    found = state()
    assert (found["state"], found["basis"], found["age_seconds"]) == ("unknown", "none", None)
    assert found["explanation"] == (
        "Nobody can tell how fresh Orders is: no run and no check has told the time of its data."
    )
    assert state(run(NOW - HOUR, status="failed"), slots=(slot("unknown", None),))["state"] == DataState.UNKNOWN


def test_checks_tell_the_time_of_the_data() -> None:
    check = {"dataset_id": "orders", "observed_at": NOW - HOUR, "state": "fresh", "landed_at": NOW - 3 * HOUR}
    assert state(checks=(check,))["state"] == DataState.STALE  # by now older than promised
    unlimited = orders(max_age_seconds=None)
    assert state(checks=(check,), dataset=unlimited)["state"] == DataState.FRESH
    assert state(checks=({**check, "state": "stale"},), dataset=unlimited)["state"] == DataState.STALE
    old = {**check, "observed_at": NOW - 40 * HOUR, "landed_at": None}
    assert state(checks=(old,), dataset=unlimited)["state"] == DataState.UNKNOWN


def test_data_from_the_future_is_not_believed() -> None:
    good = run(NOW - 9 * HOUR, landed_at=NOW - 9 * HOUR)
    wrong = run(NOW - HOUR, landed_at=datetime(2099, 1, 1))
    assert state(good, wrong)["landed_at"] == NOW - 9 * HOUR
    tonight = run(NOW - HOUR, data_interval_end=at(2))
    assert state(tonight)["landed_at"] == NOW - HOUR  # no newer than its arrival


@given(
    st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), max_size=6),
    st.tuples(st.integers(0, 99), st.integers(0, 99)),
)
def test_a_backfill_makes_nothing_older_or_newer(told: list[tuple[int, int]], filled: tuple[int, int]) -> None:
    runs = [run(NOW - ended * HOUR, landed_at=NOW - (ended + old) * HOUR) for ended, old in told]
    ended, old = filled
    backfill = run(NOW - ended * HOUR, landed_at=NOW - (ended + old) * HOUR, triggered_by="backfill")
    before, after = state(*runs), state(*runs, backfill)
    assert after == before
    by_hand = state(*runs, {**backfill, "triggered_by": "on_demand"})
    assert by_hand["landed_at"] >= (before["landed_at"] or datetime(2000, 1, 1))


PORTAL = Graph.of(
    [job("extract", dataset="raw"), job("load", "extract", dataset="orders"), job("rates-load", dataset="rates")],
    [Dataset(id="orders", subsystem="all", inputs=["rates"])],
    [report("overview", "orders"), report("ledger", "rates"), report("blank")],
)


def states_of(**ages: tuple[str, float | None]) -> pl.DataFrame:
    """States by dataset: name and age in hours."""
    rows = [
        {"dataset_id": name, "state": said, "as_of_at": None if age is None else NOW - age * HOUR, "basis": "data"}
        for name, (said, age) in ages.items()
    ]
    schema = {"dataset_id": pl.String, "state": pl.String, "as_of_at": pl.Datetime("us"), "basis": pl.String}
    return pl.DataFrame(rows, schema=schema)


def guarantee(states: pl.DataFrame, *slots: dict[str, Any], **given: Any) -> dict[str, dict[str, Any]]:
    found = report_guarantees(PORTAL, states, slots_of(*slots), NOW, **given)
    return {row["report_id"]: row for row in found.iter_rows(named=True)}


def test_a_report_is_as_old_as_the_oldest_of_all_its_inputs() -> None:
    found = guarantee(states_of(raw=("fresh", 2), orders=("fresh", 1), rates=("fresh", 5)))
    assert (found["overview"]["data_as_of"], found["overview"]["oldest_dataset"]) == (NOW - 5 * HOUR, "rates")
    assert found["overview"]["age_seconds"] == 5 * 3600
    assert (found["overview"]["state"], found["overview"]["broken_by"]) == ("fresh", "")
    assert found["blank"]["state"] == "unknown"


def test_one_unknown_input_makes_the_age_unknown() -> None:
    found = guarantee(states_of(raw=("unknown", None), orders=("fresh", 1), rates=("fresh", 5)))
    assert (found["overview"]["data_as_of"], found["overview"]["oldest_dataset"]) == (None, "raw")
    assert (found["overview"]["state"], found["ledger"]["state"]) == ("unknown", "fresh")
    missing = guarantee(states_of(orders=("fresh", 1)))
    assert missing["overview"]["state"] == "unknown"


def test_the_deepest_broken_dataset_is_named_and_the_worst_state_shown() -> None:
    found = guarantee(states_of(raw=("stale", 9), orders=("late", 9), rates=("fresh", 1)))
    assert (found["overview"]["state"], found["overview"]["broken_by"]) == ("late", "raw")


def test_next_expected_is_when_the_last_of_what_is_waited_for_will_have_finished() -> None:
    waiting = [
        {"job_id": name, "due_at": NOW - HOUR, "verdict": "late_start", "deadline_at": NOW + hours * HOUR}
        for name, hours in (("extract", 1), ("load", 2), ("rates-load", 9))
    ]
    states = states_of(raw=("late", 9), orders=("late", 9), rates=("fresh", 1))
    assert guarantee(states, *waiting)["overview"]["next_expected_at"] == NOW + 2 * HOUR
    forecasts = pl.DataFrame({"job_id": ["load"], "due_at": [NOW - HOUR], "median_at": [NOW + 3 * HOUR]})
    assert guarantee(states, *waiting, forecasts=forecasts)["overview"]["next_expected_at"] == NOW + 3 * HOUR
    assert guarantee(states, waiting[0])["overview"]["next_expected_at"] is None  # nobody can tell


def test_on_time_ratio_counts_judged_slots_of_thirty_days_of_all_jobs_behind() -> None:
    slots = [
        {"job_id": "extract", "due_at": NOW - 24 * HOUR, "verdict": "on_time"},
        {"job_id": "load", "due_at": NOW - 24 * HOUR, "verdict": "late_finish"},
        {"job_id": "load", "due_at": NOW - 48 * HOUR, "verdict": "on_time"},
        {"job_id": "rates-load", "due_at": NOW - 48 * HOUR, "verdict": "on_time"},
        {"job_id": "load", "due_at": NOW - 72 * HOUR, "verdict": "unknown"},
        {"job_id": "load", "due_at": NOW - 31 * 24 * HOUR, "verdict": "missed"},
        {"job_id": "load", "due_at": NOW + HOUR, "verdict": "upcoming"},
    ]
    found = guarantee(states_of(), *slots)
    assert (found["overview"]["on_time_ratio"], found["ledger"]["on_time_ratio"]) == (0.75, 1.0)
    assert found["blank"]["on_time_ratio"] is None
    totals = pl.DataFrame({"job_id": ["load", "extract"], "judged": [10, 10], "on_time": [10, 8]})
    assert guarantee(states_of(), *slots, totals=totals)["overview"]["on_time_ratio"] == 0.9
