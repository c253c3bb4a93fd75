"""Key data points from databases and files: what is taken, what is refused, and that one bad metric stops no other."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from collectors.base import SourceError, Yield
from collectors.points import Result, read_points
from collectors.sources.data_points import collect
from store.connection import Store, open_store
from store.rows import DataPoint
from tests.collectors.support import NOW, context, deliver, problems, rows

DAILY = "select day as observed_at, amount as value from source order by day"


def metric(name: str, source: str, sql: str) -> dict[str, str]:
    return {"id": name, "title": name, "source": source, "sql": sql, "subsystem": "s"}


def values(found: Iterable[Yield]) -> dict[str, list[float]]:
    taken: dict[str, list[float]] = {}
    for row in rows(found):
        assert isinstance(row, DataPoint)
        taken.setdefault(row.metric_id, []).append(row.value)
    return taken


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sales.csv").write_text("day,amount\n2026-11-01,10\n2026-11-02,20.5\n")
    (tmp_path / "var" / "export").mkdir(parents=True)
    pl.DataFrame({"rows": [4, 5]}).write_parquet(tmp_path / "var" / "export" / "batches.parquet")
    (tmp_path / "var" / "export" / "manifest.json").write_text("{}")
    warehouse = open_store(f"duckdb:{tmp_path / 'warehouse.duckdb'}", tmp_path)
    warehouse.execute(
        "create table orders as select timestamptz '2026-11-01 02:00:00+02' as t, 3::decimal(9,2) as v, 7 as n"
    )
    warehouse.close()
    with closing(sqlite3.connect(tmp_path / "shop.sqlite")) as shop:
        shop.executescript(
            "create table orders (at text, amount real); insert into orders values ('2026-11-01T00:00:00Z', 42)"
        )
    return tmp_path


def test_every_kind_of_source_gives_points(folder: Path) -> None:
    metrics = [
        metric("csv", "sales.csv", DAILY),
        metric("glob", f"{folder}/sal*.csv", "select sum(amount) as value from source"),
        metric("export", "{export}/batches.parquet", "select sum(rows) as value from source"),
        metric("duckdb", "duckdb:warehouse.duckdb", "select t as observed_at, v as value, n as size from orders"),
        metric("sqlite", "sqlite:///shop.sqlite", "select at as observed_at, amount as value from orders"),
        metric("now", "sqlite:///shop.sqlite", "select count(*) as VALUE from orders -- 100 % : done"),
    ]
    found = list(collect(context(folder, metrics=metrics)))
    assert problems(found) == []
    points = {row.metric_id: row for row in rows(found) if isinstance(row, DataPoint)}
    assert values(found) == {
        "csv": [10, 20.5], "glob": [30.5], "export": [9], "duckdb": [3], "sqlite": [42], "now": [1],
    }  # fmt: skip
    midnight = datetime(2026, 11, 1)
    assert points["duckdb"] == DataPoint("duckdb", midnight, NOW, 3.0, 7.0)
    assert points["sqlite"].observed_at == midnight
    assert points["now"].observed_at == NOW


def test_only_new_and_corrected_points_are_stored_and_the_newest_stays_the_latest(folder: Path, store: Store) -> None:
    metrics = [metric("csv", "sales.csv", DAILY)]

    def minute(number: int) -> int:
        return deliver(store, folder, collect(context(folder, NOW + timedelta(minutes=number), metrics=metrics)))

    def export(first: int) -> None:
        (folder / "sales.csv").write_text(f"day,amount\n2026-11-01,{first}\n2026-11-02,20.5\n")

    counts = [minute(0), minute(1)]
    for number, first in enumerate((11, 10, 11), start=2):
        export(first)
        counts.append(minute(number))
    assert counts == [2, 0, 2, 2, 2]
    current = store.fetch("select value from current_data_points order by observed_at")["value"].to_list()
    assert current == [11, 20.5]
    assert store.fetch("select value from latest_data_points").item() == 20.5


def test_lost_notes_neither_double_nor_lose_a_point(folder: Path, store: Store) -> None:
    for number in range(2):
        ctx = context(folder, NOW + timedelta(minutes=number), metrics=[metric("csv", "sales.csv", DAILY)])
        deliver(store, folder, collect(ctx))
        ctx.state.write_text("not json")
    assert store.fetch("select value from current_data_points order by observed_at")["value"].to_list() == [10, 20.5]


BAD = {
    "missing": ("later.csv", "select 1 as value", "later.csv does not exist yet"),
    "no-file": ("sqlite:///later.sqlite", "select 1 as value", "later.sqlite does not exist"),
    "no-duckdb": ("duckdb:later.duckdb", "select 1 as value", "later.duckdb does not exist"),
    "shape": ("sales.csv", "select day, amount from source", "returned day, amount, expected one row"),
    "untimed": ("sales.csv", "select amount as value from source", "returned 2 rows without `observed_at`"),
    "twice": ("sales.csv", "select date '2026-11-01' as observed_at, 1 as value from source", "returned two rows for"),
    "text": ("sales.csv", "select 'ten' as value", "returned value 'ten', expected a number"),
    "writes": ("duckdb:warehouse.duckdb", "drop table orders", "The statement is DROP, expected one SELECT."),
    "writes-url": ("sqlite:///shop.sqlite", "delete from orders", "the statement is `delete`, expected one SELECT"),
    "two": ("sqlite:///shop.sqlite", "select 1 as value; drop table orders", "more than one statement"),
    "hides": (
        "sqlite:///shop.sqlite",
        "with x as (select 1) insert into orders select 'now', 1 from x",
        "metric hides: attempt to write a readonly database.",
    ),
    "reads": ("sales.csv", "select key as value from '{folder}/secret.csv'", "file system operations are disabled"),
    "driver": ("oracle+cx://u:p4ss@h/d", "select 1 as value", "metric driver: "),
    "password": ("postgres//u:p4ss@h/d", "select 1 as value", "metric password: postgres//u:***@h/d does not"),
    "url": ("://u:p4ss@h/d", "select 1 as value", "the source is not a database URL"),
    "slow": (
        "sqlite:///shop.sqlite",
        "with recursive r(i) as (select 1 union all select i + 1 from r) select count(*) as value from r",
        "the statement took longer than 0.5 s and was cut off",
    ),
}


def test_bad_metrics_are_told_one_by_one_and_the_good_one_goes_on(folder: Path) -> None:
    (folder / "secret.csv").write_text("key\n1\n")
    metrics = [metric(n, source, sql.replace("{folder}", str(folder))) for n, (source, sql, _) in BAD.items()]
    found = list(collect(context(folder, metrics=[*metrics, metric("good", "sales.csv", DAILY)]), seconds=0.5))
    assert values(found) == {"good": [10, 20.5]}
    said = {text.split(maxsplit=2)[1].rstrip(":"): text for text in problems(found)}
    assert {name: expected in said[name] for name, (_, _, expected) in BAD.items()} == dict.fromkeys(BAD, True), said
    assert not [text for text in said.values() if "\n" in text or "p4ss" in text]
    with closing(sqlite3.connect(folder / "shop.sqlite")) as shop:
        assert shop.execute("select count(*) from orders").fetchone() == (1,)
    assert not (folder / "later.sqlite").exists()


def test_rows_without_a_value_are_left_out_and_told(folder: Path) -> None:
    (folder / "sales.csv").write_text("day,amount\n2026-11-01,\n2026-11-02,nan\n2026-11-03,1\n")
    found = list(collect(context(folder, metrics=[metric("csv", "sales.csv", DAILY)])))
    assert values(found) == {"csv": [1]}
    assert problems(found) == ["metric csv returned 2 rows without a value; they were left out."]


@pytest.mark.parametrize("found", [date(2026, 11, 1), "2026-11-01", "2026-11-01T02:00:00+02:00", datetime(2026, 11, 1)])
def test_times_of_every_database_become_utc(found: Any) -> None:
    points, _ = read_points("m", Result(["observed_at", "value"], [(found, Decimal("1.5"))]), NOW)
    assert points == [DataPoint("m", datetime(2026, 11, 1), NOW, 1.5)]


@pytest.mark.parametrize(("at", "value"), [("noon", 1), (7, 1), (None, 1), ("2026-11-01", True)])
def test_what_is_no_time_or_number_names_the_metric(at: Any, value: Any) -> None:
    with pytest.raises(SourceError, match="metric m returned"):
        read_points("m", Result(["observed_at", "value"], [(at, value)]), NOW)


@pytest.mark.parametrize("at", [datetime(9999, 12, 31), date(1, 1, 1), "2037-01-01"])
def test_an_open_end_is_no_time_of_a_value(at: Any) -> None:
    with pytest.raises(
        SourceError, match=r"metric m returned observed_at .*, expected a time from 1900 to 2036; leave"
    ):
        read_points("m", Result(["observed_at", "value"], [(at, 1)]), NOW)


def test_a_forecast_a_year_ahead_is_a_point() -> None:
    assert len(read_points("m", Result(["observed_at", "value"], [("2027-12-31", 1)]), NOW)[0]) == 1
