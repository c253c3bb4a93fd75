"""Rules as people write them: read, named, and told in words; what is no rule is said so."""

from __future__ import annotations

import pytest

from analysis.spc.rule_catalogue import custom_rule, find_rule
from analysis.spc.rule_patterns import Pattern
from analysis.spc.rule_words import UnknownRuleError, pattern_from, pattern_of

READ = {
    "4 of 5 beyond 1 sigma": Pattern("some_of", 4, 5, 1),
    "3 of 4 points above 1.5 sigmas": Pattern("some_of", 3, 4, 1.5, "above"),
    "2 of 3 beyond 2 sigma on either side": Pattern("some_of", 2, 3, 2, "either"),
    "Run of 7": Pattern("run", 7),
    "run_of_7_points_in_a_row_below": Pattern("run", 7, side="below"),
    "trend of 6": Pattern("trend", 6),
    "trend of 5 rising": Pattern("trend", 5, side="above"),
    "1 beyond 3.5 sigma": Pattern("some_of", 1, 1, 3.5, "either"),
    "1 above 2 sigma": Pattern("some_of", 1, 1, 2, "above"),
    "3 points in a row beyond 1 sigma": Pattern("run", 3, sigmas=1),
    "alternating 12": Pattern("alternating", 12, side="either"),
    "12 points alternating": Pattern("alternating", 12, side="either"),
    "15 within 1 sigma": Pattern("within", 15, sigmas=1, side="either"),
    "8 outside 1 sigma": Pattern("outside", 8, sigmas=1, side="either"),
    "8 in a row beyond 1 sigma on both sides": Pattern("outside", 8, sigmas=1, side="both"),
}


@pytest.mark.parametrize("text", READ)
def test_words_are_read_and_the_name_reads_the_same(text: str) -> None:
    rule = find_rule(text)
    assert rule.pattern == READ[text]
    assert find_rule(rule.name).pattern == READ[text]
    assert " " not in rule.name and "," not in rule.name
    assert rule.explanation.endswith(".") and rule.title


@pytest.mark.parametrize("text", ["", "often", "7", "4 of beyond 1 sigma", "run of seven", "nelson_9", "1 beyond"])
def test_what_is_no_rule_is_said(text: str) -> None:
    with pytest.raises(UnknownRuleError, match="is no rule; expected the name of one, or words such as"):
        pattern_of(text)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("6 of 5 beyond 1 sigma", "A rule of 6 of 5 points: expected at most as many as it looks at."),
        ("run of 0", "A rule of 0 points: expected 1 to 1000 for run."),
        ("trend of 1", "A rule of 1 points: expected 2 to 1000 for trend."),
        ("run of 9999", "A rule of 9999 points: expected 1 to 1000 for run."),
        (
            "2 of 3 beyond 2 sigma on both sides",
            "A rule of kind some_of on side 'both' is not known; expected one or above or below or either.",
        ),
    ],
)
def test_numbers_that_make_no_rule_are_said(text: str, sentence: str) -> None:
    with pytest.raises(ValueError) as told:
        find_rule(text)
    assert str(told.value) == sentence


def test_rules_declared_as_data() -> None:
    declared = {"kind": "some_of", "points": 4, "of": 5, "sigmas": 1, "side": "above"}
    assert pattern_from(declared) == Pattern("some_of", 4, 5, 1, "above")
    assert pattern_from({"kind": "within", "points": 15, "sigmas": 1}) == READ["15 within 1 sigma"]
    assert custom_rule(pattern_from(declared)).name == "4_of_5_above_1_sigma"


@pytest.mark.parametrize(
    ("declared", "sentence"),
    [
        ({"kind": "wave", "points": 4}, "A rule of kind 'wave' is not known; expected run, trend"),
        ({"kind": "run"}, "expected kind, points, of, sigmas, side with numbers as numbers"),
        ({"kind": "run", "points": "7"}, "with numbers as numbers"),
        ({"kind": "run", "points": 7, "color": "red"}, "expected kind, points, of, sigmas, side"),
        ({"kind": "run", "points": 7, "sigmas": -1}, "A rule at -1 sigma: expected 0 or more"),
    ],
)
def test_declarations_that_are_wrong_are_said(declared: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        pattern_from(declared)
