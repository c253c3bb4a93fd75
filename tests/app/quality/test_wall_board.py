"""What the wall says of each data point: its state, why, and in which order they stand."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest

from app.answers import Answer
from app.quality.wall_board import Board, judged
from app.quality.wall_filters import narrowed
from store.read import queries

NOON = datetime(2026, 11, 25, 12)
KINDS = {"varchar": pl.String, "double": pl.Float64, "bigint": pl.Int64, "boolean": pl.Boolean}
SCHEMA = {
    **dict.fromkeys(("title", "unit", "subsystem", "dataset", "direction"), pl.String),
    **{name: KINDS.get(kind, pl.Datetime("us")) for name, kind in queries()["quality_wall"].returns.items()},
}
CALM: dict[str, Any] = {
    **{"unit": "rows", "subsystem": "sales", "dataset": "orders", "direction": "none", "state": "in_control"},
    **{"observed_at": NOON - timedelta(hours=3), "value": 5.0, "step_seconds": 86400.0, "score": 0.3, "rate": 0.0027},
    **{"alerting": 0, "watched": 0, "answered": 0},
}


def points(*rows: dict[str, Any], is_away: bool = False) -> pl.DataFrame:
    filled = [CALM | {"metric_id": f"m{place}", "title": f"M {place}"} | row for place, row in enumerate(rows)]
    return judged(pl.DataFrame(filled, schema=SCHEMA), NOON, is_away)


def kind_of(**changes: Any) -> str:
    return str(points(changes)["kind"][0])


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, "in_control"),
        ({"alerting": 1}, "signal"),
        ({"watched": 1}, "watched"),
        ({"answered": 1}, "answered"),
        ({"alerting": 1, "answered": 1}, "signal"),
        ({"state": "learning"}, "learning"),
        ({"state": "left_out"}, "left_out"),
        ({"state": None}, "unjudged"),
        ({"observed_at": NOON - timedelta(days=3, minutes=1)}, "too_old"),
        ({"observed_at": NOON - timedelta(days=3, minutes=-1)}, "in_control"),
        ({"observed_at": NOON - timedelta(minutes=59), "step_seconds": 60.0}, "in_control"),
        ({"observed_at": NOON - timedelta(minutes=61), "step_seconds": 60.0}, "too_old"),
        ({"observed_at": NOON - timedelta(days=9), "alerting": 1}, "signal"),
        ({"observed_at": None, "value": None, "state": None}, "unknown"),
    ],
)
def test_only_what_was_judged_and_is_news_is_in_control(changes: dict[str, Any], kind: str) -> None:
    assert kind_of(**changes) == kind


def test_while_the_store_is_away_nothing_is_in_control_and_a_known_signal_stays() -> None:
    found = points({}, {"alerting": 1, "evidence": "far out"}, {"state": None}, is_away=True)
    assert found["kind"].to_list() == ["signal", "unknown", "unknown"]
    assert found["said"][1] == "Not known while the store is away"


def test_while_the_store_is_away_all_stand_where_they_stood() -> None:
    rows = ({"title": "calm", "score": 0.1}, {"title": "watched", "watched": 1}, {"title": "new", "state": "learning"})
    assert points(*rows)["title"].to_list() == points(*rows, is_away=True)["title"].to_list()


def test_a_single_point_is_too_old_only_when_even_a_daily_one_would_be() -> None:
    alone = {"step_seconds": None, "state": "learning"}
    assert kind_of(**alone, observed_at=NOON - timedelta(days=2)) == "learning"
    assert kind_of(**alone, observed_at=NOON - timedelta(days=4)) == "too_old"


def test_signals_come_first_then_what_nobody_knows_then_calm_ones_by_their_evidence() -> None:
    found = points(
        {"title": "calm", "score": 0.1},
        {"title": "nearly", "score": 0.9},
        {"title": "weak", "alerting": 1, "signal_score": 1.1},
        {"title": "strong", "alerting": 1, "signal_score": 4.0},
        {"title": "silent", "observed_at": None},
        {"title": "watched", "watched": 1, "signal_score": 9.0},
        {"title": "new", "state": "learning", "score": None},
    )
    assert found["title"].to_list() == ["strong", "weak", "watched", "silent", "new", "nearly", "calm"]


def test_each_says_why() -> None:
    found = points(
        {"alerting": 1, "evidence": "Orders was 412"},
        {"observed_at": NOON - timedelta(days=5)},
        {"score": 0.97},
    )
    assert found["said"].to_list() == [
        "Orders was 412",
        "No point for 5 d; one is due every 1 d",
        "Evidence 97 % of a limit",
    ]
    assert found["newest"][0] == "5 rows"


def test_what_chance_gives_a_week_is_the_sum_of_the_promises() -> None:
    daily, hourly = {"rate": 0.01}, {"rate": 0.001, "step_seconds": 3600.0}
    board = Board(points(daily, hourly, {"rate": None}), Answer(pl.DataFrame(), NOON))
    assert board.by_chance == pytest.approx(7 * 0.01 + 168 * 0.001)
    assert Board(points({"rate": None}), Answer(pl.DataFrame(), NOON)).by_chance is None


def test_words_are_found_in_title_id_and_reason_and_choices_narrow() -> None:
    found = points({"title": "Orders", "alerting": 1, "evidence": "fell"}, {"title": "Orders left", "dataset": "x"})
    assert narrowed(found, "orders fell", "", "", [])["title"].to_list() == ["Orders"]
    assert narrowed(found, "M1 ", "sales", "x", ["in_control"])["title"].to_list() == ["Orders left"]
    assert narrowed(found, "", "finance", "", []).is_empty()
