"""What the tests of all collectors share: a context of their own, and the way of facts into a store."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from collectors.base import Context, Piece, Yield
from config.estate import Estate
from store.connection import Store
from store.rows import Row
from store.settings import Settings
from store.spool import Spool, pending, read
from store.write import apply

NOW = datetime(2026, 11, 23, 8, 30)
NEVER_USED = itertools.count()


def context(folder: Path, now: datetime = NOW, **parts: Any) -> Context:
    """A context whose estate stands in `folder` and has `parts`."""
    estate = Estate.model_validate({"name": "test", "subsystems": [{"id": "s", "title": "S"}], **parts})
    return Context(now, estate, Settings(home=folder / "var", estate=folder), folder / "state" / "notes.json")


def rows(found: Iterable[Yield]) -> list[Row]:
    """All rows, whether they came alone or in pieces."""
    return [row for item in found for row in (item.rows if isinstance(item, Piece) else [item])]


def problems(found: Iterable[Yield]) -> list[str]:
    return [item.problem for item in found if isinstance(item, Piece) and item.problem]


def deliver(store: Store, folder: Path, found: Iterable[Yield]) -> int:
    """Spool pieces and apply them as the product does; the number of rows that were new."""
    queue = Spool(folder / f"spool{next(NEVER_USED)}", "collector")
    for item in found:
        if isinstance(item, Piece) and (item.rows or item.frames):
            queue.put(item.rows, item.frames, key=item.key)
    return apply(store, [read(path) for path in pending(queue.folder)])
