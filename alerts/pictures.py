"""The chart of a message as a picture that every mail program shows: drawn by Pillow, on a light ground."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from PIL import Image, ImageDraw, ImageFont

from alerts.said import clock_text
from alerts.wording import span_text

WIDTH, HEIGHT = 640, 240  # as it is shown; drawn twice as large
SCALE = 2
SMOOTH = 2  # lines are drawn as many times larger again and made smaller, because Pillow's lines have stairs
LEFT, RIGHT, TOP, BOTTOM = 84, 112, 50, 34  # margins around the plot
APART = 15  # shown pixels between two labels above each other
CLOSE = 100.0  # from here on a value has no digits behind the point
GROUND, INK, QUIET, GRID = "#FFFFFF", "#101828", "#667085", "#E4E7EC"
LINE, AREA, LIMIT = "#155EEF", "#EEF3FE", "#D92D20"
MOST_POINTS = 2000
BYTES = ("B", "kB", "MB", "GB", "TB", "PB")

Points = Sequence[tuple[datetime, float]]
Spot = tuple[float, float]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def chart_png(points: Points, limit: float | None, unit: str, title: str, now: datetime) -> bytes:
    """A line through `points` (time in UTC, value), the limit dashed, the newest value marked: PNG, 1280 x 480.

    Values that are no numbers are left out. Raises ValueError when none is left.
    """
    known = sorted((at, value) for at, value in points if math.isfinite(value))[-MOST_POINTS:]
    if not known:
        raise ValueError("There are no points to draw; expected one or more with a number.")
    plot = Plot.around(known, limit if limit is not None and math.isfinite(limit) else None)
    image = _lines(known, plot).resize((WIDTH * SCALE, HEIGHT * SCALE), Image.Resampling.LANCZOS)
    _texts(ImageDraw.Draw(image), known, plot, unit, title, now)
    file = io.BytesIO()
    image.quantize(64, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    return file.getvalue()


def value_text(value: float, unit: str) -> str:
    """A value as a person reads it: `91.2 %`, `1.5 GB`, `2 h 5 min`, `1,234 tasks`."""
    if unit == "ratio":
        return f"{_digits(value * 100)} %"
    if unit == "seconds" and value >= 0:
        return span_text(value)
    if unit.startswith("bytes"):
        step = min(int(math.log(max(abs(value), 1), 1000)), len(BYTES) - 1)
        per = "/s" if unit.endswith("per second") else ""
        return f"{_digits(value / 1000**step)} {BYTES[step]}{per}"
    return f"{_digits(value)} {'s' if unit == 'seconds' else unit}".rstrip()


def _digits(value: float) -> str:
    """Three significant digits, and all of those before the point."""
    if abs(value) >= CLOSE:
        return f"{value:,.0f}"
    return f"{value:.3g}"


@dataclass(frozen=True, slots=True)
class Plot:
    """Where values and times lie in the picture, in shown pixels."""

    first_at: datetime
    last_at: datetime
    least: float
    greatest: float
    low: float  # value at the lower edge
    high: float  # value at the upper edge
    limit: float | None

    @classmethod
    def around(cls, points: Points, limit: float | None) -> Plot:
        """The plot that shows all points and the limit, with a little room above and below."""
        values = [value for _, value in points]
        least, greatest = min(values), max(values)
        low, high = (least, greatest) if limit is None else (min(least, limit), max(greatest, limit))
        room = (high - low) * 0.1 or abs(high) * 0.1 or 1.0
        low = 0.0 if 0 <= low < room * 3 else low - room
        return cls(points[0][0], points[-1][0], least, greatest, low, high + room, limit)

    def x(self, at: datetime) -> float:
        """Shown pixels from the left; the only point of all stands at the right."""
        width = (self.last_at - self.first_at).total_seconds()
        share = (at - self.first_at).total_seconds() / width if width else 1.0
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        """Shown pixels from the top."""
        return HEIGHT - BOTTOM - (value - self.low) / (self.high - self.low) * (HEIGHT - TOP - BOTTOM)


def _lines(points: Points, plot: Plot) -> Image.Image:
    """Everything but the texts, larger than it is needed."""
    factor = SCALE * SMOOTH
    image = Image.new("RGB", (WIDTH * factor, HEIGHT * factor), GROUND)
    draw = ImageDraw.Draw(image)

    def large(*spots: Spot) -> list[Spot]:
        return [(x * factor, y * factor) for x, y in spots]

    curve = [(plot.x(at), plot.y(value)) for at, value in points]
    base, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    draw.polygon(large((curve[0][0], base), *curve, (curve[-1][0], base)), fill=AREA)
    for y in {plot.y(plot.greatest), plot.y(plot.least), float(base)}:
        draw.line(large((LEFT, y), (right, y)), fill=GRID, width=factor)
    if plot.limit is not None:
        for dash in range(LEFT, right, 10):
            spots = large((dash, plot.y(plot.limit)), (min(dash + 6, right), plot.y(plot.limit)))
            draw.line(spots, fill=LIMIT, width=factor * 3 // 2)
    draw.line(large(*curve), fill=LINE, width=2 * factor, joint="curve")
    for radius, colour in ((6, GROUND), (4, LINE)):
        x, y = curve[-1]
        draw.ellipse([*large((x - radius, y - radius))[0], *large((x + radius, y + radius))[0]], fill=colour)
    return image


def _texts(draw: ImageDraw.ImageDraw, points: Points, plot: Plot, unit: str, title: str, now: datetime) -> None:
    """Title, greatest and least value at the left, limit and newest value at the right, first and last time below."""
    small, bold = _font(12), _font(15)

    def write(x: float, y: float, text: str, font: Font, colour: str, anchor: str) -> None:
        draw.text((x * SCALE, y * SCALE), text, font=font, fill=colour, anchor=anchor)

    write(16, 22, _fitting(draw, title, bold, WIDTH - 32), bold, INK, "lm")
    high, low = plot.y(plot.greatest), plot.y(plot.least)
    write(LEFT - 8, high, value_text(plot.greatest, unit), small, QUIET, "rm")
    if low - high >= APART:
        write(LEFT - 8, low, value_text(plot.least, unit), small, QUIET, "rm")
    newest = plot.y(points[-1][1])
    write(WIDTH - RIGHT + 10, newest, value_text(points[-1][1], unit), bold, INK, "lm")
    if plot.limit is not None:
        y = plot.y(plot.limit)
        if abs(y - newest) < APART + 2:
            y = newest + (APART + 2 if y >= newest else -APART - 2)
        write(WIDTH - RIGHT + 10, y, f"limit {value_text(plot.limit, unit)}", small, LIMIT, "lm")
    write(WIDTH - RIGHT, HEIGHT - BOTTOM + 8, clock_text(plot.last_at, now), small, QUIET, "rt")
    if plot.last_at > plot.first_at:
        write(LEFT, HEIGHT - BOTTOM + 8, clock_text(plot.first_at, now), small, QUIET, "lt")


def _font(size: int) -> Font:
    """The font that Pillow carries with it, in shown pixels."""
    return ImageFont.load_default(size * SCALE)


def _fitting(draw: ImageDraw.ImageDraw, text: str, font: Font, width: float) -> str:
    """As much of a text as fits into so many shown pixels."""
    if draw.textlength(text, font=font) <= width * SCALE:
        return text
    while text and draw.textlength(f"{text}…", font=font) > width * SCALE:
        text = text[:-1]
    return f"{text.rstrip()}…"
