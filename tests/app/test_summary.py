"""The key figures of the overview, where they count something."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app import summary
from store import clock
from tests.fixtures import screens, watched


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[None]:
    url = screens.make_store(tmp_path / "store.duckdb", list(watched.watched(clock.now())))
    with screens.installation(tmp_path / "home", url, watched.ESTATE):
        yield


def test_watched_and_answered_data_points_are_judged_ones(installed: None) -> None:
    (points,) = (one for one in summary.figures()[0] if one.label == "Data points in control")
    assert points.value == "3 of 6"
    assert points.state == "signal"
    assert points.detail == "1 signal, 1 only watched, 1 answered, 4 not judged"
