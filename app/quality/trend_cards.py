"""The tab Trends: a card for each data point, the worst movement first, with its rolling means."""

from __future__ import annotations

import math
from collections.abc import Collection
from datetime import timedelta

import polars as pl
import streamlit as st

from analysis.spc.movements import Movement, verdict
from app import charts, tables, ui, words
from app.charts import Spec
from app.colors import palette
from app.quality import opening, trend_board, trend_facts
from app.quality.trend_facts import Trend
from app.reports import phrases

SPAN = timedelta(days=90)
STEP = 12  # cards at first, and more with each press
SHOWN = "trends_shown"
CHART_HEIGHT = 190
LOOKS = {
    "worse": ("orange", ":material/warning:", "Worse"),
    "moved": ("gray", ":material/swap_vert:", "Moved"),
    "unchanged": ("gray", ":material/trending_flat:", "Unchanged"),
    "better": ("green", ":material/check_circle:", "Better"),
    "unknown": ("gray", ":material/help:", "Unknown"),
}
NO_BREAK = "\N{NO-BREAK SPACE}"
SHORT = {"last_week": "Last week", "four_weeks": "4 weeks", "last_month": "Last month", "last_year": "Last year"}


def render(span: timedelta = SPAN, metric_ids: Collection[str] | None = None) -> None:
    """Cards of the data points of the estate, or of those of these ids, with charts of the last `span`."""
    moves, asked = trend_board.moves(metric_ids)
    counts = dict(moves.group_by("judged").len().iter_rows())
    notes = [_badge(name, f"{counts[name]} {name}") for name in trend_board.GROUPS if counts.get(name)]
    ui.as_of(asked, notes=notes)
    if moves.is_empty() and metric_ids:
        ui.empty("No trend of these", "Trends are of metrics that the estate names, not of profiled tables.")
        return
    if moves.is_empty():
        ui.empty("No data point yet", "Name metrics in the estate; their collector writes the first values.")
        return
    if asked.as_of is None:
        ui.nothing(asked, "", "")
        return
    st.caption("Whole days against the same weekday last week, the worst movement first; left-out points do not count.")
    shown = int(st.session_state.get(SHOWN, STEP))
    found, _ = trend_board.trends(moves["metric_id"][:shown].to_list(), span)
    for at in range(0, len(found), 2):
        for column, trend in zip(st.columns(2), found[at : at + 2], strict=False):
            with column:
                card(trend, span)
    if moves.height > shown:
        rest = moves.height - shown
        st.button(f"Show more ({words.count(rest)} left)", key="trends_more", on_click=_more, icon=":material/add:")
    tables.export_menu(moves, "trends")


def _more() -> None:
    st.session_state[SHOWN] = int(st.session_state.get(SHOWN, STEP)) + STEP


def card(trend: Trend, span: timedelta) -> None:
    """Newest day, movements, drift, segments, and the chart of one data point."""
    metric = trend.metric
    day = f"{trend.day:%a} {trend.day.day} {trend.day:%b %Y}" if trend.day else "No whole day yet"
    with ui.card(phrases.plain(metric.title), day, _badge(trend.judged), height="stretch"):
        if trend.day is None:
            ui.empty("Unknown", f"{trend.doubt[:1].upper()}{trend.doubt[1:]}.", ":material/help:")
            return
        st.markdown(f"### {phrases.plain(words.measured(trend.value, metric.unit))}")
        st.markdown(" · ".join(_moved(trend, one) for one in trend.movements))
        for said in [f"Unknown, {trend.doubt}."] if trend.doubt else [*trend.segments, trend.drift]:
            st.caption(phrases.plain(said))
        _chart(trend, span)
        opening.link("Control chart", metric.id)


def _moved(trend: Trend, move: Movement) -> str:
    """`Last week **−9.0 %** worse`; grey where nobody can tell, nothing is good or bad, or the weekdays differ."""
    name = SHORT[move.name]
    if move.missing or trend.day is None:
        return f":gray[{name} –]".replace(" ", NO_BREAK)
    is_alike = all((trend.day - day).days % 7 == 0 for day in move.against)
    name = name if is_alike else f"{name} ({move.against[0]:%a})"
    size = f"{move.change:+,.4g}" if math.isnan(move.share) else f"{100 * move.share:+.1f} %"
    judged = verdict(move.change, move.share, trend.metric.direction) if is_alike and not trend.doubt else ""
    size = "0.0 %" if size in ("+0.0 %", "-0.0 %") else size.replace("-", "−")
    color, _, word = LOOKS[judged or "moved"]
    said = f" {word.lower()}" if judged in ("better", "worse") else ""
    return f":gray[{name}] :{color}[**{size}**{said}]".replace(" ", NO_BREAK)


def _badge(judged: str, text: str = "") -> str:
    color, icon, word = LOOKS[judged]
    return f":{color}-badge[{icon} {text or word}]"


def _chart(trend: Trend, span: timedelta) -> None:
    frame = trend_facts.rolled(trend.daily)
    newest = frame["day"][-1]
    frame = frame.filter(pl.col("day") > newest - max(span, timedelta(days=14)))
    said = f"Daily values of {trend.metric.title} with their rolling means of 7, 28 and 91 days"
    ui.chart(chart_of(frame, trend.metric.unit), said, CHART_HEIGHT, f"trend_{trend.metric.id}")


def chart_of(frame: pl.DataFrame, unit: str) -> Spec:
    """Three rolling means over the quiet line of the days themselves; the axis fits the values."""
    colors = palette()
    spec = charts.lines(frame, unit)
    spec["yAxis"] |= {"min": None, "scale": True, "splitNumber": 3}
    spec["series"][0] |= {"lineStyle": {"width": 1, "opacity": 0.6}, "itemStyle": {"color": colors.quiet}}
    for series, color in zip(spec["series"][1:], colors.series, strict=False):
        series["itemStyle"] = {"color": color}
    return spec
