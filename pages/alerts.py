"""What needs somebody now, who has it, and was anybody told?"""

from __future__ import annotations

import streamlit as st

from app import (
    alert_drawer,
    alert_figures,
    alert_inbox,
    alert_settings,
    alert_silences,
    alert_tabs,
    data,
    incidents,
    ui,
)
from app.page import Page

PAGE = Page(title="Alerts", icon=":material/notifications:", section="Operate", order=12, url_path="alerts")
TABS = ("Inbox", "Resolved", "Silences", "Noise", "Replay")
FILTERED = TABS[:2]
LIVE_SECONDS = 10


def render() -> None:
    """The key figures, then the inbox, the past and the silences in tabs, and a drawer per incident."""
    filters = ui.header(PAGE.title, "What needs somebody now, who has it, and was anybody told?")
    figures()
    tabs = st.tabs(list(TABS), key="alerts_tab", bind="query-params", on_change="rerun")
    opened = {name: tab for name, tab in zip(TABS, tabs, strict=True) if tab.open}
    for name, tab in opened.items():
        with filters:
            shown = alert_inbox.shown_picker() if name in FILTERED else ""
        with tab:
            _tab(name, shown)
    _drawer()


@st.fragment(run_every=LIVE_SECONDS)
def figures() -> None:
    """What the page knows and how well; drawn again every few seconds without the page around it."""
    with data.together(PAGE.url_path):
        found, pulse = incidents.inbox(), alert_settings.pulse()
        trouble, told = alert_figures.trouble()
        place = st.container()
        alert_inbox.banners(found, pulse, trouble, alert_settings.alerting()[1])
        answers = alert_inbox.figures(found, pulse)
        with place:
            ui.as_of(*found.answers, told, *answers, live_seconds=LIVE_SECONDS, notes=alert_inbox.notes(found, pulse))


@st.fragment(run_every=LIVE_SECONDS)
def inbox(shown: str) -> None:
    """The incidents that fire, live."""
    alert_inbox.incidents(incidents.inbox(), alert_settings.pulse(), shown)


def _tab(name: str, shown: str) -> None:
    match name:
        case "Resolved":
            alert_tabs.resolved(shown)
        case "Silences":
            alert_silences.show(incidents.inbox().alerts)
        case "Noise":
            alert_tabs.noise()
        case "Replay":
            alert_tabs.replay()
        case _:
            inbox(shown)


def _drawer() -> None:
    """Open the incident whose row was just picked, or the one that the address names."""
    wanted = alert_inbox.wanted() or incidents.home_of(st.query_params.get(alert_drawer.PARAM))
    chosen = ui.drawer_choice(alert_drawer.PARAM, [wanted] if wanted else [], 0 if wanted else None)
    if chosen is not None:
        alert_drawer.drawer(chosen)
