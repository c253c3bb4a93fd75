"""What is wrong with a number or a report is said in words that need no table beside them."""

from __future__ import annotations

import pytest

from app.reports import phrases
from config.reports import Report

REPORT = Report.model_validate(
    {
        "id": "sales",
        "title": "Sales",
        "url": "http://localhost/sales",
        "subsystem": "sales",
        "numbers": [
            {
                "id": "revenue",
                "title": "Revenue",
                "at": {"text": "Revenue"},
                "unit": "EUR",
                "hops": [{"id": "mart", "title": "Sales mart", "source": "duckdb:x", "sql": "select 1 as value"}],
            }
        ],
    }
)


@pytest.mark.parametrize(
    ("page", "backend", "said"),
    [
        (91.0, 100.0, "9.0 % too low"),
        (130.0, 100.0, "30 % too high"),
        (99.96, 100.0, "< 0.1 % too low"),
        (-5.0, 100.0, "105 % too low"),
        (5_000.0, 100.0, "50 times too high"),
        (7.0, 0.0, "7 too high"),
        (100.0, 100.0, ""),
        (None, 100.0, ""),
    ],
)
def test_a_difference_has_a_size_and_a_side(page: float | None, backend: float, said: str) -> None:
    assert phrases.difference_text(page, backend) == said


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (409_849.0, "EUR", "€409,849"),
        (6.1, "%", "6.1 %"),
        (0.061, "ratio", "6.1 %"),
        (1240.0, "orders", "1,240 orders"),
    ],
)
def test_a_value_is_said_in_its_unit(value: float, unit: str, said: str) -> None:
    assert phrases.value_text(value, unit) == said


def wrong(**changes: object) -> dict[str, object]:
    return {"number_id": "revenue", "state": "wrong", "page_value": 91.0, "backend_value": 100.0, "hop": None} | changes


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (wrong(hop="mart"), "Revenue 9.0 % too low, wrong from Sales mart on"),
        (wrong(hop="page"), "Revenue 9.0 % too low, wrong on the page only"),
        (wrong(), "Revenue 9.0 % too low"),
        (wrong(state="stale"), "Revenue shows an older value"),
        (wrong(number_id="basket-value", state="unreadable"), "Basket value cannot be read"),
    ],
)
def test_a_number_that_is_wrong_says_how_and_from_where(row: dict[str, object], said: str) -> None:
    assert phrases.number_said(REPORT, row) == said


def test_text_from_outside_draws_nothing() -> None:
    assert phrases.plain("**bold** [x](y) <b> $a$ :red[z]\nnext") == (
        r"\*\*bold\*\* \[x\](y) \<b\> \$a\$ \:red\[z\] next"
    )
