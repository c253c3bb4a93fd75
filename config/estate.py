"""The estate: what there is to watch, as pydantic models. A field that is not here is a typing error."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from config.base import Identifier, Part, Seconds
from config.lineage import check_lineage, check_watched
from config.private_hosts import check_private_hosts
from config.quality import Metric, Quality, TableProfile
from config.refreshes import Calendar, Dataset, Expectation
from config.reports import Report
from config.schedulers import AirflowServers, DagsterServers, FileArrivalPlaces, PowerBiWorkspaces, SqlRunTables

PingKey = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8,100}$")]


class Subsystem(Part):
    """A part of the platform that people name when they ask what is wrong."""

    id: Identifier
    title: str


class RefreshJob(Part):
    """A job that refreshes a dataset, after the jobs in `upstream`; jobs that push their state have a `ping_key`.

    `every_seconds` is short for one expectation of that interval. `collector` names the source that tells of its runs:
    while that one is blind, what did not arrive is unknown, not missed. `slo_ratio` of the slots must be on time.
    """

    id: Identifier
    title: str
    subsystem: Identifier
    dataset: Identifier | Literal[""] = ""
    ping_key: PingKey | None = None
    every_seconds: float | None = Field(None, ge=1)
    expect: list[Expectation] = []
    upstream: list[Identifier] = []
    collector: str = ""
    reported_as: str = ""  # its name at its source, where that is not its id
    owner: str = ""
    slo_ratio: float = Field(0.99, gt=0, lt=1)
    is_paused: bool = False

    @property
    def expectations(self) -> list[Expectation]:
        """All expectations, the short form among them."""
        short = [] if self.every_seconds is None else [Expectation(every_seconds=self.every_seconds)]
        return [*self.expect, *short]

    @property
    def told_by(self) -> str:
        """The collector that tells of its runs, as far as the estate says."""
        return self.collector or ("ingest" if self.ping_key else "")


class FileSource(Part):
    """Files that a collector reads: a path or a glob, relative to the estate's folder."""

    id: Identifier
    path: str
    subsystem: Identifier = "files"


class Host(Part):
    """Thresholds of the machine that the collectors run on."""

    disk_warn_ratio: float = Field(0.80, gt=0, lt=1)
    disk_crit_ratio: float = Field(0.90, gt=0, le=1)
    memory_warn_ratio: float = Field(0.90, gt=0, lt=1)
    cpu_warn_ratio: float = Field(0.95, gt=0, le=1)


ROLES = ("viewer", "analyst", "operator", "approver", "admin")  # each may do what those before it may


class Person(Part):
    """Somebody who may ask for access or decide about it."""

    id: str
    name: str
    roles: list[Literal["viewer", "analyst", "operator", "approver", "admin"]] = ["viewer"]


class Plan(Part):
    """Where the planned costs stand: a CSV with service_name, period_start, planned_cost, billing_currency."""

    path: str = "plan.csv"
    since: date | None = None


class Estate(Part):
    """Everything that is watched."""

    name: str
    subsystems: list[Subsystem]
    calendars: list[Calendar] = []
    datasets: list[Dataset] = []
    jobs: list[RefreshJob] = []
    reports: list[Report] = []
    metrics: list[Metric] = []
    profiles: list[TableProfile] = []
    quality: Quality = Quality()
    dbt: list[FileSource] = []
    airflow: AirflowServers = []
    dagster: DagsterServers = []
    power_bi: PowerBiWorkspaces = []
    sql_runs: SqlRunTables = []
    file_arrivals: FileArrivalPlaces = []
    focus: list[FileSource] = []
    plan: Plan = Plan()
    host: Host = Host()
    every: dict[Identifier, Seconds] = {}  # seconds between runs, by collector; others run at their own default
    people: list[Person] = []
    private_hosts: list[str] = []  # hosts and networks within the house that reports may use: reach.corp, 10.1.0.0/16

    @field_validator("private_hosts")
    @classmethod
    def _are_hosts(cls, entries: list[str]) -> list[str]:
        return check_private_hosts(entries)

    @model_validator(mode="after")
    def _names_agree(self) -> Estate:
        """Every id stands once and every subsystem that is named exists."""
        known = {subsystem.id for subsystem in self.subsystems}
        keys = [job.ping_key for job in self.jobs if job.ping_key]
        if len(keys) != len(set(keys)):
            raise ValueError("two jobs have the same ping_key; a key belongs to one job")
        kinds = (
            ("job", self.jobs),
            ("report", self.reports),
            ("metric", self.metrics),
            ("dataset", self.datasets),
            ("profile", self.profiles),
        )
        for kind, parts in kinds:
            seen: set[str] = set()
            for part in parts:
                if part.id in seen:
                    raise ValueError(f"{kind} id {part.id!r} stands twice; ids are unique within their kind")
                seen.add(part.id)
                if part.subsystem not in known:
                    raise ValueError(
                        f"{kind} {part.id!r} names subsystem {part.subsystem!r}; known are {', '.join(sorted(known))}"
                    )
        check_lineage(self.jobs, self.datasets, self.reports, self.calendars)
        dataset_ids = {dataset.id for dataset in self.datasets} | {job.dataset for job in self.jobs}
        check_watched([*self.metrics, *self.profiles], dataset_ids, self.calendars)
        return self
