"""The parts of the Refreshes page: the answer, what is stale and why, the subsystems, job by day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import polars as pl
import streamlit as st

from app import charts_refresh, data, refresh_board, refresh_trust, tables, times, ui, words
from app.answers import Answer
from app.refresh_drawer import PARAM
from app.refresh_figures import figures
from app.refresh_troubles import KINDS, Trouble, troubles, verdict
from app.refresh_words import named, ratio_text
from app.refreshing import TOTALS_SPAN, Situation

EVERYTHING = "All subsystems"
PICKED = "subsystem"
MOST_LINES, MOST_IN_ALL, MOST_CARDS = 6, 60, 6


def subsystem_picker() -> str:
    """The chosen subsystem, kept in the address; empty for all."""
    titles = data.titles("subsystems")
    chosen = st.selectbox(
        "Subsystem",
        ["", *titles],
        format_func=lambda name: titles.get(name, EVERYTHING),
        key=PICKED,
        label_visibility="collapsed",
        bind="query-params",
        width=190,
    )
    return chosen if chosen in titles else ""


def answer(found: Situation, subsystem: str) -> list[Trouble]:
    """When this was true, the one sentence, and the key figures; returns what is wrong."""
    trend = _trend(found, subsystem)
    ui.as_of(*found.answers, trend)
    lines = troubles(found)
    state, sentence = verdict(found, lines)
    look = words.state(state)
    with st.container(key="verdict"):
        st.markdown(f"### :{look.color}[{look.icon}] {sentence}")
    with st.grid(4, min_column_width=170):
        for figure in figures(found, trend.frame):
            ui.kpi(figure.label, figure.value, figure.state, figure.detail, help_text=figure.help or None)
    return lines


def _trend(found: Situation, subsystem: str) -> Answer:
    if not subsystem:
        return data.answer("slot_trend", since=TOTALS_SPAN, zone=times.zone_name())
    jobs = found.jobs["job_id"].to_list()
    days = data.answer("slot_days", jobs=jobs, since=TOTALS_SPAN, zone=times.zone_name())
    daily = days.frame.group_by("day_at").agg(pl.col("judged", "on_time").sum()).sort("day_at")
    return Answer(daily, days.as_of, days.is_stale, days.problem)


def stale_and_why(found: Situation, lines: Sequence[Trouble]) -> str | None:
    """The list, ranked by impact; returns the job behind the line that was clicked."""
    with ui.card("What is stale and why", "Stale first, then late, then likely to be; most readers hit on top"):
        shown = _of_kind(lines)
        if not shown:
            _nothing_wrong(found, is_narrowed=bool(lines))
        titles = {name: job.title for name, job in found.graph.jobs.items()}
        clicked = [_line(line, place, found, titles) for place, line in enumerate(shown[:MOST_LINES])]
        if len(shown) > MOST_LINES:
            with st.expander(f"{len(shown) - MOST_LINES} more"):
                rest = enumerate(shown[MOST_LINES:MOST_IN_ALL], MOST_LINES)
                clicked += [_line(line, place, found, titles) for place, line in rest]
                if len(shown) > MOST_IN_ALL:
                    st.caption(f"{len(shown) - MOST_IN_ALL} more stand in the tables below.")
        st.caption(refresh_trust.text(list(found.in_force.values())))
    return next(filter(None, clicked), None)


def _of_kind(lines: Sequence[Trouble]) -> list[Trouble]:
    if len(lines) < 2:
        return list(lines)
    chosen = st.segmented_control(
        "Show",
        ["All", *KINDS],
        default="All",
        required=True,
        key="trouble",
        label_visibility="collapsed",
        bind="query-params",
    )
    return [line for line in lines if chosen in (None, "All", line.kind)]


def _nothing_wrong(found: Situation, is_narrowed: bool) -> None:
    if is_narrowed:
        ui.empty("None of this kind", "Choose All to see the others.")
    elif found.as_of is None:
        ui.empty("Unknown", "The store has not answered since the app was started.", ":material/help:")
    elif not found.datasets.height and not found.jobs.height:
        ui.empty("Nothing to judge", "Name datasets and refresh jobs in the estate.")
    elif found.is_away:
        ui.empty("Nothing known to be wrong", "As last known; the store does not answer now.", ":material/help:")
    else:
        ui.empty("Nothing is stale or late", "Every dataset and every job is known and fine.", ":material/task_alt:")


def _line(line: Trouble, place: int, found: Situation, titles: dict[str, str]) -> str | None:
    reports = [found.graph.reports[name].title for name in line.reports if name in found.graph.reports]
    hits = f"Hits {named(reports)}" + (f" for {named(line.audiences)}" if line.audiences else "") if reports else ""
    chase = f"Chase **{titles.get(line.chase, line.chase)}**" if line.chase else ""
    after = " · ".join(filter(None, (chase, line.right)))
    with st.container(gap="xxsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(ui.badge(line.state), width="content")
            key = f"line_{place}_{line.job_id}_{line.title}"
            is_clicked = st.button(f"**{line.title}**", key=key, type="tertiary", disabled=not line.job_id)
        st.caption("  \n".join(filter(None, (line.why, hits, after))))
    return line.job_id if is_clicked else None


def board(found: Situation, subsystem: str) -> None:
    """A card per subsystem, worst first; a click narrows the page to it."""
    frame = refresh_board.subsystems(found, data.titles("subsystems"))
    with ui.card("Subsystems", "On time over 30 days against the objective; worst first"):
        if frame.is_empty():
            ui.empty("No subsystem has a job", "Name refresh jobs in the estate.")
            return
        rows = frame.to_dicts()
        with st.grid(2, min_column_width=200):
            for row in rows[:MOST_CARDS]:
                _card(row, row["subsystem"] == subsystem)
        if len(rows) > MOST_CARDS:
            with st.expander(f"{len(rows) - MOST_CARDS} more"), st.grid(2, min_column_width=200):
                for row in rows[MOST_CARDS:]:
                    _card(row, row["subsystem"] == subsystem)
        tables.export_menu(frame, "subsystems")


def _card(row: dict[str, Any], is_chosen: bool) -> None:
    counts = (("stale", "stale"), ("wrong", "late"), ("at_risk", "may miss"), ("unknown", "unknown"))
    said = [f"{row[name]} {word}" for name, word in counts if row[name]]
    with st.container(border=True, gap="xxsmall", key=f"subsystem_card_{row['subsystem']}"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.button(
                f"**{row['title']}**",
                key=f"pick_{row['subsystem']}",
                type="tertiary",
                icon=":material/check:" if is_chosen else None,
                on_click=_pick,
                args=("" if is_chosen else row["subsystem"],),
            )
            st.markdown(" ".join([ui.badge(row["state"]), *(f":gray-badge[{part}]" for part in said)]), width="content")
        st.caption("  \n".join(_objective(row)))


def _objective(row: dict[str, Any]) -> list[str]:
    jobs = words.plural(row["jobs"], "job")
    if row["on_time_ratio"] is None:
        return [f"{jobs}, no slot judged yet"]
    left = row["budget_left"]
    budget = "budget spent" if left is None or left <= 0 else f"{words.share(left)} of budget left"
    lines = [f"**{ratio_text(row['on_time_ratio'])}** on time, {ratio_text(row['slo_ratio'])} promised · {budget}"]
    return [*lines, f"{jobs} · worst {row['worst_job']}" if row["worst_job"] else jobs]


def _pick(subsystem: str) -> None:
    st.session_state[PICKED] = subsystem


def job_by_day(found: Situation, subsystem: str, name: str, span: timedelta) -> str | None:
    """The heat map of the chosen subsystem, or of the worst; returns the job that was clicked."""
    frame = refresh_board.subsystems(found, data.titles("subsystems"))
    wanted = subsystem or (frame["subsystem"][0] if frame.height else "")
    title = data.titles("subsystems").get(wanted, wanted)
    jobs, left_out = refresh_board.mapped_jobs(found, wanted)
    more = f"; the {len(jobs)} worst, {left_out} more are in the table below" if left_out else ""
    about = f"The worst verdict of each day in {times.zone_name()}, {name}{more}; click a day for the job"
    with ui.card(f"{title or 'Jobs'} by day", about):
        if not jobs:
            ui.empty("No job with a schedule", "Give jobs an expectation in the estate, or accept a learned one.")
            return None
        days = data.answer("slot_days", jobs=list(jobs), since=span, zone=times.zone_name())
        if ui.nothing(days, "No slot in this range", "Slots appear once the tracker has judged the first."):
            return None
        return _heat(found, jobs, days, span, title)


def _heat(found: Situation, jobs: Sequence[str], days: Answer, span: timedelta, title: str) -> str | None:
    names = refresh_board.told_apart(found, jobs)
    cells = refresh_board.cells(days.frame, names)
    last = times.local(days.as_of or times.now()).date()
    dates = [refresh_board.day_text(last - timedelta(days=back)) for back in range(span.days, -1, -1)]
    event: Any = st.echarts_chart(
        charts_refresh.heat_map(cells, [names[job] for job in jobs], dates),
        height=charts_refresh.heat_height(len(jobs)),
        alt=f"Worst verdict per job and day in {title}",
        key=f"heat_{title}_{st.session_state.get(f'{PARAM}_round', 0)}",
        on_select="rerun",
    )
    chosen = [place for group in event["selection"]["selected"] for place in group["data_indices"]]
    if not chosen or chosen[0] >= cells.height:
        return None
    return next((job for job, said in names.items() if said == cells["job"][chosen[0]]), None)
