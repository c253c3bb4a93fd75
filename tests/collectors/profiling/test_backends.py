"""The same small table in every kind of source gives the same measures, exactly, before and after it changes."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from scipy.special import rel_entr

from tests.collectors.profiling.sources import KINDS, LOSE, SHIFT, measured, of, run_duckdb, run_sql
from tests.collectors.support import NOW

FIRST = {
    ("", "rows"): 12, ("", "schema"): 0,
    ("amount", "nulls"): 1 / 12, ("amount", "distinct"): 11, ("amount", "least"): 1, ("amount", "most"): 11,
    ("amount", "mean"): 6,
    ("share", "nulls"): 0, ("share", "distinct"): 12, ("share", "least"): 0.5, ("share", "most"): 6,
    ("share", "mean"): 3.25,
    ("country", "nulls"): 0, ("country", "distinct"): 3,
    ("is_open", "nulls"): 0, ("is_open", "distinct"): 2, ("is_open", "mean"): 0.25,
    ("day", "nulls"): 0, ("day", "distinct"): 12,
    ("day", "least"): (NOW - datetime(2026, 11, 1)).total_seconds(),
    ("day", "most"): (NOW - datetime(2026, 11, 12)).total_seconds(),
}  # fmt: skip
# Edges are the greatest of each tenth: 2, 3 ... 10 of 11 values; the last bin but one is above 10, the last is null.
AMOUNT = [2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]
AMOUNT_PLUS_5 = [0, 0, 0, 0, 1, 1, 1, 1, 1, 6, 1]
COUNTRY = [8, 3, 1, 0]  # IT, DE, the other ones, null; DE is gone
COUNTRY_WITHOUT_DE = [8, 0, 1, 3]


def psi(before: list[int], now: list[int]) -> float:
    p, q = ([max(count / sum(counts), 1e-4) for count in counts] for counts in (before, now))
    return float(sum(rel_entr(p, q)) + sum(rel_entr(q, p)))


@pytest.mark.parametrize("kind", KINDS)
def test_every_measure_is_exact_in_every_kind_of_source(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    source, table, change = KINDS[kind](tmp_path, request)
    first = measured(tmp_path, source, tables=[table])
    assert of(table, first) == pytest.approx(FIRST, rel=1e-12)
    change(SHIFT)
    change(LOSE)
    later = of(table, measured(tmp_path, source, NOW + timedelta(hours=1), tables=[table]))
    assert later["amount", "psi"] == pytest.approx(psi(AMOUNT, AMOUNT_PLUS_5), rel=1e-12)
    assert later["amount", "ks"] == pytest.approx(5 / 11, rel=1e-12)
    assert later["country", "psi"] == pytest.approx(psi(COUNTRY, COUNTRY_WITHOUT_DE), rel=1e-12)
    assert later["country", "nulls"] == pytest.approx(3 / 12)
    unmoved = {name: later[name] for name in [("share", "psi"), ("share", "ks"), ("is_open", "psi"), ("", "schema")]}
    assert set(unmoved.values()) == {0.0}
    assert later["day", "most"] == FIRST["day", "most"] + 3600
    assert set(later) == {*FIRST, ("amount", "psi"), ("amount", "ks"), ("country", "psi"), *unmoved}


@pytest.mark.parametrize("kind", ["postgresql", "duckdb"])
def test_a_large_table_is_counted_as_a_whole_and_sampled_for_the_rest(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    source, table, change = KINDS[kind](tmp_path, request)
    rest = "generate_series(1, 20000) r(g)" if kind == "postgresql" else "range(1, 20001) r(g)"
    change("drop table {name}")
    change("create table {name} as select g, case when g % 4 = 0 then null else 'x' end as t from " + rest)
    first = of(table, measured(tmp_path, source, tables=[table], most_rows=2000))
    assert first["", "rows"] == 20_000
    assert 1700 < first["g", "distinct"] < 2300
    assert first["g", "mean"] == pytest.approx(10_000, rel=0.08)
    assert first["t", "nulls"] == pytest.approx(0.25, abs=0.04)
    later = of(table, measured(tmp_path, source, NOW + timedelta(hours=1), tables=[table], most_rows=2000))
    assert {name: later[name] for name in first} == first
    assert (later["g", "psi"], later["g", "ks"], later["t", "psi"]) == (0, 0, 0)


def test_a_table_of_very_many_columns_takes_several_statements(postgres: str, tmp_path: Path) -> None:
    names = ", ".join(f"g + {number} as c{number}" for number in range(150))
    run_sql(postgres, "drop schema if exists wide cascade", "create schema wide")
    run_sql(postgres, f"create table wide.t as select {names} from generate_series(0, 9) g")
    measured(tmp_path, postgres, tables=["wide.*"])
    found = of("wide.t", measured(tmp_path, postgres, NOW + timedelta(hours=1), tables=["wide.*"]))
    assert [found[f"c{number}", "least"] for number in range(150)] == list(range(150))
    assert {found[f"c{number}", "ks"] for number in range(150)} == {0.0}
    assert len(found) == 2 + 7 * 150


def test_distinct_values_of_a_large_table_are_estimated_where_the_database_can(tmp_path: Path) -> None:
    run_duckdb(tmp_path, "create table t as select g from range(200000) r(g)")
    assert of("main.t", measured(tmp_path, "duckdb:shop.duckdb"))["g", "distinct"] == pytest.approx(200_000, rel=0.1)
