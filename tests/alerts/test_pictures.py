"""The chart of a message: its size, its texts for every unit, and that odd values do not stop it."""

from __future__ import annotations

import io
import math
from datetime import datetime, timedelta

import pytest
from PIL import Image

from alerts.pictures import LIMIT, LINE, chart_png, value_text

NOW = datetime(2026, 11, 23, 12)


def drawn(points: list[tuple[datetime, float]], limit: float | None) -> Image.Image:
    return Image.open(io.BytesIO(chart_png(points, limit, "ratio", "Disk full", NOW))).convert("RGB")


def rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def heights(image: Image.Image, colour: str) -> list[int]:
    """Rows of the picture with a pixel that is close to a colour."""
    wanted = rgb(colour)
    data = image.load()
    assert data is not None
    return [
        y
        for y in range(image.height)
        if any(sum(abs(a - b) for a, b in zip(data[x, y], wanted, strict=True)) < 40 for x in range(200, 900, 7))
    ]


def rising(count: int) -> list[tuple[datetime, float]]:
    return [(NOW - timedelta(minutes=count - at), 0.5 + at / 1000) for at in range(count)]


def test_it_is_640_by_240_at_twice_the_pixels_and_small_enough_for_a_mail() -> None:
    png = chart_png(rising(500), 0.9, "ratio", "Disk full", NOW)
    assert Image.open(io.BytesIO(png)).size == (1280, 480)
    assert len(png) < 40_000


def test_the_limit_lies_above_a_line_that_stays_below_it() -> None:
    image = drawn(rising(100), 0.9)
    assert max(heights(image, LIMIT)) < min(heights(image, LINE))
    assert heights(drawn(rising(100), None), LIMIT) == []


def test_the_order_of_the_points_and_values_that_are_no_numbers_change_nothing() -> None:
    points = rising(50)
    odd = [(NOW, math.nan), *reversed(points), (NOW, math.inf)]
    assert chart_png(odd, math.nan, "ratio", "x", NOW) == chart_png(points, None, "ratio", "x", NOW)


@pytest.mark.parametrize(
    "points", [[(NOW, 0.0)], [(NOW, 5.0)] * 3, [(NOW, -1e300), (NOW, 1e300)], [(NOW, 1e-12), (NOW, 2e-12)]]
)
def test_odd_but_real_values_are_drawn(points: list[tuple[datetime, float]]) -> None:
    assert chart_png(points, 1.0, "bytes", "título 満杯 " * 40, NOW).startswith(b"\x89PNG")


def test_without_a_point_there_is_nothing_to_draw() -> None:
    with pytest.raises(ValueError, match="no points to draw"):
        chart_png([(NOW, math.nan)], 1.0, "", "x", NOW)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.912, "ratio", "91.2 %"),
        (1.0, "ratio", "100 %"),
        (1.5e9, "bytes", "1.5 GB"),
        (999, "bytes", "999 B"),
        (2.5e6, "bytes per second", "2.5 MB/s"),
        (7500, "seconds", "2 h 5 min"),
        (40, "seconds", "40 s"),
        (1234, "tasks", "1,234 tasks"),
        (0.25, "", "0.25"),
        (-3, "seconds", "-3 s"),
    ],
)
def test_values_are_written_as_a_person_reads_them(value: float, unit: str, text: str) -> None:
    assert value_text(value, unit) == text
