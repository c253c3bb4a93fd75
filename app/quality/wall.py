"""The wall: a small picture per data point, the strongest evidence first; only the page that is seen is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
import streamlit as st

from app import data, tables, times, ui, words
from app.quality import opening, trend_cards, wall_board, wall_filters, wall_jump, wall_precision, wall_spark
from app.quality.wall_board import Board
from app.quality.wall_filters import RULES, TABLE, TRENDS, Shown
from app.reports.phrases import plain

EXAMPLE = """metrics:
  - id: orders-per-day
    title: Orders per day
    source: postgresql://reader@warehouse/sales
    sql: select day as observed_at, count(*) as value from mart.orders group by day
    unit: orders
    subsystem: sales
profiles:
  - {id: warehouse, source: "postgresql://reader@warehouse/sales", tables: ["mart.*"], subsystem: sales}"""
NOT_JUDGED = ("learning", "unjudged", "too_old", "unknown", "left_out")
DAY_SECONDS = 86_400
SHOWN_LETTERS = 28  # of a title that fit on the narrowest card
CLAUSES = 2  # of the evidence that a card shows; the chart has all of it


def figures(found: Board, live_seconds: int | None = None) -> None:
    """When this was true, and the key figures."""
    ui.as_of(found.answer, live_seconds=live_seconds, notes=[f":gray[{plain(headline(found))}]"])
    total = found.points.height
    away = found.answer.is_stale or found.answer.as_of is None
    with st.grid(4, min_column_width=158):
        signals = found.number_of("signal")
        state = "signal" if signals else "unknown" if away or not found.number_of("in_control") else "in_control"
        detail = "the store is away" if away else _by_chance(found) or "no limits yet"
        ui.kpi("Data points that signal", f"{signals:,} of {total:,}", state, detail)
        calm = found.number_of("in_control")
        said = "the store is away" if away else f"{words.share(calm / total)} of all" if total else "none named"
        ui.kpi("In control", "Unknown" if away else f"{calm:,}", "in_control" if calm else "unknown", said)
        odd = [(found.number_of(kind), words.state(kind).word.lower()) for kind in NOT_JUDGED]
        parts = [f"{number:,} {word}" for number, word in sorted(odd, reverse=True) if number]
        more = ", …" if len(parts) > 1 else ""
        said = f"{parts[0]}{more}" if parts else "every point is judged"
        ui.kpi("Not judged", f"{sum(number for number, _ in odd):,}", "unknown", said, help_text=_listed(parts))
        watched, answered = found.number_of("watched"), found.number_of("answered")
        said = "the store is away" if away else f"{answered:,} answered by people" if answered else "no alert"
        ui.kpi("Only watched", "Unknown" if away else f"{watched:,}", "unknown" if away else "watched", said)


def headline(found: Board) -> str:
    """`3 of 1,204 data points signal; chance alone gives about 1 a week`."""
    total = words.plural(found.points.height, "data point")
    often = _by_chance(found).removeprefix("chance: ")
    expected = f"chance alone gives about {often}" if often else "no limits yet"
    return f"{found.number_of('signal'):,} of {total} signal; {expected}"


def _by_chance(found: Board) -> str:
    """`chance: 3 a week`, of a year where that is less than one; empty without limits."""
    weekly = found.by_chance
    if weekly is None:
        return ""
    yearly = weekly * 365.25 / 7
    return (
        f"chance: {weekly:,.0f} a week" if weekly >= 0.95 else f"chance: {yearly:,.{0 if yearly >= 9.5 else 1}f} a year"
    )


def _listed(parts: list[str]) -> str | None:
    return ", ".join(parts) if len(parts) > 1 else None


def warm() -> None:
    """Ask for what the first page of the wall shows."""
    _sparks(wall_board.board().points["metric_id"].head(wall_filters.SIZES[0]))


def show(found: Board) -> None:
    """Filters, then the data points that pass them as small pictures, as rows, or their trends."""
    if found.points.is_empty():
        _nothing_named(found)
        return
    wall_precision.demoted()
    shown = wall_filters.pick(found.points, lambda: wall_jump.pick("", 200))
    wall_filters.remember()
    if shown.view == RULES:
        wall_precision.show()
    elif shown.points.is_empty():
        ui.empty("No data point is so", "Widen the filters to see others.", ":material/filter_alt_off:")
    elif shown.view == TRENDS:
        trend_cards.render(metric_ids=shown.points["metric_id"].to_list())
    elif shown.view == TABLE:
        _table(shown)
    else:
        _cards(shown)


def _nothing_named(found: Board) -> None:
    if ui.nothing(found.answer, "No data point yet", "Name metrics or whole tables in the estate, as here:"):
        st.code(EXAMPLE, language="yaml")


def _cards(shown: Shown) -> None:
    place = st.container()
    rows = wall_filters.paged(shown)
    by_metric = _sparks(rows["metric_id"])
    with place, st.grid(3, min_column_width=270):
        for row in rows.iter_rows(named=True):
            _card(row, by_metric.get(row["metric_id"]))
    tables.export_menu(_exported(shown.points), "data_points")


def _sparks(ids: pl.Series) -> dict[str, pl.DataFrame]:
    """The newest points of these data points, by their ids."""
    asked = data.answer("quality_sparks", metrics=ids.to_list(), points=wall_spark.POINTS)
    return {str(key[0]): part for key, part in asked.frame.partition_by("metric_id", as_dict=True).items()}


def _card(row: dict[str, Any], points: pl.DataFrame | None) -> None:
    with st.container(border=True, gap="xsmall", height="stretch"):
        opening.link(f"**{plain(row['title'])}**", row["metric_id"], tip=tip(row["title"]))
        with st.container(horizontal=True, vertical_alignment="center", wrap=False):
            st.markdown(f"**{plain(row['newest'])}**", width="stretch")
            st.markdown(" ".join(badges(row)), width="content")
        if points is not None and points.height:
            said = f"{row['title']}, {wall_spark.spark_said(points)}"
            st.image(wall_spark.spark(points), width="stretch", alt=said)
        st.caption(plain(brief(row)))


def tip(title: str) -> str | None:
    """The whole title to show under the pointer, where a card may have to cut it."""
    return plain(title) if len(title) > SHOWN_LETTERS else None


def brief(row: Mapping[str, Any]) -> str:
    """When and why, as short as a card needs it: without the title, which stands above, and the end of the evidence."""
    said, day = str(row["said"]), seen(row)
    if row["kind"] in ("signal", "watched", "answered"):
        said = "; ".join(said.removeprefix(f"{row['title']} ").split("; ")[:CLAUSES]).rstrip(".")
        said = f"{said[:1].upper()}{said[1:]}"
    told = [part for part in (day, said) if part]
    return said if row["observed_at"] is None or day in said else " · ".join(told)


def seen(row: Mapping[str, Any]) -> str:
    """The day of the newest point on the viewer's clock, with the minute unless it is of a day or longer.

    A point of a whole day is stored at midnight, and its day is the same for every viewer.
    """
    if row["observed_at"] is None:
        return "No point yet"
    stored, at = row["observed_at"], times.local(row["observed_at"])
    is_whole = (row["step_seconds"] or DAY_SECONDS) >= 0.8 * DAY_SECONDS
    if is_whole and stored == stored.replace(hour=0, minute=0, second=0, microsecond=0):
        return f"{stored.day} {stored:%b}"
    return f"{at.day} {at:%b}" + (f" {at:%H:%M}" if (at.hour, at.minute) != (0, 0) else "")


def badges(row: dict[str, Any]) -> list[str]:
    """The state, with the strength of the evidence where it is a signal."""
    found = [ui.badge(row["kind"], _strength(row))]
    if row["is_late"] and row["kind"] not in NOT_JUDGED:
        found.append(":gray-badge[:material/history: late]")
    return found


def _strength(row: dict[str, Any]) -> str:
    score = row["evidence_score"]
    if row["kind"] not in ("signal", "watched") or score is None:
        return ""
    return f"{words.state(row['kind']).word} {score:.1f}×"


def _exported(points: pl.DataFrame) -> pl.DataFrame:
    kept = [
        "metric_id", "title", "kind", "evidence_score", "said", "value", "unit", "observed_at", "step_seconds",
        "signal_rules", "since_at", "rate", "subsystem", "dataset",
    ]  # fmt: skip
    return points.select(kept).rename({"kind": "state"})


def _table(shown: Shown) -> None:
    frame = shown.points.select(
        "metric_id", "kind", "title", "newest", "evidence_score", "said", "signal_rules", "since_at", "observed_at",
        "subsystem", "dataset", "value", "unit", "rate",
    ).with_columns(pl.col("signal_rules").str.replace_all(" ", ", ").str.replace_all("_", " "))  # fmt: skip
    columns = {
        "kind": {**tables.state("State"), "width": 140},
        "title": tables.text("Data point", 220),
        "newest": tables.text("Newest", 110),
        "evidence_score": tables.number("Evidence", "%.2f", "Of the limit; 1 and above is a signal"),
        "said": tables.text("Why", 360),
        "signal_rules": tables.text("Rules"),
        "since_at": tables.moment("Signals since"),
        "observed_at": tables.moment("Newest point"),
    }
    row = tables.show(frame, columns, "data_points", "Data points, strongest evidence first", ["kind"], selectable=True)
    if row is not None and row < frame.height:
        opening.go(frame["metric_id"][row])
        st.rerun()
