"""What of the wall is shown: words to find, subsystem, dataset, states, view and page, all kept in the address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl
import streamlit as st

from app import data, words
from app.quality.wall_board import KINDS

SIZES = (24, 48, 96)
WALL, TABLE, TRENDS, RULES = "Wall", "Table", "Trends", "Rules"
VIEWS = (WALL, TABLE, TRENDS, RULES)
LAST = "quality_filters"
KEYS = ("find", "area", "dataset", "kind", "view", "per_page", "page")


@dataclass(frozen=True, slots=True)
class Shown:
    """The data points that pass the filters, and how they are shown."""

    points: pl.DataFrame
    view: str


def pick(points: pl.DataFrame, more: Callable[[], None]) -> Shown:
    """Draw the filters, `more` beside them, and return what passes them."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        find = st.text_input(
            "Find", key="find", type="search", placeholder="Find a data point, a table, a column", live=True,
            label_visibility="collapsed", bind="query-params", width=270, icon=":material/search:",
        ) or ""  # fmt: skip
        area = _select("area", "All subsystems", data.titles("subsystems"))
        dataset = _select("dataset", "All datasets", data.titles("datasets"))
        more()
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute", gap="small"):
        kinds = _kinds()
        view = st.segmented_control(
            "View", VIEWS, default=WALL, required=True, key="view", bind="query-params", label_visibility="collapsed"
        )
    return Shown(narrowed(points, find, area, dataset, kinds), view or WALL)


def narrowed(points: pl.DataFrame, find: str, area: str, dataset: str, kinds: list[str]) -> pl.DataFrame:
    """The rows of that subsystem, dataset and one of the kinds (any where it is empty), with all words of `find`."""
    for column, wanted in (("subsystem", area), ("dataset", dataset)):
        if wanted:
            points = points.filter(pl.col(column) == wanted)
    if kinds:
        points = points.filter(pl.col("kind").is_in(kinds))
    text = pl.concat_str("title", "metric_id", "said", separator=" ").str.to_lowercase()
    for part in find.lower().split():
        points = points.filter(text.str.contains(part, literal=True))
    return points


def _select(key: str, everything: str, titles: dict[str, str]) -> str:
    """A choice of one or all; nothing is drawn where there is nothing to choose."""
    if len(titles) < 2:
        return ""
    chosen = st.selectbox(
        everything, ["", *titles], format_func=lambda name: titles.get(name, everything), key=key,
        label_visibility="collapsed", bind="query-params", width=170,
    )  # fmt: skip
    return chosen if chosen in titles else ""


def _kinds() -> list[str]:
    """A choice of states, always of all, so that a chosen one stays when nothing is so any more."""
    chosen = st.pills(
        "State", list(KINDS), selection_mode="multi", key="kind", bind="query-params", label_visibility="collapsed",
        format_func=lambda kind: words.state(kind).word,
    )  # fmt: skip
    return [kind for kind in chosen or [] if kind in KINDS]


def paged(shown: Shown) -> pl.DataFrame:
    """Draw the pages, when there are several, and return the rows of the chosen one."""
    number = shown.points.height
    if number <= SIZES[0]:
        return shown.points
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        size = st.segmented_control(
            "Data points a page", SIZES, default=SIZES[0], required=True, key="per_page", bind="query-params",
            label_visibility="collapsed",
        ) or SIZES[0]  # fmt: skip
        pages = -(-number // size)
        page = st.pagination(pages, key=f"points_page_{pages}") if pages > 1 else 1
    return shown.points.slice((page - 1) * size, size)


def remember() -> None:
    """Keep the filters of the address for the way back from a data point, where their widgets are not drawn."""
    st.session_state[LAST] = {key: st.query_params.get_all(key) for key in KEYS if key in st.query_params}


def last() -> dict[str, list[str]]:
    """The filters as they were when the wall was last drawn in this session."""
    found: dict[str, list[str]] = st.session_state.get(LAST, {})
    return dict(found)
