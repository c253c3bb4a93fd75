"""A text that says the same on another day settles to the same; one that says something else does not."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.reports.volatile import settled

SAME = [
    ("Revenue €409.8k", "Revenue €1.2M", "Revenue €…"),
    ("Revenue €3", "Revenue (€1,204.50)", "Revenue €…"),
    ("Revenue 3 €", "Revenue -1.204,50 €", "Revenue … €"),
    ("Margin 12.3 %", "Margin −0.5 %", "Margin … %"),
    ("1 partner", "1 204 partners", "… partner"),
    ("updated just now", "updated 3 minutes ago", "updated …"),
    ("updated an hour ago", "updated 2 days ago", "updated …"),
    ("As of 2026-11-25T08:12:03Z", "As of 24.11.2026 23:59", "As of …"),
    ("As of Nov 5, 2026", "As of 25 December 2026, 8:12 PM", "As of …"),
    ("Jan Feb Mar", "Dec Jan", "…"),
    ("Stand: 5. März 2026", "Stand: heute", "Stand: …"),
    ("▲ 3 % vs last week", "▼ 12 % vs last week", "… % vs last week"),
    ("run 3f2504e0-4f89-11d3-9a0c-0305e82c3301", "run 9b2d04e0-aa89-11d3-9a0c-0305e82cffff", "run …"),
    ("commit deadbeef12", "commit 0a1b2c3d4e5f", "commit …"),
    ("loaded in 350 ms", "loaded in 1 min 5 s", "loaded in …"),
    ("Items (3)", "Items (120)", "Items …"),
    ("1–50 of 312", "51–100 of 3,120", "… of …"),
]


@pytest.mark.parametrize(("before", "after", "shown"), SAME)
def test_what_changes_by_itself_is_no_change(before: str, after: str, shown: str) -> None:
    assert settled(before) == settled(after) == shown


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Revenue", "Returns"),
        ("€3", "$3"),
        ("12.3 %", "12.3"),
        ("Revenue 409", "Revenue —"),
        ("Revenue 409", "Revenue NaN"),
        ("Revenue 409", "Revenue"),
        ("a facade", "a decade"),
        ("Total orders", "Total order"),
    ],
)
def test_words_and_units_and_a_missing_value_are_a_change(before: str, after: str) -> None:
    assert settled(before) != settled(after)


FIGURES = st.one_of(
    st.integers(0, 10**9).map("{:,}".format),
    st.integers(0, 10**9).map(str),
    st.floats(-1e6, 1e6, allow_nan=False).map("{:.2f}".format),
    st.floats(0, 999, allow_nan=False).map("{:.1f}k".format),
    st.integers(1, 10**6).map("({:,})".format),
    st.dates().map(lambda day: day.isoformat()),
    st.datetimes().map(lambda at: at.isoformat(sep=" ", timespec="seconds")),
    st.times().map(lambda at: at.strftime("%H:%M")),
    st.uuids().map(str),
)
WORDS = st.lists(st.sampled_from(["Revenue", "Orders", "of", "partner", "€", "%", ":", "last", "week"]), max_size=4)


@given(WORDS, FIGURES, FIGURES, WORDS)
def test_any_figure_may_stand_for_any_other(before: list[str], one: str, other: str, after: list[str]) -> None:
    assert settled(" ".join([*before, one, *after])) == settled(" ".join([*before, other, *after]))


@given(st.text())
def test_no_digit_is_left_of_any_text(text: str) -> None:
    assert not any(letter in "0123456789" for letter in settled(text))


@pytest.mark.parametrize("text", ["a1" * 100_000, "1 " * 100_000, "deadbeef" * 25_000, "- " * 100_000, "(" * 200_000])
def test_no_text_takes_long(text: str) -> None:
    begun = time.process_time()
    settled(text)
    assert time.process_time() - begun < 2
