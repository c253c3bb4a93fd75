"""Backtests of data points in a store: corrected values, left-out points, stages, answers, settings, the budget."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import numpy as np
import polars as pl
import pytest

from app.quality.backtesting import backtest_of, budget_of, history_of
from app.quality.deciding import Look, RefusedError
from app.quality.judge_budget import RATES_SPAN
from config.estate import Estate
from config.quality import Watch
from config.refreshes import Calendar
from store.connection import Store
from store.read import ask
from store.rows import (
    Answer,
    DataPoint,
    MarkKind,
    PointMark,
    ProposalState,
    Row,
    Signal,
    SignalAnswer,
    SignalMode,
    SignalState,
    StageEvent,
    WatchEvent,
)
from store.write import append

DAY = timedelta(days=1)
FIRST = datetime(2024, 1, 1, 6)
NOW = FIRST + 400 * DAY
VALUES = np.random.default_rng(1).normal(1000, 40, 400).round(1)
ESTATE = Estate.model_validate(
    {
        "name": "Test",
        "subsystems": [{"id": "s", "title": "S"}],
        "metrics": [
            {"id": name, "title": name, "source": "o.csv", "sql": "select 1", "subsystem": "s", "unit": "orders"}
            for name in ("orders", "returns", "flat", "new")
        ],
    }
)


def points(metric: str, values: np.ndarray) -> list[Row]:  # type: ignore[type-arg]
    return [DataPoint(metric, FIRST + day * DAY, FIRST + day * DAY, float(value)) for day, value in enumerate(values)]


@pytest.fixture
def filled(store: Store) -> Store:
    append(store, [*points("orders", VALUES), *points("returns", VALUES / 10), *points("flat", np.full(400, 3.0))])
    return store


def weekly(look: Look) -> dict[str, float]:
    return dict(look("backtest_rates", since=NOW - RATES_SPAN).iter_rows())


def test_now_is_what_the_budget_gives_and_proposed_what_was_asked(filled: Store) -> None:
    found = backtest_of("orders", Watch(false_alarms_per_year=12), partial(ask, filled), ESTATE, NOW)
    assert found.proposed is not None
    assert found.now.plan.per_year == pytest.approx(365.25 * 0.0027)  # three would have more of one a week
    assert found.proposed.plan.per_year == pytest.approx(12)
    assert (found.points, found.unit, found.from_at) == (400, "orders", FIRST)
    assert found.verdict.endswith("and gives 12 false alarms a year instead of 0.99.")
    assert found.notes[-1] == "Chance alone gives about 14 signals a year over 3 data points; this one 12."


def test_marks_stages_corrections_and_answers_count(filled: Store) -> None:
    at = [FIRST + day * DAY for day in range(400)]
    span = ("orders", "shift", at[300], SignalState.CLOSED, SignalMode.ALERT, at[290], at[294], at[300])
    append(
        filled,
        [
            PointMark("a", "orders", MarkKind.LEFT_OUT, at[200], at[209], NOW, "alice", "the feed was broken"),
            PointMark("b", "orders", MarkKind.PLANNED, at[220], at[220], NOW, "alice", "maintenance"),
            PointMark("c", "orders", MarkKind.NOTE, at[230], at[230], NOW, "alice", "a sale"),
            PointMark("d", "orders", MarkKind.CORRECTED, at[240], at[240], NOW, "alice", "twice", VALUES[240], 777.0),
            StageEvent("e", "orders", at[100], NOW, ProposalState.ACCEPTED, "a new system", "alice"),
            Signal("f", *span, "[]", 1.2, "up", 1.0, None, None, None, 0.01, 1, "Orders rose."),
            SignalAnswer("f", "orders", "shift", NOW, Answer.EXPECTED, "alice", "a campaign"),
        ],
    )
    frame = ask(filled, "backtest_points", metric_id="orders").sort("observed_at")
    history = history_of(frame, Watch())
    assert history.values.size == 300
    assert (np.flatnonzero(np.isnan(history.values)) + 100).tolist() == [*range(200, 210), 220]
    assert history.values[140] == 777.0
    assert (np.flatnonzero(history.is_event) + 100).tolist() == [240, *range(290, 295)]
    found = backtest_of("orders", None, partial(ask, filled), ESTATE, NOW)
    assert (found.points, found.from_at) == (289, at[100])
    assert "Only the stage since 10 Apr 2024 was looked at." in found.notes


def test_a_setting_that_was_saved_is_what_counts_now(filled: Store) -> None:
    saved = Watch(false_alarms_per_year=4, direction="up").model_dump_json()
    append(filled, [WatchEvent("orders", NOW, saved, "alice", "fewer please")])
    look = partial(ask, filled)
    found = backtest_of("orders", None, look, ESTATE, NOW)
    assert (found.now.plan.direction, found.now.promised_per_year) == ("up", pytest.approx(4))
    budget = budget_of(weekly(look), ESTATE, ask(filled, "points_watches"), None)
    assert budget.rates["returns"].per_year == pytest.approx(365.25 * 0.0027)
    assert budget.per_year == pytest.approx(365.25 * 0.0027 * 2 + 4)


def test_points_of_metrics_the_estate_does_not_have_cost_nothing(filled: Store) -> None:
    append(filled, points("forgotten", VALUES))
    budget = budget_of(weekly(partial(ask, filled)), ESTATE, ask(filled, "points_watches"), None)
    assert sorted(budget.rates) == ["flat", "orders", "returns"]


@pytest.mark.parametrize(
    ("metric", "said"),
    [
        ("flat", "All 400 values are 3: any change of them is a signal"),
        ("new", "There is no value to judge"),
        ("order", "The estate has no data point “order”; known are orders"),
    ],
)
def test_what_cannot_be_tried_is_one_sentence(filled: Store, metric: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        backtest_of(metric, None, partial(ask, filled), ESTATE, NOW)


def test_a_word_that_is_no_rule_is_told(filled: Store) -> None:
    with pytest.raises(ValueError, match="'nelsen_1' is no rule"):
        backtest_of("orders", Watch(rules=["nelsen_1"]), partial(ask, filled), ESTATE, NOW)


def test_a_store_that_is_away_is_told() -> None:
    def away(name: str, /, **_: str | datetime) -> pl.DataFrame:
        raise RefusedError(f"The store does not answer {name}.")

    with pytest.raises(ValueError, match="does not answer points_watches"):
        backtest_of("orders", None, away, ESTATE, NOW)


def test_the_week_is_that_of_the_metrics_zone_and_holidays_those_of_its_calendar() -> None:
    frame = pl.DataFrame(
        {
            "observed_at": [datetime(2024, 4, 30, 23) + day * DAY for day in range(3)],
            "value": [1.0, 2.0, 3.0],
            "size": [10.0, None, 30.0],
            "is_left_out": [False] * 3,
            "is_event": [False] * 3,
        }
    )
    found = history_of(frame, Watch(zone="Europe/Berlin", chart="p"), Calendar(id="de", country="DE"))
    assert found.calendar.holiday.tolist() == [1, 0, 0]  # 1 May in Berlin, the eve of it in UTC
    assert found.calendar.weekday.tolist() == [2, 3, 4]
    np.testing.assert_array_equal(found.values, [0.1, np.nan, 0.1])
