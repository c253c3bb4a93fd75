"""Letters with pictures: what is sent when a picture is large, broken or gone, and what an old queue holds."""

from __future__ import annotations

import io
import os
import random
from pathlib import Path

import orjson
import pytest
from PIL import Image

from alerts.entries import ENTRY
from alerts.letter_pictures import MOST_BYTES, shrink
from alerts.letters import Letter, Picture, filled, place, shown_pictures
from alerts.outbox import Outbox
from tests.alerts.posting import NOW, message
from tests.alerts.verifying import paint


def test_a_page_stays_sharp_and_gets_at_most_1200_pixels_wide(tmp_path: Path) -> None:
    shown = shrink(paint(tmp_path / "page.png", size=(2400, 1800)))
    assert (shown.kind, shown.width, shown.height) == ("png", 1200, 900)
    with Image.open(io.BytesIO(shown.content)) as image:
        assert image.size == (1200, 900)
        assert len(shown.content) < MOST_BYTES


def test_a_very_long_page_is_cut_below() -> None:
    file = io.BytesIO()
    Image.new("RGB", (1000, 20_000), "white").save(file, "PNG")
    assert (shrink(file.getvalue()).width, shrink(file.getvalue()).height) == (1000, 1800)


def test_a_picture_that_no_png_can_hold_in_300_kb_becomes_jpeg_or_smaller() -> None:
    noise = Image.frombytes("RGB", (1200, 1000), random.Random(7).randbytes(1200 * 1000 * 3))
    file = io.BytesIO()
    noise.save(file, "PNG")
    shown = shrink(file.getvalue())
    assert shown.kind == "jpeg"
    assert len(shown.content) <= MOST_BYTES
    assert shown.width >= 300


def test_what_is_transparent_lies_on_white() -> None:
    file = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(file, "PNG")
    with Image.open(io.BytesIO(shrink(file.getvalue()).content)) as image:
        assert image.convert("RGB").getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"])
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="no picture that can be read"):
        shrink(content)


def test_a_picture_that_has_gone_leaves_a_word_in_its_place(tmp_path: Path) -> None:
    paint(tmp_path / "here.png")
    (tmp_path / "broken.png").write_bytes(b"x")
    names = {"here": "here.png", "gone": "gone.png", "broken": "broken.png", "folder": ".", "none": ""}
    pictures = tuple(Picture(name, str(tmp_path / file) if file else "", name) for name, file in names.items())
    letter = Letter("s", "t", "".join(f"<p>{place(name)}</p>" for name in names), pictures)
    shown = shown_pictures(letter)
    assert list(shown) == ["here"]
    html = filled(letter, shown, {name: f"{name}@x" for name in names})
    assert html.count("no picture kept") == 4
    assert html.count('<img src="cid:here@x"') == 1
    assert "<!--" not in html


def test_a_letter_survives_the_queue_and_an_entry_from_before_letters_is_still_read(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox")
    letter = Letter("Grüße", "t", "<p>h</p>", (Picture("a", "/x/a.png", "a"),))
    outbox.put(message("new", letter=letter), NOW)
    outbox.put(message("old"), NOW)
    path = tmp_path / "outbox" / "queue" / "old.json"
    shape = orjson.loads(path.read_bytes())
    del shape["message"]["letter"]
    path.write_bytes(orjson.dumps(shape))
    os.utime(path, (1, 1))
    found = {entry.message.id: entry.message.letter for entry in Outbox(tmp_path / "outbox").waiting()}
    assert found == {"new": letter, "old": None}
    assert ENTRY.validate_json(path.read_bytes()).message.title == "Disk full: old"
