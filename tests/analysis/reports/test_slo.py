"""Error budgets and burn rates: the figures of the workbook's chapter, and what must hold for any looks."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.reports.slo import (
    FEWEST_BAD,
    SPANS,
    WINDOWS,
    Count,
    budget,
    burn_rate,
    burning,
    counts_of,
    lasts_seconds,
    spent_within,
    uptimes,
)

NONE = dict.fromkeys(SPANS, Count(0, 0))
TARGETS = st.floats(0.5, 0.9999)


@pytest.mark.parametrize(
    ("rate", "hours", "share"),
    [(14.4, 1, 0.02), (6.0, 6, 0.05), (1.0, 72, 0.10)],  # table 5-8 of the chapter, for 30 days
)
def test_each_window_fires_at_the_share_of_the_budget_that_the_workbook_gives(
    rate: float, hours: float, share: float
) -> None:
    assert spent_within(rate, hours * 3600, 30) == pytest.approx(share)


def test_the_windows_are_those_of_the_workbook() -> None:
    assert [(one.severity, one.rate, one.long, one.short) for one in WINDOWS] == [
        ("critical", 14.4, "1h", "5m"),
        ("critical", 6.0, "6h", "30m"),
        ("warning", 1.0, "3d", "6h"),
    ]
    assert all(SPANS[one.long] == 12 * SPANS[one.short] for one in WINDOWS), "the short one is a twelfth of the long"


@pytest.mark.parametrize(
    ("rate", "error_ratio", "days"),
    [(1, 0.001, 30), (2, 0.002, 15), (10, 0.01, 3), (1000, 1.0, 0.03)],  # table 5-4: 99.9 % over 30 days
)
def test_a_burn_rate_says_how_long_the_budget_lasts(rate: float, error_ratio: float, days: float) -> None:
    bad = round(error_ratio * 1_000_000)
    assert burn_rate(bad, 1_000_000, 0.999) == pytest.approx(rate)
    assert lasts_seconds(rate, 30) == pytest.approx(days * 86_400)


def test_a_budget_is_what_the_target_allows() -> None:
    month = budget(8620, 8640, 0.995)  # a look every five minutes for 30 days
    assert month.budget_looks == pytest.approx(43.2)
    assert month.ratio == pytest.approx(0.99769, abs=1e-5)
    assert month.spent_ratio == pytest.approx(0.463, abs=1e-3)
    assert month.remaining_ratio == pytest.approx(0.537, abs=1e-3)
    assert budget(90, 100, 0.99).remaining_ratio == pytest.approx(-9.0), "overspent is said, not cut off"


def test_nothing_is_known_of_a_report_without_looks() -> None:
    empty = budget(0, 0, 0.99)
    assert (empty.ratio, empty.spent_ratio, empty.remaining_ratio) == (None, None, None)
    assert burn_rate(0, 0, 0.99) is None
    assert burning(NONE, 0.99) is None
    assert lasts_seconds(0.0, 30) is None


def test_an_outage_burns_by_the_fastest_window() -> None:
    counts = {"5m": Count(3, 2), "30m": Count(6, 2), "1h": Count(12, 2), "6h": Count(72, 2), "3d": Count(864, 2)}
    found = burning(counts, 0.995)
    assert found is not None
    assert (found.window.long, found.window.severity) == ("1h", "critical")
    assert found.rate == pytest.approx(2 / 12 / 0.005)
    assert found.short == Count(3, 2)


def test_what_comes_and_goes_burns_by_the_middle_window_and_what_smoulders_by_the_slow_one() -> None:
    now_and_then = {"5m": Count(3, 0), "30m": Count(6, 1), "1h": Count(12, 1), "6h": Count(72, 7), "3d": Count(864, 9)}
    found = burning(now_and_then, 0.995)
    assert found is not None
    assert found.window.long == "6h"
    slow = {"5m": Count(3, 0), "30m": Count(6, 0), "1h": Count(12, 0), "6h": Count(72, 1), "3d": Count(864, 9)}
    found = burning(slow, 0.995)
    assert found is not None
    assert (found.window.long, found.window.severity) == ("3d", "warning")


def test_one_bad_look_of_few_burns_nothing() -> None:
    counts = dict.fromkeys(("5m", "30m", "1h"), Count(3, 1)) | {"6h": Count(9, 1), "3d": Count(99, 1)}
    assert burning(counts, 0.999) is None


def test_what_is_over_no_longer_burns() -> None:
    over = {"5m": Count(3, 0), "30m": Count(6, 0), "1h": Count(12, 9), "6h": Count(72, 9), "3d": Count(864, 9)}
    found = burning(over, 0.9)
    assert found is None, "the short windows are good again"


counted = st.integers(0, 500).flatmap(lambda known: st.builds(Count, st.just(known), st.integers(0, known)))
windows = st.fixed_dictionaries(dict.fromkeys(SPANS, counted))


@given(windows, TARGETS)
def test_what_burns_burns_in_both_parts_and_never_by_one_look(counts: dict[str, Count], target: float) -> None:
    found = burning(counts, target)
    rates = {span: burn_rate(one.bad, one.known, target) or 0.0 for span, one in counts.items()}
    fits = [
        one
        for one in WINDOWS
        if counts[one.long].bad >= FEWEST_BAD and rates[one.long] >= one.rate and rates[one.short] >= one.rate
    ]
    assert (found.window if found else None) == (fits[0] if fits else None)
    if found:
        assert min(found.rate, found.short_rate) >= found.window.rate


@given(windows, TARGETS, TARGETS)
def test_a_stricter_target_never_burns_less(counts: dict[str, Count], one: float, other: float) -> None:
    found = [burning(counts, target) for target in sorted((one, other))]
    places = [WINDOWS.index(burn.window) if burn else len(WINDOWS) for burn in found]
    assert places[1] <= places[0]


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), TARGETS)
def test_spent_and_remaining_are_the_whole_and_agree_with_the_burn_rate(looks: tuple[int, int], target: float) -> None:
    good, known = looks
    found = budget(good, known, target)
    assert found.spent_ratio is not None
    assert found.remaining_ratio is not None
    assert found.spent_ratio + found.remaining_ratio == pytest.approx(1.0)
    assert found.spent_ratio == pytest.approx(burn_rate(known - good, known, target))
    assert found.spent_ratio * found.budget_looks == pytest.approx(known - good)
    assert (found.ratio == 1.0) == (known == good), "never rounded up to all good"


def test_up_is_every_known_look_that_was_not_down() -> None:
    days = pl.DataFrame({"report_id": ["sales", "sales", "new"], "known": [10, 10, 0], "down": [1, 0, 0]})
    assert uptimes(days).rows() == [("sales", pytest.approx(0.95)), ("new", None)]
    assert uptimes(days.clear()).is_empty()


def test_counts_are_read_from_the_rows_of_the_query() -> None:
    row = {f"{kind}_{span}": place for place, span in enumerate(SPANS) for kind in ("known", "bad")}
    assert counts_of(row)["6h"] == Count(3, 3)
