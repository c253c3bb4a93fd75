"""What a card of the wall says: as short as a card needs it, and the day that a point is of."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
import streamlit as st

from app.answers import Answer
from app.quality.wall import brief, headline, seen, tip
from app.quality.wall_board import Board

NIGHT = datetime(2026, 11, 25)
DAILY: dict[str, Any] = {"observed_at": NIGHT, "step_seconds": 86_400.0, "title": "Orders", "kind": "signal"}


def test_a_point_of_a_whole_day_is_of_that_day_for_every_viewer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "context", SimpleNamespace(timezone="America/New_York"))
    assert seen(DAILY) == "25 Nov"
    assert seen(DAILY | {"step_seconds": None}) == "25 Nov"
    assert seen(DAILY | {"observed_at": NIGHT.replace(hour=9, minute=5), "step_seconds": 60.0}) == "25 Nov 04:05"
    assert seen(DAILY | {"step_seconds": 60.0}) == "24 Nov 19:00"
    assert seen({"observed_at": None}) == "No point yet"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"said": "Orders was 16 on Wed 25 Nov; expected 0 to 9; 4.7 sigma above; false alarms: 2 a year."},
            "Was 16 on Wed 25 Nov; expected 0 to 9",
        ),
        ({"said": "Orders was 16 on Tue 24 Nov; expected 0 to 9."}, "25 Nov · Was 16 on Tue 24 Nov; expected 0 to 9"),
        ({"kind": "in_control", "said": "Evidence 97 % of a limit"}, "25 Nov · Evidence 97 % of a limit"),
        ({"kind": "in_control", "said": ""}, "25 Nov"),
        ({"kind": "unknown", "observed_at": None, "said": "No point was collected yet"}, "No point was collected yet"),
    ],
)
def test_a_card_says_when_and_why_in_few_words(changes: dict[str, Any], said: str) -> None:
    assert brief(DAILY | changes) == said


@pytest.mark.parametrize(
    ("weekly", "said"),
    [(None, "no limits yet"), (3.2, "about 3 a week"), (0.9, "about 47 a year"), (0.04, "about 2.1 a year")],
)
def test_what_chance_gives_is_said_with_the_digits_that_matter(weekly: float | None, said: str) -> None:
    rows = {"kind": ["signal"], "rate": [weekly], "step_seconds": [7 * 86_400.0]}
    board = Board(pl.DataFrame(rows, schema_overrides={"rate": pl.Float64}), Answer(pl.DataFrame(), NIGHT))
    assert headline(board).endswith(said)
    assert headline(board).startswith("1 of 1 data point signal")


def test_only_a_title_that_may_be_cut_is_shown_whole_under_the_pointer() -> None:
    assert tip("Orders") is None
    assert tip("Orders of the shop in **Germany** and France") == "Orders of the shop in \\*\\*Germany\\*\\* and France"
