"""Is a key number behaving as it always does, or has something changed?"""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import streamlit as st

from app import control, data, tables, ui, watching, words
from app.answers import Answer
from app.charts_control import control_chart
from app.control import Charted
from app.page import Page

PAGE = Page(
    title="Control charts", icon=":material/query_stats:", section="Analyse", order=10, url_path="control_charts"
)
SPANS = ("24 h", "7 d", "30 d", "90 d")
WINDOW = 8
HOST_PREFIX = "host:"


def render() -> None:
    """Every data point's verdict, and the chart of the chosen series with its signals explained."""
    controls = ui.header(PAGE.title, "Is a key number behaving as it always does, or has something changed?")
    states, answer = control.states()
    names = _names(states)
    with controls:
        _, span = ui.span_picker("chart_range", SPANS, "30 d")
    if not names:
        ui.as_of(answer)
        ui.nothing(answer, "No series yet", "Name metrics in the estate, or start the resource collector.")
        return
    chosen = _picker(names)
    unit, frame, asked = _series(chosen, span)
    ui.as_of(asked, answer, notes=_notes(states))
    _chart(names[chosen], unit, control.chart_of(frame), asked)
    _summary(states, answer)


def _names(states: pl.DataFrame) -> dict[str, str]:
    """Everything that can be charted, by id: key data points first, with signals on top, then the hosts' series."""
    ranked = watching.ranked(states, ("signal", "in_control", "too_few", "unknown"))
    found = {row["metric_id"]: row["title"] for row in ranked.iter_rows(named=True)}
    for row in data.answer("metric_names").frame.iter_rows(named=True):
        where = " ".join(part for part in (row["host"], row["instance"]) if part)
        found[f"{HOST_PREFIX}{row['host']}|{row['metric']}|{row['instance']}"] = (
            f"{words.spoken(row['metric'])} · {where}"
        )
    return found


def _picker(names: dict[str, str]) -> str:
    options = list(names)
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        chosen = st.selectbox(
            "Series", options, format_func=lambda name: names.get(name, name), key="series", bind="query-params"
        )
    with right:
        st.toggle(f"Rolling mean of {WINDOW} points", key="rolling_mean", bind="query-params")
    return chosen if chosen in names else options[0]


def _series(chosen: str, span: timedelta) -> tuple[str, pl.DataFrame, Answer]:
    """Unit, values (columns observed_at, value) and the answer of a series."""
    if not chosen.startswith(HOST_PREFIX):
        asked = data.answer("data_point_series", metric_id=chosen, since=span)
        unit = next((metric.unit for metric in data.estate().estate.metrics if metric.id == chosen), "")
        return unit, asked.frame, asked
    host, metric, instance = chosen.removeprefix(HOST_PREFIX).split("|", 2)
    asked = data.metric_history([metric], span)
    rows = asked.frame.filter((pl.col("host") == host) & (pl.col("instance") == instance))
    kind = data.catalogue().get(metric)
    return (
        kind.unit if kind else "",
        rows.select(pl.col("bucket_at").alias("observed_at"), pl.col("mean").alias("value")),
        asked,
    )


def _notes(states: pl.DataFrame) -> list[str]:
    fired = states.filter(pl.col("state") == "signal").height
    return [ui.badge("signal", f"{words.plural(fired, 'series', 'series')} with a new signal")] if fired else []


def _chart(title: str, unit: str, charted: Charted, asked: Answer) -> None:
    signals = control.signals_of(charted)
    judged = "in_control" if charted.chart else "too_few"
    note = " ".join(
        [
            ui.badge("signal", words.plural(signals.height, "signal")) if signals.height else ui.badge(judged),
            f":gray-badge[{words.plural(charted.frame.height, 'point')}]",
        ]
    )
    with ui.card(title, "Individuals chart: limits at three sigma from the mean moving range", note):
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
    st.markdown(" · ".join(f":gray[{name}] **{words.measured(value, unit)}**" for name, value in figures.items()))


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


def _summary(states: pl.DataFrame, answer: Answer) -> None:
    with ui.card("All key data points", f"A signal within the newest {control.RECENT_POINTS} points is news"):
        if ui.nothing(
            answer, "No data point yet", "Name metrics in the estate; their collector writes the first values."
        ):
            return
        units = states.select("value", "unit").iter_rows()
        said = pl.Series("said", [words.measured(value, unit) for value, unit in units], dtype=pl.String)
        columns = {
            "state": tables.state("State"),
            "title": tables.text("Data point", 200),
            "said": tables.text("Newest"),
            "values": tables.lines("Newest 40 values"),
            "rules": tables.text("Rules that fired", 220),
            "observed_at": tables.moment("When"),
            "points": tables.number("Points"),
        }
        tables.show(states.with_columns(said), columns, "data_points", "Key data points", states=["state"])
