"""Verbs about refresh runs: the stored answers of schedulers as normalised runs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

import click
import orjson

from app.cli_output import JSON_OPTION, say, table
from collectors import airflow_rows, dagster_rows, power_bi
from collectors.base import SourceError
from collectors.dbt import read_artifact
from collectors.run_rows import JobNames
from config.load import FILE, in_force
from store import clock
from store.rows import FreshnessCheck, RefreshRun
from store.settings import settings
from store.spool import Spool

NAMES = ("run_id", "status", "started_at", "finished_at", "rows", "message")


@dataclass(frozen=True, slots=True)
class Found:
    """What a file says; `counts` has dbt's own status words with their numbers."""

    runs: Sequence[RefreshRun] = ()
    freshness: Sequence[FreshnessCheck] = ()
    skipped: str | None = None
    counts: Mapping[str, int] | None = field(default=None)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: the collector that brings the same runs by itself, and what reads the file."""

    collector: str
    read: Callable[[Path, JobNames, str, datetime], Found]


@click.group()
def refreshes() -> None:
    """Refresh runs of other schedulers. Example: python -m app refreshes import dbt target/run_results.json"""


def _dbt(path: Path, names: JobNames, job: str, now: datetime) -> Found:  # noqa: ARG001  (dbt names its own)
    found = read_artifact(_text(path), path.name)
    return Found(found.runs, found.freshness, found.skipped, found.counts)


def _airflow(path: Path, names: JobNames, job: str, now: datetime) -> Found:  # noqa: ARG001
    return Found(airflow_rows.read_answer(_content(path), names, now))


def _dagster(path: Path, names: JobNames, job: str, now: datetime) -> Found:  # noqa: ARG001
    return Found(dagster_rows.read_answer(_content(path), names, now))


def _power_bi(path: Path, names: JobNames, job: str, now: datetime) -> Found:
    return Found(power_bi.read_answer(_content(path), names(job or path.stem), now))


KINDS = {
    "dbt": Kind("dbt_artifacts", _dbt),
    "airflow": Kind("airflow_runs", _airflow),
    "dagster": Kind("dagster_runs", _dagster),
    "powerbi": Kind("power_bi_refreshes", _power_bi),
}


@refreshes.command("import")
@click.argument("kind", type=click.Choice(list(KINDS)))
@click.argument("path", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--job", default="", help="The dataset whose history a Power BI answer is; default: the file's name.")
@JSON_OPTION
def import_refreshes(kind: str, path: Path, job: str, as_json: bool) -> None:
    """Normalised refresh runs of one file. Example: python -m app refreshes import airflow dagRuns.json --json"""
    conf, chosen = settings(), KINDS[kind]
    estate = in_force(conf.estate, conf.state_path / FILE).estate
    try:
        found = chosen.read(path, JobNames(estate, chosen.collector), job, clock.now())
    except SourceError as error:
        said = str(error).removesuffix(".")
        raise SourceError(f"{said}." if path.name in said else f"{path.name} cannot be used: {said}.") from error
    if found.runs or found.freshness:
        key = hashlib.sha256(path.read_bytes() + job.encode()).hexdigest()
        Spool(conf.spool_path, chosen.collector).put([*found.runs, *found.freshness], key=f"import:{key}")
    rows: list[tuple[object, ...]] = [(run.job_id, run.status, run.started_at, run.message) for run in found.runs]
    say(as_json, _answer(kind, found), found.skipped or table(rows, ("job", "status", "started (UTC)", "message")))


def _answer(kind: str, found: Found) -> dict[str, object]:
    runs = [{"job": run.job_id, **{name: getattr(run, name) for name in NAMES}} for run in found.runs]
    answer: dict[str, object] = {"kind": kind, "runs": runs, "freshness": [asdict(one) for one in found.freshness]}
    answer |= {"counts": found.counts} if found.counts is not None else {}
    return answer | ({"skipped": found.skipped} if found.skipped else {})


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except UnicodeDecodeError as error:
        raise SourceError(f"{path.name} is not text, expected JSON") from error


def _content(path: Path) -> object:
    try:
        found: object = orjson.loads(_text(path))
    except orjson.JSONDecodeError as error:
        raise SourceError(f"{path.name} is not complete JSON ({error}), expected a whole answer") from error
    return found
