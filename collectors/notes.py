"""A collector's own notes between runs: a JSON file that saves work and may be lost at any time without losing facts.

Write a note about a piece only after the `yield` that handed it over has returned.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson


def read(path: Path) -> dict[str, Any]:
    """The notes at `path`; none when there are none or they cannot be read."""
    try:
        found = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return {}
    return found if isinstance(found, dict) else {}


def write(path: Path, notes: dict[str, Any]) -> None:
    """Keep `notes`; a reader sees the old ones or the new ones, never half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    beside.write_bytes(orjson.dumps(notes))
    beside.replace(path)
