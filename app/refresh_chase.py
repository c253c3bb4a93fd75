"""Who is to blame and who is hit: the one job to chase for a late job or a stale dataset, and when it will be right."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl
from polars._typing import SchemaDict

from analysis.data_freshness import DataState
from analysis.job_graph import Graph
from config.estate import Estate

LATE = "late_job_stale_data"  # what pages call DataState.LATE: a late collector is another thing
STALE = (LATE, DataState.GREEN_JOB_STALE_DATA, DataState.REFRESHED_BUT_EMPTY, DataState.STALE)
WORST_FIRST = (*STALE, DataState.UNKNOWN, DataState.LATE_JOB_FRESH_DATA, DataState.FRESH)
MORE: SchemaDict = {
    "title": pl.String,
    "subsystem": pl.String,
    "reports": pl.List(pl.String),
    "audiences": pl.List(pl.String),
    "chase": pl.String,
    "chase_path": pl.String,
    "right_at": pl.Datetime("us"),
}
Chase = tuple[str, str]  # the job to chase (empty for none) and the way from it, ` > ` between the jobs


def with_chase(jobs: pl.DataFrame, graph: Graph) -> pl.DataFrame:
    """The jobs with chase and chase_path: for a troubled job what blocks it, or itself; empty for the others."""
    wrong = set(jobs.filter("is_wrong")["job_id"])
    found: list[Chase] = []
    for row in jobs.select("job_id", "is_wrong", "is_at_risk", "blocked_by", "path").iter_rows(named=True):
        if row["blocked_by"] and (row["is_wrong"] or row["is_at_risk"]):
            found.append((row["blocked_by"], row["path"]))
        elif row["is_wrong"] or row["is_at_risk"]:
            found.append(root_of(row["job_id"], wrong, graph))
        else:
            found.append(("", ""))
    return jobs.with_columns(
        pl.Series("chase", [chase for chase, _ in found], dtype=pl.String),
        pl.Series("chase_path", [path for _, path in found], dtype=pl.String),
    )


def root_of(job_id: str, wrong: set[str], graph: Graph) -> Chase:
    """The first wrong job upstream and the way from it; the job itself when nothing upstream is wrong."""
    behind = graph.upstream_of(job_id) & wrong
    roots = [name for name in behind if not graph.upstream_of(name) & wrong]
    if not roots:
        return job_id, ""
    chosen = max(roots, key=lambda name: (len(graph.impact_of(name).reports), name))
    return chosen, " > ".join(way(job_id, chosen, graph))


def way(job_id: str, upstream_id: str, graph: Graph) -> list[str]:
    """The shortest way from an upstream job down to `job_id`, both ends included; empty when there is none."""
    came: dict[str, str] = {job_id: ""}
    edge = [job_id]
    while edge and upstream_id not in came:
        reached = []
        for name in edge:
            for before in graph.jobs[name].upstream if name in graph.jobs else ():
                if before not in came:
                    came[before] = name
                    reached.append(before)
        edge = reached
    if upstream_id not in came:
        return []
    steps = [upstream_id]
    while came[steps[-1]]:
        steps.append(came[steps[-1]])
    return steps


def datasets(states: pl.DataFrame, jobs: pl.DataFrame, graph: Graph, estate: Estate) -> pl.DataFrame:
    """The dataset states, worst first, with title, subsystem, reports, audiences, chase, chase_path and right_at."""
    parts = {part.id: part for part in estate.datasets}
    right = dict(jobs.select("job_id", "right_at").rows())
    wrong = set(jobs.filter("is_wrong")["job_id"])
    rows = []
    for dataset_id, state in states.select("dataset_id", "state").iter_rows():
        own = graph.jobs_of(dataset_id)
        reports = sorted(graph.reports_of(dataset_id))
        audiences = sorted({graph.reports[name].audience for name in reports} - {""})
        part = parts.get(dataset_id)
        subsystem = part.subsystem if part else graph.jobs[own[0]].subsystem if own else ""
        chase, path = _chase_of(dataset_id, own, wrong, graph) if state != DataState.FRESH else ("", "")
        title = part.title if part and part.title else dataset_id
        right_at = max((at for name in own if (at := right.get(name)) is not None), default=None)
        rows.append((title, subsystem, reports, audiences, chase, path, right_at))
    more = pl.DataFrame(rows, schema=MORE, orient="row")
    frame = pl.concat([states, more], how="horizontal").with_columns(pl.col("state").replace({DataState.LATE: LATE}))
    return ranked(frame)


def reports(guarantees: pl.DataFrame, found: pl.DataFrame, estate: Estate) -> pl.DataFrame:
    """The guarantees of reports, worst first, with title, subsystem, audience and the title of the oldest dataset."""
    parts = pl.DataFrame(
        [(part.id, part.title, part.subsystem, part.audience) for part in estate.reports],
        schema=dict.fromkeys(("report_id", "title", "subsystem", "audience"), pl.String),
        orient="row",
    )
    names = found.select(pl.col("dataset_id").alias("oldest_dataset"), pl.col("title").alias("oldest_title"))
    frame = guarantees.join(parts, on="report_id", how="left").join(names, on="oldest_dataset", how="left")
    return ranked(frame.with_columns(pl.col("state").replace({DataState.LATE: LATE})))


def ranked(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows worst state first; within a state those that hit most reports, then by name."""
    order = {str(name): place for place, name in enumerate(WORST_FIRST)}
    place = pl.col("state").replace_strict(order, default=len(order), return_dtype=pl.Int64)
    hit = [-pl.col("reports").list.len().cast(pl.Int64)] if "reports" in frame.columns else []
    return frame.sort(place, *hit, pl.nth(0))


def _chase_of(dataset_id: str, own: Iterable[str], wrong: set[str], graph: Graph) -> Chase:
    """What is wrong farthest upstream of a dataset; where nothing is, its own job."""
    first = next(iter(own), "")
    behind = graph.jobs_behind(dataset_id) & wrong
    if not behind:
        return first, ""
    roots = [name for name in behind if not graph.upstream_of(name) & behind]
    chosen = max(roots, key=lambda name: (len(graph.impact_of(name).reports), name))
    ends = [steps for name in own if len(steps := way(name, chosen, graph)) > 1]
    shortest = min(ends, key=len, default=[])
    return chosen, " > ".join(shortest)
