"""How the structure of a page differs from an earlier one, in words. Changed figures, dates and rows are no difference.

Compared are outlines: what stands on the page, in its order. Pixels have no part in it.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analysis.reports.outline import TABLES, Entry, outline

DIGEST_LETTERS = 16
MOST_LETTERS = 60  # of a name within a sentence
NOUNS = {
    "img": "picture",
    "image": "picture",
    "figure": "picture",
    "textbox": "input field",
    "searchbox": "search field",
    "combobox": "selection",
    "paragraph": "text",
    "grid": "table",
    "treegrid": "table",
    "listitem": "list item",
    "banner": "page header",
    "contentinfo": "page footer",
    "main": "main part",
    "navigation": "navigation",
    "complementary": "side part",
    "iframe": "frame",
    "progressbar": "progress bar",
    "cell": "table cell",
    "gridcell": "table cell",
}


@dataclass(frozen=True, slots=True)
class LayoutDifference:
    """Sentences without a full stop: what is new, gone, moved, or has changed in place.

    `share` of all that stands on the two pages is touched, from 0 to 1; up to `least` it counts as unchanged.
    """

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    share: float = 0.0
    least: float = 0.0

    @property
    def is_changed(self) -> bool:
        """Whether more than `least` differs."""
        return self.share > self.least

    @property
    def sentences(self) -> tuple[str, ...]:
        """All of it, what is missing first."""
        return self.removed + self.changed + self.added + self.moved


def normalise(aria_snapshot: str) -> tuple[str, ...]:
    """One line for each thing on the page, in order, with `…` for figures, dates, times, durations and ids."""
    return tuple(map(str, outline(aria_snapshot)))


def digest(aria_snapshot: str) -> str:
    """Hex digits that are equal for pages of the same structure."""
    return hashlib.sha256("\n".join(normalise(aria_snapshot)).encode()).hexdigest()[:DIGEST_LETTERS]


def compare(before: str, after: str, least: float = 0.0) -> LayoutDifference:
    """What makes the second page another than the first; nothing exactly when their digests are equal."""
    first, second = outline(before), outline(after)
    gone, new = _gone_and_new(first, second)
    moved = _moved(_without(first, gone), _without(second, new))
    pairs = _pairs(first, gone, second, new)
    touched = len(gone) + len(new) + 2 * len(moved)
    return LayoutDifference(
        added=_told((second[place] for place in new if place not in pairs.values()), "is new"),
        removed=_told((first[place] for place in gone if place not in pairs), "is gone"),
        moved=_told(moved, "has moved"),
        changed=tuple(_change(first[old], second[now]) for old, now in pairs.items()),
        share=touched / max(len(first) + len(second), 1),
        least=least,
    )


def _gone_and_new(first: Sequence[Entry], second: Sequence[Entry]) -> tuple[list[int], list[int]]:
    """Places of what only one of them has so often; an end that both share stays out of it."""
    most = min(len(first), len(second))
    tail = next((back for back in range(most) if first[-1 - back] != second[-1 - back]), most)
    old, now = first[: len(first) - tail], second[: len(second) - tail]
    return _picked(old, Counter(old) - Counter(now)), _picked(now, Counter(now) - Counter(old))


def _picked(entries: Sequence[Entry], wanted: Counter[Entry]) -> list[int]:
    """Places of so many of each entry, the last ones of those that are equal."""
    left = Counter(wanted)
    places = []
    for place in range(len(entries) - 1, -1, -1):
        if left[entries[place]] > 0:
            left[entries[place]] -= 1
            places.append(place)
    return places[::-1]


def _without(entries: Sequence[Entry], places: Iterable[int]) -> list[Entry]:
    out = set(places)
    return [entry for place, entry in enumerate(entries) if place not in out]


def _moved(before: Sequence[Entry], after: Sequence[Entry]) -> list[Entry]:
    """The fewest of the entries that must move to make one order of the other; both have the same entries."""
    places = {key: place for place, key in enumerate(_numbered(after))}
    order = [places[key] for key in _numbered(before)]
    staying = _longest_rising(order)
    return [entry for place, entry in enumerate(before) if place not in staying]


def _numbered(entries: Iterable[Entry]) -> list[tuple[Entry, int]]:
    """Each entry with how many equal ones came before it."""
    seen: Counter[Entry] = Counter()
    numbered = []
    for entry in entries:
        numbered.append((entry, seen[entry]))
        seen[entry] += 1
    return numbered


def _longest_rising(order: Sequence[int]) -> set[int]:
    """Places of a longest rising subsequence, by patience sorting."""
    tops: list[int] = []
    holders: list[int] = []
    earlier: list[int | None] = []
    for place, value in enumerate(order):
        pile = bisect_left(tops, value)
        tops[pile : pile + 1] = [value]
        holders[pile : pile + 1] = [place]
        earlier.append(holders[pile - 1] if pile else None)
    staying = set()
    place_or_none = holders[-1] if holders else None
    while place_or_none is not None:
        staying.add(place_or_none)
        place_or_none = earlier[place_or_none]
    return staying


def _pairs(first: Sequence[Entry], gone: Sequence[int], second: Sequence[Entry], new: Sequence[int]) -> dict[int, int]:
    """Places of what is gone with what stands there now: the same kind of thing after the same neighbour."""
    waiting = dict(zip(_spots(second, new), new, strict=True))
    spots = zip(gone, _spots(first, gone), strict=True)
    return {place: waiting.pop(spot) for place, spot in spots if spot in waiting}


def _spots(entries: Sequence[Entry], places: Sequence[int]) -> list[tuple[str, Entry | None, int]]:
    """Where each of some entries stands: its kind, the nearest entry before it that stayed, and its turn there."""
    out = set(places)
    seen: Counter[tuple[str, Entry | None]] = Counter()
    spots = []
    before: Entry | None = None
    for place, entry in enumerate(entries):
        if place not in out:
            before = entry
            continue
        kind = _noun(entry)
        spots.append((kind, before, seen[kind, before]))
        seen[kind, before] += 1
    return spots


def _told(entries: Iterable[Entry], what: str) -> tuple[str, ...]:
    counted = Counter(f"{_article(_noun(entry))} {_named(entry)} {what}" for entry in entries)
    return tuple(said if times == 1 else f"{said} ({times} times)" for said, times in counted.items())


def _change(old: Entry, new: Entry) -> str:
    """How one thing became another of its kind."""
    noun = _noun(new)
    if old.role in TABLES and old.columns is not None and new.columns is not None and old.columns != new.columns:
        return f"{_which(old, new)} {_columns_changed(old.columns, new.columns)}"
    if (old.name, old.text) != (new.name, new.text):
        return f"{_article(noun)} {noun} says “{_short(_words(new))}” instead of “{_short(_words(old))}”"
    if old.states != new.states:
        return f"{_which(old, new)} {_states_changed(old.states, new.states)}"
    return f"{_which(old, new)} is made in another way"


def _columns_changed(old: tuple[str, ...], new: tuple[str, ...]) -> str:
    gone, more = list((Counter(old) - Counter(new)).elements()), list((Counter(new) - Counter(old)).elements())
    if len(old) != len(new):
        said = f"has {len(new)} columns instead of {len(old)}"
        few, word = (gone, "gone") if len(new) < len(old) else (more, "new")
        return f"{said}: “{_short(few[0])}” is {word}" if len(few) == 1 and few[0] else said
    if not gone:
        return "has its columns in another order"
    now, was = (", ".join(f"“{_short(name)}”" for name in side) for side in (more, gone))
    return f"has the column{'s' if len(gone) > 1 else ''} {now} instead of {was}"


def _which(old: Entry, new: Entry) -> str:
    noun = _noun(new)
    return f"the {_named(new)}" if _words(new) and _words(new) == _words(old) else f"{_article(noun)} {noun}"


def _named(entry: Entry) -> str:
    words = _words(entry)
    return f"{_noun(entry)} “{_short(words)}”" if words else _noun(entry)


def _noun(entry: Entry) -> str:
    return NOUNS.get(entry.role, entry.role)


def _words(entry: Entry) -> str:
    return " ".join(part for part in (entry.name, entry.text) if part)


def _states_changed(old: Sequence[str], new: Sequence[str]) -> str:
    was, now = (", ".join(states).replace("=", " ") for states in (old, new))
    if not was:
        return f"is {now} now"
    return f"is {now} instead of {was}" if now else f"is not {was} any more"


def _short(text: str) -> str:
    return text if len(text) <= MOST_LETTERS else f"{text[:MOST_LETTERS].rstrip()}…"


def _article(noun: str) -> str:
    return "an" if noun[:1] in "aeiou" else "a"
