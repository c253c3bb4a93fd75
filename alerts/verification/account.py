"""What a verification mail is about: an account of each report as each persona sees it, and what is in doubt."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.alert import digest_of
from alerts.wording import span_text
from config.reports import Persona, Report
from store.rows import CheckState, NumberState, ReportCheck, ReportHop, ReportNumber

WORST_FIRST = (CheckState.DOWN, CheckState.DEGRADED, CheckState.UNKNOWN, CheckState.UP)
NUMBERS_FIRST = (
    NumberState.WRONG,
    NumberState.UNREADABLE,
    NumberState.STALE,
    NumberState.UNKNOWN,
    NumberState.IN_FLIGHT,
    NumberState.MATCH,
)
COMPARED = (NumberState.MATCH, NumberState.IN_FLIGHT)
OLD_STEPS = 5  # looks that may be missing before the last one says nothing about now
OLD_LEAST = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Account:
    """A report as one persona sees it (None: its only audience): its newest look, and pictures by the path of a file.

    `doubt` is the sentence that says why nobody can tell how it is now, empty when the look holds. `good_picture` is
    the last one that was good, of `good_at`; numbers come worst first, hops in order of number and position.
    """

    report: Report
    persona: Persona | None = None
    check: ReportCheck | None = None
    numbers: tuple[ReportNumber, ...] = ()
    hops: tuple[ReportHop, ...] = ()
    doubt: str = ""
    picture: str = ""
    good_picture: str = ""
    good_at: datetime | None = None

    @property
    def verdict(self) -> CheckState:
        """The worse of what the newest look says and what is confirmed; unknown while in doubt."""
        if self.check is None or self.doubt:
            return CheckState.UNKNOWN
        return min(self.check.state, self.check.confirmed or self.check.state, key=WORST_FIRST.index)

    @property
    def is_planned(self) -> bool:
        """Bad within a maintenance window: told, and nobody's trouble."""
        return self.check is not None and self.check.is_planned and self.verdict is not CheckState.UP

    @property
    def is_bad(self) -> bool:
        """Whether somebody should look: not verified, and not planned. What nobody knows is not well."""
        return self.verdict is not CheckState.UP and not self.is_planned

    @property
    def matching(self) -> int:
        """Numbers of the page that equal their backend."""
        return sum(one.state is NumberState.MATCH for one in self.numbers)

    @property
    def promised(self) -> int:
        """Numbers that should."""
        return max(len(self.report.numbers), len(self.numbers))

    @property
    def worst_number(self) -> ReportNumber | None:
        """The first number that does not equal its backend."""
        return next((one for one in self.numbers if one.state not in COMPARED), None)

    @property
    def gist(self) -> str:
        """A digest of what the verdict rests on, not of the values: the same while a report is bad in the same way."""
        check = self.check
        bad = [(one.number_id, one.state, one.hop) for one in self.numbers if one.state not in COMPARED]
        what = (check.stage, check.fault) if check and not self.doubt else ()
        persona = self.persona.id if self.persona else ""
        return digest_of(self.report.id, persona, self.verdict, self.is_planned, bool(self.doubt), *what, *bad)


def rank_of(account: Account) -> tuple[int, int, str, str]:
    """Order of accounts: bad before planned before well, the worst first."""
    persona = account.persona.id if account.persona else ""
    place = 1 if account.is_planned else 2 * (not account.is_bad)
    return place, WORST_FIRST.index(account.verdict), account.report.title, persona


def by_severity(numbers: Sequence[ReportNumber]) -> tuple[ReportNumber, ...]:
    """Numbers worst first, otherwise in the order given."""
    return tuple(sorted(numbers, key=lambda one: NUMBERS_FIRST.index(one.state)))


def doubt_of(
    report: Report,
    persona: Persona | None,
    check: ReportCheck | None,
    numbers: Sequence[ReportNumber],
    broken: Collection[str],
    now: datetime,
) -> str:
    """Why the newest look says nothing about the report at `now`, in one sentence; empty when it does.

    `broken` are the trials of the checker that went wrong: then nothing that a browser found can be believed.
    """
    if check is None:
        return "It was never looked at; see on the Collectors page whether the checker runs."
    age = now - check.observed_at
    step = timedelta(seconds=report.every_seconds * (persona.nth if persona else 1))
    if age > max(step * OLD_STEPS, OLD_LEAST):
        return f"The last look is {span_text(age.total_seconds())} old; see on the Collectors page whether looks go on."
    if broken and report.check == "browser":
        return f"The report checker got its own trial wrong ({', '.join(sorted(broken))}), so nothing it says counts."
    compared = sum(one.state in COMPARED for one in numbers)
    if check.state is CheckState.UP and compared < len(report.numbers):
        return f"Only {compared} of {len(report.numbers)} numbers were compared."
    return ""
