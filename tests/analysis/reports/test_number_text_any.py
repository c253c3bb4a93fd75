"""Numbers in any style are read back, and any text at all is read or refused."""

from __future__ import annotations

import math
import time
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analysis.reports.number_text import NumberTextError, parse_number

STYLES = {
    "en": (",", "."),
    "de": (".", ","),
    "fr": ("\u202f", ","),
    "si": ("\u2009", "."),
    "ch": ("’", "."),
    "": ("", "."),
}
SCALES = {"": 0, "k": 3, "M": 6, "bn": 9, "T": 12}
AROUND = ["{}", "€{}", "EUR {}", "{} €", "{} EUR", "{} %", "Revenue: {}", "{}\n+3 %", "\n {} \n"]


def written(units: int, decimals: int, group: str, mark: str) -> str:
    """`units` of the last digit, grouped in threes."""
    digits = str(abs(units)).rjust(decimals + 1, "0")
    whole, fraction = digits[: len(digits) - decimals], digits[len(digits) - decimals :]
    return f"{int(whole):,}".replace(",", group) + (mark + fraction if fraction else "")


@settings(max_examples=400, deadline=None)
@given(
    units=st.integers(-(10**14), 10**14),
    decimals=st.integers(0, 6),
    style=st.sampled_from(sorted(STYLES)),
    scale=st.sampled_from(sorted(SCALES)),
    minus=st.sampled_from(["-{}", "−{}", "({})", "{}-"]),
    around=st.sampled_from(AROUND),
)
def test_a_number_written_in_any_style_is_read_back(
    units: int, decimals: int, style: str, scale: str, minus: str, around: str
) -> None:
    group, mark = STYLES[style]
    text = written(units, decimals, group, mark) + scale
    if units < 0:
        text = minus.format(text) if scale == "" or minus != "{}-" else f"-{text}"
    found = parse_number(around.format(text), "," if mark == "," else ".")
    size = 10.0 ** SCALES[scale]
    assert found.value == pytest.approx(units / 10**decimals * size, rel=1e-12)
    assert found.rounding == pytest.approx(0.5 / 10**decimals * size)


@settings(max_examples=200, deadline=None)
@given(units=st.integers(-(10**12), 10**12), decimals=st.integers(0, 4), style=st.sampled_from(sorted(STYLES)))
def test_without_a_decimal_mark_given_one_of_the_two_meanings_is_the_number(
    units: int, decimals: int, style: str
) -> None:
    group, mark = STYLES[style]
    found = parse_number(("-" if units < 0 else "") + written(units, decimals, group, mark))
    meanings = [found.value] if found.other is None else [found.value, found.other]
    assert any(math.isclose(one, units / 10**decimals, rel_tol=1e-12) for one in meanings)


PIECES = st.sampled_from(
    [*"0123456789.,' ()-+−%€$‰¥kMeE:/\n\t\u00a0½²٣▲▼—", "Mio.", "EUR", "1,234", "n/a", "24 Nov", "vs"]
)


@settings(max_examples=500, deadline=None)
@given(
    text=st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=20).map("".join)),
    decimal=st.sampled_from(["auto", ".", ","]),
    unit=st.sampled_from(["", "EUR", "%", "ratio", "orders", "$"]),
)
@example("1e-999", "auto", "")
@example("٣²½", "auto", "")
def test_any_text_is_a_finite_number_or_refused_in_one_sentence(text: str, decimal: str, unit: str) -> None:
    try:
        found = parse_number(text, decimal, unit)  # type: ignore[arg-type]
    except NumberTextError as error:
        assert str(error).startswith("shows ")
        assert "\n" not in str(error)
    else:
        assert math.isfinite(found.value)
        assert found.rounding >= 0


@pytest.mark.parametrize("piece", ["1.1", "x5", "1 234 ", "5-", "(1", "1,", "1/", "$", "Mai 1 ", "\n1", "+(1 %)"])
def test_no_text_takes_long(piece: str) -> None:
    begun = time.process_time()
    with suppress(NumberTextError):
        parse_number((piece * 4_000)[:4_000])
    assert time.process_time() - begun < 5
