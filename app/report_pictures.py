"""Pictures of reports for pages: the files in the snapshots' folder, and what differs between two of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from analysis.reports import layout, pixels
from analysis.reports.layout import LayoutDifference
from analysis.reports.pixels import Box, PictureError
from collectors.reports import snapshot_folder
from store.settings import settings

__all__ = ["PictureError"]  # what the page needs of the layers below
QUICK = 1  # compression: a picture that is shown once is worth no more


def path_of(file: str) -> Path | None:
    """Where a picture lies; None when it is not there, or its name leads out of the snapshots' folder."""
    return snapshot_folder.path_of(settings().snapshot_path, file)


def read(file: str) -> bytes | None:
    """The picture; None when it is not there (any more), or its name leads out of the snapshots' folder."""
    return _bytes(path_of(file))


def structure(file: str) -> str | None:
    """The structure of the page in that picture, as text; None when it is not there."""
    path = path_of(file)
    found = _bytes(path.with_suffix(".txt")) if path else None
    return None if found is None else found.decode(errors="replace")


def difference(before_png: bytes, after_png: bytes, masks: Sequence[Box] = ()) -> tuple[bytes, float]:
    """The newer picture, faded, with what clearly differs in red, and which part of it that is, from 0 to 1.

    Within `masks` (left, top, right, bottom in pixels) nothing differs; sizes may. Raises PictureError.
    """
    before, after = pixels.opened(before_png), pixels.opened(after_png)
    mask = pixels.changed(before, after, pixels.CLEAR, masks)
    return pixels.as_png(pixels.highlighted(after, mask), compress_level=QUICK), pixels.share(mask)


def difference_of(before_file: str, after_file: str) -> tuple[bytes, float] | None:
    """`difference` of two files, made once; None when one of them is gone or damaged."""
    paths = path_of(before_file), path_of(after_file)
    if paths[0] is None or paths[1] is None:
        return None
    return _made(str(paths[0]), str(paths[1]))


def layout_difference(before_file: str, after_file: str) -> LayoutDifference | None:
    """How the structure differs between two pictures; None when one of them was not kept."""
    before, after = structure(before_file), structure(after_file)
    return None if before is None or after is None else layout.compare(before, after)


@st.cache_data(max_entries=40, show_spinner=False)  # a file never changes under its name
def _made(before: str, after: str) -> tuple[bytes, float] | None:
    found = _bytes(Path(before)), _bytes(Path(after))
    if found[0] is None or found[1] is None:
        return None
    try:
        return difference(found[0], found[1])
    except PictureError:
        return None


def _bytes(path: Path | None) -> bytes | None:
    try:
        return path.read_bytes() if path else None
    except OSError:
        return None
