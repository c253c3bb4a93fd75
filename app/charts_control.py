"""The picture of a control chart: points, center line, limits, and the points at which a rule fired."""

from __future__ import annotations

from typing import Any

import polars as pl

from app.charts import Spec, frame_of
from app.colors import Palette, palette
from app.control import Charted
from app.times import in_utc

SLIDER_FROM = 60
MARKS_UNTIL = 400


def control_chart(charted: Charted, unit: str, mean: pl.DataFrame | None = None) -> Spec:
    """The chart of one series in its unit; `mean` adds a rolling mean (columns `observed_at`, `mean`)."""
    colors = palette()
    factor, said = (100.0, "%") if unit == "ratio" else (1.0, unit)
    points = charted.frame.select("observed_at", (pl.col("value") * factor).alias("Value"))
    spec = frame_of(colors, said, legend=False)
    spec["yAxis"] |= {"min": None, "max": None, "scale": True}
    spec["grid"] |= {"right": 46, "top": 18, "bottom": 44 if points.height > SLIDER_FROM else 4}
    spec["dataset"] = [{"source": in_utc(points)}, {"source": in_utc(_marked(charted, points))}]
    spec["series"] = [_line(charted, points.height, factor, colors), _signals(colors)]
    if mean is not None:
        spec["dataset"].append({"source": in_utc(mean.select("observed_at", (pl.col("mean") * factor).alias("Mean")))})
        spec["series"].append(_mean(colors))
    if points.height > SLIDER_FROM:
        spec["dataZoom"] = [{"type": "inside"}, {"type": "slider", "height": 20, "bottom": 6, "brushSelect": False}]
    return spec


def _marked(charted: Charted, points: pl.DataFrame) -> pl.DataFrame:
    """The points at which a rule fired, under the column name Signal."""
    indexes = sorted({signal.index - 1 for signal in charted.chart.signals}) if charted.chart else []
    return points[indexes].rename({"Value": "Signal"})


def _line(charted: Charted, height: int, factor: float, colors: Palette) -> Spec:
    series: Spec = {
        "type": "line",
        "name": "Value",
        "datasetIndex": 0,
        "encode": {"x": "observed_at", "y": "Value"},
        "lineStyle": {"width": 1.4},
        "symbol": "circle",
        "symbolSize": 5,
        "showSymbol": height <= MARKS_UNTIL,
    }
    if charted.chart is not None:
        lower, center, upper = (
            value * factor
            for value in (
                charted.chart.lower_control_limit,
                charted.chart.center_line,
                charted.chart.upper_control_limit,
            )
        )
        series["markLine"] = {
            "symbol": "none",
            "silent": True,
            "data": [
                _limit("UCL", upper, colors.bad, colors),
                _limit("CL", center, colors.quiet, colors),
                _limit("LCL", lower, colors.bad, colors),
            ],
        }
        series["markArea"] = {
            "silent": True,
            "itemStyle": {"color": colors.band},
            "data": [[{"yAxis": lower}, {"yAxis": upper}]],
        }
    return series


def _limit(name: str, value: float, color: str, colors: Palette) -> Spec:
    return {
        "yAxis": value,
        "lineStyle": {"color": color, "type": "dashed", "width": 1.2},
        "label": {"formatter": name, "position": "end", "color": colors.quiet, "fontSize": 11},
    }


def _signals(colors: Palette) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": "Signal",
        "datasetIndex": 1,
        "encode": {"x": "observed_at", "y": "Signal"},
        "symbolSize": 11,
        "itemStyle": {"color": colors.bad, "opacity": 0.9},
        "z": 5,
    }


def _mean(colors: Palette) -> dict[str, Any]:
    return {
        "type": "line",
        "name": "Rolling mean",
        "datasetIndex": 2,
        "encode": {"x": "observed_at", "y": "Mean"},
        "showSymbol": False,
        "lineStyle": {"width": 2, "color": colors.series[3]},
        "itemStyle": {"color": colors.series[3]},
        "z": 4,
    }
