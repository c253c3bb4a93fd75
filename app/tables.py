"""Tables: states as pills, times in the viewer's zone, numbers with units, and an export of the rows behind them."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import polars as pl
import streamlit as st

from app import times, words

Column = Mapping[str, Any]  # what st.column_config returns
ROW_PIXELS = 36
MOST_ROWS = 11


def state(label: str) -> Column:
    """A column of states: a pill with sign, word and colour."""
    options, colors = words.pills()
    return st.column_config.MultiselectColumn(label, options=options, color=colors, width=128)


def moment(label: str) -> Column:
    """A column of times as day and minute."""
    return st.column_config.DatetimeColumn(label, format="D MMM HH:mm")


def instant(label: str) -> Column:
    """A column of times to the second."""
    return st.column_config.DatetimeColumn(label, format="D MMM HH:mm:ss")


def seconds(label: str, help_text: str | None = None, digits: int = 2) -> Column:
    """A column of durations in seconds."""
    return st.column_config.NumberColumn(label, format=f"%.{digits}f s", help=help_text)


def number(label: str, form: str = "localized", help_text: str | None = None) -> Column:
    """A column of numbers."""
    return st.column_config.NumberColumn(label, format=form, help=help_text)


def text(label: str, width: str | int | None = None, help_text: str | None = None) -> Column:
    """A column of words."""
    return st.column_config.TextColumn(label, width=width, help=help_text)  # type: ignore[arg-type]


def bars(label: str) -> Column:
    """A column of small bar charts."""
    return st.column_config.BarChartColumn(label, y_min=0, width=140)


def lines(label: str) -> Column:
    """A column of small line charts, each on a scale of its own."""
    return st.column_config.AreaChartColumn(label, width=140)


def level(label: str) -> Column:
    """A column of ratios as filled bars with a percentage."""
    return st.column_config.ProgressColumn(label, min_value=0, max_value=1, format="percent", color="primary")


def show(
    frame: pl.DataFrame,
    columns: Mapping[str, Column],
    key: str,
    alt: str,
    states: Sequence[str] = (),
    selectable: bool = False,
    most_rows: int = MOST_ROWS,
    export: bool = True,
) -> int | None:
    """Show the named columns, with an export of the whole frame; returns the row that was clicked, if any."""
    shown = times.localized(frame.select(list(columns))).with_columns(
        pl.concat_list(pl.col(name).map_elements(words.pill, return_dtype=pl.String, skip_nulls=False)).alias(name)
        for name in states
    )
    height: int | Literal["content"] = "content" if shown.height <= most_rows else (most_rows + 1) * ROW_PIXELS
    options: dict[str, Any] = {"on_select": "rerun", "selection_mode": "single-row"} if selectable else {}
    event: Any = st.dataframe(
        shown,
        hide_index=True,
        column_config=dict(columns),  # type: ignore[arg-type]
        key=key,
        height=height,
        row_height=ROW_PIXELS,
        placeholder=words.UNKNOWN_NUMBER,
        alt=alt,
        **options,
    )
    if export:
        export_menu(frame, key)
    if not selectable:
        return None
    rows = event["selection"]["rows"]
    return int(rows[0]) if rows else None


def export_menu(frame: pl.DataFrame, name: str) -> None:
    """Download the rows as CSV or Parquet; times in a file are UTC. Built when asked for."""
    with st.container(horizontal=True, horizontal_alignment="right"), st.popover("Export", icon=":material/download:"):
        st.caption(f"{words.plural(frame.height, 'row')}, times in UTC")
        for kind, mime, data in (
            ("CSV", "text/csv", _csv(frame)),
            ("Parquet", "application/vnd.apache.parquet", _parquet(frame)),
        ):
            st.download_button(
                kind,
                data,
                file_name=f"{name}.{kind.lower()}",
                mime=mime,
                key=f"{name}_{kind}",
                on_click="ignore",
                width="stretch",
            )


def _csv(frame: pl.DataFrame) -> Callable[[], bytes]:
    def write() -> bytes:
        nested = [name for name, kind in frame.schema.items() if kind == pl.List]
        flat = frame.with_columns(pl.col(nested).cast(pl.List(pl.String)).list.join(" "))
        return flat.write_csv().encode()

    return write


def _parquet(frame: pl.DataFrame) -> Callable[[], bytes]:
    def write() -> bytes:
        buffer = io.BytesIO()
        frame.write_parquet(buffer)
        return buffer.getvalue()

    return write
