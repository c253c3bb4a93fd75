"""dbt's artifacts as facts: run_results.json gives refresh runs, sources.json gives freshness checks.

Shapes: schemas.getdbt.com, run-results v1 to v6 and sources v1 to v3. Pure functions: text in, rows out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson

from collectors.base import SourceError
from store.clock import to_utc
from store.rows import FreshnessCheck, FreshnessState, RefreshRun, RunStatus

SCHEMA = re.compile(r"/(run-results|sources)/v(\d+)\.json$")
NEWEST = {"run-results": 6, "sources": 3}
EXPECTED = "expected run-results v1 to v6 or sources v1 to v3"
REFRESHED = {"model", "seed", "snapshot"}
NOT_REFRESHING = {"compile", "docs", "generate", "docs.generate", "rpc", "parse", "list", "ls", "show", "clone"}
STATUSES = {
    "success": RunStatus.SUCCEEDED,
    "pass": RunStatus.SUCCEEDED,
    "warn": RunStatus.SUCCEEDED,
    "error": RunStatus.FAILED,
    "fail": RunStatus.FAILED,
    "runtime error": RunStatus.FAILED,
    "partial success": RunStatus.FAILED,
    "skipped": RunStatus.SKIPPED,
    "no-op": RunStatus.SKIPPED,
    "reused": RunStatus.SKIPPED,
}
FRESHNESS = {"pass": FreshnessState.FRESH, "warn": FreshnessState.WARN, "error": FreshnessState.STALE}
NO_ROWS_YEAR = 1  # dbt writes 0001-01-01 as the newest row of an empty table


@dataclass(frozen=True, slots=True)
class Artifact:
    """What one artifact says. Rows carry `generated_at` as the time of collection; whoever stores them puts in theirs.

    `counts` has dbt's own status words with their numbers, tests included; `skipped` says why the file is no refresh.
    """

    generated_at: datetime
    runs: tuple[RefreshRun, ...] = ()
    freshness: tuple[FreshnessCheck, ...] = ()
    skipped: str | None = None
    counts: Mapping[str, int] = field(default_factory=dict)


def read_artifact(text: str, name: str) -> Artifact:
    """The facts in the `text` of an artifact called `name`; raises SourceError with one sentence when it has none."""
    try:
        content = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise SourceError(
            f"{name} is not complete JSON ({error}), expected a whole dbt artifact; it is read again when it changes."
        ) from error
    try:
        metadata = content["metadata"]
        schema = SCHEMA.search(metadata["dbt_schema_version"])
        if schema is None or not 1 <= int(schema[2]) <= NEWEST[schema[1]]:
            raise SourceError(
                f"{name} has schema {metadata['dbt_schema_version']!r}, {EXPECTED}; write it with such a dbt."
            )
        return _run_results(content) if schema[1] == "run-results" else _sources(content)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        found = f"no {error}" if isinstance(error, KeyError) else str(error)
        raise SourceError(f"{name} is not a dbt artifact: found {found}, {EXPECTED}.") from error


def _counts(content: dict[str, Any]) -> dict[str, int]:
    return dict(Counter(str(result["status"]) for result in content["results"]))


def _run_results(content: dict[str, Any]) -> Artifact:
    generated_at = _instant(content["metadata"]["generated_at"])
    counts = _counts(content)
    command = _not_refreshing(content)
    if command:
        return Artifact(generated_at, skipped=f"`dbt {command}` builds nothing, so it is not a refresh.", counts=counts)
    invocation = content["metadata"].get("invocation_id") or generated_at.isoformat()
    runs = tuple(
        _run(result, str(invocation), generated_at)
        for result in content["results"]
        if result["unique_id"].partition(".")[0] in REFRESHED
    )
    return Artifact(generated_at, runs=runs, counts=counts)


def _not_refreshing(content: dict[str, Any]) -> str | None:
    """The command that wrote the file, when it is one that builds nothing."""
    args = content.get("args") or {}
    named = [str(args[key]) for key in ("which", "rpc_method") if args.get(key)]
    if named:
        return next((command for command in named if command in NOT_REFRESHING), None)
    # A test that ran says pass or fail; `success` comes from compiling it only.
    is_compiled = any(
        result["unique_id"].startswith("test.") and result["status"] == "success" for result in content["results"]
    )
    return "compile" if is_compiled else None


def _run(result: dict[str, Any], invocation: str, generated_at: datetime) -> RefreshRun:
    started_at, finished_at = _times(result, generated_at)
    word = str(result["status"])
    if word not in STATUSES:
        raise ValueError(f"status {word!r} of {result['unique_id']}")
    rows = (result.get("adapter_response") or {}).get("rows_affected")
    message = result.get("message")
    return RefreshRun(
        job_id=result["unique_id"],
        run_id=f"{invocation}:{result['unique_id']}",
        source="dbt",
        status=STATUSES[word],
        collected_at=generated_at,
        started_at=started_at,
        finished_at=finished_at,
        rows=rows if isinstance(rows, int) and rows >= 0 else None,
        message=str(message) if message is not None else None,
    )


def _times(result: dict[str, Any], generated_at: datetime) -> tuple[datetime, datetime]:
    """Start and end of the execution; without its timing the last end known, less the execution time."""
    timing = {step["name"]: step for step in result.get("timing") or []}
    execution = timing.get("execute") or {}
    if execution.get("started_at") and execution.get("completed_at"):
        return _instant(execution["started_at"]), _instant(execution["completed_at"])
    ends = [_instant(step["completed_at"]) for step in timing.values() if step.get("completed_at")]
    finished_at = max(ends, default=generated_at)
    return finished_at - timedelta(seconds=float(result.get("execution_time") or 0)), finished_at


def _sources(content: dict[str, Any]) -> Artifact:
    generated_at = _instant(content["metadata"]["generated_at"])
    checks = tuple(_freshness(result, generated_at) for result in content["results"])
    return Artifact(generated_at, freshness=checks, counts=_counts(content))


def _freshness(result: dict[str, Any], generated_at: datetime) -> FreshnessCheck:
    dataset, word = result["unique_id"], str(result["status"])
    if word == "runtime error":
        found = str(result.get("error") or "no reason given")
        message = f"dbt could not look: {found}"
        return FreshnessCheck(dataset, generated_at, FreshnessState.UNKNOWN, message=message)
    if word not in FRESHNESS:
        raise ValueError(f"freshness status {word!r} of {dataset}")
    observed_at = _instant(result["snapshotted_at"])
    if result["max_loaded_at"].startswith(f"{NO_ROWS_YEAR:04d}-"):
        message = "the table is empty, so the age of its data is not known"
        return FreshnessCheck(dataset, observed_at, FreshnessState.UNKNOWN, message=message)
    age = float(result["max_loaded_at_time_ago_in_s"])
    message = f"newest row is {age / 3600:.1f} h old{_limits(result.get('criteria') or {})}"
    return FreshnessCheck(dataset, observed_at, FRESHNESS[word], _instant(result["max_loaded_at"]), age, message)


def _limits(criteria: dict[str, Any]) -> str:
    """What was allowed, as the rest of a sentence."""
    found = [
        f"{verb} after {limit['count']} {limit['period']}{'' if limit['count'] == 1 else 's'}"
        for verb, limit in (("warns", criteria.get("warn_after")), ("is stale", criteria.get("error_after")))
        if limit and limit.get("count") is not None
    ]
    return f"; it {' and '.join(found)}" if found else ""


def _instant(text: str) -> datetime:
    return to_utc(datetime.fromisoformat(text))
