"""One control chart that says everything: points, limits by version, signals, stages, marks; drawn with Plotly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

import plotly.graph_objects as go
import polars as pl

from app import words
from app.colors import Palette, palette
from app.quality import chart_hover, chart_overlays
from app.quality.story import Story, family_of
from app.quality.whole_limits import as_read
from app.times import localized

HEIGHT = 430
MOST_POINTS = 4_000
MARKS_UNTIL = 400  # points; of more the dots are small, so that the line is seen
DOT, SMALL_DOT = 5, 1.5
KINDS = ("detector", "rules")


@dataclass(frozen=True, slots=True)
class Look:
    """How the chart is drawn: which families of signals, the way off the center line instead of values, a rolling mean.

    `window` is the number of points of the rolling mean, 0 for none.
    """

    families: Sequence[str] = KINDS
    is_residual: bool = False
    window: int = 0


def control_figure(story: Story, look: Look = Look()) -> go.Figure:
    """The chart in the unit that people read, on the viewer's clock. Times of selected points are on that clock too."""
    colors = palette()
    unit, factor = ("%", 100.0) if story.metric.unit == "ratio" else (story.metric.unit, 1.0)
    rows = thinned(_prepared(story, look, factor))  # with the rolling mean of all points
    figure = go.Figure()
    _add_limits(figure, rows, colors)
    _add_values(figure, rows, colors)
    if look.window:
        _add_mean(figure, rows, look.window, colors)
    _add_members(figure, rows, colors)
    chart_overlays.add(figure, story, rows, colors)
    title = escape(f"off the center line, {unit}" if look.is_residual and unit else unit)
    figure.update_layout(
        height=HEIGHT,
        margin={"l": 8, "r": 12, "t": 30, "b": 8},
        legend={"orientation": "h", "y": -0.12, "x": 0},
        hovermode="closest",
        dragmode="select",
        selectdirection="h",
        yaxis={"title": title or None, "zeroline": look.is_residual, "gridcolor": colors.line},
        xaxis={"showgrid": False, "range": chart_overlays.edges(rows)},
    )
    return figure


def _prepared(story: Story, look: Look, factor: float) -> pl.DataFrame:
    """The points with local times in `at`, values times `factor`, what they signal, and the text on hovering."""
    shown = story.members.filter(pl.col("rule").map_elements(family_of, return_dtype=pl.String).is_in(look.families))
    told = shown.group_by("observed_at").agg(pl.col("rule").unique().sort().alias("member_of"))
    rows = story.points.join(told, on="observed_at", how="left", maintain_order="left")
    kinds = story.limits.select("version", "kind").unique("version")
    read = as_read(rows.join(kinds, on="version", how="left", maintain_order="left"))
    rows = rows.with_columns(pl.Series("hover", chart_hover.texts(read, story.metric.unit), pl.String))
    shift = pl.col("center") if look.is_residual else pl.lit(0.0)
    names = ("value", "raw_value", "first_value", "lower", "upper", "center")
    rows = rows.with_columns(((pl.col(name) - shift) * factor).alias(name) for name in names)
    if look.window:
        rows = rows.with_columns(pl.col("value").rolling_mean(look.window).alias("mean"))
    local = localized(rows.select(pl.col("observed_at").alias("at"))).to_series().dt.replace_time_zone(None)
    return rows.with_columns(local.alias("at"))


def thinned(rows: pl.DataFrame) -> pl.DataFrame:
    """At most about 4,000 points: of each stretch the lowest and highest, and every point that something is said of."""
    if rows.height <= MOST_POINTS:
        return rows
    stretch = -(-2 * rows.height // MOST_POINTS)
    part = pl.int_range(pl.len()) // stretch
    kept = (
        (pl.col("value") == pl.col("value").max().over(part))
        | (pl.col("value") == pl.col("value").min().over(part))
        | pl.col("member_of").is_not_null()
        | pl.col("is_corrected")
        | (pl.col("state") == "signal")
    )
    return rows.filter(kept)


def _add_limits(figure: go.Figure, rows: pl.DataFrame, colors: Palette) -> None:
    """The limits of each version as a band with its center line; between versions there is a gap."""
    held = rows.filter(pl.col("lower").is_not_null() & pl.col("upper").is_not_null())
    runs = held.with_columns(pl.col("version").rle_id().alias("run")).partition_by("run", maintain_order=True)
    for place, part in enumerate(runs):
        at = part["at"].to_list()
        shared: dict[str, Any] = {"x": at, "mode": "lines", "hoverinfo": "skip", "line_shape": "hvh"}
        edge = {"width": 1, "color": colors.bad}
        first = place == 0
        figure.add_scatter(y=part["lower"].to_list(), line=edge, showlegend=False, legendgroup="limits", **shared)
        figure.add_scatter(
            y=part["upper"].to_list(), line=edge, name="Control limits", legendgroup="limits", showlegend=first,
            fill="tonexty", fillcolor=colors.band, opacity=0.75, **shared,
        )  # fmt: skip
        center = {"width": 1.2, "color": colors.quiet}
        figure.add_scatter(
            y=part["center"].to_list(), line=center, name="Center line", legendgroup="center", showlegend=first,
            **shared,
        )  # fmt: skip


def _add_values(figure: go.Figure, rows: pl.DataFrame, colors: Palette) -> None:
    """The values that count, and where they were corrected or came late, what was there before."""
    dot = DOT if rows.height <= MARKS_UNTIL else SMALL_DOT  # without dots nothing could be selected
    figure.add_scatter(
        x=rows["at"].to_list(), y=rows["value"].to_list(), mode="lines+markers", name="Value",
        line={"width": 1.5, "color": colors.accent}, marker={"size": dot, "color": colors.accent},
        text=rows["hover"].to_list(), hovertemplate="%{text}<extra></extra>", connectgaps=False,
    )  # fmt: skip
    corrected = rows.filter("is_corrected")
    if corrected.height:
        _add_before(figure, corrected, "raw_value", "As collected", "circle-open", colors)
    late = rows.filter(
        (pl.col("times_judged") > 1) & (pl.col("first_value") != pl.col("value")) & ~pl.col("is_corrected")
    )
    if late.height:
        _add_before(figure, late, "first_value", "Before late data", "square-open", colors)


def _add_before(figure: go.Figure, rows: pl.DataFrame, column: str, name: str, symbol: str, colors: Palette) -> None:
    """An earlier value of some points, tied to the one that counts."""
    at = rows["at"].to_list()
    ties_x: list[datetime | None] = []
    ties_y: list[float | None] = []
    for moment, before, now in zip(at, rows[column], rows["value"], strict=True):
        ties_x += [moment, moment, None]
        ties_y += [before, now, None]
    tie = {"width": 1, "dash": "dot", "color": colors.quiet}
    figure.add_scatter(x=ties_x, y=ties_y, mode="lines", line=tie, hoverinfo="skip", showlegend=False)
    figure.add_scatter(
        x=at, y=rows[column].to_list(), mode="markers", name=name, text=rows["hover"].to_list(),
        hovertemplate="%{text}<extra></extra>", marker={"size": 9, "symbol": symbol, "color": colors.quiet},
    )  # fmt: skip


def _add_mean(figure: go.Figure, rows: pl.DataFrame, window: int, colors: Palette) -> None:
    figure.add_scatter(
        x=rows["at"].to_list(), y=rows["mean"].to_list(), mode="lines",
        name=f"Rolling mean of {words.plural(window, 'point')}",
        line={"width": 2, "color": colors.series[2]}, hoverinfo="skip",
    )  # fmt: skip


def _add_members(figure: go.Figure, rows: pl.DataFrame, colors: Palette) -> None:
    """Points of a signal as rings, the points at which it was told as diamonds, points left out as crosses."""
    signals = rows.filter((pl.col("state") == "signal") & pl.col("member_of").is_not_null())
    rings = rows.filter(pl.col("member_of").is_not_null() & (pl.col("state") != "signal"))
    out = rows.filter(pl.col("state") == "left_out")
    for part, name, marker in (
        (rings, "Part of a signal", {"size": 11, "symbol": "circle-open", "color": colors.warn, "line": {"width": 2}}),
        (signals, "Signal", {"size": 11, "symbol": "diamond", "color": colors.bad}),
        (out, "Left out", {"size": 9, "symbol": "x-thin-open", "color": colors.quiet, "line": {"width": 2}}),
    ):
        if part.height:
            figure.add_scatter(
                x=part["at"].to_list(), y=part["value"].to_list(), mode="markers", name=name, marker=marker,
                text=part["hover"].to_list(), hovertemplate="%{text}<extra></extra>",
            )  # fmt: skip
