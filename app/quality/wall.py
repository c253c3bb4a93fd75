"""The wall: a small picture per data point, the strongest evidence first; only the page that is seen is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
import streamlit as st

from app import data, tables, times, ui, words
from app.quality import opening, trend_cards, wall_filters, wall_jump, wall_precision, wall_spark
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
NOT_JUDGED = ("learning", "unjudged", "too_old", "unknown")


def figures(found: Board, live_seconds: int | None = None) -> None:
    """When this was true, and the key figures."""
    ui.as_of(found.answer, live_seconds=live_seconds, notes=[f":gray-badge[{plain(headline(found))}]"])
    total = found.points.height
    away = found.answer.is_stale or found.answer.as_of is None
    with st.grid(4, min_column_width=158):
        signals = found.number_of("signal")
        state = "signal" if signals else "unknown" if away or not found.number_of("in_control") else "in_control"
        detail = "the store is away" if away else _expected(found).replace("chance alone gives", "by chance")
        ui.kpi("Data points that signal", f"{signals:,} of {total:,}", state, detail)
        calm = found.number_of("in_control")
        said = "the store is away" if away else f"{words.share(calm / total)} of all" if total else "none named"
        ui.kpi("In control", "Unknown" if away else f"{calm:,}", "in_control" if calm else "unknown", said)
        odd = [(found.number_of(kind), words.state(kind).word.lower()) for kind in NOT_JUDGED]
        said = ", ".join(f"{number:,} {word}" for number, word in odd if number) or "every point is judged"
        ui.kpi("Not judged", f"{sum(number for number, _ in odd):,}", "unknown", said)
        watched, answered = found.number_of("watched"), found.number_of("answered")
        ui.kpi(
            "Only watched", f"{watched:,}", "watched", f"{answered:,} answered by people" if answered else "no alert"
        )


def headline(found: Board) -> str:
    """`3 of 1,204 data points signal; chance alone gives about 1 a week`."""
    total = words.plural(found.points.height, "data point")
    return f"{found.number_of('signal'):,} of {total} signal; {_expected(found)}"


def _expected(found: Board) -> str:
    by_chance = found.by_chance
    if by_chance is None:
        return "no limits yet"
    if by_chance >= 0.95:
        return f"chance alone gives about {by_chance:,.0f} a week"
    return f"chance alone gives about {by_chance * 365.25 / 7:,.1f} a year"


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
        trend_cards.render()
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
    ids = rows["metric_id"].to_list()
    sparks = data.answer("quality_sparks", metrics=ids, points=wall_spark.POINTS)
    by_metric = {str(key[0]): part for key, part in sparks.frame.partition_by("metric_id", as_dict=True).items()}
    with place, st.grid(3, min_column_width=270):
        for row in rows.iter_rows(named=True):
            _card(row, by_metric.get(row["metric_id"]))
    tables.export_menu(_exported(shown.points), "data_points")


def _card(row: dict[str, Any], points: pl.DataFrame | None) -> None:
    with st.container(border=True, gap="xsmall", height="stretch"):
        opening.link(f"**{plain(row['title'])}**", row["metric_id"])
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(f"**{plain(row['newest'])}** :gray[{seen(row)}]".removeprefix("**–** "), width="content")
            st.markdown(" ".join(badges(row)), width="content")
        if points is not None and points.height:
            said = f"{row['title']}, {wall_spark.spark_said(points)}"
            st.image(wall_spark.spark(points), width="stretch", alt=said)
        if row["said"]:
            st.caption(plain(row["said"]))


def seen(row: Mapping[str, Any]) -> str:
    """The day of the newest point on the viewer's clock, with the minute where it is not midnight there."""
    if row["observed_at"] is None:
        return "no point yet"
    at = times.local(row["observed_at"])
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
