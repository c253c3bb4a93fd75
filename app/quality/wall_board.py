"""How every data point is now, and why: one row each, the strongest evidence first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl
import streamlit as st

from app import data, times, words
from app.answers import Answer
from app.quality import series

RECENT_SPAN = timedelta(days=8)  # the usual step is that of these days, else of all
LATE_STEPS = 3  # a point is too old when so many more were due
LEAST_PATIENCE_SECONDS = 3600.0
UNKNOWN_STEP_SECONDS = 86400.0  # of a data point with a single value
WEEK_SECONDS = 7 * 86400.0
KINDS = ("signal", "watched", "too_old", "unjudged", "unknown", "answered", "learning", "left_out", "in_control")


@dataclass(frozen=True, slots=True)
class Board:
    """Every data point that the estate watches, sorted by evidence.

    Columns of `points`: those of the query quality_wall without `state`, then title, unit, subsystem, dataset,
    direction, kind (one of KINDS), evidence_score (a share of the limit), said (why), newest (the value in its unit).
    """

    points: pl.DataFrame
    answer: Answer

    def number_of(self, kind: str) -> int:
        """How many are of that kind."""
        return int((self.points["kind"] == kind).sum())

    @property
    def by_chance(self) -> float | None:
        """Signals a week that chance alone gives, as promised by the limits in force; None without any limits."""
        rates = self.points.filter(pl.col("rate").is_not_null() & (pl.col("step_seconds") > 0))
        if rates.is_empty():
            return None
        return float((rates["rate"] * WEEK_SECONDS / rates["step_seconds"]).sum())


def board() -> Board:
    """The board as it is now."""
    answer = data.answer("quality_wall", recent_since=RECENT_SPAN)
    return Board(_points(answer, id(data.estate())), answer)


@st.cache_data(
    ttl=data.TTL_SECONDS, max_entries=4, show_spinner=False, hash_funcs={Answer: lambda one: (one.as_of, one.is_stale)}
)
def _points(answer: Answer, estate: int) -> pl.DataFrame:  # noqa: ARG001  # part of the cache's key
    known = series.catalogue(answer.frame["metric_id"])
    frame = known.join(answer.frame, on="metric_id", how="left", maintain_order="left")
    return judged(frame, times.now(), answer.is_stale or answer.as_of is None)


def judged(frame: pl.DataFrame, at: datetime, is_away: bool) -> pl.DataFrame:
    """The rows of quality_wall with names, kind, evidence_score, said and newest; the strongest evidence first.

    While the store is away nothing is in control, what was then is unknown; all stand where they stood.
    """
    patience = LATE_STEPS * pl.col("step_seconds").fill_null(UNKNOWN_STEP_SECONDS)
    patience = pl.max_horizontal(patience, pl.lit(LEAST_PATIENCE_SECONDS))
    age = (pl.lit(at) - pl.col("observed_at")).dt.total_seconds()
    known = (
        pl.when(pl.col("observed_at").is_null())
        .then(pl.lit("unknown"))
        .when(pl.col("alerting") > 0)
        .then(pl.lit("signal"))
        .when(pl.col("watched") > 0)
        .then(pl.lit("watched"))
        .when(pl.col("state").is_null())
        .then(pl.lit("unjudged"))
        .when(age > patience)
        .then(pl.lit("too_old"))
        .when(pl.col("answered") > 0)
        .then(pl.lit("answered"))
        .otherwise("state")
    )
    kind = pl.when(pl.lit(is_away) & (known != "signal")).then(pl.lit("unknown")).otherwise(known)
    score = pl.max_horizontal(pl.col("signal_score"), pl.col("score"))
    rows = frame.with_columns(kind.alias("kind"), score.alias("evidence_score"), age.alias("age_seconds"))
    told = [_said(row, is_away) for row in rows.iter_rows(named=True)]
    newest = [
        words.UNKNOWN_NUMBER if value is None else words.measured(value, unit)
        for value, unit in rows.select("value", "unit").iter_rows()
    ]
    order = known.replace_strict({name: place for place, name in enumerate(KINDS)}, default=0)
    return (
        rows.with_columns(pl.Series("said", told, pl.String), pl.Series("newest", newest, pl.String))
        .sort(order, pl.col("evidence_score").fill_null(0) * -1, "title", "metric_id")
        .drop("state")
    )


def _said(row: dict[str, object], is_away: bool) -> str:
    """Why it is so, in one sentence; of what is in control only how near it is to a limit."""
    score = row["evidence_score"]
    match row["kind"]:
        case "signal" | "watched" | "answered":
            return str(row["evidence"] or "")
        case "too_old":
            age, step = row["age_seconds"], row["step_seconds"]
            due = f"; one is due every {words.duration(_number(step))}" if step else ""
            return f"No point for {words.duration(_number(age))}{due}"
        case "unjudged":
            return "Points are stored, none is judged yet"
        case "learning":
            return "Too little history to judge by"
        case "left_out":
            return "A person left the newest point out"
        case "unknown":
            return "Not known while the store is away" if is_away else "No point was collected yet"
        case _:
            return f"Evidence {_number(score):.0%} of a limit".replace("%", " %") if score is not None else ""


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
