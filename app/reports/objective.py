"""How often a report must be good, how often it was, and how fast the rest is used up, by analysis.reports.slo."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import streamlit as st

from analysis.reports import slo
from app import data, ui, words
from app.answers import Answer
from config.estate import Estate
from config.reports import Report

LOW_BUDGET = 0.25
LEAST_LOOKS = 20  # fewer say nothing about a share
BURN_WINDOWS = tuple(window for window in slo.WINDOWS if window.severity == "critical")


def left_of(known: int, bad: int, target: float) -> float | None:
    """The share of the error budget that is left: 1 untouched, 0 or less spent; None while too few looks are known."""
    return slo.budget(known - bad, known, target).remaining_ratio if known >= LEAST_LOOKS else None


def state_of(left: float | None) -> str:
    """What a budget is shown as."""
    if left is None:
        return "unknown"
    return "budget_spent" if left <= 0 else "budget_low" if left < LOW_BUDGET else "budget_left"


def totals(estate: Estate) -> Answer:
    """Looks of every report over the window of its objective: report_id, known, bad."""
    ids = [report.id for report in estate.reports]
    days = [str(report.slo.window_days) for report in estate.reports]
    return data.answer("report_totals", reports=ids, days=days, until=timedelta(0))


def budgets(estate: Estate, answer: Answer) -> pl.DataFrame:
    """Columns report_id, good_ratio, budget_left (null while too few looks are known)."""
    targets = {report.id: report.slo.target for report in estate.reports}
    rows = [
        (name, 1 - bad / known if known else None, left_of(known, bad, targets[name]))
        for name, known, bad in answer.frame.select("report_id", "known", "bad").iter_rows()
        if name in targets
    ]
    schema = {"report_id": pl.String, "good_ratio": pl.Float64, "budget_left": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def show(report: Report) -> None:
    """Target, what was reached, the budget that is left and the burn rates of one report."""
    found = totals(data.estate().estate)
    spans = [str(int(slo.SPANS[window.long].total_seconds())) for window in BURN_WINDOWS]
    burnt = data.answer("report_burn", report_id=report.id, until=timedelta(0), seconds=spans)
    rows = found.frame.filter(pl.col("report_id") == report.id).to_dicts()
    if not rows or not rows[0]["known"]:
        if not ui.nothing(found, "No look counted yet", "The objective is judged once looks are known."):
            ui.empty("No look counted yet", "The objective is judged once looks are known.")
        return
    known, bad, target = rows[0]["known"], rows[0]["bad"], report.slo.target
    left = left_of(known, bad, target)
    state = "unknown" if found.is_stale else state_of(left)
    window = f"{report.slo.window_days} days"
    allowed = slo.budget(known - bad, known, target).budget_looks
    with st.grid(5, min_column_width=158):
        ui.kpi("Promised", words.share(target), "planned", f"within {window}")
        ui.kpi("Reached", words.share(1 - bad / known), state, f"{known - bad:,} of {known:,} looks")
        shown = words.share(None if left is None else max(left, 0.0))
        ui.kpi("Budget left", shown, state, f"{bad:,} of {allowed:,.1f} allowed")
        for one, seconds in zip(BURN_WINDOWS, spans, strict=True):
            _burn(one, burnt.frame.filter(pl.col("seconds") == int(seconds)).to_dicts(), target, burnt)
    st.caption(
        "A look that is down or shows a stale number uses up the budget; other degraded looks count as good, "
        f"planned and unknown ones not at all. At a burn rate of 1 the budget lasts {window}."
    )


def _burn(window: slo.Window, rows: list[dict[str, int]], target: float, answer: Answer) -> None:
    rate = slo.burn_rate(rows[0]["bad"], rows[0]["known"], target) if rows else None
    label = f"Burn rate, {words.duration(slo.SPANS[window.long].total_seconds())}"
    if rate is None:
        ui.kpi(label, words.UNKNOWN_NUMBER, "unknown", "no look counted")
        return
    is_fast = rate >= window.rate
    state = "unknown" if answer.is_stale else "budget_spent" if is_fast else "budget_low" if rate > 1 else "budget_left"
    detail = "far too fast" if is_fast else "too fast" if rate > 1 else "slow enough"
    ui.kpi(label, f"{rate:.1f}", state, detail, help_text=f"Worth an alert from {window.rate:g} on")
