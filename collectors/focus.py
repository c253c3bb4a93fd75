"""FOCUS files as loads: whole billing periods of a source are replaced, never doubled and never half.

All files of a source that have charges of one billing period are one load. Its charges go first, in chunks, and the
record that makes it the current one goes last. A refused file holds back the periods it belongs to; what was loaded
before stays current.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from collectors import files
from collectors.base import Piece
from collectors.focus_table import FocusError, Table, read_table
from store.rows import Charge, ChargeLoad, column_names

CHUNK_ROWS = 50_000
NO_CURRENCY = "XXX"  # what ISO 4217 has for none
NAMES = ("*.csv", "*.csv.gz", "*.parquet")


@dataclass(frozen=True, slots=True)
class Total:
    """What was loaded in one currency, unrounded; `by_service` maps a service to its billed and effective cost."""

    currency: str
    rows: int
    period_start: datetime
    period_end: datetime
    billed: Decimal
    effective: Decimal
    by_service: Mapping[str, tuple[Decimal, Decimal]]


@dataclass(frozen=True, slots=True)
class Summary:
    """What a load brings, for a person: totals by currency, versions by file, and every refusal as a sentence."""

    rows: int
    totals: tuple[Total, ...]
    versions: Mapping[str, str]
    refused: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Loaded:
    """Pieces to store in this order, their summary, and notes that save reading unchanged files again."""

    pieces: tuple[Piece, ...]
    summary: Summary
    notes: dict[str, Any]


@dataclass(slots=True)
class _File:
    """A file as it was found; `table` is there once it was read."""

    path: Path
    stamp: list[int]
    digest: str
    periods: frozenset[datetime]
    table: Table | None = None


@dataclass(slots=True)
class _Reading:
    """The files of a source by path, the periods to load anew, and those that a refused file holds back."""

    files: dict[str, _File] = field(default_factory=dict)
    changed: set[datetime] = field(default_factory=set)
    held: dict[str, frozenset[datetime]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    @property
    def held_periods(self) -> set[datetime]:
        return set().union(*self.held.values())

    def refuse(self, path: str, error: Exception, periods: frozenset[datetime]) -> None:
        months = ", ".join(f"{period:%Y-%m}" for period in sorted(periods))
        stays = f" Until that is corrected, billing period {months} stays as it is." if months else ""
        self.refused[path] = f"{str(error).removesuffix('.')}.{stays}"
        self.held[path] = periods


def load_files(
    paths: Sequence[Path], source: str, now: datetime, known: Mapping[str, Any] | None = None, era: int = 0
) -> Loaded:
    """The loads of `source` that its `paths` make at `now`; `known` are the notes of the last time, if there are any.

    Never raises for a bad file: that is in `summary.refused`, by path. Without `known` every period is loaded, under
    the same ids as before as long as paths, contents and times of change are the same, and the source has not left the
    estate meanwhile: `era` counts how often it did.
    """
    reading = _read(paths, known or {})
    pieces: list[Piece] = []
    loaded: list[pl.DataFrame] = []
    for period in sorted(reading.changed):
        parts = [file for file in reading.files.values() if period in file.periods]
        charges = _charges(period, parts, reading)
        if charges is not None:
            load_id = _load_id(f"{source} {era}" if era else source, period, parts)
            frame = charges.with_columns(load_id=pl.lit(load_id), source=pl.lit(source))
            pieces += _pieces(frame.select(column_names(Charge)), parts, now)
            loaded.append(charges)
    versions = {path: file.table.version for path, file in reading.files.items() if file.table}
    summary = Summary(sum(frame.height for frame in loaded), _totals(loaded), versions, reading.refused)
    return Loaded(tuple(pieces), summary, _notes(reading))


def _read(paths: Sequence[Path], known: Mapping[str, Any]) -> _Reading:
    """Look at every path, and read those whose content is not the one in `known`."""
    reading = _Reading()
    for path in paths:
        note = known.get(str(path))
        before = _periods(note)
        try:
            file = _look(path, note)
        except (OSError, FocusError) as error:
            reading.refuse(str(path), error, before | getattr(error, "periods", frozenset()))
            continue
        reading.files[str(path)] = file
        if file.table is not None:
            reading.changed |= file.periods | before
    for gone in known.keys() - {str(path) for path in paths}:
        reading.changed |= _periods(known[gone])
    return reading


def _look(path: Path, note: Mapping[str, Any] | None) -> _File:
    """The file at `path`, unread when `note` knows its content; raises FocusError and OSError."""
    stamp = files.stamp(path)
    if note and note["stamp"] == stamp:
        return _File(path, stamp, note["digest"], _periods(note))
    data = path.read_bytes()
    digest = files.digest(data)
    if note and note["digest"] == digest:
        return _File(path, stamp, digest, _periods(note))
    table = read_table(data, str(path))
    return _File(path, stamp, digest, table.periods, table)


def _charges(period: datetime, parts: Sequence[_File], reading: _Reading) -> pl.DataFrame | None:
    """All charges of a period; None when it is held back or no file has it any more."""
    if period in reading.held_periods:
        return None
    frames = []
    for part in parts:
        try:
            part.table = part.table or read_table(part.path.read_bytes(), str(part.path))
        except (OSError, FocusError) as error:
            reading.refuse(str(part.path), error, part.periods)
            return None
        frames.append(part.table.charges.filter(pl.col("billing_period_start") == period))
    charges = pl.concat(frames) if frames else None
    if charges is not None and charges["billing_currency"].n_unique() > 1:
        names = " and ".join(sorted(charges["billing_currency"].unique()))
        mixed = FocusError(
            f"{_named(parts)} mix {names} in one billing period, expected one currency; split the source"
        )
        reading.refuse(str(parts[0].path), mixed, frozenset({period}))
        return None
    return charges


def _load_id(source: str, period: datetime, parts: Sequence[_File]) -> str:
    """The identity of a load; the time of change is in it, so that a content that comes back is a new load."""
    found = sorted(f"{part.path} {part.digest} {part.stamp[1]}" for part in parts)
    return files.digest("\n".join([source, period.isoformat(), *found]).encode())


def _pieces(frame: pl.DataFrame, parts: Sequence[_File], now: datetime) -> Iterator[Piece]:
    """The charges of one load in chunks, then the record that makes it current."""
    first = frame.row(0, named=True)
    load_id = str(first["load_id"])
    for number, chunk in enumerate(frame.iter_slices(CHUNK_ROWS)):
        yield Piece(f"{load_id}:{number}", frames={"charges": chunk})
    load = ChargeLoad(
        load_id=load_id,
        source=first["source"],
        billing_period_start=first["billing_period_start"],
        loaded_at=now,
        rows=frame.height,
        billed_cost=_sum(frame, "billed_cost"),
        billing_currency=first["billing_currency"],
        path=_named(parts),
    )
    yield Piece(f"{load_id}:loaded", rows=(load,))


def _totals(loaded: Sequence[pl.DataFrame]) -> tuple[Total, ...]:
    if not loaded:
        return ()
    return tuple(
        Total(
            currency=str(currency),
            rows=frame.height,
            period_start=frame.select(pl.col("billing_period_start").min()).item(),
            period_end=frame.select(pl.col("charge_period_end").max()).item(),
            billed=_sum(frame, "billed_exact"),
            effective=_sum(frame, "effective_exact"),
            by_service={
                str(service): (_sum(part, "billed_exact"), _sum(part, "effective_exact"))
                for (service,), part in frame.sort("service_name").group_by("service_name", maintain_order=True)
            },
        )
        for (currency,), frame in pl.concat(loaded).group_by("billing_currency", maintain_order=True)
    )


def _sum(frame: pl.DataFrame, column: str) -> Decimal:
    return Decimal(frame.select(pl.col(column).sum()).item())


def retire(source: str, notes: Mapping[str, Any], now: datetime) -> Iterator[Piece]:
    """Loads of nothing in place of what `source` had loaded: it left the estate, or has another name there."""
    for period in sorted(frozenset().union(*map(_periods, notes.values()))):
        load_id = f"retired:{source}:{period:%Y-%m-%d}:{now:%Y%m%dT%H%M%S}"
        load = ChargeLoad(load_id, source, period, now, 0, Decimal(0), NO_CURRENCY, "no longer in the estate")
        yield Piece(load_id, rows=(load,))


def _named(parts: Sequence[_File]) -> str:
    more = f" and {len(parts) - 1} more" if len(parts) > 1 else ""
    return f"{parts[0].path}{more}"


def _notes(reading: _Reading) -> dict[str, Any]:
    """What is known of every file; a refused one is read again the next time, and its periods are remembered."""
    found = {path: _note(file.stamp, file.digest, file.periods) for path, file in reading.files.items()}
    for path, periods in reading.held.items():
        found[path] = _note([], "", periods | _periods(found.get(path)))
    return found


def _note(stamp: list[int], digest: str, periods: frozenset[datetime]) -> dict[str, Any]:
    return {"stamp": stamp, "digest": digest, "periods": sorted(period.isoformat() for period in periods)}


def _periods(note: Mapping[str, Any] | None) -> frozenset[datetime]:
    return frozenset(datetime.fromisoformat(text) for text in note["periods"]) if note else frozenset()
