"""Pictures of reports on disk: kept once for as long as a page shows the same, and deleted when they are old.

A picture is `<report>/<persona or _>/<time>-<digest>.png`, and beside it lies the page's structure as text. A look at a
page that shows the same words and, but for antialiasing, the same pixels refers to the picture that is there. The time
of a file is when a look last showed it.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PIL import Image, ImageChops

from analysis.reports import pixels
from analysis.reports.layout import digest
from collectors.reports.base import Target
from collectors.reports.snapshot_folder import path_of, prefix_of, replace
from store.rows import Snapshot

HASH_SIZE = 16  # 256 bits
LIKE_BITS = 12  # more of them differ: not worth a comparison of pixels
LOSS = 8  # levels of 255 that a smaller palette may change a pixel by: text stays as it was
SEEN = [0] * (LOSS + 1) + [255] * (255 - LOSS)
MOST_KNOWN = 5  # a page that goes to and fro between a few states is kept once for each
MOST_AGE = timedelta(days=60)  # then a picture is taken anew: the row of an older one leaves the store some day
MOST_LETTERS = 500_000  # of the structure that is kept
NO_ROOM = {errno.ENOSPC, errno.EDQUOT}


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture that the collector remembers of a target; `words` is a digest of all that the page said."""

    snapshot_id: str
    file: str
    taken_at: datetime
    phash: str
    words: str


@dataclass(frozen=True, slots=True)
class Keeping:
    """What became of a picture: the one that a look refers to, and its row where it is new.

    `layout` is the digest of the page's structure, None where there is none. `known` is what to remember of the
    target, newest first. `problem` says in one sentence why there is no picture.
    """

    known: tuple[Kept, ...]
    layout: str | None = None
    snapshot_id: str | None = None
    file: str | None = None
    row: Snapshot | None = None
    problem: str | None = None


def to_notes(known: Iterable[Kept]) -> list[dict[str, str]]:
    """What is remembered, as JSON can hold it."""
    return [{name: str(value) for name, value in asdict(kept).items()} for kept in known]


def from_notes(notes: object) -> tuple[Kept, ...]:
    """What `to_notes` gave; whatever is not readable is forgotten."""
    return tuple(kept for note in notes if (kept := _kept(note))) if isinstance(notes, list) else ()


def _kept(note: object) -> Kept | None:
    names = [field.name for field in fields(Kept)]
    if not isinstance(note, dict) or not all(isinstance(note.get(name), str) for name in names):
        return None
    try:
        int(note["phash"], 16)
        return Kept(**{name: note[name] for name in names} | {"taken_at": datetime.fromisoformat(note["taken_at"])})
    except ValueError:
        return None


def keep(
    folder: Path, target: Target, png: bytes, layout_text: str | None, now: datetime, known: Sequence[Kept] = ()
) -> Keeping:
    """Keep the picture and structure of a look below `folder`, or refer to one of `known` that shows the same.

    A full disk or a damaged picture is a `problem`, never an error: the look goes on without a picture.
    """
    text = layout_text or ""
    layout = None if layout_text is None else digest(text)
    try:
        picture = pixels.opened(png)
    except pixels.PictureError as error:
        return Keeping(tuple(known), layout, problem=str(error))
    seen = Kept("", "", now, _perceptual_hash(picture), hashlib.sha256(text.encode(errors="replace")).hexdigest()[:16])
    same = next((kept for kept in known if _is_same(folder, kept, seen, picture)), None)
    if same is not None:
        _touch(folder / same.file, now)
        others = [kept for kept in known if kept != same]
        return Keeping((same, *others)[:MOST_KNOWN], layout, same.snapshot_id, same.file)
    try:
        row = _write(folder, target, picture, png, text, layout or "", seen)
    except OSError as error:
        return Keeping(tuple(known), layout, problem=_sentence(folder, error))
    new = Kept(row.snapshot_id, row.file, now, seen.phash, seen.words)
    return Keeping((new, *known)[:MOST_KNOWN], layout, row.snapshot_id, row.file, row)


def _is_same(folder: Path, kept: Kept, seen: Kept, picture: Image.Image) -> bool:
    """Whether the earlier picture shows the same; a figure within a canvas is seen in its pixels only."""
    if kept.words != seen.words or not timedelta(0) <= seen.taken_at - kept.taken_at < MOST_AGE:
        return False
    path = path_of(folder, kept.file)
    if path is None or (int(kept.phash, 16) ^ int(seen.phash, 16)).bit_count() > LIKE_BITS:
        return False
    try:
        before = pixels.opened(path.read_bytes())
    except (OSError, pixels.PictureError):
        return False
    return before.size == picture.size and pixels.changed(before, picture).getbbox() is None


def _perceptual_hash(picture: Image.Image) -> str:
    import imagehash  # brings numpy, which a process that keeps no picture does without

    return str(imagehash.dhash(picture, HASH_SIZE))


def _write(
    folder: Path, target: Target, picture: Image.Image, png: bytes, text: str, layout: str, seen: Kept
) -> Snapshot:
    """Write picture and structure, and return the row; raises OSError and leaves nothing half-written."""
    data = _smallest(picture, png)
    sign = hashlib.sha256(data + text.encode(errors="replace")).hexdigest()[:8]
    report_id, persona = target.key
    stem = f"{prefix_of(*target.key)}/{seen.taken_at:%Y%m%dT%H%M%S}-{sign}"
    file = f"{stem}.png"
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    replace(path.with_suffix(".txt"), text[:MOST_LETTERS].encode(errors="replace"))
    replace(path, data)
    _touch(path, seen.taken_at)
    return Snapshot(
        stem, report_id, persona, seen.taken_at, file, picture.width, picture.height, len(data), seen.phash, layout
    )


def _smallest(picture: Image.Image, png: bytes) -> bytes:
    """The picture in as few bytes as keep its text readable: 256 colours where nobody sees it."""
    fewer = picture.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    lost = ImageChops.difference(picture, fewer.convert("RGB")).point(SEEN * 3).getbbox()
    return min(png, pixels.as_png(fewer if lost is None else picture, optimize=True), key=len)


def _touch(path: Path, now: datetime) -> None:
    at = now.replace(tzinfo=UTC).timestamp()
    for each in (path, path.with_suffix(".txt")):
        with suppress(OSError):
            os.utime(each, (at, at))


def _sentence(folder: Path, error: OSError) -> str:
    if error.errno in NO_ROOM:
        return f"The disk under {folder} is full; free some space, the picture was not kept."
    return f"The picture was not kept: {folder} cannot be written ({error.strerror or error})."
