"""Ways into one series and back to the wall, as it was narrowed."""

from __future__ import annotations

from typing import Any

import streamlit as st

from app import ui
from app.quality import wall_filters
from app.quality.series import PAGE, PARAM

VIEW = "quality_view"


def link(label: str, series_id: str = "", icon: str = ":material/chevron_right:", tip: str | None = None) -> None:
    """A link to one series, or to all of them when none is named; `tip` is shown under the pointer."""
    query: dict[str, Any] = {PARAM: series_id} if series_id else dict(wall_filters.last())
    page = st.session_state[ui.LINKS].get(PAGE) if ui.LINKS in st.session_state else None
    if page is None:
        st.markdown(label)
        return
    st.page_link(page, label=label, icon=icon, icon_position="right", query_params=query, width="content", help=tip)


def go(series_id: str) -> None:
    """Put a series into the address; the next run opens it."""
    st.query_params[PARAM] = series_id


def tell_address(series_id: str) -> None:
    """Bring the browser's address up to date when another view than the last is drawn."""
    if st.session_state.get(VIEW) != series_id:
        st.session_state[VIEW] = series_id
        st.query_params.update()
