"""Chart specifications: units that read well, gaps that stay gaps, parts that add up."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl
import pytest

from app import charts, charts_plotly

AT = [datetime(2026, 11, 23, hour) for hour in (10, 11, 12)]


def frame(**series: list[float | None]) -> pl.DataFrame:
    return pl.DataFrame({"at": AT, **series}, schema_overrides=dict.fromkeys(series, pl.Float64))


@pytest.mark.parametrize(
    ("unit", "value", "shown", "said"),
    [
        ("ratio", 0.43, 43.0, "%"),
        ("bytes per second", 4_100_000.0, 4.1, "MB/s"),
        ("bytes", 280e9, 280.0, "GB"),
        ("seconds", 1.5, 1.5, "s"),
        ("EUR", 12.0, 12.0, "EUR"),
    ],
)
def test_values_are_shown_in_a_unit_that_reads_well(unit: str, value: float, shown: float, said: str) -> None:
    spec = charts.lines(frame(Value=[0.0, value, value]), unit)
    assert spec["dataset"]["source"]["Value"][2] == pytest.approx(shown)
    assert spec["yAxis"]["axisLabel"]["formatter"] == f"{{value}} {said}"


def test_a_gap_is_not_bridged() -> None:
    spec = charts.lines(frame(Value=[1.0, None, 3.0]))
    assert spec["series"][0]["connectNulls"] is False
    assert spec["dataset"]["source"]["Value"].to_list() == [1.0, None, 3.0]


def test_times_go_to_the_browser_as_utc() -> None:
    spec = charts.lines(frame(Value=[1.0, 2.0, 3.0]))
    assert spec["dataset"]["source"]["at"].dtype == pl.Datetime("us", "UTC")


def test_outcomes_have_the_colours_of_their_meaning() -> None:
    colors = charts.outcome_colors({"Succeeded": "good", "Failed": "bad"})
    spec = charts.stacked(frame(Succeeded=[4.0, 4.0, 3.0], Failed=[0.0, 0.0, 1.0]), colors_of=colors)
    assert [series["itemStyle"]["color"] for series in spec["series"]] == list(colors.values())
    assert len(set(colors.values())) == 2
    assert {series["stack"] for series in spec["series"]} == {"all"}


def test_series_are_spread_over_columns_by_name() -> None:
    long = pl.DataFrame({"at": [AT[0], AT[0], AT[1]], "name": ["a", "b", "a"], "value": [1.0, 2.0, 3.0]})
    assert charts.wide(long, "at", "name", "value").rows() == [(AT[0], 1.0, 2.0), (AT[1], 3.0, None)]


def test_a_built_line_runs_forward_in_time() -> None:
    rows = pl.DataFrame({"at": AT[::-1], "host": ["a", "a", "b"], "value": [3.0, 2.0, 1.0]})
    figure = charts_plotly.built(rows, "Line", "at", ["value"], "host")
    assert [trace.name for trace in figure.data] == ["a", "b"]
    assert list(figure.data[0].y) == [2.0, 3.0]


def test_no_line_is_drawn_over_what_nobody_saw() -> None:
    at = [datetime(2026, 11, 23, 12, minute) for minute in (0, 1, 2, 3, 30, 31)]
    shown = charts.broken_at_gaps(pl.DataFrame({"at": at, "CPU": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]}))
    assert shown.filter(pl.col("CPU").is_null())["at"].to_list() == [datetime(2026, 11, 23, 12, 29)]
    assert shown["at"].is_sorted()
    assert charts.broken_at_gaps(shown.head(1)).height == 1


def test_a_short_history_stands_at_the_end_of_its_whole_range() -> None:
    until = datetime(2026, 11, 23, 12)
    axis = charts.within({"xAxis": {"type": "time"}}, until, timedelta(hours=1))["xAxis"]
    assert axis["max"] - axis["min"] == 3_600_000
    assert axis["max"] == 1_795_435_200_000
