"""Whether the picture of a chart shows data, or only axes, grid, words and legend. In doubt it does.

Ink is what differs from the background. Long straight lines are axes and grid; what they enclose is the plot. There,
colour is data, and so is anything grey that is neither such a line nor as small as letters.
"""

from __future__ import annotations

import io
import itertools
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]

INK = 10  # of 255, in any channel
COLOUR = 36  # between the channels, beyond that of the background
LINE_SHARE = 0.3  # of the width or height that a line of axes or grid spans
MARK_SHARE = 0.0008  # of the plot that data takes at least
BLOB = 9  # a grey patch so many pixels wide and high is no letter
EDGE = 3
TABLE_BINS = 8  # words in three of so many parts of the width are no labels of an axis


class Look(StrEnum):
    """What a picture shows."""

    BLANK = "blank"
    EMPTY = "empty"
    DRAWN = "drawn"
    DOUBT = "doubt"


def judge(png: bytes) -> Look:
    """What a chart's picture shows; raises OSError for bytes that are no picture."""
    import numpy as np
    from PIL import Image

    with Image.open(io.BytesIO(png)) as image:
        pixels = np.asarray(image.convert("RGB"), dtype=np.int16)
    if min(pixels.shape[:2]) < 20:
        return Look.DOUBT
    ground = _background(pixels)
    away = np.abs(pixels - ground)
    ink = away.max(axis=2) > INK
    if ink.mean() < 0.0002:
        return Look.BLANK
    tint = (pixels - ground).max(axis=2) - (pixels - ground).min(axis=2)
    coloured = ink & (tint > COLOUR)
    return _in_plot(ink, coloured)


def is_one_colour(png: bytes) -> bool:
    """Whether the picture is of one colour all over; raises OSError for bytes that are no picture."""
    from PIL import Image

    with Image.open(io.BytesIO(png)) as image:
        bands = image.convert("RGB").getextrema()
    return all(isinstance(band, tuple) and band[1] - band[0] <= 4 for band in bands)


def _background(pixels: NDArray[np.int16]) -> NDArray[np.int16]:
    """The colour that most of the picture has."""
    import numpy as np

    flat = pixels.reshape(-1, 3).astype(np.int32)
    codes = (flat[:, 0] << 16) | (flat[:, 1] << 8) | flat[:, 2]
    values, counts = np.unique(codes, return_counts=True)
    most = int(values[counts.argmax()])
    return np.array([most >> 16, (most >> 8) & 255, most & 255], dtype=np.int16)


def _in_plot(ink: Mask, coloured: Mask) -> Look:
    rows, columns = _lines(ink & ~coloured, axis=1), _lines(ink & ~coloured, axis=0)
    top, bottom, left, right = _plot(ink.shape, _with(rows, _lines(ink, axis=1)), _with(columns, _lines(ink, axis=0)))
    height, width = bottom - top, right - left
    has_axes = rows.size + columns.size > 0
    inner, tinted = ink[top:bottom, left:right].copy(), coloured[top:bottom, left:right]
    if not has_axes:
        return _without_axes(ink, coloured)
    if tinted.sum() >= max(12, MARK_SHARE * height * width):
        return Look.DRAWN
    for row in rows:
        inner[max(0, row - top - 1) : max(0, row - top + 2)] = False
    for column in columns:
        inner[:, max(0, column - left - 1) : max(0, column - left + 2)] = False
    if _has_blob(inner):
        return Look.DRAWN
    if tinted.sum() >= 6:
        return Look.DOUBT
    return Look.DOUBT if _spans(inner) or _is_written(inner, rows - top) else Look.EMPTY


def _is_written(inner: Mask, lines: NDArray[np.intp]) -> bool:
    """Whether words stand between most of the lines and across the width, as in a table; axes have them outside."""
    edges = [0, *(int(line) for line in lines if 0 < line < inner.shape[0]), inner.shape[0]]
    pairs = itertools.pairwise(edges)
    bands = [inner[above + EDGE : below - EDGE] for above, below in pairs if below - above > BLOB + 2 * EDGE]
    bins = inner.shape[1] // TABLE_BINS
    written = [sum(bool(band[:, i * bins : (i + 1) * bins].any()) for i in range(TABLE_BINS)) >= 3 for band in bands]
    return len(bands) >= 3 and sum(written) > 0.6 * len(bands)


def _without_axes(ink: Mask, coloured: Mask) -> Look:
    """A pie, a gauge, a tree map: something large and coloured; a legend and a title are small."""
    if coloured.mean() > 0.015:
        return Look.DRAWN
    if _has_blob(coloured, 24) or _spans(coloured):
        return Look.DRAWN
    if _has_blob(ink) or _spans(ink) or coloured.sum() > 30:
        return Look.DOUBT
    return Look.EMPTY


def _with(lines: NDArray[np.intp], more: NDArray[np.intp]) -> NDArray[np.intp]:
    """Both, where there are any neutral ones: coloured lines alone are data."""
    import numpy as np

    return np.union1d(lines, more) if lines.size else lines


def _lines(ink: Mask, axis: int) -> NDArray[np.intp]:
    """Rows (axis 1) or columns (axis 0) of lines that span the picture, and are thin."""
    import numpy as np

    share = ink.mean(axis=axis)
    is_line = share >= LINE_SHARE
    padded = np.concatenate(([False], is_line, [False])).astype(np.int8)
    starts, ends = np.flatnonzero(np.diff(padded) == 1), np.flatnonzero(np.diff(padded) == -1)
    thin = [np.arange(start, end) for start, end in zip(starts, ends, strict=True) if end - start <= 4]
    return np.concatenate(thin) if thin else np.empty(0, dtype=np.intp)


def _plot(shape: tuple[int, ...], rows: NDArray[np.intp], columns: NDArray[np.intp]) -> tuple[int, int, int, int]:
    """Top, bottom, left and right of the area that lines enclose; to the picture's edge where there is only one."""
    height, width = shape[0], shape[1]
    top, bottom, left, right = 0, height, 0, width
    if rows.size:
        is_alone = rows.max() - rows.min() < height * 0.2
        top, bottom = (0 if is_alone else int(rows.min())), int(rows.max())
        if is_alone and rows.min() < height * 0.3:
            top, bottom = int(rows.max()), height
    if columns.size:
        is_alone = columns.max() - columns.min() < width * 0.2
        left, right = int(columns.min()), (width if is_alone else int(columns.max()))
        if is_alone and columns.min() > width * 0.7:
            left, right = 0, int(columns.min())
    if bottom - top < 20 or right - left < 20:
        return 0, height, 0, width
    return top + (EDGE if top else 0), min(bottom + EDGE, height), left + (EDGE if left else 0), right


def _has_blob(ink: Mask, size: int = BLOB) -> bool:
    """Whether there is a filled square of that size."""
    import numpy as np

    if min(ink.shape) <= size:
        return False
    sums = np.zeros((ink.shape[0] + 1, ink.shape[1] + 1), dtype=np.int32)
    sums[1:, 1:] = ink.cumsum(axis=0).cumsum(axis=1)
    squares = sums[size:, size:] - sums[:-size, size:] - sums[size:, :-size] + sums[:-size, :-size]
    return bool((squares >= size * size).any())


def _spans(ink: Mask) -> bool:
    """Whether what is there runs through a good part of the width without a gap, as a line of data does."""
    longest = run = 0
    filled = (ink.sum(axis=0) > 0).tolist()
    for is_filled in filled:
        run = run + 1 if is_filled else 0
        longest = max(longest, run)
    return longest > 0.25 * int(ink.shape[1])
