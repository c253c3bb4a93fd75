"""Is anything wrong right now, and where do I look first?"""

from __future__ import annotations

import polars as pl
import streamlit as st

from app import attention, charts, data, summary, ui, words
from app.attention import Concern
from app.page import Page
from app.reports.phrases import plain
from app.summary import Figure

PAGE = Page(title="Overview", icon=":material/space_dashboard:", section="Operate", order=10, url_path="overview")
LIVE_SECONDS = 10
MOST_CONCERNS = 8
FEW_CONCERNS = 3  # so few leave room below them


def render() -> None:
    """The key figures, what needs attention, and the two curves that tell most."""
    ui.header(PAGE.title, "Is anything wrong right now, and where do I look first?")
    ui.problem_banner(data.estate().problem)
    live()


@st.fragment(run_every=LIVE_SECONDS)
def live() -> None:
    """Everything that moves; drawn again every few seconds without the page around it."""
    with data.together(PAGE.url_path):
        _live()


def _live() -> None:
    figures, answers = summary.figures()
    concerns, more = attention.concerns()
    ui.as_of(*answers, *more, live_seconds=LIVE_SECONDS, notes=[_note(concerns)])
    with st.grid(4, min_column_width=170):
        for figure in figures:
            _figure(figure)
    left, right = st.columns([5, 6])
    with left:
        _attention(concerns)
    with right:
        _machine()
    with left if len(concerns) <= FEW_CONCERNS else right:
        _runs()


def _note(concerns: list[Concern]) -> str:
    broken = sum(concern.rank == 0 for concern in concerns)
    if broken:
        return ui.badge("critical", f"{words.plural(broken, 'thing')} broken")
    return ui.badge("warning", f"{len(concerns)} to look at") if concerns else ui.badge("ok", "Nothing needs attention")


def _figure(figure: Figure) -> None:
    ui.kpi(figure.label, figure.value, figure.state, figure.detail, figure.trend, bars=figure.is_bars)


def _attention(concerns: list[Concern]) -> None:
    with ui.card("Needs attention", "Broken first, then warnings, then what nobody knows"):
        if not concerns:
            ui.empty("Nothing needs attention", "Every watched thing is known and fine.", ":material/task_alt:")
        for concern in concerns[:MOST_CONCERNS]:
            _line(concern)
        if len(concerns) > MOST_CONCERNS:
            with st.expander(f"{len(concerns) - MOST_CONCERNS} more"):
                for concern in concerns[MOST_CONCERNS:]:
                    _line(concern)


def _line(concern: Concern) -> None:
    state = ("critical", "warning", "unknown")[concern.rank]
    with st.container(gap="xxsmall"):
        ui.link(concern.page, f"{ui.badge(state, concern.word)} **{plain(concern.title)}**", **concern.query)
        st.caption(plain(concern.evidence))


def _machine() -> None:
    history = data.metric_history(["cpu_busy_ratio", "memory_used_ratio"], ui.SPANS["1 h"])
    with ui.card("Machine, last hour", "Share of CPU busy and of memory used"):
        if not ui.nothing(history, "No sample yet", "The resource collector writes the first within seconds."):
            names = pl.col("metric").replace({"cpu_busy_ratio": "CPU busy", "memory_used_ratio": "Memory used"})
            series = charts.wide(history.frame.with_columns(names.alias("name")), "bucket_at", "name", "mean")
            spec = charts.within(charts.lines(series, "ratio", top=1.0), history.as_of, ui.SPANS["1 h"])
            ui.chart(spec, "CPU and memory over the last hour", 220, "curve_machine")


def _runs() -> None:
    outcomes = data.answer("refresh_outcomes", since=ui.SPANS["24 h"], step_seconds=3600)
    with ui.card("Refresh runs, last 24 hours", "How runs ended, by hour"):
        if not ui.nothing(outcomes, "No run yet", "Runs appear when a collector or a ping has told of one."):
            frame = outcomes.frame.rename({"succeeded": "Succeeded", "failed": "Failed", "other": "Other"})
            colors = charts.outcome_colors({"Succeeded": "good", "Failed": "bad", "Other": "quiet"})
            spec = charts.within(charts.stacked(frame, "", colors), outcomes.as_of, ui.SPANS["24 h"])
            ui.chart(spec, "Refresh runs by hour and outcome", 200, "curve_runs")
