"""Pictures of reports: ninety days as bars, how long looks took. Frames in, SVG or ECharts specifications out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl

from app import charts, words
from app.charts import Spec
from app.colors import Palette, palette

BAR, GAP, HEIGHT = 3, 1, 28
HEIGHTS = {"good": 16, "warn": 22, "bad": 28, "planned": 16, "quiet": 4}  # the worse the taller: colour is not all
BAD_SHARE = 0.05
NEAR = 3.0
DAY_NAMES = {"good": "good", "warn": "partly bad", "bad": "bad", "planned": "planned", "quiet": "unknown"}


def day_kinds(days: pl.DataFrame, last: date, span: int) -> list[str]:
    """What each of `span` days up to `last` was, oldest first: good, warn, bad, planned, or quiet (nobody knows).

    `days` are the rows of one report: day_at, known, good, degraded, down, planned. A day is bad when more than a
    twentieth of its looks were.
    """
    by_day = {row["day_at"].date(): _kind(row) for row in days.iter_rows(named=True)}
    return [by_day.get(last - timedelta(days=back), "quiet") for back in range(span - 1, -1, -1)]


def _kind(row: dict[str, int]) -> str:
    if not row["known"]:
        return "planned" if row["planned"] else "quiet"
    if row["down"] > BAD_SHARE * row["known"]:
        return "bad"
    return "warn" if row["down"] or row["degraded"] else "good"


def days_said(kinds: Sequence[str]) -> str:
    """The days in words: `90 days: 84 good, 3 partly bad, 2 bad, 1 unknown`."""
    counts = [(name, sum(kind == code for kind in kinds)) for code, name in DAY_NAMES.items()]
    told = ", ".join(f"{number} {name}" for name, number in counts if number)
    return f"{len(kinds)} days: {told}"


def day_bars(kinds: Sequence[str]) -> str:
    """One bar a day as SVG, oldest first; worse days are taller as well as of another colour."""
    colors = _colors(palette())
    width = len(kinds) * (BAR + GAP) - GAP
    paths = []
    for code, color in colors.items():
        bars = [
            f"M{place * (BAR + GAP)} {HEIGHT}v-{HEIGHTS[code]}h{BAR}v{HEIGHTS[code]}z"
            for place, kind in enumerate(kinds)
            if kind == code
        ]
        if bars:
            paths.append(f'<path fill="{color}" d="{"".join(bars)}"/>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{HEIGHT}" viewBox="0 0 {width} {HEIGHT}" '
        f'preserveAspectRatio="none">{"".join(paths)}</svg>'
    )


def _colors(colors: Palette) -> dict[str, str]:
    return {
        "good": colors.good,
        "warn": colors.warn,
        "bad": colors.bad,
        "planned": colors.accent,
        "quiet": colors.quiet,
    }


def days_chart(days: pl.DataFrame) -> Spec:
    """Shares of the looks of each day by how they ended: columns day_at, looks, good, degraded, down, planned."""
    parts = {"good": "Good", "degraded": "Degraded", "down": "Down", "planned": "Planned"}
    shares = [(100 * pl.col(name) / pl.col("looks")).round(2).alias(title) for name, title in parts.items()]
    meanings = charts.outcome_colors({"Good": "good", "Degraded": "warn", "Down": "bad", "Planned": "accent"})
    spec = charts.stacked(days.filter(pl.col("looks") > 0).select("day_at", *shares), "%", meanings)
    spec["yAxis"]["max"] = 100
    return spec


def p95(looks: pl.DataFrame) -> float | None:
    """The seconds below which 95 % of the looks were useful; None without any."""
    return looks["latency_seconds"].drop_nulls().quantile(0.95, "linear")


def latency_chart(looks: pl.DataFrame, slow_seconds: float) -> Spec:
    """Seconds until the page was useful, with the p95 and, where it lies near, the promised limit.

    Columns: observed_at, latency_seconds, in ascending order, with at least one latency.
    """
    series = looks.select("observed_at", pl.col("latency_seconds").alias("Useful after"))
    highest = float(series["Useful after"].max() or 0.0)  # type: ignore[arg-type]
    level = p95(looks)
    limits = {f"p95 {words.duration(level)}": level} if level is not None else {}
    top = highest * 1.3
    if slow_seconds <= NEAR * highest:  # a limit far above would press the line to the floor
        limits[f"Promised {words.duration(slow_seconds)}"] = slow_seconds
        top = max(top, slow_seconds * 1.15)
    return charts.lines(series, "seconds", limits, top=float(f"{top:.2g}"))
