"""A setting tried on the history of its data point before it is saved; the result is kept for this session."""

from __future__ import annotations

import math
from datetime import datetime

import polars as pl
import streamlit as st

from analysis.spc.backtest_result import Backtest, Found, Outcome
from app import data, tables, times, ui, words
from app.quality.backtesting import backtest_of
from app.quality.deciding import RefusedError
from app.reports.phrases import plain
from config.quality import Watch

FOUND = "backtest_found"
MOST_ALARMS = 8


def run(metric_id: str, watch: Watch) -> None:
    """Try it; says so where that cannot be done."""
    with st.spinner("Replaying its history…"):
        try:
            st.session_state[FOUND] = ((metric_id, watch), backtest_of(metric_id, watch, _look, data.estate().estate))
        except ValueError as error:
            st.error(str(error), icon=":material/error:")


def _look(name: str, /, **parameters: str | datetime) -> pl.DataFrame:
    """The answer of the store at this moment; raises RefusedError when it does not answer."""
    asked = data.fresh_answer(name, **parameters)
    if asked.problem:
        raise RefusedError("The store does not answer, so there is no history to look back on; try again soon.")
    return asked.frame


def of(metric_id: str, watch: Watch) -> Backtest | None:
    """The result of exactly this setting; None when it was not tried."""
    key, found = st.session_state.get(FOUND, (None, None))
    return found if key == (metric_id, watch) else None


def show(found: Backtest) -> None:
    """What the comparison says, what each way finds and how late, and what history itself would have given."""
    if found.proposed is None:
        return
    span = f"{words.plural(found.judged, 'point')} judged, from {_day(found)} on"
    with ui.card("Now against proposed, on its own history", span):
        st.markdown(plain(found.verdict))
        st.caption(plain(" ".join((found.proposed.power, *found.notes))))
        frame = _events(found.now, found.proposed)
        columns = {
            "event": tables.text("Put into history", 220),
            "now_share": tables.level("Found now"),
            "proposed_share": tables.level("Found proposed"),
            "now_delay": tables.text("Half found after, now"),
            "proposed_delay": tables.text("Half found after, proposed"),
        }
        tables.show(frame, columns, "backtest", "Events put into history and how they were found")
        st.markdown("  \n".join(_line(name, one) for name, one in (("Now", found.now), ("Proposed", found.proposed))))


def _day(found: Backtest) -> str:
    at = times.local(found.judged_from_at)
    return f"{at.day} {at:%b %Y}"


def _events(now: Outcome, proposed: Outcome) -> pl.DataFrame:
    """A row per event that both ways were tried on."""
    other = {one.event: one for one in proposed.found}
    rows = [
        (one.event, one.share, other[one.event].share, _delay(one), _delay(other[one.event]))
        for one in now.found
        if one.event in other
    ]
    names = ("event", "now_share", "proposed_share", "now_delay", "proposed_delay")
    kinds = (pl.String, pl.Float64, pl.Float64, pl.String, pl.String)
    return pl.DataFrame(rows, schema=dict(zip(names, kinds, strict=True)), orient="row")


def _delay(one: Found) -> str:
    if one.median_points is None:
        return "not found by half"
    return "at once" if one.median_points == 0 else words.plural(round(one.median_points), "point")


def _line(name: str, one: Outcome) -> str:
    """False alarms a year and the newest signals of history itself."""
    by_chance = f"{one.expected_per_year:.2g}" if math.isfinite(one.expected_per_year) else "an unknown number of"
    days = [f"{at.day} {at:%b}" for at in (times.local(alarm.at) for alarm in one.alarms[-MOST_ALARMS:])]
    said = f"{words.plural(len(one.alarms), 'signal')} in this history" + (
        f", newest {', '.join(days)}" if days else ""
    )
    return f":gray[{name}:] {by_chance} false alarms a year expected; {said}"
