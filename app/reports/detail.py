"""Everything about one report as one audience sees it: verdict, stages, numbers, pictures, time, promises."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import polars as pl
import streamlit as st

from app import data, ui, words
from app.reports import history, numbers, objective, opening, phrases, pictures, stages, wall, windows
from app.reports.board import Board
from app.reports.looks import Checker
from config.reports import Report

HOPS_SPAN = timedelta(days=30)
TABS = ("Pictures", "Looks", "Objective", "Planned breaks")


def show(found: Board, report_id: str, persona: str) -> None:
    """The view of one report; says so where the estate does not have it."""
    report = phrases.report_of(data.estate().estate, report_id)
    if report is None:
        ui.as_of(*found.answers)
        ui.empty(
            f"The estate has no report “{phrases.plain(report_id)}”",
            "It was renamed or taken out; go back to all reports.",
            ":material/search_off:",
        )
        return
    rows = found.targets.filter(pl.col("report_id") == report.id).to_dicts()
    row = _chosen(rows, found, persona)
    told = data.answer("report_stages_of", report_id=report.id)
    read = data.answer("report_numbers_of", report_id=report.id, persona=row["persona"])
    walked = data.answer("report_hops_of", report_id=report.id, persona=row["persona"], since=HOPS_SPAN)
    wall.banners(found)
    _head(report, row, rows)
    ui.as_of(*found.answers, told, read, walked)
    _verdict(row)
    stages.show(told, row["persona"], found.checker if report.check == "browser" else Checker("right", None, ""))
    frame = numbers.rows(report, read, row["check_id"], row["is_known"])
    numbers.show(report, frame, read, walked)
    _tabs(report, row)


def _chosen(rows: list[dict[str, Any]], found: Board, persona: str) -> dict[str, Any]:
    """The row of the audience in the address, otherwise of the one that sees the report worst."""
    worst = found.reports.filter(pl.col("report_id") == rows[0]["report_id"])["persona"].to_list()
    wanted = [persona, *worst]
    return next((row for name in wanted for row in rows if row["persona"] == name), rows[0])


def _head(report: Report, row: Mapping[str, Any], rows: list[dict[str, Any]]) -> None:
    st.subheader(report.title, anchor=False)
    owner = f"owner {phrases.plain(report.owner)}" if report.owner else "no owner named"
    audience = f" · for {phrases.plain(report.audience)}" if report.audience else ""
    st.markdown(f"[{report.url}]({report.url}) · {owner}{audience}")
    if len(rows) > 1:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            for one in rows:
                mark = words.state(one["word"])
                label = f":{mark.color}[{mark.icon}] {phrases.plain(one['audience_title'])}"
                icon = ":material/check:" if one["persona"] == row["persona"] else ":material/chevron_right:"
                opening.link(label, report.id, one["persona"], icon=icon)


def _verdict(row: Mapping[str, Any]) -> None:
    look = words.state(row["word"])
    said = f": {phrases.plain(row['said'])}" if row["said"] else ""
    st.markdown(f"### :{look.color}[{look.icon}] {look.word}{said}")


def _tabs(report: Report, row: Mapping[str, Any]) -> None:
    tabs = st.tabs(list(TABS), key="report_tab", bind="query-params", on_change="rerun")
    for name, tab in zip(TABS, tabs, strict=True):
        if tab.open:
            with tab:
                _tab(name, report, str(row["persona"]))


def _tab(name: str, report: Report, persona: str) -> None:
    match name:
        case "Looks":
            history.looks(report, persona)
        case "Objective":
            objective.show(report)
            history.days(report)
        case "Planned breaks":
            windows.show(report)
        case _:
            pictures.show(report, persona)
