"""From the answers to the statements about a table to its measures, and to the references that they teach."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from collectors.profiling.distances import ks, psi
from collectors.profiling.memory import Reference
from collectors.profiling.tables import NUMBERS, Column, Kind

LEAST_VALUES = 10  # fewer say nothing of a distribution
MOST_LETTERS = 200  # of a text that is kept as a category
EPOCH = datetime(1970, 1, 1)

Found = Mapping[tuple[str, str | int], object]


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure of a column; `column` is empty for what the table has as a whole."""

    column: str
    name: str
    value: float


def measures(
    columns: Sequence[Column], found: Found, references: Mapping[str, Reference], learned: set[str], now: datetime
) -> Iterator[Measure]:
    """Every measure of every column that has one; `now` is naive UTC.

    Nulls are a share of the rows, so an empty table has none. The ends of a time are ages in seconds: `least` that of
    its earliest, `most` that of its latest. A distance is told from the profile after the one it was `learned` in.
    """
    for column in columns:
        rows, values = _number(found[column.name, "rows"]) or 0.0, _number(found[column.name, "count"]) or 0.0
        if rows:
            yield Measure(column.name, "nulls", (rows - values) / rows)
        for what in ("distinct", "least", "most", "mean"):
            value = _told(column, what, found, now)
            if value is not None:
                yield Measure(column.name, what, value)
        reference = references.get(column.name)
        if reference is not None and reference.has_shape and column.name not in learned:
            yield from _distances(column, reference, bins(column.name, found, reference))


def bins(column: str, found: Found, reference: Reference) -> tuple[float, ...]:
    """How many rows are in each bin of the reference now, the last two being all other values, and nulls."""
    rows, values = _number(found[column, "rows"]) or 0.0, _number(found[column, "count"]) or 0.0
    places = range(len(reference.edges or reference.values))
    counts = [_number(found[column, place]) or 0.0 for place in places]
    if reference.edges:  # they are counted up to each edge
        counts = [after - before for before, after in zip([0.0, *counts], counts, strict=False)]
    return (*counts, values - math.fsum(counts), rows - values)


def edges_of(columns: Sequence[Column], rows: Sequence[Sequence[object]], tiles: int) -> dict[str, Reference]:
    """References without counts from the answer to `learn_edges`; the end of the last tile is no edge."""
    edges: dict[int, set[float]] = {}
    for part, tile, edge in rows:
        number, value = _number(tile), _number(edge)
        if number is not None and number < tiles and value is not None:
            edges.setdefault(int(str(part)), set()).add(value)
    return {
        column.name: Reference(column.kind, edges=tuple(sorted(edges.get(part, ()))))
        for part, column in enumerate(columns)
    }


def values_of(columns: Sequence[Column], rows: Sequence[Sequence[object]]) -> dict[str, Reference]:
    """References without counts from the answer to `learn_values`."""
    values: dict[int, list[str]] = {}
    for part, value, _ in rows:
        if isinstance(value, str) and len(value) <= MOST_LETTERS:
            values.setdefault(int(str(part)), []).append(value)
    return {
        column.name: Reference(column.kind, values=tuple(values.get(part, ()))) for part, column in enumerate(columns)
    }


def kept(
    found: Found, references: Mapping[str, Reference], fresh: Mapping[str, Reference]
) -> tuple[dict[str, Reference], set[str]]:
    """All references, those of `fresh` with their counts when there are values enough; and which columns these are."""
    added = {
        name: Reference(reference.kind, reference.edges, reference.values, bins(name, found, reference))
        for name, reference in fresh.items()
        if (_number(found[name, "count"]) or 0.0) >= LEAST_VALUES
    }
    return {**references, **added}, set(added)


def not_finite(columns: Sequence[Column], found: Found) -> list[str]:
    """What of which column is no number that can be drawn: a mean whose sum is beyond all numbers."""
    return [
        f"the {what} of {column.name}"
        for column in columns
        for what in ("least", "most", "mean")
        if column.kind is not Kind.TIME
        and (value := found.get((column.name, what))) is not None
        and _number(value) is None
    ]


def _distances(column: Column, reference: Reference, counts: Sequence[float]) -> Iterator[Measure]:
    """PSI with nulls as a bin of their own, KS of numbers without them."""
    distance = psi(reference.counts, counts)
    if distance is not None:
        yield Measure(column.name, "psi", distance)
    greatest = ks(reference.counts[:-1], counts[:-1]) if column.kind in NUMBERS else None
    if greatest is not None:
        yield Measure(column.name, "ks", greatest)


def _told(column: Column, what: str, found: Found, now: datetime) -> float | None:
    value = found.get((column.name, what))
    if column.kind is not Kind.TIME or what == "distinct":
        return _number(value)
    seconds = _seconds(value)
    return None if seconds is None else (now - EPOCH).total_seconds() - seconds


def _seconds(found: object) -> float | None:
    """An instant as seconds since 1970, however the driver gives it."""
    try:
        if isinstance(found, str):
            found = datetime.fromisoformat(found)
        if isinstance(found, datetime):
            return (found.replace(tzinfo=None) - (found.utcoffset() or EPOCH - EPOCH) - EPOCH).total_seconds()
    except (ValueError, OverflowError):
        return None
    if isinstance(found, date):
        return (datetime.combine(found, time()) - EPOCH).total_seconds()
    return _number(found)


def _number(found: object) -> float | None:
    """As a finite number; None for anything else."""
    if not isinstance(found, int | float | Decimal):
        return None
    try:
        number = float(found)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
