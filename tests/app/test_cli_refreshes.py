"""`refreshes import`: answers of every scheduler become runs in one format, in the spool once, or one sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from store.connection import Store
from store.shipper import ship
from tests.processes import Home

FIELDS = {"job", "run_id", "status", "started_at", "finished_at", "rows", "message"}


def imported(home: Home, kind: str, path: Path, *more: str) -> dict[str, Any]:
    """The JSON object that the verb answers."""
    found: dict[str, Any] = json.loads(home.verb("refreshes", "import", kind, str(path), *more, "--json").stdout)
    return found


def counts(found: dict[str, Any]) -> dict[str, int]:
    statuses = [run["status"] for run in found["runs"]]
    return {status: statuses.count(status) for status in sorted(set(statuses))}


@pytest.fixture
def refresh(practice: Path) -> Path:
    return practice / "refresh"


def test_dbt_counts_as_dbt_does(home: Home, refresh: Path) -> None:
    found = imported(home, "dbt", refresh / "dbt_06_build_test_fail.run_results.json")
    assert found["counts"] == {"success": 7, "pass": 16, "fail": 1, "skipped": 4}
    compiled = imported(home, "dbt", refresh / "dbt_11_compile.run_results.json")
    assert compiled["runs"] == []
    assert "compile" in compiled["skipped"]


def test_dag_runs_and_tasks_of_a_real_airflow(home: Home, refresh: Path, tmp_path: Path) -> None:
    found = imported(home, "airflow", refresh / "airflow_dagRuns.json")
    assert counts(found) == {"failed": 3, "running": 1, "succeeded": 7}
    assert set(found["runs"][0]) == FIELDS
    assert found["runs"][0] | {"message": None} == {
        "job": "market_every_minute", "run_id": "scheduled__2026-11-22T23:59:00+00:00", "status": "succeeded",
        "started_at": "2026-11-22T23:59:14.582704", "finished_at": "2026-11-22T23:59:18.396873",
        "rows": None, "message": None,
    }  # fmt: skip
    assert (found["freshness"], "skipped" in found) == ([], False)
    tasks = imported(home, "airflow", refresh / "airflow_taskInstances.json")
    assert counts(tasks) == {"failed": 3, "running": 1, "skipped": 2, "succeeded": 19}
    page = json.loads((refresh / "airflow_dagRuns.json").read_text())
    (tmp_path / "pages.json").write_text(json.dumps([page, page]))
    assert len(imported(home, "airflow", tmp_path / "pages.json")["runs"]) == 22


def test_power_bi_answers_alone_and_together(home: Home, refresh: Path, tmp_path: Path) -> None:
    together = imported(home, "powerbi", refresh / "powerbi_refresh_history.json")
    assert counts(together) == {"failed": 1, "running": 1, "succeeded": 1}
    answers = json.loads((refresh / "powerbi_refresh_history.json").read_text())["responses"]
    (tmp_path / "sales.json").write_text(json.dumps(answers["failed"]))
    (run,) = imported(home, "powerbi", tmp_path / "sales.json")["runs"]
    assert (run["job"], run["status"], run["message"]) == (
        "sales", "failed", "ModelRefreshFailed_CredentialsNotSpecified",
    )  # fmt: skip
    assert imported(home, "powerbi", tmp_path / "sales.json", "--job", "Sales model")["runs"][0]["job"] == "Sales model"


def test_a_dagster_answer(home: Home, tmp_path: Path) -> None:
    run = {"runId": "r1", "jobName": "nightly", "status": "CANCELED", "startTime": 1795422600, "endTime": 1795422660.5}
    (tmp_path / "runs.json").write_text(json.dumps({"data": {"runsOrError": {"results": [run]}}}))
    (found,) = imported(home, "dagster", tmp_path / "runs.json")["runs"]
    assert (found["job"], found["status"], found["finished_at"]) == (
        "nightly", "cancelled", "2026-11-23T08:31:00.500000",
    )  # fmt: skip


def test_what_is_imported_twice_is_stored_once(home: Home, refresh: Path, store: Store) -> None:
    for _ in range(2):
        imported(home, "airflow", refresh / "airflow_dagRuns.json")
    ship(store, home.conf.spool_path)
    assert store.fetch("select count(*) from refresh_runs").item() == 11
    latest = store.fetch("select count(*) from latest_refresh_runs where source = 'airflow' and status = 'failed'")
    assert latest.item() == 3


def test_a_person_gets_a_table(home: Home, tmp_path: Path) -> None:
    run = {"requestId": "r1", "startTime": "2026-11-23T08:30:00Z", "status": "Disabled"}
    (tmp_path / "sales.json").write_text(json.dumps({"value": [run]}))
    printed = home.verb("refreshes", "import", "powerbi", str(tmp_path / "sales.json")).stdout.splitlines()
    assert printed[0].split() == ["job", "status", "started", "(UTC)", "message"]
    assert printed[1].split()[:3] == ["sales", "skipped", "2026-11-23"]


UNUSABLE = [
    ("airflow", b'{"dag_runs": [', "odd.json is not complete JSON"),
    ("airflow", b'{"value": []}', "odd.json cannot be used: it has neither `dag_runs` nor `task_instances`"),
    ("airflow", b'{"dag_runs": [{"dag_id": "a", "dag_run_id": "b", "state": "resting"}]}', "has state 'resting'"),
    ("airflow", b"[7]", "odd.json cannot be used"),
    ("dagster", b'{"data": {}}', "odd.json cannot be used: it has no runs"),
    ("dagster", b'{"errors": [{"message": "no field"}]}', "it says 'no field'"),
    ("powerbi", b"[]", "odd.json cannot be used"),
    ("powerbi", b'{"value": [{"status": "Completed"}]}', "has no `requestId`"),
    ("dbt", b'{"dag_runs": []}', "odd.json is not a dbt artifact"),
    ("dbt", b"\xff\xfe", "odd.json is not text, expected JSON."),
]


@pytest.mark.parametrize(("kind", "content", "sentence"), UNUSABLE)
def test_an_unknown_shape_is_one_sentence_and_status_2(
    kind: str, content: bytes, sentence: str, home: Home, tmp_path: Path
) -> None:
    (tmp_path / "odd.json").write_bytes(content)
    found = home.verb("refreshes", "import", kind, str(tmp_path / "odd.json"), "--json")
    assert (found.returncode, found.stdout.strip()) == (2, "")
    assert sentence in found.stderr
    assert found.stderr.strip().count("\n") == 0
    assert found.stderr.strip().endswith(".")
