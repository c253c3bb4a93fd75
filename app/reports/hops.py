"""The way of a wrong number from its source to the page: what each hop answered, and the first that differs."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from app import ui, words
from app.reports import phrases
from config.reports import Report

HOP_PIXELS = 130


def show(report: Report, number: dict[str, Any], way: pl.DataFrame) -> None:
    """Draw the hops in a line, the first wrong one marked, and its proof below."""
    title, unit = number["title"], number["unit"]
    st.markdown(f"**{phrases.plain(title)}, hop by hop**")
    steps = way.sort("position").to_dicts()
    first = next((place for place, step in enumerate(steps) if step["is_wrong"]), len(steps))
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        for place, step in enumerate(steps):
            if place:
                st.markdown(":gray[:material/arrow_forward:]", width="content")
            _hop(report, number["number_id"], step, unit, _mark(steps, place, first, number["tolerance"]))
    if first < len(steps):
        st.markdown(proof(report, number, steps, first))
    else:
        st.caption("No hop differs from the one before it: the page itself shows something else.")


def _mark(steps: list[dict[str, Any]], place: int, first: int, tolerance: float | None) -> str:
    """How a hop stands to the first wrong one."""
    value = steps[place]["value"]
    if value is None:
        return ui.badge("unknown", "No answer")
    if place < first:
        return ui.badge("match", "Right")
    if place == first:
        return ui.badge("wrong", "First wrong")
    right = (
        next((step["value"] for step in steps[first - 1 :: -1] if step["value"] is not None), None) if first else None
    )
    is_right = right is not None and abs(value - right) <= (tolerance or 0.0)
    return ui.badge("match", "Right again") if is_right else ui.badge("explained", "Passed on")


def _hop(report: Report, number_id: str, step: dict[str, Any], unit: str, mark: str) -> None:
    with st.container(border=True, width=HOP_PIXELS, gap=None):
        st.caption(phrases.plain(phrases.hop_title(report, number_id, step["hop"])))
        st.markdown(f"**{phrases.plain(phrases.value_text(step['value'], unit))}**")
        st.markdown(mark)


def proof(report: Report, number: dict[str, Any], steps: list[dict[str, Any]], first: int) -> str:
    """The proof in one sentence: the first wrong day and segment, with values and rows on both sides."""
    step = steps[first]
    here = phrases.hop_title(report, number["number_id"], step["hop"])
    before = phrases.hop_title(report, number["number_id"], steps[first - 1]["hop"]) if first else "the source"
    parts = [f"{step['day'].day} {step['day']:%b %Y}"] if step["day"] else []
    parts += [str(step["segment"])] if step["segment"] else []
    where = f"first wrong on **{phrases.plain(', '.join(parts))}**: " if parts else ""
    told = []
    if step["value_before"] is not None and step["value_here"] is not None:
        values = [phrases.value_text(step[name], number["unit"]) for name in ("value_here", "value_before")]
        told.append(f"{phrases.plain(values[0])} in {here}, {phrases.plain(values[1])} in {before}")
    if step["rows_before"] is not None and step["rows_here"] is not None:
        missing = step["rows_before"] - step["rows_here"]
        said = f"{words.plural(abs(missing), 'row')} {'missing' if missing > 0 else 'too many'}" if missing else ""
        counts = f"{words.count(step['rows_here'])} rows of {words.count(step['rows_before'])}"
        told.append(f"{counts} ({said})" if said else f"as many rows, {words.count(step['rows_here'])}")
    if not told and step["message"]:
        told.append(phrases.plain(step["message"]))
    what = "Wrong **on the page only**" if step["hop"] == phrases.PAGE else f"Wrong from **{phrases.plain(here)}** on"
    return f"{what}, {where}{'; '.join(told) or 'as the values above say'}."
