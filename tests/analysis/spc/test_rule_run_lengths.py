"""How long rules run: exact against R's package spc and Champ and Woodall, and what our rules really do."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from analysis.spc.rule_catalogue import FAMILIES, NELSON, RULES, WESTERN_ELECTRIC
from analysis.spc.rule_chances import chance
from analysis.spc.rule_patterns import Pattern, Zones
from analysis.spc.rule_run_lengths import (
    arl_rules,
    drawn_run_lengths,
    expected_alarms_per_year,
    run_length_of,
    simulated_run_length,
)
from analysis.spc.rules import detect

SETS = {"1": (1,), "12": (1, 2), "13": (1, 3), "14": (1, 4)}
CHAMP_WOODALL = (91.75, 66.80, 36.61, 20.90, 13.25, 9.22, 6.89, 5.42, 4.41, 3.68, 3.13, 2.70, 2.35, 2.07, 1.85, 1.67)
ZONED = [rule for rule in NELSON if rule not in ("nelson_3", "nelson_4")]


@pytest.mark.parametrize("name", SETS)
def test_run_lengths_agree_with_spc_to_its_last_digit(name: str, practice: Path) -> None:
    found = json.loads((practice / "spc" / "arl_reference.json").read_text())
    rules = [f"western_electric_{number}" for number in SETS[name]]
    for shift, expected in zip(found["shift_sigmas"], found["arl"][f"shewhart_runs_{name}"], strict=True):
        assert arl_rules(rules, shift) == pytest.approx(expected, abs=6e-7), shift


def test_all_four_rules_run_as_long_as_champ_and_woodall_print() -> None:
    """Table of shifts 0, 0.2 ... 3, quoted without the paper at hand; its 20.90 is 20.905 here."""
    for number, expected in enumerate(CHAMP_WOODALL):
        assert arl_rules(WESTERN_ELECTRIC, number / 5) == pytest.approx(expected, abs=0.0051), number / 5


@pytest.mark.parametrize("shift", [0.0, 1.0])
@pytest.mark.parametrize(
    "rules",
    [WESTERN_ELECTRIC, ZONED, FAMILIES["westgard"], ["nhs_1", "nhs_2", "nhs_4"], ["aiag_8"], ["2 of 4 above 1 sigma"]],
    ids=str,
)
def test_rules_really_run_as_long_as_computed(rules: list[str], shift: float) -> None:
    runs = 300 if rules == ["aiag_8"] else 3000
    mean, error = simulated_run_length(rules, shift, runs)
    assert abs(mean - arl_rules(rules, shift, waits=True)) < 3 * error


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5, 6])
def test_a_run_drawn_in_blocks_ends_where_the_whole_series_has_its_first_signal(seed: int) -> None:
    series = np.random.default_rng(seed).normal(0, 1, 20_000)
    rules = ["run of 9", "15 within 1 sigma"]
    assert drawn_run_lengths(rules, 0.0, 1, seed) == [detect(rules, series, 0.0, 1.0)[0].index]


def test_waiting_for_a_full_window_makes_runs_longer() -> None:
    assert 0 < arl_rules(WESTERN_ELECTRIC, 2, waits=True) - arl_rules(WESTERN_ELECTRIC, 2) < 0.5


def test_alarms_of_a_year() -> None:
    assert expected_alarms_per_year(["nelson_1"], 365.25) == pytest.approx(365.25 / 370.3983, abs=1e-3)
    assert expected_alarms_per_year(NELSON, 365.25) == pytest.approx(365.25 / run_length_of(NELSON))
    mean, error = simulated_run_length(NELSON, runs=3000, seed=7)
    assert abs(mean - run_length_of(NELSON)) < 3 * error


def test_rules_without_a_chain_are_said() -> None:
    with pytest.raises(ValueError, match="no finite chain"):
        arl_rules(["nelson_3"])
    with pytest.raises(ValueError, match="found anhoej_run"):
        run_length_of(["anhoej_run"])
    with pytest.raises(ValueError, match="found no rule"):
        arl_rules([])


@pytest.mark.parametrize(
    ("rule", "starts"), [("nelson_2", 256), ("nelson_3", 360), ("nhs_2", 64), ("nelson_1", 370.398), ("trend_7", 2520)]
)
def test_chances_that_are_commonly_quoted(rule: str, starts: float) -> None:
    pattern = RULES[rule].pattern
    assert isinstance(pattern, Pattern)
    assert 1 / chance(pattern) == pytest.approx(starts, rel=1e-6)


@pytest.mark.parametrize("rule", ["nelson_4", "nelson_5", "nelson_6", "nelson_7", "nhs_4", "westgard_r_4s"])
def test_chances_are_those_of_points_drawn(rule: str) -> None:

    pattern = RULES[rule].pattern
    assert isinstance(pattern, Pattern)
    drawn = np.random.default_rng(11).normal(0, 1, (60_000, pattern.window))
    found = Zones(drawn, 0.0, 1.0).ends(pattern)[:, -1].mean()
    expected = chance(pattern)
    assert abs(found - expected) < 3 * np.sqrt(expected / 60_000)
