"""All that is known of one data point over a span: its points with verdicts, signals, marks, stages, limits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
import polars as pl

from app import data
from app.answers import Answer
from app.quality import acts
from config.quality import Metric, Watch

DETECTOR = ("spike", "shift", "drift")  # rules of the calibrated detector; all others are rules of control charts
MEMBERS: dict[str, pl.DataType | type[pl.DataType]] = {
    "signal_id": pl.String,
    "rule": pl.String,
    "observed_at": pl.Datetime("us"),
}


@dataclass(frozen=True, slots=True)
class Story:
    """Frames of one metric, as the queries and the acts of this session return them; times are naive UTC.

    `signals` has the newest answer in `answer`, `answered_by`, `answer_reason`, `answered_at`; `members` has a row for
    each point of each signal: signal_id, rule, observed_at.
    """

    metric: Metric
    watch: Watch
    points: pl.DataFrame
    signals: pl.DataFrame
    members: pl.DataFrame
    marks: pl.DataFrame
    stages: pl.DataFrame
    limits: pl.DataFrame
    answers: tuple[Answer, ...]

    @property
    def asked(self) -> Answer:
        """The answer that the points came with."""
        return self.answers[0]

    @property
    def is_judged(self) -> bool:
        """Whether any of the points was held against limits."""
        return bool(self.points["state"].is_in(["in_control", "signal"]).any())

    @property
    def has_verdicts(self) -> bool:
        """Whether anything was said of any point, be it only that there is too little history."""
        return bool(self.points["state"].is_not_null().any())


def story(metric: Metric, span: timedelta) -> Story:
    """What is known of `metric` over `span` up to now; its signals, marks and stages whenever they were."""
    points = data.answer("quality_points", metric_id=metric.id, since=span)
    asked = data.answer("quality_signals", metric_id=metric.id)
    limits = data.answer("quality_limits", metric_id=metric.id)
    marks, _ = acts.marks_of(metric.id)
    stages, _ = acts.stages_of(metric.id)
    said, _ = acts.answers_of(metric.id)
    renamed = said.select(
        "signal_id",
        "answer",
        "answered_at",
        pl.col("actor").alias("answered_by"),
        pl.col("reason").alias("answer_reason"),
    )
    signals = asked.frame.join(renamed, on="signal_id", how="left", maintain_order="left")
    return Story(
        metric, acts.watch_of(metric), points.frame, signals, members_of(signals), marks, stages, limits.frame,
        (points, asked, limits),
    )  # fmt: skip


def members_of(signals: pl.DataFrame) -> pl.DataFrame:
    """A row for each point of each signal that was not withdrawn; of one whose list cannot be read, its ends."""
    rows = [
        (row["signal_id"], row["rule"], at)
        for row in signals.filter(pl.col("state") != "withdrawn").iter_rows(named=True)
        for at in times_of(row["members"]) or sorted({row["first_at"], row["last_at"]})
    ]
    return pl.DataFrame(rows, schema=MEMBERS, orient="row")


def times_of(members: str) -> list[datetime]:
    """The times in a JSON list of ISO texts, as naive UTC; none for what is no such list."""
    try:
        found = orjson.loads(members)
        return [datetime.fromisoformat(at).replace(tzinfo=None) for at in found]
    except (ValueError, TypeError):
        return []


def family_of(rule: str) -> str:
    """`detector` for the calibrated one, else `rules`."""
    return "detector" if rule in DETECTOR else "rules"
