"""DAG runs of Airflow 2 and 3 from a real server: all pages, the right way in, nothing said of what is not known."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from collectors.airflow_rows import read_answer
from collectors.base import SourceError
from collectors.run_rows import JobNames
from collectors.sources.airflow_runs import collect
from store.connection import Store
from store.rows import RefreshRun, RunStatus
from tests.collectors.answering import Asked, Reply, answering
from tests.collectors.support import NOW, context, deliver, problems, rows

NOBODY = JobNames(None, "airflow_runs")
SECRET = "p4ssw0rd"


def dag_run(number: int, state: str = "success", **more: object) -> dict[str, Any]:
    minute = f"2026-11-23T08:{number % 60:02d}:00Z"
    ended = None if state in {"running", "queued"} else f"2026-11-23T08:{number % 60:02d}:30+00:00"
    started = None if state == "queued" else minute
    names = {"dag_id": "sales", "dag_run_id": f"scheduled__{number:04d}+00:00", "run_type": "scheduled"}
    return {**names, "state": state, "start_date": started, "end_date": ended, **more}


class Airflow:
    """An Airflow with these runs; `version` decides its paths and the way in, `breaks_at` the page that fails."""

    def __init__(self, runs: list[dict[str, Any]], version: int = 3, breaks_at: int = -1) -> None:
        self.runs, self.version, self.breaks_at = runs, version, breaks_at
        self.broken = Reply(b"Internal Server Error", 500, "text/plain")
        self.failed_tasks: list[str] = ["load"]
        self.knows_updates = True

    def __call__(self, asked: Asked) -> Reply:
        base = f"/api/v{self.version - 1}"
        if asked.path == f"{base}/version":
            return Reply({"version": f"{self.version}.0.0"})
        if asked.path == "/auth/token" and self.version == 3:
            return Reply({"access_token": "jwt"}, 201) if SECRET in asked.body else Reply({"detail": SECRET}, 401)
        if not asked.path.startswith(base):
            return Reply(b"<h1>404</h1>", 404, "text/html")
        if not self.is_let_in(asked.headers.get("Authorization", "")):
            return Reply({"detail": f"no, {SECRET}"}, 401)
        if asked.path.endswith("/taskInstances"):
            return Reply({"task_instances": [{"task_id": name} for name in self.failed_tasks], "total_entries": 1})
        return self.page(asked)

    def is_let_in(self, header: str) -> bool:
        word = base64.b64encode(f"ops:{SECRET}".encode()).decode()
        return header == ("Bearer jwt" if self.version == 3 else f"Basic {word}")

    def page(self, asked: Asked) -> Reply:
        if "updated_at_gte" in asked.query and not self.knows_updates:
            return Reply({"title": "Extra query parameter"}, 400)
        offset, limit = int(asked.query["offset"]), int(asked.query["limit"])
        if self.breaks_at == offset // limit:
            return self.broken
        return Reply({"dag_runs": self.runs[offset : offset + limit], "total_entries": len(self.runs)})


def server(url: str, name: str = "prod", **more: object) -> dict[str, object]:
    return {"id": name, "url": url, "username": "ops", "password": SECRET, **more}


def runs_of(found: list[Any]) -> list[RefreshRun]:
    return [row for row in rows(found) if isinstance(row, RefreshRun)]


@pytest.mark.parametrize("version", [2, 3])
def test_all_pages_are_read_whatever_the_version(version: int, tmp_path: Path) -> None:
    with answering(Airflow([dag_run(number) for number in range(250)], version)) as (url, asked):
        found = list(collect(context(tmp_path, airflow=[server(url)])))
    assert problems(found) == []
    assert [run.run_id for run in runs_of(found)] == [f"scheduled__{number:04d}+00:00" for number in range(250)]
    pages = [one.query for one in asked if one.path.endswith("/dags/~/dagRuns")]
    assert [page["offset"] for page in pages] == ["0", "100", "200"]
    assert {page["updated_at_gte"] for page in pages} == {"2026-11-21T08:30:00Z"}


def test_a_run_says_what_airflow_says(tmp_path: Path) -> None:
    interval = {"data_interval_start": "2026-11-22T00:00:00Z", "data_interval_end": "2026-11-23T00:00:00Z"}
    runs = [dag_run(1, run_type="backfill", **interval), dag_run(2, "running", run_type="manual"), dag_run(3, "queued")]
    jobs = [{"id": "sales-load", "title": "S", "subsystem": "s", "reported_as": "sales"}]
    with answering(Airflow([*runs, dag_run(4, "failed", run_type="asset_triggered")])) as (url, _):
        found = runs_of(list(collect(context(tmp_path, airflow=[server(url)], jobs=jobs))))
    assert found[0] == RefreshRun(
        "sales-load", "scheduled__0001+00:00", "airflow", RunStatus.SUCCEEDED, NOW,
        datetime(2026, 11, 23, 8, 1), datetime(2026, 11, 23, 8, 1, 30), triggered_by="backfill",
        data_interval_start=datetime(2026, 11, 22), data_interval_end=datetime(2026, 11, 23),
    )  # fmt: skip
    assert [run.status.value for run in found] == ["succeeded", "running", "queued", "failed"]
    assert [run.triggered_by for run in found] == ["backfill", "on_demand", "scheduled", "api"]
    assert [run.finished_at is None for run in found] == [False, True, True, False]
    assert [run.message for run in found] == [None, None, None, "Task load failed."]


def test_an_interval_without_length_is_no_period_of_data() -> None:
    at = "2026-01-01T00:00:00Z"
    found = {"dag_runs": [dag_run(1, data_interval_start=at, data_interval_end=at)]}
    (run,) = read_answer(found, NOBODY, NOW)
    assert (run.data_interval_start, run.data_interval_end) == (None, None)


def test_a_run_is_sent_again_only_when_it_changed_and_may_go_back(tmp_path: Path, store: Store) -> None:
    airflow = Airflow([dag_run(1), dag_run(2, "running")])
    states = iter(["running", "running", "success", "running", "success", "success"])
    counts = []
    with answering(airflow) as (url, _):
        for minute, state in enumerate(states):
            airflow.runs[1] = dag_run(2, state)
            ctx = context(tmp_path, NOW + timedelta(minutes=minute), airflow=[server(url)])
            counts.append(deliver(store, tmp_path, collect(ctx)))
    assert counts == [2, 0, 1, 1, 1, 0]
    latest = store.fetch("select status from latest_refresh_runs where run_id like '%0002%'")
    assert latest.item() == "succeeded"


def test_lost_notes_and_a_kill_before_the_note_double_nothing(tmp_path: Path, store: Store) -> None:
    with answering(Airflow([dag_run(1), dag_run(2, "failed")])) as (url, _):
        ctx = context(tmp_path, airflow=[server(url)])
        assert deliver(store, tmp_path, collect(ctx)) == 2
        ctx.state.unlink()
        assert deliver(store, tmp_path, collect(ctx)) == 0


def test_the_next_pass_asks_from_the_last_one_on_and_looks_up_a_reason_once(tmp_path: Path) -> None:
    airflow = Airflow([dag_run(1, "failed")])
    with answering(airflow) as (url, asked):
        list(collect(context(tmp_path, airflow=[server(url)])))
        found = list(collect(context(tmp_path, NOW + timedelta(hours=1), airflow=[server(url)])))
    assert rows(found) == []
    since = [one.query["updated_at_gte"] for one in asked if one.path.endswith("~/dagRuns")]
    assert since == ["2026-11-21T08:30:00Z", "2026-11-23T08:20:00Z"]
    reasons = [one for one in asked if one.path.endswith("/taskInstances")]
    assert [(one.path, one.query["state"]) for one in reasons] == [
        ("/api/v2/dags/sales/dagRuns/scheduled__0001+00:00/taskInstances", "failed")
    ]


def test_an_airflow_that_cannot_be_asked_for_changes_is_asked_by_start_from_the_oldest_open_run(tmp_path: Path) -> None:
    airflow = Airflow([dag_run(1, "running"), dag_run(2)], version=2)
    airflow.knows_updates = False
    with answering(airflow) as (url, asked):
        first = list(collect(context(tmp_path, airflow=[server(url)])))
        list(collect(context(tmp_path, NOW + timedelta(hours=5), airflow=[server(url)])))
    assert (len(rows(first)), problems(first)) == (2, [])
    assert [one.query["start_date_gte"] for one in asked if "start_date_gte" in one.query] == [
        "2026-11-21T08:30:00Z",
        "2026-11-23T08:01:00Z",
    ]


BROKEN = {
    "error": (Reply(b"Traceback", 500, "text/plain"), "answered 500", "look into its log"),
    "half": (Reply({"dag_runs": [dag_run(150)], "total_entries": 250}, lacks=20), "cannot be asked", "broke off"),
    "torn": (Reply(b'{"dag_runs": [{"dag_id": "sa'), "what is not whole JSON", "asked again"),
    "login": (Reply(b"<html>", 200, "text/html"), "a web page, expected JSON", "login"),
    "moved": (Reply(b"", 302, headers={"Location": "/login"}), "answered 302", "correct its url"),
    "forbidden": (Reply({}, 403), "answered 403", "give it a role that may"),
    "fewer": (Reply({"dag_runs": [], "total_entries": 250}), "told of 250 runs and gave 100", "asked for again"),
    "other": (Reply({"runs": []}), "answered something else", "expected an answer of Airflow"),
    "list": (Reply([1]), "answered list", "expected an object"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_page_that_fails_keeps_the_good_ones_and_is_read_again(name: str, tmp_path: Path, store: Store) -> None:
    reply, *said = BROKEN[name]
    airflow = Airflow([dag_run(number) for number in range(250)], breaks_at=1)
    airflow.broken = reply
    with answering(airflow) as (url, _):
        ctx = context(tmp_path, airflow=[server(url)])
        found = list(collect(ctx))
        assert deliver(store, tmp_path, found) == 100
        (sentence,) = problems(found)
        assert all(part in sentence for part in ("airflow server prod", *said)), sentence
        assert (sentence.count("\n"), sentence[-1], SECRET in sentence) == (0, ".", False)
        airflow.breaks_at = -1
        again = list(collect(ctx))
        assert (deliver(store, tmp_path, again), problems(again)) == (150, [])
    assert store.fetch("select count(*) from latest_refresh_runs where status <> 'succeeded'").item() == 0


def test_a_server_error_that_passes_is_no_problem(tmp_path: Path) -> None:
    airflow = Airflow([dag_run(1)])
    left = [2]

    def answer(asked: Asked) -> Reply:
        if asked.path.endswith("dagRuns") and left[0]:
            left[0] -= 1
            return Reply({}, 503)
        return airflow(asked)

    with answering(answer) as (url, _):
        found = list(collect(context(tmp_path, airflow=[server(url)])))
    assert (len(rows(found)), problems(found)) == (1, [])


def test_one_server_that_cannot_be_asked_stops_no_other_and_shows_no_secret(tmp_path: Path) -> None:
    with answering(Airflow([dag_run(1)])) as (url, _), answering(Airflow([], 2)) as (old, _):
        servers = [
            server(url),
            server(url, "wrong", password="n0t-it"),
            server(old, "old", password="n0t-it"),
            server("http://127.0.0.1:9", "away"),
            server("http://169.254.169.254/latest", "keys", version=3),
            server(url, "stale", username=None, password=None, token=f"{SECRET}-old"),
        ]
        found = list(collect(context(tmp_path, airflow=servers)))
    assert len(rows(found)) == 1
    said = {text.split()[2]: text for text in problems(found)}
    expected = {
        "wrong": "answered 401 at /auth/token: it does not accept the credentials",
        "old": "answered 401 at /api/v1/dags/~/dagRuns: it does not accept the credentials",
        "away": "cannot be asked: connection refused; see whether it runs",
        "keys": "is on a link-local address, where clouds keep their keys; give it another url",
        "stale": "answered 401 at /api/v2/dags/~/dagRuns: it does not accept the credentials",
    }
    assert {name: expected[name] in text for name, text in said.items()} == dict.fromkeys(expected, True), said
    assert not [text for text in said.values() if SECRET in text or "n0t-it" in text]


def test_an_answer_that_drips_on_an_open_connection_is_given_up_after_its_time(tmp_path: Path) -> None:
    airflow = Airflow([dag_run(number) for number in range(150)], breaks_at=1)
    airflow.broken = Reply(b" " * 100 + b"{}", drips=True)
    started = time.monotonic()
    with answering(airflow) as (url, _):
        found = list(collect(context(tmp_path, airflow=[server(url, timeout_seconds=1)])))
        assert time.monotonic() - started < 5
    assert len(rows(found)) == 100
    (sentence,) = problems(found)
    assert "cannot be asked: it gave no whole answer within 1 s" in sentence


def test_a_state_nobody_knows_is_told_and_costs_the_others_nothing(tmp_path: Path) -> None:
    odd = [dag_run(1, "resting"), {"dag_id": "sales"}, 7, dag_run(2, start_date="soon")]
    with answering(Airflow([*odd, dag_run(3)])) as (url, _):
        found = list(collect(context(tmp_path, airflow=[server(url)])))
    assert [run.run_id for run in runs_of(found)] == ["scheduled__0003+00:00"]
    assert problems(found) == [
        "airflow server prod: run scheduled__0001+00:00 of DAG sales has state 'resting', "
        "expected one of success, failed, running, queued."
    ]


def test_more_pages_than_one_pass_may_read_are_read_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("collectors.airflow.MAX_PAGES", 2)
    with answering(Airflow([dag_run(number) for number in range(250)])) as (url, _):
        passes = [list(collect(context(tmp_path, airflow=[server(url)]))) for _ in range(3)]
    assert [len(rows(found)) for found in passes] == [200, 50, 0]
    assert [problems(found) for found in passes] == [[], [], []]


@pytest.fixture
def captured(practice: Path) -> Iterator[Any]:
    return lambda name: json.loads((practice / "refresh" / name).read_text())


def test_captured_runs_of_a_real_airflow(captured: Any) -> None:
    found = read_answer(captured("airflow_dagRuns.json"), NOBODY, NOW)
    assert [run.status for run in found].count(RunStatus.SUCCEEDED) == 7
    assert [run.status for run in found].count(RunStatus.FAILED) == 3
    assert [run.job_id for run in found if run.status is RunStatus.RUNNING] == ["ops_running"]
    assert found[0].started_at == datetime(2026, 11, 22, 23, 59, 14, 582704)
    assert read_answer([captured("airflow_dagRuns.json")] * 2, NOBODY, NOW) == found * 2


def test_captured_tasks_of_a_real_airflow(captured: Any) -> None:
    found = read_answer(captured("airflow_taskInstances.json"), NOBODY, NOW)
    counts = {status.value: [run.status for run in found].count(status) for status in RunStatus}
    assert counts == {"queued": 0, "running": 1, "succeeded": 19, "failed": 3, "cancelled": 0, "skipped": 2}
    assert found[0].job_id == "sales_daily.extract"


@pytest.mark.parametrize(
    ("state", "status", "is_over"),
    [
        (None, "queued", False),
        ("none", "queued", False),
        ("scheduled", "queued", False),
        ("up_for_retry", "queued", False),
        ("deferred", "running", False),
        ("removed", "skipped", True),
        ("upstream_failed", "skipped", True),
    ],
)
def test_states_of_a_task(state: str | None, status: str, is_over: bool) -> None:
    task = {**dag_run(1, "success"), "task_id": "load", "map_index": 2, "state": state}
    (run,) = read_answer({"task_instances": [task]}, NOBODY, NOW)
    assert (run.status.value, run.finished_at is not None) == (status, is_over)
    assert (run.job_id, run.run_id) == ("sales.load", "scheduled__0001+00:00:2")


@pytest.mark.parametrize("content", [{}, [], "x", {"dag_runs": 1}, [{"metadata": {}}]])
def test_what_is_no_answer_of_airflow_is_refused(content: object) -> None:
    if content == []:
        assert read_answer(content, NOBODY, NOW) == []
        return
    with pytest.raises(SourceError, match="expected an answer of Airflow"):
        read_answer(content, NOBODY, NOW)
