"""Control charts of stored series: asks for the values, lets analysis judge them, and says what came out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl
import streamlit as st

from analysis.spc.charts import ControlChart
from analysis.spc.rules import NELSON, RULES, Rule
from analysis.spc.trend import rolling_mean
from analysis.spc.variables_charts import individuals
from app import data
from app.answers import Answer
from app.quality import wall_board

FEWEST_POINTS = 8
SUMMARY_SPAN = timedelta(days=30)
SUMMARY_POINTS = 200
RECENT_POINTS = 12  # a signal among these is news; an older one is history
STATES_SECONDS = 20
MOST_WAITING = 200  # series charted while they wait for their first verdict
EMPTY: dict[str, pl.DataType | type[pl.DataType]] = {
    "metric_id": pl.String,
    "title": pl.String,
    "unit": pl.String,
    "state": pl.String,
    "rules": pl.String,
    "value": pl.Float64,
    "observed_at": pl.Datetime("us"),
    "points": pl.Int64,
    "values": pl.List(pl.Float64),
    "signalled_at": pl.List(pl.Datetime("us")),
}


@dataclass(frozen=True, slots=True)
class Charted:
    """A series with its control chart; `chart` is None when there are too few points to judge."""

    frame: pl.DataFrame
    chart: ControlChart | None


def chart_of(frame: pl.DataFrame, baseline: int | None = None) -> Charted:
    """The individuals chart of columns `observed_at` and `value`, gaps left out; limits from the first `baseline`."""
    clean = frame.filter(pl.col("value").is_finite())
    if clean.height < FEWEST_POINTS:
        return Charted(clean, None)
    return Charted(clean, individuals(clean["value"].to_numpy(), min(baseline, clean.height) if baseline else None))


def signals_of(charted: Charted) -> pl.DataFrame:
    """One row per signal, newest first: time, value, rule, its title, what it means, the points of the pattern."""
    found = charted.chart.signals if charted.chart else ()
    rows = charted.frame
    return pl.DataFrame(
        {
            "observed_at": [rows["observed_at"][signal.index - 1] for signal in found],
            "value": [rows["value"][signal.index - 1] for signal in found],
            "rule": [signal.rule for signal in found],
            "title": [RULES[signal.rule].title for signal in found],
            "explanation": [RULES[signal.rule].explanation for signal in found],
            "points": [len(signal.members) for signal in found],
        },
        schema={
            "observed_at": pl.Datetime("us"),
            "value": pl.Float64,
            "rule": pl.String,
            "title": pl.String,
            "explanation": pl.String,
            "points": pl.Int64,
        },
    ).reverse()


def nelson_rules() -> list[Rule]:
    """The eight rules that charts are judged by."""
    return [RULES[name] for name in NELSON]


def smoothed(frame: pl.DataFrame, window: int) -> pl.DataFrame:
    """The frame with a column `mean`: the rolling mean over `window` points, null until there are enough."""
    means = rolling_mean(frame["value"].to_numpy().astype(np.float64), window)
    return frame.with_columns(pl.Series("mean", means).fill_nan(None))


def states() -> tuple[pl.DataFrame, Answer]:
    """One row per data point: is it in control now, why not; and the answer behind it.

    What was judged is as the wall of the page has it, with the evidence in `rules`. Until a metric of the estate has a
    first verdict, an individuals chart over Nelson's rules stands in, and `rules` names those that fired lately.
    """
    board = wall_board.board()
    judged = _judged(board.points.filter(pl.col("kind") != "unjudged"))
    waiting = board.points.filter(pl.col("kind") == "unjudged")
    if waiting.is_empty():
        return judged, board.answer
    answer = data.answer("data_points_recent", since=SUMMARY_SPAN, points=SUMMARY_POINTS)
    titles = tuple(sorted(waiting.select("metric_id", "title").head(MOST_WAITING).iter_rows()))
    found = _states(answer.frame.filter(pl.col("metric_id").is_in([name for name, _ in titles])), titles)
    return pl.concat([judged, found]), answer


def _judged(points: pl.DataFrame) -> pl.DataFrame:
    """Rows of the board as rows of states."""
    signalled = data.answer("quality_signalled", since=SUMMARY_SPAN).frame
    at = signalled.group_by("metric_id").agg(pl.col("observed_at").alias("signalled_at"))
    nothing: dict[str, pl.Expr] = {"points": pl.lit(None), "values": pl.lit([])}
    rows = points.join(at, on="metric_id", how="left", maintain_order="left").with_columns(
        pl.col("kind").alias("state"),
        pl.when(pl.col("kind") == "signal").then("said").otherwise(pl.lit("")).alias("rules"),
        pl.col("signalled_at").fill_null([]),
        **nothing,
    )
    return rows.select(pl.col(name).cast(kind) for name, kind in EMPTY.items())


@st.cache_data(ttl=STATES_SECONDS, max_entries=8, show_spinner=False)
def _states(frame: pl.DataFrame, titles: tuple[tuple[str, str], ...]) -> pl.DataFrame:
    known = {name: rows for (name,), rows in frame.partition_by("metric_id", as_dict=True).items()}
    units = {metric.id: metric.unit for metric in data.estate().estate.metrics}
    names = dict(titles)
    rows = [
        _state(name, names.get(name, str(name)), units.get(name, ""), known.get(name, frame.clear()))
        for name in sorted({*known, *names}, key=lambda name: names.get(name, str(name)))
    ]
    return pl.DataFrame(rows, schema=EMPTY)


def _state(name: str, title: str, unit: str, rows: pl.DataFrame) -> dict[str, object]:
    charted = chart_of(rows)
    newest = rows.height - RECENT_POINTS
    fired = {s.rule for s in charted.chart.signals if s.index > newest} if charted.chart else set()
    state = "too_few" if charted.chart is None else "signal" if fired else "in_control"
    return {
        "metric_id": name,
        "title": title,
        "unit": unit,
        "state": "unknown" if rows.is_empty() else state,
        "rules": ", ".join(RULES[rule].title for rule in NELSON if rule in fired),
        "value": rows["value"].last() if rows.height else None,
        "observed_at": rows["observed_at"].last() if rows.height else None,
        "points": rows.height,
        "values": rows["value"].tail(40).to_list(),
        "signalled_at": _signalled(charted),
    }


def _signalled(charted: Charted) -> list[datetime]:
    places = sorted({signal.index - 1 for signal in charted.chart.signals}) if charted.chart else []
    return charted.frame["observed_at"].gather(places).to_list()


def signals_by_day(states: pl.DataFrame) -> list[int]:
    """How many points of all series were signals, day by day, without a gap from the first such day on."""
    days = states.select(pl.col("signalled_at").explode().dt.truncate("1d").alias("day_at")).drop_nulls()
    if days.is_empty():
        return []
    counted = days.group_by("day_at").len().sort("day_at").upsample("day_at", every="1d")
    return counted["len"].fill_null(0).to_list()
