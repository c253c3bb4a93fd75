"""The tab of silences and maintenance windows: what holds, what is planned, and a form for a new one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
import streamlit as st

from app import alert_acts, alert_drawer, tables, times, ui, words
from app.alert_acts import Draft
from app.alert_inbox import plain
from app.alert_telling import minute_text

FIELDS = ("silence_rule", "silence_subject", "silence_severity", "silence_from", "silence_until", "silence_reason")
SEVERITIES = ("*", "critical", "warning", "info")
MAINTENANCE = "silence_maintenance"
MOST_OPEN = 20


def show(alerts: pl.DataFrame) -> None:
    """Draw the tab; `alerts` are those that fire, to count what a pattern matches."""
    silences, answer = alert_acts.silences()
    left, right = st.columns([3, 2])
    with right:
        _form(alerts)
    with left, ui.card("Silences and maintenance", "While one holds nobody is paged; everything is still recorded"):
        if silences.is_empty():
            if answer.as_of is None:
                ui.nothing(answer, "", "")
            else:
                ui.empty("No silence in 30 days", "Begin one here, or from an incident.", ":material/notifications:")
            return
        for row in silences.filter(pl.col("phase") != "ended").head(MOST_OPEN).iter_rows(named=True):
            _open(row)
        _table(silences)


def pattern_text(row: dict[str, Any]) -> str:
    """What a silence matches, in words: `disk_full about db-01:*, critical`."""
    rule = "every rule" if row["rule"] == "*" else str(row["rule"])
    subject = "" if row["subject"] == "*" else f" about {row['subject']}"
    severity = "" if row["severity"] == "*" else f", {row['severity']}"
    return f"{rule}{subject}{severity}"


def _open(row: dict[str, Any]) -> None:
    silence = str(row["silence_id"])
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"{ui.badge(str(row['phase']))} **{plain(pattern_text(row))}**")
        span = f"{minute_text(row['starts_at'])} to {minute_text(row['ends_at'])}"
        st.caption(f"{span} · {plain(str(row['made_by']))}: {plain(str(row['made_for']))}")
        if alert_acts.may_act():
            with st.container(horizontal=True, vertical_alignment="bottom"):
                reason = f"end_reason_{silence}"
                st.text_input(
                    "Why end it",
                    key=reason,
                    placeholder="Why end it now?",
                    label_visibility="collapsed",
                    width="stretch",
                )
                st.button(
                    "End now",
                    key=f"end_{silence}",
                    icon=":material/stop_circle:",
                    on_click=_end,
                    args=(silence, reason),
                )


def _end(silence: str, reason: str) -> None:
    said = str(st.session_state.get(reason, ""))
    alert_drawer.attempt(lambda: alert_acts.end_silence(silence, said), "The silence is ended.", reason)


def _table(silences: pl.DataFrame) -> None:
    matches = pl.Series("matches", [pattern_text(row) for row in silences.iter_rows(named=True)], dtype=pl.String)
    columns = {
        "phase": tables.state("State"),
        "matches": tables.text("Matches", 220),
        "starts_at": tables.moment("From"),
        "ends_at": tables.moment("Until"),
        "made_by": tables.text("By"),
        "made_for": tables.text("Reason"),
    }
    tables.show(
        silences.with_columns(matches), columns, "silences", "Silences and maintenance windows", states=["phase"]
    )


def _form(alerts: pl.DataFrame) -> None:
    with ui.card("New silence", "Patterns as in file names: * is anything, ? one letter"):
        if not alert_acts.may_act():
            ui.empty("You may look", f"Silencing needs the role {alert_acts.ROLE}.", ":material/lock:")
            return
        rule = st.text_input("Rule", key=FIELDS[0], placeholder="disk_full, refresh_*, or * for every rule")
        subject = st.text_input("Subject", key=FIELDS[1], placeholder="db-01:*, job:orders-load, or * for all")
        severity = st.selectbox(
            "Severity", SEVERITIES, key=FIELDS[2], format_func=lambda one: "any severity" if one == "*" else one
        )
        alert_drawer.time_input("From", FIELDS[3], timedelta(0))
        alert_drawer.time_input("Until", FIELDS[4], timedelta(hours=2))
        st.text_input("Reason", key=FIELDS[5], placeholder="A release, a known fault, a ticket", max_chars=500)
        st.toggle("Planned maintenance", key=MAINTENANCE, help="Shown as maintenance in timelines and messages")
        number = alert_acts.matched(alerts, rule, subject, severity)
        st.caption(f"Matches {words.plural(number, 'alert')} of those that fire now.")
        st.button("Begin", type="primary", icon=":material/notifications_off:", key="silence_begin", on_click=_begin)
        alert_drawer.outcome()


def _begin() -> None:
    state = st.session_state
    rule, subject, severity, begins, ends, reason = (state.get(name) for name in FIELDS)
    draft = Draft(
        str(rule or ""),
        str(subject or ""),
        str(severity or "*"),
        times.from_local(begins),
        times.from_local(ends),
        str(reason or ""),
        bool(state.get(MAINTENANCE)),
    )
    alert_drawer.attempt(
        lambda: alert_acts.silence(draft), "It holds as described; end it here at any time.", FIELDS[5]
    )
