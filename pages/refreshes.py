"""Did every refresh run, and is the data fresh?"""

from __future__ import annotations

import polars as pl
import streamlit as st

from app import charts, data, tables, ui, watching, words
from app.answers import Answer
from app.page import Page

PAGE = Page(title="Refreshes", icon=":material/sync:", section="Operate", order=20, url_path="refreshes")
PARAM = "job"


def render() -> None:
    """Jobs with their last runs, freshness of every dataset, and a drawer with the history of one job."""
    controls = ui.header(PAGE.title, "Did every refresh run, and is the data fresh?")
    with controls:
        shown = st.segmented_control(
            "Show",
            ["All", "Failed", "Running"],
            default="All",
            required=True,
            key="refresh_state",
            label_visibility="collapsed",
            bind="query-params",
        )
    jobs, answer = watching.jobs()
    fresh, fresh_answer = watching.freshness()
    outcomes = data.answer("refresh_outcomes", since=ui.SPANS["7 d"], step_seconds=6 * 3600)
    ui.as_of(answer, fresh_answer, outcomes, notes=_notes(jobs, fresh))
    wanted = {"Failed": ["failed"], "Running": ["running", "queued"]}.get(shown or "All")
    _jobs(jobs.filter(pl.col("status").is_in(wanted)) if wanted else jobs)
    left, right = st.columns([6, 5])
    with left:
        _freshness(fresh, fresh_answer)
    with right:
        _outcomes(outcomes)


def _notes(jobs: pl.DataFrame, fresh: pl.DataFrame) -> list[str]:
    failed = jobs.filter(pl.col("status") == "failed").height
    stale = fresh.filter(pl.col("state") == "stale").height
    notes = [ui.badge("failed", f"{words.plural(failed, 'job')} failed")] if failed else []
    return [*notes, ui.badge("stale", f"{words.plural(stale, 'dataset')} stale")] if stale else notes


def _jobs(jobs: pl.DataFrame) -> None:
    with ui.card("Refresh jobs", "Select a row for its history"):
        if jobs.is_empty():
            ui.empty(
                "No job to show",
                "Jobs appear when the estate names one, or when a run is collected or pinged; or widen the filter.",
            )
            return
        columns = {
            "status": tables.state("Last run"),
            "title": tables.text("Job", 150),
            "started_at": tables.moment("Started"),
            "duration_seconds": tables.seconds("Took"),
            "durations": tables.bars("Newest 40 runs"),
            "succeeded_ratio": tables.level("Good, 30 d"),
            "rows": tables.number("Rows"),
            "message": tables.text("Message"),
        }
        key = ui.table_key(PARAM)
        row = tables.show(jobs, columns, key, "Refresh jobs", states=["status"], selectable=True)
    chosen = ui.drawer_choice(PARAM, jobs["job_id"].to_list(), row)
    if chosen is not None:
        title = jobs.filter(pl.col("job_id") == chosen)["title"][0]
        _drawer(chosen, str(title))


@st.dialog("Refresh job", position="right", width=640, icon=":material/sync:", on_dismiss=ui.drawer_closed(PARAM))
def _drawer(job_id: str, title: str) -> None:
    """The runs of one job: how long each took, how it ended, what it said."""
    history = data.answer("refresh_history", job_id=job_id, since=watching.RUNS_SPAN)
    st.subheader(title, anchor=False)
    ui.as_of(history, notes=_counts(history.frame))
    if ui.nothing(history, "No run in 30 days", "Its next run appears here once it is collected."):
        return
    timed = history.frame.select("started_at", "duration_seconds", "status").drop_nulls().sort("started_at")
    parts = timed.with_columns(pl.col("status").replace({"succeeded": "Succeeded", "failed": "Failed"}).alias("status"))
    if parts.height:
        colors = charts.outcome_colors({"Succeeded": "good", "Failed": "bad", "running": "quiet"})
        series = charts.wide(parts, "started_at", "status", "duration_seconds")
        ui.chart(charts.stacked(series, "s", colors), f"Seconds per run of {title}", 220, "drawer_runs")
    columns = {
        "status": tables.state("Ended"),
        "started_at": tables.moment("Started"),
        "duration_seconds": tables.seconds("Took"),
        "rows": tables.number("Rows"),
        "message": tables.text("Message"),
    }
    tables.show(history.frame, columns, f"runs_{job_id}", f"Runs of {title}", states=["status"])


def _counts(frame: pl.DataFrame) -> list[str]:
    counted = frame.group_by("status").len().sort("len", descending=True)
    return [ui.badge(name, f"{words.state(name).word} {number}") for name, number in counted.iter_rows()]


def _freshness(fresh: pl.DataFrame, answer: Answer) -> None:
    with ui.card("Freshness", "How old the newest data of each dataset is"):
        if ui.nothing(
            answer, "No freshness check yet", "Checks come from dbt source freshness and from the collectors."
        ):
            return
        named = fresh.with_columns(
            pl.col("dataset_id").map_elements(words.spoken, return_dtype=pl.String).alias("dataset")
        )
        columns = {
            "state": tables.state("State"),
            "dataset": tables.text("Dataset"),
            "age_hours": tables.number("Data age", "%.1f h"),
            "landed_at": tables.moment("Landed"),
            "message": tables.text("Message"),
            "observed_at": tables.moment("Checked"),
        }
        tables.show(named, columns, "freshness", "Freshness of datasets", states=["state"])


def _outcomes(outcomes: Answer) -> None:
    with ui.card("Runs by outcome, 7 days", "How runs ended, in steps of six hours"):
        if ui.nothing(outcomes, "No run in 7 days", "Runs appear when a collector or a ping has told of one."):
            return
        frame = outcomes.frame.rename({"succeeded": "Succeeded", "failed": "Failed", "other": "Other"})
        colors = charts.outcome_colors({"Succeeded": "good", "Failed": "bad", "Other": "quiet"})
        spec = charts.within(charts.stacked(frame, "", colors), outcomes.as_of, ui.SPANS["7 d"])
        ui.chart(spec, "Refresh runs by outcome", 300, "runs_by_hour")
