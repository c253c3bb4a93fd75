"""Planned breaks of one report: those of the estate, those that people made here, and what a look within one means."""

from __future__ import annotations

import polars as pl
import streamlit as st

from app import report_acts, tables, ui, words
from app.reports import acts_view, phrases
from config.patience import Maintenance
from config.reports import Report


def show(report: Report) -> None:
    """Draw what is planned, what was, and the ways to add or withdraw a break."""
    every, _ = report_acts.windows()
    frame = every.filter(pl.col("report_id") == report.id)
    left, right = st.columns([3, 2])
    with left, ui.card("Planned breaks", "Looks go on meanwhile, and count for nothing"):
        for one in report.maintenance:
            st.markdown(f"{ui.badge('planned', 'In the estate')} {phrases.plain(one.reason)} · {rule_text(one)}")
        if frame.is_empty() and not report.maintenance:
            ui.empty(
                "No break is planned", "Plan one here, also for a time that is past.", ":material/event_available:"
            )
        elif frame.height:
            columns = {
                "phase": tables.state("State"),
                "begin_at": tables.moment("From"),
                "end_at": tables.moment("Until"),
                "made_by": tables.text("By"),
                "made_for": tables.text("Reason"),
                "made_at": tables.moment("Made"),
            }
            tables.show(frame, columns, f"windows_{report.id}", f"Planned breaks of {report.title}", states=["phase"])
    with right:
        acts_view.windows(report, frame)


def rule_text(one: Maintenance) -> str:
    """When a break of the estate is, in words."""
    if one.cron:
        return f"`{one.cron}` in {one.timezone}, for {words.duration(one.seconds)}"
    return f"{one.begin:%-d %b %Y %H:%M} to {one.end:%-d %b %Y %H:%M} {one.timezone}"
