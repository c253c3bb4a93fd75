"""Why nobody can tell how a data point is now: its collector is silent, its source fails, or nothing new has come."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from alerts.wording import span_text
from config.quality import PREFIX

COLLECTORS = {True: "table_profiles", False: "data_points"}  # by whether the metric is one of a profiled table
SILENT_STEPS = 3
GRACE = timedelta(seconds=30)
OLD_STEPS = 5  # points that may be missing: a week of working days has gaps, and so have holidays
OLD_LEAST = timedelta(minutes=15)
LEFT_OUT = re.compile(r"metric \S+ returned \d+ rows without a value")  # of a statement that worked


@dataclass(frozen=True, slots=True)
class Doubts:
    """What is known of the collectors: their newest runs by name, and how often they run."""

    now: datetime
    runs: Mapping[str, Mapping[str, Any]]
    every_seconds: Mapping[str, float]

    @classmethod
    def of(cls, now: datetime, rows: Iterable[Mapping[str, Any]], every_seconds: Mapping[str, float]) -> Doubts:
        """From the rows of rule_collectors."""
        return cls(now, {row["collector"]: row for row in rows}, every_seconds)

    def of_metric(self, metric_id: str, collected_at: datetime | None, step_seconds: float | None) -> str:
        """One sentence, empty where nothing speaks against what is known of the metric."""
        collector = COLLECTORS[metric_id.startswith(f"{PREFIX}:")]
        run = self.runs.get(collector)
        every = self.every_seconds.get(collector)
        if run is not None and every is not None:
            silent = self.now - run["started_at"]
            if silent > SILENT_STEPS * timedelta(seconds=every) + GRACE:
                return f"nobody knows: the collector {collector} has not run for {span_text(silent.total_seconds())}"
        if run is not None and (problem := _problem(run["error"] or "", metric_id)):
            return f"nobody knows: {problem}"
        if collected_at is None or step_seconds is None:
            return ""
        age = self.now - collected_at
        if age <= max(OLD_STEPS * timedelta(seconds=step_seconds), OLD_LEAST):
            return ""
        ago, step = span_text(age.total_seconds()), span_text(step_seconds)
        return f"nobody knows: its newest value came {ago} ago, expected one every {step}"


def _problem(error: str, metric_id: str) -> str:
    """What the collector said about this metric, if it could not be asked."""
    for said in error.split("; "):
        if re.match(rf"metric {re.escape(metric_id)}(:| returned )", said) and not LEFT_OUT.match(said):
            return said.removesuffix(".")
    return ""
