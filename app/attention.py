"""What needs a person now, ranked: the list on the overview. Every line names its evidence and the page to open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from app import alert_subjects, collecting, control, costs, data, incidents, machine, times, watching, words
from app.answers import Answer
from app.incidents import Inbox

WEIGHTS = {"critical": 0, "error": 0, "warning": 1}


@dataclass(frozen=True, slots=True)
class Concern:
    """One line: `rank` 0 is broken, 1 is a warning, 2 is unknown; `query` sets the filters of `page`."""

    rank: int
    title: str
    evidence: str
    page: str
    since: datetime | None = None
    query: dict[str, str] = field(default_factory=dict)
    subject: str = ""  # what an alert about the same thing names

    @property
    def word(self) -> str:
        return ("Broken", "Warning", "Unknown")[self.rank]


def concerns() -> tuple[list[Concern], list[Answer]]:
    """All concerns, worst first and newest first within a rank, with the answers that they rest on."""
    firing = incidents.inbox()
    answers = [*firing.answers, data.answer("reports"), data.answer("freshness")]
    seen = [*_reports(), *_refreshes(firing), *_collectors()]
    found = [
        *_store(answers),
        *_alerts(firing, {one.subject for one in seen}),
        *seen,
        *_freshness(firing),
        *_points(),
        *_cost(),
        *_disks(firing.alerts),
    ]
    epoch = datetime(1970, 1, 1)
    return sorted(found, key=lambda one: (one.rank, -((one.since or epoch) - epoch).total_seconds())), answers


def _store(answers: list[Answer]) -> Iterator[Concern]:
    problem = next((answer.problem for answer in answers if answer.problem), None)
    if problem:
        said = "everything below is as last known; what is collected meanwhile waits on disk"
        yield Concern(0, "The store does not answer", said, "collectors", times.now())


def _alerts(firing: Inbox, seen: set[str]) -> Iterator[Concern]:
    """One line per incident, but not for one about something that stands in the list already."""
    for row in firing.frame.iter_rows(named=True):
        if row["subject"].rpartition("/")[2] in seen:
            continue
        explained = f", and {row['explained']} explained by it" if row["explained"] else ""
        page, query = alert_subjects.page_of(row["rule"]), {}
        if incidents.is_numbered(row["incident_id"]):
            page, query = "alerts", {"incident": row["incident_id"]}
        said = f"{row['evidence'].rstrip('.')}{explained}" if explained else row["evidence"]
        yield Concern(WEIGHTS.get(row["severity"], 1), row["title"], said, page, row["since_at"], query)


def _reports() -> Iterator[Concern]:
    frame, newest, _ = watching.reports()
    if newest.is_stale:
        frame = frame.with_columns(pl.col("last_state").alias("state"))
    ranks = {"down": 0, "degraded": 1, "unknown": 2}
    for row in frame.filter(pl.col("state").is_in(list(ranks))).iter_rows(named=True):
        said = row["message"] or f"answered in {words.duration(row['latency_seconds'])}"
        if row["state"] == "unknown":
            said = f"last looked at {times.ago(row['observed_at'])}" if row["observed_at"] else "never looked at"
        title = f"{row['title']} is {words.state(row['state']).word.lower()}"
        query = {"report": row["report_id"]}
        yield Concern(ranks[row["state"]], title, said, "reports", row["observed_at"], query, row["report_id"])


def _refreshes(firing: Inbox) -> Iterator[Concern]:
    """Failed jobs and stale data that no firing alert speaks of: a job without an expectation has no slot to judge."""
    spoken_of = set(firing.alerts["subject"])
    frame, _ = watching.failures()
    for row in frame.filter(~("job:" + pl.col("job_id")).is_in(spoken_of)).iter_rows(named=True):
        said = row["message"] or "the source gave no reason"
        yield Concern(0, f"{row['title']} failed", said, "refreshes", row["collected_at"], {"job": row["job_id"]})


def _freshness(firing: Inbox) -> Iterator[Concern]:
    spoken_of = set(firing.alerts["subject"])
    frame, _ = watching.freshness()
    ranks = {"stale": 0, "warn": 1}
    told = ("dataset:" + pl.col("dataset_id")).is_in(spoken_of)
    for row in frame.filter(pl.col("state").is_in(list(ranks)) & ~told).iter_rows(named=True):
        title = f"Data of {row['dataset_id']} is {words.state(row['state']).word.lower()}"
        said = f"newest row is {words.duration(row['data_age_seconds'])} old"
        yield Concern(ranks[row["state"]], title, said, "refreshes", row["observed_at"])


def _collectors() -> Iterator[Concern]:
    frame, _, _ = collecting.collectors()
    ranks = {"failed": 0, "timed_out": 0, "late": 1, "never": 2}
    for row in frame.filter(pl.col("state").is_in(list(ranks))).iter_rows(named=True):
        title = f"Collector {row['collector']}: {words.state(row['state']).word.lower()}"
        said = row["error"] if row["state"] in ("failed", "timed_out") and row["error"] else None
        said = said or (f"last run {times.ago(row['started_at'])}" if row["started_at"] else "has not run yet")
        yield Concern(ranks[row["state"]], title, said, "collectors", row["started_at"], {}, row["collector"])


def _points() -> Iterator[Concern]:
    """Key data points whose newest values have a special cause."""
    frame, _ = control.states()
    for row in frame.filter(pl.col("state") == "signal").iter_rows(named=True):
        yield Concern(
            1,
            f"{row['title']} is out of control",
            row["rules"],
            "control_charts",
            row["observed_at"],
            {"series": row["title"]},
        )


def _cost() -> Iterator[Concern]:
    """The month's cost against its plan to date."""
    month = costs.newest_month()
    found = costs.spent(month) if month else None
    if found is None or found.planned_to_date is None or found.state not in ("warning", "over"):
        return
    spent, planned = (words.money(value, found.month.currency) for value in (found.cost, found.planned_to_date))
    yield Concern(1, f"Cost of {found.month.title} is over plan", f"{spent}, planned to date {planned}", "cost")


def _disks(alerts: pl.DataFrame) -> Iterator[Concern]:
    """Disks over a threshold that no alert speaks of yet."""
    spoken_of = " ".join(alerts["subject"])
    ranks = {"critical": 0, "warning": 1}
    for row in machine.disks(machine.newest()).filter(pl.col("state").is_in(list(ranks))).iter_rows(named=True):
        if row["mount"] in spoken_of and row["mount"] != "/":
            continue
        said = f"{words.share(row['disk_used_ratio'])} used, {words.size(row['disk_free_bytes'])} free"
        yield Concern(ranks[row["state"]], f"Disk {row['mount']} on {row['host']}", said, "infrastructure")
