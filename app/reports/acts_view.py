"""What a person may do about a report: approve a picture or take that back, plan a break or take it back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import polars as pl
import streamlit as st

from app import alert_drawer, report_acts, times, ui
from app.deeds import Deeds
from app.reports import phrases
from config.reports import Report

DEEDS = Deeds("report")
attempt, outcome = DEEDS.attempt, DEEDS.outcome
REASON = "report_reason"
MOST = 5
BEGIN, END, WHY = "break_begin", "break_end", "break_reason"


def baseline(report: Report, persona: str, after: Mapping[str, Any], approved: Mapping[str, Any] | None) -> None:
    """Who approved which picture and why, and the ways to approve another or to withdraw it."""
    if approved:
        st.caption(
            f":material/verified: Approved by {phrases.plain(approved['actor'])}, "
            f"{times.clock_text(approved['occurred_at'])}: {phrases.plain(approved['reason'])}"
        )
    else:
        st.caption("No picture of this report is approved; a change of its structure is only told once one is.")
    outcome()
    if not report_acts.may_act():
        st.caption(f":material/lock: Approving needs the role {report_acts.ROLE}; ask for it under Access.")
        return
    is_approved = bool(approved and approved["snapshot_id"] == after["snapshot_id"])
    with st.container(horizontal=True, gap="small"):
        with st.popover("Approve “After”", icon=":material/verified:", disabled=is_approved):
            st.caption("The report should look like this from now on; a change of its structure is then told.")
            _reason(REASON)
            st.button(
                "Approve", key="approve", type="primary", on_click=_approve, args=(report.id, persona, dict(after))
            )
        if approved:
            with st.popover("Withdraw the approval", icon=":material/undo:"):
                _reason(f"{REASON}_back")
                st.button("Withdraw", key="withdraw", on_click=_withdraw, args=(report.id, persona))


def _reason(key: str) -> None:
    st.text_input("Reason", key=key, placeholder="Why? It is kept with your name", max_chars=500)


def _approve(report_id: str, persona: str, row: dict[str, Any]) -> None:
    said = str(st.session_state.get(REASON, ""))
    attempt(
        lambda: report_acts.approve(report_id, persona, row["snapshot_id"], row["file"], row["layout"], said),
        "Approved. Changes of the structure are told against this picture.",
        REASON,
    )


def _withdraw(report_id: str, persona: str) -> None:
    said = str(st.session_state.get(f"{REASON}_back", ""))
    attempt(lambda: report_acts.withdraw(report_id, persona, said), "The approval is withdrawn.", f"{REASON}_back")


def windows(report: Report, frame: pl.DataFrame) -> None:
    """The form for a new break, and the ways to withdraw those that are there."""
    with ui.card("Plan a break", "Also for a time that is past: its looks then count for nothing"):
        outcome()
        if not report_acts.may_act():
            ui.empty("You may look", f"Planning needs the role {report_acts.ROLE}.", ":material/lock:")
            return
        alert_drawer.time_input("From", BEGIN, timedelta(0))
        alert_drawer.time_input("Until", END, timedelta(hours=2))
        _reason(WHY)
        st.button("Plan", key="plan_break", type="primary", icon=":material/event:", on_click=_plan, args=(report.id,))
        standing = frame.filter(pl.col("phase") != "withdrawn").head(MOST)
        if standing.height:
            st.caption("Take one back:")
        for row in standing.iter_rows(named=True):
            _withdrawable(row)


def _withdrawable(row: Mapping[str, Any]) -> None:
    window = str(row["window_id"])
    at = times.local(row["begin_at"])
    with st.popover(f"Withdraw {at.day} {at:%b %H:%M}", icon=":material/event_busy:"):
        st.caption(f"{phrases.plain(row['made_by'])}: {phrases.plain(row['made_for'])}")
        _reason(f"back_{window}")
        st.button("Withdraw", key=f"withdraw_{window}", on_click=_take_back, args=(window,))


def _plan(report_id: str) -> None:
    begin, end, said = (st.session_state.get(name) for name in (BEGIN, END, WHY))
    attempt(
        lambda: report_acts.add_window(report_id, times.from_local(begin), times.from_local(end), str(said or "")),
        "The break is planned; looks within it count for nothing.",
        WHY,
    )


def _take_back(window: str) -> None:
    key = f"back_{window}"
    said = str(st.session_state.get(key, ""))
    attempt(lambda: report_acts.withdraw_window(window, said), "The break is withdrawn; its looks count again.", key)
