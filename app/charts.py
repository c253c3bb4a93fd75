"""Rows in, ECharts specification out: lines over time, stacked bars, a gauge-like bar. No queries, no widgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from app.colors import Palette, palette
from app.times import in_utc

Spec = dict[str, Any]
GAP_STEPS = 3
SCALES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def scaled(frame: pl.DataFrame, unit: str) -> tuple[pl.DataFrame, str]:
    """All columns but the first in a unit that reads well, and its name: ratios as `%`, bytes as `MB`."""
    values = pl.all().exclude(frame.columns[0])
    if unit == "ratio":
        return frame.with_columns(values * 100), "%"
    if not unit.startswith("bytes"):
        return frame, {"seconds": "s"}.get(unit, unit)
    per = "/s" if unit.endswith("second") else ""
    top = max((column.max() or 0.0 for column in frame.iter_columns() if column.dtype == pl.Float64), default=0.0)
    factor, prefix = next(((size, prefix) for size, prefix in SCALES if top >= size), (1.0, ""))  # type: ignore[operator]
    return frame.with_columns(values / factor), f"{prefix}B{per}"


def wide(frame: pl.DataFrame, at: str, by: str, value: str) -> pl.DataFrame:
    """One row per time and one column per series, in the order in which the series come."""
    return frame.select(at, by, value).pivot(by, index=at, values=value, aggregate_function="max").sort(at)


def broken_at_gaps(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with an empty row wherever more than three steps are missing: no line is drawn over what nobody saw.

    The first column is the time, in ascending order; a step is the median distance of neighbours.
    """
    at = frame.columns[0]
    steps = frame[at].diff().drop_nulls()
    if steps.is_empty() or not isinstance(step := steps.median(), timedelta):
        return frame
    gaps = frame.filter(pl.col(at).diff() > GAP_STEPS * step).select(pl.col(at) - step)
    return pl.concat([frame, gaps], how="diagonal").sort(at)


def within(spec: Spec, as_of: datetime | None, span: timedelta) -> Spec:
    """The chart with a time axis that shows the whole `span` up to `as_of`, however little of it has values."""
    if as_of is None:
        return spec
    edges = {"min": as_of - span, "max": as_of}
    spec["xAxis"] |= {name: int(at.replace(tzinfo=UTC).timestamp() * 1000) for name, at in edges.items()}
    return spec


def frame_of(colors: Palette, unit: str, legend: bool, top: float | None = None) -> Spec:
    """What all charts over time share: grid, axes, tooltip, legend."""
    return {
        "animation": False,
        "color": list(colors.series),
        "grid": {"left": 8, "right": 14, "top": 34 if legend else 14, "bottom": 4, "containLabel": True},
        "legend": {
            "show": legend,
            "type": "scroll",
            "top": 0,
            "left": 0,
            "icon": "roundRect",
            "itemWidth": 10,
            "itemHeight": 10,
        },
        "tooltip": {"trigger": "axis", "valueFormatter": f"%.2f {unit.replace('%', '%%')}".rstrip()},
        "xAxis": {"type": "time", "axisLine": {"lineStyle": {"color": colors.line}}, "splitLine": {"show": False}},
        "yAxis": {
            "type": "value",
            "min": 0,
            "max": top,
            "splitLine": {"lineStyle": {"color": colors.line}},
            "axisLabel": {"formatter": f"{{value}} {unit}".rstrip()},
        },
    }


def lines(
    frame: pl.DataFrame, unit: str = "", thresholds: Mapping[str, float] | None = None, top: float | None = None
) -> Spec:
    """Lines over time: the first column is the time, every other column a series named in words.

    `thresholds` are drawn dashed in the unit of the frame; `top` fixes the axis (1 for a ratio).
    """
    colors = palette()
    shown, said = scaled(broken_at_gaps(frame), unit)
    factor = 100 if unit == "ratio" else 1
    names = shown.columns[1:]
    spec = frame_of(colors, said, legend=len(names) > 1, top=top * factor if top is not None else None)
    spec["dataset"] = {"source": in_utc(shown)}
    spec["series"] = [
        {
            "type": "line",
            "name": name,
            "encode": {"x": shown.columns[0], "y": name},
            "showSymbol": shown.height < 3,
            "symbolSize": 6,
            "smooth": 0.15,
            "smoothMonotone": "x",
            "connectNulls": False,
            "lineStyle": {"width": 1.75},
            **({"areaStyle": {"opacity": 0.10}} if len(names) <= 2 else {}),
        }
        for name in names
    ]
    if thresholds and names:
        spec["series"][0]["markLine"] = {
            "symbol": "none",
            "silent": True,
            "data": [_limit(name, value * factor, colors) for name, value in thresholds.items()],
        }
    return spec


def _limit(name: str, value: float, colors: Palette) -> Spec:
    return {
        "yAxis": value,
        "name": name,
        "lineStyle": {"color": colors.warn, "type": "dashed", "width": 1},
        "label": {"formatter": name, "position": "insideEndTop", "color": colors.quiet, "fontSize": 11},
    }


def stacked(
    frame: pl.DataFrame, unit: str = "", colors_of: Mapping[str, str] | None = None, kind: str = "time"
) -> Spec:
    """Stacked bars: the first column is the time (or a category), every other column a part named in words."""
    colors = palette()
    names = frame.columns[1:]
    spec = frame_of(colors, unit, legend=True)
    spec["xAxis"]["type"] = kind
    if kind == "category":
        spec["xAxis"]["axisTick"] = {"show": False}
    spec["dataset"] = {"source": in_utc(frame) if kind == "time" else frame}
    spec["series"] = [
        {
            "type": "bar",
            "name": name,
            "stack": "all",
            "encode": {"x": frame.columns[0], "y": name},
            "barMaxWidth": 26,
            **({"itemStyle": {"color": colors_of[name]}} if colors_of and name in colors_of else {}),
        }
        for name in names
    ]
    return spec


def outcome_colors(names: Mapping[str, str]) -> dict[str, str]:
    """Colours of series that are states: `names` maps a series to good, warn, bad or quiet."""
    colors = palette()
    return {series: getattr(colors, meaning) for series, meaning in names.items()}


def compared(frame: pl.DataFrame, unit: str) -> Spec:
    """Horizontal pairs of bars, largest on top: columns name, planned, actual; the actual is narrower and on top."""
    colors = palette()
    ordered = frame.reverse()
    spec = frame_of(colors, unit, legend=True)
    spec["tooltip"]["axisPointer"] = {"type": "shadow"}
    spec["xAxis"] = {**spec["yAxis"], "axisLabel": {"formatter": f"{{value}} {unit}".rstrip(), "hideOverlap": True}}
    spec["yAxis"] = {"type": "category", "axisTick": {"show": False}, "axisLine": {"show": False}}
    spec["dataset"] = {"source": ordered}
    looks: Sequence[Spec] = (
        {"barWidth": 16, "itemStyle": {"color": colors.line}, "z": 1},
        {"barWidth": 8, "barGap": "-75%", "itemStyle": {"color": colors.accent}, "z": 2},
    )
    spec["series"] = [
        {"type": "bar", "name": name, "encode": {"y": ordered.columns[0], "x": name}, **look}
        for name, look in zip(ordered.columns[1:], looks, strict=True)
    ]
    return spec
