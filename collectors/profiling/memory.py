"""What is remembered of a table from profile to profile: its first columns, and the distributions that are compared.

One JSON file a table, as collectors/notes.py keeps it: lost, the next profile is the first one again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from collectors.profiling.tables import Column, Kind

MOST_CHANGES = 50


@dataclass(frozen=True, slots=True)
class Reference:
    """How a column was distributed first: `edges` of numbers (the upper end of each bin but the last) or `values`.

    `counts` are those of the bins: one more than there are edges, or than values (the other ones), then the nulls.
    """

    kind: Kind
    edges: tuple[float, ...] = ()
    values: tuple[str, ...] = ()
    counts: tuple[float, ...] = ()

    @property
    def has_shape(self) -> bool:
        """Whether there is anything to compare: a text whose values are all different has none."""
        return bool(self.edges or self.values)


@dataclass(frozen=True, slots=True)
class Memory:
    """The columns that the table had first, the hash they have now, every change of that, and references by column."""

    columns: tuple[Column, ...] | None = None
    schema_hash: str = ""
    changes: tuple[Mapping[str, Any], ...] = ()
    references: Mapping[str, Reference] = field(default_factory=dict)


def path_of(folder: Path, profile: str, table: str) -> Path:
    """Where the notes of a table are; the name of the table itself may be no name of a file."""
    return folder / profile / f"{hashlib.sha256(table.encode()).hexdigest()[:40]}.json"


def to_notes(table: str, memory: Memory) -> dict[str, Any]:
    """As JSON can hold it; `table` is for people who open the file."""
    return {
        "table": table,
        "columns": [[c.name, c.type, c.is_nullable, c.kind] for c in memory.columns]
        if memory.columns is not None
        else None,
        "schema_hash": memory.schema_hash,
        "changes": list(memory.changes)[-MOST_CHANGES:],
        "references": {
            name: {"kind": found.kind, "edges": found.edges, "values": found.values, "counts": found.counts}
            for name, found in memory.references.items()
        },
    }


def from_notes(notes: Mapping[str, Any]) -> Memory:
    """What `to_notes` gave; notes that are not readable are forgotten as a whole."""
    try:
        columns = notes["columns"]
        return Memory(
            None
            if columns is None
            else tuple(Column(name, said, bool(null), Kind(kind)) for name, said, null, kind in columns),
            str(notes["schema_hash"]),
            tuple(dict(change) for change in notes["changes"]),
            {str(name): _reference(found) for name, found in notes["references"].items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return Memory()


def _reference(found: Mapping[str, Any]) -> Reference:
    return Reference(
        Kind(found["kind"]),
        tuple(float(edge) for edge in found["edges"]),
        tuple(str(value) for value in found["values"]),
        tuple(float(count) for count in found["counts"]),
    )
