"""Numbers of a page against their backend: right, wrong, unreadable, not known."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.reports.backend_values import Asked, Backend
from analysis.reports.judging import judge
from store.rows import Fault, NumberState
from tests.analysis.reports.judged_numbers import NOW, SKEW, asked, number, verdict

# right ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "unit", "backend"),
    [
        ("410k", "", 409_849),
        ("410k", "EUR", 410_499),
        ("1.2M", "", 1_249_999.99),
        ("€409,849", "EUR", 409_849.49),
        ("12.3 %", "%", 12.34),
        ("12.3", "%", 12.34),
        ("12.3 %", "ratio", 0.1234),
        ("0.123", "ratio", 0.1234),
        ("4 ‰", "%", 0.4),
        ("4 ‰", "ratio", 0.004),
        ("$5", "CAD", 5),
        ("5 kr", "NOK", 5),
        ("1,234 orders", "orders", 1234),
        ("1,234 orders", "customers", 1234),
        ("5 €", "€", 5),
        ("12.3 %", "", 12.3),
        ("(1,234)", "EUR", -1234),
        ("-0", "", 0),
        ("0.3", "", 0.1 + 0.2),
        ("1.234", "", 1234),
        ("1.234", "", 1.234),
        ("1,234", "", 1.234),
    ],
)
def test_a_page_that_shows_the_backend_rounded_is_right(text: str, unit: str, backend: float) -> None:
    found = verdict(text, backend, about=number(unit))
    assert (found.state, found.fault) == (NumberState.MATCH, None)


@pytest.mark.parametrize(
    ("text", "backend"),
    [("409k", 409_849), ("410k", 410_600), ("1.2M", 1_318_402), ("5", -5), ("409,849", 409_850), ("0", 1), ("1", 0)],
)
def test_a_display_rounds_and_does_not_cut(text: str, backend: float) -> None:
    found = verdict(text, backend)
    assert (found.state, found.fault) == (NumberState.WRONG, Fault.WRONG_NUMBER)


def test_the_largest_of_the_three_tolerances_counts() -> None:
    assert verdict("1,200", 1_210, about=number(absolute=10)).state == NumberState.MATCH
    assert verdict("1,200", 1_211, about=number(absolute=10)).state == NumberState.WRONG
    assert verdict("1,200", 1_210, about=number(relative=0.01)).state == NumberState.MATCH
    assert verdict("1,200", 1_220, about=number(relative=0.01)).state == NumberState.WRONG
    assert verdict("1.2k", 1_240, about=number(absolute=1)).state == NumberState.MATCH
    assert verdict("1.2k", 1_240, about=number(rounding=False)).state == NumberState.WRONG
    assert verdict("1.2k", 1_200, about=number(rounding=False)).state == NumberState.MATCH


def test_a_judgement_speaks_the_unit_of_the_contract() -> None:
    found = verdict("12.3 %", 0.15, about=number("ratio"))
    assert found.page_value == pytest.approx(0.123)
    assert found.tolerance == pytest.approx(0.0005)
    assert found.difference == pytest.approx(-0.027)
    assert (found.backend_value, found.unit, found.page_text) == (0.15, "ratio", "12.3 %")
    assert found.message == "Page shows 12.3 %, the backend has 15 %: 2.7 points too low, 0.05 points allowed."


def test_the_meaning_that_the_backend_has_is_the_value_of_the_page() -> None:
    found = verdict("1.234", 1234.0, about=number(""))
    assert (found.page_value, found.tolerance) == (1234, 0.5)


@given(value=st.floats(-1e12, 1e12), decimals=st.integers(0, 6))
def test_a_number_printed_by_a_program_is_right(value: float, decimals: int) -> None:
    assert verdict(f"{value:,.{decimals}f}", value, about=number(decimal=".")).state == NumberState.MATCH


@given(value=st.integers(-(10**9), 10**9), off=st.integers(1, 10**6), sign=st.sampled_from([-1, 1]))
def test_a_number_that_is_off_is_wrong_by_that_much(value: int, off: int, sign: int) -> None:
    found = verdict(f"{value + sign * off:,}", float(value), about=number(decimal="."))
    assert (found.state, found.difference) == (NumberState.WRONG, sign * off)


# wrong ----------------------------------------------------------------------------------------------------------------


def test_a_wrong_number_says_by_how_much() -> None:
    found = verdict("1.2M", 1_318_402.0)
    assert found.message == (
        "Page shows 1.2M (1,200,000), the backend has 1,318,402 EUR: 118,402 EUR (9.0 %) too low, 50,000 EUR allowed."
    )
    assert (found.page_value, found.backend_value, found.difference) == (1_200_000, 1_318_402, -118_402)
    assert (found.tolerance, found.unit) == (50_000, "EUR")


@pytest.mark.parametrize(
    ("text", "backend", "end"),
    [
        ("410", 409_849, "Times 1,000 it would be about right."),
        ("409,849,000", 409_849, "Divided by 1,000 it would be about right."),
        ("-409,849", 409_849, "With the other sign it would be about right."),
    ],
)
def test_a_lost_scale_or_sign_is_recognised(text: str, backend: float, end: str) -> None:
    assert verdict(text, backend).message.endswith(end)


def test_small_differences_can_be_seen_in_the_message() -> None:
    found = verdict("1.0001", 1.0003, about=number(""))
    assert "Page shows 1.0001, the backend has 1.0003: 0.0002" in found.message


@pytest.mark.parametrize(
    ("text", "unit", "message"),
    [
        ("$1.2M", "EUR", "Page shows $1.2M (USD), expected a number in EUR."),
        ("5 USD", "EUR", "Page shows 5 USD, expected a number in EUR."),
        ("5 kr", "EUR", "Page shows 5 kr (SEK), expected a number in EUR."),
        ("12.3 %", "EUR", "Page shows 12.3 %, expected a number in EUR."),
        ("12.3 %", "orders", "Page shows 12.3 %, expected a number in orders."),
        ("€5", "orders", "Page shows €5 (EUR), expected a number in orders."),
        ("€5", "%", "Page shows €5 (EUR), expected a number in %."),
    ],
)
def test_another_unit_is_wrong_whatever_the_number(text: str, unit: str, message: str) -> None:
    found = verdict(text, 5.0, about=number(unit))
    assert (found.state, found.fault, found.message) == (NumberState.WRONG, Fault.WRONG_UNIT, message)


# unreadable, not known ------------------------------------------------------------------------------------------------


def test_a_number_that_is_not_there_is_missing() -> None:
    found = verdict(None, 5.0)
    assert (found.state, found.fault) == (NumberState.UNREADABLE, Fault.MISSING_NUMBER)
    assert found.message == "`#revenue` is not on the page, expected a number there."


def test_a_text_without_a_number_is_unreadable() -> None:
    found = verdict("—", 5.0)
    assert (found.state, found.fault) == (NumberState.UNREADABLE, Fault.UNREADABLE_NUMBER)
    assert (found.message, found.page_text) == ("Page shows “—”, expected a number.", "—")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (asked(problem="The warehouse refused the connection."), "The warehouse refused the connection."),
        (asked(), "It answered null, expected a number."),
        (asked(math.nan), "It answered no finite number."),
        (asked(math.inf), "It answered no finite number."),
    ],
)
def test_without_a_backend_nothing_is_known(answer: Asked, said: str) -> None:
    found = judge(number(), "5 EUR", Backend(answer, answer), skew_seconds=SKEW, now=NOW)
    assert (found.state, found.fault) == (NumberState.UNKNOWN, Fault.BACKEND_FAILED)
    assert found.message == f"Page shows 5 EUR, the backend has no value: {said}"
    assert (found.page_value, found.backend_value) == (5, None)


def test_a_dash_is_no_fault_of_the_page_when_the_backend_has_nothing_either() -> None:
    assert verdict("—", None).state == NumberState.UNKNOWN
    failed = Backend(asked(problem="No answer within 10 s."))
    assert judge(number(), "—", failed, skew_seconds=SKEW, now=NOW).state == NumberState.UNREADABLE


def test_one_answer_of_two_is_enough() -> None:
    failed, five = asked(problem="No answer within 10 s."), asked(5.0)
    for backend in (Backend(failed, five), Backend(five, failed)):
        assert judge(number(), "5", backend, skew_seconds=SKEW, now=NOW).state == NumberState.MATCH
        assert judge(number(), "6", backend, skew_seconds=SKEW, now=NOW).state == NumberState.WRONG
