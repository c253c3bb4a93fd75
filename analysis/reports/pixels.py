"""Two pictures of a page, compared so that antialiasing is no difference and one changed figure is."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import reduce

from PIL import Image, ImageChops, ImageFilter, UnidentifiedImageError

Box = tuple[int, int, int, int]  # left, top, right, bottom, in pixels of the picture
FAINT = 14  # levels of 255: less is noise, a comma in light grey that becomes a point is more
CLEAR = 48  # what a person should be shown
BLUR = 1  # pixels around one that are taken together: strokes of text are wider than the noise at their edges
MARGIN = 4  # around a change, so that it is seen
FADED, RED = (0.35, (217, 45, 32))
HALF = 128


class PictureError(ValueError):
    """A picture that cannot be read; the message is one sentence."""


def opened(png: bytes) -> Image.Image:
    """The picture in RGB; raises PictureError."""
    try:
        with Image.open(io.BytesIO(png)) as image:
            return image.convert("RGB")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        raise PictureError("The picture cannot be read: it is damaged, or no PNG of a page.") from error


def changed(before: Image.Image, after: Image.Image, least: int = FAINT, ignore: Sequence[Box] = ()) -> Image.Image:
    """Where two RGB pictures differ by `least` levels: 255 there, 0 elsewhere, as large as both together.

    Where only one of them has anything, all is changed; nothing is within the boxes of `ignore`.
    """
    width, height = min(before.width, after.width), min(before.height, after.height)
    mask = Image.new("L", (max(before.width, after.width), max(before.height, after.height)), 255)
    mask.paste(0, (0, 0, width, height))
    common = (0, 0, width, height)
    first, second = (image if image.size == (width, height) else image.crop(common) for image in (before, after))
    box = ImageChops.difference(first, second).getbbox()
    if box is not None:
        wider = (max(box[0] - 2, 0), max(box[1] - 2, 0), min(box[2] + 2, width), min(box[3] + 2, height))
        blurred = (image.crop(wider).filter(ImageFilter.BoxBlur(BLUR)) for image in (first, second))
        levels = reduce(ImageChops.lighter, ImageChops.difference(*blurred).split())
        mask.paste(levels.point([0] * least + [255] * (256 - least)), wider[:2])
    for ignored in ignore:
        mask.paste(0, ignored)
    return mask


def share(mask: Image.Image) -> float:
    """Which part of the picture is changed, from 0 to 1."""
    return mask.histogram()[255] / max(mask.width * mask.height, 1)


def highlighted(after: Image.Image, mask: Image.Image) -> Image.Image:
    """The newer picture, grey and faded, with what has changed in red: a picture of 256 colours.

    Levels of grey take half of the palette and levels of red the other, which is written three times as fast as RGB.
    """
    grey = Image.new("L", mask.size, 255)
    grey.paste(after.convert("L"))
    near = mask.filter(ImageFilter.BoxBlur(MARGIN)).point([0] + [HALF] * 255)
    picture = ImageChops.add(grey.point([level // 2 for level in range(256)]), near)
    levels = [level * 255 / (HALF - 1) for level in range(HALF)]
    faded = [round(255 - (255 - level) * FADED) for level in levels for _ in range(3)]
    red = [round(part + (255 - part) * level / 255 * 0.75) for level in levels for part in RED]
    picture.putpalette(faded + red)
    return picture


def as_png(picture: Image.Image, **options: int | bool) -> bytes:
    """The picture as the bytes of a PNG."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", **options)
    return buffer.getvalue()
