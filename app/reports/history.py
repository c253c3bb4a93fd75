"""One report over time: how long looks took against the promise, every look with its verdict, and days as bars."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import streamlit as st

from app import charts, charts_reports, data, tables, ui, words
from app.reports import phrases
from config.reports import Report

SPANS = ("6 h", "24 h", "7 d")
DAYS = 90


def looks(report: Report, persona: str) -> None:
    """The time until the page was useful, and the looks behind it, newest first."""
    name, span = ui.span_picker("looks_span", SPANS, "24 h")
    answer = data.answer("report_checks_of", report_id=report.id, persona=persona, since=span)
    if ui.nothing(answer, f"No look in {name}", "The next look appears here; see Collectors for the checker."):
        return
    timed = answer.frame.sort("observed_at")
    if timed["latency_seconds"].drop_nulls().is_empty():
        ui.empty("No look became useful", "The time until the page is useful appears once a look came so far.")
    else:
        level = words.duration(charts_reports.p95(timed))
        st.caption(
            f"Useful after {level} or less in 95 % of looks; promised within {words.duration(report.slow_seconds)}"
        )
        spec = charts.within(charts_reports.latency_chart(timed, report.slow_seconds), answer.as_of, span)
        ui.chart(spec, f"Seconds until {report.title} was useful, {name}", 220, "report_latency")
    columns = {
        "verdict": tables.state("Verdict"),
        "word": {**tables.state("This look"), "width": 170},
        "observed_at": tables.instant("Looked at"),
        "latency_seconds": tables.seconds("Useful after"),
        "stopped": tables.text("Stopped at", 110),
        "http_status": tables.number("HTTP", "%d"),
        "attempts": tables.number("Tries", "%d"),
        "message": tables.text("Finding"),
    }
    stage = pl.col("stage").replace(phrases.STAGES)
    planned = pl.when("is_planned").then(pl.lit("maintenance"))
    frame = answer.frame.with_columns(
        planned.otherwise(pl.coalesce("fault", "state")).alias("word"),
        pl.when(pl.col("state") == "up").then(None).otherwise(stage).alias("stopped"),
    )
    key = f"looks_{report.id}"
    tables.show(frame, columns, key, f"Looks at {report.title}", states=["verdict", "word"])


def days(report: Report) -> None:
    """Ninety days of looks by how they ended."""
    answer = data.answer("report_bars", reports=[report.id], since=timedelta(days=DAYS))
    if ui.nothing(answer, "No day yet", "Days appear once the report was looked at."):
        return
    if answer.as_of is None:
        return
    kinds = charts_reports.day_kinds(answer.frame, answer.as_of.date(), DAYS)
    known, good = int(answer.frame["known"].sum()), int((answer.frame["good"] + answer.frame["degraded"]).sum())
    st.caption(f"{charts_reports.days_said(kinds)}; up in {words.share(good / known) if known else 'no known'} looks")
    spec = charts.within(charts_reports.days_chart(answer.frame), answer.as_of, timedelta(days=DAYS))
    ui.chart(spec, f"Looks at {report.title} by day", 240, "report_days")
