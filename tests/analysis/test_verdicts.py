"""Verdicts: what became of a slot, as a person who looks at it would say."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest

from analysis.slots import expected_slots
from analysis.verdicts import judge
from config.refreshes import Expectation
from store.rows import RefreshSlot, Verdict, column_names
from tests.analysis.judged_slots import DAILY, EARLIER, LOAD, SIX, TIME, run, verdict, verdicts
from tests.analysis.refresh_frames import runs_of
from tests.analysis.test_slots import HOUR, MINUTE, job


@pytest.mark.parametrize(
    ("runs", "now", "expected", "detail"),
    [
        ([], -1, "upcoming", ""),
        ([], 0, "due", ""),
        ([], 15, "due", ""),
        ([], 16, "late_start", "not started 15 min after it was due"),
        ([], 59, "late_start", "not started 15 min after it was due"),
        ([], 60, "missed", "no run in the 60 min after it was due"),
        ([run(2, None)], 5, "running", ""),
        ([run(-4, None)], -2, "running", ""),
        ([run(2)], EARLIER, "on_time", ""),
        ([run(-4)], EARLIER, "on_time", ""),
        ([run(15)], EARLIER, "on_time", ""),
        ([run(23)], EARLIER, "late_start", "started 23 min late"),
        ([run(23, None)], 30, "late_start", "started 23 min late"),
        ([run(10, 38)], EARLIER, "on_time", ""),
        ([run(10, 50)], EARLIER, "too_long", "took 50 min, at most 40 min expected"),
        ([run(10, None)], 49, "running", ""),
        ([run(10, None)], 51, "too_long", "running for more than 40 min"),
        (
            [run(14, 50)],
            EARLIER,
            "late_finish",
            "finished 4 min after the deadline; took 50 min, at most 40 min expected",
        ),
        ([run(22, None)], 61, "late_finish", "still running after the deadline; started 22 min late"),
        ([run(58, 5)], EARLIER, "late_finish", "finished 3 min after the deadline; started 58 min late"),
        ([run(2, 0.5)], EARLIER, "too_short", "took 30 s, at least 4 min expected"),
        ([run(2), run(30)], EARLIER, "duplicate", "2 runs succeeded"),
        ([run(2, status="failed")], EARLIER, "failed", "failed after 5 min"),
        ([run(2, status="failed", message="disk full\ntrace")], EARLIER, "failed", "disk full"),
        ([run(2, status="cancelled")], EARLIER, "failed", "was cancelled"),
        ([run(20, status="failed")], EARLIER, "failed", "failed after 5 min; started 20 min late"),
        ([run(2, status="failed"), run(12)], EARLIER, "on_time", ""),
        ([run(2, status="failed"), run(12, None)], 14, "running", ""),
        ([run(2), run(12, status="failed")], EARLIER, "on_time", ""),
        ([run(2, status="skipped")], 30, "late_start", "not started 15 min after it was due"),
        ([run(2, status="queued")], 5, "due", ""),
        ([run(2, triggered_by="backfill")], EARLIER, "missed", "no run in the 60 min after it was due"),
        ([run(2), run(30, triggered_by="backfill")], EARLIER, "on_time", ""),
        ([run(2), run(30, triggered_by="on_demand")], EARLIER, "on_time", ""),
        ([run(2, status="failed"), run(30, triggered_by="on_demand")], EARLIER, "late_start", "started 30 min late"),
        ([run(None)], EARLIER, "on_time", ""),
        ([run(None, 40)], EARLIER, "on_time", ""),
        ([run(None, 70)], EARLIER, "late_finish", "finished 10 min after the deadline"),
    ],
)
def test_the_verdict_of_a_daily_slot(runs: list[dict[str, Any]], now: float, expected: str, detail: str) -> None:
    assert verdict(*runs, now=now) == (expected, detail)


def test_a_slot_tells_the_facts_of_its_run_in_the_columns_of_the_table() -> None:
    found = verdicts([run(2, rows=10, bytes=20, landed_at=SIX, run_id="a"), run(None, 3 * 60, run_id="b")])
    assert found.columns == list(column_names(RefreshSlot))
    row = found.row(0, named=True)
    row["verdict"] = Verdict(row["verdict"])
    assert RefreshSlot(**row) == RefreshSlot(
        job_id="load",
        expectation="cron 0 6 * * * UTC",
        due_at=SIX,
        judged_at=SIX + EARLIER * MINUTE,
        verdict=Verdict.DUPLICATE,
        start_by_at=SIX + 15 * MINUTE,
        deadline_at=SIX + HOUR,
        run_id="a",
        started_at=SIX + 2 * MINUTE,
        finished_at=SIX + 7 * MINUTE,
        rows=10,
        bytes=20,
        landed_at=SIX,
        detail="2 runs succeeded",
    )


def test_a_run_that_brought_too_few_rows_has_failed_and_one_that_brought_enough_makes_it_good() -> None:
    empty, full = run(2, rows=0), run(12, rows=900)
    assert verdict(empty, min_rows={"load": 100}) == ("failed", "brought 0 rows, at least 100 expected")
    assert verdict(empty, full, min_rows={"load": 100}) == ("on_time", "")
    assert verdict(run(2), min_rows={"load": 100}) == ("on_time", ""), "a source may not count rows"


@pytest.mark.parametrize(
    ("spell", "now", "expected"),
    [
        ((-30, -1), EARLIER, "missed"),
        ((-30, 5), EARLIER, "unknown"),
        ((20, 21), EARLIER, "unknown"),
        ((61, None), EARLIER, "missed"),
        ((50, None), EARLIER, "unknown"),
        ((10, None), 20, "unknown"),
        ((10, None), 12, "due"),
        ((-100, None), -5, "upcoming"),
    ],
)
def test_what_nobody_could_hear_is_unknown_and_not_missed(
    spell: tuple[float, float | None], now: float, expected: str
) -> None:
    assert verdict(now=now, blind=[("load", *spell)])[0] == expected
    assert verdict(now=now, blind=[("other", *spell)])[0] != "unknown"


def test_blindness_hides_neither_a_run_that_was_heard_nor_a_failure() -> None:
    blind = [("load", 0.0, 10.0)]
    assert verdict(run(20), blind=blind)[0] == "late_start"
    assert verdict(run(2, status="failed"), blind=blind)[0] == "failed"
    assert verdict(run(2, None), blind=blind, now=30)[0] == "running"
    assert verdict(run(2, None), blind=blind, now=90)[0] == "unknown", "its end may have been told meanwhile"


def test_a_slot_without_a_run_is_missed_when_the_next_is_due() -> None:
    hourly = job("load", {"cron": "0 * * * *", "deadline_seconds": 3 * 3600, "start_margin_seconds": 7200})
    found = verdicts([], now=60, jobs=[hourly]).filter(pl.col("due_at").is_between(SIX, SIX + HOUR))
    assert found["verdict"].to_list() == ["missed", "due"]
    assert found["detail"][0] == "no run in the 60 min after it was due"


def test_nothing_expected_is_nothing_judged() -> None:
    assert verdicts([run(2)], jobs=[]).is_empty()
    assert verdicts([]).height == 1


def test_lengths_are_said_in_the_unit_that_reads_best() -> None:
    long = job("load", {"cron": "0 6 1 * *", "deadline_seconds": 90_000, "start_margin_seconds": 90_000})
    slots = expected_slots([long], [], runs_of(), datetime(2026, 11, 1), datetime(2026, 11, 2))
    none = pl.DataFrame(schema={"job_id": pl.String, "from_at": TIME, "until_at": TIME})
    arrows = pl.DataFrame(schema={"job_id": pl.String, "upstream_id": pl.String})
    for days, said in ((1.1, "finished 84 min after"), (1.5, "finished 11 h after"), (9, "finished 8 d after")):
        end = datetime(2026, 11, 1, 6) + timedelta(days=days)
        known = runs_of({"job_id": "load", "finished_at": end})
        assert judge(slots, known, arrows, none, end)["detail"][0].startswith(said)


def test_expectations_are_told_apart_by_their_own_bounds() -> None:
    short = Expectation(**DAILY, max_seconds=60)
    found = verdicts([run(1, 5)], jobs=[LOAD.model_copy(update={"expect": [short]})])
    assert found["verdict"].to_list() == ["too_long"]
