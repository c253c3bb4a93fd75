"""Which verification mails there are to send at a slot, and the messages that carry them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.alert import digest_of
from alerts.letters import Letter, readable
from alerts.messages import Message
from alerts.verification.account import Account
from alerts.verification.html import html_of
from alerts.verification.sheet import MOST_FULL, Sheet, page_of, sheet_of
from alerts.verification.text import text_of
from config.alerting import Alerting, Verification
from config.estate import Estate
from config.load import EstateError
from store.rows import NoticeKind

RULE = "verification"  # what the notifications of these mails are filed under
ALL = "*"
MOST_HTML = 95_000  # bytes; mail programs cut a mail after 100 kB
MOST_EACH = 20  # mails at once about single reports; more become one digest
KIND = NoticeKind.VERIFICATION
Gists = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Mailing:
    """The messages of a slot, and what to compare the next with: the gist of every thread."""

    messages: tuple[Message, ...]
    gists: Gists


def mailing_of(
    verification: Verification, accounts: Sequence[Account], slot: datetime, address: str, said: Gists, now: datetime
) -> Mailing:
    """The mails of `verification` at `slot` (naive UTC), about those `accounts` that its owner has.

    `said` are the gists of the mails before. Messages of the same slot have the same ids, whatever restarts between.
    """
    own = [one for one in accounts if verification.owner in (ALL, one.report.owner)]
    threads = _by_report(own) if verification.mode == "each" else {_owners(verification): own}
    gists = {thread: digest_of(*sorted(one.gist for one in group)) for thread, group in threads.items()}
    wanted = {
        thread: group
        for thread, group in threads.items()
        if group and _is_wanted(verification.when, group, gists[thread], said.get(thread))
    }
    told = {**said, **{thread: gists[thread] for thread in wanted}}
    if len(wanted) > MOST_EACH:
        wanted = {_owners(verification): [account for group in wanted.values() for account in group]}
    messages = (_message(verification, thread, group, slot, address, now) for thread, group in wanted.items())
    return Mailing(tuple(messages), told)


def check_owners(alerting: Alerting, estate: Estate) -> None:
    """Raise EstateError for a verification of somebody who owns no report: that mail would never come."""
    owners = sorted({report.owner for report in estate.reports if report.owner})
    for one in alerting.verifications:
        if one.owner != ALL and one.owner not in owners:
            known = ", ".join([*owners, ALL])
            raise EstateError(
                f"verifications: found owner {one.owner!r}, who owns no report, expected one of {known}; "
                "correct alerts.yaml, or `owner` of a report in estate.yaml"
            )


def _owners(verification: Verification) -> str:
    """The thread of a digest."""
    return f"owner:{verification.owner}"


def _by_report(accounts: Sequence[Account]) -> dict[str, list[Account]]:
    """The accounts of every report, by thread."""
    found: dict[str, list[Account]] = defaultdict(list)
    for account in accounts:
        found[f"report:{account.report.id}"].append(account)
    return found


def _is_wanted(when: str, group: Sequence[Account], gist: str, said: str | None) -> bool:
    """Whether there is something to send; before the first mail all counts as well."""
    if when == "changed" and said is not None:
        return gist != said
    return when == "always" or any(account.is_bad for account in group)


def _message(
    verification: Verification,
    thread: str,
    group: Sequence[Account],
    slot: datetime,
    address: str,
    now: datetime,
) -> Message:
    sheet, letter = written(group, address, verification.timezone, now)
    return Message(
        id=digest_of(RULE, verification.key, slot.isoformat(), thread),
        kind=KIND,
        channel=verification.channel,
        rule=RULE,
        subject=thread,
        severity=sheet.severity,
        title=letter.subject,
        evidence=letter.subject,
        occurred_at=now,
        link=page_of(sheet.accounts),
        letter=letter,
    )


def written(accounts: Sequence[Account], address: str, zone: str, now: datetime) -> tuple[Sheet, Letter]:
    """The mail with everything that is known and fits, and its letter with the paths of its pictures."""
    for most_full in (MOST_FULL, MOST_FULL // 2, MOST_FULL // 4, 1):
        sheet = sheet_of(accounts, address, zone, now, most_full)
        html = html_of(sheet)
        if len(html.encode(errors="replace")) <= MOST_HTML:
            break
    pictures = tuple(picture for _, picture, _ in sheet.pictures)
    return sheet, Letter(readable(sheet.headline), readable(text_of(sheet)), readable(html), pictures)
