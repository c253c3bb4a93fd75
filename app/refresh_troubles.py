"""What is stale or late and why, ranked by impact, and the one sentence that sums it up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from app import words
from app.refresh_chase import STALE
from app.refresh_words import LIKELY_RATIO, moment_text, on_viewers_clock, right_text, risk_text, with_titles
from app.refreshing import Situation

RISK = ("job_id", "miss_ratio", "risk_deadline_at", "runs")
KINDS = {"Stale": 0, "Late": 1, "May miss": 2, "Unknown": 3}  # in the order of the list


@dataclass(frozen=True, slots=True)
class Trouble:
    """One line: what it is about, its state, why, the job to chase, who is hit, and when it will be right."""

    kind: str
    state: str
    title: str
    why: str
    job_id: str
    chase: str
    chase_path: str
    right: str
    subsystem: str
    reports: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    since: datetime | None = None

    @property
    def impact(self) -> int:
        """Reports and user groups that are hit."""
        return len(self.reports) + len(self.audiences)


def troubles(found: Situation) -> list[Trouble]:
    """Stale datasets, late jobs whose dataset is not listed already, likely misses, what nobody knows; worst first."""
    titles = dict(found.jobs.select("job_id", "title").rows())
    of_data, of_jobs = list(_datasets(found, titles)), list(_jobs(found, titles))
    lines: list[Trouble] = []
    listed: set[str] = set()
    for source, is_known in ((of_data, True), (of_jobs, True), (of_data, False), (of_jobs, False)):
        new = [one for one in source if (one.kind != "Unknown") == is_known and one.job_id not in listed]
        lines += new
        listed.update(one.job_id for one in new if one.job_id)
    return sorted(lines, key=lambda line: (KINDS[line.kind], -line.impact, line.title))


def _datasets(found: Situation, titles: Mapping[str, str]) -> Iterator[Trouble]:
    known = {row["job_id"]: row for row in found.jobs.select(RISK).iter_rows(named=True)}
    kinds = {**dict.fromkeys(map(str, STALE), "Stale"), "late_job_fresh_data": "Late", "unknown": "Unknown"}
    for row in found.datasets.filter(pl.col("state").is_in(list(kinds))).iter_rows(named=True):
        job = known.get(row["job_id"] or "", {})
        is_green = row["state"] == "green_job_stale_data" and row["chase"] == row["job_id"]
        yield Trouble(
            kind=kinds[row["state"]],
            state=row["state"],
            title=row["title"],
            why=on_viewers_clock(with_titles(row["explanation"], titles)),
            job_id=row["job_id"] or next(iter(found.graph.jobs_of(row["dataset_id"])), ""),
            chase="" if is_green or row["state"] == "unknown" else row["chase"],
            chase_path=row["chase_path"],
            right=_right_of_dataset(row, job),
            subsystem=row["subsystem"],
            reports=tuple(row["reports"]),
            audiences=tuple(row["audiences"]),
            since=row["as_of_at"],
        )


def _right_of_dataset(row: Mapping[str, Any], job: Mapping[str, Any]) -> str:
    if row["state"] == "unknown":
        return ""
    if row["state"] == "green_job_stale_data":
        again = f"; the next refresh about {moment_text(row['right_at'])} may bring it" if row["right_at"] else ""
        return f"Its job is on time, so look at its source{again}"
    risk = risk_text(dict(job)) if job.get("miss_ratio") is not None and job["miss_ratio"] >= LIKELY_RATIO else ""
    return ", ".join(filter(None, (right_text(row["right_at"]), risk)))


def _jobs(found: Situation, titles: Mapping[str, str]) -> Iterator[Trouble]:
    troubled = found.jobs.filter(pl.col("is_wrong") | pl.col("is_at_risk") | pl.col("is_unknown"))
    for row in troubled.iter_rows(named=True):
        kind = "Late" if row["is_wrong"] else "May miss" if row["is_at_risk"] else "Unknown"
        due = f"Due {moment_text(row['due_at'])}" if row["due_at"] else "No slot was judged yet"
        detail = with_titles(row["detail"], titles) if row["detail"] else ""
        risk = risk_text(row) if row["is_at_risk"] else ""
        right = right_text(row["right_at"]) if kind != "Unknown" else ""
        yield Trouble(
            kind=kind,
            state=row["state"],
            title=row["title"],
            why="; ".join(filter(None, (due, detail))),
            job_id=row["job_id"],
            chase=row["chase"],
            chase_path=row["chase_path"],
            right=", ".join(filter(None, (risk, right))),
            subsystem=row["subsystem"],
            reports=tuple(row["reports"]),
            audiences=tuple(row["audiences"]),
            since=row["due_at"],
        )


def verdict(found: Situation, lines: Sequence[Trouble]) -> tuple[str, str]:
    """The one sentence that answers the page's question, and the state it stands for."""
    if not found.jobs.height and not found.datasets.height:
        return "unknown", "Nothing to judge: the estate names no job and no dataset."
    if found.as_of is None:
        return "unknown", "Unknown: the store has not answered since the app was started."
    counts = {kind: sum(line.kind == kind for line in lines) for kind in KINDS}
    parts = _counted(counts)
    if not parts:
        if found.is_away or not found.datasets.height or counts["Unknown"]:
            return "unknown", f"Nothing is known to be stale{_unknown(counts['Unknown'], found.is_away)}."
        return "ok", f"Nothing is stale: all {words.plural(found.datasets.height, 'dataset')} are as fresh as promised."
    worst = lines[0]
    titles = dict(found.jobs.select("job_id", "title").rows())
    reports = {name for line in lines if line.kind in ("Stale", "Late") for name in line.reports}
    hit = f"; {words.plural(len(reports), 'report')} hit" if reports else ""
    right = f": {worst.right}" if worst.right.startswith("right again") else ""
    chase = f" Chase **{titles.get(worst.chase, worst.chase)}** first{right}." if worst.chase else ""
    last = f" As last known{_unknown(0, True)}." if found.is_away else ""
    state = "critical" if counts["Stale"] else "warning"
    return state, f"{', '.join(parts)}{hit}.{chase}{last}"


def _counted(counts: Mapping[str, int]) -> list[str]:
    said = []
    if counts["Stale"]:
        said.append(f"{words.plural(counts['Stale'], 'dataset')} {'is' if counts['Stale'] == 1 else 'are'} stale")
    if counts["Late"]:
        said.append(f"{words.plural(counts['Late'], 'job')} {'is' if counts['Late'] == 1 else 'are'} late")
    if counts["May miss"]:
        said.append(f"{words.plural(counts['May miss'], 'job')} will probably be late")
    return said


def _unknown(number: int, is_away: bool) -> str:
    if is_away:
        return ", the store does not answer now"
    return f", but of {words.plural(number, 'thing')} nobody can tell" if number else ", but no dataset is named"
