"""Are the reports up, fast, and showing what they should, and are their numbers right?"""

from __future__ import annotations

import streamlit as st

from app import data, ui
from app.page import Page
from app.reports import board, detail, opening, wall

PAGE = Page(title="Reports", icon=":material/monitor_heart:", section="Operate", order=15, url_path="reports")
LIVE_SECONDS = 30
QUESTION = "Are the reports up, fast, and showing what they should, and are their numbers right?"


def render() -> None:
    """The key figures and the wall of all reports, or everything about the one that the address names."""
    chosen, persona = (st.query_params.get(name, "") for name in (opening.PARAM, opening.PERSONA))
    opening.tell_address(f"{chosen}/{persona}")
    with ui.header(PAGE.title, QUESTION):
        if chosen:
            opening.link("All reports", icon=":material/grid_view:")
    if chosen:
        detail.show(board.board(), chosen, persona)
    else:
        everything()


@st.fragment(run_every=LIVE_SECONDS)
def everything() -> None:
    """All reports, drawn again every half minute without the page around them."""
    with data.together(PAGE.url_path):
        found = board.board()
        wall.banners(found)
        wall.figures(found, LIVE_SECONDS)
        wall.show(found)
