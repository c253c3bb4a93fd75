"""The drawer of one incident: what happened, what it explains, what to do, and the acts of people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import polars as pl
import streamlit as st

from app import alert_acts, alert_settings, alert_subjects, incidents, tables, times, ui, words
from app.alert_acts import ActError, Draft, Key, SpoolFullError
from app.alert_inbox import owner_text, plain, told_text
from app.alert_telling import minute_text
from app.answers import Answer
from store.rows import AlertAct

PARAM = "incident"
PROBLEM, DONE, FRESH_SILENCE = "alert_problem", "alert_done", "alert_fresh_silence"
ANY = "any severity"
MOST_LINES = 14


@st.dialog("Incident", position="right", width=680, icon=":material/notifications:", on_dismiss=ui.drawer_closed(PARAM))
def drawer(incident_id: str) -> None:
    """Everything about one incident, firing or over."""
    found = incidents.inbox()
    members = incidents.members(incident_id)
    if members.is_empty:
        ui.nothing(members, "Nothing is known of this incident", "It is older than 30 days, or the link is not whole.")
        return
    head = members.frame.row(0, named=True)
    row = next(found.frame.filter(pl.col("incident_id") == incident_id).iter_rows(named=True), None)
    _headline(head, row, members)
    if row is not None:
        _standing(row)
        _acting(row, incidents.keys_of(found.alerts, incident_id), found.alerts)
    outcome()
    _runbook(head)
    _timeline(incident_id, alert_subjects.title_of(head["rule"], head["subject"]))
    _members(members.frame, incident_id)


def _headline(head: dict[str, Any], row: dict[str, Any] | None, members: Answer) -> None:
    rule, subject = head["rule"], head["subject"]
    st.header(plain(alert_subjects.title_of(rule, subject)), anchor=False)
    badges = [ui.badge(head["severity"]), ui.badge("firing" if row else head["state"])]
    if row and row["silenced_until"]:
        badges.append(ui.badge("silenced", f"Silenced until {minute_text(row['silenced_until'])}"))
    ui.as_of(members, notes=badges)
    st.markdown(plain(row["evidence"] if row else head["evidence"]))
    page, query = alert_subjects.place_of(rule, subject)
    ui.link(page, f"Show {plain(alert_subjects.subject_text(subject))} on its page", ":material/open_in_new:", **query)


def _standing(row: dict[str, Any]) -> None:
    """Since when, who has it and why, who was told, what comes next."""
    lines = [f":material/schedule: firing since {times.clock_text(row['since_at'])}, {times.ago(row['since_at'])}"]
    reason = f": {plain(row['owned_for'])}" if row["owned_for"] else ""
    lines.append(owner_text(row) + reason)
    lines.append(told_text(row))
    lines.append(f":material/arrow_forward: {plain(row['next'])}")
    if row["impact"]:
        lines.append(f":material/groups: hits {words.plural(row['impact'], 'report or group', 'reports and groups')}")
    st.markdown("  \n".join(lines))


def _acting(row: dict[str, Any], keys: list[Key], alerts: pl.DataFrame) -> None:
    """Acknowledge, note and silence; nothing for those who may only look."""
    if not alert_acts.may_act():
        st.caption(f"Acknowledging and silencing need the role {alert_acts.ROLE}; ask for it under Access.")
        return
    incident = row["incident_id"]
    reason = f"reason_{incident}"
    with st.container(border=True, gap="small"):
        st.text_input("Reason", key=reason, placeholder="What do you know, what are you doing?", max_chars=500)
        with st.container(horizontal=True, gap="small"):
            if row["owner"]:
                _button("Give back", AlertAct.UNACKNOWLEDGED, incident, keys, ":material/undo:", "Nobody has it then")
            else:
                said = "Stops reminders and escalation until it resolves"
                _button("Acknowledge", AlertAct.ACKNOWLEDGED, incident, keys, ":material/how_to_reg:", said)
            _button("Note", AlertAct.NOTED, incident, keys, ":material/edit_note:", "Keeps a word in the timeline")
        with st.expander("Silence", icon=":material/notifications_off:"):
            _silencing(row, reason, alerts)


def _button(label: str, what: AlertAct, incident: str, keys: list[Key], icon: str, said: str) -> None:
    is_first = what is AlertAct.ACKNOWLEDGED
    st.button(
        label,
        key=f"{what}_{incident}",
        type="primary" if is_first else "secondary",
        icon=icon,
        help=said,
        shortcut="Ctrl+Enter" if is_first else None,
        on_click=_act,
        args=(what, keys, f"reason_{incident}"),
    )


def _silencing(row: dict[str, Any], reason: str, alerts: pl.DataFrame) -> None:
    """Patterns that start at exactly this alert, how much they match, and for how long."""
    incident = row["incident_id"]
    rule = st.text_input("Rule", row["rule"], key=f"rule_{incident}", help="* and ? stand for any letters, any letter")
    subject = st.text_input("Subject", row["subject"], key=f"subject_{incident}")
    severity = st.selectbox("Severity", [ANY, "critical", "warning", "info"], key=f"severity_{incident}")
    pattern = "*" if severity == ANY else severity
    number = alert_acts.matched(alerts, rule, subject, pattern)
    st.caption(f"Matches {words.plural(number, 'firing alert')}; a resolution is delivered all the same.")
    until = time_input("Until", f"until_{incident}", timedelta(hours=8))
    with st.container(horizontal=True, gap="small"):
        for hours in (1, 4):
            ends = timedelta(hours=hours)
            st.button(
                f"{hours} h",
                key=f"silence_{hours}_{incident}",
                on_click=_silence,
                args=(rule, subject, pattern, ends, reason),
            )
        st.button(
            "Until then",
            key=f"silence_until_{incident}",
            on_click=_silence,
            args=(rule, subject, pattern, until, reason),
        )


def time_input(label: str, key: str, ahead: timedelta) -> datetime | None:
    """A time on the viewer's clock, that far ahead to begin with; what was typed stays while the clock goes on."""
    there = times.local(times.now() + ahead).replace(tzinfo=None, second=0, microsecond=0)
    st.session_state.setdefault(key, there)
    return st.datetime_input(label, None, key=key, help=f"On your clock, {times.zone_name()}")


def _act(what: AlertAct, keys: list[Key], reason: str) -> None:
    done = {
        AlertAct.ACKNOWLEDGED: "You have it. Nobody is reminded until it resolves.",
        AlertAct.UNACKNOWLEDGED: "Given back. Reminders and escalation go on.",
        AlertAct.NOTED: "Noted.",
    }
    attempt(lambda: alert_acts.act(what, keys, str(st.session_state.get(reason, ""))), done[what], reason)


def _silence(rule: str, subject: str, severity: str, ends: datetime | timedelta | None, reason: str) -> None:
    at = times.now()
    ends_at = at + ends if isinstance(ends, timedelta) else times.from_local(ends)
    said = str(st.session_state.get(reason, ""))

    def do() -> None:
        made = alert_acts.silence(Draft(rule, subject, severity, at, ends_at, said))
        st.session_state[FRESH_SILENCE] = made

    until = minute_text(ends_at) if ends_at else ""
    attempt(do, f"Silenced until {until}. Nobody is paged, everything is still recorded.", reason)


def attempt(do: Callable[[], object], done: str, clear: str | None = None) -> None:
    """Do an act and leave what the page says about it: `done`, or the problem and the reason as it was typed."""
    try:
        do()
    except (ActError, SpoolFullError) as error:
        st.session_state[PROBLEM] = str(error)
        return
    st.session_state[DONE] = done
    if clear:
        st.session_state[clear] = ""


def outcome() -> None:
    """Say what became of the last act, once; a silence that was just begun can be taken back."""
    problem, done = st.session_state.pop(PROBLEM, None), st.session_state.pop(DONE, None)
    silence = st.session_state.pop(FRESH_SILENCE, None)
    if problem:
        st.error(problem, icon=":material/error:")
    if done:
        st.success(done, icon=":material/check_circle:")
    if silence:
        st.button("Undo the silence", key=f"undo_{silence}", icon=":material/undo:", on_click=_undo, args=(silence,))


def _undo(silence: str) -> None:
    attempt(lambda: alert_acts.end_silence(silence, "taken back at once"), "The silence is ended.")


def _runbook(head: dict[str, Any]) -> None:
    rule = alert_settings.rules().get(head["rule"])
    if rule is not None:
        st.info(f"**What to do.** {rule.help}", icon=":material/menu_book:")


def _timeline(incident_id: str, title: str) -> None:
    """What happened, a line each; what is about another alert than the first says about which."""
    story, answer = incidents.timeline(incident_id)
    st.markdown("**Timeline**, newest first")
    if ui.nothing(answer, "Nothing happened yet", "Changes, messages and acts appear here."):
        return
    with st.container(gap="xxsmall"):
        for row in story.head(MOST_LINES).iter_rows(named=True):
            about = "" if row["about"] == title else f" :gray[· {plain(row['about'])}]"
            st.markdown(
                f":gray[{times.clock_text(row['occurred_at'])}] {ui.badge(row['state'])} {plain(row['what'])}{about}"
            )
    if story.height > MOST_LINES:
        with st.expander(f"{story.height - MOST_LINES} more"):
            columns = {
                "occurred_at": tables.instant("At"),
                "state": tables.state("What"),
                "what": tables.text("Details", 300),
                "about": tables.text("Alert"),
            }
            rest, key = story.slice(MOST_LINES), f"more_{incident_id}"
            tables.show(rest, columns, key, "Earlier in the timeline", states=["state"], export=False)
    tables.export_menu(story, f"story_{incident_id}")


def _members(members: pl.DataFrame, incident_id: str) -> None:
    attached = members.filter(pl.col("cause") != "")
    if attached.is_empty():
        return
    st.markdown(f"**Explained by it**, {words.plural(attached.height, 'alert')} of which nobody was paged")
    titles = [alert_subjects.title_of(*one) for one in attached.select("rule", "subject").iter_rows()]
    columns = {
        "state": tables.state("State"),
        "title": tables.text("Alert", 220),
        "fired_at": tables.moment("Since"),
        "evidence": tables.text("Evidence"),
    }
    titled = attached.with_columns(pl.Series("title", titles, dtype=pl.String))
    tables.show(titled, columns, f"members_{incident_id}", "Alerts that this incident explains", states=["state"])
