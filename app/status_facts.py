"""How the public reports are, for their readers: states, uptime, planned breaks; nothing of how they are made.

A report is public when everybody may view it (entitlement `viewer`). Nothing is up that is not known now.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl
import streamlit as st

from analysis.reports import slo
from analysis.reports.maintenance import spans
from app import charts_reports, data, report_acts
from app.answers import Answer
from app.reports import board, objective
from app.times import now
from config.estate import Estate
from config.load import Loaded
from config.reports import Report

PUBLIC = "viewer"
DAYS = 90
AHEAD = timedelta(days=14)  # planned breaks that begin later are not told yet
VERIFIED_SPAN = timedelta(days=7)
KEPT_SECONDS = 10
WORST_FIRST = ("down", "degraded", "unknown", "maintenance", "up")
Break = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Status:
    """One public report: `state` is down, degraded, unknown, maintenance or up; shares are 0..1, times naive UTC.

    `stage` and `fault` are of the newest look, None where it found nothing wrong or is unknown. `verified_at` is when
    every audience was last seen good. Numbers are None while they are not known. `days` has a kind per day, oldest
    first (as charts_reports.day_kinds); `planned` is the next break, or the one that is on.
    """

    report: str
    title: str
    state: str
    stage: str | None
    fault: str | None
    verified_at: datetime | None
    numbers_matching: int | None
    numbers_total: int
    uptime_90d: float | None
    slo_target: float
    budget_left: float | None
    days: tuple[str, ...]
    planned: Break | None = None


@dataclass(frozen=True, slots=True)
class Statuses:
    """The public reports, worst first; as last known while the store `is_away`, and then all of them unknown."""

    reports: tuple[Status, ...]
    as_of: datetime | None
    is_away: bool


def statuses() -> Statuses:
    """How all public reports are; like other answers it may be some seconds old."""
    loaded = data.estate()
    return _assembled(id(loaded), loaded)


@st.cache_data(ttl=KEPT_SECONDS, max_entries=2, show_spinner=False, refresh_mode="background")
def _assembled(loaded_id: int, _loaded: Loaded) -> Statuses:  # noqa: ARG001  # the key, as in app.data
    at, estate = now(), _loaded.estate
    found = board.board()
    days = data.answer("report_days", since=timedelta(days=DAYS))
    verified = data.answer("report_verified", since=VERIFIED_SPAN)
    totals = objective.totals(estate)
    windows, planned = report_acts.windows()
    answers = (*found.answers, days, verified, totals, planned)
    rows = {row["report_id"]: row for row in found.reports.iter_rows(named=True)}
    facts = _Facts(
        at,
        dict(slo.uptimes(days.frame).iter_rows()),
        dict(objective.budgets(estate, totals).select("report_id", "budget_left").iter_rows()),
        {(row[0], row[1]): row[2] for row in verified.frame.iter_rows()},
        {str(key[0]): part for key, part in days.frame.partition_by("report_id", as_dict=True).items()},
        windows.filter(~pl.col("is_withdrawn")).select("report_id", "begin_at", "end_at").rows(),
    )
    told = [facts.status(report, rows[report.id]) for report in _public(estate)]
    told.sort(key=lambda one: (WORST_FIRST.index(one.state), one.title.lower(), one.report))
    return Statuses(tuple(told), _as_of(answers), found.is_away)


def _public(estate: Estate) -> Iterator[Report]:
    return (report for report in estate.reports if PUBLIC in report.entitlements)


def _as_of(answers: tuple[Answer, ...]) -> datetime | None:
    """When the oldest answer was true; None when one was never given."""
    times = [answer.as_of for answer in answers]
    return None if None in times else min(one for one in times if one is not None)


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is known beside the newest looks, by report."""

    at: datetime
    uptimes: dict[str, float | None]
    budgets: dict[str, float | None]
    verified: dict[tuple[str, str], datetime]
    days: dict[str, pl.DataFrame]
    windows: list[tuple[str, datetime, datetime]]

    def status(self, report: Report, row: dict[str, Any]) -> Status:
        is_bad = row["state"] in ("down", "degraded", "maintenance")
        days = self.days.get(report.id)
        kinds = charts_reports.day_kinds(days, self.at.date(), DAYS) if days is not None else ["quiet"] * DAYS
        return Status(
            report.id,
            report.title,
            row["state"],
            row["stage"] if is_bad and row["fault"] else None,
            row["fault"] if is_bad else None,
            self._verified_at(report),
            int(row["match"]) if row["numbers"] else None,
            int(row["numbers_declared"]),
            self.uptimes.get(report.id),
            report.slo.target,
            self.budgets.get(report.id),
            tuple(kinds),
            self._planned(report),
        )

    def _verified_at(self, report: Report) -> datetime | None:
        """The oldest of the times at which each audience last saw it good; None if one of them never did."""
        personas = [persona.id for persona in report.personas] or [""]
        times = [self.verified.get((report.id, persona)) for persona in personas]
        return None if None in times else min(one for one in times if one is not None)

    def _planned(self, report: Report) -> Break | None:
        """The break that is on or begins next, by the estate or by a person."""
        own = [(begin, end) for name, begin, end in self.windows if name == report.id and end > self.at]
        soon = [one for one in own if one[0] < self.at + AHEAD]
        return min([*soon, *spans(report.maintenance, self.at, self.at + AHEAD)], default=None)
