"""Is everything that should be collected coming in, and what got stuck?"""

from __future__ import annotations

import polars as pl
import streamlit as st

from app import collecting, data, tables, ui, words
from app.answers import Answer
from app.page import Page

PAGE = Page(title="Collectors", icon=":material/input:", section="System", order=10, url_path="collectors")
LIVE_SECONDS = 10


def render() -> None:
    """Every source, the spools, the batches that were set aside, and the state of the estate."""
    ui.header(PAGE.title, "Is everything that should be collected coming in, and what got stuck?")
    ui.problem_banner(data.estate().problem)
    live()


@st.fragment(run_every=LIVE_SECONDS)
def live() -> None:
    """Everything that moves."""
    frame, runs, batches = collecting.collectors()
    aside = data.answer("set_aside")
    ui.as_of(runs, batches, aside, live_seconds=LIVE_SECONDS)
    good, worst, said = collecting.verdict(frame)
    elsewhere = collecting.waiting_elsewhere()
    waiting = int(frame["waiting"].sum()) + int(elsewhere["waiting"].sum())
    lag = batches.frame["lag_seconds"].max()
    with st.grid(4, min_column_width=170):
        ui.kpi("Collectors healthy", f"{good} of {frame.height}", worst, said or "all as due")
        ui.kpi("Batches waiting", words.count(waiting), "warning" if waiting > 10 else "ok", "in the spools on disk")
        slowest = words.duration(lag if isinstance(lag, float) else None)
        ui.kpi(
            "Slowest way to the store", slowest, "unknown" if lag is None or runs.is_stale else "ok", "newest batches"
        )
        count = aside.frame.height
        state = "critical" if count else "unknown" if aside.is_stale else "ok"
        ui.kpi("Batches set aside", words.count(count), state, "wait for a person" if count else "none")
    _collectors(frame)
    _aside(aside)
    _elsewhere(elsewhere)


def _collectors(frame: pl.DataFrame) -> None:
    with ui.card("Collectors", "Every source, whether it ever ran or not; late means three steps without a run"):
        if frame.is_empty():
            ui.empty("No collector", "Collectors are the files of collectors/sources.")
            return
        columns = {
            "state": tables.state("State"),
            "collector": tables.text("Collector", 150),
            "started_at": tables.instant("Last run"),
            "next_due_at": tables.instant("Next due"),
            "seconds": tables.seconds("Took", digits=3),
            "durations": tables.bars("Newest runs"),
            "rows": tables.number("Rows"),
            "failures": tables.number("Failed, 1 h"),
            "lag_seconds": tables.seconds("Lag", "From the spool on disk to the store"),
            "waiting": tables.number("Waiting", help_text="Batches in the spool"),
            "error": tables.text("Error", 320),
            "help": tables.text("Collects", 320),
        }
        tables.show(frame, columns, "collectors", "Collectors and their last runs", states=["state"])


def _aside(aside: Answer) -> None:
    with ui.card("Set-aside batches", "Kept on disk with the reason; mend the cause and put them back, or delete them"):
        if ui.nothing(aside, "Nothing was set aside", "Every batch that was collected could be stored."):
            return
        columns = {
            "set_aside_at": tables.moment("When"),
            "collector": tables.text("Collector"),
            "problem": tables.text("Problem", 420),
            "path": tables.text("Kept at", 300),
        }
        tables.show(aside.frame, columns, "set_aside", "Batches that were set aside")


def _elsewhere(frame: pl.DataFrame) -> None:
    frame = frame.filter(pl.col("waiting") > 0)
    if frame.is_empty():
        return
    with ui.card("Other spools", "Facts of the app, the ping service and other writers on their way to the store"):
        columns = {"spool": tables.text("Spool"), "waiting": tables.number("Waiting")}
        tables.show(frame, columns, "other_spools", "Spools of other writers", export=False)
