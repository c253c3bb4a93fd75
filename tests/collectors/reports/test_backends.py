"""Backends asked for values: shapes and kinds of values, parameters, once a round, and one that hangs."""

from __future__ import annotations

import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from analysis.reports.backend_values import Asked
from analysis.reports.hops import Slice
from collectors.base import SourceError
from collectors.points import Result
from collectors.reports.backends import Backends, Want, ask_days, ask_segments, ask_total, knows_as_of, parameters
from collectors.reports.slices import read_days, read_segments, read_total
from config.measures import Measure
from config.reports import Number, Persona
from store.settings import Settings

NOW = datetime(2026, 11, 25, 8)
SHOP = "sqlite:///shop.sqlite"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    with closing(sqlite3.connect(tmp_path / "shop.sqlite")) as shop:
        shop.executescript(
            """
            create table orders (day text, country text, amount real);
            insert into orders values
                ('2026-11-12', 'IT', 10), ('2026-11-12', 'IT', 5), ('2026-11-12', null, 1), ('2026-11-13', 'DE', 4),
                (null, 'DE', 2);
            """
        )
    return Settings(home=tmp_path / "var", estate=tmp_path)


def measure(**parts: Any) -> Measure:
    return Measure.model_validate({"source": SHOP, **parts})


def by_table(**parts: Any) -> Measure:
    return measure(table="orders", value="sum(amount)", day="day", segment="country", **parts)


def total(sql: str, settings: Settings, **given: str) -> float | str | None:
    """The value, or the problem."""
    found = Backends(settings, NOW, seconds=5).totals({1: Want(measure(sql=sql), given)})[1]
    assert found.at == NOW
    return found.problem or found.value


def test_a_measure_is_asked_in_all_by_day_and_by_segment(settings: Settings) -> None:
    orders = by_table(where="country = :country or :country = 'all'")
    assert ask_total(orders, {"country": "all"}, settings) == 22
    assert ask_total(orders, {"country": "DE"}, settings) == 6
    days = ask_days(orders, {"country": "all"}, settings)
    assert days.slices == [
        Slice(None, 2, 1),
        Slice(date(2026, 11, 12), 16, 3),
        Slice(date(2026, 11, 13), 4, 1),
    ]
    written = days.written[date(2026, 11, 12)]
    assert ask_segments(orders, {"country": "all"}, written, settings) == [Slice("(none)", 1, 1), Slice("IT", 15, 2)]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select sum(amount) as VALUE from orders", 22),
        ("select sum(amount) as value from orders where 1 = 0", None),
        ("select 7 as value", 7),
        ("select amount as value from orders", "the statement returned 5 rows, expected one row with `value`."),
        (
            "select amount as value from orders where 1 = 0",
            "the statement returned no rows, expected one row with `value`.",
        ),
        ("select 1 as v, 2 as value", "the statement returned v, value, expected one row with `value`."),
        ("select '12' as value", "the statement returned value '12', expected a number; cast it there."),
        ("select 9e999 as value", "the statement returned value inf, expected a finite number."),
        ("select missing as value", "no such column: missing."),
        ("delete from orders", "the statement is `delete`, expected one SELECT."),
        (
            "select :country || :tier || :land as value",
            "the statement names :country, :land, which neither the number nor the persona gives.",
        ),
    ],
)
def test_a_total_is_one_number_or_one_sentence(settings: Settings, sql: str, expected: float | str | None) -> None:
    assert total(sql, settings, tier="gold") == expected


@pytest.mark.parametrize("found", [Decimal("12.50"), 12.5])
def test_every_kind_of_number_is_read(found: object) -> None:
    assert read_total(Result(["value"], [(found,)])) == 12.5


@pytest.mark.parametrize("found", [True, float("nan"), Decimal("Infinity"), 10**400, b"1", "x" * 1000])
def test_what_is_no_number_is_told(found: object) -> None:
    with pytest.raises(SourceError, match=r"the statement returned value .{1,60}, expected a") as told:
        read_total(Result(["value"], [(found,)]))
    assert len(str(told.value)) < 120


@pytest.mark.parametrize(
    "found",
    [
        date(2026, 11, 12), datetime(2026, 11, 12, 5), datetime(2026, 11, 12, tzinfo=UTC), "2026-11-12", "20261112",
        20261112, "2026-11-12 00:00:00", "2026-11-12T00:00:00+00:00",
    ],
)  # fmt: skip
def test_days_of_every_database_are_days_and_kept_as_written(found: Any) -> None:
    days = read_days(Result(["ROWS", "Day", "value"], [(3, found, 1.5)]))
    assert days.slices == [Slice(date(2026, 11, 12), 1.5, 3)]
    assert days.written == {date(2026, 11, 12): found}


@pytest.mark.parametrize(
    ("columns", "rows", "said"),
    [
        (["day", "value"], [], "returned day, value, expected day, value, rows"),
        (["day", "value", "rows"], [("noon", 1, 1)], "day 'noon', expected a date such as"),
        (["day", "value", "rows"], [(7.5, 1, 1)], "day 7.5, expected a date"),
        (["day", "value", "rows"], [("2026-11-12", 1, 1), (date(2026, 11, 12), 1, 1)], "two rows for 2026-11-12"),
        (["day", "value", "rows"], [("2026-11-12", 1, None)], "rows None, expected a count"),
        (["day", "value", "rows"], [("2026-11-12", 1, 1.5)], "rows 1.5, expected a count"),
        (["day", "value", "rows"], [("2026-11-12", "1", 1)], "value '1', expected a number"),
    ],
)
def test_days_that_cannot_be_read_are_told(columns: list[str], rows: list[tuple[object, ...]], said: str) -> None:
    with pytest.raises(SourceError, match=said):
        read_days(Result(columns, rows))


def test_segments_are_named_alike_in_every_database() -> None:
    rows = [(1.0, 1, 1), (Decimal("2.0"), 1, 1), (3, 1, 1), ("IT  ", 1, 1), (None, None, 1), (True, 1, 1), (1.5, 1, 1)]
    found = read_segments(Result(["segment", "value", "rows"], rows))
    assert [one.name for one in found] == ["1", "2", "3", "IT", "(none)", "true", "1.5"]
    with pytest.raises(SourceError, match="two rows for IT"):
        read_segments(Result(["segment", "value", "rows"], [("IT", 1, 1), ("IT ", 1, 1)]))


def test_filters_of_the_persona_come_before_those_of_the_number() -> None:
    number = Number.model_validate(
        {
            "id": "n",
            "at": {"css": "p"},
            "source": SHOP,
            "sql": "select 1",
            "filters": {"tier": "all", "sales-region": "x"},
        }
    )
    given = parameters(number, Persona(id="gold", filters={"tier": "gold"}), NOW)
    assert given == {"tier": "gold", "sales_region": "x", "as_of": NOW}
    assert parameters(number, None, NOW)["tier"] == "all"


def test_a_measure_knows_earlier_times_when_its_statement_names_them() -> None:
    assert knows_as_of(measure(sql="select 1 as value where :as_of > 0"))
    assert not knows_as_of(measure(sql="select ':as_of' as value"))
    assert knows_as_of(by_table(where="day <= :as_of"))


def test_what_is_asked_twice_in_a_round_is_asked_once(settings: Settings) -> None:
    chance = measure(sql="select random() as value where :tier <> ''")
    other = Want(chance, {"tier": "silver"})
    ask = Backends(settings, NOW)
    first = ask.totals({1: Want(chance, {"tier": "gold"}), 2: Want(chance, {"tier": "gold", "land": "x"}), 3: other})
    assert first[1] == first[2] != first[3]
    assert ask.totals({"later": Want(chance, {"tier": "gold"})})["later"] == first[1]
    assert Backends(settings, NOW).totals({1: Want(chance, {"tier": "gold"})})[1] != first[1]


def test_one_bad_measure_stops_no_other_and_tells_no_password(settings: Settings, tmp_path: Path) -> None:
    wanted = {
        "good": Want(measure(sql="select 7 as value"), {}),
        "driver": Want(measure(source="oracle+cx://u:p4ss@h/d", sql="select 1 as value"), {}),
        "missing": Want(measure(source="duckdb:none.duckdb", sql="select 1 as value"), {}),
        "odd": Want(measure(source="sqlite:///:memory:?timeout=p4ss", sql="select 1 as value"), {}),
        "days": Want(measure(sql="select 1 as value"), {}),
    }
    ask = Backends(settings, NOW, seconds=5)
    found = ask.totals(wanted)
    assert found["good"] == Asked(NOW, 7.0)
    assert found["missing"] == Asked(NOW, problem=f"{tmp_path}/none.duckdb does not exist, expected a DuckDB file.")
    assert found["odd"].problem == "ValueError."
    assert found["driver"].problem
    assert "p4ss" not in found["driver"].problem
    assert ask.days({"days": wanted["days"]}) == {"days": "it has no statement for that."}


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """A database that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as server:
        server.setblocking(False)
        yield server


def callers(server: socket.socket) -> int:
    """How many have called by now."""
    count = 0
    with suppress(BlockingIOError):
        while True:
            server.accept()[0].close()
            count += 1
    return count


def test_a_backend_that_hangs_is_cut_off_and_holds_up_no_other(settings: Settings, silent: socket.socket) -> None:
    url = f"postgresql+psycopg://u:p4ss@127.0.0.1:{silent.getsockname()[1]}/d"
    wanted: dict[object, Want] = {at: Want(measure(source=url, sql=f"select {at} as value"), {}) for at in range(20)}
    wanted["good"] = Want(measure(sql="select 7 as value"), {})
    began = time.monotonic()  # a connection by itself gives up after 10 s
    found = Backends(settings, NOW, seconds=1).totals(wanted)
    assert found["good"] == Asked(NOW, 7.0)
    assert {found[at].problem for at in range(20)} == {"no answer within 2 s."}
    assert time.monotonic() - began < 8
    assert callers(silent) < 20  # four at once; the rest give up with them


def test_a_statement_that_takes_too_long_is_cut_off(settings: Settings) -> None:
    endless = "with recursive r(i) as (select 1 union all select i + 1 from r) select count(*) as value from r"
    found = Backends(settings, NOW, seconds=0.3).totals({1: Want(measure(sql=endless), {})})
    assert found[1].problem == "the statement took longer than 0.3 s and was cut off."
