"""Odd names, odd values and odd types mean what they are in each database, or count as nulls."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.collectors.profiling.sources import KINDS, measured, of, run_duckdb, run_sql
from tests.collectors.support import NOW

ODD = ["Order", "select", 'a "b" c', "100 % :p0 off", "it's; --", "ünï{c}"]


@pytest.mark.parametrize("kind", ["postgresql", "sqlite", "duckdb"])
def test_odd_names_of_tables_and_columns_mean_themselves(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    source, _, change = KINDS[kind](tmp_path, request)
    where = {"postgresql": "sales.", "sqlite": "", "duckdb": "main."}[kind]
    for name in ODD:
        quoted = '"' + name.replace('"', '""') + '"'
        escaped = quoted.replace(":", "\\:") if kind != "duckdb" else quoted
        prefix = "" if kind == "sqlite" else where
        change(f"create table {prefix}{escaped} ({escaped} varchar)".replace("{c}", "{{c}}"))
        many = ", ".join("('it''s :p0 % \\\\')" if kind == "duckdb" else "('it''s \\:p0 %')" for _ in range(10))
        change(f"insert into {prefix}{escaped} values {many}, ('x'), (null)".replace("{c}", "{{c}}"))
    measured(tmp_path, source)
    again = measured(tmp_path, source, NOW + timedelta(hours=1))
    for name in ODD:
        found = of(f"{where}{name}", again)
        assert found == {
            ("", "rows"): 12, ("", "schema"): 0,
            (name, "nulls"): 1 / 12, (name, "distinct"): 2, (name, "psi"): 0,
        }  # fmt: skip


def test_two_tables_of_one_name_in_two_schemas_are_two(postgres: str, tmp_path: Path) -> None:
    run_sql(
        postgres,
        "drop schema if exists a cascade", "drop schema if exists b cascade", "create schema a", "create schema b",
        "create table a.orders as select 1 as n", "create table b.orders as select generate_series(1, 3) as n",
    )  # fmt: skip
    found = measured(tmp_path, postgres, tables=["a.*", "b.*"])
    assert {table: value for (table, column, what), value in found.items() if (column, what) == ("", "rows")} == {
        "a.orders": 1, "b.orders": 3,
    }  # fmt: skip


def test_what_postgresql_has_beyond_numbers_and_texts(postgres: str, tmp_path: Path) -> None:
    run_sql(
        postgres,
        "drop schema if exists odd cascade", "create schema odd",
        "create domain odd.small as int", "create type odd.mood as enum ('sad', 'happy')",
        """create table odd.t as select g::int as n,
        case g when 1 then float8 'nan' when 2 then 'infinity' when 3 then '-infinity' else g end as f,
        case g when 1 then numeric 'nan' else g end as d,
        case g when 1 then date 'infinity' else date '2026-11-22' end as day,
        timestamptz '2026-11-22 01:00+02' as at, gen_random_uuid() as u, '{}'::json as j, 'a'::bytea as b,
        array[g] as l, g::odd.small as s, 'sad'::odd.mood as mood from generate_series(1, 13) g""",
    )  # fmt: skip
    measured(tmp_path, postgres, tables=["odd.*"])
    found = of("odd.t", measured(tmp_path, postgres, NOW + timedelta(hours=1), tables=["odd.*"]))
    assert (found["f", "nulls"], found["f", "distinct"], found["f", "least"], found["f", "most"]) == (3 / 13, 10, 4, 13)
    assert found["f", "mean"] == 8.5
    assert (found["d", "nulls"], found["d", "mean"]) == (1 / 13, 7.5)
    assert found["day", "nulls"] == 1 / 13
    assert found["at", "most"] == (NOW + timedelta(hours=1) - datetime(2026, 11, 21, 23)).total_seconds()
    assert {column: {what for name, what in found if name == column} for column in "ujblsn"} == {
        "u": {"nulls", "distinct"}, "j": {"nulls"}, "b": {"nulls"}, "l": {"nulls"},
        "s": {"nulls", "distinct", "least", "most", "mean", "psi", "ks"},
        "n": {"nulls", "distinct", "least", "most", "mean", "psi", "ks"},
    }  # fmt: skip
    assert found["mood", "psi"] == 0


def test_nan_infinities_and_wide_types_of_duckdb(tmp_path: Path) -> None:
    run_duckdb(
        tmp_path,
        """create table t as select case g when 1 then 'nan'::double when 2 then 'infinity' else g end as f,
        g::hugeint * 10::hugeint ** 20 as h, 'infinity'::date as day, timestamp_ns '2026-11-22 01:00:00' as at,
        timestamptz '2026-11-22 01:00:00+02' as zoned, (2::uhugeint ** 127)::uhugeint as w,
        [g] as l, {'a': g} as s, uuid() as u
        from range(1, 11) r(g)""",
    )
    found = of("main.t", measured(tmp_path, "duckdb:shop.duckdb"))
    assert (found["f", "nulls"], found["f", "mean"], found["f", "most"]) == (0.2, 6.5, 10)
    assert (found["h", "distinct"], found["h", "most"]) == (10, pytest.approx(1e21))
    assert found["w", "most"] == pytest.approx(2.0**127)
    assert (found["day", "nulls"], ("day", "most") in found) == (1.0, False)
    assert found["at", "most"] == (NOW - datetime(2026, 11, 22, 1)).total_seconds()
    assert found["zoned", "most"] == (NOW - datetime(2026, 11, 21, 23)).total_seconds()
    assert {what for name, what in found if name in {"l", "s"}} == {"nulls"}


def test_sqlite_keeps_anything_anywhere_and_what_is_of_another_kind_is_null(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'shop.sqlite'}"
    run_sql(
        url,
        "create table t (n integer, f real, at datetime, x)",
        "insert into t values (1, 9e999, '2026-11-22 01\\:00\\:00.250', 1)",
        "insert into t values ('one', 1.5, 'soon', x'00'), (3, null, 7, null)",
    )
    found = of("t", measured(tmp_path, "sqlite:///shop.sqlite"))
    assert (found["n", "nulls"], found["n", "mean"]) == (1 / 3, 2)
    assert (found["f", "nulls"], found["f", "most"]) == (2 / 3, 1.5)
    assert (found["at", "nulls"], found["at", "distinct"]) == (2 / 3, 1)
    assert found["at", "most"] == (NOW - datetime(2026, 11, 22, 1, 0, 0, 250_000)).total_seconds()
    assert {what for name, what in found if name == "x"} == {"nulls"}
