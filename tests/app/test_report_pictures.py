"""Pages get pictures from the snapshots' folder only, and see what differs between two of them."""

from __future__ import annotations

import io
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from app import report_pictures
from app.report_pictures import PictureError
from store.settings import settings
from tests.fixtures import report_paintings as paintings
from tests.fixtures import screens

BEFORE, AFTER = "partner-scorecard/gold/a.png", "partner-scorecard/gold/b.png"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """The snapshots' folder with the pictures of the fixture."""
    with screens.installation(tmp_path / "home", screens.away()):
        paintings.paint(settings().snapshot_path)
        yield settings().snapshot_path


def test_a_picture_and_its_structure_are_read(folder: Path) -> None:
    assert report_pictures.read(BEFORE) == (folder / BEFORE).read_bytes()
    assert (report_pictures.structure(BEFORE) or "").startswith('- heading "Partner scorecard"')


@pytest.mark.parametrize(
    "file",
    [
        *("", "nowhere.png", "partner-scorecard/gold/a.txt"),
        *("../store.token", "../store.png", "partner-scorecard/../../store.png"),
    ],
)
def test_nothing_outside_the_folder_is_read(folder: Path, file: str) -> None:
    (folder.parent / "store.png").write_text("secret")
    (folder.parent / "store.txt").write_text("secret")
    assert report_pictures.read(file) is None
    assert report_pictures.read(str(folder.parent / "store.png")) is None
    assert report_pictures.structure(file) is None
    assert report_pictures.difference_of(BEFORE, file) is None
    assert report_pictures.layout_difference(BEFORE, file) is None


def test_what_differs_is_shown_in_red_where_it_is(folder: Path) -> None:
    found = report_pictures.difference_of(BEFORE, AFTER)
    assert found is not None
    shown = Image.open(io.BytesIO(found[0])).convert("RGB")
    assert shown.size == paintings.SIZE
    assert 0.01 < found[1] < 0.2
    reddest = {area: max(red - green for red, green, _ in pixels_of(shown, box)) for area, box in AREAS.items()}
    assert reddest["revenue"] > 40
    assert reddest["table"] > 40
    assert reddest["title"] == reddest["orders"] == 0


AREAS = {
    "title": (40, 20, 400, 80),
    "revenue": (50, 120, 230, 180),
    "orders": (500, 90, 690, 190),
    "table": (640, 250, 900, 420),
}


def pixels_of(image: Image.Image, box: tuple[int, int, int, int]) -> list[tuple[int, int, int]]:
    data = image.crop(box).tobytes()
    return list(zip(data[0::3], data[1::3], data[2::3], strict=True))


def test_the_same_picture_differs_nowhere_and_a_mask_hides_a_difference(folder: Path) -> None:
    same, other = report_pictures.read(BEFORE) or b"", report_pictures.read(AFTER) or b""
    assert report_pictures.difference(same, same)[1] == 0.0
    assert report_pictures.difference(same, other, masks=[(0, 0, 960, 640)])[1] == 0.0


def test_a_longer_page_is_compared_with_a_shorter_one(folder: Path) -> None:
    before = report_pictures.read(BEFORE) or b""
    longer = Image.new("RGB", (960, 1280), "white")
    longer.paste(Image.open(io.BytesIO(before)))
    buffer = io.BytesIO()
    longer.save(buffer, "PNG")
    for pair in ((before, buffer.getvalue()), (buffer.getvalue(), before)):
        png, share = report_pictures.difference(*pair)
        assert Image.open(io.BytesIO(png)).size == (960, 1280)
        assert share == 0.5


def test_the_structure_is_compared_in_words(folder: Path) -> None:
    found = report_pictures.layout_difference(BEFORE, AFTER)
    assert found is not None
    assert found.sentences == ("a table “Details” is gone",)
    assert found.is_changed


def test_a_damaged_file_is_no_picture(folder: Path) -> None:
    (folder / AFTER).write_bytes(b"\x89PNG")
    assert report_pictures.difference_of(BEFORE, AFTER) is None
    with pytest.raises(PictureError, match="cannot be read"):
        report_pictures.difference(b"", b"")


def test_a_whole_page_is_compared_quickly() -> None:
    dice = random.Random(2)
    pngs = []
    for _ in range(2):
        image = Image.new("RGB", (1280, 2000), "white")
        for _ in range(400):
            left, top = dice.randrange(1200), dice.randrange(1950)
            image.paste((dice.randrange(256), 90, 120), (left, top, left + 60, top + 14))
        buffer = io.BytesIO()
        image.save(buffer, "PNG")
        pngs.append(buffer.getvalue())
    taken = []
    for _ in range(3):
        begun = time.process_time()
        report_pictures.difference(*pngs)
        taken.append(time.process_time() - begun)
    assert min(taken) < 0.9  # a third of it on an idle machine
