"""Verdicts: what became of a slot, as a person who looks at it would say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.slots import expected_slots
from analysis.verdicts import judge
from analysis.verdicts_runs import with_runs
from config.estate import RefreshJob
from config.refreshes import Calendar, Expectation
from store.rows import RefreshSlot, Verdict, column_names
from tests.analysis.refresh_frames import runs_of
from tests.analysis.test_slots import DAY, HOUR, MIDNIGHT, MINUTE, job

SIX = MIDNIGHT + 6 * HOUR
EARLIER = 300  # minutes after six by which everything of the slot is over
DAILY = {"cron": "0 6 * * *", "start_margin_seconds": 900, "deadline_seconds": 3600}
LOAD = job("load", {**DAILY, "min_seconds": 240, "max_seconds": 2400})
TIME = pl.Datetime("us")


def run(start: float | None, took: float | None = 5, job_id: str = "load", **fields: Any) -> dict[str, Any]:
    """A run that starts so many minutes after six and takes some minutes; None for one that is not known."""
    begun = None if start is None else SIX + start * MINUTE
    ended = None if took is None else (begun or SIX) + took * MINUTE
    state = {"status": "running"} if took is None else {}
    return (
        {"job_id": job_id, "started_at": begun, "finished_at": ended, "collected_at": ended or begun} | state | fields
    )


def verdicts(
    runs: Sequence[dict[str, Any]],
    now: float = EARLIER,
    jobs: Sequence[RefreshJob] = (LOAD,),
    blind: Sequence[tuple[str, float, float | None]] = (),
    min_rows: Mapping[str, int] | None = None,
    days: int = 1,
    calendars: Sequence[Calendar] = (),
) -> pl.DataFrame:
    """The judged slots as known so many minutes after six."""
    at = SIX + now * MINUTE
    known = runs_of(*runs)
    slots = expected_slots(jobs, calendars, known, MIDNIGHT, MIDNIGHT + days * DAY, at)
    arrows = [(one.id, name) for one in jobs for name in one.upstream]
    upstream = pl.DataFrame(arrows, schema={"job_id": pl.String, "upstream_id": pl.String}, orient="row")
    spells = [(name, SIX + a * MINUTE, None if b is None else SIX + b * MINUTE) for name, a, b in blind]
    unheard = pl.DataFrame(spells, schema={"job_id": pl.String, "from_at": TIME, "until_at": TIME}, orient="row")
    return judge(slots, known, upstream, unheard, at, min_rows)


def verdict(*runs: dict[str, Any], **known: Any) -> tuple[str, str]:
    """Verdict and detail of the one slot of the day."""
    found = verdicts(runs, **known)
    return found.select("verdict", "detail").row(0)


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


UPSTREAM = [
    job("extract", {"cron": "0 5 * * *", "deadline_seconds": 7200, "start_margin_seconds": 7200}),
    job("load", DAILY, upstream=["extract"]),
]


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


def test_a_slot_without_a_run_is_missed_when_the_next_is_due() -> None:
    hourly = job("load", {"cron": "0 * * * *", "deadline_seconds": 3 * 3600, "start_margin_seconds": 7200})
    found = verdicts([], now=60, jobs=[hourly]).filter(pl.col("due_at").is_between(SIX, SIX + HOUR))
    assert found["verdict"].to_list() == ["missed", "due"]
    assert found["detail"][0] == "no run in the 60 min after it was due"


def test_runs_that_end_together_are_in_one_slot_of_an_interval() -> None:
    poll = job("poll", every_seconds=3600)
    found = verdicts([run(0, 20, "poll"), run(20, 0, "poll")], now=50, jobs=[poll])
    assert found["verdict"].to_list() == ["duplicate", "upcoming"]


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


def test_intervals_in_which_nothing_succeeded_are_missed_and_the_run_that_comes_is_late() -> None:
    poll = job("poll", {"every_seconds": 3600, "start_margin_seconds": 600, "deadline_seconds": 1200})
    runs = [run(0, 5, "poll"), run(55, 5, "poll"), run(235, 5, "poll")]
    found = verdicts(runs, now=270, jobs=[poll])
    assert found["verdict"].to_list() == ["on_time", "on_time", "missed", "late_finish", "upcoming"]
    assert ((found["due_at"] - SIX) / MINUTE).to_list() == [0, 65, 120, 180, 300]


def test_nothing_expected_is_nothing_judged() -> None:
    assert verdicts([run(2)], jobs=[]).is_empty()
    assert verdicts([]).height == 1


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


def test_of_overlapping_runs_the_first_to_succeed_decides() -> None:
    slow, fast = run(1, 38, run_id="slow"), run(3, 6, run_id="fast")
    found = verdicts([slow, fast])
    assert found.select("run_id", "verdict").row(0) == ("fast", "duplicate")
    assert verdicts([{**slow, "status": "running", "finished_at": None}, fast], now=20)["verdict"][0] == "on_time"
    slots = expected_slots([LOAD], [], runs_of(slow, fast), MIDNIGHT, MIDNIGHT + DAY)
    assert with_runs(slots, runs_of(slow, fast), {})["successes"].to_list() == [2]


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
