"""The snapshots' folder: where pictures lie, which of them must stay, and which are old enough to go.

Two small files beside the pictures of a target name what stays: `index.json`, written by the collector, that of the
last good look; `baseline.json`, written when a person approves, the approved one.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import orjson

from collectors.reports.base import Target

ONLY_PERSONA = "_"
INDEX, BASELINE = "index.json", "baseline.json"
MARKS = {INDEX, BASELINE}


def prefix_of(report_id: str, persona: str) -> str:
    """Where the pictures of a target lie, relative to the snapshots' folder."""
    return f"{report_id}/{persona or ONLY_PERSONA}"


def replace(path: Path, data: bytes) -> None:
    """Put a whole file in place of whatever is there; raises OSError and leaves nothing beside it."""
    beside = path.with_name(f".{uuid.uuid4().hex}")
    try:
        beside.write_bytes(data)
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise


def path_of(folder: Path, file: str) -> Path | None:
    """Where a picture lies; None when it is not there, is no picture, or its name leads out of `folder`."""
    try:
        root = folder.resolve()
        path = (root / file).resolve()
        is_there = path.suffix == ".png" and path.is_relative_to(root) and path.is_file()
    except (OSError, ValueError, RuntimeError):  # a name that no file can have, a loop of links
        return None
    return path if is_there else None


def mark_good(folder: Path, target: Target, file: str) -> None:
    """Note which picture the last good look at a target showed, so that it stays. A full disk changes nothing."""
    with suppress(OSError):
        _mark(folder / prefix_of(*target.key) / INDEX, file)


def mark_baseline(folder: Path, report_id: str, persona: str, file: str | None) -> None:
    """Note which picture a person approved, so that it stays; None for none any more. Raises OSError."""
    _mark(folder / prefix_of(report_id, persona) / BASELINE, file)


def _mark(path: Path, file: str | None) -> None:
    if _marked(path) == file:
        return
    if file is None:
        path.unlink(missing_ok=True)
    else:
        replace(path, orjson.dumps({"file": file}))


def _marked(path: Path) -> str | None:
    try:
        found = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return None
    file = found.get("file") if isinstance(found, dict) else None
    return file if isinstance(file, str) else None


def retire(folder: Path, keep_since: datetime, keep_files: Collection[str] = ()) -> int:
    """Delete pictures that no look showed since then, and return how many.

    What stays: `keep_files`, and of every target the newest, that of its last good look, and its approved one.
    """
    cut = keep_since.replace(tzinfo=UTC).timestamp()
    gone = 0
    for report in _folders(folder):
        for place in _folders(report):
            gone += _retire_target(place, f"{report.name}/{place.name}", cut, set(keep_files))
        _remove_if_empty(report)
    return gone


def _retire_target(place: Path, prefix: str, cut: float, keep_files: set[str]) -> int:
    times = dict(_files(place))
    pictures = {name: at for name, at in times.items() if name.endswith(".png")}
    marked = {file for name in MARKS if (file := _marked(place / name))}
    kept = {Path(file).name for file in keep_files | marked if file.startswith(f"{prefix}/")} & pictures.keys()
    kept |= {max(pictures, key=lambda name: (pictures[name], name))} if pictures else set()
    stems = {Path(name).stem for name in kept}
    old = [name for name, at in times.items() if at < cut and Path(name).stem not in stems and name not in MARKS]
    for name in old:
        with suppress(OSError):
            (place / name).unlink()
    if not pictures and not times.keys() - MARKS - set(old):
        for name in MARKS:
            with suppress(OSError):
                (place / name).unlink(missing_ok=True)
        _remove_if_empty(place)
    return sum(name in pictures for name in old)


def _folders(folder: Path) -> Iterator[Path]:
    """Real folders within one, never through a link."""
    with suppress(OSError), os.scandir(folder) as found:
        yield from [Path(entry.path) for entry in found if entry.is_dir(follow_symlinks=False)]


def _files(folder: Path) -> Mapping[str, float]:
    """When each file was last shown, by name."""
    with suppress(OSError), os.scandir(folder) as found:
        return {
            entry.name: entry.stat(follow_symlinks=False).st_mtime
            for entry in found
            if entry.is_file(follow_symlinks=False)
        }
    return {}


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()
