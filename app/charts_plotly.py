"""Charts that people build, select in and export: any columns of a query's result, drawn with Plotly."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
import polars as pl

from app.colors import palette

KINDS = ("Line", "Bar", "Points")
MOST_POINTS = 5_000


def built(frame: pl.DataFrame, kind: str, x: str, ys: Sequence[str], by: str | None) -> go.Figure:
    """A figure of columns `ys` over `x`, one series per value of `by`; at most the first 5,000 rows are drawn."""
    colors = palette()
    figure = go.Figure()
    parts = frame.head(MOST_POINTS)
    groups = parts.partition_by(by, as_dict=True, maintain_order=True) if by else {("",): parts}
    for (group,), part in groups.items():
        rows = part.sort(x, nulls_last=True) if kind == "Line" else part
        for y in ys:
            name = " ".join(str(part) for part in (group, y if len(ys) > 1 or not by else "") if str(part))
            figure.add_trace(_trace(kind, rows[x].to_list(), rows[y].to_list(), name))
    figure.update_layout(
        colorway=list(colors.series),
        margin={"l": 8, "r": 8, "t": 16, "b": 8},
        height=380,
        legend={"orientation": "h", "y": 1.08},
        xaxis_title=x,
        yaxis_title=ys[0] if len(ys) == 1 else None,
        barmode="stack",
    )
    return figure


def _trace(kind: str, x: list[object], y: list[object], name: str) -> go.Bar | go.Scatter:
    if kind == "Bar":
        return go.Bar(x=x, y=y, name=name)
    return go.Scatter(x=x, y=y, name=name, mode="lines" if kind == "Line" else "markers")
