"""Pictures of refreshes: job by day, expected against real, alarms a week. Frames in, ECharts specifications out."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from app import words
from app.charts import Spec, frame_of
from app.colors import Palette, palette
from app.state_words import BAD, BUSY, GOOD, QUIET, WARN

CELL_PIXELS = 22
LABELLED_DAYS = 45  # with more days a cell is too narrow for a sign
MEANINGS = {"good": "on time", "warn": "late", "bad": "failed", "quiet": "unknown", "busy": "open"}
MEANING_OF = {GOOD: "good", WARN: "warn", BAD: "bad", QUIET: "quiet", BUSY: "busy"}
SIGNS = {"warn": "!", "bad": "✕", "quiet": "?", "good": "", "busy": "…"}


def meaning(verdict: str | None) -> str:
    """What a verdict comes down to: good, warn, bad, quiet or busy."""
    return MEANING_OF[words.state(verdict).color]


def color_of(colors: Palette, kind: str) -> str:
    """The colour of a meaning."""
    return {
        "good": colors.good,
        "warn": colors.warn,
        "bad": colors.bad,
        "quiet": colors.quiet,
        "busy": colors.accent,
    }[kind]


def heat_map(days: pl.DataFrame, jobs: Sequence[str], dates: Sequence[str]) -> Spec:
    """Jobs (first on top) by days; `days` has day, job, verdict, said: the worst verdict of a day makes its colour.

    Each cell that is not good bears a sign as well, so that colour is never the only one.
    """
    colors = palette()
    codes = {name: code for code, name in enumerate(MEANINGS)}
    told = pl.col("verdict").map_elements(meaning, return_dtype=pl.String)
    code, sign = told.replace_strict(codes, return_dtype=pl.Int64), told.replace(SIGNS)
    cells = days.select("day", "job", code.alias("kind"), sign.alias("sign"), "said")
    axis = {"axisTick": {"show": False}, "axisLine": {"show": False}, "splitArea": {"show": False}}
    return {
        "animation": False,
        "grid": {"left": 8, "right": 18, "top": 30, "bottom": 4, "containLabel": True},
        "tooltip": {"trigger": "item", "formatter": "{@said}"},
        "xAxis": {"type": "category", "data": list(dates), "position": "bottom", **axis},
        "yAxis": {
            "type": "category",
            "data": list(jobs),
            "inverse": True,
            "triggerEvent": True,
            "axisLabel": {"width": 130, "overflow": "truncate", "interval": 0, "fontSize": 11},
            **axis,
        },
        "visualMap": {
            "type": "piecewise",
            "dimension": 2,
            "pieces": [
                {"value": codes[name], "label": said, "color": color_of(colors, name)}
                for name, said in MEANINGS.items()
            ],
            "orient": "horizontal",
            "top": 0,
            "left": 0,
            "itemWidth": 10,
            "itemHeight": 10,
            "itemGap": 12,
            "textStyle": {"fontSize": 11, "color": colors.quiet},
        },
        "dataset": {"source": cells},
        "series": [
            {
                "type": "heatmap",
                "encode": {"x": "day", "y": "job", "value": "kind"},
                "selectedMode": "single",
                "label": {
                    "show": len(dates) <= LABELLED_DAYS,
                    "formatter": "{@sign}",
                    "color": "#FFFFFF",
                    "fontSize": 10,
                },
                "itemStyle": {"borderRadius": 3, "borderWidth": 1, "borderColor": colors.line, "opacity": 0.85},
                "emphasis": {"itemStyle": {"opacity": 1, "borderColor": colors.accent}},
            }
        ],
    }


def heat_height(jobs: int) -> int:
    """Pixels that a heat map of so many jobs needs."""
    return 30 + 34 + CELL_PIXELS * max(jobs, 2)


def slot_timeline(slots: pl.DataFrame) -> Spec:
    """Per slot, the first on top, the window from due to deadline and the run in it, in minutes after the due time.

    Columns: label, window, started, lasted (minutes, null without a run), verdict, said.
    """
    colors = palette()
    frame = slots.select(
        "label", "window", "started", "said", *(_part(name).alias(title) for name, title in MEANINGS.items())
    )
    spec = frame_of(colors, "min", legend=False)
    spec["tooltip"] = {"trigger": "axis", "axisPointer": {"type": "shadow"}, "formatter": "{b}<br/>{@said}"}
    spec["xAxis"] = {
        "type": "value",
        "splitLine": {"lineStyle": {"color": colors.line}},
        "axisLabel": {"formatter": "{value} min", "hideOverlap": True},
    }
    spec["yAxis"] = {
        "type": "category",
        "inverse": True,
        "axisTick": {"show": False},
        "axisLine": {"show": False},
        "axisLabel": {"fontSize": 11},
    }
    spec["grid"] |= {"top": 8, "right": 22}
    spec["dataset"] = {"source": frame}
    spec["series"] = [
        _bar("window", "Window", colors.band.replace("0.08", "0.22").replace("0.06", "0.18"), barWidth="80%"),
        _bar("started", "", "transparent", barWidth="46%", stack="run", barGap="-90%", z=3),
        *(
            _bar(title, title, color_of(colors, name), barWidth="46%", stack="run", z=3)
            for name, title in MEANINGS.items()
        ),
    ]
    return spec


def _part(name: str) -> pl.Expr:
    kinds = pl.col("verdict").map_elements(meaning, return_dtype=pl.String)
    # Nothing is 0, not null: a bar stacked on null is not drawn.
    return pl.when(kinds == name).then(pl.col("lasted")).otherwise(0.0).fill_null(0.0)


def _bar(column: str, name: str, color: str, **more: str | int) -> Spec:
    return {
        "type": "bar",
        "name": name,
        "encode": {"y": "label", "x": column},
        "itemStyle": {"color": color, "borderRadius": 3},
        "stackStrategy": "all",
        **more,
    }


def timeline_height(slots: int) -> int:
    """Pixels that a timeline of so many slots needs."""
    return 44 + 16 * max(slots, 4)


def alarms(weeks: pl.DataFrame) -> Spec:
    """Alarms by week as things are and as they would be: columns week, Now, Then."""
    colors = palette()
    spec = frame_of(colors, "", legend=True)
    spec["xAxis"] |= {"type": "category", "axisTick": {"show": False}}
    spec["yAxis"] |= {"minInterval": 1}
    spec["tooltip"] = {"trigger": "axis", "axisPointer": {"type": "shadow"}}
    spec["dataset"] = {"source": weeks}
    spec["series"] = [
        {"type": "bar", "name": name, "encode": {"x": "week", "y": name}, "itemStyle": {"color": color}}
        for name, color in (("Now", colors.quiet), ("Then", colors.accent))
    ]
    return spec
