"""A choice of one series by name: data points and the series of hosts."""

from __future__ import annotations

import streamlit as st

from app import data
from app.quality import opening, series

MOST = 400  # more names than that are found by the wall's own field, without sending them all to the browser


def pick(chosen: str, width: int = 360) -> None:
    """Draw the choice; what is picked is put into the address."""
    metrics = data.titles("metrics")
    names = dict(metrics) if len(metrics) <= MOST else {}
    names |= {one.series_id: one.title for one in series.hosts()}
    if chosen:
        found = series.metric_of(chosen)
        names.setdefault(chosen, found.title if found else chosen)
    if not names:
        return
    if st.session_state.get(series.PARAM) != (chosen or None):
        st.session_state[series.PARAM] = chosen or None
    st.selectbox(
        "Series", list(names), index=None, format_func=lambda name: names.get(name, name), key=series.PARAM,
        placeholder="Open a series or host", label_visibility="collapsed", on_change=_open, width=width,
    )  # fmt: skip


def _open() -> None:
    picked = st.session_state.get(series.PARAM)
    if picked:
        opening.go(str(picked))
    else:
        st.query_params.pop(series.PARAM, None)
