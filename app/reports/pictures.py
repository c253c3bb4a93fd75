"""Pictures of one report: any two beside each other, what differs in pixels and in structure, and which is approved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import polars as pl
import streamlit as st

from app import data, report_acts, report_pictures, times, ui, words
from app.reports import acts_view, phrases
from config.reports import Report

SPAN = timedelta(days=30)
VIEWS = ("Side by side", "Difference")
MOST_SENTENCES = 12


def show(report: Report, persona: str) -> None:
    """Draw the choice of two pictures, their difference, and the approval."""
    answer = data.answer("report_snapshots", report_id=report.id, persona=persona, since=SPAN)
    if report.check != "browser":
        ui.empty("No picture", "This report is only asked for; `check: browser` renders it.", ":material/hide_image:")
        return
    if ui.nothing(answer, "No picture yet", "One is kept of each look that finds the page changed."):
        return
    baseline = approved(report.id, persona)
    rows = answer.frame.to_dicts()
    if len(rows) == 1:
        after = rows[0]
        st.caption(f"The only picture so far: {label(after, after['snapshot_id'], baseline)}")
        _picture(after["file"], f"{report.title} as last seen")
    else:
        before, after = _pick(rows, baseline)
        _compared(before, after)
    acts_view.baseline(report, persona, after, baseline)


def approved(report_id: str, persona: str) -> dict[str, Any] | None:
    """The approval that holds for a report as one audience sees it; None when there is none."""
    frame, _ = report_acts.baselines()
    rows = frame.filter((pl.col("report_id") == report_id) & (pl.col("persona") == persona)).to_dicts()
    return rows[0] if rows else None


def label(row: Mapping[str, Any], newest: str, baseline: Mapping[str, Any] | None) -> str:
    """What a picture is called: `Newest, 25 Nov 17:15, wrong number, approved`."""
    at = times.local(row["taken_at"])
    parts = ["Newest"] if row["snapshot_id"] == newest else []
    parts.append(f"{at.day} {at:%b %H:%M}")
    if row["verdict"]:
        parts.append(words.state(row["fault"] or row["verdict"]).word.lower())
    if baseline and baseline["snapshot_id"] == row["snapshot_id"]:
        parts.append("approved")
    return ", ".join(parts)


def first_choice(rows: list[dict[str, Any]], baseline: Mapping[str, Any] | None) -> str:
    """What the newest picture is compared with: the approved one, else the last good one, else the one before it."""
    ids = [row["snapshot_id"] for row in rows]
    if baseline and baseline["snapshot_id"] in ids[1:]:
        return str(baseline["snapshot_id"])
    good = next((row["snapshot_id"] for row in rows[1:] if row["verdict"] == "up"), None)
    return str(good or ids[min(1, len(ids) - 1)])


def _pick(rows: list[dict[str, Any]], baseline: Mapping[str, Any] | None) -> tuple[dict[str, Any], dict[str, Any]]:
    by_id = {row["snapshot_id"]: row for row in rows}
    names = {name: label(row, rows[0]["snapshot_id"], baseline) for name, row in by_id.items()}
    ids = list(by_id)
    left, right = st.columns(2)
    old = left.selectbox(
        "Before", ids, index=ids.index(first_choice(rows, baseline)), format_func=names.__getitem__, key="before"
    )
    new = right.selectbox("After", ids, format_func=names.__getitem__, key="after")
    return by_id[old or ids[0]], by_id[new or ids[0]]


def _compared(before: dict[str, Any], after: dict[str, Any]) -> None:
    view = st.segmented_control(
        "Show", VIEWS, default=VIEWS[0], required=True, key="pictures_view", label_visibility="collapsed",
        bind="query-params",
    )  # fmt: skip
    found = report_pictures.difference_of(before["file"], after["file"])
    if view == VIEWS[1] and found:
        st.image(found[0], width="stretch", alt="The newer picture, faded, with what differs in red")
    else:
        left, right = st.columns(2)
        for place, row, name in ((left, before, "Before"), (right, after, "After")):
            with place:
                _picture(row["file"], name)
    _in_words(before["file"], after["file"], found[1] if found else None)


def _picture(file: str, name: str) -> None:
    path = report_pictures.path_of(file)
    if path is None:
        with st.container(border=True):
            ui.empty("The file is gone", "It was older than pictures are kept.", ":material/hide_image:")
        return
    st.image(str(path), width="stretch", alt=name)


def _in_words(before: str, after: str, differing: float | None) -> None:
    """How much of the picture differs, and what of the structure; the structure is what counts."""
    if before == after:
        st.caption("Before and after are the same picture.")
        return
    share = (
        "the pictures cannot be compared" if differing is None else f"{words.share(differing)} of the picture differs"
    )
    found = report_pictures.layout_difference(before, after)
    if found is None:
        st.markdown(f"{share[:1].upper()}{share[1:]}; the structure was not kept.")
        return
    if not found.is_changed:
        st.markdown(f"{ui.badge('match', 'Same structure')} {share}.")
        return
    st.markdown(f"{ui.badge('warning', 'Structure changed')} {share}; between the two:")
    lines = [f"- {phrases.sentence(one)}" for one in found.sentences[:MOST_SENTENCES]]
    more = len(found.sentences) - MOST_SENTENCES
    st.markdown("\n".join([*lines, f"- and {more} more"] if more > 0 else lines))
