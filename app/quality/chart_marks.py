"""What people marked and which stages there are: a list with the way to take each back, and proposals to decide."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import polars as pl
import streamlit as st

from app import times, ui, words
from app.quality import acts
from app.quality.chart_deeds import attempt, may_decide, reason, typed
from app.quality.story import Story
from app.reports.phrases import plain

MOST = 12
KINDS = {"corrected": "Corrected", "left_out": "Left out", "planned": "Planned", "note": "Note"}


def proposals(story: Story) -> None:
    """Stages that a test proposes, each with its evidence and two buttons."""
    for row in story.stages.filter(pl.col("state") == "proposed").iter_rows(named=True):
        with st.container(border=True, gap="small"):
            told = plain(row["evidence"] or row["reason"])
            st.markdown(f"{ui.badge('proposed', 'New stage proposed')} from {_when(row['starts_at'])}: {told}")
            if not may_decide("Deciding about a stage"):
                continue
            key = f"stage_{row['stage_id']}"
            with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
                reason(key)
                st.button("Accept", key=f"accept_{key}", type="primary", on_click=_decide, args=(row["stage_id"], True))
                st.button("Reject", key=f"reject_{key}", on_click=_decide, args=(row["stage_id"], False))


def _decide(stage_id: str, accept: bool) -> None:
    key = f"stage_{stage_id}"
    done = "Accepted: limits are learned anew from there." if accept else "Rejected: the limits stay."
    attempt(lambda: acts.decide_stage(stage_id, accept, typed(key)), done, key)


def show(story: Story) -> None:
    """Marks and stages in force, the newest first."""
    marks = story.marks.filter(~pl.col("is_withdrawn")).head(MOST)
    stages = story.stages.filter(pl.col("state") == "accepted").head(MOST)
    if marks.is_empty() and stages.is_empty():
        ui.empty("Nothing is marked", "Drag over points on the chart, then say above what they are.", ":material/edit:")
        return
    may = acts.may_act()
    for row in stages.iter_rows(named=True):
        who = f" by {plain(row['actor'])}" if row["actor"] else ""
        _line(f"**Stage** from {_when(row['starts_at'])}{who}: {plain(row['reason'])}", f"back_{row['stage_id']}", may)
    for row in marks.iter_rows(named=True):
        _line(_said(row, story.metric.unit), f"undo_{row['mark_id']}", may)


def _said(row: Mapping[str, Any], unit: str) -> str:
    span = _when(row["from_at"]) + (f" to {_when(row['to_at'])}" if row["to_at"] != row["from_at"] else "")
    change = ""
    if row["kind"] == "corrected":
        old, new = (words.measured(row[name], unit) for name in ("old_value", "new_value"))
        change = f" from {plain(old)} to {plain(new)}"
    return f"**{KINDS[row['kind']]}** {span}{change}, {plain(row['made_by'])}: {plain(row['made_for'])}"


def _line(said: str, key: str, may: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small"):
        st.markdown(said)
        if may:
            with st.popover("Take back", icon=":material/undo:"):
                reason(key)
                st.button("Take back", key=f"do_{key}", on_click=_take_back, args=(key,))


def _take_back(key: str) -> None:
    kind, _, found = key.partition("_")
    undo = acts.withdraw_stage if kind == "back" else acts.withdraw
    attempt(lambda: undo(found, typed(key)), "Taken back; points are judged again.", key)


def _when(moment: datetime) -> str:
    there = times.local(moment)
    return f"{there.day} {there:%b %Y %H:%M}"
