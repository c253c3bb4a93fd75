"""What the filters of every wall share: choices that stand in the address, pages, and the way back to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl
import streamlit as st

from app import words


def select(key: str, everything: str, titles: dict[str, str]) -> str:
    """A choice of one or all; nothing is drawn where there is nothing to choose."""
    if len(titles) < 2:
        return ""
    chosen = st.selectbox(
        everything, ["", *titles], format_func=lambda name: titles.get(name, everything), key=key,
        label_visibility="collapsed", bind="query-params", width=170,
    )  # fmt: skip
    return chosen if chosen in titles else ""


def kinds(every: Iterable[str]) -> list[str]:
    """A choice of states, always of all, so that a chosen one stays when nothing is so any more."""
    known = list(every)
    chosen = st.pills(
        "State", known, selection_mode="multi", key="kind", bind="query-params", label_visibility="collapsed",
        format_func=lambda kind: words.state(kind).word,
    )  # fmt: skip
    return [kind for kind in chosen or [] if kind in known]


def paged(rows: pl.DataFrame, sizes: Sequence[int], what: str, key: str) -> pl.DataFrame:
    """Draw the pages of `what`, when there are several, and return the rows of the chosen one."""
    if rows.height <= sizes[0]:
        return rows
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        size = st.segmented_control(
            f"{what} a page", sizes, default=sizes[0], required=True, key="per_page", bind="query-params",
            label_visibility="collapsed",
        ) or sizes[0]  # fmt: skip
        pages = -(-rows.height // size)
        page = st.pagination(pages, key=f"{key}_{pages}") if pages > 1 else 1
    return rows.slice((page - 1) * size, size)


def remember(name: str, keys: Iterable[str]) -> None:
    """Keep the filters of the address for the way back, where their widgets are not drawn."""
    st.session_state[name] = {key: st.query_params.get_all(key) for key in keys if key in st.query_params}


def last(name: str) -> dict[str, list[str]]:
    """The filters as they were when the wall was last drawn in this session."""
    found: dict[str, list[str]] = st.session_state.get(name, {})
    return dict(found)
