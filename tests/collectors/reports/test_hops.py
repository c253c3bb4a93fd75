"""A real way from PostgreSQL over SQLite and DuckDB to Parquet, broken at each hop in the ways that pipelines break."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from collectors.reports.backends import Backends, parameters
from collectors.reports.hops import Walk, rows, walk
from store.rows import ReportHop
from store.settings import Settings
from tests.fixtures.order_pipeline import Break, Order, build, number, orders, paid, shifted, total, write_postgres
from tests.postgres import cluster, programs

NOW = datetime(2026, 11, 25, 8)
RIGHT = total(paid(orders()))[0]


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    found = programs()
    if found is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    with cluster(found) as url:
        write_postgres(url, orders())
        yield url


def walked(folder: Path, url: str, page: float | None, allowed: float = 0.0, seconds: float = 10, **parts: Any) -> Walk:
    found = number(url, **parts)
    ask = Backends(Settings(home=folder / "var", estate=folder), NOW, seconds)
    return walk(found, parameters(found, None, NOW), page, allowed, ask)


def of(day: int, segment: str) -> Callable[[Order], bool]:
    """Whether an order is of that day of November and that segment."""
    return lambda one: (one.day.day, one.segment) == (day, segment)


def kept(one: Order) -> list[Order]:
    return [one] if one.status == "paid" else []


def lost(one: Order) -> list[Order]:
    return [] if of(12, "IT")(one) and one.sold_at.hour >= 19 else kept(one)


def dearer(one: Order) -> list[Order]:
    rate = 1.1 if one.segment == "DE" and one.day.day >= 9 else 1
    return [replace(order, amount=order.amount and order.amount * rate) for order in kept(one)]


def filled(one: Order) -> list[Order]:
    is_null = of(10, "IT")(one) and one.amount is None
    return [replace(order, amount=50.0) if is_null else order for order in kept(one)]


def renamed(one: Order) -> list[Order]:
    """And a cent dearer, for the total to tell."""
    changed = replace(one, segment="Italy", amount=one.amount and one.amount + 0.01)
    return kept(changed if of(5, "IT")(one) else one)


BREAKS: dict[str, tuple[Break, int, str, int, int]] = {
    "rows of one day are lost": (lost, 12, "IT", 7, 3),
    "a join doubles rows": (lambda one: kept(one) * (2 if of(14, "FR")(one) else 1), 14, "FR", 7, 14),
    "the rate of a currency is wrong": (dearer, 9, "DE", 7, 7),
    "a filter is dropped": (lambda one: [one] if of(7, "FR")(one) else kept(one), 7, "FR", 7, 8),
    "a day is missing": (lambda one: [] if one.day.day == 20 else kept(one), 20, "IT", 7, 0),
    "nulls are filled": (filled, 10, "IT", 7, 7),
    "a clock of another zone cuts days": (lambda one: [shifted(order, 1) for order in kept(one)], 3, "DE", 7, 7),
    "a segment is renamed": (renamed, 5, "Italy", 0, 7),
}


@pytest.mark.parametrize("hop", ["staging", "mart", "serving"])
@pytest.mark.parametrize("name", BREAKS)
def test_the_first_wrong_hop_day_and_segment_are_named(postgres: str, tmp_path: Path, hop: str, name: str) -> None:
    how, day, segment, rows_before, rows_here = BREAKS[name]
    data = build(tmp_path, hop, how)
    found = walked(tmp_path, postgres, total(data["serving"])[0])
    assert (found.hop, found.day, found.segment) == (hop, date(2026, 11, day), segment)
    proof = found.proof.segment
    assert proof is not None
    assert (proof.rows_before, proof.rows_here) == (rows_before, rows_here)
    before, here = total(paid(data["source"]), found.day, segment)[0], total(data[hop], found.day, segment)[0]
    assert (proof.value_before, proof.value_here) == (pytest.approx(before), pytest.approx(here))
    assert f"wrong from {hop.title()} on: first on {day} Nov 2026, segment {segment}: " in found.message


def test_all_hops_that_agree_are_right(postgres: str, tmp_path: Path) -> None:
    build(tmp_path)
    found = walked(tmp_path, postgres, RIGHT)
    assert (found.wrong, found.hop, found.day, found.segment) == (None, None, None, None)
    assert [one.value for one in found.values] == [pytest.approx(RIGHT)] * 5
    assert found.message == "Source, Staging, Mart, Serving and the page agree."


def test_a_page_that_alone_is_wrong_is_the_first_wrong_hop(postgres: str, tmp_path: Path) -> None:
    build(tmp_path)
    assert RIGHT is not None
    found = walked(tmp_path, postgres, RIGHT - 1000, allowed=999)
    assert found.hop == "page"
    assert found.message == ("Right at Source, Staging, Mart and Serving, wrong on the page only: 1,000 EUR too low.")
    assert walked(tmp_path, postgres, RIGHT - 1000, allowed=1000).wrong is None


def test_a_page_that_shows_no_number_leaves_the_hops_to_be_judged(postgres: str, tmp_path: Path) -> None:
    build(tmp_path, "mart", BREAKS["a join doubles rows"][0])
    found = walked(tmp_path, postgres, None)
    assert found.hop == "mart"
    assert found.values[-1].problem == "the page shows no number."


@pytest.mark.parametrize("away", ["source", "staging", "mart"])
def test_a_hop_that_is_away_is_named_and_passed_over(postgres: str, tmp_path: Path, away: str) -> None:
    data = build(tmp_path, "mart", BREAKS["rows of one day are lost"][0])
    found = walked(tmp_path, postgres, total(data["serving"])[0], **{away: {"source": "sqlite:///gone.sqlite"}})
    assert {one.hop: one.problem for one in found.values if one.problem} == {
        away: f"{tmp_path}/gone.sqlite does not exist, expected a SQLite file."
    }
    assert (found.hop, found.day, found.segment) == ("serving" if away == "mart" else "mart", date(2026, 11, 12), "IT")
    already = "could not be asked, it may be wrong there already"
    where = {
        "source": "Right at Staging, wrong from Mart on (Source could not be asked)",
        "staging": f"Right at Source, wrong from Mart on (Staging {already})",
        "mart": f"Right at Source and Staging, wrong from Serving on (Mart {already})",
    }
    proof = "first on 12 Nov 2026, segment IT: 3 rows instead of 7, 1,575 EUR too low."
    assert found.message == f"{where[away]}: {proof}"


def test_no_hop_can_be_asked(postgres: str, tmp_path: Path) -> None:
    found = walked(tmp_path, "sqlite:///gone.sqlite", 5)
    assert found.wrong is None
    assert found.message == ("Source, Staging, Mart and Serving could not be asked: where it goes wrong is not known.")


BLIND = {"segment": None}
TOTAL = {"table": None, "value": None, "day": None, "segment": None, "where": None, "sql": "select 7 as value"}


@pytest.mark.parametrize(
    ("parts", "day", "note"),
    [
        ({"mart": BLIND}, 12, "Mart cannot tell segments apart."),
        ({"mart": BLIND, "staging": BLIND}, 12, "Staging and Mart cannot tell segments apart."),
        ({"mart": TOTAL}, None, "Mart cannot tell days apart."),
        ({"mart": {"day": "dey"}}, None, 'The days of Mart could not be asked: Binder Error: Referenced column "dey"'),
        ({"staging": {"segment": "sold_at, day"}}, 12, "The segments of Staging could not be asked: "),
    ],
)
def test_what_a_hop_cannot_tell_apart_is_said(
    postgres: str, tmp_path: Path, parts: dict[str, Any], day: int | None, note: str
) -> None:
    data = build(tmp_path, "mart", BREAKS["rows of one day are lost"][0])
    found = walked(tmp_path, postgres, total(data["serving"])[0], **parts)
    assert found.hop == "mart"
    assert (found.day.day if found.day else None, found.segment) == (day, None)
    assert note in found.message


def test_a_total_that_its_own_days_do_not_explain_is_said(postgres: str, tmp_path: Path) -> None:
    build(tmp_path)
    found = walked(tmp_path, postgres, RIGHT, mart={"value": "sum(amount) + count(distinct day) - 1"})
    assert (found.hop, found.day) == ("mart", None)
    assert found.message == (
        "Right at Source and Staging, wrong at Mart, right again from Serving on: 17 EUR too high. "
        "Every single day agrees in value and rows: look at what the statement of the total adds."
    )


def test_rows_keep_every_hop_and_the_proof_at_the_first_wrong_one(postgres: str, tmp_path: Path) -> None:
    data = build(tmp_path, "mart", BREAKS["rows of one day are lost"][0])
    page = total(data["serving"])[0]
    found = walked(tmp_path, postgres, page, staging={"source": "sqlite:///gone.sqlite"})
    about = {"report_id": "sales", "persona": "gold", "number_id": "revenue", "check_id": "c1", "observed_at": NOW}
    source, staging, mart, serving, last = rows(found, "sales", "gold", "revenue", "c1", NOW)
    assert source == ReportHop(**about, position=0, hop="source", value=RIGHT)
    assert (staging.value, staging.is_wrong) == (None, False)
    assert staging.message == f"{tmp_path}/gone.sqlite does not exist, expected a SQLite file."
    assert mart == ReportHop(
        **about, position=2, hop="mart", value=page, is_wrong=True, day=date(2026, 11, 12), segment="IT",
        value_before=2338.5, value_here=763.5, rows_before=7, rows_here=3, message=found.message,
    )  # fmt: skip
    assert serving == ReportHop(**about, position=3, hop="serving", value=page)
    assert last == ReportHop(**about, position=4, hop="page", value=page)


def test_the_page_alone_is_proven_by_the_values_themselves(postgres: str, tmp_path: Path) -> None:
    build(tmp_path)
    *others, page = rows(walked(tmp_path, postgres, 1.0), "sales", "", "revenue", "c1", NOW)
    assert not [one for one in others if one.is_wrong]
    assert (page.is_wrong, page.value_before, page.value_here, page.rows_here) == (True, RIGHT, 1.0, None)
