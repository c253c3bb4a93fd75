"""Which verification mails are sent, to whom and when: digests, one per report, only what changed; and mistakes."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.channels import deliver
from alerts.verification.account import Account
from alerts.verification.mails import check_owners, mailing_of
from config.alerting import Alerting, Channel
from config.load import EstateError, parse, parse_as
from config.reports import Persona
from store.rows import CheckState, Fault, NumberState, ReportCheck, ReportNumber, Row, Stage
from tests.alerts.posting import Post
from tests.alerts.verifying import (
    ADDRESS,
    ESTATE,
    NOW,
    REPORTS,
    account,
    everything,
    good_rows,
    letter,
    looked,
    mails,
    number,
    wanted,
    wrong_revenue,
)


def test_a_digest_has_the_worst_first_sections_for_the_bad_and_a_list_of_the_good() -> None:
    rows = [row for row in good_rows() if getattr(row, "report_id", "") != "partner-sales"] + wrong_revenue()
    rows = [
        looked("stock", CheckState.UNKNOWN, fault=Fault.BACKEND_FAILED),
        *(row for row in rows if not (isinstance(row, ReportCheck) and row.report_id == "stock")),
    ]
    found = letter(everything(rows))
    assert found.subject == (
        "1 of 4 reports bad, 1 not verified: Wrong number: Partner sales - Revenue 9 % too low, wrong from Mart on"
    )
    for said in (found.text, found.html):
        order = [said.rindex(word) for word in ("first wrong hop", "could not be asked", "Lost property")]
        assert order == sorted(order)
        assert said.index("Ledger") > said.index("first wrong hop"), "what is well stands in the list at the end"
    assert [picture.name for picture in found.pictures] == ["seen-0", "seen-1"]


def test_a_digest_of_what_is_well_is_one_line_each() -> None:
    found = letter(everything(good_rows()))
    assert found.subject == "Verified: 4 reports, 2 numbers match"
    assert "- Partner sales: 2 numbers match\n" in found.text
    assert found.pictures == ()


def test_a_digest_of_a_thousand_bad_reports_stays_small_and_says_what_it_left_out() -> None:
    report, check = REPORTS["ledger"], looked("ledger", CheckState.DOWN, fault=Fault.UNREACHABLE, message="x" * 300)
    many = [Account(report.model_copy(update={"id": f"r{n}", "title": f"R{n}"}), None, check) for n in range(1000)]
    found = letter(many)
    assert found.subject == "1000 of 1000 reports bad: Not reachable: R0"
    assert len(found.html) < 100_000, "mail programs cut longer ones"
    assert "and 900 more" in found.text
    assert "988 more that are not verified are told in full on the Reports page only." in found.text
    assert len(found.pictures) == 10
    assert "2 pictures are left out to keep this mail small" in found.text


def test_a_report_with_very_many_numbers_takes_the_place_of_others() -> None:
    state = NumberState.UNREADABLE
    rows: list[Row] = [number(f"n{at}", state, "ledger", message="m" * 50, page_text="p" * 200) for at in range(500)]
    rows.append(looked("ledger", CheckState.DOWN, stage=Stage.PARSED, fault=Fault.UNREADABLE_NUMBER))
    found = letter([account("ledger", rows)] * 12)
    assert len(found.html) < 100_000
    assert "and 470 more" in found.html
    assert "more that are not verified are told in full on the Reports page only." in found.html


def test_personas_are_named_and_lead_to_their_own_view() -> None:
    report = REPORTS["ledger"].model_copy(
        update={"personas": [Persona(id="gold", title="Gold partners"), Persona(id="silver")]}
    )
    bad = looked("ledger", CheckState.DOWN, persona="gold", fault=Fault.EMPTY_CHART)
    views = [
        Account(report, report.personas[1], looked("ledger", persona="silver")),
        Account(report, report.personas[0], bad),
    ]
    found = letter(views, mode="each")
    assert found.subject == "1 of 2 views of Ledger bad: Empty chart: Ledger as Gold partners"
    assert "https://ops.example.com/reports?report=ledger&persona=gold" in found.text
    assert "report=ledger&amp;persona=gold" in found.html
    assert "- Ledger as silver" in found.text


def test_only_what_the_owner_owns_and_star_is_everybody_and_nobody() -> None:
    accounts = everything(good_rows())
    assert mails(accounts, owner="alice").messages[0].title == "Verified: 2 reports, 2 numbers match"
    assert mails(accounts, owner="*").messages[0].title == "Verified: 4 reports, 2 numbers match"
    assert mails(accounts, owner="carol").messages == ()


def test_one_mail_per_bad_report_and_one_digest_instead_of_a_flood() -> None:
    rows = [
        *wrong_revenue(),
        looked("stock", CheckState.DEGRADED, fault=Fault.SLOW),
        looked("ledger"),
        looked("lost", CheckState.DOWN, fault=Fault.UNREACHABLE, is_planned=True),
    ]
    found = mails(everything(rows), owner="*", mode="each", when="bad").messages
    assert [one.subject for one in found] == ["report:partner-sales", "report:stock"]
    assert [one.severity for one in found] == ["critical", "warning"]
    report, check = REPORTS["ledger"], looked("ledger", CheckState.DOWN, fault=Fault.UNREACHABLE)
    many = [Account(report.model_copy(update={"id": f"r{n}"}), None, check) for n in range(21)]
    [flood] = mails(many, owner="*", mode="each", when="bad").messages
    assert flood.title.startswith("21 of 21 reports bad")


def test_changed_is_silent_while_a_report_is_bad_in_the_same_way() -> None:
    def asked(rows: list[Row], said: dict[str, str]) -> tuple[int, dict[str, str]]:
        found = mails([account("partner-sales", rows)], said, when="changed")
        return len(found.messages), dict(found.gists)

    number_of, said = asked(good_rows(), {})
    assert number_of == 0, "before the first mail all counts as well"
    number_of, said = asked(wrong_revenue(), said)
    assert number_of == 1
    worse = [
        replace(row, page_value=1.0) if isinstance(row, ReportNumber) and row.number_id == "revenue" else row
        for row in wrong_revenue()
    ]
    number_of, said = asked(worse, said)
    assert number_of == 0
    elsewhere = [replace(row, hop="staging") if isinstance(row, ReportNumber) else row for row in wrong_revenue()]
    number_of, said = asked(elsewhere, said)
    assert number_of == 1
    number_of, said = asked(good_rows(), said)
    assert number_of == 1, "that it is well again is a change"
    assert asked(good_rows(), said)[0] == 0


def test_mails_of_one_slot_have_one_id_and_mails_of_a_report_one_thread() -> None:
    accounts = [account("ledger", [looked("ledger", CheckState.DOWN, fault=Fault.BLANK_PAGE)])]
    tomorrow = NOW + timedelta(days=1)
    first, again, next_day = (
        mailing_of(wanted(owner="bob", mode="each"), accounts, slot, ADDRESS, {}, now).messages[0]
        for slot, now in ((NOW, NOW), (NOW, NOW + timedelta(minutes=5)), (tomorrow, tomorrow))
    )
    assert first.id == again.id != next_day.id
    with Post().open() as post:
        for one in (first, again, next_day):
            deliver(Channel(id="ops", mail=post.settings()), one, ADDRESS)
        a, b, c = post.mails
    assert a["Message-ID"] == b["Message-ID"] != c["Message-ID"]
    assert a["References"] == c["References"] == c["In-Reply-To"]


CHANNELS = "channels: [{id: ops, apprise: 'json://x'}]\n"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("verifications: [{owner: alice, channel: opps}]", "a verification names channel 'opps'; known are ops"),
        ("verifications: [{owner: a, channel: ops, at: '7'}]", "'7' is no time of day; expected HH:MM, in quotes"),
        ("verifications: [{owner: a, channel: ops, timezone: Mars}]", "'Mars' is no time zone"),
        ("verifications: [{owner: a, channel: ops, days: [moon]}]", "verifications.0.days.0: found 'moon'"),
        ("verifications: [{owner: a, channel: ops, when: never}]", "found 'never'"),
        (
            "verifications: [{owner: a, channel: ops}, {owner: a, channel: ops, when: bad}]",
            "found two verifications of owner 'a' by channel 'ops' at the same time",
        ),
    ],
)
def test_a_mistake_in_alerts_yaml_is_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(EstateError, match=re.escape(sentence)) as caught:
        parse_as(Alerting, CHANNELS + text, "alerts.yaml")
    assert str(caught.value).startswith("alerts.yaml:")


def test_an_owner_of_no_report_is_named_with_those_there_are() -> None:
    alerting = parse_as(Alerting, CHANNELS + "verifications: [{owner: alise, channel: ops}]", "alerts.yaml")
    with pytest.raises(EstateError, match="found owner 'alise', who owns no report, expected one of alice, bob, \\*"):
        check_owners(alerting, parse(ESTATE))
    check_owners(parse_as(Alerting, CHANNELS + "verifications: [{owner: '*', channel: ops}]", "x"), parse(ESTATE))
