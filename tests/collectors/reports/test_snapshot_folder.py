"""Old pictures go, the ones that somebody needs stay, and nothing outside the folder is touched."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collectors.reports.base import Target
from collectors.reports.snapshot_folder import mark_baseline, mark_good, path_of, retire
from config.reports import Report

NOW = datetime(2026, 11, 25, 8, 12, 3)
SINCE = NOW - timedelta(days=30)
TARGET = Target(Report.model_validate({"id": "sales", "title": "S", "url": "http://a.b/", "subsystem": "sales"}))


def put(folder: Path, file: str, days: float) -> str:
    """A picture with its structure that was last shown `days` ago."""
    for path in (folder / file, (folder / file).with_suffix(".txt")):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
        at = (NOW - timedelta(days=days)).replace(tzinfo=UTC).timestamp()
        os.utime(path, (at, at))
    return file


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def pictures(folder: Path) -> set[str]:
    return {name for name in files(folder) if name.endswith(".png")}


def test_a_picture_goes_when_no_look_showed_it_for_long_and_its_structure_with_it(tmp_path: Path) -> None:
    put(tmp_path, "sales/_/old.png", 31)
    put(tmp_path, "sales/_/young.png", 29)
    put(tmp_path, "sales/_/newest.png", 0)
    assert retire(tmp_path, SINCE) == 1
    assert files(tmp_path) == {
        f"sales/_/{name}" for name in ("young.png", "young.txt", "newest.png", "newest.txt")
    }  # fmt: skip


def test_the_newest_the_last_good_the_approved_and_the_named_stay_however_old(tmp_path: Path) -> None:
    for name, days in (("good", 200), ("approved", 300), ("named", 400), ("old", 150), ("newest", 100)):
        put(tmp_path, f"sales/_/{name}.png", days)
    put(tmp_path, "sales/gold/alone.png", 500)
    mark_good(tmp_path, TARGET, "sales/_/good.png")
    mark_baseline(tmp_path, "sales", "", "sales/_/approved.png")
    assert retire(tmp_path, SINCE, ["sales/_/named.png"]) == 1
    assert pictures(tmp_path) == {
        *(f"sales/_/{name}.png" for name in ("good", "approved", "named", "newest")),
        "sales/gold/alone.png",
    }
    assert (tmp_path / "sales/_/approved.txt").exists()


def test_what_is_no_longer_good_or_approved_goes(tmp_path: Path) -> None:
    for name, days in (("good", 200), ("approved", 300), ("newest", 0)):
        put(tmp_path, f"sales/_/{name}.png", days)
    mark_good(tmp_path, TARGET, "sales/_/good.png")
    mark_good(tmp_path, TARGET, "sales/_/newest.png")
    mark_baseline(tmp_path, "sales", "", "sales/_/approved.png")
    mark_baseline(tmp_path, "sales", "", None)
    assert retire(tmp_path, SINCE) == 2
    assert pictures(tmp_path) == {"sales/_/newest.png"}
    assert not (tmp_path / "sales/_/baseline.json").exists()


def test_a_mark_that_cannot_be_read_protects_nothing_and_stops_nothing(tmp_path: Path) -> None:
    put(tmp_path, "sales/_/old.png", 31)
    put(tmp_path, "sales/_/newest.png", 0)
    (tmp_path / "sales/_/index.json").write_text("{")
    (tmp_path / "sales/_/baseline.json").write_text('["old.png"]')
    assert retire(tmp_path, SINCE) == 1


def test_marking_where_there_is_no_picture_fails_only_for_a_person(tmp_path: Path) -> None:
    mark_good(tmp_path, TARGET, "sales/_/good.png")
    with pytest.raises(OSError, match="No such file"):
        mark_baseline(tmp_path, "sales", "", "sales/_/good.png")
    assert files(tmp_path) == set()


def test_leftovers_of_a_crash_go_and_no_empty_folder_is_left(tmp_path: Path) -> None:
    put(tmp_path, "sales/_/x.png", 40)
    (tmp_path / "sales/_/x.png").rename(tmp_path / "sales/_/.half")
    mark_good(tmp_path, TARGET, "sales/_/x.png")
    (tmp_path / "stock" / "_").mkdir(parents=True)
    assert retire(tmp_path, SINCE) == 0
    assert list(tmp_path.iterdir()) == []


def test_nothing_behind_a_link_is_deleted(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    put(outside, "sales/_/old.png", 400)
    put(outside, "sales/_/newest.png", 300)
    folder = tmp_path / "snapshots"
    put(folder, "stock/_/newest.png", 0)
    (folder / "sales").symlink_to(outside / "sales")
    (folder / "stock" / "gold").symlink_to(outside / "sales" / "_")
    (folder / "stock" / "_" / "link.png").symlink_to(outside / "sales" / "_" / "old.png")
    assert retire(folder, SINCE, ["../outside/sales/_/old.png"]) == 0
    assert files(outside) == {f"sales/_/{name}" for name in ("old.png", "old.txt", "newest.png", "newest.txt")}


def test_a_folder_that_is_not_there_yet_is_no_error(tmp_path: Path) -> None:
    assert retire(tmp_path / "nowhere", SINCE) == 0


def test_a_picture_is_found_by_its_name(tmp_path: Path) -> None:
    put(tmp_path, "sales/_/a.png", 0)
    assert path_of(tmp_path, "sales/_/a.png") == tmp_path / "sales/_/a.png"


@pytest.mark.parametrize(
    "file",
    [
        *("", ".", "sales/_", "sales/_/b.png", "sales/_/a.txt", "sales/_/link.png", "sales/_/loop.png"),
        *("../secret.png", "sales/../../secret.png", "a\0.png", "x" * 5000 + ".png"),
    ],
)
def test_no_name_leads_out_of_the_folder_or_to_anything_but_a_picture(tmp_path: Path, file: str) -> None:
    folder = tmp_path / "snapshots"
    put(folder, "sales/_/a.png", 0)
    (tmp_path / "secret.png").write_text("x")
    (folder / "sales/_/link.png").symlink_to(tmp_path / "secret.png")
    (folder / "sales/_/loop.png").symlink_to("loop.png")
    assert path_of(folder, file) is None
    assert path_of(folder, str(tmp_path / "secret.png")) is None
