"""The one chart: what stands on it, in which unit and on whose clock, and what is said of each point."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import plotly.graph_objects as go
import polars as pl
import pytest

from app.quality import figures, series
from app.quality.figures import Look, control_figure
from app.quality.story import Story, story, times_of
from app.quality.whole_limits import as_read
from store import clock
from tests.fixtures import screens, watched

SPAN = timedelta(days=200)


@pytest.fixture(scope="module", autouse=True)
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("portal")
    url = screens.make_store(folder / "store.duckdb", list(watched.watched(clock.now())))
    with screens.installation(folder / "home", url, watched.ESTATE):
        yield


def told(metric_id: str) -> Story:
    metric = series.metric_of(metric_id)
    assert metric is not None
    return story(metric, SPAN)


def traces(figure: go.Figure) -> dict[str, Any]:
    return {trace.name: trace for trace in figure.data if trace.name}


def test_points_limits_and_signals_stand_where_they_were_judged() -> None:
    found = told("orders")
    drawn = traces(control_figure(found))
    assert list(drawn["Value"].y) == found.points["value"].to_list()
    assert list(drawn["Control limits"].y) == found.points["upper"].to_list()
    assert list(drawn["Center line"].y) == found.points["center"].to_list()
    assert list(drawn["Signal"].y) == found.points["value"].tail(2).to_list()


def test_shares_are_drawn_in_percent() -> None:
    found = told("null-share")
    assert list(traces(control_figure(found))["Value"].y) == pytest.approx([100 * one for one in found.points["value"]])


def test_off_the_center_line_the_limits_lie_around_nothing() -> None:
    found = told("orders")
    drawn = traces(control_figure(found, Look(is_residual=True)))
    assert set(drawn["Center line"].y) == {0.0}
    row = found.points.row(-1, named=True)
    assert drawn["Value"].y[-1] == pytest.approx(row["value"] - row["center"])
    assert drawn["Control limits"].y[-1] == pytest.approx(row["upper"] - row["center"])


def test_a_family_of_rules_that_is_switched_off_marks_nothing() -> None:
    assert "Signal" not in traces(control_figure(told("orders"), Look(families=("rules",))))


def test_a_rolling_mean_is_that_of_its_points() -> None:
    found = told("refunds")
    mean = traces(control_figure(found, Look(window=7)))["Rolling mean of 7 points"].y
    assert list(mean[:6]) == [None] * 6
    assert mean[-1] == pytest.approx(found.points["value"].tail(7).mean())


def test_a_corrected_point_shows_what_was_collected_beside_it() -> None:
    found = told("revenue")
    row = found.points.filter("is_corrected").row(0, named=True)
    drawn = traces(control_figure(found))
    assert list(drawn["As collected"].y) == [row["raw_value"]]
    assert row["value"] == 50_400.0
    (text,) = drawn["As collected"].text
    assert "Corrected;" in text
    assert "First judged in control" in text


def test_stages_plans_and_notes_lie_over_the_points_and_what_was_taken_back_does_not() -> None:
    layout = control_figure(told("revenue")).layout
    words = [one.text for one in layout.annotations]
    assert "Stage: new price list" in words
    assert "Planned: stock count" in words
    assert "Left out: test orders" in words
    assert "✎ big customer came back" in words
    assert not [one for one in words if "never mind" in one]
    assert [one.type for one in layout.shapes].count("line") == 1
    assert [one.type for one in layout.shapes].count("rect") == 2


def test_all_that_is_known_of_a_point_is_said_when_the_pointer_stands_on_it() -> None:
    text = traces(control_figure(told("orders")))["Value"].text[-1]
    for part in ("690.5 orders", "Expected", "Signal (", "of the limit", "limits version 1", "Rules: Spike"):
        assert part in text


def test_text_of_people_is_no_markup() -> None:
    found = told("revenue")
    marks = found.marks.with_columns(pl.lit("<b>x</b>").alias("made_for"))
    shown = Story(found.metric, found.watch, found.points, found.signals, found.members, marks, found.stages, found.limits, found.answers)  # fmt: skip  # noqa: E501
    words = [one.text for one in control_figure(shown).layout.annotations]
    assert "Planned: &lt;b&gt;x&lt;/b&gt;" in words


def test_each_version_of_the_limits_is_a_band_of_its_own() -> None:
    found = told("refunds")
    half = found.points.height // 2
    points = found.points.with_columns(pl.when(pl.int_range(pl.len()) < half).then(1).otherwise(2).alias("version"))
    shown = Story(found.metric, found.watch, points, found.signals, found.members, found.marks, found.stages, found.limits, found.answers)  # fmt: skip  # noqa: E501
    bands = [trace for trace in control_figure(shown).data if trace.name == "Control limits"]
    assert [len(band.y) for band in bands] == [half, points.height - half]


def test_a_long_history_is_thinned_but_no_signal_and_no_extreme_is_lost() -> None:
    rows = pl.DataFrame({"value": [float(place % 97) for place in range(50_000)]}).with_columns(
        pl.when(pl.int_range(pl.len()) == 31_234).then(pl.lit("signal")).otherwise(pl.lit("in_control")).alias("state"),
        pl.lit(None, pl.List(pl.String)).alias("member_of"),
        pl.lit(False).alias("is_corrected"),
        pl.int_range(pl.len()).alias("place"),
    )
    thin = figures.thinned(rows)
    assert thin.height <= 1.2 * figures.MOST_POINTS
    assert 31_234 in thin["place"].to_list()
    assert (thin["value"].min(), thin["value"].max()) == (0.0, 96.0)


@pytest.mark.parametrize("text", ["", "x", "{}", "[1, 2]", '["no time"]', "null"])
def test_members_that_cannot_be_read_are_none(text: str) -> None:
    assert times_of(text) == []


def test_a_rolling_mean_over_very_many_points_is_that_of_all_of_them() -> None:
    found = told("refunds")
    many = pl.concat([found.points] * 50).with_columns(
        (pl.lit(found.points["observed_at"][0]) + pl.duration(minutes=pl.int_range(pl.len()))).alias("observed_at")
    )
    many = many.with_columns(pl.int_range(pl.len()).cast(pl.Float64).alias("value"))
    drawn = traces(control_figure(replace(found, points=many), Look(window=7)))
    assert len(drawn["Value"].y) < many.height
    assert drawn["Rolling mean of 7 points"].y[-1] == pytest.approx(many["value"].tail(7).mean())
    assert drawn["Value"].marker.size < traces(control_figure(found))["Value"].marker.size


@pytest.mark.parametrize(("planned", "left_out", "shifts"), [(40, 40, [0, 14]), (78, 35, [0, 14]), (0, 119, [0, 0])])
def test_the_words_of_marks_do_not_cover_each_other(planned: int, left_out: int, shifts: list[int]) -> None:
    found = told("refunds")
    at = {"planned": found.points["observed_at"][planned], "left_out": found.points["observed_at"][left_out]}
    marks = told("revenue").marks.filter(pl.col("kind").is_in(list(at)))
    place = pl.col("kind").replace_strict(at, return_dtype=pl.Datetime("us"))
    marks = marks.with_columns(place.alias("from_at"), place.alias("to_at"))
    drawn = control_figure(replace(found, marks=marks)).layout.annotations
    assert sorted(one.yshift for one in drawn) == shifts


def test_a_unit_is_no_markup_on_the_axis() -> None:
    found = told("refunds")
    figure = control_figure(replace(found, metric=found.metric.model_copy(update={"unit": "<i>EUR"})))
    assert figure.layout.yaxis.title.text == "&lt;i&gt;EUR"


def test_limits_of_counts_read_as_whole_numbers() -> None:
    rows = pl.DataFrame({"kind": ["counts", "plain", None], "lower": [0.4] * 3, "upper": [9.7] * 3})
    read = as_read(rows)
    assert read["lower"].to_list() == [1.0, 0.4, 0.4]
    assert read["upper"].to_list() == [9.0, 9.7, 9.7]
    found = told("refunds")
    judged = found.points.with_columns(pl.lit(9.7).alias("upper"), pl.lit(0.4).alias("lower"))
    counts = replace(found, points=judged, limits=found.limits.with_columns(pl.lit("counts").alias("kind")))
    assert "Expected 1 EUR to 9 EUR" in traces(control_figure(counts))["Value"].text[-1]
