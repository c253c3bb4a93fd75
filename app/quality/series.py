"""What can be charted: the estate's data points, profiled ones, and the series of hosts; their names and addresses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl
import streamlit as st

from app import data, words
from config.estate import Estate
from config.quality import PREFIX, Metric, profiled_metric

PAGE = "control_charts"
PARAM = "series"
HOST_PREFIX = "host:"


@dataclass(frozen=True, slots=True)
class HostSeries:
    """One metric of one host; `instance` is its disk, interface or the like."""

    host: str
    metric: str
    instance: str

    @classmethod
    def from_id(cls, series_id: str) -> HostSeries | None:
        """The series behind an id; None for any other id."""
        parts = series_id.removeprefix(HOST_PREFIX).split("|", 2)
        return cls(*parts) if series_id.startswith(HOST_PREFIX) and len(parts) == 3 else None

    @property
    def series_id(self) -> str:
        """`host:db-01|cpu_busy_ratio|`."""
        return f"{HOST_PREFIX}{self.host}|{self.metric}|{self.instance}"

    @property
    def title(self) -> str:
        """`CPU busy ratio · db-01`."""
        return f"{words.spoken(self.metric)} · {' '.join(part for part in (self.host, self.instance) if part)}"

    @property
    def unit(self) -> str:
        """Its unit in the metric catalogue, empty when it is not in there."""
        kind = data.catalogue().get(self.metric)
        return kind.unit if kind else ""


def metric_of(metric_id: str, estate: Estate | None = None) -> Metric | None:
    """The metric of an id, from the estate or from one of its table profiles; None when the estate has neither."""
    found = estate or data.estate().estate
    if metric_id.startswith(f"{PREFIX}:"):
        return profiled_metric(metric_id, found.profiles)
    return next((metric for metric in found.metrics if metric.id == metric_id), None)


def catalogue(stored: Iterable[str]) -> pl.DataFrame:
    """Everything the estate watches: its metrics, and those of `stored` ids that its profiles make.

    Columns metric_id, title, unit, subsystem, dataset, direction. What the estate does not know any more is left out.
    """
    estate = data.estate().estate
    profiled = (profiled_metric(one, estate.profiles) for one in stored if one.startswith(f"{PREFIX}:"))
    known = [*estate.metrics, *(metric for metric in profiled if metric is not None)]
    rows = [(one.id, one.title, one.unit, one.subsystem, one.dataset, one.direction) for one in known]
    names = ("metric_id", "title", "unit", "subsystem", "dataset", "direction")
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


def hosts() -> list[HostSeries]:
    """The series of hosts that are stored."""
    frame = data.answer("metric_names").frame
    return [HostSeries(row["host"], row["metric"], row["instance"]) for row in frame.iter_rows(named=True)]


def chosen() -> str:
    """The id of the series that the address names, by its id or by its title; as it stands there if it is neither."""
    named = str(st.query_params.get(PARAM, ""))
    if not named or named.startswith((HOST_PREFIX, f"{PREFIX}:")) or metric_of(named) is not None:
        return named
    titles = {metric.title: metric.id for metric in data.estate().estate.metrics}
    return titles.get(named) or next((one.series_id for one in hosts() if one.title == named), named)
