"""Detection rules against published vectors, and what must hold for any series."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.detection_rules import NELSON, RULES, WESTERN_ELECTRIC, Signal, detect, nelson, western_electric

SPC = Path(__file__).resolve().parents[2].parent / "shared" / "practice" / "spc"
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
    assert [*NELSON, *WESTERN_ELECTRIC] == list(RULES)
    assert len(NELSON) == 8 and len(WESTERN_ELECTRIC) == 4
    for rule in RULES.values():
        assert rule.explanation.endswith(".") and rule.explanation.count(".") == 1, rule.name


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
