"""The words of verification mails: headlines, what to do, numbers and times as a person reads them."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from alerts.verification.account import Account
from alerts.verification.numbers import hop_title, number_title, off_text
from alerts.wording import one_line
from store.rows import CheckState, Fault, NumberState, ReportNumber, StageState

FAULTS = {
    Fault.UNREACHABLE: ("Not reachable", "See whether its server runs and its name resolves."),
    Fault.TIMED_OUT: ("No answer in time", "See what its server is busy with."),
    Fault.REDIRECT_LOOP: ("Redirected in circles", "See what its login or proxy redirects to."),
    Fault.REFUSED_ADDRESS: ("Address refused", "Correct its url, or name the host in private_hosts of the estate."),
    Fault.HTTP_ERROR: ("Error answer", "See the log of its server."),
    Fault.LOGIN_REQUIRED: ("Login page instead of the report", "Renew the stored login of the checker."),
    Fault.DOWNLOAD: ("A download instead of a page", "Correct its url."),
    Fault.TOO_HEAVY: ("Too heavy", "Make the page lighter, or raise memory_mb or download_mb of the report."),
    Fault.EXCEPTION: ("The page shows an exception", "See the log of the application for its traceback."),
    Fault.ERROR_PAGE: ("Error page", "See the log of the application."),
    Fault.SCRIPT_ERROR: ("Script error on the page", "See the browser console of the page."),
    Fault.UNFINISHED: ("Never finished", "See what the page waits for."),
    Fault.OVERLAY: ("Covered by something", "See what lies over the page."),
    Fault.BLANK_PAGE: ("Blank page", "See the log of the application."),
    Fault.MISSING_ELEMENT: ("Something is missing", "Compare the page with the last good picture."),
    Fault.EMPTY_CHART: ("Empty chart", "See whether its query returns rows."),
    Fault.MISSING_NUMBER: ("A number is missing", "Compare the page with the last good picture."),
    Fault.UNREADABLE_NUMBER: ("Unreadable number", "See what stands on the page in its place."),
    Fault.WRONG_UNIT: ("Wrong unit", "Correct the unit on the page or in the estate."),
    Fault.WRONG_NUMBER: ("Wrong number", "Begin at the first wrong hop, on the day and segment below."),
    Fault.STALE_NUMBER: ("Stale number", "See why the page was not refreshed."),
    Fault.BACKEND_FAILED: ("The backend could not be asked", "See whether the source of the number answers."),
    Fault.SLOW: ("Slow", "See what its server and queries are busy with."),
    Fault.NO_BROWSER: ("No browser for the checker", "Install Chromium or Chrome on the checker's machine."),
    Fault.NO_SIGN_IN: ("The checker could not sign in", "Renew the secret of its login."),
    Fault.CHECKER_FAILED: ("The checker failed", "See the log of the collectors."),
    Fault.CHECKER_BROKEN: ("The checker is broken", "See its trials on the Reports page."),
}
STATES = {
    CheckState.UP: "verified",
    CheckState.DEGRADED: "degraded",
    CheckState.DOWN: "down",
    CheckState.UNKNOWN: "not verified",
}
STAGES = {
    StageState.PASSED: "✓ passed",
    StageState.FAILED: "✗ failed",
    StageState.SKIPPED: "– skipped",
    StageState.UNKNOWN: "? unknown",
}


def title_of(account: Account) -> str:
    """`Partner sales`, and whose view of it."""
    persona = account.persona
    return one_line(f"{account.report.title} as {persona.title or persona.id}" if persona else account.report.title)


def verdict_text(account: Account) -> str:
    """One word, or two: verified, degraded, down, not verified, planned."""
    return f"planned, {STATES[account.verdict]}" if account.is_planned else STATES[account.verdict]


def headline_of(account: Account) -> str:
    """The first failed stage in one line, or that all is well: `Wrong number: Partner sales - Revenue 9 % too low`."""
    words, detail = _finding(account)
    said = f"{words}: {title_of(account)}" + (f" - {detail}" if detail else "")
    return f"Planned: {said}" if account.is_planned else said


def finding_of(account: Account) -> str:
    """The headline without the report's title."""
    said = ": ".join(part for part in _finding(account) if part)
    return f"Planned: {said}" if account.is_planned else said


def _finding(account: Account) -> tuple[str, str]:
    """What is wrong, and with which number."""
    check, worst = account.check, account.worst_number
    if check is None or account.doubt:
        return "Not verified", ""
    if account.verdict is CheckState.UP:
        return "Verified", numbers_text(account)
    if check.state is CheckState.UP:
        return "Bad until its recovery is confirmed", ""
    if check.state is CheckState.UNKNOWN:
        words = "Not verified" if account.verdict is CheckState.UNKNOWN else f"Last known {STATES[account.verdict]}"
        return words, FAULTS[check.fault][0] if check.fault else ""
    if worst is not None and check.fault in (Fault.WRONG_NUMBER, Fault.STALE_NUMBER, None):
        return FAULTS[_fault_of(worst)][0], _number_headline(account, worst)
    return FAULTS[check.fault][0] if check.fault else f"Failed at stage {check.stage}", ""


def _fault_of(number: ReportNumber) -> Fault:
    faults = {NumberState.STALE: Fault.STALE_NUMBER, NumberState.UNREADABLE: Fault.UNREADABLE_NUMBER}
    if number.state is NumberState.UNKNOWN:
        return Fault.BACKEND_FAILED
    return faults.get(number.state, Fault.WRONG_NUMBER)


def _number_headline(account: Account, number: ReportNumber) -> str:
    """`Revenue 9 % too low, wrong from Mart on`."""
    said = f"{number_title(account, number.number_id)} {off_text(number)}".strip()
    is_wrong = number.state is NumberState.WRONG and number.hop
    return f"{said}, wrong from {hop_title(account, number.number_id, number.hop or '')} on" if is_wrong else said


def sentences_of(account: Account) -> list[str]:
    """What stands below the headline: the doubt or the finding, what is not confirmed yet, and what to do."""
    check = account.check
    said = [account.doubt] if account.doubt else []
    if check is None:
        return said
    if check.message:
        said.append(f"The last look said: {check.message}" if account.doubt else check.message)
    if not account.doubt and check.confirmed is not None and check.confirmed is not check.state:
        said.append(f"Not confirmed yet: several looks agree on “{STATES[check.confirmed]}”.")
    if account.is_planned:
        said.append("It was looked at within a maintenance window.")
    elif todo := todo_of(account):
        said.append(f"What to do: {todo}")
    return [one_line(one) for one in said]


def todo_of(account: Account) -> str:
    """What to do about the fault; nothing when there is none or it is in doubt."""
    check = account.check
    is_known = check is not None and check.fault is not None and not account.doubt
    return FAULTS[check.fault][1] if check and check.fault and is_known else ""


def numbers_text(account: Account) -> str:
    """`14 numbers match`, `13 of 14 numbers match`; nothing for a report without numbers."""
    total, matching = account.promised, account.matching
    if not total:
        return ""
    flying = sum(one.state is NumberState.IN_FLIGHT for one in account.numbers)
    count = f"{total} number{'s' if total > 1 else ''}" if matching == total else f"{matching} of {total} numbers"
    return f"{count} match{'es' if matching == total == 1 else ''}" + (f", {flying} in flight" if flying else "")


def moment_text(moment: datetime, zone: str) -> str:
    """Naive UTC as `23 Nov 2026 07:58 CET`."""
    there = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    return f"{there.day} {there:%b %Y %H:%M} {there.tzname()}"


def link_of(account: Account) -> str:
    """The part of the address after the host that leads to the report."""
    chosen = {"report": account.report.id} | ({"persona": account.persona.id} if account.persona else {})
    return f"reports?{urlencode(chosen)}"


def facts_of(account: Account, zone: str) -> list[tuple[str, str]]:
    """Name and value of what is said at the end of an account."""
    report, check = account.report, account.check
    facts: list[tuple[str, str]] = []
    if check is not None:
        seconds = "" if check.latency_seconds is None else f", useful after {check.latency_seconds:.1f} s"
        facts.append(("Looked at", f"{moment_text(check.observed_at, zone)}{seconds}"))
        facts.append(("Data as of", moment_text(check.page_as_of_at, zone) if check.page_as_of_at else ""))
    facts += [("Owner", report.owner or "nobody"), ("Audience", report.audience), ("Address", str(report.url))]
    return [(name, one_line(value)) for name, value in facts if value]
