"""What depends on what: jobs on the jobs upstream, datasets on their inputs and on the jobs that refresh them.

A dataset rests on its inputs and on its jobs; a job rests on the jobs upstream and on the datasets that those refresh.
A report rests on all of this by way of the datasets it shows, and is hit when anything that it rests on is late.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from config.estate import RefreshJob
from config.refreshes import Dataset
from config.reports import Report


class Node(NamedTuple):
    """A part of the graph; jobs, datasets and reports may have the same id."""

    kind: str  # job, dataset or report
    id: str


Arrows = Mapping[Node, Sequence[Node]]


@dataclass(frozen=True, slots=True)
class Impact:
    """The reports and user groups that are hit when a job is late, each in order of name."""

    reports: tuple[str, ...]
    audiences: tuple[str, ...]

    @property
    def size(self) -> int:
        """How many reports and user groups that are."""
        return len(self.reports) + len(self.audiences)


@dataclass(slots=True)
class Closures:
    """Everything that can be reached along arrows, found once per start."""

    arrows: Arrows
    found: dict[Node, frozenset[Node]] = field(default_factory=dict)

    def reach(self, start: Node) -> frozenset[Node]:
        """All nodes behind `start`, without itself."""
        if start not in self.found:
            seen: set[Node] = set()
            waiting = list(self.arrows.get(start, ()))
            while waiting:
                node = waiting.pop()
                if node in seen:
                    continue
                seen.add(node)
                if node in self.found:
                    seen |= self.found[node]
                else:
                    waiting.extend(self.arrows.get(node, ()))
            self.found[start] = frozenset(seen - {start})
        return self.found[start]


@dataclass(slots=True)
class Graph:
    """The estate's jobs, datasets and reports with the arrows between them; answers are found once and kept."""

    jobs: dict[str, RefreshJob]
    reports: dict[str, Report]
    datasets: tuple[str, ...]
    refreshed_by: dict[str, tuple[str, ...]]
    before_jobs: Closures  # along `upstream` alone
    after_jobs: Closures
    lineage: Closures  # from the report down to what it rests on
    uses: Closures  # from a job or dataset up to the reports

    @classmethod
    def of(cls, jobs: Sequence[RefreshJob], datasets: Sequence[Dataset], reports: Sequence[Report]) -> Graph:
        """The graph of these parts; names that stand nowhere are leaves without anything behind them."""
        refreshed_by: dict[str, tuple[str, ...]] = {}
        for job in jobs:
            if job.dataset:
                refreshed_by[job.dataset] = (*refreshed_by.get(job.dataset, ()), job.id)
        by_id = {job.id: job for job in jobs}
        upstream = {_job(job.id): [_job(name) for name in job.upstream] for job in jobs}
        rests_on = _rests_on(by_id, datasets, reports, refreshed_by)
        known = dict.fromkeys([*(dataset.id for dataset in datasets), *refreshed_by])
        return cls(
            by_id,
            {report.id: report for report in reports},
            tuple(known),
            refreshed_by,
            Closures(upstream),
            Closures(_turned(upstream)),
            Closures(rests_on),
            Closures(_turned(rests_on)),
        )

    def upstream_of(self, job_id: str) -> frozenset[str]:
        """All jobs that must have run before this one, near and far."""
        return _ids(self.before_jobs.reach(_job(job_id)), "job")

    def downstream_of(self, job_id: str) -> frozenset[str]:
        """All jobs that wait for this one, near and far."""
        return _ids(self.after_jobs.reach(_job(job_id)), "job")

    def jobs_of(self, dataset_id: str) -> tuple[str, ...]:
        """The jobs that refresh a dataset themselves, in the estate's order."""
        return self.refreshed_by.get(dataset_id, ())

    def jobs_behind(self, dataset_id: str) -> frozenset[str]:
        """All jobs that a dataset rests on: its own, those of its inputs, and everything upstream of them."""
        return _ids(self.lineage.reach(Node("dataset", dataset_id)), "job")

    def datasets_behind(self, dataset_id: str) -> frozenset[str]:
        """All other datasets that a dataset rests on."""
        return _ids(self.lineage.reach(Node("dataset", dataset_id)), "dataset")

    def datasets_of(self, report_id: str) -> frozenset[str]:
        """All datasets that a report rests on, by lineage."""
        return _ids(self.lineage.reach(Node("report", report_id)), "dataset")

    def jobs_behind_report(self, report_id: str) -> frozenset[str]:
        """All jobs that a report rests on."""
        return _ids(self.lineage.reach(Node("report", report_id)), "job")

    def reports_of(self, dataset_id: str) -> frozenset[str]:
        """All reports that rest on a dataset."""
        return _ids(self.uses.reach(Node("dataset", dataset_id)), "report")

    def impact_of(self, job_id: str) -> Impact:
        """Who is hit when the job is late."""
        hit = sorted(_ids(self.uses.reach(_job(job_id)), "report"))
        audiences = {self.reports[name].audience for name in hit}
        return Impact(tuple(hit), tuple(sorted(audiences - {""})))


def _rests_on(
    jobs: Mapping[str, RefreshJob],
    datasets: Sequence[Dataset],
    reports: Sequence[Report],
    refreshed_by: Mapping[str, Sequence[str]],
) -> dict[Node, list[Node]]:
    arrows: dict[Node, list[Node]] = {}
    for job in jobs.values():
        brought = [jobs[name].dataset for name in job.upstream if name in jobs and jobs[name].dataset]
        arrows[_job(job.id)] = [*map(_job, job.upstream), *(Node("dataset", name) for name in brought)]
    inputs = {dataset.id: dataset.inputs for dataset in datasets}
    for name in {**inputs, **refreshed_by}:
        behind = [Node("dataset", one) for one in inputs.get(name, ())]
        arrows[Node("dataset", name)] = [*behind, *map(_job, refreshed_by.get(name, ()))]
    for report in reports:
        arrows[Node("report", report.id)] = [Node("dataset", name) for name in report.datasets]
    return arrows


def _turned(arrows: Arrows) -> dict[Node, list[Node]]:
    turned: dict[Node, list[Node]] = {}
    for start, ends in arrows.items():
        for end in ends:
            turned.setdefault(end, []).append(start)
    return turned


def _job(job_id: str) -> Node:
    return Node("job", job_id)


def _ids(nodes: Iterable[Node], kind: str) -> frozenset[str]:
    return frozenset(node.id for node in nodes if node.kind == kind)
