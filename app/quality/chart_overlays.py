"""What people and tests said over the points of a chart: stages as lines, plans and left-out times as shades, notes."""

from __future__ import annotations

from datetime import datetime, timedelta
from html import escape
from typing import Any

import plotly.graph_objects as go
import polars as pl

from app import times
from app.colors import Palette
from app.quality.story import Story

LONGEST = 34
SHADE = "rgba(127, 127, 127, 0.18)"  # behind the words of a note, on dark and light ground
MOST_NOTES = 20
LINE_HEIGHT = 14  # pixels
CHARACTER = 0.022  # of the span: the width of a letter on a phone
ROOM = 0.01  # of the span, at each end


def add(figure: go.Figure, story: Story, rows: pl.DataFrame, colors: Palette) -> None:
    """Lay them over `figure`, whose points are `rows` with local times in `at`; what lies outside is left out."""
    if rows.is_empty():
        return
    half = _step(rows) / 2
    first, last = edges(rows)
    shapes: list[dict[str, Any]] = []
    texts: list[dict[str, Any]] = []
    for mark in story.marks.filter(~pl.col("is_withdrawn")).iter_rows(named=True):
        begin, end = _local(mark["from_at"]) - half, _local(mark["to_at"]) + half
        if mark["kind"] in ("planned", "left_out") and end > first and begin < last:
            shapes.append(_shade(mark["kind"], max(begin, first), min(end, last), colors))
            said = f"{_WORDS[mark['kind']]}: {mark['made_for']}"
            texts.append(_text(max(begin, first), said, colors, rows, at_top=False))
    for stage in story.stages.filter(pl.col("state").is_in(["accepted", "proposed"])).iter_rows(named=True):
        at = _local(stage["starts_at"]) - half
        if first < at < last:
            shapes.append(_line(at, stage["state"] == "proposed", colors))
            said = f"{'Stage proposed' if stage['state'] == 'proposed' else 'Stage'}: {stage['reason']}"
            texts.append(_text(at, said, colors, rows, at_top=True))
    _stack(texts, last - first)
    texts += _notes(story, rows, colors)
    figure.update_layout(shapes=shapes, annotations=texts)


def _stack(texts: list[dict[str, Any]], span: timedelta) -> None:
    """Move each text away from those at the same edge that it would cover on a narrow screen."""
    for place, text in enumerate(texts):
        begin, end = _reach(text, span)
        beside = [_reach(one, span) for one in texts[:place] if one["y"] == text["y"]]
        near = sum(left < end and begin < right for left, right in beside)
        text["yshift"] = LINE_HEIGHT * near * (-1 if text["y"] else 1)


def _reach(text: dict[str, Any], span: timedelta) -> tuple[datetime, datetime]:
    width = CHARACTER * len(text["text"]) * span
    begin: datetime = text["x"] - width if text["xanchor"] == "right" else text["x"]
    return begin, begin + width


def edges(rows: pl.DataFrame) -> tuple[datetime, datetime]:
    """Where the chart begins and ends: half a step, and a little, around its points, of which there is one at least."""
    begin, end = rows["at"][0], rows["at"][-1]
    room = _step(rows) / 2 + (end - begin) * ROOM
    return begin - room, end + room


_WORDS = {"planned": "Planned", "left_out": "Left out"}


def _local(moment: datetime) -> datetime:
    return times.local(moment).replace(tzinfo=None)


def _step(rows: pl.DataFrame) -> timedelta:
    step = rows["at"].diff().drop_nulls().median()
    return step if isinstance(step, timedelta) else timedelta(hours=1)


def _shade(kind: str, begin: datetime, end: datetime, colors: Palette) -> dict[str, Any]:
    color = colors.series[3] if kind == "planned" else colors.quiet
    return {
        "type": "rect", "xref": "x", "yref": "paper", "x0": begin, "x1": end, "y0": 0, "y1": 1,
        "fillcolor": color, "opacity": 0.16, "line": {"width": 0}, "layer": "below",
    }  # fmt: skip


def _line(at: datetime, is_proposed: bool, colors: Palette) -> dict[str, Any]:
    line = {"width": 1.6, "color": colors.series[2], "dash": "dot" if is_proposed else "solid"}
    return {"type": "line", "xref": "x", "yref": "paper", "x0": at, "x1": at, "y0": 0, "y1": 1, "line": line}


def _text(at: datetime, said: str, colors: Palette, rows: pl.DataFrame, at_top: bool) -> dict[str, Any]:
    return {
        "x": at, "y": 1.0 if at_top else 0.0, "xref": "x", "yref": "paper", "text": _short(said), "showarrow": False,
        "xanchor": _side(rows, at), "yanchor": "bottom", "hovertext": escape(said),
        "font": {"size": 11, "color": colors.series[2] if at_top else colors.quiet},
    }  # fmt: skip


def _notes(story: Story, rows: pl.DataFrame, colors: Palette) -> list[dict[str, Any]]:
    """Notes with an arrow to the nearest point."""
    kept = story.marks.filter((pl.col("kind") == "note") & ~pl.col("is_withdrawn")).head(MOST_NOTES)
    found = []
    top = _top(rows)
    for note in kept.iter_rows(named=True):
        at = _local(note["from_at"])
        near = rows.filter(pl.col("value").is_finite()).sort((pl.col("at") - at).abs()).head(1)
        if (
            near.is_empty()
            or not rows["at"][0] <= near["at"][0] <= rows["at"][-1]
            or abs(near["at"][0] - at) > 3 * _step(rows)
        ):
            continue
        found.append(
            {
                "x": near["at"][0], "y": near["value"][0], "text": f"✎ {_short(note['made_for'])}", "showarrow": True,
                "arrowhead": 0, "arrowcolor": colors.quiet, "hovertext": escape(note["made_for"]), "bgcolor": SHADE,
                "font": {"size": 11, "color": colors.quiet}, "xanchor": _side(rows, near["at"][0]),
                "axref": "x", "ax": near["at"][0], "ayref": "y", "ay": top, "yanchor": "bottom",
            }
        )  # fmt: skip
    return found


def _top(rows: pl.DataFrame) -> float:
    """The highest value or limit that is drawn."""
    highest = [rows[name].max() for name in ("value", "upper")]
    return max(float(one) for one in highest if isinstance(one, int | float))


def _side(rows: pl.DataFrame, at: datetime) -> str:
    """At which side of a place its text ends: in the later half of the chart it goes to the left."""
    begin, end = edges(rows)
    return "right" if (at - begin) > 0.5 * (end - begin) else "left"


def _short(text: str) -> str:
    said = " ".join(text.split())
    return escape(said if len(said) <= LONGEST else f"{said[: LONGEST - 1]}…")
