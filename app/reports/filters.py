"""What of the wall is shown: filters, view and page, all kept in the address so that a link can be shared."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
import streamlit as st

from app import data, filters
from app.reports.board import KINDS, Board, narrowed
from app.reports.looks import by_report

SIZES = (24, 48)
VIEWS = ("Wall", "Table")
LAST = "wall_filters"
KEYS = ("find", "kind", "area", "owner", "audience", "view", "per_page", "page")


@dataclass(frozen=True, slots=True)
class Shown:
    """The reports that pass the filters, and how they are shown."""

    frame: pl.DataFrame
    view: str
    is_narrowed: bool


def pick(found: Board) -> Shown:
    """Draw the filters and return what passes them."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        find = st.text_input(
            "Find", key="find", type="search", placeholder="Find a report, an owner, a number", live=True,
            label_visibility="collapsed", bind="query-params", width=250, icon=":material/search:",
        ) or ""  # fmt: skip
        area = filters.select("area", "All subsystems", data.titles("subsystems"))
        owners = sorted(set(found.targets["owner"]) - {""})
        owner = filters.select("owner", "All owners", dict(zip(owners, owners, strict=True)))
        named = found.targets.filter(pl.col("persona") != "").select("persona", "audience_title")
        persona = filters.select("audience", "All audiences", dict(named.unique(maintain_order=True).iter_rows()))
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute", gap="small"):
        kinds = filters.kinds(KINDS)
        view = st.segmented_control(
            "View", VIEWS, default=VIEWS[0], required=True, key="view", bind="query-params",
            label_visibility="collapsed",
        )  # fmt: skip
    rows = found.targets.filter(pl.col("persona") == persona) if persona else found.targets
    frame = by_report(rows) if persona else found.reports
    if persona:
        budgets = found.reports.select("report_id", "good_ratio", "budget_left")
        frame = frame.join(budgets, on="report_id", how="left", maintain_order="left")
    frame = narrowed(frame, {"subsystem": [area] if area else [], "owner": [owner] if owner else []}, find)
    frame = narrowed(frame, {"kind": kinds}, "")
    return Shown(frame, view or VIEWS[0], bool(find or area or owner or persona or kinds))


def paged(shown: Shown) -> pl.DataFrame:
    """Draw the pages, when there are several, and return the rows of the chosen one."""
    return filters.paged(shown.frame, SIZES, "Reports", "page")


def remember() -> None:
    """Keep the filters of the address for the way back, where their widgets are not drawn."""
    filters.remember(LAST, KEYS)


def last() -> dict[str, list[str]]:
    """The filters as they were when the wall was last drawn in this session."""
    return filters.last(LAST)
