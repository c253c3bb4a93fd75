"""The drawer of one refresh job: its slots, its durations, the jobs around it, its expectation, its runs."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from app import (
    charts,
    charts_control,
    charts_refresh,
    control,
    data,
    refresh_graph,
    refresh_margins,
    tables,
    times,
    ui,
    words,
)
from app.answers import Answer
from app.refresh_words import expectation_text, moment_text, named, right_text, risk_text, with_titles
from app.refreshing import SLOTS_SPAN, Situation
from app.watching import RUNS_SPAN

PARAM = "job"
NEWEST_SLOTS = 30
TABS = ("Slots", "Durations", "Around it", "Expectation", "Runs")


@st.dialog("Refresh job", position="right", width=680, icon=":material/sync:", on_dismiss=ui.drawer_closed(PARAM))
def drawer(found: Situation, job_id: str, title: str) -> None:
    """Everything about one job; a collector, which has no slots, shows its runs."""
    history = data.answer("refresh_history", job_id=job_id, since=RUNS_SPAN)
    st.subheader(title, anchor=False)
    rows = found.jobs.filter(pl.col("job_id") == job_id).to_dicts()
    if not rows:
        ui.as_of(history, notes=_counts(history.frame))
        _runs(job_id, title, history)
        return
    slots = data.answer("slot_history", job_id=job_id, since=SLOTS_SPAN)
    ui.as_of(history, slots, notes=[ui.badge(rows[0]["state"])])
    _summary(found, rows[0])
    now_tab, long_tab, around_tab, due_tab, runs_tab = st.tabs(TABS)
    with now_tab:
        _slots(job_id, title, slots)
    with long_tab:
        _durations(title, history)
    with around_tab:
        _around(found, rows[0])
    with due_tab:
        refresh_margins.show(found.in_force[job_id], history.frame, slots.frame)
    with runs_tab:
        _runs(job_id, title, history)


def _counts(frame: pl.DataFrame) -> list[str]:
    counted = frame.group_by("status").len().sort("len", descending=True)
    return [ui.badge(name, f"{words.state(name).word} {number}") for name, number in counted.iter_rows()]


def _summary(found: Situation, row: dict[str, Any]) -> None:
    """What is wrong, when it will be right, what is expected and who is hit, a line each."""
    titles = dict(found.jobs.select("job_id", "title").rows())
    lines = []
    if row["detail"] and (row["is_wrong"] or row["is_at_risk"] or row["is_unknown"]):
        detail = with_titles(row["detail"], titles)
        lines.append(f"**{detail[:1].upper()}{detail[1:]}**")
    risk = risk_text(row)
    if risk:
        spread = f", between {moment_text(row['p10_at'])} and {moment_text(row['p90_at'])} with 80 %"
        lines.append(f"Forecast: {risk}; finish about {moment_text(row['risk_median_at'])}{spread}.")
    elif row["is_wrong"]:
        lines.append(f"Forecast: {right_text(row['right_at'])}.")
    lines += [expectation_text(one) for one in found.in_force[row["job_id"]].expectations]
    reports = [found.graph.reports[name].title for name in row["reports"]]
    if reports:
        audiences = f" for {named(row['audiences'])}" if row["audiences"] else ""
        lines.append(f"When it is late it hits {named(reports)}{audiences}.")
    for line in lines:
        st.markdown(line)
    if row["chase"] and row["chase"] != row["job_id"]:
        label = f"Chase {titles.get(row['chase'], row['chase'])} first"
        ui.link("refreshes", label, icon=":material/target:", **{PARAM: row["chase"]})


def timeline(slots: pl.DataFrame) -> pl.DataFrame:
    """The newest slots, newest first, as `charts_refresh.slot_timeline` takes them: minutes after the due time."""
    newest = slots.filter(pl.col("verdict") != "upcoming").head(NEWEST_SLOTS)
    due = pl.col("due_at")
    end = pl.coalesce("finished_at", pl.when(pl.col("started_at").is_not_null()).then(pl.lit(times.now())))
    minutes = [
        ((pl.col("deadline_at") - due).dt.total_seconds() / 60).round(1).alias("window"),
        ((pl.col("started_at") - due).dt.total_seconds() / 60).round(2).alias("started"),
        ((end - pl.col("started_at")).dt.total_seconds() / 60).round(2).alias("lasted"),
    ]
    labels = [f"{times.local(at):%-d %b %H:%M}" for at in newest["due_at"]]
    said = [_said(row) for row in newest.iter_rows(named=True)]
    return newest.select(*minutes, "verdict").with_columns(
        pl.Series("label", labels, dtype=pl.String), pl.Series("said", said, dtype=pl.String)
    )


def _said(row: dict[str, Any]) -> str:
    word = words.pill(row["verdict"])
    ran = (
        f", ran {words.duration((row['finished_at'] - row['started_at']).total_seconds())}"
        if (row["started_at"] and row["finished_at"])
        else ""
    )
    detail = f": {row['detail']}" if row["detail"] else ""
    return f"{word}{ran}{detail}; deadline {moment_text(row['deadline_at'])}"


def _slots(job_id: str, title: str, slots: Answer) -> None:
    if ui.nothing(
        slots, "No slot in 90 days", "Slots appear when the job has an expectation and the tracker has looked."
    ):
        return
    rows = timeline(slots.frame)
    if rows.height:
        st.caption(
            f"Newest {rows.height} slots in {times.zone_name()}: the pale bar is the window from due to deadline"
        )
        spec = charts_refresh.slot_timeline(rows)
        ui.chart(
            spec, f"Expected and real runs of {title}", charts_refresh.timeline_height(rows.height), "slot_timeline"
        )
    columns = {
        "verdict": tables.state("Verdict"),
        "due_at": tables.moment("Due"),
        "started_at": tables.moment("Started"),
        "finished_at": tables.moment("Finished"),
        "detail": tables.text("Detail"),
        "rows": tables.number("Rows"),
    }
    tables.show(slots.frame, columns, f"slots_{job_id}", f"Slots of {title}", states=["verdict"])


def _durations(title: str, history: Answer) -> None:
    done = history.frame.filter(pl.col("status") == "succeeded").select(
        pl.col("started_at").alias("observed_at"), pl.col("duration_seconds").alias("value")
    )
    charted = control.chart_of(done.drop_nulls().sort("observed_at"))
    if charted.frame.is_empty():
        ui.empty("No finished run in 30 days", "Durations appear when a run has succeeded and told its start and end.")
        return
    spec = charts_control.control_chart(charted, "s")
    ui.chart(spec, f"Control chart of the seconds per run of {title}", 300, "duration_chart")
    if charted.chart is None:
        st.caption(f"{charted.frame.height} finished runs; limits are drawn from {control.FEWEST_POINTS} on.")
        return
    newest = control.signals_of(charted).head(1).to_dicts()
    center, upper = charted.chart.center_line, charted.chart.upper_control_limit
    said = f"Usually {words.duration(center)}, at most {words.duration(upper)} by chance."
    last = f" Newest signal {moment_text(newest[0]['observed_at'])}: {newest[0]['explanation']}" if newest else ""
    st.caption(f"{said}{last or ' No special cause.'}")


def _around(found: Situation, row: dict[str, Any]) -> None:
    before = {name: job.upstream for name, job in found.in_force.items()}
    after = refresh_graph.turned(before)
    path = row["chase_path"].split(" > ") if row["chase_path"] else []
    order = {name: place for place, name in enumerate(found.jobs["job_id"])}
    layers, hidden = refresh_graph.layers_around(row["job_id"], before, after, path, lambda name: order.get(name, 0))
    if len(layers) == 1:
        ui.empty("Nothing before or after it", "Name jobs in `upstream` in the estate to see what waits for what.")
        return
    shown = {name for layer in layers for name in layer}
    arrows = [(start, name) for name in shown for start in before.get(name, ()) if start in shown]
    titles = dict(found.jobs.select("job_id", "title").rows())
    states = dict(found.jobs.select("job_id", "state").rows())
    spec = refresh_graph.job_graph(layers, titles, states, sorted(arrows), path, row["job_id"])
    ui.chart(spec, f"Jobs before and after {row['title']}", refresh_graph.around_height(layers), "job_graph")
    blocked = " → ".join(titles.get(name, name) for name in path)
    notes = [f"Blocked along {blocked}." if blocked else "Nothing upstream blocks it."]
    st.caption(" ".join([*notes, f"{hidden} more jobs around it are not drawn." if hidden else ""]))


def _runs(job_id: str, title: str, history: Answer) -> None:
    if ui.nothing(history, "No run in 30 days", "Its next run appears here once it is collected."):
        return
    timed = history.frame.select("started_at", "duration_seconds", "status").drop_nulls().sort("started_at")
    parts = timed.with_columns(pl.col("status").replace({"succeeded": "Succeeded", "failed": "Failed"}).alias("status"))
    if parts.height:
        colors = charts.outcome_colors({"Succeeded": "good", "Failed": "bad", "running": "quiet"})
        series = charts.wide(parts, "started_at", "status", "duration_seconds")
        ui.chart(charts.stacked(series, "s", colors), f"Seconds per run of {title}", 200, "drawer_runs")
    columns = {
        "status": tables.state("Ended"),
        "started_at": tables.moment("Started"),
        "duration_seconds": tables.seconds("Took"),
        "rows": tables.number("Rows"),
        "message": tables.text("Message"),
    }
    tables.show(history.frame, columns, f"runs_{job_id}", f"Runs of {title}", states=["status"])
