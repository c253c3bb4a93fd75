"""A statement of somebody else's reads the files it was given and nothing else, within its limits."""

from __future__ import annotations

import gzip
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from store.connection import open_store
from store.errors import StatementError
from store.files import query_duckdb, query_file
from store.settings import ROOT


@pytest.fixture
def sales(tmp_path: Path) -> Path:
    path = tmp_path / "it's sales.csv"
    path.write_text("day,amount\n2026-11-01,10\n2026-11-02,20.5\n")
    (tmp_path / "secret.csv").write_text("key\nabc\n")
    return path


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse.duckdb"
    store = open_store(f"duckdb:{path}", tmp_path)
    store.execute("create table orders as select 7 as amount; create schema mart; create table mart.t as select 8 as a")
    store.close()
    return path


def test_csv_gzip_and_parquet_are_read_as_source(sales: Path, tmp_path: Path) -> None:
    zipped, columnar = tmp_path / "sales.csv.gz", tmp_path / "sales.parquet"
    zipped.write_bytes(gzip.compress(sales.read_bytes()))
    pl.read_csv(sales, try_parse_dates=True).write_parquet(columnar)
    for path in (sales, zipped, columnar):
        assert query_file(path, "select sum(amount) as value from source").item() == 30.5


def test_many_files_are_one_source(tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.csv" for name in "abc"]
    for path in paths:
        path.write_text("x\n1\n")
    assert query_file(paths, "select sum(x) as value from source -- all").item() == 3


def test_variables_of_this_process_are_out_of_reach(sales: Path) -> None:
    setting = query_file(sales, "select current_setting('python_enable_replacements') as reachable")
    assert setting.item() is False


def test_times_are_utc(sales: Path) -> None:
    assert query_file(sales, "select current_setting('TimeZone') as zone").item() == "UTC"


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("insert into source values (1, 2)", "The statement is INSERT, expected one SELECT."),
        ("copy source to 'out.csv'", "The statement is COPY, expected one SELECT."),
        ("attach 'other.duckdb'", "The statement is ATTACH, expected one SELECT."),
        ("select 1; select 2", "expected one SELECT"),
        ("", "The statement is nothing, expected one SELECT."),
        ("selct 1", "syntax error"),
        ("select * from '{folder}/secret.csv'", "file system operations are disabled"),
        ("select * from read_text('{folder}/secret.csv')", "file system operations are disabled"),
        ("select * from glob('{folder}/*')", "file system operations are disabled"),
        ("select missing from source", "missing"),
    ],
)
def test_what_is_not_one_select_of_the_source_is_refused(sales: Path, warehouse: Path, sql: str, said: str) -> None:
    statement = sql.replace("{folder}", str(sales.parent))
    for ask, path in ((query_file, sales), (query_duckdb, warehouse)):
        with pytest.raises(StatementError, match=said if ask is query_file else None):
            ask(path, statement)
    assert sorted(path.suffix for path in sales.parent.iterdir()) == [".csv", ".csv", ".duckdb"]


def test_a_long_statement_is_cut_off(sales: Path) -> None:
    endless = "select count(*) from range(1000000000000) r(i) where hash(i) % 7 = 1"
    with pytest.raises(StatementError, match=r"longer than 0.2 s and was cut off"):
        query_file(sales, endless, seconds=0.2)


def test_too_many_rows_are_refused(sales: Path) -> None:
    with pytest.raises(StatementError, match="more than 1 rows"):
        query_file(sales, "select * from source", max_rows=1)


def test_a_duckdb_file_is_read_and_cannot_be_written(warehouse: Path) -> None:
    assert query_duckdb(warehouse, "select amount from orders").item() == 7
    assert query_duckdb(warehouse, "select a from mart.t").item() == 8
    attached = "select readonly from duckdb_databases() where database_name = 'source'"
    assert query_duckdb(warehouse, attached).item() is True
    with pytest.raises(StatementError, match="DELETE"):
        query_duckdb(warehouse, "delete from orders")


def test_a_duckdb_file_that_another_process_writes_is_told_as_such(warehouse: Path) -> None:
    opens = f"from store.connection import open_store; s = open_store('duckdb:{warehouse}', None)"
    program = f"{opens}; print(1, flush=True); input()"
    writer = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert writer.stdout is not None
    writer.stdout.readline()
    with pytest.raises(StatementError, match="is being written by another process"):
        query_duckdb(warehouse, "select 1")
    writer.communicate(b"\n")
    assert query_duckdb(warehouse, "select 1 as one").item() == 1


def test_files_that_are_none_or_of_no_known_kind_are_told(sales: Path, tmp_path: Path) -> None:
    with pytest.raises(StatementError, match="does not exist"):
        query_duckdb(tmp_path / "none.duckdb", "select 1")
    with pytest.raises(StatementError, match="not a valid DuckDB"):
        query_duckdb(sales, "select 1")
    with pytest.raises(StatementError, match="expected files of one kind"):
        query_file([sales, tmp_path / "x.parquet"], "select 1")


def test_parameters_are_bound_in_files_and_in_duckdb_files(sales: Path, warehouse: Path, tmp_path: Path) -> None:
    columnar = tmp_path / "sales.parquet"
    pl.read_csv(sales, try_parse_dates=True).write_parquet(columnar)
    sql = "select sum(amount) as value from source where day = :day and ':day' <> :text -- :none"
    for path in (sales, columnar):
        for day in (date(2026, 11, 2), datetime(2026, 11, 2), "2026-11-02"):
            found = query_file(path, sql, parameters={"day": day, "text": "it's; drop table source --"})
            assert found.item() == 20.5
    assert query_duckdb(warehouse, "select amount + :more::int as v from orders", parameters={"more": "3"}).item() == 10


def test_a_parameter_that_is_not_given_and_a_second_statement_are_told(sales: Path) -> None:
    with pytest.raises(StatementError, match="parameters: other"):
        query_file(sales, "select :day, :other", parameters={"day": "x"})
    with pytest.raises(StatementError, match="expected one SELECT"):
        query_file(sales, "select :day; drop table x", parameters={"day": "x"})
    with pytest.raises(StatementError, match="more than 1 rows"):
        query_file(sales, "select * from source where day >= :day", max_rows=1, parameters={"day": "2026-11-01"})
