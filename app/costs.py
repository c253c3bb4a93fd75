"""Costs against plan as pages show them: one month and one currency at a time, never a sum over currencies."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from app import data
from app.answers import Answer
from app.desk import Parameter
from app.times import month_text, now

TOLERATED_RATIO = 1.10  # up to here over plan is a warning


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month of charges in one currency; `first` is naive UTC and `until` its end, half-open."""

    first: datetime
    currency: str

    @property
    def until(self) -> datetime:
        return self.first + timedelta(days=calendar.monthrange(self.first.year, self.first.month)[1])

    @property
    def title(self) -> str:
        return month_text(self.first)


@dataclass(frozen=True, slots=True)
class Spent:
    """What a month cost so far: `by_service` has cost, planned, planned_to_date, difference, ratio, state.

    `covered` is the share of the month that has charges; a plan is compared for that share of the month only.
    """

    month: Month
    days: pl.DataFrame
    by_service: pl.DataFrame
    cost: float
    planned: float | None
    planned_to_date: float | None
    covered: float
    answers: tuple[Answer, ...]

    @property
    def state(self) -> str:
        if any(answer.is_stale for answer in self.answers):
            return "unknown"
        return verdict(self.cost, self.planned_to_date)


def verdict(cost: float, planned: float | None) -> str:
    """Within plan, a little over (warning), over, or not planned."""
    if not planned:
        return "unplanned"
    return "within" if cost <= planned else "warning" if cost <= planned * TOLERATED_RATIO else "over"


def months() -> tuple[list[Month], Answer]:
    """Months that have charges, newest first; in each the currency with the most comes first."""
    answer = data.answer("charge_months")
    rows = answer.frame.sort(["month_at", "billed_cost"], descending=True)
    return [Month(row["month_at"], row["billing_currency"]) for row in rows.iter_rows(named=True)], answer


def newest_month() -> Month | None:
    """The month that the overview speaks of: this month, or the last one that has charges."""
    found, _ = months()
    this = now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return next((month for month in found if month.first <= this), None)


def sources(month: Month) -> list[str]:
    """Names of the bills that the charges of `month` were loaded from."""
    period: dict[str, Parameter] = {"first": month.first, "until": month.until, "currency": month.currency}
    return data.answer("charge_sources", **period).frame["source"].unique(maintain_order=True).to_list()


def spent(month: Month) -> Spent:
    """What `month` cost by day and service, against the plan in force."""
    period: dict[str, Parameter] = {"first": month.first, "until": month.until, "currency": month.currency}
    charges, plan = data.answer("charges_by_day", **period), data.answer("plan_by_month", **period)
    covered = _covered(charges.frame, month)
    planned = float(plan.frame["planned_cost"].sum()) if not plan.is_empty else None
    return Spent(
        month=month,
        days=charges.frame,
        by_service=_by_service(charges.frame, plan.frame, covered),
        cost=float(charges.frame["effective_cost"].sum()),
        planned=planned,
        planned_to_date=planned * covered if planned is not None else None,
        covered=covered,
        answers=(charges, plan),
    )


def _covered(charges: pl.DataFrame, month: Month) -> float:
    last = charges["day_at"].max()
    if not isinstance(last, datetime):
        return 0.0
    return min((last + timedelta(days=1) - month.first) / (month.until - month.first), 1.0)


def _by_service(charges: pl.DataFrame, plan: pl.DataFrame, covered: float) -> pl.DataFrame:
    cost = charges.group_by("service_name").agg(
        pl.col("effective_cost").sum().alias("cost"),
        pl.col("billed_cost").sum(),
        pl.col("effective_cost").sort_by("day_at").alias("days"),
    )
    frame = cost.join(plan, on="service_name", how="full", coalesce=True).with_columns(pl.col("cost").fill_null(0.0))
    frame = frame.with_columns((pl.col("planned_cost") * covered).alias("planned_to_date"))
    frame = frame.with_columns(
        (pl.col("cost") - pl.col("planned_to_date")).alias("difference"),
        (pl.col("cost") / pl.col("planned_to_date")).alias("ratio"),
    )
    states = [verdict(row["cost"], row["planned_to_date"]) for row in frame.iter_rows(named=True)]
    return frame.with_columns(pl.Series("state", states, dtype=pl.String)).sort(
        "cost", "service_name", descending=[True, False]
    )


def cumulative(found: Spent) -> pl.DataFrame:
    """Cost so far by day beside the plan spread evenly over the month: columns day_at, Effective cost, Plan."""
    days = found.days.group_by("day_at").agg(pl.col("effective_cost").sum()).sort("day_at")
    frame = days.select("day_at", pl.col("effective_cost").cum_sum().alias("Effective cost"))
    if found.planned is None or frame.is_empty():
        return frame
    month = found.month
    length = (month.until - month.first).days
    every = pl.DataFrame(
        {
            "day_at": [month.first + timedelta(days=day) for day in range(length)],
            "Plan": [found.planned * (day + 1) / length for day in range(length)],
        },
        schema_overrides={"day_at": pl.Datetime("us")},
    )
    return every.join(frame, on="day_at", how="left").select("day_at", "Effective cost", "Plan")


def daily(found: Spent) -> pl.DataFrame:
    """Effective cost by day, one column per service, the dearest first."""
    order = found.by_service.filter(pl.col("cost") > 0)["service_name"].to_list()
    if found.days.is_empty():
        return found.days.select("day_at")
    wide = found.days.pivot("service_name", index="day_at", values="effective_cost", aggregate_function="sum")
    return wide.sort("day_at").select("day_at", *(name for name in order if name in wide.columns))
