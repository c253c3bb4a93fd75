"""Pictures of pages made fit for a mail: at most 1200 pixels wide and 300 kB, as sharp as that allows."""

from __future__ import annotations

import io

from PIL import Image

from alerts.letters import Shown

MOST_WIDTH = 1200
MOST_HEIGHT = 1800  # a page goes on below; the rest is a click away
MOST_BYTES = 300_000
COLOURS = 256
QUALITIES = (85, 70, 55)
SHRINK = 0.75
LEAST_WIDTH = 200


def shrink(content: bytes) -> Shown:
    """The picture as PNG where that is small enough, because letters stay sharp in it, else as JPEG, else smaller.

    Below 1800 pixels it is cut off. Raises ValueError for what is no picture.
    """
    try:
        with Image.open(io.BytesIO(content)) as opened:
            image = _flat(opened)
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"This is no picture that can be read ({error}).") from error
    image = _fitted(image)
    while True:
        for kind, tried in _encodings(image):
            if len(tried) <= MOST_BYTES or image.width <= LEAST_WIDTH:
                return Shown(tried, kind, image.width, image.height)
        image = image.resize((int(image.width * SHRINK), max(int(image.height * SHRINK), 1)), Image.Resampling.LANCZOS)


def _flat(opened: Image.Image) -> Image.Image:
    """Without transparency, on white, as a page is."""
    if opened.mode not in ("RGBA", "LA", "P"):
        return opened.convert("RGB")
    layered = opened.convert("RGBA")
    ground = Image.new("RGBA", layered.size, "white")
    return Image.alpha_composite(ground, layered).convert("RGB")


def _fitted(image: Image.Image) -> Image.Image:
    if image.width > MOST_WIDTH:
        height = max(round(image.height * MOST_WIDTH / image.width), 1)
        image = image.resize((MOST_WIDTH, height), Image.Resampling.LANCZOS)
    return image.crop((0, 0, image.width, min(image.height, MOST_HEIGHT)))


def _encodings(image: Image.Image) -> list[tuple[str, bytes]]:
    """The sharpest first; later ones only cost their making when it is too large."""
    found = [("png", _saved(image.quantize(COLOURS, method=Image.Quantize.FASTOCTREE), "PNG", optimize=True))]
    for quality in QUALITIES:
        if len(found[-1][1]) <= MOST_BYTES:
            break
        found.append(("jpeg", _saved(image, "JPEG", quality=quality, optimize=True, progressive=True)))
    return found


def _saved(image: Image.Image, kind: str, **options: bool | int) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()
