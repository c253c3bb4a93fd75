"""The on-disk queue between whoever collects a fact and the store. What `put` returned from is never lost.

A batch is a folder `SEQUENCE-DIGEST` with one file per table (JSON from rows, Parquet from frames) and `batch.json`,
which names rows, time range and checksum of each file. It is written beside, synced, and renamed into place; the owner
process then reads the files itself. Imports neither duckdb nor polars, so that collectors stay small.
"""

from __future__ import annotations

import errno
import hashlib
import itertools
import os
import shutil
import uuid
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from store import clock
from store.errors import CorruptBatchError, SpoolFullError
from store.rows import TABLES, Row

if TYPE_CHECKING:
    import polars as pl

MANIFEST = "batch.json"
SET_ASIDE = "set_aside"
UNKEYED = "~"  # marks ids that nobody can send again once their batch is gone from the spool
NO_ROOM = {errno.ENOSPC, errno.EDQUOT}


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of one table in a batch."""

    table: str
    path: Path
    rows: int
    crc32: int
    first_at: datetime | None
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch found on disk; `batch_id` is its identity for ever."""

    batch_id: str
    collector: str
    spooled_at: datetime
    path: Path
    parts: tuple[Part, ...]


class Spool:
    """The queue of one collector, in its own folder below `root`."""

    def __init__(self, root: Path, collector: str) -> None:
        self.collector = collector
        self.folder = root / collector
        self.folder.mkdir(parents=True, exist_ok=True)
        self._numbers = itertools.count(1 + max((sequence(path) for path in pending(self.folder)), default=0))

    def put(
        self, rows: Iterable[Row] = (), frames: Mapping[str, pl.DataFrame] | None = None, key: str | None = None
    ) -> str:
        """Store rows (and frames by table name) as one batch, durably, and return its id.

        The same `key` gives the same id, so that putting a file's facts twice stores them once.
        Raises SpoolFullError, and leaves nothing behind, when the disk has no room.
        """
        batch_id = f"{self.collector}:{key or UNKEYED + uuid.uuid4().hex}"
        beside = self.folder / f".{uuid.uuid4().hex}"
        try:
            beside.mkdir()
            parts = [_write_rows(beside, table, found) for table, found in _by_table(rows).items()]
            parts += [_write_frame(beside, table, frame) for table, frame in (frames or {}).items()]
            manifest = {"batch_id": batch_id, "collector": self.collector, "spooled_at": clock.now(), "parts": parts}
            _write(beside / MANIFEST, orjson.dumps(manifest))
            _sync_folder(beside)
            beside.rename(
                self.folder / f"{next(self._numbers):012d}-{hashlib.sha256(batch_id.encode()).hexdigest()[:12]}"
            )
            _sync_folder(self.folder)
        except OSError as error:
            shutil.rmtree(beside, ignore_errors=True)
            if error.errno in NO_ROOM:
                raise SpoolFullError(
                    f"The disk under {self.folder} is full; free some space, rows of {self.collector} were not kept."
                ) from error
            raise
        return batch_id


def _by_table(rows: Iterable[Row]) -> dict[str, list[Row]]:
    tables: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        tables[row.TABLE].append(row)
    return tables


def _write_rows(folder: Path, table: str, rows: list[Row]) -> dict[str, Any]:
    times = list(map(attrgetter(rows[0].TIME), rows))
    try:
        data = orjson.dumps(rows, default=str)
    except TypeError:  # a name that is no Unicode, as processes and mounts may have
        data = orjson.dumps([_readable(row) for row in rows], default=str)
    return _write_part(folder / f"{table}.json", data, len(rows), min(times), max(times))


def _readable(row: Row) -> Row:
    """The row with what no JSON can carry replaced by question marks."""
    texts = {f.name: value for f in fields(row) if isinstance(value := getattr(row, f.name), str)}
    return replace(row, **{name: value.encode(errors="replace").decode() for name, value in texts.items()})


def _write_frame(folder: Path, table: str, frame: pl.DataFrame) -> dict[str, Any]:
    times = frame[TABLES[table].TIME]
    path = folder / f"{table}.parquet"
    frame.write_parquet(path, compression="uncompressed")
    return _write_part(path, path.read_bytes(), frame.height, times.min(), times.max())


def _write_part(path: Path, data: bytes, rows: int, first_at: object, last_at: object) -> dict[str, Any]:
    _write(path, data)
    return {"file": path.name, "rows": rows, "crc32": zlib.crc32(data), "first_at": first_at, "last_at": last_at}


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sequence(path: Path) -> int:
    """The number that orders a batch among those of its collector."""
    return int(path.name.partition("-")[0])


def pending(folder: Path) -> list[Path]:
    """Batches of one collector that wait for the store, oldest first."""
    found = folder.iterdir() if folder.exists() else []
    return sorted((path for path in found if path.name[0].isdigit()), key=sequence)


def collectors(root: Path) -> list[str]:
    """Names of the collectors that have a spool below `root`."""
    found = root.iterdir() if root.exists() else []
    return sorted(path.name for path in found if path.is_dir() and path.name != SET_ASIDE and path.name[0] != ".")


def depths(root: Path) -> dict[str, int]:
    """Number of waiting batches by collector."""
    return {name: len(pending(root / name)) for name in collectors(root)}


def read(path: Path) -> Batch:
    """The batch in `path`, after comparing every file with its checksum; raises CorruptBatchError.

    Any other failure to read is the machine's, not the batch's, and is left to the caller to try again.
    """
    try:
        manifest = orjson.loads((path / MANIFEST).read_bytes())
        parts = tuple(_read_part(path, part) for part in manifest["parts"])
        spooled_at = datetime.fromisoformat(manifest["spooled_at"])
        return Batch(manifest["batch_id"], manifest["collector"], spooled_at, path, parts)
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError) as error:
        raise CorruptBatchError(f"{path.name} has no readable {MANIFEST}: {error}") from error


def _read_part(path: Path, part: dict[str, Any]) -> Part:
    file = path / Path(part["file"]).name
    found = zlib.crc32(file.read_bytes())
    if found != part["crc32"]:
        raise CorruptBatchError(f"{path.name}/{file.name} has checksum {found}, its manifest says {part['crc32']}")
    if file.stem not in TABLES:
        raise CorruptBatchError(f"{path.name}/{file.name} is for a table that does not exist")
    times = [datetime.fromisoformat(part[name]) if part[name] else None for name in ("first_at", "last_at")]
    return Part(file.stem, file, part["rows"], part["crc32"], times[0], times[1])


def remove(path: Path) -> None:
    """Forget a stored batch: renamed first, so that a crash never leaves half of one under its name."""
    gone = path.with_name(f".gone-{path.name}")
    path.rename(gone)
    shutil.rmtree(gone)


def aside(path: Path) -> Path:
    """A free place in `set_aside/` for a batch that cannot be stored."""
    return path.parents[1] / SET_ASIDE / f"{path.parent.name}-{path.name}-{uuid.uuid4().hex[:8]}"


def set_aside(path: Path, target: Path, problem: str) -> None:
    """Move a batch that cannot be stored to `target` with the reason beside it, for a person to look at."""
    target.parent.mkdir(exist_ok=True)
    path.rename(target)
    (target / "problem.txt").write_text(problem + "\n")
