"""Numbers as pages write them: every locale, scale, currency and sign, and what is no number."""

from __future__ import annotations

import pytest

from analysis.reports.number_text import NumberTextError, parse_number

READ = [
    # groups and decimal marks
    ("1,234.56", 1234.56, 0.005, ""),
    ("1.234,56", 1234.56, 0.005, ""),
    ("1 234,56", 1234.56, 0.005, ""),
    ("1\u00a0234,56", 1234.56, 0.005, ""),
    ("1\u202f234,56", 1234.56, 0.005, ""),
    ("1\u2009234,56", 1234.56, 0.005, ""),
    ("1'234.56", 1234.56, 0.005, ""),
    ("1’234.56", 1234.56, 0.005, ""),
    ("12,34,567.89", 1234567.89, 0.005, ""),
    ("1.234.567", 1234567, 0.5, ""),
    ("0,123", 0.123, 0.0005, ""),
    (".5", 0.5, 0.05, ""),
    ("409,849.00", 409849, 0.005, ""),
    ("１２３４", 1234, 0.5, ""),
    ("٣٬٢٥٤٫٥", 3254.5, 0.05, ""),
    ("1\u200b234\u200e", 1234, 0.5, ""),
    # scales
    ("1.2M", 1_200_000, 50_000, ""),
    ("1.2 m", 1_200_000, 50_000, ""),
    ("410k", 410_000, 500, ""),
    ("1.234M", 1_234_000, 500, ""),
    ("3.4bn", 3.4e9, 5e7, ""),
    ("1.2B", 1.2e9, 5e7, ""),
    ("2T", 2e12, 5e11, ""),
    ("1.2MM", 1_200_000, 50_000, ""),
    ("3,4 Mio.", 3_400_000, 50_000, ""),
    ("3,4 Mrd.", 3.4e9, 5e7, ""),
    ("1,2 Tsd.", 1_200, 50, ""),
    ("1.234 Mio.", 1.234e9, 5e5, ""),
    ("1,234 Mio. €", 1_234_000, 500, "EUR"),
    ("12 k€", 12_000, 500, "EUR"),
    ("TEUR 1.234", 1_234_000, 500, "EUR"),
    ("1.2億円", 120_000_000, 5_000_000, "JPY"),
    ("1.2 crore", 12_000_000, 500_000, ""),
    ("1.2e6", 1_200_000, 50_000, ""),
    ("1,2E-3", 0.0012, 0.00005, ""),
    ("1.2×10⁶", 1_200_000, 50_000, ""),
    # shares
    ("12.3 %", 12.3, 0.05, "%"),
    ("12,3%", 12.3, 0.05, "%"),
    ("%12,3", 12.3, 0.05, "%"),
    ("4 ‰", 4, 0.5, "‰"),
    # signs
    ("(1,234.0)", -1234, 0.05, ""),
    ("(1.2M)", -1_200_000, 50_000, ""),
    ("($1.2M)", -1_200_000, 50_000, "USD"),
    ("$(1.2M)", -1_200_000, 50_000, "USD"),
    ("−5", -5, 0.5, ""),
    ("–5", -5, 0.5, ""),
    ("-5", -5, 0.5, ""),
    ("- 5", -5, 0.5, ""),
    ("+5", 5, 0.5, ""),
    ("5-", -5, 0.5, ""),
    ("1.234,56- EUR", -1234.56, 0.005, "EUR"),
    ("-$1.2M", -1_200_000, 50_000, "USD"),
    ("$-1.2M", -1_200_000, 50_000, "USD"),
    ("Net income: (12.50)", -12.5, 0.005, ""),
    # currencies
    ("$1.2M", 1_200_000, 50_000, "USD"),
    ("US$ 5", 5, 0.5, "USD"),
    ("C$5", 5, 0.5, "CAD"),
    ("AUD$5", 5, 0.5, "AUD"),
    ("R$ 1.234,56", 1234.56, 0.005, "BRL"),
    ("CHF 1'234.50", 1234.5, 0.005, "CHF"),
    ("£1.2m", 1_200_000, 50_000, "GBP"),
    ("¥500", 500, 0.5, "JPY"),
    ("₹12,34,567", 1234567, 0.5, "INR"),
    ("kr 1 234", 1234, 0.5, "SEK"),
    ("1 234,50 kr.", 1234.5, 0.005, "SEK"),
    ("1.000,- €", 1000, 0.5, "EUR"),
    ("Fr. 5.–", 5, 0.5, "CHF"),
    ("12,34 zł", 12.34, 0.005, "PLN"),
    ("Cost € 500", 500, 0.5, "EUR"),
    # words and lines around it
    ("Revenue: 1,234.5 EUR", 1234.5, 0.05, "EUR"),
    ("1234 orders", 1234, 0.5, "orders"),
    ("70 °F", 70, 0.5, "°F"),
    ("5 m long", 5, 0.5, ""),
    ("410k\n+3.2 %", 410_000, 500, ""),
    ("70 °F\n1.2 °F", 70, 0.5, "°F"),
    ("410k ↑ 3.2 %", 410_000, 500, ""),
    ("410k (3.2 %)", 410_000, 500, ""),
    ("410k\nvs. 397k last year", 410_000, 500, ""),
    ("Revenue (last 30 days)\n410k\n3.2 %", 410_000, 500, ""),
    ("Revenue 2026: 410k (+3.2 %)", 410_000, 500, ""),
    ("Segment 3 revenue\n410k", 410_000, 500, ""),
    ("Q4 revenue 1.2M", 1_200_000, 50_000, ""),
    ("Top 10 partners: 45", 45, 0.5, ""),
    ("COVID-19 cases: 5", 5, 0.5, ""),
    ("Sales - 45", 45, 0.5, ""),
    ("Sales -45", -45, 0.5, ""),
    ("as of 24 Nov 2026 06:10 CET\n410k", 410_000, 500, ""),
    ("410k\nStand: 24.11.2026, 06:10 Uhr", 410_000, 500, ""),
    ("Mar: 45", 45, 0.5, ""),
]


@pytest.mark.parametrize(("text", "value", "rounding", "unit"), READ, ids=[one[0] for one in READ])
def test_what_pages_write_is_read(text: str, value: float, rounding: float, unit: str) -> None:
    found = parse_number(text)
    assert (found.value, found.unit, found.is_ambiguous) == (value, unit, False)
    assert found.rounding == pytest.approx(rounding)


AMBIGUOUS = [
    ("1,234", 1234, 0.5, 1.234, 0.0005),
    ("1.234", 1.234, 0.0005, 1234, 0.5),
    ("1.234 €", 1234, 0.5, 1.234, 0.0005),
    ("Revenue: 1,234 EUR", 1234, 0.5, 1.234, 0.0005),
    ("(1,234)", -1234, 0.5, -1.234, 0.0005),
    ("1,234k", 1_234_000, 500, 1234, 0.5),
    ("12.345 %", 12.345, 0.0005, 12345, 0.5),
    ("12,345 %", 12.345, 0.0005, 12345, 0.5),
    ("Orders (45)", 45, 0.5, -45, 0.5),
    ("▼ 3.2 %", -3.2, 0.05, 3.2, 0.05),
]


@pytest.mark.parametrize(("text", "value", "rounding", "other", "other_rounding"), AMBIGUOUS)
def test_what_can_mean_two_numbers_gives_both(
    text: str, value: float, rounding: float, other: float, other_rounding: float
) -> None:
    found = parse_number(text)
    assert (found.value, found.other) == (value, other)
    assert (found.rounding, found.other_rounding) == pytest.approx((rounding, other_rounding))


def test_another_number_of_the_text_tells_which_mark_is_the_decimal_one() -> None:
    assert parse_number("1.234\n+3,2 %").value == 1234
    assert parse_number("1,234\n+3,2 %").value == 1.234
    assert not parse_number("1.234\n+3,2 %").is_ambiguous


@pytest.mark.parametrize(
    ("text", "decimal", "value"), [("1.234", ".", 1.234), ("1.234", ",", 1234), ("1,234", ",", 1.234), ("5", ",", 5)]
)
def test_the_contract_says_which_mark_is_the_decimal_one(text: str, decimal: str, value: float) -> None:
    found = parse_number(text, decimal)  # type: ignore[arg-type]
    assert (found.value, found.is_ambiguous) == (value, False)


def test_a_number_with_the_other_mark_is_no_number() -> None:
    with pytest.raises(NumberTextError, match=r"shows “1,234\.56”, expected a number with “,” as its decimal mark"):
        parse_number("1,234.56", ",")


def test_the_unit_of_the_contract_is_a_unit_and_no_scale() -> None:
    assert (parse_number("5 m", unit="m").value, parse_number("5 m").value) == (5, 5_000_000)
    assert parse_number("12 GB", unit="GB").value == 12
    assert parse_number("410 k€", unit="k€").value == 410


def test_a_sign_that_several_currencies_share_is_the_one_of_the_contract() -> None:
    assert parse_number("$5", unit="CAD").unit == "CAD"
    assert parse_number("5 kr", unit="DKK").unit == "DKK"
    assert parse_number("$5", unit="EUR").unit == "USD"
    assert parse_number("ALL 5", unit="ALL").unit == "ALL"
    assert parse_number("ALL 5").unit == ""


REFUSED = [
    ("", "shows nothing, expected a number"),
    (" \n\u200b ", "shows nothing, expected a number"),
    ("2026-11-24", "shows “2026-11-24”, expected a number"),
    ("12:30", "shows “12:30”, expected a number"),
    ("10–20", "shows “10–20”, expected a number"),
    ("3/4", "shows “3/4”, expected a number"),
    ("Q4", "shows “Q4”, expected a number"),
    ("1.2.3", "shows “1.2.3”, expected a number"),
    ("1½", "shows “1½”, expected a number"),
    ("< 5", "shows “< 5”, which is a limit; expected a number"),
    ("1,000+", "shows “1,000+”, which is a limit; expected a number"),
    ("3 of 10", "shows 2 numbers (“3”, “10”), expected one: point `at` to the number itself"),
    ("410k\nTarget\n500k", "shows 2 numbers (“410k”, “500k”), expected one: point `at` to the number itself"),
    ("Revenue: 5\nCost: 3", "shows 2 numbers (“5”, “3”), expected one: point `at` to the number itself"),
    ("€5 USD", "shows “€5 USD” in two currencies, expected a number in one"),
    ("Revenue\n—\n+3.2 %", "shows “—”, expected a number"),
    ("Revenue\n– €\n+3.2 %", "shows “– €”, expected a number"),
    ("Segment 3\nn/a\n+3.2 %", "shows “n/a”, expected a number"),
    ("Revenue: NaN (+3 %)", "shows “Revenue: NaN (+3 %)”, expected a number"),
    ("9e999", "shows “9e999”, expected a number that is not as large"),
    ("1" * 5_000, "shows 5,000 letters, expected a number: point `at` to the number itself"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED, ids=[one[0][:12] for one in REFUSED])
def test_what_is_not_one_number_is_named(text: str, message: str) -> None:
    with pytest.raises(NumberTextError) as caught:
        parse_number(text)
    assert str(caught.value) == message


@pytest.mark.parametrize("text", ["—", "–", "-", "n/a", "N/A", "NaN", "null", "No data", "∞", "...", "…", "#REF!"])
def test_nothing_is_shown_as_it_stands(text: str) -> None:
    with pytest.raises(NumberTextError) as caught:
        parse_number(text)
    assert str(caught.value) == f"shows “{text}”, expected a number"
