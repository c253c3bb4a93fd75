"""The tables of the Refreshes page: jobs with their runs, datasets, reports, outcomes; collectors' runs come last."""

from __future__ import annotations

import polars as pl
import streamlit as st

from app import charts, data, tables, ui, watching, words
from app.refresh_drawer import PARAM
from app.refreshing import Situation

STATUSES = {"Failed": ["failed"], "Running": ["running", "queued"]}
WIDE_STATE = 190
MANY_JOBS, FEW_RUNS = 500, 12  # so many rows with forty bars each would be a megabyte for the browser
TABS = ("Jobs and runs", "Datasets", "Reports", "Outcomes")


def show(found: Situation, subsystem: str) -> tuple[str | None, dict[str, str]]:
    """Tabs, of which only the open one is drawn; returns the clicked job, and the titles of all that have a drawer."""
    frame, _ = watching.jobs()
    clicked = None
    tabs = st.tabs(list(TABS), key="refresh_tab", bind="query-params", on_change="rerun")
    for name, tab in zip(TABS, tabs, strict=True):
        if not tab.open:
            continue
        with tab:
            if name == "Jobs and runs":
                clicked = _jobs(found, frame, subsystem)
            elif name == "Datasets":
                _datasets(found)
                _checks()
            elif name == "Reports":
                _reports(found)
            else:
                _outcomes()
    return clicked, dict(frame.select("job_id", "title").rows())


def _jobs(found: Situation, frame: pl.DataFrame, subsystem: str) -> str | None:
    if subsystem:
        frame = frame.filter(pl.col("job_id").is_in(found.jobs["job_id"].to_list()))
    slots = found.jobs.select("job_id", "state", "on_time_ratio", "next_due_at")
    frame = frame.join(slots, on="job_id", how="left", maintain_order="left")
    with ui.card("Jobs and their runs", "Select a row for slots, forecast and history; our collectors come last"):
        shown = st.segmented_control(
            "Show",
            ["All", *STATUSES],
            default="All",
            required=True,
            key="refresh_state",
            label_visibility="collapsed",
            bind="query-params",
        )
        wanted = STATUSES.get(shown or "All")
        frame = frame.filter(pl.col("status").is_in(wanted)) if wanted else frame
        if frame.is_empty():
            ui.empty(
                "No job to show",
                "Jobs appear when the estate names one, or when a run is collected or pinged; or widen the filter.",
            )
            return None
        frame = frame.with_columns(pl.col("state").fill_null("unscheduled"))
        if frame.height > MANY_JOBS:
            frame = frame.with_columns(pl.col("durations").list.tail(FEW_RUNS))
        columns = {
            "status": tables.state("Last run"),
            "state": tables.state("Slot"),
            "title": tables.text("Job", 150),
            "started_at": tables.moment("Started"),
            "duration_seconds": tables.seconds("Took"),
            "on_time_ratio": tables.level("On time, 30 d"),
            "next_due_at": tables.moment("Next due"),
            "durations": tables.bars("Newest runs"),
            "rows": tables.number("Rows"),
            "message": tables.text("Message"),
        }
        key = ui.table_key(PARAM)
        row = tables.show(frame, columns, key, "Refresh jobs", states=["status", "state"], selectable=True)
    return str(frame["job_id"][row]) if row is not None and row < frame.height else None


def _datasets(found: Situation) -> None:
    with ui.card("Datasets", "How old the newest data is, whatever its job says of itself"):
        if found.datasets.is_empty():
            ui.empty("No dataset is named", "Name datasets in the estate with the age that is promised.")
            return
        titles = {report.id: report.title for report in found.graph.reports.values()}
        frame = found.datasets.with_columns(
            (pl.col("age_seconds") / 3600).alias("age_hours"),
            pl.Series(
                "hits", [", ".join(titles.get(name, name) for name in names) for names in found.datasets["reports"]]
            ),
            pl.col("basis").replace({"data": "its data", "job": "its job alone", "none": ""}).alias("known_by"),
        )
        columns = {
            "state": {**tables.state("State"), "width": WIDE_STATE},
            "title": tables.text("Dataset", 130),
            "age_hours": tables.number("Data age", "%.1f h"),
            "as_of_at": tables.moment("Newest data"),
            "known_by": tables.text(
                "Known by", help_text="Whether a run or a check told of the data, or only the job ran"
            ),
            "rows": tables.number("Rows"),
            "right_at": tables.moment("Next finish"),
            "hits": tables.text("Reports"),
            "explanation": tables.text("Why"),
        }
        tables.show(frame, columns, "datasets", "Datasets with their state", states=["state"])


def _checks() -> None:
    fresh, answer = watching.freshness()
    with ui.card("Freshness checks", "What dbt source freshness and the collectors found when they looked"):
        advice = "Checks come from dbt source freshness and from the collectors."
        if ui.nothing(answer, "No freshness check yet", advice):
            return
        named = pl.col("dataset_id").map_elements(words.spoken, return_dtype=pl.String).alias("dataset")
        columns = {
            "state": tables.state("State"),
            "dataset": tables.text("Dataset"),
            "age_hours": tables.number("Data age", "%.1f h"),
            "landed_at": tables.moment("Landed"),
            "message": tables.text("Message"),
            "observed_at": tables.moment("Checked"),
        }
        tables.show(fresh.with_columns(named), columns, "freshness", "Freshness of datasets", states=["state"])


def _reports(found: Situation) -> None:
    about = "The oldest data that each report rests on, by lineage; a badge for readers is at /freshness/REPORT.svg"
    with ui.card("Reports", about):
        if found.reports.is_empty():
            ui.empty("No report is named", "Name reports in the estate with the datasets that they show.")
            return
        frame = found.reports.with_columns((pl.col("age_seconds") / 3600).alias("age_hours"))
        columns = {
            "state": {**tables.state("State"), "width": WIDE_STATE},
            "title": tables.text("Report", 150),
            "audience": tables.text("For"),
            "data_as_of": tables.moment("Data as of"),
            "age_hours": tables.number("Data age", "%.1f h"),
            "oldest_title": tables.text("Oldest dataset"),
            "next_expected_at": tables.moment("Next expected"),
            "on_time_ratio": tables.level("On time, 30 d"),
        }
        tables.show(frame, columns, "guarantees", "Reports with the age of their data", states=["state"])


def _outcomes() -> None:
    outcomes = data.answer("refresh_outcomes", since=ui.SPANS["7 d"], step_seconds=6 * 3600)
    with ui.card("Runs by outcome, 7 days", "How runs ended, in steps of six hours"):
        if ui.nothing(outcomes, "No run in 7 days", "Runs appear when a collector or a ping has told of one."):
            return
        frame = outcomes.frame.rename({"succeeded": "Succeeded", "failed": "Failed", "other": "Other"})
        colors = charts.outcome_colors({"Succeeded": "good", "Failed": "bad", "Other": "quiet"})
        spec = charts.within(charts.stacked(frame, "", colors), outcomes.as_of, ui.SPANS["7 d"])
        ui.chart(spec, "Refresh runs by outcome", 300, "runs_by_hour")
