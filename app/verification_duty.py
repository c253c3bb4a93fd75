"""Writes verification mails when they are due and hands them to the outbox. A duty of the responder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from alerts.outbox import Outbox
from alerts.settings_in_force import AlertingInForce
from alerts.verification.account import Account
from alerts.verification.book import Book, Line
from alerts.verification.mails import check_owners, mailing_of
from alerts.verification.slots import due
from app.verification_facts import ask_accounts, unknown_accounts
from config.alerting import Alerting, Verification
from config.estate import Estate
from config.load import FILE, EstateError, in_force
from store import clock
from store.connection import Store
from store.errors import StoreError
from store.settings import Settings

PATIENCE = timedelta(minutes=30)  # for a store that is away; then the mail says that nobody knows
AWAY = "The store cannot be asked, so nobody knows how it is; see `python -m app status`."
log = structlog.get_logger("app.verification_duty")


@dataclass(slots=True)
class VerificationDuty:
    """What is due, remembered over restarts in a small file beside the alert engine's journal."""

    store: Store
    conf: Settings
    settings: AlertingInForce
    now: Callable[[], datetime] = clock.now
    outbox: Outbox = field(init=False)
    book: Book = field(init=False)
    refused: str = ""  # the last problem with owners that was logged

    def __post_init__(self) -> None:
        self.outbox = Outbox(self.conf.home / "outbox")
        self.book = Book(self.conf.state_path / "verifications.json")

    def do(self) -> None:
        """Queue the mails of every slot that has come; raises StoreError when the store is away and it may wait."""
        alerting = self.settings.read()
        if alerting is None:
            return
        now = self.now()
        self.book.keep_only([one.key for one in alerting.verifications])
        lines = [(one, self.book.line_of(one.key, now)) for one in alerting.verifications]
        found = [(one, line, slot) for one, line in lines if (slot := self._slot(one, line, now)) is not None]
        if not found:
            return
        estate = in_force(self.conf.estate, self.conf.state_path / FILE).estate
        self._report_owners(alerting, estate)
        accounts = self._accounts(estate, now, oldest=min(slot for _, _, slot in found))
        for one, line, slot in found:
            mailing = mailing_of(one, accounts, slot, alerting.address, line.gists, now)
            for message in mailing.messages:
                self.outbox.put(message, now)
            self.book.note(one.key, slot, mailing.gists)

    def _slot(self, verification: Verification, line: Line, now: datetime) -> datetime | None:
        """The slot to send for; those it is too late for are said in the log and done with."""
        found = due(verification, line.handled_at, now)
        if found.missed:
            log.warning(
                "verification mails were not sent in time and are skipped",
                owner=verification.owner,
                channel=verification.channel,
                slots=len(found.missed),
                newest=str(found.missed[-1]),
            )
            self.book.note(verification.key, found.missed[-1], line.gists)
        return found.slot

    def _accounts(self, estate: Estate, now: datetime, oldest: datetime) -> Sequence[Account]:
        try:
            return ask_accounts(self.store, estate, self.conf, now)
        except StoreError:
            if now - oldest < PATIENCE:
                raise
            return unknown_accounts(estate, AWAY)

    def _report_owners(self, alerting: Alerting, estate: Estate) -> None:
        try:
            check_owners(alerting, estate)
        except EstateError as error:
            if self.refused != str(error):
                log.warning("a verification has no reports", problem=str(error))
            self.refused = str(error)
