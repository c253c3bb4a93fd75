"""Pictures of reports: kept once while a page shows the same, never in place of one with another figure."""

from __future__ import annotations

import io
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from analysis.reports import pixels
from analysis.reports.layout import digest
from collectors.reports.base import Target
from collectors.reports.browser import find_browser
from collectors.reports.snapshots import Keeping, from_notes, keep, to_notes
from config.reports import Persona, Report
from store.settings import ROOT
from tests.e2e.conftest import QUIET

NOW = datetime(2026, 11, 25, 8, 12, 3)
URL = "http://reports.example/"
REPORT = Report.model_validate({"id": "sales", "title": "Sales", "url": URL, "subsystem": "sales"})
TARGET = Target(REPORT)
PAGE = """<body style="font: 13px sans-serif; margin: 20px; {style}"><h1>Sales</h1>
<p style="color: #999">Open orders {orders}</p><canvas id="c" width="600" height="200"></canvas>
<table>{rows}</table><script>
const pen = document.getElementById("c").getContext("2d"); pen.font = "13px sans-serif"; pen.fillStyle = "#888";
pen.fillText("{drawn}", 10, 40); pen.fillStyle = "#3b6fd4"; pen.fillRect(10, 60, 200, 100);</script></body>"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=find_browser(), args=QUIET)
        yield found
        found.close()


def seen(browser: Browser, orders: str = "1,204", drawn: str = "409,849", style: str = "") -> tuple[bytes, str]:
    """Picture and structure of a page as a fresh browser window shows it."""
    rows = "".join(f"<tr><td>Partner {n}</td><td>{n * 37 % 1000}</td></tr>" for n in range(30))
    text = PAGE
    for name, value in (("orders", orders), ("drawn", drawn), ("style", style), ("rows", rows)):
        text = text.replace(f"{{{name}}}", value)
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    try:
        page.set_content(text)
        return page.screenshot(full_page=True), page.locator("body").aria_snapshot()
    finally:
        page.close()


def painted(color: str = "white", size: tuple[int, int] = (300, 200)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, color).save(buffer, "PNG")
    return buffer.getvalue()


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def kept(folder: Path, png: bytes, layout: str | None, minutes: int = 0, earlier: Keeping | None = None) -> Keeping:
    known = from_notes(json.loads(json.dumps(to_notes(earlier.known)))) if earlier else ()
    return keep(folder, TARGET, png, layout, NOW + timedelta(minutes=minutes), known)


@pytest.mark.browser
def test_a_page_that_shows_the_same_is_kept_once(tmp_path: Path, browser: Browser) -> None:
    first = kept(tmp_path, *seen(browser))
    assert first.row is not None
    assert first.problem is None
    again = kept(tmp_path, *seen(browser), minutes=5, earlier=first)
    assert again.row is None
    assert (again.snapshot_id, again.file) == (first.row.snapshot_id, first.row.file)
    assert len(files(tmp_path)) == 2
    shown_at = (tmp_path / first.row.file).stat().st_mtime
    assert shown_at == (NOW + timedelta(minutes=5) - datetime(1970, 1, 1)).total_seconds()


@pytest.mark.browser
@pytest.mark.parametrize(
    "change",
    [{"orders": "1,205"}, {"orders": "1.204"}, {"drawn": "409,848"}, {"drawn": "409,349"}, {"drawn": "409.849"}],
)
def test_one_changed_figure_is_another_picture(tmp_path: Path, browser: Browser, change: dict[str, str]) -> None:
    first = kept(tmp_path, *seen(browser))
    second = kept(tmp_path, *seen(browser, **change), minutes=5, earlier=first)
    assert second.row is not None
    assert second.snapshot_id != first.snapshot_id
    assert second.layout == first.layout
    assert len(files(tmp_path)) == 4


@pytest.mark.browser
def test_noise_at_the_edges_of_letters_is_no_other_picture(tmp_path: Path, browser: Browser) -> None:
    png, layout = seen(browser)
    first = kept(tmp_path, png, layout)
    image = Image.open(io.BytesIO(png)).convert("RGB")
    dice, dots = random.Random(4), image.load()
    assert dots is not None
    for x in range(image.width):
        for y in range(image.height):
            red, green, blue = dots[x, y]  # type: ignore[misc]  # three colours of RGB
            if 0 < red < 255 and dice.random() < 0.5:
                noise = dice.randint(-12, 12)
                dots[x, y] = tuple(min(max(part + noise, 0), 255) for part in (red, green, blue))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    assert buffer.getvalue() != png
    assert kept(tmp_path, buffer.getvalue(), layout, minutes=5, earlier=first).row is None


@pytest.mark.browser
def test_a_picture_takes_little_room_and_stays_readable(tmp_path: Path, browser: Browser) -> None:
    png, layout = seen(browser)
    found = kept(tmp_path, png, layout)
    assert found.row is not None
    stored = (tmp_path / found.row.file).read_bytes()
    assert found.row.bytes == len(stored) < len(png) / 2
    before, after = (Image.open(io.BytesIO(data)).convert("RGB") for data in (png, stored))
    assert (found.row.width, found.row.height) == before.size == after.size
    pairs = zip(before.tobytes(), after.tobytes(), strict=True)
    assert max(abs(one - other) for one, other in pairs) <= 8


def test_a_photograph_keeps_its_colours(tmp_path: Path) -> None:
    dice = random.Random(1)
    image = Image.frombytes("RGB", (64, 64), dice.randbytes(64 * 64 * 3))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    found = kept(tmp_path, buffer.getvalue(), "")
    assert found.file is not None
    assert Image.open(tmp_path / found.file).convert("RGB").tobytes() == image.tobytes()


def test_the_row_tells_where_the_picture_lies_and_its_structure_lies_beside_it(tmp_path: Path) -> None:
    gold = Target(REPORT, Persona(id="gold"))
    tree = '- heading "Sales" [level=1]\n- paragraph: 1,204 orders\n'
    row = keep(tmp_path, gold, painted(), tree, NOW).row
    assert row is not None
    assert row.file == f"{row.snapshot_id}.png"
    assert row.file.startswith("sales/gold/20261125T081203-")
    assert (row.report_id, row.persona, row.taken_at, row.layout) == ("sales", "gold", NOW, digest(tree))
    assert len(row.phash) == 64
    assert (tmp_path / row.file).with_suffix(".txt").read_text() == tree
    assert keep(tmp_path, TARGET, painted(), tree, NOW).file == row.file.replace("gold", "_")


def test_a_look_without_structure_says_so(tmp_path: Path) -> None:
    found = kept(tmp_path, painted(), None)
    assert found.layout is None
    assert found.row is not None
    assert found.row.layout == ""


def test_a_page_that_goes_to_and_fro_is_kept_once_for_each_state(tmp_path: Path) -> None:
    found = None
    for minute, color in enumerate(["white", "red", "white", "red", "blue", "white"]):
        found = kept(tmp_path, painted(color), "- text: x", minute, found)
    assert len(list(tmp_path.rglob("*.png"))) == 3


def test_only_a_few_are_remembered_the_last_shown_first(tmp_path: Path) -> None:
    found = None
    for minute in range(8):
        found = kept(tmp_path, painted(), f"- text: {minute}", minute, found)
    assert found is not None
    assert len(found.known) == 5
    back = kept(tmp_path, painted(), "- text: 5", 9, found)
    assert back.row is None
    assert back.known[0].snapshot_id == back.snapshot_id


@pytest.mark.parametrize("spoilt", ["gone", "damaged"])
def test_a_picture_that_is_gone_is_taken_anew(tmp_path: Path, spoilt: str) -> None:
    first = kept(tmp_path, painted(), "- text: x")
    assert first.file is not None
    if spoilt == "gone":
        (tmp_path / first.file).unlink()
    else:
        (tmp_path / first.file).write_bytes(b"\x89PNG")
    assert kept(tmp_path, painted(), "- text: x", 5, first).row is not None


def test_after_two_months_a_picture_is_taken_anew(tmp_path: Path) -> None:
    first = kept(tmp_path, painted(), "- text: x")
    day = 24 * 60
    assert kept(tmp_path, painted(), "- text: x", 59 * day, first).row is None
    assert kept(tmp_path, painted(), "- text: x", 61 * day, first).row is not None


def test_another_size_is_another_picture(tmp_path: Path) -> None:
    first = kept(tmp_path, painted(), "- text: x")
    assert kept(tmp_path, painted(size=(300, 201)), "- text: x", 5, first).row is not None


@pytest.mark.parametrize("png", [b"", b"no picture", painted()[:60]])
def test_a_damaged_picture_is_a_sentence(tmp_path: Path, png: bytes) -> None:
    found = kept(tmp_path, png, "- text: x")
    assert (found.row, found.snapshot_id, found.file) == (None, None, None)
    assert found.problem == "The picture cannot be read: it is damaged, or no PNG of a page."
    assert found.layout == digest("- text: x")
    assert files(tmp_path) == []


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "sales").write_text("a file where the folder would be")
    found = kept(tmp_path, painted(), "- text: x")
    assert found.row is None
    assert found.problem is not None
    assert found.problem.startswith(f"The picture was not kept: {tmp_path} cannot be written")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk with room for a small picture."""
    mount = tmp_path / "small"
    mount.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(mount)]
    if os.geteuid() != 0 or subprocess.run(command, check=False).returncode:
        pytest.skip("a small tmpfs can only be mounted by root")
    yield mount
    subprocess.run(["umount", str(mount)], check=True)


def test_a_full_disk_is_a_sentence_and_leaves_nothing_half_written(small_disk: Path) -> None:
    dice = random.Random(1)
    png = pixels.as_png(Image.frombytes("RGB", (1200, 1200), dice.randbytes(1200 * 1200 * 3)))
    before = files(small_disk)
    found = kept(small_disk, png, "- text: x")
    assert (found.row, found.file, found.layout) == (None, None, digest("- text: x"))
    assert found.problem == f"The disk under {small_disk} is full; free some space, the picture was not kept."
    assert [name for name in files(small_disk) if name not in before and not name.endswith(".txt")] == []


@pytest.mark.parametrize("notes", [None, "x", [1], [{}], [{"snapshot_id": 1}], {"a": 1}])
def test_notes_that_cannot_be_read_are_forgotten(notes: object) -> None:
    assert from_notes(notes) == ()


def test_a_note_of_another_place_is_never_read(tmp_path: Path) -> None:
    folder = tmp_path / "snapshots"
    first = kept(folder, painted(), "- text: x")
    assert first.file is not None
    (tmp_path / "outside.png").write_bytes((folder / first.file).read_bytes())
    notes = [note | {"file": "../outside.png"} for note in to_notes(first.known)]
    assert keep(folder, TARGET, painted(), "- text: x", NOW, from_notes(notes)).row is not None


def test_looking_alone_loads_no_numpy() -> None:
    code = "import sys, collectors.reports.snapshots; sys.exit('numpy' in sys.modules or 'imagehash' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0
