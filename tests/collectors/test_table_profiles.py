"""Tables of a whole source from round to round: what is due, what is told, and that one bad table stops no other."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import orjson
import pytest

from collectors.base import Yield
from collectors.sources.table_profiles import collect
from store.connection import Store, open_store
from store.rows import DataPoint
from tests.collectors.support import NOW, context, deliver, problems, rows

HOUR = timedelta(hours=1)
SHOP = "sqlite:///shop.sqlite"
MANY = "with recursive r(i) as (select 1 union all select i + 1 from r where i < {n})"
GONE = "profile p: table lines is gone; bring it back, or name it in leave_out if it is meant to be."


def shop(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / "shop.sqlite")) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def profile(source: str = SHOP, **parts: Any) -> dict[str, Any]:
    return {"id": "p", "source": source, "subsystem": "s", **parts}


def run(folder: Path, at: datetime = NOW, seams: dict[str, float] | None = None, **parts: Any) -> list[Yield]:
    return list(collect(context(folder, at, profiles=[profile(**parts)]), **(seams or {})))


def values(found: list[Yield]) -> dict[str, float]:
    """By `table/column/measure`."""
    points = [row for row in rows(found) if isinstance(row, DataPoint)]
    return {unquote(point.metric_id.partition("/")[2]): point.value for point in points}


def tables(found: list[Yield]) -> list[str]:
    return sorted(name.partition("/")[0] for name in values(found) if name.endswith("//rows"))


def memory(folder: Path, table: str) -> Any:
    found = [orjson.loads(path.read_bytes()) for path in (folder / "state" / "notes" / "p").glob("*.json")]
    return next(one for one in found if one["table"] == table)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shop(tmp_path, "create table orders (id integer, country text)", "create table lines (id integer)")
    shop(tmp_path, f"insert into orders {MANY.format(n=20)} select i, 'IT' from r")
    return tmp_path


def test_a_profile_is_due_at_its_own_step_and_not_in_between(folder: Path, store: Store) -> None:
    minutes = [0, 1, 59, 60, 61, 119, 121, 179, 180]
    counts = [deliver(store, folder, run(folder, NOW + timedelta(minutes=one))) for one in minutes]
    assert [count > 0 for count in counts] == [True, False, False, True, False, False, True, False, True]
    newest = store.fetch("select max(observed_at) from latest_data_points where metric_id = 'table:p/orders//rows'")
    assert newest.item() == NOW + timedelta(minutes=180)


def test_an_empty_table_has_rows_and_distinct_values_and_no_share_of_nothing(folder: Path) -> None:
    found = values(run(folder))
    assert {name: value for name, value in found.items() if name.startswith("lines/")} == {
        "lines//rows": 0, "lines//schema": 0, "lines/id/distinct": 0,
    }  # fmt: skip


def test_a_column_of_nothing_but_nulls_has_no_ends_and_is_far_from_what_it_was(folder: Path) -> None:
    run(folder)
    shop(folder, "update orders set id = null, country = null")
    found = values(run(folder, NOW + HOUR))
    assert (found["orders/id/nulls"], found["orders/country/nulls"]) == (1, 1)
    assert found["orders/id/psi"] > 5 < found["orders/country/psi"]
    assert not [
        name for name in found if name in {"orders/id/least", "orders/id/most", "orders/id/mean", "orders/id/ks"}
    ]


def test_a_reference_waits_until_there_are_values_enough(folder: Path) -> None:
    run(folder)
    shop(folder, f"insert into lines {MANY.format(n=9)} select i from r", "insert into lines values (null), (null)")
    run(folder, NOW + HOUR / 2, every_seconds=60)
    assert "lines/id/psi" not in values(run(folder, NOW + HOUR))
    shop(folder, "insert into lines values (10)")
    assert "lines/id/psi" not in values(run(folder, NOW + 2 * HOUR))  # it is learned now
    assert values(run(folder, NOW + 3 * HOUR))["lines/id/psi"] == 0


def test_a_text_whose_values_are_all_different_has_no_distance(folder: Path) -> None:
    shop(folder, "update orders set country = 'c' || id")
    run(folder)
    found = values(run(folder, NOW + HOUR))
    assert "orders/country/psi" not in found
    assert found["orders/country/distinct"] == 20


def test_columns_that_come_go_or_change_are_counted_against_the_first_and_noted(folder: Path) -> None:
    assert values(run(folder))["orders//schema"] == 0
    shop(folder, "alter table orders add column note text", "alter table orders drop column country")
    found = values(run(folder, NOW + HOUR))
    assert found["orders//schema"] == 2
    assert "orders/country/nulls" not in found
    assert found["orders/note/nulls"] == 1
    shop(
        folder,
        "create table other (id text not null, country text)",
        "drop table orders",
        "alter table other rename to orders",
        f"insert into orders {MANY.format(n=20)} select 'a', 'IT' from r",
    )
    found = values(run(folder, NOW + 2 * HOUR))
    assert found["orders//schema"] == 1
    assert "orders/id/psi" not in found  # the numbers that it had are nothing to compare a text with
    assert found["orders/country/psi"] == 0
    assert [change["against_the_first"] for change in memory(folder, "orders")["changes"]] == [
        ["added note (TEXT)", "removed country (TEXT)"], ["id was INTEGER, is TEXT not null"],
    ]  # fmt: skip
    assert values(run(folder, NOW + 3 * HOUR))["orders/id/psi"] == 0
    assert len(memory(folder, "orders")["changes"]) == 2


def test_a_table_that_vanishes_is_told_in_every_run_until_it_is_back_or_left_out(folder: Path) -> None:
    assert problems(run(folder)) == []
    shop(folder, "drop table lines")
    found = run(folder, NOW + HOUR)
    assert (tables(found), problems(found)) == (["orders"], [GONE])
    between = run(folder, NOW + HOUR + timedelta(minutes=1))
    assert (rows(between), problems(between)) == ([], [GONE])
    assert problems(run(folder, NOW + 2 * HOUR)) == [GONE]
    assert problems(run(folder, NOW + 3 * HOUR, leave_out=["lines"])) == []
    assert problems(run(folder, NOW + 4 * HOUR)) == []
    shop(folder, "create table lines (id integer)")
    assert tables(run(folder, NOW + 5 * HOUR)) == ["lines", "orders"]


def test_what_the_estate_leaves_out_is_neither_asked_nor_missed(folder: Path) -> None:
    found = run(folder, tables=["ord*"], leave_out_columns=["country"])
    assert {name.rpartition("/")[0] for name in values(found)} == {"orders/", "orders/id"}
    assert problems(run(folder, NOW + HOUR, tables=["lines"])) == []
    assert values(run(folder, NOW + 2 * HOUR))["orders//schema"] == 1  # it has a column more than at first


def test_a_source_that_is_away_is_told_at_once_and_asked_again_the_next_minute(folder: Path) -> None:
    run(folder)
    (folder / "shop.sqlite").rename(folder / "away")
    (said,) = problems(run(folder, NOW + HOUR))
    assert said == f"profile p: {folder / 'shop.sqlite'} does not exist, expected a SQLite file."
    (folder / "away").rename(folder / "shop.sqlite")
    found = run(folder, NOW + HOUR + timedelta(minutes=1))
    assert (tables(found), problems(found)) == (["lines", "orders"], [])


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("duckdb:later.duckdb", "later.duckdb does not exist, expected a DuckDB file."),
        ("duckdb:later/*.duckdb", "later/*.duckdb does not exist yet, expected a file with tables."),
        ("later/*.csv", "later/*.csv does not exist yet, expected a file with tables."),
        ("postgres//u:p4ss@h/d", "postgres//u:***@h/d does not exist yet"),
        ("oracle+cx://u:p4ss@h/d", "Can't load plugin"),
        ("postgresql+psycopg://u:p4ss@127.0.0.1:1/d", "onnection refused"),
        ("sqlite:///empty.sqlite", "the source has no table that this account can see."),
    ],
)
def test_a_source_that_cannot_be_listed_is_one_sentence_without_a_password(
    folder: Path, source: str, said: str
) -> None:
    (folder / "empty.sqlite").touch()
    (found,) = problems(run(folder, source=source))
    assert found.startswith("profile p: ")
    assert said in found
    assert "p4ss" not in found
    assert "p4ss" not in (folder / "state" / "notes.json").read_text()


def test_patterns_that_want_no_table_are_told(folder: Path) -> None:
    assert problems(run(folder, tables=["sales.*"])) == [
        "profile p: found 2 tables, none of which is wanted; correct `tables` and `leave_out`."
    ]


def test_one_bad_table_is_told_and_stops_no_other(folder: Path) -> None:
    (folder / "good.csv").write_text("a,b\n1,2\n")
    (folder / "bad.parquet").write_text("this is no parquet")
    (folder / "empty.csv").touch()
    found = run(folder, source=".")
    assert "good.csv" in tables(found)
    said = [text for text in problems(found) if "bad.parquet" in text]
    assert len(said) == 1
    assert said[0].startswith("profile p: table bad.parquet: ")
    assert "\n" not in said[0]


def test_a_duckdb_file_that_cannot_be_read_hides_no_other_and_its_tables_are_not_called_gone(folder: Path) -> None:
    for name in ("a", "b"):
        made = open_store(f"duckdb:{folder / f'{name}.duckdb'}", folder)
        made.execute("create table t as select 1 as n")
        made.close()
    assert tables(run(folder, source="duckdb:*.duckdb")) == ["a.duckdb", "b.duckdb"]
    (folder / "a.duckdb").write_text("this is no database")
    found = run(folder, NOW + HOUR, source="duckdb:*.duckdb")
    assert [name for name in values(found) if name.endswith("/rows")] == ["b.duckdb/main.t//rows"]
    (said,) = problems(found)
    assert "a.duckdb" in said and "gone" not in said


def test_a_table_that_takes_too_long_is_cut_off_and_the_others_go_on(folder: Path) -> None:
    shop(folder, f"insert into lines {MANY.format(n=2_000_000)} select i from r")
    found = run(folder, seams={"seconds": 0.05}, most_rows=10_000_000)
    assert problems(found) == ["profile p: table lines: the statement took longer than 0.05 s and was cut off."]
    assert tables(found) == ["orders"]


def test_two_hundred_tables_are_one_line_of_the_estate(folder: Path) -> None:
    for number in range(198):
        shop(folder, f"create table t{number} (n integer)", f"insert into t{number} values ({number})")
    found = run(folder)
    assert len(tables(found)) == 200
    assert values(found)["t197/n/mean"] == 197
    assert problems(found) == []


def test_more_tables_than_wanted_are_cut_by_name_and_told(folder: Path) -> None:
    found = run(folder, most_tables=1)
    assert tables(found) == ["lines"]
    assert problems(found) == [
        "profile p: found 2 tables, of which the first 1 by name are profiled; narrow `tables` or raise most_tables."
    ]


def test_a_run_that_is_too_old_leaves_its_tables_to_the_next_one(folder: Path) -> None:
    assert rows(run(folder, seams={"begin_seconds": -1.0})) == []
    found = run(folder, NOW + timedelta(minutes=1))
    assert tables(found) == ["lines", "orders"]
    assert rows(run(folder, NOW + timedelta(minutes=2))) == []


def test_where_no_sample_can_be_drawn_the_first_rows_are_taken_and_told(folder: Path) -> None:
    shop(folder, f"insert into lines {MANY.format(n=2000)} select i from r")
    found = run(folder, most_rows=1000)
    assert (values(found)["lines//rows"], values(found)["lines/id/most"]) == (2000, 1000)
    assert problems(found) == [
        "profile p: table lines: has 2,000 rows, and as its database cannot draw a sample only the first 1,000 are"
        " profiled; raise most_rows or leave the table out."
    ]


def test_of_very_many_problems_the_first_are_told_and_the_others_counted(folder: Path) -> None:
    run(folder)
    shop(folder, *(f"create table t{number} (n integer)" for number in range(30)))
    run(folder, NOW + HOUR)
    shop(folder, *(f"drop table t{number}" for number in range(30)))
    found = problems(run(folder, NOW + 2 * HOUR))
    assert len(found) == 21
    assert found[-1] == "profile p: and 10 more."


@pytest.mark.parametrize("notes", ["not json", '{"p": 7}', '{"p": {"began_at": "soon"}}'])
def test_lost_notes_only_begin_anew(folder: Path, notes: str) -> None:
    run(folder)
    (folder / "state" / "notes.json").write_text(notes)
    for path in (folder / "state" / "notes" / "p").iterdir():
        path.write_text('{"columns": 7}')
    found = run(folder, NOW + HOUR)
    assert (tables(found), problems(found)) == (["lines", "orders"], [])
    assert not [name for name in values(found) if name.endswith("psi")]


def test_a_clock_that_was_set_back_stops_no_profile(folder: Path) -> None:
    run(folder)
    assert tables(run(folder, NOW - 100 * HOUR)) == ["lines", "orders"]


def test_another_source_under_the_same_name_misses_no_table_of_the_old_one(folder: Path) -> None:
    run(folder)
    (folder / "a.csv").write_text("n\n1\n")
    found = run(folder, NOW + HOUR, source="a.csv")
    assert (tables(found), problems(found)) == (["a.csv"], [])


def test_a_mean_beyond_all_numbers_is_left_out_and_told(folder: Path) -> None:
    shop(folder, "create table huge (n real)", "insert into huge values (1.7e308), (1.7e308)")
    found = run(folder, tables=["huge"])
    assert "huge/n/mean" not in values(found)
    assert values(found)["huge/n/most"] == 1.7e308
    assert problems(found) == ["profile p: table huge: the mean of n is not a finite number and was left out."]
