"""Detection rules against published vectors, and what must hold for any series."""

from __future__ import annotations

import json
from itertools import pairwise
from math import comb
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.spc.rule_patterns import Pattern, Zones
from analysis.spc.rules import (
    FAMILIES,
    NELSON,
    RULES,
    WESTERN_ELECTRIC,
    Signal,
    detect,
    find_rule,
    nelson,
    western_electric,
)
from analysis.spc.whole_chart_rules import run_analysis

SPC = Path(__file__).resolve().parents[3].parent / "shared" / "practice" / "spc"
needs_practice = pytest.mark.skipif(not SPC.exists(), reason="the practice data are not here")
quarters = st.lists(st.integers(-20, 20).map(lambda number: number / 4), min_size=1, max_size=80)


def rule_name(short: str) -> str:
    return f"western_electric_{short[2:]}" if short.startswith("WE") else f"nelson_{short[1:]}"


def indices(rule: str, x: list[float], center: float = 0, sigma: float = 1) -> list[int]:
    return [signal.index for signal in detect([rule], np.array(x, dtype=np.float64), center, sigma)]


def vectors(file: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((SPC / file).read_text())["vectors"]
    return found


@needs_practice
def test_unit_vectors() -> None:
    for vector in vectors("nelson_we_unit_vectors.json"):
        name = rule_name(vector["rule"])
        assert indices(name, vector["x"], vector["center"], vector["sigma"]) == vector["expected_idx_1based"], vector


@needs_practice
def test_long_vectors() -> None:
    for number, vector in enumerate(vectors("rule_vectors.json")):
        for short, expected in vector["expected"].items():
            found = indices(rule_name(short), vector["x"], vector["center"][0], vector["sigma"][0])
            assert found == expected, (number, short)


@pytest.mark.parametrize(
    ("rule", "x", "expected"),
    [
        ("nelson_1", [3.0, -3.0, 3.1], [3]),
        ("nelson_2", [0.1] * 4 + [0.0] + [0.1] * 8, []),
        ("nelson_3", [1.0, 2, 3, 4, 5, 5, 6, 7, 8, 9, 10], [11]),
        ("nelson_4", [1.0, -1] * 6 + [1.0], []),
        ("nelson_5", [2.1, 2.1, 2.0], []),
        ("nelson_5", [2.1, -2.1, 2.1], [3]),
        ("nelson_7", [1.0, -1.0] * 7 + [0.0], [15]),
        ("nelson_8", [1.1] * 7 + [-1.1] + [1.1], [8, 9]),
        ("western_electric_2", [2.5, 2.5], []),
        ("western_electric_4", [-0.1] * 9, [8, 9]),
    ],
)
def test_edges_of_a_rule(rule: str, x: list[float], expected: list[int]) -> None:
    assert indices(rule, x) == expected


@pytest.mark.parametrize(
    ("rule", "x", "members"),
    [
        ("nelson_1", [0.0, 4.0], (2,)),
        ("nelson_2", [0.0] + [1.0] * 9, tuple(range(2, 11))),
        ("nelson_3", [9.0, 1, 2, 3, 4, 5, 6], tuple(range(2, 8))),
        ("nelson_5", [0.0, 2.5, 1.0, 2.6], (2, 4)),
        ("nelson_6", [0.0, -1.2, -1.3, 5.0, -1.4, -1.5], (2, 3, 5, 6)),
    ],
)
def test_members_are_the_points_of_the_pattern(rule: str, x: list[float], members: tuple[int, ...]) -> None:
    assert detect([rule], np.array(x), 0, 1) == (Signal(rule, members[-1], members),)


def test_signals_come_in_order_of_their_points() -> None:
    x = np.array([5.0] * 12)
    found = [(signal.index, signal.rule) for signal in nelson(x, 0, 1)]
    assert found == sorted(found)
    assert {signal.rule for signal in western_electric(x, 0, 1)} == set(WESTERN_ELECTRIC)


def test_every_rule_explains_itself_in_one_sentence() -> None:
    assert [*NELSON, *WESTERN_ELECTRIC] == list(RULES)[:12]
    assert len(NELSON) == 8 and len(WESTERN_ELECTRIC) == 4
    for rule in RULES.values():
        assert rule.explanation.endswith(".") and rule.explanation.count(".") == 1, rule.name
        assert rule.title and rule.source, rule.name
    assert all(name in RULES for names in FAMILIES.values() for name in names)


def test_without_spread_only_points_off_the_center_are_signals() -> None:
    assert [signal.index for signal in nelson(np.array([5.0] * 20 + [5.1, 5.0]), 5.0, 0.0)] == [21]


@given(quarters)
def test_rule_one_is_exactly_the_points_strictly_beyond(x: list[float]) -> None:
    expected = [place for place, value in enumerate(x, start=1) if abs(value) > 3]
    assert indices("nelson_1", x) == expected


@given(quarters, st.integers(-1000, 1000), st.sampled_from([0.25, 0.5, 2.0, 1024.0]))
def test_another_unit_does_not_change_the_signals(x: list[float], offset: int, factor: float) -> None:
    values = np.array(x)
    assert nelson(values * factor + offset, offset, factor) == nelson(values, 0, 1)


@given(quarters)
def test_upside_down_gives_the_same_signals(x: list[float]) -> None:
    values = np.array(x)
    assert nelson(-values, 0, 1) == nelson(values, 0, 1)


@given(quarters, st.data())
def test_later_points_do_not_change_earlier_signals(x: list[float], data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(x)))
    values = np.array(x)
    assert nelson(values[:cut], 0, 1) == tuple(signal for signal in nelson(values, 0, 1) if signal.index <= cut)


@given(quarters)
def test_members_end_at_the_index_and_lie_in_the_series(x: list[float]) -> None:
    for signal in nelson(np.array(x), 0, 1):
        assert signal.members[-1] == signal.index and signal.members[0] >= 1
        assert list(signal.members) == sorted(set(signal.members))
        assert len(signal.members) <= RULES[signal.rule].points


def slow_ends(pattern: Pattern, x: list[float]) -> list[int]:
    """Where a pattern ends, looked for window by window as its definition reads."""
    return [
        end
        for end in range(pattern.window, len(x) + 1)
        if any(_is_made(pattern, x[end - pattern.window : end], side) for side in _sides(pattern))
    ]


def _sides(pattern: Pattern) -> list[int]:
    return {"above": [1], "below": [-1], "one": [1, -1]}.get(pattern.side, [0])


def _is_made(pattern: Pattern, window: list[float], side: int) -> bool:
    beyond = [value * side > pattern.sigmas if side else abs(value) > pattern.sigmas for value in window]
    signs = [np.sign(after - before) for before, after in pairwise(window)]
    if pattern.kind == "some_of":
        on_side = not pattern.is_same_side or all(value * side > 0 for value in window)
        return beyond[-1] and sum(beyond) >= pattern.points and on_side
    if pattern.kind == "trend":
        return all(sign == side for sign in signs)
    if pattern.kind == "alternating":
        return all(before * after < 0 for before, after in pairwise(signs))
    if pattern.kind == "within":
        return not any(beyond)
    if pattern.kind == "outside" and pattern.side == "both":
        return all(beyond) and min(window) < 0 < max(window)
    return all(beyond)


PATTERNS = st.one_of(
    [st.just(rule.pattern) for rule in RULES.values() if isinstance(rule.pattern, Pattern)]
    + [
        st.builds(Pattern, st.just("run"), st.integers(1, 5), sigmas=st.sampled_from([0.0, 0.5, 1]), side=side)
        for side in map(st.just, ("one", "above", "below"))
    ]
    + [st.builds(Pattern, st.just("trend"), st.integers(2, 5), side=st.sampled_from(["one", "above", "below"]))]
    + [
        st.builds(Pattern, st.just("some_of"), st.integers(1, 3), st.integers(3, 6), st.just(0.75), side)
        for side in map(st.just, ("one", "above", "below", "either"))
    ]
)


@given(PATTERNS, quarters)
def test_a_pattern_is_found_where_its_definition_holds(pattern: Pattern, x: list[float]) -> None:
    assert (np.flatnonzero(Zones(np.array(x), 0.0, 1.0).ends(pattern)) + 1).tolist() == slow_ends(pattern, x)


@pytest.mark.parametrize(
    ("rule", "x", "expected"),
    [
        ("westgard_1_2s", [2.0, -2.1], [2]),
        ("westgard_2_2s", [2.1, 2.1, -2.1, 2.1], [2]),
        ("westgard_r_4s", [2.1, -2.1, 0.0, 2.1, 2.1], [2]),
        ("westgard_4_1s", [1.1] * 4 + [-1.1] * 4, [4, 8]),
        ("westgard_10_x", [0.1] * 11, [10, 11]),
        ("westgard_8_x", [0.1] * 8, [8]),
        ("westgard_12_x", [0.1] * 12, [12]),
        ("westgard_2of3_2s", [2.1, 0.0, 2.1], [3]),
        ("westgard_3_1s", [1.1, 1.1, 1.1], [3]),
        ("westgard_6_x", [-0.1] * 6, [6]),
        ("westgard_9_x", [-0.1] * 9, [9]),
        ("nhs_1", [3.0, 3.1], [2]),
        ("nhs_2", [0.1] * 7, [7]),
        ("nhs_3", [1.0, 2, 3, 4, 5, 6, 7], [7]),
        ("nhs_4", [3.5, 0.5, 2.5], [3]),
        ("nhs_4", [3.5, -0.5, 2.5], []),
        ("nhs_4", [2.5, 2.5, 0.5], []),
        ("aiag_2", [0.1] * 7, [7]),
        ("aiag_8", [1.1] * 8, [8]),
        ("juran_4", [0.1] * 9, [9]),
        ("juran_6", [1.1] * 8, [8]),
        ("shift_8", [0.1] * 8, [8]),
        ("trend_7", [7.0, 6, 5, 4, 3, 2, 1], [7]),
        ("beyond_limits", [3.0, -3.1], [2]),
    ],
)
def test_edges_of_the_rules_of_other_families(rule: str, x: list[float], expected: list[int]) -> None:
    assert indices(rule, x) == expected


@given(quarters, st.lists(st.integers(0, 80), max_size=30))
def test_a_gap_is_no_evidence(x: list[float], gaps: list[int]) -> None:
    values, places = list(x), list(range(1, len(x) + 1))
    for gap in (gap for gap in gaps if gap <= len(values)):
        values.insert(gap, np.nan)
        places.insert(gap, 0)
    kept = [place for place, value in enumerate(values, start=1) if value == value]
    found = detect(list(RULES), np.array(values), 0.0, 1.0)
    expected = detect(list(RULES), np.array(x), 0.0, 1.0)
    assert [(signal.rule, signal.index, signal.members) for signal in found] == [
        (signal.rule, kept[signal.index - 1], tuple(kept[member - 1] for member in signal.members))
        for signal in expected
    ]


def test_a_run_lasts_across_a_gap() -> None:
    assert indices("nelson_2", [0.1] * 5 + [np.nan] + [0.1] * 4) == [10]


def test_no_pattern_reaches_across_stages() -> None:
    x, stages = np.array([0.1] * 20), np.array(["a"] * 8 + ["b"] * 12)
    found = detect(["nelson_2"], x, 0.0, 1.0, stages)
    assert [signal.index for signal in found] == [17, 18, 19, 20]
    assert found[0].members == tuple(range(9, 18))


@given(quarters, st.floats(-5, 5), st.data())
def test_lines_that_vary_are_those_of_each_point(x: list[float], slope: float, data: st.DataObject) -> None:
    wide = np.array(data.draw(st.lists(st.sampled_from([0.5, 1, 2, 4]), min_size=len(x), max_size=len(x))))
    rules = [rule for rule in NELSON if rule not in ("nelson_3", "nelson_4")]
    center = np.round(slope) * np.arange(len(x))
    assert detect(rules, center + np.array(x) * wide, center, wide) == detect(rules, np.array(x), 0.0, 1.0)


def test_trends_are_of_the_values_where_lines_vary() -> None:
    rising, center = np.arange(6.0), np.arange(6.0) * 2
    assert [signal.rule for signal in detect(["nelson_3"], rising, center, np.ones(6))] == ["nelson_3"]


@pytest.mark.parametrize("count", [10, 11, 20, 24, 30, 60, 100, 365])
def test_limits_of_anhoej_follow_his_formulas(count: int) -> None:
    """As R's qicharts2 has them: round(log2(n) + 3), and the 5 % quantile of n - 1 tosses of a coin."""
    found = run_analysis(np.array([1.0, -1.0] * count)[:count], 0.0)
    tosses = [comb(count - 1, heads) for heads in range(count)]
    needed = next(heads for heads in range(count) if sum(tosses[: heads + 1]) >= 0.05 * 2 ** (count - 1))
    assert 2 ** (found.longest_allowed - 3.5) < count < 2 ** (found.longest_allowed - 2.5)
    assert (found.crossings_needed, found.crossings) == (needed, count - 1)


def test_rules_of_anhoej_leave_out_points_on_the_line() -> None:
    x = np.array([1.0, -1] * 6 + [0.0] + [1.0] * 4 + [0.0] + [1.0] * 4)
    (run,) = detect(["anhoej_run", "anhoej_crossings"], x, 0.0, 1.0)
    assert run == Signal("anhoej_run", 22, (14, 15, 16, 17, 19, 20, 21, 22))
    (seldom,) = detect(["anhoej_crossings"], np.array([-1.0] * 6 + [0.0] + [1.0] * 6), 0.0, 1.0)
    assert seldom == Signal("anhoej_crossings", 13, (1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13))
    assert detect(["anhoej_crossings"], np.array([-1.0] * 3 + [1.0] * 3), 0.0, 1.0) == ()


def test_all_violated_rules_of_a_point_are_told() -> None:
    x = np.array([1.2, 1.3, 2.5, 1.4, 3.5])
    at_last = {signal.rule: signal.members for signal in western_electric(x, 0, 1) if signal.index == 5}
    assert at_last == {
        "western_electric_1": (5,), "western_electric_2": (3, 5), "western_electric_3": (1, 2, 3, 4, 5)
    }  # fmt: skip


def test_rules_in_words_judge_like_named_ones() -> None:
    x = np.random.default_rng(4).normal(0.3, 1.2, 300)
    words = {
        "run of 9": "nelson_2",
        "trend of 6": "nelson_3",
        "14 alternating": "nelson_4",
        "2 of 3 beyond 2 sigma": "nelson_5",
        "4 of 5 beyond 1 sigma": "nelson_6",
        "15 within 1 sigma": "nelson_7",
        "8 outside 1 sigma on both sides": "nelson_8",
        "1 beyond 3 sigma": "nelson_1",
        "2 in a row beyond 2 sigma": "westgard_2_2s",
    }
    for text, name in words.items():
        found, expected = detect([text], x, 0.0, 1.0), detect([name], x, 0.0, 1.0)
        assert [(s.index, s.members) for s in found] == [(s.index, s.members) for s in expected], text
        assert all(signal.rule == find_rule(text).name for signal in found)
