"""Whole looks in a real browser: numbers against real files, verdicts, second tries, and what is remembered."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from analysis.reports.backend_values import Past
from collectors.reports.base import Target
from collectors.reports.looking import Desk, Outcome, look
from collectors.reports.memory import Remembered, from_notes, to_notes
from collectors.reports.pool import Pool
from config.reports import Report
from store.rows import CheckState, Fault, NumberState, Stage
from store.settings import Settings
from tests.collectors.answering import Asked, Reply, answering
from tests.collectors.support import NOW

pytestmark = pytest.mark.browser
TOTAL = "select sum(amount) as value from source"


@dataclass(frozen=True)
class Bench:
    """A folder with the files behind the page, and a browser to look with."""

    folder: Path
    pool: Pool

    def fill(self, name: str, *rows: str) -> None:
        (self.folder / f"{name}.csv").write_text("\n".join(["day,segment,amount", *rows]) + "\n")

    def number(self, *hops: str, **more: object) -> dict[str, object]:
        """Revenue at `#revenue`, with hops that are files of these names; the last is the backend."""
        day = {"table": "source", "value": "sum(amount)", "day": "day", "segment": "segment"}
        way = [{"id": hop, "source": f"{hop}.csv", **day} for hop in hops]
        return {"id": "revenue", "title": "Revenue", "at": {"css": "#revenue"}, "unit": "EUR", "hops": way, **more}

    def look(self, address: str, memory: Remembered | None = None, **report: Any) -> Outcome:
        values = {"id": "r", "title": "R", "url": address, "subsystem": "s", "timeout_seconds": 20, **report}
        target = Target(Report.model_validate(values))
        return self.ask(target, memory or Remembered())

    def ask(self, target: Target, memory: Remembered) -> Outcome:
        desk = Desk(Settings(home=self.folder / "home", estate=self.folder))
        work = partial(look, target=target, desk=desk, memory=memory, now=NOW)
        ((_, answer),) = self.pool.run({"one": work}, 120)
        assert isinstance(answer, Outcome), answer
        return answer


@pytest.fixture
def bench(tmp_path: Path, pool: Pool) -> Bench:
    made = Bench(tmp_path, pool)
    made.fill("serving", "2026-11-20,DE,700", "2026-11-21,DE,500", "2026-11-21,IT,34.5")
    return made


def page(revenue: str, more: str = "") -> Reply:
    body = f"<html><body><h1>Sales</h1><p>Revenue <b id=revenue>{revenue}</b></p>{more}</body></html>"
    return Reply(body.encode(), kind="text/html; charset=utf-8")


@contextmanager
def shown(*answers: Reply) -> Iterator[str]:
    """A page that answers with one after the other, and stays with the last."""
    later = itertools.chain(answers, itertools.repeat(answers[-1]))

    def answer(asked: Asked) -> Reply:
        return next(later) if asked.path == "/" else Reply(status=404)

    with answering(answer) as (address, _):
        yield f"{address}/"


def verdict(found: Outcome) -> tuple[str, str, str | None]:
    return found.check.state, found.check.stage, found.check.fault


@pytest.mark.parametrize("text", ["1,234.50 €", "EUR 1,235", "1.2k", "1.234,50 €"])
def test_a_number_that_stands_for_the_backend_passes(bench: Bench, text: str) -> None:
    with shown(page(text)) as address:
        found = bench.look(address, numbers=[bench.number("serving")])
    assert verdict(found) == ("up", "fast", None)
    assert [(one.state, one.backend_value) for one in found.numbers] == [(NumberState.MATCH, 1234.5)]
    assert found.check.message is not None and found.check.message.startswith("1 number equal to the backend.")


@pytest.mark.parametrize(
    ("text", "stage", "fault"),
    [
        ("1,334.50 €", Stage.EQUAL, Fault.WRONG_NUMBER),
        ("1.3k", Stage.EQUAL, Fault.WRONG_NUMBER),
        ("−1,234.50 €", Stage.EQUAL, Fault.WRONG_NUMBER),
        ("$1,234.50", Stage.EQUAL, Fault.WRONG_UNIT),
        ("1,234.50 %", Stage.EQUAL, Fault.WRONG_UNIT),
        ("—", Stage.PARSED, Fault.UNREADABLE_NUMBER),
        ("NaN", Stage.PARSED, Fault.UNREADABLE_NUMBER),
    ],
)
def test_a_number_that_does_not_is_told_with_its_stage(bench: Bench, text: str, stage: Stage, fault: Fault) -> None:
    with shown(page(text)) as address:
        found = bench.look(address, numbers=[bench.number("serving")], confirm={"retries": 0})
    assert verdict(found) == ("down", stage, fault), found.check.message


def test_a_number_that_is_not_there_is_missing(bench: Bench) -> None:
    number = bench.number("serving", at={"css": "#profit"})
    with shown(page("1,234.50 €")) as address:
        found = bench.look(address, numbers=[number], confirm={"retries": 0})
    assert verdict(found) == ("down", "parsed", Fault.MISSING_NUMBER)
    assert "`#profit` is not on the page" in (found.check.message or "")


@pytest.mark.parametrize(
    ("minutes", "expected"), [(5, ("up", "fast", None)), (45, ("degraded", "equal", Fault.STALE_NUMBER))]
)
def test_an_earlier_value_is_in_flight_and_then_stale(
    bench: Bench, minutes: int, expected: tuple[str, str, str | None]
) -> None:
    before = Past(1100.0, NOW - timedelta(hours=9), NOW - timedelta(minutes=minutes))
    memory = from_notes(to_notes(Remembered(earlier={"revenue": {"serving": [before]}})))
    with shown(page("1,100.00 €")) as address:
        found = bench.look(address, memory, numbers=[bench.number("serving")], confirm={"retries": 0})
    assert verdict(found) == expected
    assert [past.value for past in found.memory.earlier["revenue"]["serving"]] == [1234.5, 1100.0]


def test_a_page_that_agrees_with_its_backend_is_wrong_when_a_hop_before_is(bench: Bench) -> None:
    bench.fill("shop", "2026-11-20,DE,700", "2026-11-21,DE,500", "2026-11-21,IT,34.5", "2026-11-21,IT,200")
    with shown(page("1,234.50 €")) as address:
        found = bench.look(address, numbers=[bench.number("shop", "serving")], confirm={"retries": 0})
    assert verdict(found) == ("down", "equal", Fault.WRONG_NUMBER)
    (number,) = found.numbers
    assert (number.hop, str(number.day), number.segment) == ("serving", "2026-11-21", "IT")
    marked = [(hop.hop, hop.is_wrong, hop.rows_before, hop.rows_here) for hop in found.hops]
    assert marked == [("shop", False, None, None), ("serving", True, 2, 1), ("page", False, None, None)]


def test_a_hop_that_holds_what_the_one_before_had_a_moment_ago_is_in_flight(bench: Bench) -> None:
    bench.fill("shop", "2026-11-20,DE,700", "2026-11-21,DE,500", "2026-11-21,IT,234.5")
    lately = Past(1234.5, NOW - timedelta(hours=9), NOW - timedelta(minutes=5))
    memory = Remembered(earlier={"revenue": {"shop": [lately]}})
    with shown(page("1,234.50 €")) as address:
        found = bench.look(address, memory, numbers=[bench.number("shop", "serving")], confirm={"retries": 0})
    assert (verdict(found), found.numbers[0].state) == (("up", "fast", None), NumberState.IN_FLIGHT)
    assert not any(hop.is_wrong for hop in found.hops)


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("select sum(nothing) as value from source", "nothing"),
        ("select amount as value from source", "3 rows"),
        ("select amount from source", "value"),
        ("drop table source", "SELECT"),
        ("select :country as value from source", ":country"),
    ],
)
def test_a_statement_of_no_use_is_unknown_and_stops_no_other_number(bench: Bench, sql: str, said: str) -> None:
    bad = {**bench.number(), "id": "bad", "source": "serving.csv", "sql": sql}
    with shown(page("1,234.50 €")) as address:
        found = bench.look(address, numbers=[bad, bench.number("serving")], confirm={"retries": 0})
    assert verdict(found) == ("unknown", "equal", Fault.BACKEND_FAILED)
    assert said in (found.check.message or "")
    assert [one.state for one in found.numbers] == [NumberState.UNKNOWN, NumberState.MATCH]


def test_a_page_that_is_good_at_the_second_try_is_good(bench: Bench) -> None:
    with shown(page("7"), page("1,234.50 €")) as address:
        found = bench.look(address, numbers=[bench.number("serving")])
    assert (verdict(found), found.check.attempts) == (("up", "fast", None), 2)
    assert "Good at try 2." in (found.check.message or "")


def test_a_page_that_is_useful_too_late_is_slow(bench: Bench) -> None:
    with shown(page("7")) as address:
        found = bench.look(address, slow_seconds=0.001, confirm={"retries": 0})
    assert verdict(found) == ("degraded", "fast", Fault.SLOW)


@pytest.mark.parametrize("url", ["http://169.254.169.254/latest/", "http://10.255.0.1/", "http://localhost:1/x"])
def test_addresses_that_are_not_allowed_are_refused_and_those_of_nobody_unreachable(bench: Bench, url: str) -> None:
    found = bench.look(url, confirm={"retries": 0})
    expected = Fault.UNREACHABLE if "localhost" in url else Fault.REFUSED_ADDRESS
    assert (found.check.fault, found.check.state) == (
        expected,
        CheckState.DOWN if expected is Fault.UNREACHABLE else CheckState.UNKNOWN,
    )


@pytest.mark.parametrize(
    ("css", "said"),
    [("#gone", "Found no `#gone`"), ("div[[", "`div[[` is no CSS selector"), ("p:nope(", "no CSS selector")],
)
def test_an_element_that_is_not_there_or_cannot_be_is_named(bench: Bench, css: str, said: str) -> None:
    with shown(page("7")) as address:
        found = bench.look(address, expect=[{"css": css}], confirm={"retries": 0})
    assert verdict(found) == ("down", "present", Fault.MISSING_ELEMENT)
    assert said in (found.check.message or "")


def test_a_secret_that_is_missing_is_said_and_nobody_is_called_down(bench: Bench) -> None:
    with shown(page("7")) as address:
        found = bench.look(address, login={"state": "portal"})
    assert verdict(found) == ("unknown", "reachable", Fault.NO_SIGN_IN)
    assert "SHEWHART_SECRET_PORTAL" in (found.check.message or "")


def test_each_persona_is_judged_by_its_own_numbers(bench: Bench) -> None:
    number = {**bench.number(), "source": "serving.csv", "sql": f"{TOTAL} where segment = :country"}
    personas = [{"id": name, "query": {"country": name}, "filters": {"country": name}} for name in ("DE", "IT")]
    personas = [{**one, "id": str(one["id"]).lower()} for one in personas]
    values = {"id": "r", "title": "R", "subsystem": "s", "numbers": [number], "personas": personas}

    def answer(asked: Asked) -> Reply:
        return page({"DE": "1,200.00 €", "IT": "1,200.00 €"}.get(asked.query.get("country", ""), "?"))

    with answering(answer) as (address, _):
        report = Report.model_validate({**values, "url": address, "confirm": {"retries": 0}})
        found = {one.id: bench.ask(Target(report, one), Remembered()) for one in report.personas}
    assert {name: one.check.fault for name, one in found.items()} == {"de": None, "it": Fault.WRONG_NUMBER}


def test_one_bad_look_does_not_make_a_report_bad(bench: Bench) -> None:
    memory = Remembered()
    confirmed = []
    for answer in ("1,234.50 €", "7", "7", "1,234.50 €", "1,234.50 €"):
        with shown(page(answer)) as address:
            found = bench.look(address, memory, numbers=[bench.number("serving")], confirm={"retries": 0})
        memory = from_notes(to_notes(found.memory))
        confirmed.append(found.check.confirmed)
    assert confirmed == ["up", "up", "down", "down", "up"]
