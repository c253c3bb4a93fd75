"""Is any number stale right now, why, who is hit, and when will it be right?"""

from __future__ import annotations

import streamlit as st

from app import refresh_parts, refresh_tables, refreshing, ui
from app.page import Page
from app.refresh_deciding import decisions
from app.refresh_drawer import PARAM, drawer

PAGE = Page(title="Refreshes", icon=":material/sync:", section="Operate", order=20, url_path="refreshes")
QUESTION = "Is any number stale right now, why, who is hit, and when will it be right?"


def render() -> None:
    """The answer on top, what is stale beside the subsystems, jobs by day, the tables, and a drawer per job."""
    with ui.header(PAGE.title, QUESTION):
        subsystem = refresh_parts.subsystem_picker()
        name, span = ui.span_picker("refresh_span", ("30 d", "90 d"), "30 d")
    found = refreshing.situation(decisions()[0])
    shown = refreshing.narrowed(found, subsystem)
    lines = refresh_parts.answer(shown, subsystem)
    left, right = st.columns([6, 5])
    with left:
        listed = refresh_parts.stale_and_why(shown, lines)
    with right:
        refresh_parts.board(found, subsystem)
    mapped = refresh_parts.job_by_day(found, subsystem, name, span)
    clicked, titles = refresh_tables.show(shown, subsystem)
    wanted = listed or clicked or mapped
    ids = list(titles)
    chosen = ui.drawer_choice(PARAM, ids, ids.index(wanted) if wanted in titles else None)
    if chosen is not None:
        drawer(found, chosen, titles[chosen])
