"""What belongs to a number on the left and on the right of its digits: sign, currency, scale, brackets."""

from __future__ import annotations

import re
from dataclasses import dataclass

from analysis.reports.number_units import SYMBOL_CLASS, Mark, read_mark

LETTER = r"[^\W\d_]"
UP, DOWN = "▲△↑⬆↗⇧⇑🔺", "▼▽↓⬇↘⇩⇓🔻"
MOST_MARKS = 3  # as in 1,2 Mio. € netto
RAISED = str.maketrans("⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "+-0123456789")

MARK_BEFORE = (
    rf"(?<!{LETTER})(?:(?:Mio|Mrd|Tsd)\.?[ ][{SYMBOL_CLASS}]|{LETTER}{{0,4}}[{SYMBOL_CLASS}]|{LETTER}{{2,6}}\.?|%)"
)
BEFORE, BEFORE_WITHOUT_MARK = (
    re.compile(
        rf"(?P<bracket>\([ ]?)?(?P<arrow>[{UP}{DOWN}][ ]?)?(?P<outer>[-+][ ]?)?"
        rf"(?P<mark>{mark}[ ]?)?(?P<late>\([ ]?)?(?P<inner>[-+][ ]?)?$"
    )
    for mark in (MARK_BEFORE, r"(?!)")
)
EXPONENT = re.compile(
    r"[eE](?P<e>[+-]?\d{1,3})(?!\w)|[ ]?[×x·*][ ]?10(?:\^(?P<caret>[+-]?\d{1,2})|(?P<raised>[⁺⁻]?[⁰¹²³⁴-⁹]{1,2}))"
)
MARK_AFTER = re.compile(rf"(?P<space>[ ]?)(?P<mark>[%‰]|{LETTER}{{0,4}}[{SYMBOL_CLASS}]|[°µ]?{LETTER}+\.?)(?!\w|-\w)")
NEXT_WORD = re.compile(rf"[ ]?(?P<word>{LETTER}+|\d)")
LATE_MINUS = re.compile(r"-(?![\w-])")
CLOSING = re.compile(r"[ ]?\)")
LIMIT_BEFORE = re.compile(r"[<>≤≥]=?[ ]?$")
LIMIT_AFTER = re.compile(r"\+(?!\w)")


@dataclass(slots=True)
class Side:
    """One side of a number; `at` is where it ends, `sign` -1, 1, or 0 for none, `exponent` a power of ten."""

    at: int
    sign: int = 0
    exponent: int = 0
    marks: tuple[Mark, ...] = ()
    has_bracket: bool = False
    arrow: str = ""
    is_limit: bool = False


def before(left: str, unit: str) -> Side | None:
    """What ends `left`, the text before the digits; None when they belong to a name, as in Q4 and COVID-19."""
    hit, mark = BEFORE.search(left), Mark("")
    if hit is not None and hit["mark"]:
        mark = read_mark(hit["mark"].strip().replace(". ", "").replace(" ", ""), unit)
    if hit is None or not (mark.currencies or mark.share):
        hit, mark = BEFORE_WITHOUT_MARK.search(left), Mark("")
    if hit is None:
        return None
    rest = left[: hit.start()]
    limit = LIMIT_BEFORE.search(rest)
    is_glued = rest[-1:].isalnum() or rest[-1:] == "_"
    if is_glued and not (hit["bracket"] or hit["arrow"] or mark.text):
        return None
    return Side(
        at=limit.start() if limit else hit.start(),
        sign=_sign(hit, rest),
        marks=(mark,) if mark.text else (),
        has_bracket=bool(hit["bracket"] or hit["late"]),
        arrow=(hit["arrow"] or "").strip(),
        is_limit=limit is not None,
    )


def _sign(hit: re.Match[str], rest: str) -> int:
    """A dash among words and spaces, as in `Sales - 5`, is no sign."""
    outer, inner = hit["outer"] or "", hit["inner"] or ""
    is_free = bool(hit["bracket"] or hit["arrow"]) or rest.rstrip()[-1:] in ("", ":")
    if outer.endswith(" ") and not is_free:
        outer = ""
    if inner.endswith(" ") and not (is_free or hit["mark"] or hit["late"]):
        inner = ""
    return -1 if "-" in outer + inner else int("+" in outer + inner)


def after(line: str, at: int, unit: str, *, is_open: bool) -> Side:
    """What follows the digits that end at `at`; `is_open` where a bracket waits to be closed."""
    side = Side(at)
    exponent = EXPONENT.match(line, at)
    if exponent:
        side.exponent = int(exponent["e"] or exponent["caret"] or exponent["raised"].translate(RAISED))
        side.at = exponent.end()
    if late := LATE_MINUS.match(line, side.at):
        side.sign, side.at = -1, late.end()
    _close(line, side, is_open=is_open)
    while len(side.marks) < MOST_MARKS and _take_mark(line, side, unit):
        _close(line, side, is_open=is_open)
    if limit := LIMIT_AFTER.match(line, side.at):
        side.is_limit, side.at = True, limit.end()
    return side


def _close(line: str, side: Side, *, is_open: bool) -> None:
    closing = CLOSING.match(line, side.at)
    if is_open and closing and not side.has_bracket:
        side.has_bracket, side.at = True, closing.end()


def _take_mark(line: str, side: Side, unit: str) -> bool:
    """Takes the next mark, if there is one; returns whether another may follow."""
    hit = MARK_AFTER.match(line, side.at)
    if hit is None:
        return False
    mark = read_mark(hit["mark"], unit)
    if mark.power and (any(one.power or one.currencies for one in side.marks) or _is_one_letter_word(line, hit, mark)):
        mark = Mark(mark.text)
    if mark.is_word and (NEXT_WORD.match(line, hit.end()) or (side.marks and not side.marks[-1].power)):
        return False
    side.marks, side.at = (*side.marks, mark), hit.end()
    return not (mark.is_word or mark.share)


def _is_one_letter_word(line: str, hit: re.Match[str], mark: Mark) -> bool:
    """Whether a free letter such as the m of `5 m long` is a word: more words follow that are no currency."""
    word = NEXT_WORD.match(line, hit.end())
    if not hit["space"] or len(mark.text) > 1 or word is None:
        return False
    return not read_mark(word["word"]).currencies
