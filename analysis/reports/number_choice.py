"""Which of the numbers in a text is the one that it shows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from analysis.reports.number_scan import Found
from analysis.reports.number_units import SHARES, SYMBOL_CLASS

SHOWN_LETTERS = 60
SHOWN_NUMBERS = 4
YEARS = range(1900, 2101)
EXPECTED = "expected a number"
NOTHING = re.compile(
    r"[-—_.…?∞·]+|n\.?/?a\.?|nan|null|none|nil|undefined|no (?:data|values?|results?)|not available|keine daten|"
    r"k\. ?a\.|sans données|sin datos|#(?:n/a|ref!|div/0!|value!|name\?|num!)|[-+]?inf(?:inity)?|"
    r"loading\W*|lädt\W*|error|fehler",
    re.IGNORECASE,
)
BESIDE_NOTHING = re.compile(rf"[{SYMBOL_CLASS}%‰ ]|(?:^|(?<=\s))[A-Z]{{3}}(?=\s|$)")
NOTHING_WORD = re.compile(r"(?:^|[\s:(])(?:n/a|nan|null|undefined|∞)(?=$|[\s)])", re.IGNORECASE)
NOTHING_DASH = re.compile(r"(?:^|[\s:(])[-—](?=$|[\s)])")


class NumberTextError(ValueError):
    """The text is not one number; the message says what it shows instead, and begins with “shows”."""


def choose(lines: Sequence[str], written: Sequence[str], found: Sequence[Sequence[Found]], unit: str) -> Found:
    """The number that the plain `lines` show, `written` so, of all that were `found` in each; raises NumberTextError.

    The first line with a number counts, or a line with nothing else below a label with digits. Changes and comparisons
    (`+3.2 %`, `vs. 397k`) and years beside another number are passed over.
    """
    numbered = [at for at, row in enumerate(found) if row]
    if not numbered:
        raise NumberTextError(f"shows {quoted(' / '.join(written))}, {EXPECTED}")
    at = _line(numbered, found, unit)
    row = _without_years(found[at])
    _refuse_nothing(lines, written, at, row[0])
    rivals = [one for one in row[1:] if not _is_companion(one, row[0])]
    fitting = [one for one in (row[0], *rivals) if _fits(one, unit)]
    if rivals and len(fitting) == 1:
        head, rivals = fitting[0], []
    else:
        head = row[0]
    rivals += _rivals_below(numbered, found, at, head)
    if rivals:
        shown = ", ".join(f"“{one.shown}”" for one in (head, *rivals)[:SHOWN_NUMBERS])
        raise NumberTextError(
            f"shows {len(rivals) + 1} numbers ({shown}), expected one: point `at` to the number itself"
        )
    return head


def quoted(text: str) -> str:
    """`text` in quotes, shortened; “nothing” when it is empty."""
    if not text:
        return "nothing"
    return f"“{text if len(text) <= SHOWN_LETTERS else text[: SHOWN_LETTERS - 1] + '…'}”"


def _line(numbered: Sequence[int], found: Sequence[Sequence[Found]], unit: str) -> int:
    """The first line with a number, or below it the first with nothing but its value: labels have digits, too."""
    head = found[numbered[0]][0]
    if head.is_bare or head.is_labelled:
        return numbered[0]
    wants_share = unit in SHARES
    for at in numbered[1:]:
        one = found[at][0]
        if one.is_bare and not one.is_change and (wants_share or not one.is_share):
            return at
    return numbered[0]


def _without_years(row: Sequence[Found]) -> Sequence[Found]:
    others = [one for one in row if not _is_year(one)]
    return others if others and not row[0].is_bare else row


def _is_year(one: Found) -> bool:
    return one.shown.isdecimal() and len(one.shown) == 4 and int(one.shown) in YEARS


def _refuse_nothing(lines: Sequence[str], written: Sequence[str], at: int, head: Found) -> None:
    """A dash or the like where the value should be: what follows it, such as a change, is not the value."""
    is_value = head.is_bare or head.is_labelled
    for line, as_written in zip(lines[:at] if is_value else lines, written, strict=False):
        if NOTHING.fullmatch(BESIDE_NOTHING.sub("", line)):
            raise NumberTextError(f"shows {quoted(as_written)}, {EXPECTED}")
    inline = lines[at][: head.start]
    if NOTHING_WORD.search(inline) or (head.is_change and NOTHING_DASH.search(inline)):
        raise NumberTextError(f"shows {quoted(written[at])}, {EXPECTED}")


def _is_companion(one: Found, head: Found) -> bool:
    """Whether it only says how the number has changed."""
    return one.is_change or (one.is_share and not head.is_share)


def _fits(one: Found, unit: str) -> bool:
    """Whether it shows the unit of the contract."""
    if unit in SHARES:
        return one.is_share
    return any(unit in mark.currencies or mark.text.rstrip(".") == unit for mark in one.marks if unit)


def _rivals_below(numbered: Sequence[int], found: Sequence[Sequence[Found]], at: int, head: Found) -> Iterator[Found]:
    """Numbers of later lines that could be meant as well: neither a change right below nor a comparison in words."""
    for line in numbered:
        one = found[line][0]
        is_below = line == at + 1 and one.is_bare
        is_remark = not one.is_bare and all(map(_is_year, found[line]))
        is_comparison = head.is_bare and (is_below or not one.is_bare)
        if line > at and not (is_comparison or is_remark or _is_companion(one, head)):
            yield one
