"""Is the money going where we planned?"""

from __future__ import annotations

import polars as pl
import streamlit as st

from app import charts, costs, tables, ui, words
from app.costs import Month, Spent
from app.page import Page

PAGE = Page(title="Cost", icon=":material/payments:", section="Analyse", order=20, url_path="cost")


def _notes(month: costs.Month) -> list[str]:
    notes = [f":gray-badge[:material/payments: All amounts in {month.currency}]"]
    bills = ", ".join(costs.sources(month))
    return [*notes, f":gray-badge[:material/receipt_long: From {bills}]"] if bills else notes


def render() -> None:
    """One month in one currency: total against plan, by day, by service, and the variance of each."""
    controls = ui.header(PAGE.title, "Is the money going where we planned?")
    months, answer = costs.months()
    if not months:
        ui.as_of(answer)
        ui.nothing(
            answer, "No charge is loaded", "Name FOCUS files in the estate, or run `python -m app costs load PATH`."
        )
        return
    with controls:
        month = _picker(months)
    found = costs.spent(month)
    ui.as_of(answer, *found.answers, notes=_notes(month))
    _figures(found)
    left, right = st.columns([5, 4])
    with left, ui.card("By day and service", f"Effective cost, {month.title}, {month.currency}"):
        ui.chart(charts.stacked(costs.daily(found), month.currency), "Cost by day and service", 320, "cost_by_day")
    with right, ui.card("Against plan", f"Effective cost so far and the plan spread evenly, {month.currency}"):
        ui.chart(charts.lines(costs.cumulative(found), month.currency), "Cost so far against plan", 320, "cost_plan")
    _variance(found)


def _picker(months: list[Month]) -> Month:
    """The month and the currency, each kept in the address; amounts of two currencies are never added."""
    titles = list(dict.fromkeys(month.title for month in months))
    title = st.selectbox("Month", titles, key="month", bind="query-params", width=180, label_visibility="collapsed")
    within = [month for month in months if month.title == title] or months[:1]
    currencies = [month.currency for month in within]
    currency = st.segmented_control(
        "Currency",
        currencies,
        default=currencies[0],
        required=True,
        key="currency",
        bind="query-params",
        label_visibility="collapsed",
    )
    return next((month for month in within if month.currency == currency), within[0])


def _figures(found: Spent) -> None:
    currency = found.month.currency
    billed = float(found.days["billed_cost"].sum())
    planned, to_date = found.planned, found.planned_to_date
    over = found.by_service.filter(pl.col("state") == "over").height
    with st.grid(4, min_column_width=170):
        detail = f"{words.share(found.cost / to_date)} of plan to date" if to_date else "no plan in this currency"
        ui.kpi("Effective cost", words.money(found.cost, currency), found.state, detail)
        ui.kpi("Billed cost", words.money(billed, currency), "skipped", "as invoiced")
        said = words.money(planned, currency) if planned is not None else "No plan"
        ui.kpi("Plan for the month", said, "skipped", f"{words.share(found.covered)} of it charged")
        state = "over" if over else "within" if planned else "unplanned"
        ui.kpi("Services over plan", words.count(over), state, f"of {words.plural(found.by_service.height, 'service')}")


def _variance(found: Spent) -> None:
    currency = found.month.currency
    with ui.card("Variance by service", f"Plan to date is the plan for {words.share(found.covered)} of the month"):
        money = f"{currency} %,.2f"
        columns = {
            "state": tables.state("State"),
            "service_name": tables.text("Service", 170),
            "cost": tables.number("Effective cost", money),
            "planned_to_date": tables.number("Plan to date", money),
            "difference": tables.number("Difference", money, "Above zero is over plan"),
            "ratio": tables.number("Of plan", "percent"),
            "days": tables.bars("By day"),
            "planned_cost": tables.number("Plan for the month", money),
        }
        tables.show(found.by_service, columns, "variance", "Cost against plan by service", states=["state"])
