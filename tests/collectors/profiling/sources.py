"""One small table in every kind of source, changes to it, and what a profile of it gives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import polars as pl
import pytest
import sqlalchemy
from sqlalchemy import text

from collectors.sources.table_profiles import collect
from config.quality import profile_metric_id
from store.connection import open_store
from store.rows import DataPoint
from tests.collectors.support import NOW, context, problems, rows

ROWS = [
    (
        number if number < 12 else None,
        number / 2,
        {0: "IT", 1: "DE", 2: "IT"}[number % 3] if number > 1 else "FR",
        number % 4 == 0,
        date(2026, 11, number),
    )
    for number in range(1, 13)
]
CREATE = "create table {name} (amount integer, share double precision, country varchar(9), is_open boolean, day date)"


def measured(folder: Path, source: str, now: datetime = NOW, **parts: Any) -> dict[tuple[str, str, str], float]:
    """What a profile of `source` gives, by table, column and measure."""
    profile = {"id": "p", "source": source, "subsystem": "s", **parts}
    found = list(collect(context(folder, now, profiles=[profile])))
    assert problems(found) == []
    points = [row for row in rows(found) if isinstance(row, DataPoint)]
    assert {(point.observed_at, point.collected_at) for point in points} <= {(now, now)}
    return {key(point.metric_id): point.value for point in points}


def key(metric_id: str) -> tuple[str, str, str]:
    _, table, column, measure = metric_id.split("/")
    found = unquote(table), unquote(column), measure
    assert profile_metric_id("p", *found) == metric_id
    return found


def of(table: str, found: dict[tuple[str, str, str], float]) -> dict[tuple[str, str], float]:
    return {(column, measure): value for (name, column, measure), value in found.items() if name == table}


Change = Callable[[str], None]


def run_sql(url: str, *statements: str, **values: Any) -> None:
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement), values)
    engine.dispose()


def _fill(url: str, name: str) -> None:
    names = ["amount", "share", "country", "is_open", "day"]
    run_sql(url, CREATE.format(name=name))
    for row in ROWS:
        into = f"insert into {name} values ({', '.join(f':{one}' for one in names)})"
        run_sql(url, into, **dict(zip(names, row, strict=True)))


def _in_postgres(folder: Path, request: pytest.FixtureRequest) -> tuple[str, str, Change]:
    url = request.getfixturevalue("postgres")
    run_sql(url, "drop schema if exists sales cascade", "create schema sales")
    _fill(url, "sales.orders")
    return url, "sales.orders", lambda change: run_sql(url, change.format(name="sales.orders"))


def _in_sqlite(folder: Path, request: pytest.FixtureRequest) -> tuple[str, str, Change]:
    url = f"sqlite:///{folder / 'shop.sqlite'}"
    _fill(url, "orders")
    return "sqlite:///shop.sqlite", "orders", lambda change: run_sql(url, change.format(name="orders"))


def run_duckdb(folder: Path, *statements: str) -> None:
    store = open_store(f"duckdb:{folder / 'shop.duckdb'}", folder)
    for statement in statements:
        store.execute(statement)
    store.close()


def _in_duckdb(folder: Path, request: pytest.FixtureRequest) -> tuple[str, str, Change]:
    values = ", ".join(
        f"({'null' if amount is None else amount}, {share}, '{country}', {is_open}, '{day}')"
        for amount, share, country, is_open, day in ROWS
    )
    run_duckdb(folder, CREATE.format(name="orders"), f"insert into orders values {values}")
    return "duckdb:shop.duckdb", "main.orders", lambda change: run_duckdb(folder, change.format(name="orders"))


def _in_file(kind: str) -> Callable[[Path, pytest.FixtureRequest], tuple[str, str, Change]]:
    def make(folder: Path, request: pytest.FixtureRequest) -> tuple[str, str, Change]:
        def write(frame: pl.DataFrame) -> None:
            (folder / "in").mkdir(exist_ok=True)
            path = folder / "in" / f"orders.{kind}"
            frame.write_csv(path) if kind == "csv" else frame.write_parquet(path)

        frame = pl.DataFrame(ROWS, schema=["amount", "share", "country", "is_open", "day"], orient="row")
        write(frame)

        def change(sql: str) -> None:
            assert sql in (SHIFT, LOSE)
            nonlocal frame
            country = pl.when(pl.col("country") != "DE").then(pl.col("country"))
            frame = frame.with_columns(pl.col("amount") + 5 if sql == SHIFT else country)
            write(frame)

        return f"in/*.{kind}", f"orders.{kind}", change

    return make


SHIFT = "update {name} set amount = amount + 5"
LOSE = "update {name} set country = null where country = 'DE'"
KINDS = {
    "postgresql": _in_postgres, "sqlite": _in_sqlite, "duckdb": _in_duckdb,
    "csv": _in_file("csv"), "parquet": _in_file("parquet"),
}  # fmt: skip
