"""Verification mails as they arrive: verdict, pictures, numbers, first wrong hop, digests, and when there is none."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from html import unescape
from typing import Any

import pytest
from PIL import Image

from alerts.channels import deliver
from alerts.verification.account import Account, doubt_of
from config.alerting import Channel
from config.reports import Persona
from store.rows import CheckState, Fault, NumberState, ReportCheck, ReportHop, Row, Stage
from tests.alerts.posting import Hook, Post, message
from tests.alerts.verifying import (
    ADDRESS,
    GOOD_AT,
    NOW,
    REPORTS,
    account,
    good_rows,
    letter,
    looked,
    mails,
    number,
    paint,
    stages_json,
    wrong_revenue,
)


def content(found: EmailMessage, kind: str) -> str:
    return next(one.get_content() for one in found.walk() if one.get_content_type() == kind)


def test_a_wrong_number_arrives_with_pictures_table_hop_proof_and_link(tmp_path: Any) -> None:
    bad, good = tmp_path / "bad.png", tmp_path / "good.png"
    paint(bad, size=(1600, 900))
    paint(good, "Revenue 1,000,000")
    one = account("partner-sales", wrong_revenue(), picture=str(bad), good_picture=str(good), good_at=GOOD_AT)
    [sent] = mails([one]).messages
    with Post().open() as post:
        deliver(Channel(id="ops", mail=post.settings()), sent, ADDRESS)
        [mail] = post.mails
    assert mail["Subject"] == "Wrong number: Partner sales - Revenue 9 % too low, wrong from Mart on"
    for kind in ("text/plain", "text/html"):
        said = content(mail, kind)
        for fact in (
            "Revenue shows 910,000 EUR, the backend has 1,000,000 EUR.",
            "910,000 €",
            "1,000,000 EUR",
            "-90,000 EUR",
            "± 500 EUR",
            "✗ wrong",
            "✓ match",
            "✗ first wrong hop, on 21 Nov 2026, segment “Gold”: 30,000 EUR in 10 rows, 120,000 EUR in 12 rows before",
            "Looked at",
            "25 Nov 2026 06:58 CET, useful after 1.8 s",
            "Begin at the first wrong hop",
            "alice",
            "https://ops.example.com/reports?report=partner-sales",
        ):
            assert fact in said, f"{fact} in {kind}"
    stages = re.findall(r"^  ([✓✗–]) \w+ (\w+)(?: \d\.\d s|\r?$)", content(mail, "text/plain"), re.MULTILINE)
    assert stages == [
        *(("✓", stage) for stage in ("reachable", "loaded", "finished", "present", "drawn", "parsed")),
        ("✗", "equal"),
        ("–", "fast"),
    ]
    pictures = [one for one in mail.walk() if one.get_content_maintype() == "image"]
    assert [Image.open(io.BytesIO(one.get_content())).width for one in pictures] == [1200, 1200]
    html = content(mail, "text/html")
    assert [f"cid:{one['Content-ID'].strip('<>')}" for one in pictures] == re.findall(r'src="([^"]+)"', html)
    assert "as seen 25 Nov 2026 06:58 CET" in html
    assert "last good, 24 Nov 2026 21:00 CET" in html


def test_a_report_that_is_well_says_how_many_numbers_match() -> None:
    one = account("partner-sales", good_rows())
    found = letter([one])
    assert found.subject == "Verified: Partner sales - 2 numbers match"
    assert "✓ passed equal" in found.text
    assert "410k, backend 409,849 EUR, difference 151 EUR, allowed ± 500 EUR" in found.text
    flying = replace(one, numbers=(number("revenue", NumberState.IN_FLIGHT), number("orders")))
    assert letter([flying]).subject == "Verified: Partner sales - 1 of 2 numbers match, 1 in flight"


@pytest.mark.parametrize(
    ("changes", "subject", "said"),
    [
        (
            {"state": CheckState.DOWN, "stage": Stage.FINISHED, "fault": Fault.EXCEPTION, "message": "KeyError 'a'"},
            "The page shows an exception: Ledger",
            "KeyError 'a'",
        ),
        ({"state": CheckState.DEGRADED, "fault": Fault.SLOW, "message": "Took 12 s."}, "Slow: Ledger", "Took 12 s."),
        (
            {"state": CheckState.UNKNOWN, "fault": Fault.NO_BROWSER, "message": "No Chromium."},
            "Not verified: Ledger - No browser for the checker",
            "No Chromium.",
        ),
        (
            {"state": CheckState.DOWN, "fault": Fault.BLANK_PAGE, "confirmed": CheckState.UP},
            "Blank page: Ledger",
            "Not confirmed yet: several looks agree on “verified”.",
        ),
        (
            {"state": CheckState.UP, "confirmed": CheckState.DOWN},
            "Bad until its recovery is confirmed: Ledger",
            "several looks agree on “down”",
        ),
        (
            {"state": CheckState.UNKNOWN, "fault": Fault.CHECKER_FAILED, "confirmed": CheckState.DOWN},
            "Last known down: Ledger - The checker failed",
            "several looks agree on “down”",
        ),
        (
            {"state": CheckState.DOWN, "fault": Fault.UNREACHABLE, "is_planned": True},
            "Planned: Not reachable: Ledger",
            "maintenance window",
        ),
    ],
)
def test_the_first_failed_stage_is_the_headline(changes: dict[str, Any], subject: str, said: str) -> None:
    found = letter([account("ledger", [looked("ledger", **{"confirmed": changes["state"], **changes})])])
    assert found.subject == subject
    assert said in found.text
    assert said in unescape(found.html)


@pytest.mark.parametrize(
    ("rows", "broken", "said"),
    [
        ([], (), "It was never looked at"),
        ([looked("ledger", observed_at=NOW - timedelta(hours=3))], (), "The last look is 3 h old"),
        ([looked("ledger")], ("blank",), "got its own trial wrong (blank)"),
    ],
)
def test_what_nobody_knows_is_never_called_verified(rows: list[Row], broken: tuple[str, ...], said: str) -> None:
    check = rows[0] if rows else None
    assert check is None or isinstance(check, ReportCheck)
    doubt = doubt_of(REPORTS["ledger"], None, check, (), broken, NOW)
    one = Account(REPORTS["ledger"], None, check, doubt=doubt)
    found = letter([one])
    assert (found.subject, one.is_bad) == ("Not verified: Ledger", True)
    assert said in found.text
    assert "erified: Ledger" not in found.text.replace("Not verified: Ledger", "")


def test_a_look_at_a_page_whose_numbers_were_not_all_compared_verifies_nothing() -> None:
    found = letter([account("partner-sales", [looked("partner-sales"), number("orders")])])
    assert found.subject == "Not verified: Partner sales"
    assert "Only 1 of 2 numbers were compared." in found.text


def test_a_persona_that_is_looked_at_rarely_is_not_too_old() -> None:
    at = looked("ledger", observed_at=NOW - timedelta(minutes=40))
    gold = Persona(id="gold", title="Gold partners", nth=2)
    assert doubt_of(REPORTS["ledger"], gold, at, (), (), NOW) == ""
    assert doubt_of(REPORTS["ledger"], None, at, (), (), NOW) != ""


@pytest.mark.parametrize(
    ("page", "backend", "unit", "said"),
    [
        (91.0, 100.0, "EUR", "9 % too low"),
        (100.0, 99.995, "EUR", "0.005 EUR too high"),
        (5000.0, 10.0, "", "4,990 too high"),
        (350.0, 100.0, "", "250 % too high"),
        (3.0, 0.0, "orders", "3 orders too high"),
        (-80.0, -100.0, "EUR", "20 % too high"),
        (11.8, 13.0, "%", "1.2 points too low"),
        (0.118, 0.13, "ratio", "1.2 points too low"),
    ],
)
def test_how_far_off_a_number_is(page: float, backend: float, unit: str, said: str) -> None:
    shape = {"page_value": page, "backend_value": backend, "unit": unit}
    rows: list[Row] = [
        looked("ledger", CheckState.DOWN, stage=Stage.EQUAL, fault=Fault.WRONG_NUMBER),
        number("n", NumberState.WRONG, "ledger", **shape),
    ]
    assert letter([account("ledger", rows)]).subject == f"Wrong number: Ledger - n {said}"


def test_nothing_from_a_page_adds_a_header_a_tag_or_a_picture(tmp_path: Any) -> None:
    evil = "x\r\nBcc: spy@example.com\r\n\r\n<script>alert(1)</script><!--picture:seen-0-->\x00\ud800y"
    report = REPORTS["ledger"].model_copy(update={"title": evil, "owner": evil, "audience": evil})
    check = looked(
        "ledger",
        CheckState.DOWN,
        fault=Fault.WRONG_NUMBER,
        message=evil,
        stages=stages_json(Stage.EQUAL, "failed", "<b>"),
    )
    bad = number("n", NumberState.WRONG, "ledger", page_text=evil, unit=evil, hop=evil, segment=evil)
    hop = ReportHop("ledger", "", "n", "c", NOW, 0, evil, 1.0, True, None, evil, message=evil)
    [sent] = mails([Account(report, None, check, (bad,), (hop,))], owner="*").messages
    with Post().open() as post:
        deliver(Channel(id="ops", mail=post.settings()), sent, ADDRESS)
        [mail] = post.mails
        assert post.recipients == [["ops@example.com"]]
    assert mail["Bcc"] is None
    assert "\n" not in mail["Subject"]
    html = content(mail, "text/html")
    assert "<script" not in html
    assert "<b>" not in html
    assert html.count("no picture kept") == 1
    assert not re.search(r"background|bgcolor|[\";]color:", html), "a dark mail program shows it dark"


def test_a_chat_gets_the_text_and_the_first_picture(tmp_path: Any) -> None:
    paint(tmp_path / "bad.png")
    one = account("partner-sales", wrong_revenue(), picture=str(tmp_path / "bad.png"))
    [sent] = mails([one]).messages
    with Hook().open() as hook:
        deliver(Channel(id="ops", apprise=hook.url), sent, ADDRESS)
    assert hook.titles() == ["Wrong number: Partner sales - Revenue 9 % too low, wrong from Mart on"]
    assert "first wrong hop" in hook.bodies[0]["message"]
    assert hook.bodies[0]["type"] == "failure"
    assert [picture[:4] for picture in hook.pictures()] == [b"\x89PNG"]


def test_other_messages_are_sent_as_before() -> None:
    with Post().open() as post:
        deliver(Channel(id="ops", mail=post.settings()), message(), ADDRESS)
    assert post.mails[0]["Subject"] == "[critical] Disk full: m1"
