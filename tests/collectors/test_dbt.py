"""dbt's artifacts: what counts as a refresh, how it ended, and what a broken file says about itself."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from collectors.base import SourceError
from collectors.dbt import read_artifact
from store.rows import FreshnessState, RunStatus

STAMP = "2026-11-22T23:55:24.070115Z"


def artifact(results: list[dict[str, Any]], schema: str = "run-results/v6", **rest: Any) -> str:
    metadata = {
        "dbt_schema_version": f"https://schemas.getdbt.com/dbt/{schema}.json",
        "generated_at": STAMP,
        "invocation_id": "i1",
    }
    return json.dumps({"metadata": metadata, "results": results, "args": {"which": "build"}, **rest})


@pytest.mark.parametrize(
    ("name", "counts", "statuses"),
    [
        ("05_build_model_error", {"success": 7, "pass": 10, "error": 1, "skipped": 10}, {"succeeded": 7, "failed": 1}),
        (
            "06_build_test_fail",
            {"success": 7, "pass": 16, "fail": 1, "skipped": 4},
            {"succeeded": 7, "skipped": 1},
        ),
        ("12_build_ok", {"success": 8, "pass": 20}, {"succeeded": 8}),
    ],
)
def test_runs_and_counts_of_real_builds(
    practice: Path, name: str, counts: dict[str, int], statuses: dict[str, int]
) -> None:
    path = practice / "refresh" / f"dbt_{name}.run_results.json"
    found = read_artifact(path.read_text(), path.name)
    assert found.counts == counts
    assert Counter(run.status.value for run in found.runs) == statuses
    assert found.skipped is None


def test_a_real_build_keeps_rows_times_and_the_reason_of_a_failure(practice: Path) -> None:
    path = practice / "refresh" / "dbt_05_build_model_error.run_results.json"
    runs = {run.job_id: run for run in read_artifact(path.read_text(), path.name).runs}
    seed, failed = runs["seed.jaffle_shop.raw_customers"], runs["model.jaffle_shop.orders"]
    assert (seed.rows, seed.status) == (100, RunStatus.SUCCEEDED)
    assert seed.started_at == datetime(2026, 11, 22, 23, 55, 22, 405694)
    assert seed.finished_at == datetime(2026, 11, 22, 23, 55, 22, 903278)
    assert seed.run_id == "ae89a12b-1de6-4794-ad08-8c4e1624dd3f:seed.jaffle_shop.raw_customers"
    assert failed.message is not None
    assert "orders_does_not_exist" in failed.message


def test_compiling_is_not_a_refresh(practice: Path) -> None:
    path = practice / "refresh" / "dbt_11_compile.run_results.json"
    found = read_artifact(path.read_text(), path.name)
    assert (found.runs, found.skipped) == ((), "`dbt compile` builds nothing, so it is not a refresh.")


@pytest.mark.parametrize("args", [{"which": "generate"}, {"which": "rpc", "rpc_method": "run"}, {"which": "show"}])
def test_other_commands_that_build_nothing_are_not_refreshes(args: dict[str, str]) -> None:
    found = read_artifact(artifact([{"unique_id": "model.p.a", "status": "success"}], args=args), "f")
    assert found.runs == ()
    assert found.skipped


def test_a_compile_that_does_not_say_so_is_known_by_its_tests() -> None:
    results = [{"unique_id": "model.p.a", "status": "success"}, {"unique_id": "test.p.t", "status": "success"}]
    assert read_artifact(artifact(results, args={}), "f").skipped


def test_freshness_of_a_real_project(practice: Path) -> None:
    path = practice / "refresh" / "dbt_04_freshness.sources.json"
    found = read_artifact(path.read_text(), path.name)
    checks = {check.dataset_id.rpartition(".")[2]: check for check in found.freshness}
    assert {name: check.state for name, check in checks.items()} == {
        "fresh": FreshnessState.FRESH,
        "late": FreshnessState.WARN,
        "stale": FreshnessState.STALE,
        "empty_table": FreshnessState.UNKNOWN,
    }
    assert checks["late"].landed_at == datetime(2026, 11, 22, 8, 54, 59, 271290)
    assert checks["late"].message == "newest row is 15.0 h old; it warns after 12 hours and is stale after 24 hours"
    assert (checks["empty_table"].landed_at, checks["empty_table"].data_age_seconds) == (None, None)


@pytest.mark.parametrize("version", [1, 2, 3])
def test_a_source_that_could_not_be_looked_at_is_unknown_not_stale(version: int) -> None:
    result = {"unique_id": "source.p.s.t", "error": "no such table", "status": "runtime error"}
    (check,) = read_artifact(artifact([result], f"sources/v{version}"), "f").freshness
    assert (check.state, check.message) == (FreshnessState.UNKNOWN, "dbt could not look: no such table")


@pytest.mark.parametrize("version", range(1, 7))
def test_without_the_execution_timing_the_start_follows_from_the_end(version: int) -> None:
    result = {
        "unique_id": "snapshot.p.a",
        "status": "error",
        "timing": [{"name": "compile", "started_at": None, "completed_at": "2026-11-22T10:00:10Z"}],
        "execution_time": 4.0,
        "adapter_response": {},
        "message": None,
    }
    (run,) = read_artifact(artifact([result], f"run-results/v{version}"), "f").runs
    assert (run.started_at, run.finished_at) == (datetime(2026, 11, 22, 10, 0, 6), datetime(2026, 11, 22, 10, 0, 10))
    assert (run.status, run.rows) == (RunStatus.FAILED, None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (artifact([])[:-20], "f is not complete JSON"),
        (artifact([], "run-results/v7"), "run-results v1 to v6"),
        (artifact([], "sources/v9"), "sources v1 to v3"),
        (artifact([], "manifest/v12"), "run-results v1 to v6"),
        ("[1, 2]", "f is not a dbt artifact"),
        ("{}", "found no 'metadata'"),
        (artifact([{"unique_id": "model.p.a", "status": "sleeping"}]), "status 'sleeping' of model.p.a"),
    ],
)
def test_what_is_no_artifact_is_refused_with_one_sentence(text: str, said: str) -> None:
    with pytest.raises(SourceError, match=said) as refused:
        read_artifact(text, "f")
    assert "\n" not in str(refused.value)
