"""Control charts of stored series: verdicts, signals and the picture."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from app import control
from app.charts_control import control_chart
from store import clock
from tests.fixtures import screens, watched

NOON = datetime(2026, 11, 23, 12)


def series(values: list[float]) -> pl.DataFrame:
    """Hourly values up to noon."""
    first = NOON - timedelta(hours=len(values) - 1)
    return pl.DataFrame(
        {"observed_at": [first + timedelta(hours=hour) for hour in range(len(values))], "value": values},
        schema_overrides={"observed_at": pl.Datetime("us"), "value": pl.Float64},
    )


STEADY = [10.0, 11.0, 10.5, 9.5, 10.2, 9.8, 10.7, 9.9, 10.1, 10.4]


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[None]:
    with screens.installation(tmp_path / "home", screens.filled(tmp_path / "store.duckdb")):
        yield


def test_a_point_far_out_is_a_signal_with_its_time_and_meaning() -> None:
    charted = control.chart_of(series([*STEADY, 30.0]), baseline=10)
    row = control.signals_of(charted).row(0, named=True)
    assert row["observed_at"] == NOON
    assert row["value"] == 30.0
    assert row["title"] == "Beyond the limits"
    assert "three sigma" in row["explanation"]


def test_few_points_are_not_judged() -> None:
    charted = control.chart_of(series(STEADY[:5]))
    assert charted.chart is None
    assert control.signals_of(charted).is_empty()


def test_gaps_are_left_out_and_do_not_break_the_chart() -> None:
    charted = control.chart_of(series([*STEADY, float("nan")]))
    assert charted.chart is not None
    assert charted.frame.height == len(STEADY)


def test_the_picture_has_the_lines_and_the_signals_in_the_unit_that_is_shown() -> None:
    charted = control.chart_of(series([*STEADY, 30.0]), baseline=10)
    spec = control_chart(charted, "ratio")
    assert charted.chart is not None
    upper, center, lower = (line["yAxis"] for line in spec["series"][0]["markLine"]["data"])
    assert upper == pytest.approx(100 * charted.chart.upper_control_limit)
    assert center == pytest.approx(100 * charted.chart.center_line)
    assert lower == pytest.approx(100 * charted.chart.lower_control_limit)
    assert spec["dataset"][1]["source"]["Signal"].to_list() == [3000.0]


def test_the_rolling_mean_starts_when_there_are_enough_points() -> None:
    means = control.smoothed(series([1.0, 2.0, 3.0, 4.0]), 2)["mean"].to_list()
    assert means == [None, 1.5, 2.5, 3.5]


def test_every_key_data_point_has_a_verdict(installed: None) -> None:
    states, answer = control.states()
    verdicts = dict(states.select("metric_id", "state").iter_rows())
    assert verdicts["null-share"] == "signal", "it shifted within the newest points"
    assert verdicts["orders-per-hour"] == "in_control", "its jump is days old"
    assert len(verdicts) == 5
    assert not answer.is_stale


def test_a_data_point_without_values_is_unknown(tmp_path: Path) -> None:
    with screens.installation(tmp_path / "home", screens.make_store(tmp_path / "store.duckdb", [])):
        states, _ = control.states()
    assert set(states["state"]) == {"unknown"}
    assert states.height == 5


def test_days_without_a_signal_are_counted_as_none() -> None:
    days = [[datetime(2026, 11, 20, 3), datetime(2026, 11, 20, 9)], [datetime(2026, 11, 22, 1)]]
    assert control.signals_by_day(pl.DataFrame({"signalled_at": days})) == [2, 0, 1]


def test_what_was_judged_counts_as_the_page_has_it_and_only_the_rest_is_charted_anew(tmp_path: Path) -> None:
    url = screens.make_store(tmp_path / "store.duckdb", list(watched.watched(clock.now())))
    with screens.installation(tmp_path / "home", url, watched.ESTATE):
        states, _ = control.states()
    rows = {row["metric_id"]: row for row in states.iter_rows(named=True)}
    assert rows["orders"]["state"] == "signal"
    assert rows["orders"]["rules"].startswith("orders was"), "the evidence"
    assert rows["refunds"]["state"] == "in_control"
    assert rows["just-added"]["state"] == "too_few", "nobody judged it yet"
    assert rows["new-customers"]["state"] == "learning"
    assert rows[watched.PROFILED]["state"] == "in_control"
    assert sum(control.signals_by_day(states)) >= 2
