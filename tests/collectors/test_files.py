"""What a path in the estate stands for, and a collector's notes."""

from __future__ import annotations

from pathlib import Path

import pytest

from collectors import files, notes


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("a.csv", ["a.csv"]),
        ("*.csv", ["a.csv", "b.csv"]),
        ("**/*.csv", ["a.csv", "b.csv", "in/c.csv"]),
        ("in", ["in/c.csv"]),
        ("in/../b.csv", ["b.csv"]),
        ("odd[1].csv", ["odd[1].csv"]),
        ("none.csv", []),
        ("none/*.csv", []),
    ],
)
@pytest.mark.parametrize("is_absolute", [False, True])
def test_a_path_a_glob_and_a_folder_stand_for_files(
    tmp_path: Path, pattern: str, expected: list[str], is_absolute: bool
) -> None:
    (tmp_path / "in").mkdir()
    for name in ("a.csv", "b.csv", "in/c.csv", "in/d.txt", "odd[1].csv"):
        (tmp_path / name).write_text("x")
    found = files.find(tmp_path, str(tmp_path / pattern) if is_absolute else pattern, ["*.csv"])
    shown = [path.resolve().relative_to(tmp_path).as_posix() for path in found]
    assert [name for name in shown if name != "odd[1].csv" or pattern == name] == expected


def test_notes_that_cannot_be_read_are_no_notes(tmp_path: Path) -> None:
    path = tmp_path / "state" / "notes.json"
    assert notes.read(path) == {}
    notes.write(path, {"a": [1]})
    assert notes.read(path) == {"a": [1]}
    path.write_text("[1]")
    assert notes.read(path) == {}
    path.write_text("{")
    assert notes.read(path) == {}
