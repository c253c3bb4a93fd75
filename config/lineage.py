"""What hangs together in the estate must exist and have no cycle: jobs upstream, datasets, calendars."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from config.estate import RefreshJob
    from config.quality import Metric, TableProfile
    from config.refreshes import Calendar, Dataset
    from config.reports import Report


def check_lineage(
    jobs: Sequence[RefreshJob], datasets: Sequence[Dataset], reports: Sequence[Report], calendars: Sequence[Calendar]
) -> None:
    """Raise ValueError, naming the place, for a name that stands nowhere and for a cycle."""
    job_ids, calendar_ids = {job.id for job in jobs}, {calendar.id for calendar in calendars}
    dataset_ids = {dataset.id for dataset in datasets} | {job.dataset for job in jobs if job.dataset}
    for job in jobs:
        _known(f"job {job.id!r} has upstream", job.upstream, job_ids)
        wanted = [one.calendar for one in job.expect if one.calendar]
        _known(f"job {job.id!r} names calendar", wanted, calendar_ids)
        if any(one.after_upstream for one in job.expect) and not job.upstream:
            raise ValueError(
                f"job {job.id!r} is expected after its upstream jobs but has none; name them in `upstream`"
            )
        ids = [one.id for one in job.expectations]
        if len(ids) != len(set(ids)):
            raise ValueError(f"job {job.id!r} has the same expectation twice; keep one")
    for dataset in datasets:
        _known(f"dataset {dataset.id!r} has input", dataset.inputs, dataset_ids)
    for report in reports:
        _known(f"report {report.id!r} names dataset", report.datasets, dataset_ids)
    _no_cycle("job", {job.id: job.upstream for job in jobs})
    _no_cycle("dataset", {dataset.id: dataset.inputs for dataset in datasets})


def check_watched(
    watched: Sequence[Metric | TableProfile], datasets: Iterable[str], calendars: Sequence[Calendar]
) -> None:
    """Raise ValueError, naming the place, where a metric or profile names a dataset or calendar that stands nowhere."""
    dataset_ids, calendar_ids = set(datasets), {calendar.id for calendar in calendars}
    for one in watched:
        kind = type(one).__name__.lower().removeprefix("table")
        _known(f"{kind} {one.id!r} names dataset", [one.dataset] if one.dataset else [], dataset_ids)
        _known(f"{kind} {one.id!r} names calendar", [one.watch.calendar] if one.watch.calendar else [], calendar_ids)


def _known(said: str, names: Iterable[str], known: set[str]) -> None:
    for name in names:
        if name not in known:
            listed = ", ".join(sorted(known)[:20]) or "none"
            raise ValueError(f"{said} {name!r}, which does not exist; known are {listed}")


def _no_cycle(kind: str, before: Mapping[str, Sequence[str]]) -> None:
    try:
        TopologicalSorter(before).prepare()
    except CycleError as error:
        way = list(reversed(error.args[1]))
        raise ValueError(f"{kind} {way[0]!r} waits for itself: {' -> '.join(way)}; break the cycle") from error
