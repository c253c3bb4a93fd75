"""From the result of a statement on a scheduler's own table to refresh runs; pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from collectors.base import SourceError
from collectors.points import Result
from collectors.run_rows import JobNames
from store.clock import to_utc
from store.rows import RefreshRun, RunStatus

NEEDED = ("job", "run_id", "status", "started_at", "finished_at")
OPTIONAL = ("rows", "bytes", "landed_at", "message", "triggered_by")
TRIGGERS = ("scheduled", "on_demand", "api", "backfill")
WORDS = {
    RunStatus.QUEUED: "queued pending waiting scheduled submitted",
    RunStatus.RUNNING: "running started executing active in_progress",
    RunStatus.SUCCEEDED: "succeeded success successful ok complete completed done finished passed",
    RunStatus.FAILED: "failed failure error errored timeout timed_out crashed",
    RunStatus.CANCELLED: "cancelled canceled aborted killed stopped terminated",
    RunStatus.SKIPPED: "skipped disabled",
}
STATUSES = {word: status for status, words in WORDS.items() for word in words.split()}


@dataclass(frozen=True, slots=True)
class Reading:
    """How the rows of one source are read: its name, its jobs, what its status words mean, the zone of bare times."""

    name: str
    names: JobNames
    statuses: Mapping[str, str] = field(default_factory=dict)
    timezone: str = "UTC"


def read_runs(reading: Reading, result: Result, now: datetime) -> tuple[list[RefreshRun], str | None]:
    """The runs of a result, and a sentence about rows that could not be read.

    Raises SourceError when the result has other columns.
    """
    columns = [name.lower() for name in result.columns]
    missing = [name for name in NEEDED if name not in columns]
    odd = [name for name in columns if name not in NEEDED + OPTIONAL]
    if missing or odd or len(set(columns)) != len(columns):
        raise SourceError(
            f"{reading.name} returned {', '.join(columns) or 'no column'}, expected {', '.join(NEEDED)} "
            f"and, where known, {', '.join(OPTIONAL)}; rename them in its sql."
        )
    runs, problems = [], []
    for row in result.rows:
        try:
            runs.append(_run(reading, dict(zip(columns, row, strict=True)), now))
        except SourceError as error:
            problems.append(str(error))
    more = f" (and {len(problems) - 1} rows more)" if len(problems) > 1 else ""
    return runs, f"{reading.name}: {problems[0]}{more}; such rows were left out." if problems else None


def _run(reading: Reading, row: Mapping[str, object], now: datetime) -> RefreshRun:
    job, run_id = _text(row["job"]), _text(row["run_id"])
    if not job or not run_id:
        raise SourceError("a row has no job or no run_id, expected both")
    status = _status(reading, row["status"], job)
    started_at, finished_at, landed_at = (
        _instant(reading, name, row.get(name), job) for name in ("started_at", "finished_at", "landed_at")
    )
    trigger = _text(row.get("triggered_by"))
    if trigger and trigger not in TRIGGERS:
        raise SourceError(f"job {job} has triggered_by {trigger!r}, expected one of {', '.join(TRIGGERS)}")
    return RefreshRun(
        job_id=reading.names(job),
        run_id=run_id,
        source="sql",
        status=status,
        collected_at=now,
        started_at=started_at,
        finished_at=None if status in {RunStatus.QUEUED, RunStatus.RUNNING} else finished_at,
        rows=_count("rows", row.get("rows"), job),
        message=_text(row.get("message")) or None,
        triggered_by=trigger or None,
        landed_at=landed_at,
        bytes=_count("bytes", row.get("bytes"), job),
    )


def _status(reading: Reading, found: object, job: str) -> RunStatus:
    word = _text(found)
    if word in reading.statuses:
        return RunStatus(reading.statuses[word])
    plain = word.lower().replace(" ", "_").replace("-", "_")
    if plain not in STATUSES:
        raise SourceError(
            f"job {job} has status {word!r}, expected one of {', '.join(RunStatus)}; say in `statuses` what it means"
        )
    return STATUSES[plain]


def _text(found: object) -> str:
    return "" if found is None else str(found).strip()


def _instant(reading: Reading, column: str, found: object, job: str) -> datetime | None:
    """`found` as naive UTC; a time without a zone is one of the source's zone, a day is its midnight."""
    if found is None or found == "":
        return None
    try:
        if isinstance(found, str):
            found = datetime.fromisoformat(found.strip())
        if isinstance(found, date) and not isinstance(found, datetime):
            found = datetime.combine(found, time())
        if isinstance(found, datetime):
            return to_utc(found if found.tzinfo else found.replace(tzinfo=ZoneInfo(reading.timezone)))
    except (ValueError, OverflowError) as error:
        raise SourceError(f"job {job} has {column} {found!r}, expected a time in ISO form") from error
    raise SourceError(f"job {job} has {column} {found!r}, expected a time; cast it in the sql")


def _count(column: str, found: object, job: str) -> int | None:
    if found is None:
        return None
    is_number = isinstance(found, int | float | Decimal) and not isinstance(found, bool)
    if not is_number or not (number := float(str(found))).is_integer() or number < 0:
        raise SourceError(f"job {job} has {column} {found!r}, expected a whole number of 0 or more")
    return int(number)
