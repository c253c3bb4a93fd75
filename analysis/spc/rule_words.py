"""Rules in words: the title and the sentence of a pattern, its name, and patterns read from text a person wrote."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import cast

from analysis.spc.rule_patterns import Kind, Pattern, Side

NUMBERS = (
    "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)  # fmt: skip
EXAMPLES = '"4 of 5 beyond 1 sigma", "run of 7", "trend of 6", "1 beyond 3.5 sigma", "15 within 1 sigma"'
FIELDS = ("kind", "points", "of", "sigmas", "side")
WAYS: dict[Side, str] = {
    "one": "on one side",
    "above": "above the center line",
    "below": "below the center line",
    "either": "on either side",
    "both": "on both sides",
}
DIRECTIONS: dict[Side, str] = {"one": "rise, or fall,", "above": "rise", "below": "fall"}
BEYOND = "{points} is more than {sigmas} sigma {where}: something unusual happened at that point."
SOURCES_MIX = "values of two processes are mixed"


class UnknownRuleError(ValueError):
    """Text that says no rule at all, as against a rule with numbers that cannot be."""


def in_words(number: float) -> str:
    """Whole numbers up to twenty as words."""
    return NUMBERS[int(number)] if number == int(number) and 0 < number < len(NUMBERS) else f"{number:g}"


def title_of(pattern: Pattern) -> str:
    """Two or three words that name the pattern."""
    far = "far out" if pattern.sigmas >= 2 else "out"
    if pattern.window == 1:
        return "Beyond the limits" if pattern.sigmas == 3 else f"Beyond {in_words(pattern.sigmas)} sigma"
    titles: dict[Kind, str] = {
        "run": f"{in_words(pattern.points).capitalize()} in a row {far}" if pattern.sigmas else "Shift",
        "some_of": f"{in_words(pattern.points).capitalize()} of {in_words(pattern.window)} {far}",
        "trend": "Trend",
        "alternating": "Alternation",
        "within": "Too quiet",
        "outside": "Avoids the center",
    }
    return titles[pattern.kind]


def sentence_of(pattern: Pattern) -> str:
    """What the pattern is and what it means, in one sentence."""
    count, sigmas, way = in_words(pattern.points).capitalize(), in_words(pattern.sigmas), WAYS[pattern.side]
    row = f"{count} points in a row"
    if pattern.window == 1:
        where = way if pattern.side in ("above", "below") else "from the center line"
        return BEYOND.format(points="One point", sigmas=sigmas, where=where)
    if pattern.kind == "some_of":
        means = "a small shift has probably begun" if pattern.sigmas < 2 else "the level is probably moving"
        also = ", all on that side of the center line" if pattern.is_same_side else ""
        share = f"{count} of {in_words(pattern.window)} points in a row"
        return f"{share} are more than {sigmas} sigma out {way}{also}: {means}."
    if pattern.kind == "run":
        if pattern.sigmas:
            return f"{row} are more than {sigmas} sigma out {way}: the level has probably moved."
        where = way if pattern.side != "one" else "on one side of the center line"
        return f"{row} are {where}: the level has shifted."
    sentences: dict[Kind, str] = {
        "trend": f"{row} {DIRECTIONS.get(pattern.side, '')} without a break: the level is drifting.",
        "alternating": f"{row} go up and down in turn: two causes alternate, such as two sources.",
        "within": f"{row} are within {sigmas} sigma: the limits are too wide, or the values were smoothed.",
        "outside": f"{row} are more than {sigmas} sigma out, {way}: {SOURCES_MIX}.",
    }
    return sentences[pattern.kind]


def name_of(pattern: Pattern) -> str:
    """The name of a rule a person made, such as 4_of_5_beyond_1_sigma; `pattern_of` reads it."""
    where = pattern.side if pattern.side in ("above", "below") else "beyond"
    tail = {"either": "_on_either_side", "both": "_on_both_sides"}.get(pattern.side, "")
    names: dict[Kind, str] = {
        "run": f"{pattern.points}_{where}_{pattern.sigmas:g}_sigma",
        "some_of": f"{pattern.points}_of_{pattern.window}_{where}_{pattern.sigmas:g}_sigma{tail}",
        "trend": f"trend_of_{pattern.points}{ {'above': '_up', 'below': '_down'}.get(pattern.side, '') }",
        "alternating": f"{pattern.points}_alternating",
        "within": f"{pattern.points}_within_{pattern.sigmas:g}_sigma",
        "outside": f"{pattern.points}_outside_{pattern.sigmas:g}_sigma{tail}",
    }
    if pattern.window == 1 and pattern.sigmas:
        return f"1_{where}_{pattern.sigmas:g}_sigma"
    if pattern.kind == "run" and not pattern.sigmas:
        return f"run_of_{pattern.points}" + (f"_{pattern.side}" if pattern.side != "one" else "")
    return names[pattern.kind]


COUNT, SIGMA = r"(?P<points>\d+)(?: points?)?(?: in a row)?", r"(?P<sigmas>\d+(?:\.\d+)?)(?: sigmas?)?"
WHERE = r"(?P<where>beyond|above|below)"
ON = r"(?: on (?P<side>one|either|both) sides?)?"
GRAMMAR: tuple[tuple[re.Pattern[str], Callable[[Mapping[str, str | None]], Pattern]], ...] = (
    (
        re.compile(rf"run of {COUNT}(?: (?P<where>above|below))?"),
        lambda said: Pattern("run", _points(said), side=_side(said)),
    ),
    (
        re.compile(rf"trend of {COUNT}(?: (?P<where>up|down|rising|falling))?"),
        lambda said: Pattern("trend", _points(said), side=_side(said)),
    ),
    (
        re.compile(rf"(?P<points>\d+) of (?P<of>\d+)(?: points?)?(?: in a row)? {WHERE} {SIGMA}{ON}"),
        lambda said: Pattern("some_of", _points(said), int(said["of"] or 0), _sigmas(said), _side(said)),
    ),
    (
        re.compile(rf"{COUNT} {WHERE} {SIGMA}{ON}"),
        lambda said: _in_a_row(_points(said), _sigmas(said), _side(said)),
    ),
    (
        re.compile(rf"(?:alternating {COUNT}|(?P<more>\d+)(?: points?)?(?: in a row)? alternating)"),
        lambda said: Pattern("alternating", int(said["points"] or said["more"] or 0), side="either"),
    ),
    (
        re.compile(rf"{COUNT} within {SIGMA}"),
        lambda said: Pattern("within", _points(said), sigmas=_sigmas(said), side="either"),
    ),
    (
        re.compile(rf"{COUNT} outside {SIGMA}{ON}"),
        lambda said: Pattern(
            "outside", _points(said), sigmas=_sigmas(said), side="both" if said["side"] == "both" else "either"
        ),
    ),
)


def pattern_of(text: str) -> Pattern:
    """The pattern of a rule in words; capitals, underscores and more spaces do not matter.

    Raises UnknownRuleError with a sentence for text that says no rule, ValueError for numbers that make none.
    """
    said = " ".join(text.lower().replace("_", " ").split())
    for form, make in GRAMMAR:
        if found := form.fullmatch(said):
            return make(found.groupdict())
    raise UnknownRuleError(f"{text!r} is no rule; expected the name of one, or words such as {EXAMPLES}.")


def pattern_from(plain: Mapping[str, object]) -> Pattern:
    """The pattern of a rule declared as data: {kind, points, of, sigmas, side}, the last three where they matter."""
    odd = sorted(set(plain) - set(FIELDS))
    kind, points, of = plain.get("kind"), plain.get("points"), plain.get("of", 0)
    sigmas, side = plain.get("sigmas", 0.0), plain.get("side")
    whole = all(isinstance(count, int) and not isinstance(count, bool) for count in (points, of))
    if odd or not whole or not isinstance(kind, str) or not isinstance(sigmas, int | float):
        raise ValueError(f"A rule is declared as {dict(plain)}; expected {', '.join(FIELDS)} with numbers as numbers.")
    usual = "one" if kind in ("run", "trend", "some_of") else "either"
    return Pattern(cast(Kind, kind), cast(int, points), cast(int, of), float(sigmas), cast(Side, side or usual))


def _in_a_row(points: int, sigmas: float, side: Side) -> Pattern:
    if points == 1:
        return Pattern("some_of", 1, 1, sigmas, "either" if side in ("one", "both") else side)
    if side in ("either", "both"):
        return Pattern("outside", points, sigmas=sigmas, side=side)
    return Pattern("run", points, sigmas=sigmas, side=side)


def _points(said: Mapping[str, str | None]) -> int:
    return int(said["points"] or 0)


def _sigmas(said: Mapping[str, str | None]) -> float:
    return float(said["sigmas"] or 0)


def _side(said: Mapping[str, str | None]) -> Side:
    """The side of a rule in words: that of above and below, or as said; one where nothing was said."""
    directions: dict[str, Side] = {
        "above": "above", "up": "above", "rising": "above", "below": "below", "down": "below", "falling": "below"
    }  # fmt: skip
    where = directions.get(said.get("where") or "")
    return where or cast(Side, said.get("side") or "one")
