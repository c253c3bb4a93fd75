"""The inbox of the alerts page: banners about what cannot be trusted, one card per incident, and what is pending."""

from __future__ import annotations

import re
from typing import Any

import polars as pl
import streamlit as st

from app import alert_figures, alert_subjects, tables, times, ui, words
from app.alert_figures import Trouble
from app.alert_settings import Pulse
from app.incidents import Inbox

WANTED = "incident_wanted"  # the incident whose button was just pressed
SHOWN = ("All", "Critical", "Nobody has it")
MOST_CARDS = 12
MARKUP = re.compile(r"([\\`*_{}\[\]()#+!|~<>$:])")


def plain(text: str) -> str:
    """Text from elsewhere as markdown that shows it as it stands."""
    return MARKUP.sub(r"\\\1", text)


def shown_picker() -> str:
    """Which incidents to list, kept in the page's address."""
    chosen = st.segmented_control(
        "Show",
        list(SHOWN),
        default=SHOWN[0],
        key="alerts_show",
        required=True,
        label_visibility="collapsed",
        bind="query-params",
    )
    return chosen if chosen in SHOWN else SHOWN[0]


def narrowed(frame: pl.DataFrame, shown: str) -> pl.DataFrame:
    """The incidents that the picker leaves."""
    wanted = {"Critical": pl.col("severity") == "critical", "Nobody has it": pl.col("owner") == ""}
    return frame.filter(wanted[shown]) if shown in wanted else frame


def banners(found: Inbox, pulse: Pulse, trouble: Trouble, problem: str | None) -> None:
    """What keeps the page from being the truth: a silent engine, lost messages, settings that cannot be used."""
    if pulse.is_silent:
        st.error(
            f"The alert engine is silent: its last pass was {times.ago(pulse.beat_at)}, expected every "
            f"{words.duration(pulse.limit.total_seconds())} at least. Nothing new fires and nobody is told until it "
            "runs again; start it with `make up`.",
            icon=":material/heart_broken:",
        )
    elif pulse.beat_at is None and not found.alerts.is_empty():
        st.warning(
            "The alert engine has made no pass here yet, so nobody can tell whether this still holds.",
            icon=":material/help:",
        )
    if trouble.sentences:
        headline = "**Somebody was not told.** " if trouble.is_lost else ""
        said = headline + "  \n".join(plain(sentence) for sentence in trouble.sentences)
        (st.error if trouble.is_lost else st.warning)(said, icon=":material/unsubscribe:")
    if problem:
        st.warning(f"alerts.yaml cannot be used as it stands: {plain(problem.splitlines()[0])}", icon=":material/rule:")


def notes(found: Inbox, pulse: Pulse) -> list[str]:
    """Badges beside the as-of line: when the engine last looked, and how much is about to fire."""
    said = []
    if pulse.beat_at is None:
        said.append(ui.badge("unknown", "Engine not started yet"))
    elif pulse.is_silent:
        said.append(ui.badge("critical", "Engine silent"))
    else:
        said.append(f":gray-badge[:material/ecg_heart: Engine looked {times.ago(pulse.beat_at)}]")
    if found.pending.height:
        said.append(ui.badge("pending", f"{found.pending.height} pending"))
    return said


def figures(found: Inbox, pulse: Pulse) -> list[Any]:
    """Draw the key figures; returns the answers that they rest on."""
    shown, answers = alert_figures.figures(found, pulse)
    with st.grid(5, min_column_width=140):
        for one in shown:
            ui.kpi(one.label, one.value, one.state, one.detail, one.trend, bars=one.is_bars)
    return answers


def incidents(found: Inbox, pulse: Pulse, shown: str) -> None:
    """The cards, the rest as a table, and what is pending."""
    frame = narrowed(found.frame, shown)
    with ui.card("Inbox", "One incident per cause: widest impact first, then severity, then age"):
        if frame.is_empty():
            _nothing(found, pulse)
        for place, row in enumerate(frame.head(MOST_CARDS).iter_rows(named=True)):
            _card(row, place)
        if frame.height > MOST_CARDS:
            st.markdown(f"**{frame.height - MOST_CARDS} more**")
            _rest(frame.slice(MOST_CARDS))
        if not frame.is_empty():
            tables.export_menu(frame, "incidents")
    if not found.pending.is_empty():
        _pending(found.pending)


def _nothing(found: Inbox, pulse: Pulse) -> None:
    if found.answers[0].as_of is None:
        ui.nothing(found.answers[0], "", "")
    elif found.frame.is_empty():
        is_known = pulse.is_known and not found.is_away
        ui.empty(*_emptiness(found, pulse), ":material/task_alt:" if is_known else ":material/help:")
    else:
        ui.empty("Nothing of this kind fires", f"{words.plural(found.frame.height, 'incident')} under All.")


def _emptiness(found: Inbox, pulse: Pulse) -> tuple[str, str]:
    if found.is_away or pulse.is_silent:
        return "Nothing fired when last heard", "Nobody can tell now; see the message above."
    if pulse.beat_at is None:
        return "Not started yet", "The alert engine makes its first pass within seconds of `make up`."
    return "Nothing fires", f"The engine looked {times.ago(pulse.beat_at)}, and no rule has anything to say."


def _card(row: dict[str, Any], place: int) -> None:
    with st.container(border=True, gap="xxsmall"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(f"{ui.badge(row['severity'])} **{plain(row['title'])}**", width="stretch")
            if st.button(
                "Open",
                key=f"open_{row['incident_id']}",
                icon=":material/right_panel_open:",
                shortcut="O" if place == 0 else None,
                help="Timeline, what it explains, and what to do",
            ):
                st.session_state[WANTED] = row["incident_id"]
                st.rerun()
        st.markdown(plain(row["evidence"]))
        st.caption(" · ".join(_facts(row)))


def _facts(row: dict[str, Any]) -> list[str]:
    """Since when, how wide, who has it, who was told, what comes next."""
    facts = [f":material/schedule: since {times.ago(row['since_at']).removesuffix(' ago')}"]
    if row["explained"]:
        facts.append(f":material/account_tree: and {row['explained']} explained by it")
    if row["impact"]:
        facts.append(f":material/groups: hits {row['impact']}")
    facts.append(owner_text(row))
    facts.append(told_text(row))
    facts.append(f":material/arrow_forward: {plain(row['next'])}")
    return [fact.replace(": ", ":\N{NO-BREAK SPACE}", 1) for fact in facts]  # no line ends between a sign and its word


def told_text(row: dict[str, Any]) -> str:
    """Who was told of an incident, as markdown."""
    if row["is_undeliverable"]:
        return f":red[:material/unsubscribe: {plain(row['told'])}]"
    return f":material/campaign: {plain(row['told'])}"


def owner_text(row: dict[str, Any]) -> str:
    """Who acknowledged an incident, as markdown."""
    if not row["owner"]:
        return ":orange[:material/person_off: **nobody has it**]"
    return f":material/how_to_reg: {plain(row['owner'])} has it, {times.ago(row['owned_at'])}"


def _rest(frame: pl.DataFrame) -> None:
    columns = {
        "severity": tables.state("Severity"),
        "title": tables.text("Incident", 260),
        "since_at": tables.moment("Since"),
        "impact": tables.number("Hits"),
        "explained": tables.number("Explained"),
        "owner": tables.text("Who has it"),
        "evidence": tables.text("Evidence"),
    }
    key = f"{ui.table_key('incident')}_rest"
    row = tables.show(frame, columns, key, "Further incidents", states=["severity"], selectable=True, export=False)
    seen = st.session_state.get("incident_rest_seen")
    chosen = frame["incident_id"][row] if row is not None and row < frame.height else None
    st.session_state["incident_rest_seen"] = chosen
    if chosen is not None and chosen != seen:
        st.session_state[WANTED] = chosen
        st.rerun()


def _pending(frame: pl.DataFrame) -> None:
    with ui.card("About to fire", "Bad by now, not for long enough to disturb anybody"):
        titles = [alert_subjects.title_of(*one) for one in frame.select("rule", "subject").iter_rows()]
        columns = {
            "severity": tables.state("Severity"),
            "title": tables.text("Alert", 260),
            "since_at": tables.instant("Bad since"),
            "evidence": tables.text("Evidence"),
        }
        titled = frame.with_columns(pl.Series("title", titles, dtype=pl.String))
        tables.show(titled, columns, "alerts_pending", "Pending alerts", states=["severity"])


def wanted() -> str | None:
    """The incident whose button or row was just pressed, once."""
    chosen = st.session_state.pop(WANTED, None)
    return str(chosen) if chosen else None
