"""Is a key number behaving as it always does, or has something changed?"""

from __future__ import annotations

import streamlit as st

from app import data, ui
from app.page import Page
from app.quality import chart_host, detail, opening, series, wall, wall_board, wall_jump

PAGE = Page(
    title="Control charts", icon=":material/query_stats:", section="Analyse", order=10, url_path="control_charts"
)
QUESTION = "Is a key number behaving as it always does, or has something changed?"
SPANS = ("24 h", "7 d", "30 d", "90 d", "1 y", "2 y")
LIVE_SECONDS = 30


def render() -> None:
    """The wall of all data points, or everything about the series that the address names."""
    chosen = series.chosen()
    opening.tell_address(chosen)
    controls = ui.header(PAGE.title, QUESTION)
    if not chosen:
        everything()
        return
    with controls:
        opening.link("All data points", icon=":material/grid_view:")
        host = series.HostSeries.from_id(chosen)
        _, span = ui.span_picker("chart_range", SPANS[:4] if host else SPANS, "30 d" if host else "90 d")
    wall_jump.pick(chosen)
    if host is not None:
        chart_host.host(host, span)
        return
    with data.together(f"{PAGE.url_path}/one"):
        detail.show(wall_board.board(), chosen, span)


@st.fragment(run_every=LIVE_SECONDS)
def everything() -> None:
    """All data points, drawn again every half minute without the page around them."""
    if series.chosen():
        st.rerun()  # picked on the wall: the page around it changes too
    with data.together(PAGE.url_path):
        found = wall_board.board()
        wall.figures(found, LIVE_SECONDS)
        wall.show(found)
