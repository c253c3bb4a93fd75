"""What of the wall is shown: words to find, subsystem, dataset, states, view and page, all kept in the address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl
import streamlit as st

from app import data, filters
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
        area = filters.select("area", "All subsystems", data.titles("subsystems"))
        dataset = filters.select("dataset", "All datasets", data.titles("datasets"))
        more()
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute", gap="small"):
        kinds = filters.kinds(KINDS)
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


def paged(shown: Shown) -> pl.DataFrame:
    """Draw the pages, when there are several, and return the rows of the chosen one."""
    return filters.paged(shown.points, SIZES, "Data points", "points_page")


def remember() -> None:
    """Keep the filters of the address for the way back, where their widgets are not drawn."""
    filters.remember(LAST, KEYS)


def last() -> dict[str, list[str]]:
    """The filters as they were when the wall was last drawn in this session."""
    return filters.last(LAST)
