"""Pictures are compared by what a person sees: another figure is a change, noise is none, and the change is shown."""

from __future__ import annotations

import io
import random

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from analysis.reports.pixels import CLEAR, PictureError, as_png, changed, highlighted, opened, share

SIZE = (300, 120)


def card(
    figure: str = "409,849", ink: str = "#777777", paper: str = "white", size: tuple[int, int] = SIZE
) -> Image.Image:
    image = Image.new("RGB", size, paper)
    ImageDraw.Draw(image).text((20, 20), figure, fill=ink, font=ImageFont.load_default(14))
    return image


def test_the_same_picture_has_no_change() -> None:
    mask = changed(card(), card())
    assert (mask.getbbox(), share(mask), mask.size) == (None, 0.0, SIZE)


@pytest.mark.parametrize("figure", ["409,848", "409,349", "109,849", "409,84"])
def test_another_figure_in_pale_ink_is_a_change_where_it_stands(figure: str) -> None:
    box = changed(card(), card(figure)).getbbox()
    assert box is not None
    assert box[0] >= 18
    assert box[2] <= 80
    assert box[3] <= 40


def test_another_color_of_the_same_brightness_is_a_change() -> None:
    assert changed(card(paper="#c83c3c"), card(paper="#3c7d3c")).getbbox() == (0, 0, *SIZE)


@hypothesis.settings(max_examples=25)
@given(st.integers(0, 2**32))
def test_a_little_noise_is_no_change(seed: int) -> None:
    dice = random.Random(seed)
    data = bytes(min(max(part + dice.randint(-6, 6), 0), 255) for part in card().tobytes())
    assert changed(card(), Image.frombytes("RGB", SIZE, data)).getbbox() is None


def test_a_person_is_shown_what_is_clear() -> None:
    faint, clear = card(), card()
    faint.paste((225, 225, 225), (200, 50, 260, 90))
    clear.paste((100, 100, 100), (200, 50, 260, 90))
    assert changed(card(), faint, CLEAR).getbbox() is None
    assert changed(card(), clear, CLEAR).getbbox() is not None


def test_what_only_one_of_them_has_is_a_change() -> None:
    longer = card(size=(300, 160))
    for before, after in ((card(), longer), (longer, card())):
        mask = changed(before, after)
        assert mask.size == (300, 160)
        assert mask.getbbox() == (0, 120, 300, 160)
        assert share(mask) == 0.25


def test_a_box_that_is_ignored_has_no_change() -> None:
    assert changed(card(), card("109,349"), ignore=[(0, 0, 300, 60)]).getbbox() is None
    assert changed(card(), card(size=(300, 160)), ignore=[(0, 110, 900, 900)]).getbbox() is None


def test_a_change_is_shown_in_red_on_a_faded_page() -> None:
    after = card("409,848")
    shown = opened(as_png(highlighted(after, changed(card(), after))))
    assert shown.size == SIZE
    red, grey = set(), set()
    for count, (r, g, b) in shown.getcolors(1 << 20) or []:  # type: ignore[misc]  # RGB has three parts
        (grey if r == g == b else red).add((count, r, g, b))
    assert sum(count for count, *_ in red) < SIZE[0] * SIZE[1] * 0.02
    assert red
    assert all(r > g and r > b for _, r, g, b in red)
    assert shown.getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.parametrize("data", [b"", b"GIF89a", as_png(card())[:80], as_png(card())[:-30]])
def test_a_damaged_picture_is_one_sentence(data: bytes) -> None:
    with pytest.raises(PictureError, match="The picture cannot be read: it is damaged"):
        opened(data)


def test_a_picture_of_a_few_colors_opens_as_rgb() -> None:
    buffer = io.BytesIO()
    card().quantize(16).save(buffer, "PNG")
    assert opened(buffer.getvalue()).mode == "RGB"
