"""Statements with parameters on real sources of every kind: SQLite, PostgreSQL, DuckDB, CSV and Parquet."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from collectors.asking import ask_source
from collectors.base import SourceError
from store.connection import open_store
from store.errors import StatementError
from store.parameters import Bound
from store.settings import Settings
from tests.postgres import cluster, programs

SCHEMA = """
create table orders (day date, sold_at timestamp, country varchar(20), tier int, amount decimal(9, 2));
insert into orders values
    ('2026-11-01', '2026-11-01 23:30:00', 'it''s :here', 1, 10), ('2026-11-02', '2026-11-02 00:30:00', 'DE', 2, 20.5);
"""
DAY = date(2026, 11, 2)


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    found = programs()
    if found is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    from sqlalchemy import create_engine

    with cluster(found) as url:
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.exec_driver_sql(SCHEMA)
            connection.exec_driver_sql("create type mood as enum ('glad', 'sad')")
            connection.exec_driver_sql("alter role shewhart set timezone to 'Asia/Tokyo'")
        engine.dispose()
        yield url


@pytest.fixture(params=["sqlite", "postgres", "duckdb", "csv", "parquet"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The same two orders in each kind of source; the table is `orders`, the view of files `source`."""
    kind = request.param
    if kind == "postgres":
        return str(request.getfixturevalue("postgres"))
    if kind == "sqlite":
        with closing(sqlite3.connect(tmp_path / "shop.sqlite")) as shop:
            shop.executescript(SCHEMA)
        return "sqlite:///shop.sqlite"
    warehouse = open_store(f"duckdb:{tmp_path / 'shop.duckdb'}", tmp_path)
    for statement in SCHEMA.strip().removesuffix(";").split(";\n"):
        warehouse.execute(statement)
    frame = warehouse.fetch("select * from orders")
    warehouse.close()
    if kind == "duckdb":
        return "duckdb:shop.duckdb"
    frame.write_csv(tmp_path / "shop.csv") if kind == "csv" else frame.write_parquet(tmp_path / "shop.parquet")
    return f"shop.{kind}"


def ask(folder: Path, source: str, condition: str, **given: Bound) -> float:
    table = "source" if source.endswith(("csv", "parquet")) else "orders"
    sql = f"select sum(amount) as value from {table} where {condition}"
    result = ask_source(source, sql, Settings(home=folder, estate=folder), 10, 10, given)
    return float(str(result.rows[0][0]))


@pytest.mark.parametrize(
    ("condition", "given", "expected"),
    [
        ("day = :day", {"day": DAY}, 20.5),
        ("day = :day", {"day": "2026-11-02"}, 20.5),
        ("sold_at < :as_of", {"as_of": datetime(2026, 11, 2)}, 10),
        ("sold_at <= :as_of and day < :day -- :not_this 100 % \n", {"as_of": datetime(2026, 11, 3), "day": DAY}, 10),
        ("sold_at >= :as_of and country <> 'a;b'", {"as_of": datetime(2026, 11, 1, 23, 30)}, 30.5),
        ("country = :country", {"country": "it's :here"}, 10),
        ("country = 'it''s :here' and tier = :tier", {"tier": "1"}, 10),
        ("country <> ':x' and country like '%E' /* :y */ and tier = :tier", {"tier": "2"}, 20.5),
        ("country = :c or country = :c", {"c": "DE"}, 20.5),
        ("country like '%'", {}, 30.5),
    ],
)
def test_values_reach_every_kind_of_source(
    source: str, tmp_path: Path, condition: str, given: dict[str, Bound], expected: float
) -> None:
    assert ask(tmp_path, source, condition, **given) == expected


def test_a_value_stays_a_value(source: str, tmp_path: Path) -> None:
    nasty = "' or 1 = 1; drop table orders; -- :x \\: %s $1 ?"
    assert ask(tmp_path, source, "country <> :country", country=nasty) == 30.5


def test_casts_and_slices_and_percents_are_no_parameters(postgres: str, duckdb_file: str, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, estate=tmp_path)
    sql = r"""
        select :day::date - '2026-11-01'::date as days, (array[7, 8, 9])[2:3] as cut, '%s \:x :y' as text, 7 % 4 as rest
    """
    found = ask_source(postgres, sql, settings, 10, 10, {"day": "2026-11-02"})
    assert list(found.rows) == [(1, [8, 9], r"%s \:x :y", 3)]
    sql = sql.replace("array[7, 8, 9]", "[7, 8, 9]")
    found = ask_source(duckdb_file, sql, settings, 10, 10, {"day": "2026-11-02"})
    assert list(found.rows) == [(1, [8, 9], r"%s \:x :y", 3)]


@pytest.fixture
def duckdb_file(tmp_path: Path) -> str:
    open_store(f"duckdb:{tmp_path / 'empty.duckdb'}", tmp_path).close()
    return "duckdb:empty.duckdb"


def test_a_text_compares_with_an_enum_of_postgresql(postgres: str, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, estate=tmp_path)
    found = ask_source(postgres, "select 1 as value where 'sad'::mood = :mood", settings, 10, 10, {"mood": "sad"})
    assert list(found.rows) == [(1,)]


def test_measures_are_asked_in_utc_and_statements_without_them_as_before(postgres: str, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, estate=tmp_path)
    zone = "select current_setting('TimeZone') as zone"
    assert list(ask_source(postgres, zone, settings, 10, 10, {}).rows) == [("UTC",)]
    assert list(ask_source(postgres, zone, settings, 10, 10).rows) == [("Asia/Tokyo",)]
    moment = "select 1 as value where timestamptz '2026-11-01 01:00:00+01' = :as_of"
    assert list(ask_source(postgres, moment, settings, 10, 10, {"as_of": datetime(2026, 11, 1)}).rows) == [(1,)]


def test_nothing_is_written_by_a_statement_with_parameters(source: str, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, estate=tmp_path)
    for sql in ("delete from orders where day = :day", "select '--' as a; delete from orders where day = :day"):
        with pytest.raises((SourceError, StatementError), match="expected one SELECT"):
            ask_source(source, sql, settings, 10, 10, {"day": DAY})
    assert ask(tmp_path, source, "tier > 0") == 30.5


def test_too_many_rows_and_long_statements_are_cut_off(postgres: str, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, estate=tmp_path)
    with pytest.raises(SourceError, match="more than 1 rows"):
        ask_source(postgres, "select * from orders where day <= :day", settings, 10, 1, {"day": DAY})
    with pytest.raises(SourceError, match=r"longer than 0\.3 s"):
        ask_source(postgres, "select pg_sleep(60), :day", settings, 0.3, 1, {"day": DAY})


def test_files_are_found_by_glob_and_missing_ones_are_told(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, estate=tmp_path)
    for name, amount in (("a", 1), ("b", 2)):
        pl.DataFrame({"country": [name], "amount": [amount]}).write_parquet(tmp_path / f"{name}.parquet")
    assert ask(tmp_path, "*.parquet", "country >= :from_country", from_country="a") == 3
    with pytest.raises(SourceError, match=r"later\.csv does not exist yet"):
        ask_source("later.csv", "select 1", settings, 1, 1, {})
    with pytest.raises(SourceError, match=r"postgres//u:\*\*\*@h/d does not exist"):
        ask_source("postgres//u:p4ss@h/d", "select 1", settings, 1, 1, {})


@pytest.mark.parametrize(
    "found", ["timestamp 'infinity'", "date '-infinity'", "timestamptz 'infinity'", "date '20000-01-01'"]
)
def test_a_time_that_python_cannot_hold_is_a_sentence(duckdb_file: str, tmp_path: Path, found: str) -> None:
    settings = Settings(home=tmp_path, estate=tmp_path)
    sql = f"select * from (values (null), ({found})) as rows (day)"
    with pytest.raises(SourceError, match=r"Column day has a time outside the years 1 to 9999 in row 2, such as inf"):
        ask_source(duckdb_file, sql, settings, 10, 10)
