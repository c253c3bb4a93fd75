"""An individuals chart over Nelson's rules of any series: what hosts give, and data points that nobody judged yet."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import streamlit as st

from app import control, data, tables, ui, words
from app.answers import Answer
from app.charts_control import control_chart
from app.control import Charted
from app.quality.series import HostSeries
from app.reports.phrases import plain

WINDOW = 8


def host(found: HostSeries, span: timedelta) -> None:
    """The chart of one series of a host."""
    asked = data.metric_history([found.metric], span)
    rows = asked.frame.filter((pl.col("host") == found.host) & (pl.col("instance") == found.instance))
    ui.as_of(asked)
    st.toggle(f"Rolling mean of {WINDOW} points", key="rolling_mean", bind="query-params")
    show(
        found.title,
        found.unit,
        rows.select(pl.col("bucket_at").alias("observed_at"), pl.col("mean").alias("value")),
        asked,
    )


def show(title: str, unit: str, frame: pl.DataFrame, asked: Answer) -> None:
    """The chart of columns observed_at and value, its signals explained, and which rules fired."""
    charted = control.chart_of(frame)
    signals = control.signals_of(charted)
    judged = "in_control" if charted.chart else "too_few"
    note = " ".join(
        [
            ui.badge("signal", words.plural(signals.height, "signal")) if signals.height else ui.badge(judged),
            f":gray-badge[{words.plural(charted.frame.height, 'point')}]",
        ]
    )
    with ui.card(plain(title), "Individuals chart: limits at three sigma from the mean moving range", note):
        if charted.chart is None:
            if not ui.nothing(asked, "No value in this range", "Choose a longer range, or wait for the collector."):
                points = words.plural(charted.frame.height, "point")
                few = f"{points} so far; limits need at least {control.FEWEST_POINTS}."
                ui.empty("Too few points to judge", few, ":material/help:")
            return
        _limits(charted, unit)
        mean = control.smoothed(charted.frame, WINDOW) if st.session_state.get("rolling_mean") else None
        said = f"Control chart of {title} with {words.plural(signals.height, 'signal')}"
        ui.chart(control_chart(charted, unit, mean), said, 380, "control_chart")
        tables.export_menu(_exported(charted), "control_chart")
    _signals(signals, unit)
    _rules(signals)


def _limits(charted: Charted, unit: str) -> None:
    if charted.chart is None:
        return
    chart = charted.chart
    figures = {
        "Newest": float(chart.statistic[-1]),
        "Center line": chart.center_line,
        "Upper control limit": chart.upper_control_limit,
        "Lower control limit": chart.lower_control_limit,
    }
    st.markdown(
        " · ".join(f":gray[{name}] **{plain(words.measured(value, unit))}**" for name, value in figures.items())
    )


def _exported(charted: Charted) -> pl.DataFrame:
    """What the export holds: every point with the lines and the rules that fired at it."""
    frame = charted.frame.select("observed_at", "value")
    if charted.chart is None:
        return frame
    fired: dict[int, list[str]] = {}
    for signal in charted.chart.signals:
        fired.setdefault(signal.index - 1, []).append(signal.rule)
    return frame.with_columns(
        pl.lit(charted.chart.center_line).alias("center_line"),
        pl.lit(charted.chart.lower_control_limit).alias("lower_control_limit"),
        pl.lit(charted.chart.upper_control_limit).alias("upper_control_limit"),
        pl.Series("rules", [" ".join(fired.get(place, [])) for place in range(frame.height)], dtype=pl.String),
    )


def _signals(signals: pl.DataFrame, unit: str) -> None:
    with ui.card("Signals", "Newest first; each has a cause worth looking for"):
        if signals.is_empty():
            ui.empty("No signal", "Every point is within what this process does by itself.", ":material/task_alt:")
            return
        said = pl.col("value").map_elements(lambda value: words.measured(value, unit), return_dtype=pl.String)
        columns = {
            "observed_at": tables.moment("When"),
            "said": tables.text("Value"),
            "title": tables.text("Rule"),
            "explanation": tables.text("What it means", "large"),
        }
        tables.show(signals.with_columns(said.alias("said")), columns, "signals", "Signals of this chart")


def _rules(signals: pl.DataFrame) -> None:
    counts = dict(signals.group_by("rule").len().iter_rows())
    with ui.card("Nelson's eight rules", "Which of them fired in this chart"), st.grid(4, min_column_width=200):
        for number, rule in enumerate(control.nelson_rules(), 1):
            fired = counts.get(rule.name, 0)
            mark = ui.badge("signal", f"Fired {fired} ×") if fired else ":gray-badge[:material/check: Quiet]"
            with st.container(gap="xxsmall"):
                st.markdown(f"**{number} · {rule.title}**  \n{mark}")
                st.caption(rule.explanation)
