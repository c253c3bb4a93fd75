"""What the collectors of refresh runs share: names of jobs, and that a run is sent when, and only when, it changed."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from collectors.base import SourceError
from collectors.run_rows import JobNames, Memo, Told, instant, send_changed
from config.estate import Estate
from store.rows import RefreshRun, RunStatus
from tests.collectors.support import NOW, context, problems, rows


def run(number: int, status: RunStatus = RunStatus.SUCCEEDED) -> RefreshRun:
    return RefreshRun("job", f"r{number}", "test", status, NOW)


def sent(folder: Path, *told: Told) -> list[list[str]]:
    """The runs that each of these answers made the collector send, one pass after the other."""
    answers: list[list[str]] = []
    for one in told:
        found = rows(send_changed(context(folder), {"source": lambda memo, one=one: one}, 5))
        answers.append([row.run_id for row in found if isinstance(row, RefreshRun)])
    return answers


def jobs(*found: dict[str, str]) -> Estate:
    parts = [{"title": "T", "subsystem": "s", **job} for job in found]
    return Estate.model_validate({"name": "n", "subsystems": [{"id": "s", "title": "S"}], "jobs": parts})


def test_the_name_at_the_source_goes_before_the_id_and_a_job_of_another_collector_is_not_meant() -> None:
    names = JobNames(
        jobs(
            {"id": "sales"},
            {"id": "other", "reported_as": "sales"},
            {"id": "stock"},
            {"id": "rates", "collector": "dbt_artifacts"},
            {"id": "margin", "collector": "airflow_runs", "reported_as": "mart"},
        ),
        "airflow_runs",
    )
    assert [names(name) for name in ("sales", "stock", "rates", "mart", "margin")] == [
        "other", "stock", "rates", "margin", "margin",
    ]  # fmt: skip
    assert names("d1", "Unknown") == "Unknown"
    without = JobNames(jobs({"id": "daily", "collector": "dbt_artifacts", "reported_as": "load"}), "airflow_runs")
    assert without("load") == "load"


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ("2026-11-23T08:30:00.1234567Z", datetime(2026, 11, 23, 8, 30, 0, 123456)),
        ("2026-11-23T09:30:00+01:00", NOW),
        (1795422600.0, NOW),
        (None, None),
        ("", None),
    ],
)
def test_times_become_naive_utc(found: object, expected: datetime | None) -> None:
    assert instant(found, "start") == expected


@pytest.mark.parametrize("found", ["soon", True, [1], 1e300])
def test_what_is_no_time_is_refused_by_name(found: object) -> None:
    with pytest.raises(SourceError, match=r"start is .*, expected a time"):
        instant(found, "start")


def test_unchanged_runs_are_not_sent_and_a_partial_answer_forgets_nothing(tmp_path: Path) -> None:
    both, one = Told([run(1), run(2)]), Told([run(1)], is_all=False)
    assert sent(tmp_path, both, both, one, both) == [["r1", "r2"], [], [], []]
    assert sent(tmp_path, Told([run(1)], "half"), both, Told([run(1)]), both) == [[], [], [], ["r2"]]


def test_a_run_that_stands_twice_in_an_answer_is_sent_as_it_stood_last(tmp_path: Path) -> None:
    told = Told([run(1, RunStatus.RUNNING), run(1)])
    found = rows(send_changed(context(tmp_path), {"source": lambda memo: told}, 5))
    assert found == [run(1)]


def test_many_runs_go_in_batches_and_what_was_not_taken_is_sent_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("collectors.run_rows.BATCH_ROWS", 2)
    told = Told([run(number) for number in range(5)], memo={"since": "now"})
    passing = send_changed(context(tmp_path), {"source": lambda memo: told}, 5)
    first = next(passing)
    next(passing)
    passing.close()  # the second batch was handed over and not taken, as when the process is killed
    again = list(send_changed(context(tmp_path), {"source": lambda memo: told}, 5))
    assert [len(list(piece.rows)) for piece in (first, *again)] == [2, 2, 1]
    assert len({piece.key for piece in (first, *again)}) == 3


def test_what_a_source_remembers_comes_back_and_one_that_breaks_stops_no_other(tmp_path: Path) -> None:
    memos: list[Memo] = []

    def good(memo: Memo) -> Told:
        memos.append(memo)
        return Told([run(len(memos))], memo={"passes": len(memos)})

    def bad(memo: Memo) -> Told:
        raise ZeroDivisionError("password p4ss")

    found = [list(send_changed(context(tmp_path), {"bad": bad, "good": good}, 5)) for _ in range(2)]
    assert memos == [{}, {"passes": 1}]
    assert [len(rows(one)) for one in found] == [1, 1]
    assert problems(found[0]) == ["bad: ZeroDivisionError; ask it by hand."]
