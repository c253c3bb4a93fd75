"""The numbers of one report beside their backends, and for a wrong one the way on which it went wrong."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import streamlit as st

from app import tables, ui, words
from app.answers import Answer
from app.reports import hops, phrases
from config.reports import Report

ORDER = ("wrong", "unreadable", "stale", "in_flight", "unknown", "not_read", "match")
TEXTS = ("title", "page_said", "backend_said", "difference", "tolerance_said", "where")


def rows(report: Report, answer: Answer, check_id: str | None, is_known: bool) -> pl.DataFrame:
    """A row per number that the report promises, worst first: as stored, and in the words of the screen.

    A number that the newest look did not come to, or that nobody can tell now, is not read, whatever it was before.
    """
    stored = {row["number_id"]: row for row in answer.frame.iter_rows(named=True)}
    empty = dict.fromkeys(answer.frame.columns)
    told = []
    for number in report.numbers:
        row = {**empty, **stored.get(number.id, {}), "number_id": number.id}
        is_now = is_known and row["check_id"] is not None and row["check_id"] == check_id
        row["state"] = row["state"] if is_now else "not_read"
        row["unit"] = row["unit"] or number.unit
        told.append(row | _in_words(report, row))
    schema = dict(answer.frame.schema) | dict.fromkeys(TEXTS, pl.String)
    told.sort(key=lambda row: ORDER.index(row["state"]) if row["state"] in ORDER else 0)
    return pl.DataFrame(told, schema=schema, orient="row")


def _in_words(report: Report, row: dict[str, Any]) -> dict[str, str]:
    unit = row["unit"]
    where = [phrases.hop_title(report, row["number_id"], row["hop"])] if row["hop"] else []
    where += [day_text(row["day"])] if row["day"] else []
    where += [row["segment"]] if row["segment"] else []
    return {
        "title": phrases.number_title(report, row["number_id"]),
        "page_said": row["page_text"] or words.UNKNOWN_NUMBER,
        "backend_said": phrases.value_text(row["backend_value"], unit),
        "difference": phrases.difference_text(row["page_value"], row["backend_value"]) or "none"
        if row["page_value"] is not None and row["backend_value"] is not None
        else words.UNKNOWN_NUMBER,
        "tolerance_said": f"± {_allowed(row['tolerance'], unit)}" if row["tolerance"] is not None else "",
        "where": " · ".join(where),
    }


def _allowed(tolerance: float, unit: str) -> str:
    is_money = len(unit) == 3 and unit.isupper()
    return phrases.value_text(tolerance, unit if is_money or unit in ("%", "ratio") else "")


def day_text(day: date) -> str:
    """A day with its month: `23 Nov`."""
    return f"{day.day} {day:%b}"


def _summary(frame: pl.DataFrame) -> str:
    if frame.is_empty():
        return ""
    numbers = words.plural(frame.height, "number")
    if (frame["state"] == "not_read").all():
        return f"None of {numbers} was read by the newest look"
    return f"{int((frame['state'] == 'match').sum())} of {numbers} match their backend"


def show(report: Report, frame: pl.DataFrame, answer: Answer, walked: Answer) -> None:
    """Draw the numbers and, for each wrong one, its hops."""
    with ui.card("Numbers", _summary(frame)):
        if frame.is_empty():
            ui.empty(
                "No number is promised", "Name numbers of this report in the estate, with the SQL they must equal."
            )
            return
        if answer.is_stale:
            st.caption(":material/cloud_off: As last known; the store does not answer now.")
        columns = {
            "state": tables.state("State"),
            "title": tables.text("Number", 130),
            "page_said": tables.text("On the page", 100),
            "backend_said": tables.text("Backend", 100),
            "difference": tables.text("Difference", 110),
            "tolerance_said": tables.text("Allowed", 80),
            "where": tables.text("First wrong at", 150),
            "message": tables.text("Finding"),
            "observed_at": tables.moment("Read"),
        }
        tables.show(frame, columns, f"numbers_{report.id}", f"Numbers of {report.title}", states=["state"])
        for row in frame.filter(pl.col("state").is_in(["wrong", "stale"])).iter_rows(named=True):
            way = walked.frame.filter(
                (pl.col("number_id") == row["number_id"]) & (pl.col("check_id") == row["check_id"])
            )
            if way.height:
                hops.show(report, row, way)
