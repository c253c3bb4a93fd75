"""Contributions of segments add up to the change, whatever the segments do."""

from __future__ import annotations

import math
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.spc.segment_words import rounded_parts, sentence
from analysis.spc.segments import Contributions, Period, ratio_contributions, sum_contributions

BEFORE = Period(date(2026, 1, 1), date(2026, 1, 7))
AFTER = Period(date(2026, 1, 8), date(2026, 1, 14))
THEN, NOW = date(2026, 1, 3), date(2026, 1, 10)


def sums(**segments: tuple[float | None, float | None]) -> pl.DataFrame:
    rows = [(day, name, value) for name, both in segments.items() for day, value in zip((THEN, NOW), both, strict=True)]
    return pl.DataFrame(
        [row for row in rows if row[2] is not None],
        schema={"day": pl.Date, "segment": pl.String, "value": pl.Float64},
        orient="row",
    )


def ratios(rows: list[tuple[date, str, float, float]]) -> pl.DataFrame:
    schema = {"day": pl.Date, "segment": pl.String, "numerator": pl.Float64, "denominator": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def parts(found: Contributions) -> dict[str, float]:
    return {part.segment: part.change for part in found.parts}


def test_a_change_and_its_parts_in_one_sentence() -> None:
    frame = sums(Italy=(400, 322), Spain=(300, 280), France=(200, 208), Malta=(50, 50), Latvia=(50, 50))
    found = sum_contributions(frame, BEFORE, AFTER)
    assert (found.before, found.after, found.share) == (1000.0, 910.0, pytest.approx(-0.09))
    assert sentence(found, "Orders") == (
        "Orders -9.0 % (1,000 to 910), of which Italy -7.8, Spain -2.0, France +0.8, others (2 segments) 0.0."
    )


def test_new_vanished_and_nameless_segments() -> None:
    frame = sums(old=(30, None), young=(None, 50), same=(20, 20))
    frame = pl.concat([frame, pl.DataFrame([(NOW, None, 5.0)], schema=frame.schema, orient="row")])
    found = sum_contributions(frame, BEFORE, AFTER)
    assert {part.segment: part.state for part in found.parts} == {
        "young": "new",
        "old": "vanished",
        "(no segment)": "new",
        "same": "",
    }
    assert sentence(found).startswith("The total +50.0 % (50 to 75), of which young (new) +100.0, old (vanished) -60.0")


def test_small_segments_are_folded_and_still_count() -> None:
    frame = sums(big=(100, 200), **{f"small{place}": (10, 10.5) for place in range(8)})
    found = sum_contributions(frame, BEFORE, AFTER)
    assert [part.segment for part in found.parts] == ["big", "others"]
    assert found.parts[1].state == "8 segments"
    assert found.parts[1].change == pytest.approx(4.0)


def test_periods_of_different_lengths_are_compared_per_day() -> None:
    frame = sums(a=(70, 28), b=(7, 4))
    found = sum_contributions(frame, BEFORE, Period(date(2026, 1, 8), date(2026, 1, 11)))
    assert (found.before, found.after) == (11.0, 8.0)
    assert parts(found) == {"a": -3.0, "b": 0.0}
    assert "means per day" in sentence(found)


def test_a_total_that_was_zero_has_changes_and_no_share() -> None:
    found = sum_contributions(sums(a=(0, 5), b=(0, 3)), BEFORE, AFTER)
    assert math.isnan(found.share)
    assert sentence(found, "Errors", "rows") == "Errors +8.0 rows (0 rows to 8 rows), of which a +5.0, b +3.0."
    assert sentence(sum_contributions(sums(a=(5, 5)), BEFORE, AFTER)) == "The total is unchanged (5)."


def test_rate_and_mix_of_a_ratio() -> None:
    moved = ratios([(THEN, "A", 10, 100), (THEN, "B", 90, 100), (NOW, "A", 5, 50), (NOW, "B", 135, 150)])
    found = ratio_contributions(moved, BEFORE, AFTER)
    assert (found.before, found.after) == (0.5, 0.7)
    assert sum(part.rate for part in found.parts) == pytest.approx(0)
    assert sum(part.mix for part in found.parts) == pytest.approx(0.2)
    better = ratios([(THEN, "A", 10, 100), (THEN, "B", 90, 100), (NOW, "A", 30, 100), (NOW, "B", 90, 100)])
    found = ratio_contributions(better, BEFORE, AFTER)
    assert (found.parts[0].segment, found.parts[0].rate, found.parts[0].mix) == ("A", pytest.approx(0.1), 0.0)
    assert sentence(found, "Conversion").startswith(
        "Conversion +20.0 % (0.5 to 0.6), of which A +20.0 (rate +20.0, mix 0.0)"
    )


def test_a_new_segment_of_a_ratio_is_all_mix() -> None:
    frame = ratios([(THEN, "A", 50, 100), (NOW, "A", 50, 100), (NOW, "N", 100, 100)])
    found = {part.segment: part for part in ratio_contributions(frame, BEFORE, AFTER).parts}
    assert (found["N"].state, found["N"].rate, found["N"].after) == ("new", 0.0, 1.0)
    assert math.isnan(found["N"].before)
    assert found["N"].mix + found["A"].mix == pytest.approx(0.25)


amounts = st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: round(value, 3))
rows = st.lists(st.tuples(st.integers(0, 13), st.sampled_from("ABCDEFGH"), amounts), min_size=1, max_size=40)


@given(rows, st.integers(0, 8), st.floats(0, 1))
def test_parts_of_a_sum_add_up(rows, most, smallest) -> None:
    full = [(THEN, "A", 1.0), (NOW, "B", 2.0)]
    frame = pl.DataFrame(
        full + [(BEFORE.first + timedelta(days=day), name, value) for day, name, value in rows],
        schema={"day": pl.Date, "segment": pl.String, "value": pl.Float64},
        orient="row",
    )
    found = sum_contributions(frame, BEFORE, AFTER, most, smallest)
    assert math.fsum(part.change for part in found.parts) == pytest.approx(found.change, rel=1e-9, abs=1e-6)
    assert found.after == pytest.approx(frame.filter(pl.col("day") >= AFTER.first)["value"].sum(), abs=1e-6)


shares = st.tuples(st.integers(0, 500), st.integers(1, 1000))
whole = st.dictionaries(st.sampled_from("ABCDEFGH"), shares, min_size=1)


@given(whole, whole, st.integers(0, 8))
def test_parts_of_a_ratio_add_up(then, now, most) -> None:
    rows = [(day, name, *pair) for day, period in ((THEN, then), (NOW, now)) for name, pair in period.items()]
    found = ratio_contributions(ratios(rows), BEFORE, AFTER, most)
    assert math.fsum(part.change for part in found.parts) == pytest.approx(found.change, abs=1e-12)
    assert all(part.change == pytest.approx(part.rate + part.mix, abs=1e-12) for part in found.parts)


@given(st.lists(st.floats(-500, 500), min_size=1, max_size=12))
def test_printed_parts_add_up_to_the_printed_total(values) -> None:
    printed = rounded_parts(values)
    assert math.fsum(printed) == pytest.approx(math.fsum(values), abs=0.0501)
    assert round(math.fsum(printed), 9) == round(round(math.fsum(printed), 1), 9)
    assert all(abs(one - value) < 0.1 + 1e-9 for one, value in zip(printed, values, strict=True))


def test_frames_that_cannot_be_compared_are_refused() -> None:
    frame = sums(a=(1, 2))
    with pytest.raises(ValueError, match="The periods overlap"):
        sum_contributions(frame, BEFORE, Period(date(2026, 1, 7), date(2026, 1, 14)))
    with pytest.raises(ValueError, match="Found no value from 2026-01-15"):
        sum_contributions(frame, BEFORE, Period(date(2026, 1, 15), date(2026, 1, 21)))
    with pytest.raises(ValueError, match="The column value is missing"):
        sum_contributions(frame.drop("value"), BEFORE, AFTER)
    with pytest.raises(ValueError, match="expected the first day first"):
        sum_contributions(frame, Period(THEN, date(2026, 1, 1)), AFTER)
    with pytest.raises(ValueError, match="Segment A has 5 over 0"):
        ratio_contributions(ratios([(THEN, "A", 5, 0), (NOW, "A", 5, 1)]), BEFORE, AFTER)
    with pytest.raises(ValueError, match="are 0; there is no ratio"):
        ratio_contributions(ratios([(THEN, "A", 0, 0), (NOW, "A", 5, 1)]), BEFORE, AFTER)
