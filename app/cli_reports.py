"""Verbs about reports: look at one now, list them all, write the verification mails now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import click

from alerts.messages import Message
from alerts.outbox import Outbox
from alerts.verification.account import Account, rank_of
from alerts.verification.mails import ALL, mailing_of
from alerts.verification.words import finding_of, numbers_text, verdict_text
from app import cli_report_look as looks
from app.cli_output import JSON_OPTION, say, table
from app.cli_store import opened
from app.verification_duty import AWAY
from app.verification_facts import ask_accounts, unknown_accounts
from config.alerting import Alerting, Verification
from config.estate import Estate
from config.load import FILE, EstateError, in_force, read_alerting
from store import clock
from store.errors import StoreError
from store.rows import CheckState
from store.settings import Settings, settings

NOWHERE = "nowhere"  # the channel of a mail that is only printed


@click.group()
def reports() -> None:
    """Reports of the estate and their verdicts. Example: python -m app reports check sales-overview --once"""


@reports.command("check")
@click.argument("name")
@click.option("--once", is_flag=True, required=True, help="One look, now.")
@click.option("--persona", help="As whom; default: the first persona of the report.")
@JSON_OPTION
@click.pass_context
def check_report(context: click.Context, name: str, once: bool, persona: str | None, as_json: bool) -> None:  # noqa: ARG001
    """The staged verdict of one report, now. Example: python -m app reports check sales-overview --once --json

    Exit status 0 when the report is up, 1 when it is down or degraded, 2 when nobody can tell.
    """
    conf = settings()
    estate = _estate(conf)
    report, chosen = looks.chosen(estate, name, persona)
    look = looks.look_at(estate, report, chosen, conf, clock.now())
    say(as_json, looks.answer_of(look), looks.text_of(look))
    if look.check.state is CheckState.UNKNOWN:
        click.echo(f"shewhart: {look.check.message or 'The checker could not tell how the report is.'}", err=True)
    context.exit(looks.STATUSES[look.check.state])


@reports.command("list")
@JSON_OPTION
def list_reports(as_json: bool) -> None:
    """Every report with its newest verdict, worst first. Example: python -m app reports list --json"""
    conf = settings()
    accounts = sorted(_accounts(conf, _estate(conf), clock.now()), key=rank_of)
    rows: list[tuple[object, ...]] = [
        (
            one.report.id,
            one.persona.id if one.persona else "",
            verdict_text(one),
            one.report.owner,
            numbers_text(one),
            finding_of(one),
        )
        for one in accounts
    ]
    text = table(rows, ("report", "persona", "verdict", "owner", "numbers", "finding")) if rows else "No report yet."
    say(as_json, {"reports": [_shape(one) for one in accounts]}, text)


def _shape(account: Account) -> dict[str, object]:
    check = account.check
    return {
        "report": account.report.id,
        "persona": account.persona.id if account.persona else "",
        "owner": account.report.owner,
        "check": account.report.check,
        "state": account.verdict,
        "is_planned": account.is_planned,
        "stage": check.stage if check else None,
        "fault": check.fault if check else None,
        "message": account.doubt or (check.message if check else None),
        "observed_at": check.observed_at if check else None,
        "numbers_matching": account.matching,
        "numbers_total": account.promised,
        "finding": finding_of(account),
    }


@reports.command("mail")
@click.option("--owner", help="Only the reports of this owner; default: every verification of alerts.yaml.")
@click.option("--channel", help="Send by this channel of alerts.yaml, whatever its verifications say.")
@click.option("--dry-run", is_flag=True, help="Print the mails, send none.")
@JSON_OPTION
def mail_reports(owner: str | None, channel: str | None, dry_run: bool, as_json: bool) -> None:
    """Write the verification mails now. Example: python -m app reports mail --owner alice --dry-run

    They are queued for the notifier, which sends them within a second or so while Shewhart runs.
    """
    conf, now = settings(), clock.now()
    alerting, estate = read_alerting(conf.estate), _estate(conf)
    wanted = _verifications(alerting, estate, owner, channel, dry_run)
    accounts = _accounts(conf, estate, now)
    messages = [
        message for one in wanted for message in mailing_of(one, accounts, now, alerting.address, {}, now).messages
    ]
    if not dry_run:
        outbox = Outbox(conf.home / "outbox")
        for message in messages:
            outbox.put(message, now)
    answer = {"is_queued": not dry_run, "mails": [_mail_shape(one) for one in messages]}
    say(as_json, answer, _printed(messages, dry_run))


def _verifications(
    alerting: Alerting, estate: Estate, owner: str | None, channel: str | None, is_printed: bool
) -> list[Verification]:
    """Those of alerts.yaml about the owner, or one of its own when a channel is named; they always send."""
    owners = sorted({report.owner for report in estate.reports if report.owner})
    if owner and owner != ALL and owner not in owners:
        raise EstateError(f"Nobody called {owner!r} owns a report; known are {', '.join(owners) or 'none'}.")
    known = [one.id for one in alerting.channels]
    if channel and channel not in known:
        raise EstateError(f"There is no channel {channel!r} in alerts.yaml; known are {', '.join(known) or 'none'}.")
    found = [one for one in alerting.verifications if owner in (None, one.owner)]
    if channel or (not found and is_printed):
        return [Verification(owner=owner or ALL, channel=channel or NOWHERE)]
    if not found:
        whose = f" of {owner!r}" if owner else ""
        raise EstateError(f"There is no verification{whose} in alerts.yaml; add one, or name a channel with --channel.")
    return [one.model_copy(update={"when": "always"}) for one in found]


def _mail_shape(message: Message) -> dict[str, object]:
    letter = message.letter
    return {
        "id": message.id,
        "channel": message.channel,
        "severity": message.severity,
        "subject": message.title,
        "text": letter.text if letter else "",
        "html": letter.html if letter else "",
        "pictures": [one.file for one in letter.pictures if one.file] if letter else [],
    }


def _printed(messages: Sequence[Message], is_whole: bool) -> str:
    if not messages:
        return "There is no report to write about."
    if not is_whole:
        return "\n".join(f"Queued for {one.channel}: {one.title}" for one in messages)
    return "\n\n".join(f"Subject: {one.title}\n\n{one.letter.text if one.letter else ''}" for one in messages)


def _estate(conf: Settings) -> Estate:
    return in_force(conf.estate, conf.state_path / FILE).estate


def _accounts(conf: Settings, estate: Estate, now: datetime) -> list[Account]:
    """What the store knows; while it is away, that nobody knows."""
    try:
        return ask_accounts(opened(), estate, conf, now)
    except StoreError:
        return unknown_accounts(estate, AWAY)
