"""The outline of a page from its accessibility tree as text: what stands there, without what changes by itself.

Read line by line, so that a tree that is cut off, or no tree at all, still gives an outline.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analysis.reports.volatile import settled

ITEM = re.compile(r"( *)- (.*)")
QUOTED_ITEM = re.compile(r"'((?:[^']|'')*)'(.*)")
PART = re.compile(r'([a-z]+)(?: "((?:[^"\\]|\\.)*)")?((?: \[[^\]]*\])*)(?::(?: (.*))?)?')
ESCAPE = re.compile(r"\\(.)")
TABLES = {"table", "grid", "treegrid"}
ROWS = {"row", "rowgroup", "caption"}
HEADERS = {"columnheader", "rowheader"}
CELLS = {"cell", "gridcell"} | HEADERS
WRAPPERS = (
    {"list", "listitem", "generic", "group", "paragraph", "document", "text", "strong", "emphasis"} | CELLS | ROWS
)
LEFT_OUT = {"option"}  # what can be chosen is data
PICTURES = {"img", "image", "figure"}  # the words within a chart are data
PASSING = {"active", "selected", "cursor", "ref"}  # where the pointer is, not what stands there


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing on a page: its role, name, words and states; a table has its columns instead of its rows."""

    role: str
    name: str = ""
    text: str = ""
    states: tuple[str, ...] = ()
    columns: tuple[str, ...] | None = None

    def __str__(self) -> str:
        """One line that is equal for equal things."""
        parts = [self.role]
        parts += [f"“{self.name}”"] if self.name else []
        parts += [f"[{state}]" for state in self.states]
        parts += [f"columns: {' | '.join(self.columns)}"] if self.columns is not None else []
        said = " ".join(parts)
        return f"{said}: {self.text}" if self.text else said


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the tree: how deep it stands, and what it says."""

    depth: int
    role: str
    name: str
    states: tuple[str, ...]
    text: str


def outline(tree: str) -> list[Entry]:
    """What stands on the page, from top to bottom, in settled words; containers that say nothing are left out."""
    lines = [line for raw in tree.splitlines() if (line := _line(raw)) is not None]
    return list(_entries(lines))


def _entries(lines: Sequence[Line]) -> Iterator[Entry]:
    place = 0
    while place < len(lines):
        line = lines[place]
        end = place + 1
        if line.role in TABLES:
            while end < len(lines) and lines[end].depth > line.depth:
                end += 1
            within = lines[place + 1 : end]
            if _has_data(within):
                yield Entry(line.role, settled(line.name), columns=_columns(within))
                place = end
                continue
            end = place + 1  # a table that only places other things
        entry = _entry(line)
        if entry is not None:
            yield entry
        place = end


def _entry(line: Line) -> Entry | None:
    if line.role in LEFT_OUT or line.role in ROWS:
        return None
    text = "" if line.role in PICTURES else settled(line.text)
    name = "" if line.role in CELLS and line.name == line.text else settled(line.name)
    is_silent = not (name or text or line.states)
    return None if line.role in WRAPPERS and is_silent else Entry(line.role, name, text, line.states)


def _has_data(within: Sequence[Line]) -> bool:
    """A table of data has headers, or nothing but cells."""
    roles = {line.role for line in within}
    return bool(roles & HEADERS) or roles <= ROWS | CELLS | {"text"}


def _columns(within: Sequence[Line]) -> tuple[str, ...]:
    """Names of the columns; those of a table without headers have none, but are counted."""
    named = tuple(settled(line.name or line.text) for line in within if line.role == "columnheader")
    if named:
        return named
    most = count = 0
    for line in within:
        count = 0 if line.role == "row" else count + (line.role in CELLS)
        most = max(most, count)
    return ("",) * most


def _line(raw: str) -> Line | None:
    """What a line of the tree says; None for an empty one and for the address of a link."""
    item = ITEM.fullmatch(raw)
    if item is None:
        return Line(0, "text", "", (), raw.strip()) if raw.strip() else None
    depth, said = len(item[1]), item[2]
    if said.startswith("/"):
        kind, _, value = said[1:].partition(": ")
        return None if kind == "url" else Line(depth, kind, "", (), _plain(value))
    if quoted := QUOTED_ITEM.fullmatch(said):
        said = quoted[1].replace("''", "'") + quoted[2]
    part = PART.fullmatch(said)
    if part is None:
        return Line(depth, "text", "", (), said)
    states = tuple(state for state in re.findall(r"\[([^\]]*)\]", part[3]) if state.partition("=")[0] not in PASSING)
    return Line(depth, part[1], ESCAPE.sub(r"\1", part[2] or ""), states, _plain(part[4] or ""))


def _plain(value: str) -> str:
    """A value without the quotes that the tree gives it."""
    if len(value) < 2 or value[0] != value[-1] or value[0] not in "\"'":
        return value
    if value[0] == "'":
        return value[1:-1].replace("''", "'")
    try:
        return str(json.loads(value))
    except ValueError:
        return value[1:-1]
