"""Refreshes as pages show them: how every job, dataset and report stands now, and what that rests on.

A state that cannot be known now, because the store is away or the tracker has not judged what is due, is unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import polars as pl
import streamlit as st

from analysis.data_freshness import dataset_states, report_guarantees
from analysis.job_graph import Graph
from app import data, refresh_chase
from app.answers import Answer
from app.refresh_jobs import job_states
from app.times import now
from app.tracker import effective_jobs
from config.estate import RefreshJob
from config.load import Loaded

SLOTS_SPAN = timedelta(days=90)
TOTALS_SPAN = timedelta(days=30)
OPEN_SPAN = timedelta(days=7)
KEPT_SECONDS = 8
PARTS = ("jobs", "datasets", "reports")
GOOD = ("on_time", "fresh")  # nothing is any of these while the store is away


@dataclass(frozen=True, slots=True)
class Situation:
    """One row per job (as `refresh_jobs.job_states`), dataset and report of the estate, worst first, and their graph.

    `jobs` has chase and chase_path besides; `datasets` what `dataset_states` gives with title, subsystem, reports,
    audiences, chase, chase_path, right_at; `reports` what `report_guarantees` gives with title, subsystem, audience.
    `answers` say when that was true, without their rows. While `is_away`, the frames are as last known and nothing in
    them is good.
    """

    jobs: pl.DataFrame
    datasets: pl.DataFrame
    reports: pl.DataFrame
    graph: Graph
    in_force: dict[str, RefreshJob]
    answers: tuple[Answer, ...]

    @property
    def is_away(self) -> bool:
        return any(answer.is_stale for answer in self.answers)

    @property
    def as_of(self) -> datetime | None:
        return min((answer.as_of for answer in self.answers if answer.as_of), default=None)


def situation(decided: pl.DataFrame | None = None) -> Situation:
    """How everything stands now; `decided` are people's decisions where the caller knows more than the store does.

    Like other answers it may be some seconds old: it is assembled anew in the background.
    """
    loaded = data.estate()
    known = data.answer("track_expectations").frame if decided is None else decided
    in_force = effective_jobs(loaded.estate, known)
    told = tuple(known.select("job_id", "expectation_id", "state", "occurred_at").rows())
    jobs, datasets, reports, answers = _assembled(id(loaded), told, loaded, in_force)
    return Situation(jobs, datasets, reports, graph_of(loaded), {job.id: job for job in in_force}, answers)


def narrowed(found: Situation, subsystem: str) -> Situation:
    """The situation of one subsystem; of all when it is empty."""
    if not subsystem:
        return found
    parts = {name: getattr(found, name).filter(pl.col("subsystem") == subsystem) for name in PARTS}
    return replace(found, **parts)


def graph_of(loaded: Loaded) -> Graph:
    """The graph of an estate, made once."""
    return _graph(id(loaded), loaded)


@st.cache_resource(max_entries=2, show_spinner=False)
def _graph(loaded_id: int, _loaded: Loaded) -> Graph:  # noqa: ARG001  # the key, as in app.data
    parts = _loaded.estate
    return Graph.of(parts.jobs, parts.datasets, parts.reports)


@st.cache_data(ttl=KEPT_SECONDS, max_entries=8, show_spinner=False, refresh_mode="background")
def _assembled(
    loaded_id: int,  # noqa: ARG001  # with `told` the key
    told: tuple[object, ...],  # noqa: ARG001
    _loaded: Loaded,
    _in_force: Sequence[RefreshJob],
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, tuple[Answer, ...]]:
    answers = (
        data.answer("slot_now", since=SLOTS_SPAN),
        data.answer("slot_totals", since=TOTALS_SPAN),
        data.answer("refresh_forecasts", since=OPEN_SPAN),
        data.answer("rule_arrivals", since=SLOTS_SPAN),
        data.answer("freshness"),
    )
    slots, totals, forecasts, arrivals, checks = (answer.frame for answer in answers)
    at, parts, graph = now(), _loaded.estate, graph_of(_loaded)
    jobs = refresh_chase.with_chase(job_states(_in_force, graph, slots, totals, forecasts, at), graph)
    states = dataset_states(parts.datasets, _in_force, arrivals, checks, slots, at)
    guarantees = report_guarantees(graph, states, slots, at, forecasts, totals)
    datasets = refresh_chase.datasets(states, jobs, graph, parts)
    reports = refresh_chase.reports(guarantees, datasets, parts)
    if any(answer.is_stale for answer in answers):
        good = pl.col("state").is_in(GOOD)
        unknown = pl.when(good).then(pl.lit("unknown")).otherwise(pl.col("state")).alias("state")
        jobs, datasets, reports = (frame.with_columns(unknown) for frame in (jobs, datasets, reports))
    return jobs, datasets, reports, tuple(replace(answer, frame=answer.frame.clear()) for answer in answers)
