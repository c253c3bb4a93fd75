"""Runs from a scheduler's own table in databases and files; what cannot be read costs the others nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from collectors.base import SourceError
from collectors.points import Result
from collectors.run_rows import JobNames
from collectors.run_tables import Reading, read_runs
from collectors.sources.sql_runs import collect
from store.connection import Store, open_store
from store.rows import RefreshRun, RunStatus
from tests.collectors.support import NOW, context, deliver, problems, rows

ALL = "select job, run_id, status, started_at, finished_at from source"
HEADER = "job,run_id,status,started_at,finished_at"
READING = Reading("sql source cron", JobNames(None, "sql_runs"), {"F": "failed"}, "Europe/Berlin")


def source(name: str, place: str, sql: str, **more: object) -> dict[str, object]:
    return {"id": name, "source": place, "sql": sql, **more}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "runs.csv").write_text(f"{HEADER}\nload,1,OK,2026-11-23 01:00:00,2026-11-23 01:10:00\n")
    with closing(sqlite3.connect(tmp_path / "cron.sqlite")) as cron:
        cron.executescript(
            "create table history (name text, id int, result text, began text, ended text, n int, why text);"
            "insert into history values ('mart', 7, 'F', '2026-11-23T03:00:00', '2026-11-23T03:05:00+01:00', 0, 'no'),"
            "('mart', 8, 'running', '2026-11-23T04:00:00', null, null, null)"
        )
    warehouse = open_store(f"duckdb:{tmp_path / 'warehouse.duckdb'}", tmp_path)
    warehouse.execute(
        "create table runs as select 'etl' as job, 5 as run_id, 'Succeeded' as status, "
        "timestamptz '2026-11-23 02:00:00+00' as started_at, timestamptz '2026-11-23 02:30:00+00' as finished_at, "
        "9::bigint as rows, 1024::hugeint as bytes, date '2026-11-22' as landed_at, 'backfill' as triggered_by"
    )
    warehouse.close()
    return tmp_path


MART = (
    "select name as job, id as run_id, result as status, began as started_at, ended as finished_at, "
    "n as rows, why as message from history"
)


def test_every_kind_of_source_gives_runs(folder: Path) -> None:
    sources = [
        source("csv", "runs.csv", ALL),
        source("cron", "sqlite:///cron.sqlite", MART, statuses={"F": "failed"}, timezone="Europe/Berlin"),
        source("etl", "duckdb:warehouse.duckdb", "select * from runs"),
    ]
    jobs = [{"id": "mart-load", "title": "M", "subsystem": "s", "reported_as": "mart"}]
    found = list(collect(context(folder, sql_runs=sources, jobs=jobs)))
    assert problems(found) == []
    runs = {run.run_id: run for run in rows(found) if isinstance(run, RefreshRun)}
    assert runs["1"] == RefreshRun(
        "load", "1", "sql", RunStatus.SUCCEEDED, NOW, datetime(2026, 11, 23, 1), datetime(2026, 11, 23, 1, 10)
    )
    assert runs["7"] == RefreshRun(
        "mart-load", "7", "sql", RunStatus.FAILED, NOW,
        datetime(2026, 11, 23, 2), datetime(2026, 11, 23, 2, 5), rows=0, message="no",
    )  # fmt: skip
    assert (runs["8"].status, runs["8"].finished_at) == (RunStatus.RUNNING, None)
    assert runs["5"] == RefreshRun(
        "etl", "5", "sql", RunStatus.SUCCEEDED, NOW, datetime(2026, 11, 23, 2), datetime(2026, 11, 23, 2, 30),
        rows=9, triggered_by="backfill", landed_at=datetime(2026, 11, 22), bytes=1024,
    )  # fmt: skip


def test_a_run_is_sent_again_only_when_it_changed(folder: Path, store: Store) -> None:
    counts = []
    lines = ["load,1,ok,2026-11-23 01:00:00,2026-11-23 01:10:00", "load,2,running,2026-11-23 02:00:00,"]
    for minute, status in enumerate(["running", "running", "failed", "failed"]):
        (folder / "runs.csv").write_text("\n".join([HEADER, *lines]).replace("running", status))
        ctx = context(folder, NOW + timedelta(minutes=minute), sql_runs=[source("csv", "runs.csv", ALL)])
        counts.append(deliver(store, folder, collect(ctx)))
    assert counts == [2, 0, 1, 0]
    assert store.fetch("select status from latest_refresh_runs where run_id = '2'").item() == "failed"


BAD = {
    "missing": ("later.csv", ALL, "there is no such file yet"),
    "no-file": ("sqlite:///later.sqlite", ALL, "later.sqlite does not exist"),
    "columns": ("runs.csv", "select job, status from source", "returned job, status, expected job, run_id, status"),
    "extra": ("runs.csv", "select *, 1 as ended from source", "finished_at, ended, expected job"),
    "writes": ("sqlite:///cron.sqlite", "delete from history", "the statement is `delete`, expected one SELECT"),
    "url": ("://u:p4ss@h/d", ALL, "the source is not a database URL"),
    "typo": ("postgres//u:p4ss@h/d", ALL, "there is no such file yet"),
    "word": ("sqlite:///cron.sqlite", MART, "job mart has status 'F', expected one of queued, running"),
}


def test_a_source_that_cannot_be_read_is_told_by_name_without_secrets_and_the_good_one_goes_on(folder: Path) -> None:
    sources = [source(name, place, sql) for name, (place, sql, _) in BAD.items()]
    found = list(collect(context(folder, sql_runs=[*sources, source("good", "runs.csv", ALL)])))
    assert sorted(run.run_id for run in rows(found) if isinstance(run, RefreshRun)) == ["1", "8"]
    said = {text.split()[2].rstrip(":"): text for text in problems(found)}
    assert {name: expected in said[name] for name, (_, _, expected) in BAD.items()} == dict.fromkeys(BAD, True), said
    assert not [text for text in said.values() if "\n" in text or "p4ss" in text]


COLUMNS = ("job", "run_id", "status", "started_at", "finished_at", "rows", "triggered_by")
GOOD: tuple[Any, ...] = ("load", 1, "success", None, None, Decimal("12"), None)


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("job", None, "a row has no job or no run_id"),
        ("run_id", "", "a row has no job or no run_id"),
        ("status", None, "job load has status ''"),
        ("started_at", "soon", "job load has started_at 'soon', expected a time in ISO form"),
        ("finished_at", 7, "job load has finished_at 7, expected a time; cast it"),
        ("rows", -1, "job load has rows -1, expected a whole number"),
        ("rows", 1.5, "job load has rows 1.5, expected a whole number"),
        ("rows", "many", "job load has rows 'many', expected a whole number"),
        ("triggered_by", "cron", "job load has triggered_by 'cron', expected one of scheduled, on_demand"),
    ],
)
def test_a_bad_row_is_left_out_and_told(column: str, value: object, said: str) -> None:
    bad = tuple(value if name == column else found for name, found in zip(COLUMNS, GOOD, strict=True))
    runs, problem = read_runs(READING, Result(COLUMNS, [bad, GOOD, bad]), NOW)
    assert [(run.run_id, run.rows) for run in runs] == [("1", 12)]
    assert problem is not None
    assert problem.startswith(f"sql source cron: {said}")
    assert problem.endswith("(and 1 rows more); such rows were left out.")


def test_names_of_columns_may_be_in_capitals_but_not_twice() -> None:
    runs, problem = read_runs(READING, Result([name.upper() for name in COLUMNS], [GOOD]), NOW)
    assert (len(runs), problem) == (1, None)
    with pytest.raises(SourceError, match="expected job, run_id"):
        read_runs(READING, Result([*COLUMNS, "Rows"], []), NOW)


@pytest.mark.parametrize(
    ("word", "status"),
    [("In Progress", "running"), ("COMPLETED", "succeeded"), ("timed-out", "failed"), ("Canceled", "cancelled")],
)
def test_usual_status_words_are_understood(word: str, status: str) -> None:
    runs, _ = read_runs(READING, Result(COLUMNS, [("load", 1, word, *GOOD[3:])]), NOW)
    assert runs[0].status.value == status
