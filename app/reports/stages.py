"""The newest look as a line of steps: how far it came, how long each took, and where it stopped."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import streamlit as st

from app import ui, words
from app.answers import Answer
from app.reports import phrases
from app.reports.looks import Checker

STEP_PIXELS = 92


def show(answer: Answer, persona: str, trusted: Checker) -> None:
    """Draw the stages of the newest look; a checker that is not trusted says so instead of a green line."""
    rows = answer.frame.filter(pl.col("persona") == persona).to_dicts()
    steps = read(rows[0]["stages"]) if rows else []
    about = _about(rows[0]) if rows else ""
    with ui.card("The newest look, stage by stage", about):
        if ui.nothing(answer, "Never looked at", "The first look appears here; see Collectors for the checker."):
            return
        if not steps:
            ui.empty("No stages are kept of this look", "A rendered look tells them; this one only asked for the page.")
            return
        if not trusted.is_trusted or answer.is_stale:
            st.caption(":material/help: As that look found it; nobody can tell whether it is so now.")
        with st.grid(len(steps), min_column_width=STEP_PIXELS, gap="xsmall"):
            for step in steps:
                _step(step)
        for step in steps:
            if step["message"] and step["state"] in ("failed", "unknown"):
                stage = phrases.STAGES.get(step["stage"], step["stage"])
                st.markdown(f"{ui.badge(step['state'], stage)} {phrases.sentence(step['message'])}")


def read(text: str | None) -> list[dict[str, Any]]:
    """The stages of a look from their JSON; none when there are none or they cannot be read."""
    try:
        found = json.loads(text) if text else []
    except json.JSONDecodeError:
        return []
    keys = {"stage": "", "state": "unknown", "seconds": 0.0, "message": ""}
    return [keys | one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _step(step: dict[str, Any]) -> None:
    look = words.state(step["state"])
    title = phrases.STEPS.get(step["stage"], words.spoken(str(step["stage"])))
    is_timed = step["state"] in ("passed", "failed") and step["seconds"]
    with st.container(gap=None):
        st.markdown(f":{look.color}[{look.icon}] **{title}**")
        st.caption(f"{look.word} · {words.duration(step['seconds'])}" if is_timed else look.word)


def _about(row: dict[str, Any]) -> str:
    parts = ["seconds since the look began"]
    if row["peak_memory_bytes"]:
        parts.append(f"{words.size(row['peak_memory_bytes'])} of memory")
    if row["received_bytes"]:
        parts.append(f"{words.size(row['received_bytes'])} received")
    return " · ".join(parts)
