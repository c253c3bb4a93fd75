"""What the checker remembers of a target from look to look; it may be lost at any time without losing facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from analysis.reports import backend_values
from analysis.reports.backend_values import Past
from analysis.reports.confirmation import Memory as Confirmation
from collectors.reports import snapshots
from collectors.reports.snapshots import Kept

Way = Mapping[str, list[Past]]  # earlier values by hop, newest first


@dataclass(frozen=True, slots=True)
class Remembered:
    """When it was looked at last, what was confirmed, the values its hops had by number, and its newest pictures."""

    looked_at: datetime | None = None
    confirmation: Confirmation = field(default_factory=Confirmation)
    earlier: Mapping[str, Way] = field(default_factory=dict)
    pictures: tuple[Kept, ...] = ()


def to_notes(memory: Remembered) -> dict[str, Any]:
    """As JSON can hold it."""
    return {
        "looked_at": memory.looked_at.isoformat() if memory.looked_at else None,
        "confirmation": memory.confirmation.as_json(),
        "earlier": {
            number: {hop: backend_values.to_json(values) for hop, values in way.items()}
            for number, way in memory.earlier.items()
        },
        "pictures": snapshots.to_notes(memory.pictures),
    }


def from_notes(notes: object) -> Remembered:
    """What `to_notes` gave; what is not readable is forgotten."""
    found = notes if isinstance(notes, dict) else {}
    return Remembered(
        looked_at(notes),
        Confirmation.from_json(found.get("confirmation")),
        {
            str(number): {str(hop): backend_values.from_json(values) for hop, values in way.items()}
            for number, way in _parts(found.get("earlier"))
            if isinstance(way, dict)
        },
        snapshots.from_notes(found.get("pictures")),
    )


def _parts(found: object) -> list[tuple[object, object]]:
    return list(found.items()) if isinstance(found, dict) else []


def looked_at(notes: object) -> datetime | None:
    """When the target was looked at last, without reading the rest of its notes."""
    text = notes.get("looked_at") if isinstance(notes, dict) else None
    try:
        return datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
