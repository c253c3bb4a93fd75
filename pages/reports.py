"""Are the reports up, fast, and showing what they should?"""

from __future__ import annotations

import polars as pl
import streamlit as st

from app import charts, data, tables, ui, watching, words
from app.answers import Answer
from app.page import Page

PAGE = Page(title="Reports", icon=":material/monitor_heart:", section="Operate", order=15, url_path="reports")
PARAM = "report"
SPANS = ("1 h", "6 h", "24 h", "7 d")
POINTS = 120


def render() -> None:
    """State of every report, latency over a chosen range, and a drawer with the last looks at one."""
    with ui.header(PAGE.title, "Are the reports up, fast, and showing what they should?"):
        name, span = ui.span_picker("report_range", SPANS, "24 h")
    frame, newest, day = watching.reports()
    step = max(int(span.total_seconds()) // POINTS, 30)
    latency = data.answer("report_latency", since=span, step_seconds=step)
    ui.as_of(newest, day, latency, notes=_notes(frame))
    _reports(frame)
    with ui.card("Latency", f"Seconds to answer, {name}"):
        if not ui.nothing(
            latency, "No look in this range", "Reports are looked at every few seconds once they stand in the estate."
        ):
            series = charts.wide(
                data.with_titles(latency.frame, "reports", "report_id"), "bucket_at", "title", "latency_seconds"
            )
            spec = charts.within(charts.lines(series, "seconds"), latency.as_of, span)
            ui.chart(spec, f"Latency of reports over {name}", 300, "report_latency")


def _notes(frame: pl.DataFrame) -> list[str]:
    return [
        ui.badge(state, f"{words.state(state).word} {number}")
        for state, number in frame.group_by("state", maintain_order=True).len().iter_rows()
    ]


def _reports(frame: pl.DataFrame) -> None:
    with ui.card("All reports", "Select a row for its last looks"):
        if frame.is_empty():
            ui.empty("No report to watch", "Name reports in the estate; each is then looked at every few seconds.")
            return
        columns = {
            "state": tables.state("State"),
            "title": tables.text("Report", 140),
            "latency_seconds": tables.seconds("Latency", digits=3),
            "latencies": tables.lines("Newest 40 looks"),
            "p95_latency_seconds": tables.seconds("p95, 24 h", digits=3),
            "up_ratio": tables.level("Up, 24 h"),
            "http_status": tables.number("HTTP", "%d"),
            "tls_days_left": tables.number("TLS", "%.0f d", "Days until the certificate expires; empty without TLS"),
            "observed_at": tables.moment("Looked at"),
            "message": tables.text("Finding"),
        }
        key = ui.table_key(PARAM)
        row = tables.show(frame, columns, key, "Reports with state and latency", states=["state"], selectable=True)
    chosen = ui.drawer_choice(PARAM, frame["report_id"].to_list(), row)
    if chosen is not None:
        _drawer(chosen)


@st.dialog("Report", position="right", width=640, icon=":material/monitor_heart:", on_dismiss=ui.drawer_closed(PARAM))
def _drawer(report_id: str) -> None:
    """The last looks at one report: how fast, at which stage it failed, what was found."""
    report = next((one for one in data.estate().estate.reports if one.id == report_id), None)
    history = data.answer("report_history", report_id=report_id, since=ui.SPANS["24 h"])
    st.subheader(report.title if report else report_id, anchor=False)
    if report:
        owner = f"owner {report.owner}" if report.owner else "no owner named"
        st.markdown(
            f"[{report.url}]({report.url}) · {owner}" + (f" · for {report.audience}" if report.audience else "")
        )
    ui.as_of(history)
    if ui.nothing(
        history, "Never looked at in 24 hours", "The next look appears here; see Collectors for the checker."
    ):
        return
    _history(report_id, history)


def _history(report_id: str, history: Answer) -> None:
    series = history.frame.select("observed_at", pl.col("latency_seconds").alias("Latency")).sort("observed_at")
    ui.chart(charts.lines(series, "seconds"), "Latency of this report over 24 hours", 220, "drawer_latency")
    columns = {
        "state": tables.state("State"),
        "observed_at": tables.instant("Looked at"),
        "latency_seconds": tables.seconds("Latency", digits=3),
        "http_status": tables.number("HTTP", "%d"),
        "stage": tables.text("Reached"),
        "message": tables.text("Finding"),
    }
    tables.show(history.frame, columns, f"looks_{report_id}", "Last looks at this report", states=["state"])
