"""From points as they are collected, through the judge, to what the page says of them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from app import data
from app.quality.judge import Judge
from store import clock
from store.connection import open_store
from store.rows import DataPoint, Row
from store.shipper import ship
from store.spool import Spool
from tests.fixtures import screens, watched

DAYS = watched.days_up_to(clock.now())


def collected() -> Iterator[Row]:
    """Four months of two data points; the newest orders are far too few."""
    draw = random.Random(3)
    for at in DAYS:
        wave = draw.gauss(0, 15)
        orders = 1000 + wave - (400 if at == DAYS[-1] else 0)
        yield DataPoint("orders", at, at + timedelta(hours=1), orders)
        yield DataPoint("refunds", at, at + timedelta(hours=1), 900 + wave)


@pytest.fixture
def judged(tmp_path: Path) -> Iterator[None]:
    path = tmp_path / "store.duckdb"
    url = screens.make_store(path, [])
    with screens.installation(tmp_path / "home", url, watched.ESTATE):
        store = open_store(url, path)
        Spool(tmp_path / "points", "data_points").put(collected())
        ship(store, tmp_path / "points")
        for piece in Judge().look(store, data.estate().estate, clock.now()):
            with TemporaryDirectory() as folder:
                Spool(Path(folder), "judge").put(piece.rows, {"point_verdicts": piece.verdicts})
                ship(store, Path(folder))
        store.close()
        yield


def test_what_the_judge_writes_is_what_the_page_shows(judged: None) -> None:
    wall = screens.page("control_charts")
    assert not wall.exception
    said = screens.texts(wall)
    assert "1 of 9 data points signal; chance alone gives about" in said
    assert said.index("**Orders**") < said.index("**Refunds**")
    one = screens.page("control_charts", series="orders")
    assert not one.exception
    said = screens.texts(one)
    assert "Signal: Orders" in said
    assert "expected" in said
    (row, *_) = one.dataframe[0].value.to_dict("records")
    assert row["standing"] == ["! Signal"]
    assert row["last_at"].date() == DAYS[-1].date()
    calm = screens.texts(screens.page("control_charts", series="refunds"))
    assert ":green[:material/check_circle:] In control" in calm
