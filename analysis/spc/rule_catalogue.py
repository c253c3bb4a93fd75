"""Every named detection rule with its published source, in families, and rules made of words.

Decisions where publications differ:
- NHS, two of three: a point beyond the limits counts as beyond two sigma, and all three points are on one side of the
  center line, as Making Data Count has had it since November 2023; before, only points between two and three sigma did.
- Juran: as QI Macros lists them, the runs of Nelson. AIAG: a shift is seven points, a trend is six.
- R_4s of Westgard is of two points in a row, one above +2 and one below -2 sigma; 1_2s is a warning.
- Anhoej: whole-chart rules, judged from 10 useful points on; see `whole_chart_rules`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from analysis.spc.rule_patterns import Pattern
from analysis.spc.rule_words import name_of, pattern_of, sentence_of, title_of

Whole = Literal["longest_run", "crossings"]
FEWEST_USEFUL = 10
WESTERN = "Western Electric, Statistical Quality Control Handbook (1956)"
NELSON_1984 = 'L. S. Nelson, "The Shewhart Control Chart: Tests for Special Causes", J. Quality Technology 16 (1984)'
WESTGARD_1981 = "J. O. Westgard and others, Clinical Chemistry 27 (1981); westgard.com, Multirules"
NHS_2023 = "NHS England, Making Data Count (rules of 2023)"
ANHOEJ_2014 = "J. Anhøj and A. V. Olesen, PLoS ONE 9 (2014); R's qicharts2"
AIAG_2005 = "AIAG, Statistical Process Control Reference Manual, 2nd edition (2005)"
JURAN_AS_LISTED = "Juran's Quality Handbook, as QI Macros lists its rules"
COMMON = "in common use, for example with run charts"
CUSTOM = "made here"


@dataclass(frozen=True, slots=True)
class Rule:
    """A detection rule: what to call it, what it says in one sentence, what it looks for, and who published it."""

    name: str
    title: str
    explanation: str
    pattern: Pattern | Whole
    source: str
    is_warning: bool = False

    @property
    def points(self) -> int:
        """How many points it looks at; of a whole-chart rule, how many it needs at least."""
        return self.pattern.window if isinstance(self.pattern, Pattern) else FEWEST_USEFUL


def beyond(sigmas: float) -> Pattern:
    """One point beyond a line."""
    return Pattern("some_of", 1, 1, sigmas, "either")


def run(points: int, sigmas: float = 0.0) -> Pattern:
    """Points in a row on one side of a line."""
    return Pattern("run", points, sigmas=sigmas)


def some(points: int, of: int, sigmas: float) -> Pattern:
    """Some of the points of a window beyond a line on one side."""
    return Pattern("some_of", points, of, sigmas)


def trend(points: int) -> Pattern:
    """Points in a row that rise, or fall."""
    return Pattern("trend", points)


ALTERNATING = Pattern("alternating", 14, side="either")
WITHIN = Pattern("within", 15, sigmas=1, side="either")
MIXED = Pattern("outside", 8, sigmas=1, side="both")
OUTSIDE = Pattern("outside", 8, sigmas=1, side="either")
SAME_SIDE = Pattern("some_of", 2, 3, 2, is_same_side=True)
NELSONS = (beyond(3), run(9), trend(6), ALTERNATING, some(2, 3, 2), some(4, 5, 1), WITHIN, MIXED)
WESTERN_ONES = (beyond(3), some(2, 3, 2), some(4, 5, 1), run(8))
NHS_ONES = (beyond(3), run(7), trend(7), SAME_SIDE)
AIAG_ONES = (beyond(3), run(7), trend(6), ALTERNATING, some(2, 3, 2), some(4, 5, 1), WITHIN, OUTSIDE)
JURAN_ONES = (beyond(3), some(2, 3, 2), some(4, 5, 1), run(9), trend(6), OUTSIDE)
WESTGARDS = {
    "1_2s": beyond(2),
    "1_3s": beyond(3),
    "2_2s": run(2, 2),
    "r_4s": Pattern("outside", 2, sigmas=2, side="both"),
    "4_1s": run(4, 1),
    "10_x": run(10),
    "8_x": run(8),
    "12_x": run(12),
    "2of3_2s": some(2, 3, 2),
    "3_1s": run(3, 1),
    "6_x": run(6),
    "9_x": run(9),
    "7_t": trend(7),
}
WESTGARD_CLASSIC = tuple(f"westgard_{name}" for name in ("1_3s", "2_2s", "r_4s", "4_1s", "10_x"))
ALONE = {"beyond_limits": beyond(3), "shift_7": run(7), "shift_8": run(8), "trend_6": trend(6), "trend_7": trend(7)}
ANHOEJ_RULES = (
    Rule(
        "anhoej_run",
        "Long run",
        "The longest run on one side of the center line is longer than chance allows for so many points.",
        "longest_run",
        ANHOEJ_2014,
    ),
    Rule(
        "anhoej_crossings",
        "Few crossings",
        "The center line is crossed less often than chance allows for so many points.",
        "crossings",
        ANHOEJ_2014,
    ),
)


def _rule(name: str, pattern: Pattern, source: str) -> Rule:
    explanation = sentence_of(pattern)
    if name == "westgard_r_4s":
        explanation = "Two points in a row are more than two sigma out, one on each side: the values vary too much."
    return Rule(name, title_of(pattern), explanation, pattern, source, is_warning=name == "westgard_1_2s")


def _numbered(family: str, patterns: tuple[Pattern, ...], source: str) -> list[Rule]:
    return [_rule(f"{family}_{number}", pattern, source) for number, pattern in enumerate(patterns, start=1)]


ALL = (
    *_numbered("nelson", NELSONS, NELSON_1984),
    *_numbered("western_electric", WESTERN_ONES, WESTERN),
    *[_rule(f"westgard_{name}", pattern, WESTGARD_1981) for name, pattern in WESTGARDS.items()],
    *_numbered("nhs", NHS_ONES, NHS_2023),
    *ANHOEJ_RULES,
    *_numbered("aiag", AIAG_ONES, AIAG_2005),
    *_numbered("juran", JURAN_ONES, JURAN_AS_LISTED),
    *[_rule(name, pattern, COMMON) for name, pattern in ALONE.items()],
)
RULES: dict[str, Rule] = {rule.name: rule for rule in ALL}


def _family(family: str) -> tuple[str, ...]:
    return tuple(name for name in RULES if name.startswith(family))


NELSON = _family("nelson")
WESTERN_ELECTRIC = _family("western_electric")
FAMILIES: dict[str, tuple[str, ...]] = {
    "nelson": NELSON,
    "western_electric": WESTERN_ELECTRIC,
    "westgard": WESTGARD_CLASSIC,
    "westgard_all": _family("westgard"),
    "nhs": _family("nhs"),
    "anhoej": _family("anhoej"),
    "aiag": _family("aiag"),
    "juran": _family("juran"),
}


def custom_rule(pattern: Pattern) -> Rule:
    """The rule of a pattern a person made; its name can be read back by `find_rule`."""
    return Rule(name_of(pattern), title_of(pattern), sentence_of(pattern), pattern, CUSTOM)


@lru_cache(maxsize=1024)
def find_rule(name: str) -> Rule:
    """The rule of a name, or of words such as "4 of 5 beyond 1 sigma". Raises ValueError for what is neither."""
    return RULES[name] if name in RULES else custom_rule(pattern_of(name))


def rules_named(names: Iterable[str]) -> tuple[str, ...]:
    """The rules of families such as `nelson`, of names and of words, each once. Raises ValueError for others."""
    found = (rule for name in names for rule in FAMILIES.get(name, (name,)))
    return tuple(dict.fromkeys(find_rule(rule).name for rule in found))
