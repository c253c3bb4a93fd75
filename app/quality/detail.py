"""Everything about one data point: its verdict, the chart, signals to answer, marks, settings, limits, capability."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import polars as pl
import streamlit as st

from app import tables, ui, words
from app.quality import (
    chart_deeds,
    chart_host,
    chart_limits,
    chart_marking,
    chart_marks,
    chart_settings,
    chart_signals,
    series,
    wall,
)
from app.quality.figures import KINDS, Look, control_figure
from app.quality.story import Story, story
from app.quality.wall_board import Board
from app.reports.phrases import plain

TABS = ("Signals", "Mark points", "Settings", "Limits", "Capability", "Nelson's rules")
FAMILIES = {"detector": "Spike, shift, drift", "rules": "Chart rules"}
WINDOW = 7


def show(found: Board, metric_id: str, span: timedelta) -> None:
    """The view of one data point; says so where the estate does not have it."""
    metric = series.metric_of(metric_id)
    if metric is None:
        ui.as_of(found.answer)
        said = "It was renamed or taken out; go back to all data points."
        ui.empty(f"The estate has no data point “{plain(metric_id)}”", said, ":material/search_off:")
        return
    told = story(metric, span)
    rows = found.points.filter(pl.col("metric_id") == metric_id).to_dicts()
    st.subheader(plain(metric.title), anchor=False)
    ui.as_of(found.answer, *told.answers)
    if rows:
        _verdict(rows[0])
    chart_deeds.outcome()
    if told.points.is_empty():
        ui.nothing(told.asked, "No value in this range", "Choose a longer range, or wait for the collector.")
        return
    chart_marks.proposals(told)
    if not told.has_verdicts:
        chart_host.show(metric.title, metric.unit, told.points.select("observed_at", "value"), told.asked)
        return
    _chart(told)
    if rows and rows[0]["kind"] in ("signal", "watched"):
        chart_settings.action_plan(told)
    _tabs(told)


def _verdict(row: Mapping[str, Any]) -> None:
    look = words.state(row["kind"])
    said = f": {plain(row['said'])}" if row["said"] else ""
    st.markdown(f"### :{look.color}[{look.icon}] {look.word}{said}")
    st.markdown(f"**{plain(row['newest'])}** :gray[{wall.seen(row)}]")


def _chart(told: Story) -> None:
    look = _look()
    figure = control_figure(told, look)
    known = pl.col("answer").fill_null("").is_in(["expected", "data_late"])
    open_signals = told.signals.filter((pl.col("state") == "open") & ~known).height
    note = ui.badge("signal", words.plural(open_signals, "open signal")) if open_signals else ""
    with ui.card("Control chart", "Limits as they were when each point was judged; drag to mark points", note):
        event: Any = st.plotly_chart(
            figure, width="stretch", key=f"points_{told.metric.id}", on_select="rerun",
            selection_mode=("box", "points"),
            config={"displaylogo": False, "modeBarButtonsToRemove": ["lasso2d", "autoScale2d"]},
        )  # fmt: skip
        tables.export_menu(told.points, "data_point")
    chart_marking.take_selection(event or {}, told.metric.id)


def _look() -> Look:
    """The switches above the chart, kept in the address."""
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        families = st.pills(
            "Rules shown", list(FAMILIES), selection_mode="multi", default=list(KINDS), key="families",
            format_func=FAMILIES.__getitem__, label_visibility="collapsed", bind="query-params",
        )  # fmt: skip
        is_residual = st.toggle("Off the center line", key="residual", bind="query-params")
        is_smoothed = st.toggle(f"Rolling mean of {WINDOW} points", key="rolling_mean", bind="query-params")
    return Look(tuple(families), is_residual, WINDOW if is_smoothed else 0)


def _tabs(told: Story) -> None:
    tabs = st.tabs(list(TABS), key="point_tab", bind="query-params", on_change="rerun")
    for name, tab in zip(TABS, tabs, strict=True):
        if tab.open:
            with tab:
                _tab(name, told)


def _tab(name: str, told: Story) -> None:
    match name:
        case "Mark points":
            chart_marking.show(told)
            chart_marks.show(told)
        case "Settings":
            chart_settings.show(told)
        case "Limits":
            chart_limits.versions(told)
        case "Capability":
            chart_limits.capable(told)
        case "Nelson's rules":
            points = told.points.select("observed_at", "value")
            chart_host.show(told.metric.title, told.metric.unit, points, told.asked)
        case _:
            chart_signals.show(told)
            chart_signals.judged_again(told)
