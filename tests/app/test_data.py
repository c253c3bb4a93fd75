"""A page's questions are sent at once, as they were asked the last time, and shared by all sessions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app import data
from tests.fixtures import screens


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Names of the questions sent ahead, in a small installation."""
    names: list[str] = []
    with screens.installation(tmp_path / "home", screens.make_store(tmp_path / "store.duckdb", [])):
        ahead = data.desk().ask_ahead

        def noting(questions: list[data.Question]) -> None:
            names.extend(name for name, _ in questions)
            ahead(questions)

        monkeypatch.setattr(data.desk(), "ask_ahead", noting)
        yield names


def test_the_first_time_nothing_is_known_and_the_second_time_everything(asked: list[str]) -> None:
    for _ in range(2):
        with data.together("overview"):
            data.answer("reports")
            data.answer("freshness")
    assert asked == ["reports", "freshness"]


def test_a_live_part_within_its_page_sends_nothing_of_its_own(asked: list[str]) -> None:
    for _ in range(2):
        with data.together("overview"), data.together("overview"):
            data.answer("reports")
    assert asked == ["reports"]
