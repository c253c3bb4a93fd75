"""What the rules say of reports, from looks in a real store: who is told what, and when nobody can tell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from alerts.base import Context, Finding, discover
from alerts.engine import Engine, Look
from analysis.job_graph import Graph
from config.estate import Estate
from store.connection import Store
from store.read import ask, queries
from store.rows import (
    BaselineEvent,
    BaselineState,
    CheckerTrial,
    CheckState,
    Fault,
    MaintenanceEvent,
    NumberState,
    ReportCheck,
    ReportNumber,
    Row,
    Stage,
)
from store.write import append
from tests.alerts.support import settings, told

NOW = datetime(2026, 11, 25, 8, 30)
MINUTE = timedelta(minutes=1)
UP, DEGRADED, DOWN, UNKNOWN = CheckState.UP, CheckState.DEGRADED, CheckState.DOWN, CheckState.UNKNOWN
HOPS = [
    {"id": name, "title": name.title(), "source": "duckdb:x", "sql": "select 1 as value"}
    for name in ("staging", "mart")
]
ESTATE = Estate.model_validate(
    {
        "name": "Test",
        "subsystems": [{"id": "sales", "title": "Sales"}],
        "datasets": [{"id": "orders", "title": "Orders", "subsystem": "sales"}],
        "reports": [
            {
                "id": "sales",
                "title": "Sales",
                "url": "https://reports.example.com/sales",
                "subsystem": "sales",
                "audience": "partners",
                "datasets": ["orders"],
                "numbers": [
                    {"id": "revenue", "title": "Revenue", "at": {"text": "Revenue"}, "unit": "EUR", "hops": HOPS},
                    {"id": "margin", "title": "Margin", "at": {"text": "Margin"}, "unit": "%", "hops": HOPS},
                ],
            },
            {
                "id": "board",
                "title": "Board",
                "url": "https://reports.example.com/board",
                "subsystem": "sales",
                "personas": [{"id": "gold", "title": "Gold partners"}, {"id": "silver"}, {"id": "bronze", "nth": 12}],
            },
            {"id": "ping", "title": "Ping", "url": "https://x.example.com", "subsystem": "sales", "check": "http"},
        ],
    }
)


def look(report: str = "sales", state: CheckState = DOWN, fault: Fault | None = None, **more: Any) -> ReportCheck:
    """The newest look at a report, a minute ago, confirmed unless it says otherwise."""
    stages = {Fault.WRONG_NUMBER: Stage.EQUAL, Fault.STALE_NUMBER: Stage.EQUAL, Fault.EXCEPTION: Stage.FINISHED}
    shape = {
        "observed_at": NOW - MINUTE,
        "stage": stages.get(fault, Stage.FAST) if fault else Stage.FAST,
        "confirmed": state,
        "fault": fault,
        "latency_seconds": 2.0,
        "check_id": f"{report}-{more.get('persona', '')}",
    }
    return ReportCheck(report, state=state, **{**shape, **more})


def number(name: str = "revenue", state: NumberState = NumberState.WRONG, **more: Any) -> ReportNumber:
    """A number of the newest look at sales."""
    shape = {
        "page_text": "€372,600",
        "page_value": 372_600.0,
        "backend_value": 409_849.0,
        "unit": "EUR",
        **more,
    }
    return ReportNumber("sales", "", name, "sales-", NOW - MINUTE, state, **shape)


EXCEPTION = look(fault=Fault.EXCEPTION, message="The page shows an exception: KeyError 'amount'.")
WRONG = look(fault=Fault.WRONG_NUMBER, message="Revenue is wrong.")
STALE = look(state=DEGRADED, fault=Fault.STALE_NUMBER)
SLOW = look(state=DEGRADED, fault=Fault.SLOW, latency_seconds=14.2)
BROKEN = CheckerTrial("exception", NOW - 5 * MINUTE, False, Fault.EXCEPTION, None)


def context(store: Store, now: datetime = NOW, estate: Estate = ESTATE) -> Context:
    names = {name for check in discover().values() for name in check.rule.queries}
    since = {"since": now - timedelta(days=30)}
    answers = {name: ask(store, name, **(since if "since" in queries()[name].parameters else {})) for name in names}
    graph = Graph.of(estate.jobs, estate.datasets, estate.reports)
    return Context(now, estate, graph, answers, {}, {})


def findings(store: Store, rule: str, *rows: Row, now: datetime = NOW) -> list[Finding]:
    """What a rule finds after these rows."""
    if rows:
        append(store, rows)
    return list(discover()[rule].find(context(store, now)))


def test_a_report_that_is_down_says_how_far_it_came_and_why(store: Store) -> None:
    (found,) = findings(store, "report_down", EXCEPTION)
    assert (found.subject, found.is_bad, found.impact) == ("sales", True, 2)
    assert found.evidence == "finished: The page shows an exception: KeyError 'amount'."
    assert found.causes == (), "late data throws no exception"


def test_what_late_data_looks_like_is_explained_by_late_data(store: Store) -> None:
    (found,) = findings(store, "report_down", look(fault=Fault.EMPTY_CHART, message="“Orders” shows no bar."))
    assert found.causes == ("dataset:orders",)


def test_the_audiences_that_see_it_down_are_named(store: Store) -> None:
    gold = look("board", fault=Fault.EXCEPTION, persona="gold", message="no")
    (found,) = findings(store, "report_down", gold, look("board", UP, persona="silver"))
    assert found.evidence == "Gold partners (1 of 3 audiences): finished: no"
    assert found.impact == 2
    (found,) = findings(store, "report_down", replace(gold, persona="silver", observed_at=NOW))
    assert found.evidence.startswith("Gold partners, silver (2 of 3 audiences): ")


def test_an_audience_that_left_the_estate_says_nothing_any_more(store: Store) -> None:
    assert findings(store, "report_down", look("board", persona="platinum"), look("gone"), look("board")) == []


def test_one_bad_look_that_others_do_not_confirm_is_not_told(store: Store) -> None:
    assert findings(store, "report_down", replace(EXCEPTION, confirmed=UP)) == []


def test_a_report_that_is_seen_better_is_not_known_to_be_up_until_others_agree(store: Store) -> None:
    (found,) = findings(store, "report_down", look(state=UP, confirmed=DOWN))
    assert not found.is_known
    assert findings(store, "report_down", look(state=UP, observed_at=NOW)) == []


@pytest.mark.parametrize("rule", ["report_down", "report_slow", "report_wrong", "report_changed"])
def test_nothing_is_known_of_a_report_that_was_not_looked_at_for_long(rule: str, store: Store) -> None:
    (found,) = findings(store, rule, EXCEPTION, now=NOW + 25 * MINUTE)
    assert not found.is_known
    assert found.evidence == "nobody knows: the last look is 26 min old"


def test_an_audience_that_is_looked_at_seldom_is_known_for_longer(store: Store) -> None:
    seldom = look("board", persona="bronze", fault=Fault.EXCEPTION, message="no", observed_at=NOW - 290 * MINUTE)
    (found,) = findings(store, "report_down", seldom)
    assert found.is_bad
    (found,) = findings(store, "report_down", now=NOW + 11 * MINUTE)
    assert not found.is_known


def test_what_the_checker_cannot_tell_is_unknown_whatever_was_confirmed_before(store: Store) -> None:
    doubt = look(state=UNKNOWN, confirmed=DOWN, fault=Fault.BACKEND_FAILED, message="The warehouse refused.")
    for rule in ("report_down", "report_wrong", "report_slow"):
        (found,) = findings(store, rule, *([doubt] if rule == "report_down" else []))
        assert not found.is_known
        assert found.evidence == "the checker cannot tell: The warehouse refused."


def test_a_wrong_number_is_told_with_both_values_and_the_first_wrong_hop(store: Store) -> None:
    wrong = number(hop="mart", day=date(2026, 11, 23), segment="DE")
    (found,) = findings(
        store, "report_wrong", WRONG, wrong, number("margin", unit="%", page_text="8 %", page_value=8.0)
    )
    assert found.is_bad
    assert found.severity == "critical"
    assert found.evidence == (
        "Revenue: page shows €372,600, backend has 409,849 EUR, 37,249 EUR (9.1 %) too low; "
        "wrong from Mart on, first on 23 Nov 2026 in DE; 1 more wrong"
    )
    assert found.causes == (), "a wrong number is told, whatever else is late"
    assert findings(store, "report_down") == [], "the page itself is up"


def test_numbers_of_an_older_look_are_not_told(store: Store) -> None:
    (found,) = findings(store, "report_wrong", WRONG, replace(number(), check_id="before"))
    assert not found.is_known


def test_a_stale_number_is_a_warning_that_late_data_explains(store: Store) -> None:
    stale = number("margin", NumberState.STALE, page_text="94.2 %", page_value=94.2, backend_value=91.7, unit="%")
    (found,) = findings(store, "report_wrong", STALE, stale)
    assert (found.severity, found.causes) == ("warning", ("dataset:orders",))
    assert found.evidence == "Margin: page still shows the older 94.2 %, backend has 91.7 %"
    assert findings(store, "report_down") == []
    assert findings(store, "report_slow") == []


def test_a_number_on_a_page_that_is_down_is_neither_right_nor_wrong(store: Store) -> None:
    (found,) = findings(store, "report_wrong", EXCEPTION)
    assert not found.is_known
    assert findings(store, "report_wrong", replace(SLOW, observed_at=NOW)) == [], "slow comes after equal: they match"


def test_a_wrong_unit_is_told_in_the_words_of_the_checker(store: Store) -> None:
    said = "Page shows $1.2M, expected a number in EUR."
    rows = (look(fault=Fault.WRONG_UNIT), number(message=said))
    (found,) = findings(store, "report_wrong", *rows)
    assert found.evidence == "Revenue: Page shows $1.2M, expected a number in EUR"
    assert findings(store, "report_down") == []


def test_a_slow_report_says_how_slow(store: Store) -> None:
    (found,) = findings(store, "report_slow", SLOW)
    assert (found.evidence, found.value, found.limit) == ("useful after 14.2 s, promised within 10 s", 14.2, 10.0)
    assert findings(store, "report_down") == []


def test_a_slow_report_whose_newest_look_was_fast_is_not_known_to_be_fast(store: Store) -> None:
    (found,) = findings(store, "report_slow", look(state=UP, confirmed=DEGRADED))
    assert not found.is_known
    assert findings(store, "report_slow", replace(STALE, observed_at=NOW)) == [], "stale, and within its promise"


@pytest.mark.parametrize(("rule", "bad"), [("report_down", EXCEPTION), ("report_slow", SLOW), ("report_wrong", WRONG)])
def test_maintenance_raises_nothing_and_clears_nothing(rule: str, bad: ReportCheck, store: Store) -> None:
    planned = replace(bad, is_planned=True)
    (found,) = findings(store, rule, planned, number())
    assert (found.is_known, found.is_raised) == (True, False)


def test_a_window_that_a_person_sets_afterwards_counts_at_once(store: Store) -> None:
    window = MaintenanceEvent("w", "sales", NOW, NOW - 9 * MINUTE, NOW, False, "alice", "moved")
    (found,) = findings(store, "report_down", EXCEPTION, window)
    assert not found.is_raised
    (found,) = findings(store, "report_down", replace(window, occurred_at=NOW + MINUTE, is_withdrawn=True))
    assert found.is_raised


def test_another_structure_than_approved_is_said_and_pixels_are_not(store: Store) -> None:
    approved = BaselineEvent(
        "sales", "", NOW - timedelta(days=2), BaselineState.APPROVED, "s", "f", "a", "alice", "as agreed"
    )
    assert findings(store, "report_changed", approved, look(state=UP, layout="a", snapshot_id="another")) == []
    (found,) = findings(store, "report_changed", look(state=UP, layout="b", observed_at=NOW))
    assert found.evidence == "the structure of the page differs from what alice approved on 23 Nov 08:30 UTC"
    (found,) = findings(store, "report_changed", look(layout="c", observed_at=NOW + MINUTE))
    assert not found.is_known, "a page that is down looks different anyway"
    withdrawn = replace(approved, occurred_at=NOW, state=BaselineState.WITHDRAWN)
    assert findings(store, "report_changed", withdrawn) == []


def test_a_checker_that_is_wrong_about_its_own_page_makes_everything_it_says_unknown(store: Store) -> None:
    looks = (EXCEPTION, look("ping", fault=Fault.HTTP_ERROR, message="Answered 500."))
    (found,) = findings(store, "checker_broken", BROKEN, *looks)
    assert (found.subject, found.impact) == ("report checker", 2)
    assert found.evidence == "found nothing wrong on its own page “exception”, expected exception"
    known = {one.subject: one.is_known for one in findings(store, "report_down")}
    assert known == {"sales": False, "ping": True}, "a plain request needs no browser"
    right = replace(BROKEN, observed_at=NOW, is_right=True, found=Fault.EXCEPTION)
    assert findings(store, "checker_broken", right) == []
    assert findings(store, "report_down")[0].is_known


def test_a_case_that_is_tried_no_more_breaks_nothing(store: Store) -> None:
    assert findings(store, "checker_broken", replace(BROKEN, observed_at=NOW - timedelta(days=2))) == []


def history(bad_at: Sequence[int], looks: int = 864, report: str = "sales") -> Iterator[ReportCheck]:
    """A look every five minutes up to now; the bad ones by their place, 0 is the newest."""
    for place in range(looks):
        state = DOWN if place in bad_at else UP
        yield look(report, state, Fault.EXCEPTION if place in bad_at else None, observed_at=NOW - 5 * place * MINUTE)


def test_a_budget_that_burns_fast_is_told_with_its_looks(store: Store) -> None:
    (found,) = findings(store, "report_burn", *history([0, 2, 5]))
    assert found.severity == "critical"
    assert found.value == pytest.approx(3 / 12 / 0.005)
    assert found.evidence == (
        "error budget burns 50.0 times too fast: 3 of 12 looks in 1 h were bad, 2 of the newest 3; "
        "the budget of 30 d lasts 14 h 24 min at this rate"
    )
    assert found.causes == ("sales",), "what is down anyway explains it"
    assert len(found.points) in (72, 73)
    assert found.points[-1][0] == NOW.replace(minute=0)
    assert found.points[-1][1] == pytest.approx(3 / 7)
    assert found.limit == pytest.approx(14.4 * 0.005)


def test_what_comes_and_goes_burns_by_the_six_hours(store: Store) -> None:
    (found,) = findings(store, "report_burn", *history([4, 20, 35, 50, 65]))
    assert found.severity == "critical"
    assert "5 of 72 looks in 6 h were bad, 1 of the newest 6" in found.evidence


def test_what_smoulders_is_a_warning(store: Store) -> None:
    (found,) = findings(store, "report_burn", *history([30, 200, 400, 600, 800]))
    assert found.severity == "warning"
    assert "5 of 864 looks in 3 d were bad, 1 of the newest 72" in found.evidence


def test_one_bad_look_burns_nothing_and_neither_do_planned_stale_free_or_unknown_ones(store: Store) -> None:
    assert findings(store, "report_burn", *history([0])) == []
    planned = [replace(one, is_planned=one.state is DOWN, report_id="ping") for one in history([0, 1, 2])]
    slow = [replace(one, state=DEGRADED, fault=Fault.SLOW, report_id="board") for one in history([])]
    assert findings(store, "report_burn", *planned, *slow) == []


def test_stale_numbers_burn_the_budget(store: Store) -> None:
    stale = [replace(one, state=DEGRADED, fault=Fault.STALE_NUMBER) for one in history(range(6), looks=6)]
    (found,) = findings(store, "report_burn", *stale)
    assert found.severity == "critical"


def test_a_report_that_is_looked_at_every_hour_is_judged_by_three_looks(store: Store) -> None:
    hourly = [replace(one, observed_at=NOW - 12 * (NOW - one.observed_at)) for one in history([0, 1], looks=72)]
    (found,) = findings(store, "report_burn", *hourly)
    assert "2 of 3 looks in 1 h were bad, 2 of the newest 3" in found.evidence


def test_a_burning_budget_is_unknown_once_nobody_looks_any_more(store: Store) -> None:
    append(store, history([0, 1, 2]))
    (found,) = findings(store, "report_burn", now=NOW + 40 * MINUTE)
    assert not found.is_known


def test_through_the_engine_a_report_is_told_once_and_holds_through_maintenance_until_it_is_up(store: Store) -> None:
    engine, rules = Engine(settings()), discover()

    def step(minutes: int, *rows: Row) -> list[str]:
        if rows:
            append(store, rows)
        ctx = context(store, NOW + minutes * MINUTE)
        looks = {name: Look(rules[name].rule, list(rules[name].find(ctx))) for name in ("report_down", "report_burn")}
        return told(engine.step(ctx.now, looks, [], []))[0]

    def seen(minutes: int, state: CheckState, confirmed: CheckState, is_planned: bool = False) -> ReportCheck:
        at = NOW + minutes * MINUTE
        fault = Fault.EXCEPTION if state is DOWN else None
        return look(state=state, confirmed=confirmed, fault=fault, observed_at=at, message="no", is_planned=is_planned)

    assert step(0, *history([]), seen(0, DOWN, UP)) == [], "not confirmed"
    assert step(5, seen(5, DOWN, DOWN)) == [], "pending"
    assert step(6) == ["fired>ops"], "and the burning budget is attached to it"
    assert step(10, seen(10, DOWN, DOWN, is_planned=True)) == []
    assert step(15, seen(15, UP, DOWN)) == [], "one good look"
    assert step(45) == [], "nobody looked for long"
    alert = engine.alerts[("report_down", "sales")]
    assert alert.is_firing
    assert alert.finding.evidence == "finished: no", "the reason is kept while nobody can tell"
    assert "resolved>ops" in step(50, seen(50, UP, UP))
