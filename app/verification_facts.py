"""The accounts that verification mails tell: what the store knows of every report as every persona sees it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from alerts.verification.account import Account, by_severity, doubt_of
from config.estate import Estate
from config.reports import Persona, Report
from store.connection import Store
from store.read import ask
from store.rows import CheckState, Fault, NumberState, ReportCheck, ReportHop, ReportNumber, Stage
from store.settings import Settings

HOPS_SINCE = timedelta(days=2)  # an older look says nothing about now
GOOD_SINCE = timedelta(days=30)
TRIALS_SINCE = timedelta(days=1)
Key = tuple[str, str]  # report, persona
Part = TypeVar("Part")


def views_of(estate: Estate) -> Iterator[tuple[Report, Persona | None]]:
    """Every report as every persona sees it, in the order of the estate."""
    for report in estate.reports:
        if report.personas:
            yield from ((report, persona) for persona in report.personas)
        else:
            yield report, None


def unknown_accounts(estate: Estate, reason: str) -> list[Account]:
    """All reports while nobody can say how they are, for one reason."""
    return [Account(report, persona, doubt=reason) for report, persona in views_of(estate)]


def ask_accounts(store: Store, estate: Estate, conf: Settings, now: datetime) -> list[Account]:
    """An account of every report of the estate as every persona sees it; raises StoreError when the store is away."""
    rows = ask(store, "verification_checks").to_dicts()
    pictures = {_key(row): row.pop("picture") or "" for row in rows}
    checks = {_key(row): _check(row) for row in rows}
    numbers = _grouped(ask(store, "verification_numbers").to_dicts(), _number)
    hops = _grouped(ask(store, "verification_hops", since=now - HOPS_SINCE).to_dicts(), lambda row: ReportHop(**row))
    good = {_key(row): row for row in ask(store, "verification_good", since=now - GOOD_SINCE).to_dicts()}
    trials = ask(store, "checker_trials").iter_rows(named=True)
    broken = [row["case_id"] for row in trials if not row["is_right"] and now - row["observed_at"] <= TRIALS_SINCE]
    folder = conf.snapshot_path
    found = []
    for report, persona in views_of(estate):
        key = (report.id, persona.id if persona else "")
        check, last_good = checks.get(key), good.get(key, {})
        own = by_severity(numbers.get(key, []))
        account = Account(
            report,
            persona,
            check,
            own,
            tuple(hops.get(key, [])),
            doubt_of(report, persona, check, own, broken, now),
            path_of(folder, pictures.get(key, "")),
            path_of(folder, last_good.get("picture", "")),
            last_good.get("good_at"),
        )
        found.append(account)
    return found


def path_of(folder: Path, file: str) -> str:
    """The path of a picture; empty for none, and for one that would lie outside the folder."""
    path = (folder / file).resolve()
    return str(path) if file and path.is_relative_to(folder.resolve()) else ""


def _key(row: Mapping[str, Any]) -> Key:
    return row["report_id"], row["persona"]


def _grouped(rows: list[dict[str, Any]], make: Callable[[dict[str, Any]], Part]) -> dict[Key, list[Part]]:
    found: dict[Key, list[Part]] = defaultdict(list)
    for row in rows:
        found[_key(row)].append(make(row))
    return found


def _check(row: dict[str, Any]) -> ReportCheck:
    states = {
        "state": CheckState(row["state"]),
        "stage": Stage(row["stage"]),
        "fault": Fault(row["fault"]) if row["fault"] else None,
        "confirmed": CheckState(row["confirmed"]) if row["confirmed"] else None,
    }
    return ReportCheck(**{**row, **states})


def _number(row: dict[str, Any]) -> ReportNumber:
    return ReportNumber(**{**row, "state": NumberState(row["state"])})
