"""One look at a report as `reports check` answers it: JSON for machines, a table of stages for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from alerts.verification.account import Account, by_severity
from alerts.verification.numbers import difference_of, hop_cells, number_cells
from alerts.verification.stages import stages_of
from alerts.verification.words import STAGES, headline_of, sentences_of
from app.cli_output import table
from collectors.reports.base import Finding
from config.estate import Estate
from config.load import EstateError
from config.reports import Persona, Report
from store.rows import CheckState, ReportCheck, ReportHop, ReportNumber
from store.settings import Settings

STATUSES: Mapping[CheckState, int] = {
    CheckState.UP: 0,
    CheckState.DEGRADED: 1,
    CheckState.DOWN: 1,
    CheckState.UNKNOWN: 2,  # the report is not known to be bad: the checker could not do its work
}
STAGE_HEAD = ("stage", "result", "seconds", "finding")
NUMBER_HEAD = ("verdict", "number", "page", "backend", "difference", "allowed")
HOP_HEAD = ("hop", "value", "finding")


@dataclass(frozen=True, slots=True)
class Look:
    """What one look found."""

    report: Report
    persona: Persona | None
    check: ReportCheck
    findings: Sequence[Finding]
    numbers: Sequence[ReportNumber] = ()
    hops: Sequence[ReportHop] = ()
    snapshot: Path | None = None


def chosen(estate: Estate, name: str, persona: str | None) -> tuple[Report, Persona | None]:
    """The report and its persona, by default the first; raises EstateError, naming those there are."""
    report = next((one for one in estate.reports if one.id == name), None)
    if report is None:
        known = ", ".join(one.id for one in estate.reports) or "none"
        raise EstateError(f"There is no report {name!r} in the estate; known are {known}.")
    if not persona:
        return report, report.personas[0] if report.personas else None
    found = next((one for one in report.personas if one.id == persona), None)
    if found is None:
        known = ", ".join(one.id for one in report.personas) or "none"
        raise EstateError(f"Report {name!r} has no persona {persona!r}; known are {known}.")
    return report, found


def look_at(estate: Estate, report: Report, persona: Persona | None, conf: Settings, now: datetime) -> Look:
    """Look once, now, in the report's own way: by HTTP or in a browser."""
    if report.check == "http":
        from collectors.sources import http_checks  # here, as below: other verbs need none of it

        check = http_checks.check(report, now, private_hosts=estate.private_hosts)
        findings = [
            Finding(one.stage, one.state, one.seconds or 0.0, one.message or "", check.fault)
            for one in stages_of(check)
        ]
        return Look(report, persona, check, findings)
    from collectors.reports.looking import look_once

    found = look_once(estate, report.id, persona.id if persona else "", conf, now)
    return Look(report, persona, found.check, found.findings, found.numbers, found.hops, found.snapshot)


def answer_of(look: Look) -> dict[str, object]:
    """The stable JSON of `reports check`."""
    check = look.check
    return {
        "report": check.report_id,
        "persona": check.persona,
        "state": check.state,
        "stage": check.stage,
        "fault": check.fault,
        "message": check.message,
        "seconds": check.latency_seconds,
        "stages": [
            {name: getattr(one, name) for name in ("stage", "state", "seconds", "message", "fault")}
            for one in look.findings
        ],
        "numbers": [_number(one) for one in look.numbers],
        "hops": [_hop(one) for one in look.hops],
        "snapshot": str(look.snapshot) if look.snapshot else None,
    }


def _number(number: ReportNumber) -> dict[str, object]:
    return {
        "number": number.number_id,
        "state": number.state,
        "page_text": number.page_text,
        "page": number.page_value,
        "backend": number.backend_value,
        "difference": difference_of(number),
        "tolerance": number.tolerance,
        "unit": number.unit,
        "hop": number.hop,
        "day": number.day,
        "segment": number.segment,
        "message": number.message,
    }


def _hop(hop: ReportHop) -> dict[str, object]:
    left_out = ("report_id", "persona", "number_id", "check_id", "observed_at")
    return {"number": hop.number_id} | {name: value for name, value in asdict(hop).items() if name not in left_out}


def text_of(look: Look) -> str:
    """For a person: the verdict, every stage, numbers and hops, and where the picture is."""
    account = Account(look.report, look.persona, look.check, by_severity(look.numbers), tuple(look.hops))
    stages: list[tuple[object, ...]] = [
        (one.stage, STAGES[one.state], f"{one.seconds:.2f}", one.message) for one in look.findings
    ]
    numbers: list[tuple[object, ...]] = [number_cells(account, one) for one in account.numbers]
    hops: list[tuple[object, ...]] = [hop_cells(account, one) for one in account.hops]
    parts = [
        "\n".join([headline_of(account), *sentences_of(account)]),
        table(stages, STAGE_HEAD),
        table(numbers, NUMBER_HEAD) if numbers else "",
        table(hops, HOP_HEAD) if hops else "",
        f"Picture: {look.snapshot}" if look.snapshot else "",
    ]
    return "\n\n".join(part for part in parts if part)
