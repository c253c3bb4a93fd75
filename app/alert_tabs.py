"""The tabs of the alerts page about the past: what was resolved, what makes noise, and what other settings would do."""

from __future__ import annotations

import polars as pl
import streamlit as st

from app import alert_figures, alert_replay, charts, incidents, tables, ui, words
from app.alert_inbox import WANTED, narrowed
from app.alert_replay import Wish

EVERY = "All rules"
FEWEST = 3  # a rule that fired less often makes no noise worth a remark


def resolved(only: str) -> None:
    """Incidents that ended in thirty days, all or those the picker leaves; a row opens its drawer."""
    every, answer = incidents.resolved()
    frame = narrowed(every.with_columns(pl.col("acknowledged_by").fill_null("").alias("owner")), only)
    with ui.card("Resolved, 30 days", "Select a row for its timeline"):
        if ui.nothing(answer, "Nothing was resolved in 30 days", "Incidents that end appear here."):
            return
        if frame.is_empty():
            ui.empty("Nothing of this kind was resolved in 30 days", "Incidents that end appear here.")
            return
        columns = {
            "severity": tables.state("Severity"),
            "title": tables.text("Incident", 240),
            "fired_at": tables.moment("Fired"),
            "resolved_at": tables.moment("Resolved"),
            "lasted": tables.text("Lasted", help_text="From firing until everything in the incident was resolved"),
            "owned": tables.text("Acknowledged after"),
            "acknowledged_by": tables.text("By"),
            "attached": tables.number("Explained", help_text="Alerts that this one explained"),
            "impact": tables.number("Hit", help_text="Reports and user groups"),
            "evidence": tables.text("Evidence"),
        }
        shown = frame.drop("owner").with_columns(
            incidents.spoken_seconds(frame, "resolve_seconds", "lasted"),
            incidents.spoken_seconds(frame, "acknowledge_seconds", "owned"),
        )
        key = ui.table_key("incident")
        row = tables.show(shown, columns, key, "Resolved incidents", states=["severity"], selectable=True)
    if row is not None and row < frame.height:
        st.session_state[WANTED] = frame["incident_id"][row]


def noise() -> None:
    """Rules by how often they fired with nobody acting on it."""
    frame, answer = alert_figures.noise()
    with ui.card("Noise, 30 days", "Alerts that nobody acted on, the noisiest rule first"):
        if ui.nothing(answer, "Nothing fired in 30 days", "Rules that fire appear here with what became of it."):
            return
        columns = {
            "name": tables.text("Rule", 180),
            "fired": tables.number("Fired"),
            "unattended": tables.number("Nobody acted", help_text="Neither acknowledged nor noted, and not explained"),
            "unattended_ratio": tables.level("Share"),
            "acknowledged": tables.number("Acknowledged"),
            "brief": tables.number("Over in 5 min", help_text="Resolved by itself within 5 minutes"),
            "returned": tables.number("Came back in 1 h", help_text="Fired again within an hour of clearing: flapping"),
            "attached": tables.number("Explained", help_text="Attached to another alert and not paged"),
            "sent": tables.number("Pages sent"),
            "withheld": tables.number("Withheld", help_text="Would have paged but for a silence, a cause or the hours"),
            "last_fired_at": tables.moment("Last"),
        }
        tables.show(frame, columns, "alert_noise", "Noise by rule")
        loud = frame.filter((frame["unattended"] == frame["fired"]) & (frame["fired"] >= FEWEST))
        if loud.height:
            names = ", ".join(loud["name"].to_list()[:3])
            st.caption(f"Nobody ever acted on {names}: make it more patient under Replay, or switch it off.")


def replay() -> None:
    """Sliders for settings, and how many pages the last thirty days would have been with them."""
    left, right = st.columns([2, 3])
    with left:
        wish = _wish()
    found = alert_replay.replayed(wish)
    with right, ui.card("Pages, 30 days", "As they were recorded, against the settings at the left"):
        if ui.nothing(found.answer, "Nothing fired in 30 days", "A replay needs alerts that were recorded."):
            return
        with st.grid(2, min_column_width=150):
            ui.kpi("Pages a week, now", f"{found.now:.1f}", None, "with the settings in force")
            ui.kpi("Pages a week, then", f"{found.then:.1f}", None, alert_replay.verdict(found))
        spec = charts.within(charts.lines(found.by_day, "pages"), found.answer.as_of, incidents.SPAN)
        ui.chart(spec, "Pages by day, now and with these settings", 200, "replay_days")
        columns = {
            "name": tables.text("Rule", 180),
            "now": tables.number("Now"),
            "then": tables.number("Then"),
            "change": tables.number("Change", "%+d"),
        }
        tables.show(found.by_rule, columns, "replay_rules", "Pages by rule, now and then")


def _wish() -> Wish:
    with ui.card("Settings to try", "Nothing changes until they stand in alerts.yaml"):
        rules = alert_replay.known_rules()
        chosen = st.selectbox(
            "Rule",
            [EVERY, *rules],
            format_func=lambda one: one if one == EVERY else words.spoken(one),
            key="replay_rule",
            bind="query-params",
        )
        names = tuple(rules) if chosen == EVERY else (str(chosen),)
        pending, looks, hold = alert_replay.present(names)
        wish = Wish(
            names,
            float(
                st.slider("Bad for at least (s) before it fires", 0, 1800, int(pending), 10, key=f"pending_{chosen}")
            ),
            int(st.slider("Good looks in a row before it clears", 1, 60, looks, key=f"looks_{chosen}")),
            float(st.slider("Hold-off of a flapping alert (s)", 0, 3600, int(hold), 30, key="replay_hold")),
        )
        st.caption(
            "A replay of what was recorded: a rule cannot be made less patient than it was, because what was never "
            "recorded cannot be counted. Routes, hours and silences are left out on both sides."
        )
        with st.expander("For alerts.yaml", icon=":material/code:"):
            st.code(alert_replay.as_yaml(wish), language="yaml")
        return wish
