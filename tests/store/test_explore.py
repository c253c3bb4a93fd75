"""Explore: it reads the export, nothing else, and ends when it should."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pytest

from store.errors import ExploreError
from store.explore import Limits, Result, run, schema
from store.settings import ROOT

ENDLESS = "select count(*) from range(100000000000) a, range(1000000) b"
LIMITS = Limits(seconds=60, rows=100, memory="512MB")


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """Two days of refresh runs, the second with one column more, a small table, and an empty one in the manifest."""
    folder = tmp_path / "export"
    run_of = "select 'nightly' as job_id, {rows}::bigint as rows, timestamp '{day} 02:00' as ended_at"
    days = {
        "2026-03-01": run_of.format(rows=10, day="2026-03-01"),
        "2026-03-02": run_of.format(rows=32, day="2026-03-02") + ", 'ok' as message",
    }
    for day, sql in days.items():
        path = folder / "refresh_runs" / f"day={day}"
        path.mkdir(parents=True)
        duckdb.sql(sql).write_parquet(str(path / "data.parquet"))
    duckdb.sql("select 'a' as service_name, 12.5::decimal(18, 6) as planned_cost").write_parquet(
        str(folder / "plan_lines.parquet")
    )
    counts = {"refresh_runs": {"rows": 2}, "plan_lines": {"rows": 1}, "report_checks": {"rows": 0}}
    manifest = {"as_of": "2026-03-02T02:01:00", "batch_no": 7, "tables": counts}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (tmp_path / "secret.csv").write_text("password\nhunter2\n")
    return folder


def ask(sql: str, export: Path, limits: Limits = LIMITS) -> Result:
    return run(sql, export, limits)


def refusal(sql: str, export: Path, limits: Limits = LIMITS) -> str:
    with pytest.raises(ExploreError) as refused:
        run(sql, export, limits)
    return str(refused.value)


def files_below(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def children(parent: int | None = None) -> set[int]:
    """Process ids of the queries that run now and were started by `parent`, or by this process."""
    listed = subprocess.run(["ps", "-eo", "ppid,pid,args"], capture_output=True, text=True, check=True).stdout
    found = re.findall(r"^ *(\d+) +(\d+) .*-m store\.explore_child$", listed, re.MULTILINE)
    return {int(pid) for ppid, pid in found if int(ppid) == (parent or os.getpid())}


def alive(pids: set[int]) -> set[int]:
    listed = subprocess.run(["ps", "-eo", "pid,stat"], capture_output=True, text=True, check=True).stdout
    running = re.findall(r"^ *(\d+) +[^Z]", listed, re.MULTILINE)
    return pids & {int(pid) for pid in running}


def test_a_query_over_all_days(export: Path) -> None:
    result = ask("select day, rows, message from refresh_runs order by day", export)
    assert result.frame.rows() == [(date(2026, 3, 1), 10, None), (date(2026, 3, 2), 32, "ok")]
    assert result.as_of == datetime(2026, 3, 2, 2, 1)
    assert not result.is_cut
    assert 0 < result.seconds < 60


def test_result_types_that_readers_know(export: Path) -> None:
    sql = """
    select
        sum(rows) as total,
        170141183460469231731687303715884105727 as wide,
        interval 90 minute as took,
        uuid '6f1c2f2e-0000-4000-8000-000000000000' as id,
        [1, 2] as list,
        {'a': 1} as pair,
        max(ended_at) as latest_at,
        (select planned_cost from plan_lines) as planned,
        timestamptz '2026-03-01 02:00:00+02' as zoned,
    from refresh_runs
    """
    frame = ask(sql, export).frame
    assert frame.schema["total"] == pl.Int64 and frame.schema["wide"] == pl.Float64
    row = frame.to_dicts()[0]
    assert row["total"] == 42
    assert (row["took"], row["id"], row["list"]) == ("01:30:00", "6f1c2f2e-0000-4000-8000-000000000000", "[1, 2]")
    assert row["pair"] == "{'a': 1}"
    assert row["latest_at"] == datetime(2026, 3, 2, 2)
    assert row["planned"] == Decimal("12.5")
    assert row["zoned"].isoformat() == "2026-03-01T00:00:00+00:00"


def test_columns_of_one_name_are_numbered(export: Path) -> None:
    assert ask('select 1 as a, 2 as a, 3 as "A", 4 as a_2', export).frame.columns == ["a", "a_2", "A", "a_2_2"]


def test_rows_beyond_the_limit_are_cut(export: Path) -> None:
    limits = Limits(seconds=60, rows=5, memory="512MB")
    cut, whole = ask("from range(6)", export, limits), ask("from range(5)", export, limits)
    assert (cut.frame.height, cut.is_cut) == (5, True)
    assert (whole.frame.height, whole.is_cut) == (5, False)


@pytest.mark.parametrize(
    "sql",
    [
        "describe refresh_runs",
        "explain select * from refresh_runs",
        "explain analyze select count(*) from refresh_runs",
        "-- how\nEXPLAIN (format json) select 1;",
        "summarize refresh_runs",
        "from refresh_runs limit 1 -- all of it",
        "/* a */ with x as (select 1 as a) select * from x;",
        "pivot refresh_runs on job_id in ('nightly') using sum(rows)",
        "values (1, 2)",
        "select * from refresh_runs, unnest([1]) u",
        "select 'copy (select 1) to ''x''' as text",
    ],
)
def test_every_way_of_reading(sql: str, export: Path) -> None:
    assert ask(sql, export).frame.height > 0


def test_tables_are_listed(export: Path) -> None:
    assert sorted(ask("show tables", export).frame["name"]) == ["plan_lines", "refresh_runs", "report_checks"]


def test_a_table_without_rows_has_its_columns(export: Path) -> None:
    frame = ask("select report_id, latency_seconds, day from Report_Checks", export).frame
    assert (frame.height, frame.columns) == (0, ["report_id", "latency_seconds", "day"])


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("create table x as select 1", "CREATE"),
        ("insert into refresh_runs values (1)", "INSERT"),
        ("delete from refresh_runs", "DELETE"),
        ("drop view refresh_runs", "DROP"),
        ("copy (select 1) to '{export}/x.parquet'", "COPY"),
        ("explain analyze copy (select 1) to '{export}/x.parquet'", "COPY"),
        ("explain (analyze) copy (select 1) to '{export}/x.parquet'", "COPY"),
        ("attach '{export}/x.duckdb'", "ATTACH"),
        ("install httpfs", "LOAD"),
        ("set memory_limit = '100GB'", "SET"),
        ("pragma version", "PRAGMA"),
        ("call enable_logging()", "CALL"),
        ("export database '{export}'", "EXPORT"),
    ],
)
def test_what_is_not_reading_is_refused(sql: str, kind: str, export: Path) -> None:
    before = files_below(export.parent)
    assert refusal(sql.format(export=export), export).startswith(f"Explore only reads: found {kind}, expected SELECT")
    assert files_below(export.parent) == before


@pytest.mark.parametrize(
    "sql",
    [
        "from enable_logging(storage = 'file', storage_config = {{'path': '{export}/log'}})",
        "select * from enable_profiling(format = 'json', save_location = '{export}/refresh_runs/p.json')",
        "select (select 1 from system.main.\"ENABLE_PROFILING\"(save_location = '{export}/p.json'))",
        "explain analyze from enable_profiling(save_location = '{export}/p.json')",
        "summarize from enable_profiling(save_location = '{export}/p.json')",
        "select * from query('from enable_' || 'profiling()')",
    ],
)
def test_functions_that_write_are_refused(sql: str, export: Path) -> None:
    before = files_below(export.parent)
    assert "is not available here" in refusal(sql.format(export=export), export)
    assert files_below(export.parent) == before


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_csv('{export}/../secret.csv')",
        "select * from read_parquet('/etc/passwd')",
        "from '{export}/../secret.csv'",
        "from glob('{export}/../*')",
        "from glob('/etc/*')",
        "from read_parquet('http://127.0.0.1:9/x.parquet')",
        "select * from read_text('/proc/self/environ')",
        "select * from sniff_csv('/etc/passwd')",
    ],
)
def test_other_files_are_refused(sql: str, export: Path) -> None:
    sentence = refusal(sql.format(export=export), export)
    assert sentence.startswith("Explore only reads") and sentence.endswith("use the tables listed.")


def test_files_of_the_export_can_be_read(export: Path) -> None:
    result = ask(f"select count(*) as n from read_parquet('{export}/refresh_runs/*/*.parquet')", export)
    assert result.frame["n"].to_list() == [2]


def test_more_than_one_query_is_refused(export: Path) -> None:
    assert "found 2, run each by itself" in refusal("select 1; drop table refresh_runs", export)


@pytest.mark.parametrize("sql", ["", "  ;", "-- nothing"])
def test_no_query(sql: str, export: Path) -> None:
    assert refusal(sql, export) == "There is no query yet; write a SELECT."


def test_a_pivot_needs_its_values(export: Path) -> None:
    assert "ON column IN" in refusal("pivot refresh_runs on job_id using sum(rows)", export)


def test_wrong_queries_are_answered_in_one_line(export: Path) -> None:
    assert refusal("selec 1", export) == 'Parser Error: syntax error at or near "selec"'
    sentence = refusal("select * from refresh_runz", export)
    assert sentence.startswith("Catalog Error: Table with name refresh_runz does not exist!")
    assert "\n" not in sentence


def test_variables_of_the_process_are_no_tables(export: Path) -> None:
    assert "does not exist" in refusal("from request", export)


def test_an_endless_query_is_cut_off_and_its_process_is_gone(export: Path) -> None:
    seen: list[float] = []
    during: set[int] = set()

    def on_tick(seconds: float) -> None:
        seen.append(seconds)
        during.update(children())

    with pytest.raises(ExploreError, match="stopped after 1 s"):
        run(ENDLESS, export, Limits(seconds=1, rows=10, memory="512MB"), on_tick)
    assert len(seen) >= 2 and seen == sorted(seen)
    assert during and not during & children()


def test_an_interrupted_caller_leaves_no_process(export: Path) -> None:
    during: set[int] = set()

    def leave(seconds: float) -> None:
        during.update(children())
        if during:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(ENDLESS, export, LIMITS, leave)
    assert not during & children()


def test_a_killed_caller_leaves_no_process(export: Path) -> None:
    code = f"run({ENDLESS!r}, Path({str(export)!r}), Limits(60, 1, '512MB'))"
    caller = subprocess.Popen(
        [sys.executable, "-c", f"from pathlib import Path; from store.explore import *; {code}"], cwd=ROOT
    )
    assert wait_for(lambda: children(caller.pid))
    query = children(caller.pid)
    caller.kill()
    caller.wait()
    assert wait_for(lambda: not alive(query))


def wait_for(look: Callable[[], object], seconds: float = 30) -> bool:
    until = time.monotonic() + seconds
    while not (found := look()) and time.monotonic() < until:
        os.sched_yield()
    return bool(found)


def test_too_much_memory(export: Path) -> None:
    limits = Limits(seconds=60, rows=10, memory="64MB")
    sentence = refusal("select list(range || 'x') from range(50000000)", export, limits)
    assert sentence == "The query needs more than 64MB of memory; filter or aggregate earlier."


def test_too_much_text(export: Path) -> None:
    assert "more than can be shown" in refusal("select repeat('x', 4000000) as t from range(90)", export)


def test_a_query_process_that_dies(export: Path) -> None:
    def kill(seconds: float) -> None:
        for pid in children():
            os.kill(pid, 9)

    with pytest.raises(ExploreError, match="ended without an answer"):
        run(ENDLESS, export, LIMITS, kill)


def test_without_an_export(tmp_path: Path) -> None:
    assert refusal("select 1", tmp_path / "export").startswith("There is no export yet")
    with pytest.raises(ExploreError, match="There is no export yet"):
        schema(tmp_path / "export")


def test_a_broken_manifest(export: Path) -> None:
    (export / "manifest.json").write_text("{")
    assert "python -m app export" in refusal("select 1", export)


def test_schema_names_every_column(export: Path) -> None:
    frame = schema(export)
    assert frame.columns == ["table_name", "column_name", "data_type", "rows"]
    runs = frame.filter(pl.col("table_name") == "refresh_runs")
    assert runs.select("column_name", "data_type", "rows").rows() == [
        ("job_id", "VARCHAR", 2),
        ("rows", "BIGINT", 2),
        ("ended_at", "TIMESTAMP", 2),
        ("message", "VARCHAR", 2),
        ("day", "DATE", 2),
    ]
    assert frame.filter(pl.col("table_name") == "plan_lines").rows() == [
        ("plan_lines", "service_name", "VARCHAR", 1),
        ("plan_lines", "planned_cost", "DECIMAL(18,6)", 1),
    ]
    checks = frame.filter(pl.col("table_name") == "report_checks")
    assert ("report_checks", "report_id", "VARCHAR", 0) in checks.rows()
