"""The tracker: turns expectations and refresh runs into slots with verdicts, and appends what has changed.

A pass judges anew the slots of the last two days, further back where a late fact or a time without a pass reaches, so
that a slot missed while the tracker was down is found by the next pass. What was judged before stays in the history.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import polars as pl

from analysis.slots import expected_slots
from analysis.verdicts import judge
from collectors.base import discover, step_seconds
from config.estate import Estate, RefreshJob
from config.refreshes import Expectation
from store.connection import Store
from store.read import ask
from store.rows import ProposalState, RefreshSlot, Verdict

LOOK_BACK = timedelta(days=2)
LOOK_AHEAD = timedelta(hours=24)
NEXT_SLOTS = 3  # of an expectation that are rows before their time has come
FURTHEST_BACK = timedelta(days=90)
PUSHED = {"ingest"}  # what it did not hear while it was down is lost; every other source tells of it later
INGEST_STEP_SECONDS = 30.0
BLIND_AFTER_STEPS = 4
TOLD_BY = {  # by the source of a run, for jobs of which the estate does not say who tells
    "ping": "ingest",
    "dbt": "dbt_artifacts",
    "airflow": "airflow_runs",
    "dagster": "dagster_runs",
    "power_bi": "power_bi_refreshes",
    "sql": "sql_runs",
    "files": "file_arrivals",
}
SPELLS: dict[str, pl.DataType | type[pl.DataType]] = {
    "job_id": pl.String,
    "from_at": pl.Datetime("us"),
    "until_at": pl.Datetime("us"),
}
KEYS = ("job_id", "expectation", "due_at")
JUDGED = ("verdict", "start_by_at", "deadline_at", "run_id", "started_at", "finished_at", "rows", "bytes", "landed_at")


@dataclass(slots=True)
class Tracker:
    """Remembers when it last looked and since when it knows each expectation; both are found again after a restart."""

    looked_at: datetime | None = None
    known_since: dict[tuple[str, str], datetime] = field(default_factory=dict)

    def track(self, store: Store, estate: Estate, now: datetime) -> list[RefreshSlot]:
        """The slots that are new or have another verdict than is stored; raises StoreError."""
        jobs = effective_jobs(estate, ask(store, "track_expectations"))
        since = self.looked_at or now - FURTHEST_BACK
        first_runs = ask(store, "track_first_runs", collected_since=since)
        first = self._first(first_runs, now)
        runs = ask(store, "track_runs", since=first - LOOK_BACK)
        stored = ask(store, "track_slots", since=first)
        slots = self._expected(jobs, estate, runs, first_runs, stored, first, now)
        judged = judge(
            slots,
            runs,
            upstream_of(jobs),
            blind_spells(store, jobs, estate, tellers(runs), first, now),
            now,
            least_rows(estate),
        )
        self.looked_at = now
        return [*changed(judged, stored), *withdrawn(judged, stored, now)]

    def _first(self, first_runs: pl.DataFrame, now: datetime) -> datetime:
        """From when on slots are judged in this pass."""
        news = first_runs["news_from"].min()
        candidates = [now - LOOK_BACK, self.looked_at - LOOK_BACK if self.looked_at else now - FURTHEST_BACK]
        if isinstance(news, datetime):
            candidates.append(news - LOOK_BACK)
        return max(min(candidates), now - FURTHEST_BACK)

    def _expected(
        self,
        jobs: Sequence[RefreshJob],
        estate: Estate,
        runs: pl.DataFrame,
        first_runs: pl.DataFrame,
        stored: pl.DataFrame,
        first: datetime,
        now: datetime,
    ) -> pl.DataFrame:
        """Slots due from `first` on, none of them from before its expectation was known or its job ever ran."""
        ran_first = dict(first_runs.select("job_id", "first_at").rows())
        first_due = stored.group_by("job_id", "expectation").agg(pl.col("due_at").min())
        seen_first = {(job_id, name): at for job_id, name, at in first_due.rows()}
        for job in jobs:
            for expectation in job.expectations:
                key = (job.id, expectation.id)
                earliest = [at for at in (ran_first.get(job.id), seen_first.get(key), now) if at is not None]
                self.known_since[key] = min(self.known_since.get(key, now), *earliest)
        slots = expected_slots(jobs, estate.calendars, runs, first, now + LOOK_AHEAD, now)
        since = pl.DataFrame(
            [(*key, at) for key, at in self.known_since.items()],
            schema={"job_id": pl.String, "expectation": pl.String, "since_at": pl.Datetime("us")},
            orient="row",
        )
        known = slots.join(since, on=["job_id", "expectation"], how="inner").filter(
            pl.col("due_at") >= pl.col("since_at")
        )
        place = (pl.col("due_at") > now).cum_sum().over("job_id", "expectation", order_by="due_at")
        return known.filter(place <= NEXT_SLOTS).select(slots.columns)


def effective_jobs(estate: Estate, decided: pl.DataFrame) -> list[RefreshJob]:
    """The estate's jobs with the expectations that people accepted on a page; those take the place of their likes."""
    accepted: dict[str, list[Expectation]] = {}
    for row in decided.filter(pl.col("state") == ProposalState.ACCEPTED).iter_rows(named=True):
        accepted.setdefault(row["job_id"], []).append(Expectation.model_validate_json(row["expectation"]))
    return [_with_accepted(job, accepted.get(job.id, [])) for job in estate.jobs]


def _with_accepted(job: RefreshJob, accepted: Sequence[Expectation]) -> RefreshJob:
    if not accepted:
        return job
    replaced = {one.id for one in accepted}
    kept = [one for one in job.expectations if one.id not in replaced]
    return job.model_copy(update={"expect": [*kept, *accepted], "every_seconds": None})


def upstream_of(jobs: Sequence[RefreshJob]) -> pl.DataFrame:
    """One row per arrow of the job graph: job_id, upstream_id."""
    arrows = [(job.id, upstream) for job in jobs for upstream in job.upstream]
    return pl.DataFrame(arrows, schema={"job_id": pl.String, "upstream_id": pl.String}, orient="row")


def least_rows(estate: Estate) -> dict[str, int]:
    """The fewest rows that a run of each job must bring, where its dataset says so."""
    wanted = {dataset.id: dataset.min_rows for dataset in estate.datasets if dataset.min_rows is not None}
    return {job.id: wanted[job.dataset] for job in estate.jobs if job.dataset in wanted}


def tellers(runs: pl.DataFrame) -> dict[str, str]:
    """The collector that told of each job's newest run, by what the run says of its source."""
    newest = runs.group_by("job_id").agg(pl.col("source").sort_by("collected_at").last())
    return {job_id: TOLD_BY.get(source, "") for job_id, source in newest.rows()}


def blind_spells(
    store: Store,
    jobs: Sequence[RefreshJob],
    estate: Estate,
    by_runs: Mapping[str, str],
    first: datetime,
    now: datetime,
) -> pl.DataFrame:
    """When nobody could tell about a job, because the collector that tells of it brought nothing: job_id, from, until.

    A source that is asked tells afterwards what happened meanwhile, so it is blind only while it still fails; what
    jobs push is lost while nobody listens. A collector that never succeeded has been blind for ever.
    """
    steps = {name: step_seconds(estate, source.collector) for name, source in discover().items()}
    steps |= dict.fromkeys(PUSHED, INGEST_STEP_SECONDS)
    told_by = {job.id: name for job in jobs if (name := job.told_by or by_runs.get(job.id, "")) in steps}
    allowed = {name: BLIND_AFTER_STEPS * steps[name] for name in set(told_by.values())}
    gaps = ask(store, "track_gaps", since=first - LOOK_BACK, least_seconds=min(allowed.values(), default=0.0))
    spells: dict[str, list[tuple[datetime, datetime | None]]] = {name: [] for name in allowed}
    for collector, from_at, until_at in gaps.rows():
        if collector not in allowed or (until_at is not None and collector not in PUSHED):
            continue
        if ((until_at or now) - from_at).total_seconds() > allowed[collector]:
            spells[collector].append((from_at, until_at))
    heard = set(gaps["collector"])
    for name in allowed.keys() - heard:
        spells[name].append((datetime(1970, 1, 1), None))
    rows = [(job_id, *spell) for job_id, name in told_by.items() for spell in spells[name]]
    return pl.DataFrame(rows, schema=SPELLS, orient="row")


def changed(judged: pl.DataFrame, stored: pl.DataFrame) -> Iterator[RefreshSlot]:
    """The judged slots of which something else, or nothing, is stored."""
    before = stored.select(*KEYS, *(pl.col(name).alias(f"{name}_before") for name in JUDGED))
    both = judged.join(before, on=list(KEYS), how="left")
    is_other = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_before")) for name in JUDGED)
    for row in both.filter(is_other).select(judged.columns).iter_rows(named=True):
        yield RefreshSlot(**{**row, "verdict": Verdict(row["verdict"])})


def withdrawn(judged: pl.DataFrame, stored: pl.DataFrame, now: datetime) -> Iterator[RefreshSlot]:
    """Stored slots that were not judged yet and that nothing expects any more."""
    waiting = stored.filter(pl.col("verdict").is_in([Verdict.UPCOMING, Verdict.DUE]))
    for row in waiting.join(judged, on=list(KEYS), how="anti").iter_rows(named=True):
        detail = "the expectation changed before this slot was judged"
        yield RefreshSlot(**{**row, "judged_at": now, "verdict": Verdict.WITHDRAWN, "detail": detail})
