"""Runs of Dagster from a real server: all pages, partitions and backfills, and nothing said of what is not known."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from collectors.base import SourceError
from collectors.dagster_rows import read_answer
from collectors.run_rows import JobNames
from collectors.sources.dagster_runs import collect
from store.connection import Store
from store.rows import RefreshRun, RunStatus
from tests.collectors.answering import Asked, Reply, answering
from tests.collectors.support import NOW, context, deliver, problems, rows

STARTED = 1795422600.0  # 2026-11-23 08:30 UTC
SECRET = "user:t0ken"
NOBODY = JobNames(None, "dagster_runs")


def dagster_run(number: int, status: str = "SUCCESS", **tags: str) -> dict[str, Any]:
    ended = None if status in {"QUEUED", "STARTING", "STARTED", "CANCELING"} else STARTED + number + 30.5
    started = None if status == "QUEUED" else STARTED + number
    named = [{"key": f"dagster/{name}", "value": value} for name, value in tags.items()]
    return {
        "runId": f"run-{number:03d}", "jobName": "nightly", "status": status,
        "startTime": started, "endTime": ended, "tags": named,
    }  # fmt: skip


class Dagster:
    """A Dagster with these runs, newest first."""

    def __init__(self, runs: list[dict[str, Any]], token: str = "") -> None:
        self.runs, self.token = runs, token
        self.broken: dict[str | None, Reply] = {}

    def __call__(self, asked: Asked) -> Reply:
        if self.token and asked.headers.get("Dagster-Cloud-Api-Token") != self.token:
            return Reply({"error": self.token}, 401)
        variables: Any = asked.content["variables"]
        if "stepStats" in str(asked.content["query"]):
            steps = [{"stepKey": "extract", "status": "SUCCESS"}, {"stepKey": "load", "status": "FAILURE"}]
            return Reply({"data": {"runOrError": {"__typename": "Run", "stepStats": steps}}})
        cursor = variables["cursor"]
        if cursor in self.broken:
            return self.broken[cursor]
        ids = [run["runId"] for run in self.runs]
        start = ids.index(cursor) + 1 if cursor else 0
        return self.results(self.runs[start : start + variables["limit"]])

    def results(self, found: list[dict[str, Any]]) -> Reply:
        return Reply({"data": {"runsOrError": {"__typename": "Runs", "results": found}}})


def server(url: str, name: str = "prod", **more: object) -> dict[str, object]:
    return {"id": name, "url": url, **more}


def runs_of(found: list[Any]) -> list[RefreshRun]:
    return [row for row in rows(found) if isinstance(row, RefreshRun)]


def test_all_pages_are_read_by_the_cursor_from_the_window_on(tmp_path: Path) -> None:
    with answering(Dagster([dagster_run(number) for number in range(250, 0, -1)], SECRET)) as (url, asked):
        found = list(collect(context(tmp_path, dagster=[server(url, token=SECRET)])))
    assert problems(found) == []
    assert [run.run_id for run in runs_of(found)] == [f"run-{number:03d}" for number in range(250, 0, -1)]
    variables: list[Any] = [one.content["variables"] for one in asked]
    assert [one["cursor"] for one in variables] == [None, "run-151", "run-051"]
    assert {one["filter"]["updatedAfter"] for one in variables} == {STARTED - 2 * 86_400}


def test_a_run_says_what_dagster_says(tmp_path: Path) -> None:
    runs = [
        dagster_run(5, "FAILURE", schedule_name="nightly"),
        dagster_run(4, "SUCCESS", partition="2026-11-20", backfill="b1"),
        dagster_run(3, "STARTED", sensor_name="new_file", partition="2026-11-20-05:00"),
        dagster_run(2, "CANCELED", partition="germany"),
        dagster_run(1, "QUEUED"),
    ]
    jobs = [{"id": "mart", "title": "M", "subsystem": "s", "reported_as": "nightly"}]
    with answering(Dagster(runs)) as (url, _):
        found = runs_of(list(collect(context(tmp_path, dagster=[server(url)], jobs=jobs))))
    assert found[1] == RefreshRun(
        "mart", "run-004", "dagster", RunStatus.SUCCEEDED, NOW,
        datetime(2026, 11, 23, 8, 30, 4), datetime(2026, 11, 23, 8, 30, 34, 500_000), triggered_by="backfill",
        data_interval_start=datetime(2026, 11, 20), data_interval_end=datetime(2026, 11, 21),
    )  # fmt: skip
    assert [run.status.value for run in found] == ["failed", "succeeded", "running", "cancelled", "queued"]
    assert [run.triggered_by for run in found] == ["scheduled", "backfill", "api", "on_demand", "on_demand"]
    assert [run.message for run in found] == ["Step load failed.", None, None, None, None]
    ends = [run.data_interval_end for run in found]
    assert ends == [None, datetime(2026, 11, 21), datetime(2026, 11, 20, 6), None, None]


def test_a_run_is_sent_again_only_when_it_changed(tmp_path: Path, store: Store) -> None:
    dagster = Dagster([dagster_run(2, "STARTED"), dagster_run(1)])
    counts = []
    with answering(dagster) as (url, asked):
        for minute, status in enumerate(["STARTED", "STARTED", "FAILURE", "FAILURE"]):
            dagster.runs[0] = dagster_run(2, status)
            ctx = context(tmp_path, NOW + timedelta(minutes=minute), dagster=[server(url)])
            counts.append(deliver(store, tmp_path, collect(ctx)))
    assert counts == [2, 0, 1, 0]
    assert store.fetch("select message from latest_refresh_runs where run_id = 'run-002'").item() == "Step load failed."
    assert len([one for one in asked if "stepStats" in one.body]) == 1, "a reason is looked up once"


BROKEN = {
    "error": (Reply(b"", 500), "answered 500"),
    "half": (Reply({"data": {}}, lacks=3), "broke off"),
    "torn": (Reply(b'{"data": {"runs'), "not whole JSON"),
    "python": (
        Reply({"data": {"runsOrError": {"__typename": "PythonError", "message": "no storage"}}}),
        "'no storage'",
    ),
    "schema": (Reply({"errors": [{"message": "Unknown field updatedAfter"}]}), "'Unknown field updatedAfter'"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_page_that_fails_keeps_the_good_ones_and_is_read_again(name: str, tmp_path: Path, store: Store) -> None:
    dagster = Dagster([dagster_run(number) for number in range(150, 0, -1)])
    dagster.broken, said = {"run-051": BROKEN[name][0]}, BROKEN[name][1]
    with answering(dagster) as (url, _):
        ctx = context(tmp_path, dagster=[server(url)])
        found = list(collect(ctx))
        assert deliver(store, tmp_path, found) == 100
        (sentence,) = problems(found)
        assert sentence.startswith("dagster server prod")
        assert said in sentence
        dagster.broken = {}
        again = list(collect(ctx))
        assert (deliver(store, tmp_path, again), problems(again)) == (50, [])


def test_a_long_pass_goes_on_the_next_time_and_then_from_its_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("collectors.dagster.MAX_PAGES", 1)
    times = [NOW + timedelta(hours=hours) for hours in range(3)]
    with answering(Dagster([dagster_run(number) for number in range(150, 0, -1)])) as (url, asked):
        passes = [list(collect(context(tmp_path, now, dagster=[server(url)]))) for now in times]
    assert [len(rows(found)) for found in passes] == [100, 50, 0]
    variables: list[Any] = [one.content["variables"] for one in asked]
    assert variables[2] == {"filter": {"updatedAfter": STARTED - 600}, "cursor": None, "limit": 100}


def test_one_server_that_cannot_be_asked_stops_no_other_and_shows_no_secret(tmp_path: Path) -> None:
    with answering(Dagster([dagster_run(1)], SECRET)) as (url, _):
        servers = [server(url, "wrong", token="0ther"), server("http://127.0.0.1:9", "away"), server(url, token=SECRET)]
        found = list(collect(context(tmp_path, dagster=servers)))
    assert len(rows(found)) == 1
    assert sorted(text.split()[2] for text in problems(found)) == ["away", "wrong"]
    assert not [text for text in problems(found) if SECRET in text or "0ther" in text]


def test_a_status_nobody_knows_is_told_and_costs_the_others_nothing(tmp_path: Path) -> None:
    with answering(Dagster([dagster_run(3, "RESTING"), dagster_run(2), dagster_run(1)])) as (url, _):
        found = list(collect(context(tmp_path, dagster=[server(url)])))
    assert [run.run_id for run in runs_of(found)] == ["run-002", "run-001"]
    assert "run run-003 of job nightly has status 'RESTING', expected one of QUEUED" in problems(found)[0]


@pytest.fixture
def shapes() -> Iterator[list[object]]:
    runs = [dagster_run(2, "FAILURE"), dagster_run(1)]
    yield [
        {"data": {"runsOrError": {"__typename": "Runs", "results": runs}}},
        {"data": {"runs": {"results": runs}}},
        {"data": {"runs": runs}},
        [{"data": {"runsOrError": {"results": [run]}}} for run in runs],
    ]


def test_stored_answers_of_all_shapes_are_read(shapes: list[object]) -> None:
    for content in shapes:
        assert [run.status.value for run in read_answer(content, NOBODY, NOW)] == ["failed", "succeeded"]


@pytest.mark.parametrize("content", [{}, "x", {"data": None}, {"data": {"runs": {}}}, {"data": {"runs": [{}]}}])
def test_what_is_no_answer_of_dagster_is_refused(content: object) -> None:
    with pytest.raises(SourceError, match="expected an answer of Dagster"):
        read_answer(content, NOBODY, NOW)
