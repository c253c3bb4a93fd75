"""Lays decisions that the store does not have yet over those that it has; the newest row of each id counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

import polars as pl

from store.rows import PointMark, SignalAnswer, StageEvent, WatchEvent

Decision = PointMark | StageEvent | SignalAnswer | WatchEvent


def merged(name: str, of: str, stored: pl.DataFrame, rows: Iterable[Decision]) -> pl.DataFrame:
    """The answer `stored` of the query `name`, asked about the id `of` (or all), with `rows` laid over it."""
    kind = KINDS.get(name)
    if kind is None:
        return stored
    keys = kind.LATEST if kind is WatchEvent else ("metric_id", *kind.LATEST)
    mine = [row for row in rows if isinstance(row, kind) and (not of or of in [getattr(row, key) for key in keys])]
    if not mine:
        return stored
    if kind is PointMark:
        return _marks(stored, [row for row in mine if isinstance(row, PointMark)])
    at = kind.TIME
    every = _with(stored, mine).sort(at)
    newest = every.unique(kind.LATEST, keep="last", maintain_order=True)
    return newest.sort(ORDERS[name], descending=name != "points_watches")


KINDS: dict[str, type[Decision]] = {
    "points_marks": PointMark,
    "points_stages": StageEvent,
    "points_answers": SignalAnswer,
    "points_watches": WatchEvent,
}
ORDERS = {"points_stages": "starts_at", "points_answers": "answered_at", "points_watches": "metric_id"}


def _marks(stored: pl.DataFrame, mine: list[PointMark]) -> pl.DataFrame:
    made = ("made_at", "made_by", "made_for")
    every = _with(stored, mine).sort("marked_at")
    newest = every.unique("mark_id", keep="last", maintain_order=True).drop(made)
    first = every.group_by("mark_id").agg(pl.col(made).sort_by("made_at").first())
    return newest.join(first, on="mark_id").select(stored.columns).sort("from_at", "mark_id", descending=[True, False])


def _with(stored: pl.DataFrame, mine: Iterable[Decision]) -> pl.DataFrame:
    return pl.concat([stored, pl.DataFrame([_plain(row) for row in mine], schema=stored.schema)])


def _plain(row: Decision) -> dict[str, Any]:
    """The row as the queries return it."""
    found = asdict(row)
    plain = {name: str(value) if isinstance(value, str) else value for name, value in found.items()}
    if isinstance(row, PointMark):
        at: datetime = row.marked_at
        plain |= {"made_at": at, "made_by": row.actor, "made_for": row.reason}
    return plain
