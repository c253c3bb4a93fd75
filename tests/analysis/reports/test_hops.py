"""The first wrong hop, day and segment: what is found, what is passed over, and what a person reads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.reports.hop_words import explain
from analysis.reports.hops import (
    PAGE,
    Difference,
    HopValue,
    Proof,
    Slice,
    Wrong,
    first_wrong,
    first_wrong_day,
    worst_segment,
)
from config.reports import Tolerance

EXACT = Tolerance()
IDS = ("source", "staging", "mart", "serving")
NOV = [date(2026, 11, day) for day in range(1, 31)]


def way(*values: float | str | None, allowed: float = 0.0) -> list[HopValue]:
    """Hops with these values, the page last; a text is the problem of one that could not be asked."""
    *hops, page = values
    found = [
        HopValue(hop, hop.title(), None if isinstance(one, str) else one, one if isinstance(one, str) else None)
        for hop, one in zip(IDS, hops, strict=False)
    ]
    problem = page if isinstance(page, str) else None
    return [*found, HopValue(PAGE, "the page", None if isinstance(page, str) else page, problem, allowed)]


def days(*values: float | None, rows: Sequence[int] = ()) -> list[Slice[date | None]]:
    counts = rows or [1] * len(values)
    return [Slice(day, value, count) for day, value, count in zip(NOV, values, counts, strict=False)]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (way(5, 5, 5, 5, 5), None),
        (way(5, 5, 5, 5, 4), Wrong(4, 3)),
        (way(5, 5, 4, 4, 4), Wrong(2, 1)),
        (way(5, 4, 3, 2, 1), Wrong(1, 0)),
        (way(5, 4, 5, 5, 5), Wrong(1, 0, right_again=2)),
        (way(5, "away", 4, 4, 4), Wrong(2, 0, unknown=(1,))),
        (way("away", 5, "away", "away", 4), Wrong(4, 1, unknown=(2, 3))),
        (way("away", "away", "away", "away", 4), None),
        (way(5, "away", 5, "away", 5), None),
        (way(5, 5, None, None, "no number"), Wrong(2, 1)),
        (way(None, None, None, None, 0), Wrong(4, 3)),
        (way(0.1 + 0.2, 0.3, 0.3, 0.3, 0.3), None),
    ],
)
def test_the_first_hop_that_differs_from_the_last_known_one_is_wrong(
    values: list[HopValue], expected: Wrong | None
) -> None:
    assert first_wrong(values, EXACT) == expected


def test_a_page_may_round_what_hops_may_not() -> None:
    assert first_wrong(way(409_849, 409_849, 409_849, 409_849, 410_000, allowed=500), EXACT) is None
    assert first_wrong(way(409_849, 410_000, 410_000, 410_000, 410_000, allowed=500), EXACT) == Wrong(1, 0)


@pytest.mark.parametrize(("gap", "is_wrong"), [(10, False), (10.001, True)])
@pytest.mark.parametrize(
    "tolerance", [Tolerance(absolute=10), Tolerance(relative=0.1), Tolerance(absolute=10, relative=0.01)]
)
def test_the_largest_tolerance_counts(tolerance: Tolerance, gap: float, is_wrong: bool) -> None:
    assert (first_wrong(way(100, 100 - gap, 100 - gap, 100 - gap, 100 - gap), tolerance) is not None) is is_wrong


@given(
    st.integers(1, 4),
    st.floats(-1e12, 1e12),
    st.floats(0.01, 1e9) | st.floats(-1e9, -0.01),
    st.sets(st.integers(0, 4)),
)
def test_one_break_is_found_whichever_hops_are_away(at: int, value: float, gap: float, away: set[int]) -> None:
    found = way(*(("away" if hop in away else value + (gap if hop >= at else 0)) for hop in range(5)))
    wrong = first_wrong(found, EXACT)
    known = [hop for hop in range(5) if hop not in away]
    right, broken = [hop for hop in known if hop < at], [hop for hop in known if hop >= at]
    if abs(gap) <= 2e-9 * abs(value):
        return
    if not (right and broken):
        assert wrong is None
    else:
        assert wrong == Wrong(broken[0], right[-1], tuple(range(right[-1] + 1, broken[0])))
        assert wrong.before < at <= wrong.position


def test_the_first_wrong_day_is_named_with_its_values_and_rows() -> None:
    found = first_wrong_day(days(5, 6, 7, rows=[9, 9, 9]), days(5, 4, 3, rows=[9, 8, 7]), EXACT)
    assert found == Difference(NOV[1], 6, 4, 9, 8)


def test_errors_that_cancel_out_are_found() -> None:
    assert first_wrong_day(days(5, 6, 7), days(5, 7, 6), EXACT) == Difference(NOV[1], 6, 7, 1, 1)
    assert worst_segment([Slice("DE", 5, 2), Slice("IT", 5, 2)], [Slice("DE", 6, 2), Slice("IT", 4, 2)], EXACT)


def test_rows_count_only_where_no_value_differs() -> None:
    before, here = days(5, 6, 7, rows=[1, 1, 1]), days(5, 6, 7, rows=[2, 1, 1])
    assert first_wrong_day(before, here, EXACT) == Difference(NOV[0], 5, 5, 1, 2)
    here[2] = Slice(NOV[2], 8, 1)
    assert first_wrong_day(before, here, EXACT) == Difference(NOV[2], 7, 8, 1, 1)


def test_a_day_of_one_hop_only_counts_and_an_empty_day_does_not() -> None:
    assert first_wrong_day(days(5, 6), days(5), EXACT) == Difference(NOV[1], 6, None, 1, 0)
    assert first_wrong_day(days(5), days(5, 6), EXACT) == Difference(NOV[1], None, 6, 0, 1)
    assert first_wrong_day(days(5), days(5, 0, rows=[1, 0]), EXACT) is None
    assert first_wrong_day(days(5), days(5, None, rows=[1, 0]), EXACT) is None
    late = Slice(NOV[2], 9, 1)
    assert first_wrong_day([*days(5, 0), late], [*days(5), Slice(NOV[2], 8, 1)], EXACT) == Difference(
        NOV[2], 9, 8, 1, 1
    )
    assert first_wrong_day([*days(5), late], [*days(5, 0), Slice(NOV[2], 8, 1)], EXACT) == Difference(
        NOV[2], 9, 8, 1, 1
    )
    assert first_wrong_day(days(5, 0), days(5, None), EXACT) == Difference(NOV[1], 0, None, 1, 1)


def test_rows_without_a_day_come_last() -> None:
    before: list[Slice[date | None]] = [Slice(None, 1, 1), *days(5, 6)]
    here: list[Slice[date | None]] = [Slice(None, 2, 2), *days(5, 7)]
    assert first_wrong_day(before, here, EXACT) == Difference(NOV[1], 6, 7, 1, 1)
    assert first_wrong_day(before, [here[0], *days(5, 6)], EXACT) == Difference(None, 1, 2, 1, 2)


def test_a_day_beyond_the_tolerance_comes_before_one_within() -> None:
    loose = Tolerance(absolute=10)
    assert first_wrong_day(days(100, 100), days(101, 50), loose) == Difference(NOV[1], 100, 50, 1, 1)
    assert first_wrong_day(days(100, 100), days(100, 101), loose) == Difference(NOV[1], 100, 101, 1, 1)


def test_the_segment_that_is_furthest_off_is_named() -> None:
    before = [Slice("DE", 5, 2), Slice("FR", 9, 4), Slice("IT", 3, 2)]
    assert worst_segment(before, [Slice("DE", 6, 2), Slice("IT", 3, 2)], EXACT) == Difference("FR", 9, None, 4, 0)
    assert worst_segment(before, before, EXACT) is None


@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=30), st.data())
def test_the_first_changed_day_is_found_in_any_history(values: list[int], data: st.DataObject) -> None:
    changed = data.draw(st.sets(st.integers(0, len(values) - 1)))
    here = [value + 1 if at in changed else value for at, value in enumerate(values)]
    found = first_wrong_day(data.draw(st.permutations(days(*values))), data.draw(st.permutations(days(*here))), EXACT)
    assert (found.name if found else None) == (NOV[min(changed)] if changed else None)


def said(values: list[HopValue], proof: Proof | None = None, unit: str = "EUR") -> str:
    return explain(values, first_wrong(values, EXACT), proof or Proof(), unit)


def test_the_proof_is_one_sentence() -> None:
    day: Difference[date | None] = Difference(NOV[11], 300_000, 150_000, 9_000, 7_796)
    segment = Difference("IT", 236_804.0, 118_402.0, 2_408, 1_204)
    values = way(900, 900, 700, 700, 700)
    assert said(values, Proof(day, segment)) == (
        "Right at Source and Staging, wrong from Mart on: first on 12 Nov 2026, segment IT: "
        "1,204 rows instead of 2,408, 118,402 EUR too low."
    )
    assert said(values, Proof(day, note="Mart cannot tell segments apart")) == (
        "Right at Source and Staging, wrong from Mart on: first on 12 Nov 2026: "
        "7,796 rows instead of 9,000, 150,000 EUR too low. Mart cannot tell segments apart."
    )


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (way(5, 5, 5, 5, 4), "Right at Source, Staging, Mart and Serving, wrong on the page only: 1 EUR too low."),
        (way(5, 7, 5, 5, 5), "Right at Source, wrong at Staging, right again from Mart on: 2 EUR too high."),
        (
            way(5, "away", 4, 4, 4),
            "Right at Source, wrong from Mart on (Staging could not be asked, it may be wrong there already): "
            "1 EUR too low.",
        ),
        (
            way("away", 5, 4, 4, 4),
            "Right at Staging, wrong from Mart on (Source could not be asked): 1 EUR too low.",
        ),
        (way(5, 5, 5, 5, 5), "Source, Staging, Mart, Serving and the page agree."),
        (way(5, "away", 5, 5, 5), "Source, Mart, Serving and the page agree; Staging could not be asked."),
        (
            way("a", "a", "a", "a", 5),
            "Source, Staging, Mart and Serving could not be asked: where it goes wrong is not known.",
        ),
        (way(5, None, 0, 0, 0), "Right at Source, wrong from Staging on: no value instead of 5 EUR."),
    ],
)
def test_what_is_not_known_is_said(values: list[HopValue], expected: str) -> None:
    assert said(values) == expected


@pytest.mark.parametrize(
    ("found", "unit", "expected"),
    [
        (Difference("IT", 5.0, None, 2, 0), "EUR", "no rows instead of 2, 5 EUR too low"),
        (Difference("IT", None, 5.0, 0, 1), "EUR", "1 row instead of none, 5 EUR too high"),
        (Difference("IT", 5.0, None, 2, 2), "EUR", "the same 2 rows, no value instead of 5 EUR"),
        (Difference("IT", 5.0, 5.0, 2, 4), "EUR", "4 rows instead of 2, the same value"),
        (Difference("IT", 0.25, 0.2, 2, 2), "ratio", "the same 2 rows, 5 points too low"),
        (Difference("IT", 12.5, 13.75, 2, 2), "%", "the same 2 rows, 1.25 points too high"),
    ],
)
def test_a_difference_is_told_by_rows_and_value(found: Difference[str], unit: str, expected: str) -> None:
    day: Difference[date | None] = Difference(NOV[11], 1, 2)
    text = said(way(9, 8, 8, 8, 8), Proof(day, found), unit)
    assert text.removeprefix("Right at Source, wrong from Staging on: first on 12 Nov 2026, segment IT: ") == (
        f"{expected}."
    )
