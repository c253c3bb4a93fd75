"""Ways into one report and back to all of them, as they were narrowed."""

from __future__ import annotations

from typing import Any

import streamlit as st

from app import ui
from app.reports import filters

PARAM, PERSONA = "report", "persona"
PAGE = "reports"
VIEW = "reports_view"


def link(label: str, report_id: str = "", persona: str = "", icon: str = ":material/chevron_right:") -> None:
    """A link to one report as an audience sees it, or to all reports when none is named."""
    query: dict[str, Any] = {PARAM: report_id} if report_id else dict(filters.last())
    if persona:
        query[PERSONA] = persona
    page = st.session_state[ui.LINKS].get(PAGE) if ui.LINKS in st.session_state else None
    if page is None:
        st.markdown(label)
        return
    st.page_link(page, label=label, icon=icon, icon_position="right", query_params=query, width="content")


def go(report_id: str, persona: str = "") -> None:
    """Open a report at once, as after a click on a row."""
    st.query_params[PARAM] = report_id
    if persona:
        st.query_params[PERSONA] = persona
    st.rerun()


def tell_address(view: str) -> None:
    """Bring the browser's address up to date when another view than the last is drawn.

    A link within one page changes what the server knows of the address, and the browser only once it is told.
    """
    if st.session_state.get(VIEW) != view:
        st.session_state[VIEW] = view
        st.query_params.update()
