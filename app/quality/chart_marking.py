"""Marking points: a range dragged on the chart, or typed, is left out, planned, noted, or begins a new stage."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import polars as pl
import streamlit as st

from app import times, words
from app.quality import acts
from app.quality.chart_deeds import attempt, may_decide, reason, typed
from app.quality.story import Story
from app.reports.phrases import plain

FROM, TO, WHY, VALUE, WHAT = "mark_from", "mark_to", "mark_reason", "mark_value", "mark_what"
SEEN = "mark_selection"
DEEDS = {
    "Leave out": "No limits are made from these points.",
    "New stage": "Limits are learned anew, from the first of these points on.",
    "Correct": "The newest of these points gets another value; what was collected stays beside it.",
    "Note": "A remark at the first of these points; it changes nothing.",
    "Plan": "Planned work: signals within it are expected. It may lie ahead.",
}


def take_selection(event: Mapping[str, Any], metric_id: str) -> None:
    """Put the range that was dragged on the chart into the fields, once for each new selection."""
    found = sorted({at for at in map(_moment, _places(event)) if at is not None})
    if not found:
        return
    key = (metric_id, found[0], found[-1])
    if st.session_state.get(SEEN) != key:
        st.session_state[SEEN] = key
        st.session_state[FROM], st.session_state[TO] = found[0], found[-1]


def _places(event: Mapping[str, Any]) -> list[object]:
    return [point.get("x") for point in event.get("selection", {}).get("points", [])]


def _moment(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text)).replace(tzinfo=None)
    except ValueError:
        return None


def show(story: Story) -> None:
    """The fields and the one button of the chosen deed."""
    if not may_decide("Marking points"):
        return
    _begin_with_newest(story)
    what = st.segmented_control("What", list(DEEDS), default="Leave out", required=True, key=WHAT) or "Leave out"
    st.caption(f"{DEEDS[what]} Drag over points on the chart to fill in the times.")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.datetime_input("From", None, key=FROM, width=200, step=60)
        st.datetime_input("Until", None, key=TO, width=200, step=60, disabled=what in ("New stage", "Note"))
        if what == "Correct":
            st.number_input("New value", value=None, key=VALUE, width=160, format="%.6g")
        st.markdown(f":gray[{plain(_counted(story))}]", width="content")
    reason(WHY, "What to remember" if what == "Note" else "Reason")
    st.button(what, key="mark_do", type="primary", on_click=_do, args=(what, story.metric.id, _chosen(story)))


def _begin_with_newest(story: Story) -> None:
    """The newest point stands in the fields until something is selected; another metric begins anew."""
    if story.points.is_empty() or st.session_state.get("mark_metric") == story.metric.id:
        return
    newest = times.local(story.points["observed_at"][-1]).replace(tzinfo=None)
    if st.session_state.get(SEEN, ("",))[0] != story.metric.id:
        st.session_state[FROM] = st.session_state[TO] = newest
    st.session_state["mark_metric"] = story.metric.id


def _chosen(story: Story) -> pl.DataFrame:
    """The points within the fields; both ends belong to it."""
    begin, end = _ends()
    if begin is None or end is None:
        return story.points.clear()
    return story.points.filter(pl.col("observed_at").is_between(begin, end))


def _ends() -> tuple[datetime | None, datetime | None]:
    """The fields in naive UTC."""
    begin, end = (times.from_local(st.session_state.get(name)) for name in (FROM, TO))
    return begin, end


def _counted(story: Story) -> str:
    chosen = _chosen(story)
    if chosen.is_empty():
        return "No point in this range"
    mean = chosen["value"].mean()
    said = words.measured(float(mean), story.metric.unit) if isinstance(mean, float) else words.UNKNOWN_NUMBER
    return f"{words.plural(chosen.height, 'point')}, mean {said}"


def _do(what: str, metric_id: str, chosen: pl.DataFrame) -> None:
    """The act on the exact times of the points in the range, as far as there are any."""
    begin, end = _ends()
    points = chosen["observed_at"].to_list()
    said = typed(WHY)
    first, last = (points[0], points[-1]) if points else (begin, end)
    match what:
        case "New stage":
            attempt(lambda: acts.start_stage(metric_id, first, said), "A new stage begins there.", WHY)
        case "Correct":
            value = st.session_state.get(VALUE)
            attempt(lambda: acts.correct(metric_id, last, value, said), "Corrected; both values are kept.", WHY)
        case "Note":
            attempt(lambda: acts.note(metric_id, first, said), "Noted.", WHY)
        case "Plan":
            attempt(lambda: acts.plan(metric_id, begin, end, said), "Planned.", WHY)
        case _:
            attempt(lambda: acts.leave_out(metric_id, first, last, said), "Left out of all limits.", WHY)
