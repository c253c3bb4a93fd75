"""Paths in the estate: the files that a path, a folder or a glob stands for now, and the identity of their content."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

MAGIC = re.compile(r"[*?\[]")


def find(folder: Path, pattern: str, names: Sequence[str] = ("*",)) -> list[Path]:
    """Files that `pattern` (a path, a folder or a glob, relative to `folder`) stands for now, sorted; [] when none.

    Of a folder those whose name matches one of `names` are taken.
    """
    path = folder.absolute() / Path(pattern).expanduser()
    if path.is_dir():
        return _files(found for name in names for found in path.glob(name))
    if path.is_file():
        return [path]
    if not MAGIC.search(pattern):
        return []
    if Path(pattern).is_absolute():
        anchor = Path(path.anchor)
        return _files(anchor.glob(str(path.relative_to(anchor))))
    return _files(folder.absolute().glob(pattern))


def stamp(path: Path) -> list[int]:
    """Size and time of change in nanoseconds: while they stay, the content is taken to be the same."""
    status = path.stat()
    return [status.st_size, status.st_mtime_ns]


def digest(data: bytes) -> str:
    """The identity of a content."""
    return hashlib.sha256(data).hexdigest()


def _files(found: Iterable[Path]) -> list[Path]:
    return sorted({path for path in found if path.is_file()})
