"""What one verification mail holds, decided once for its text and its HTML: order, what is told in full."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.letters import Picture
from alerts.verification.account import Account, rank_of
from alerts.verification.words import finding_of, headline_of, link_of, moment_text, numbers_text, title_of
from alerts.wording import one_line
from store.rows import CheckState

MOST_LISTED = 100  # lines of the table on top
MOST_FULL = 12  # bad reports told in full
MOST_COMPACT = 200
MOST_PICTURES = 10  # of up to 300 kB each
MOST_NUMBERS = 30
SEVERITIES = {CheckState.DOWN: "critical", CheckState.DEGRADED: "warning", CheckState.UNKNOWN: "warning"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One mail before it is written.

    `full` are the accounts told with all their facts, `compact` those that are well; `summary` is title and finding
    of every account that is not; `pictures` belong to the account at their first place and `captions` say of when.
    """

    headline: str
    accounts: tuple[Account, ...]
    full: tuple[Account, ...]
    compact: tuple[Account, ...]
    summary: tuple[tuple[str, str], ...]
    pictures: tuple[tuple[int, Picture, str], ...]
    notes: tuple[str, ...]
    address: str
    link: str
    zone: str
    most_numbers: int = MOST_NUMBERS
    unlisted: int = 0

    @property
    def is_digest(self) -> bool:
        """About more than one account."""
        return len(self.accounts) > 1

    @property
    def verdict(self) -> CheckState:
        """The worst of all; planned work counts as well."""
        bad = [account.verdict for account in self.accounts if account.is_bad]
        return bad[0] if bad else CheckState.UP

    @property
    def severity(self) -> str:
        """How urgent the mail is to a chat or pager."""
        return SEVERITIES.get(self.verdict, "info")


def sheet_of(accounts: Sequence[Account], address: str, zone: str, now: datetime, most_full: int = MOST_FULL) -> Sheet:
    """The mail about these accounts, one or more, as they are at `now`; a single one is told in full."""
    ordered = tuple(sorted(accounts, key=rank_of))
    not_well = tuple(account for account in ordered if account.verdict is not CheckState.UP)
    full = ordered if len(ordered) == 1 else not_well[:most_full]
    well = () if len(ordered) == 1 else ordered[len(not_well) :]
    pictures = tuple(_pictures(full, zone))
    listed = not_well[:MOST_LISTED]
    return Sheet(
        headline=digest_headline(ordered) if len(ordered) > 1 else headline_of(ordered[0]),
        accounts=ordered,
        full=full,
        compact=well[:MOST_COMPACT],
        summary=tuple((title_of(account), finding_of(account)) for account in listed),
        pictures=pictures[:MOST_PICTURES],
        notes=(
            *_left_out(0 if len(ordered) == 1 else len(not_well) - len(full), len(pictures), len(well)),
            f"Written {moment_text(now, zone)}.",
        ),
        address=address.rstrip("/"),
        link=f"{address.rstrip('/')}/{page_of(ordered)}",
        zone=zone,
        unlisted=len(not_well) - len(listed),
    )


def digest_headline(ordered: Sequence[Account]) -> str:
    """How many are bad and the worst of them, or that all is well. `ordered` has the worst first."""
    total = f"{len(ordered)} {_noun(ordered)}"
    failed = sum(one.is_bad and one.verdict is not CheckState.UNKNOWN for one in ordered)
    unknown = sum(one.is_bad and one.verdict is CheckState.UNKNOWN for one in ordered)
    if failed:
        also = f", {unknown} not verified" if unknown else ""
        return f"{failed} of {total} bad{also}: {headline_of(ordered[0])}"
    if unknown:
        return f"{unknown} of {total} not verified: {title_of(ordered[0])}"
    planned = sum(one.is_planned for one in ordered)
    promised, matching = sum(one.promised for one in ordered), sum(one.matching for one in ordered)
    counted = f"{promised} numbers match" if matching == promised else f"{matching} of {promised} numbers match"
    well = f"{len(ordered) - planned} {_noun(ordered)}"
    parts = [
        f"Verified: {well}",
        *([counted] if promised else []),
        *([f"{planned} in planned work"] if planned else []),
    ]
    return ", ".join(parts)


def _noun(accounts: Sequence[Account]) -> str:
    """`reports`, or `views` of them where several personas see them."""
    reports = {account.report.id: account.report for account in accounts}
    if len(reports) == len(accounts):
        return "reports"
    of = next(iter(reports.values())).title if len(reports) == 1 else f"{len(reports)} reports"
    return one_line(f"views of {of}")


def page_of(accounts: Sequence[Account]) -> str:
    """The part of the address after the host: the report, if there is only one."""
    return link_of(accounts[0]) if len({account.report.id for account in accounts}) == 1 else "reports"


def _pictures(full: Sequence[Account], zone: str) -> Iterator[tuple[int, Picture, str]]:
    """The page as it was seen, and beside a bad one the last good one: place of its account, picture, caption."""
    for place, account in enumerate(full):
        check, title = account.check, title_of(account)
        if check is not None:
            caption = f"as seen {moment_text(check.observed_at, zone)}"
            yield place, Picture(f"seen-{place}", account.picture, f"{title} {caption}"), caption
        if account.good_picture and account.good_at and account.verdict is not CheckState.UP:
            caption = f"last good, {moment_text(account.good_at, zone)}"
            yield place, Picture(f"good-{place}", account.good_picture, f"{title} {caption}"), caption


def _left_out(bad: int, pictures: int, well: int) -> Iterator[str]:
    """What the mail does not hold, so that nobody takes it for well."""
    if bad > 0:
        yield f"{bad} more that are not verified are told in full on the Reports page only."
    if pictures > MOST_PICTURES:
        yield f"{pictures - MOST_PICTURES} pictures are left out to keep this mail small; they are on the Reports page."
    if well > MOST_COMPACT:
        yield f"{well - MOST_COMPACT} more verified ones are not listed."


def counted_text(account: Account) -> str:
    """Title and numbers of a report that is well."""
    counted = numbers_text(account)
    return f"{title_of(account)}: {counted}" if counted else title_of(account)
