"""Numbers and states as a person reads them."""

from __future__ import annotations

import pytest

from app import words
from store.rows import ActionState, AlertState, CheckState, FreshnessState, Outcome, RequestState, RunStatus


@pytest.mark.parametrize(
    ("value", "said"),
    [(None, "–"), (0, "0 B"), (999, "999 B"), (1_500, "1.5 kB"), (12_300_000_000, "12.3 GB"), (4e12, "4.0 TB")],
)
def test_bytes_have_a_unit_that_reads_well(value: float | None, said: str) -> None:
    assert words.size(value) == said


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        (None, "–"),
        (0, "0 %"),
        (1, "100 %"),
        (0.43, "43 %"),
        (0.004, "0.4 %"),
        (0.9995, "99.95 %"),
        (0.99999, "99.99 %"),
    ],
)
def test_a_share_is_never_rounded_up_to_all(ratio: float | None, said: str) -> None:
    assert words.share(ratio) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, "–"),
        (0.0004, "< 1 ms"),
        (0.25, "250 ms"),
        (1.23, "1.2 s"),
        (59.97, "1 min"),
        (200, "3 min 20 s"),
        (34_200, "9 h 30 min"),
        (187_200, "2 d 4 h"),
        (-5, "−5.0 s"),
    ],
)
def test_a_duration_has_its_two_largest_units(seconds: float | None, said: str) -> None:
    assert words.duration(seconds) == said


@pytest.mark.parametrize(
    ("amount", "currency", "said"),
    [(1234.5, "EUR", "€1,234.50"), (-3, "USD", "−$3.00"), (12_345.6, "EUR", "€12,346"), (12, "CHF", "CHF 12.00")],
)
def test_money_always_says_its_currency(amount: float, currency: str, said: str) -> None:
    assert words.money(amount, currency) == said


def test_a_metric_is_said_in_words() -> None:
    assert words.spoken("cpu_busy_ratio") == "CPU busy ratio"
    assert words.measured(3_300_000.0, "bytes per second") == "3.3 MB/s"
    assert words.measured(86.2, "EUR") == "86.2 EUR"


@pytest.mark.parametrize(
    "kind", [RunStatus, CheckState, FreshnessState, Outcome, RequestState, AlertState, ActionState]
)
def test_every_state_of_the_store_has_a_word_of_its_own(kind: type[RunStatus]) -> None:
    assert {str(member) for member in kind} <= words.STATES.keys()


def test_a_state_that_nobody_knows_is_unknown_and_not_fine() -> None:
    assert words.pill("made-up") == words.pill(None) == "? Unknown"
