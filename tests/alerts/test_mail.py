"""Mails through a real mail server: what arrives, what is refused, what is tried again."""

from __future__ import annotations

import re
import ssl
import subprocess
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword

from alerts import mail
from alerts.channels import DeliveryError, deliver
from config.alerting import Channel
from store.rows import NoticeKind
from tests.alerts.posting import NOW, Post, hanging_server, message

ADDRESS = "https://ops.example.com/"


@pytest.fixture
def post() -> Iterator[Post]:
    with Post().open() as opened:
        yield opened


def channel(post: Post, *to: str, **changes: object) -> Channel:
    return Channel(id="mail", mail=post.settings(*to, **changes))


def part(found: EmailMessage, kind: str) -> str:
    """The text of the first part of a kind."""
    return next(one.get_content() for one in found.walk() if one.get_content_type() == kind)


def test_a_mail_has_the_evidence_as_text_and_html_the_link_and_the_chart_inside(post: Post) -> None:
    deliver(channel(post, "ops@example.com", "Boss <boss@example.com>"), message(), ADDRESS)
    [found] = post.mails
    assert post.recipients == [["ops@example.com", "boss@example.com"]]
    assert found["Subject"] == "[critical] Disk full: m1"
    assert found["From"] == "Shewhart <shewhart@example.com>"
    assert found["To"] == "ops@example.com, Boss <boss@example.com>"
    assert found["Auto-Submitted"] == "auto-generated"
    assert found.get_content_type() == "multipart/alternative"
    for kind in ("text/plain", "text/html"):
        said = part(found, kind)
        assert "96.5 % used, 3.1 GB free" in said
        assert "Free some space." in said
        assert "https://ops.example.com/alerts?incident=i1" in said
        assert "23 Nov 2026 12:00 UTC" in said
    [picture] = [one for one in found.walk() if one.get_content_type() == "image/png"]
    assert picture.get_content().startswith(b"\x89PNG")
    assert picture.get_content_disposition() == "inline"
    assert f'src="cid:{picture["Content-ID"].strip("<>")}"' in part(found, "text/html")


def test_a_message_without_points_has_no_picture_and_no_hole_where_it_would_be(post: Post) -> None:
    deliver(channel(post), message(points=()), ADDRESS)
    assert "image/png" not in [one.get_content_type() for one in post.mails[0].walk()]
    assert "<img" not in part(post.mails[0], "text/html")


def test_mails_of_one_incident_are_one_thread_and_a_repeated_mail_has_the_same_id(post: Post) -> None:
    begin, end = message("a"), message("b", kind=NoticeKind.RESOLVED)
    for one in (begin, end, begin, message("c", incident_id="other")):
        deliver(channel(post), one, ADDRESS)
    first, second, again, other = post.mails
    assert second["Subject"] == "[resolved] Disk full: b"
    assert first["References"] == second["References"] == second["In-Reply-To"] != other["References"]
    assert first["Message-ID"] == again["Message-ID"] != second["Message-ID"]
    assert re.fullmatch(r"<[0-9a-f]{32}@example\.com>", first["Message-ID"])
    assert first["References"] != first["Message-ID"]


def test_reminders_and_escalations_say_what_they_are(post: Post) -> None:
    for kind in (NoticeKind.REMINDER, NoticeKind.ESCALATION):
        deliver(channel(post), message(kind=kind), ADDRESS)
    assert [one["Subject"] for one in post.mails] == [
        "[critical] Still: Disk full: m1",
        "[critical] Nobody has acknowledged: Disk full: m1",
    ]


def test_nothing_in_a_message_adds_a_header_or_a_tag(post: Post) -> None:
    evil = "x\r\nBcc: spy@example.com\r\n\r\n<script>alert(1)</script>\x00\u2028y"
    given = message(title=evil, evidence=evil, help=evil, subject=evil, rule=evil, attached=(evil,), incident_id=evil)
    deliver(channel(post), given, ADDRESS)
    [found] = post.mails
    assert post.recipients == [["ops@example.com"]]
    assert found["Bcc"] is None
    assert found["Subject"] == "[critical] x Bcc: spy@example.com <script>alert(1)</script> y"
    assert "<script" not in part(found, "text/html")
    assert "&lt;script&gt;alert(1)" in part(found, "text/html")


def test_a_long_or_foreign_title_arrives_readable(post: Post) -> None:
    deliver(channel(post), message(title="Überlauf 満杯 🚨"), ADDRESS)
    deliver(channel(post), message(title="long " * 500), ADDRESS)
    assert post.mails[0]["Subject"] == "[critical] Überlauf 満杯 🚨"
    assert len(post.mails[1]["Subject"]) <= 200
    assert post.mails[1]["Subject"].endswith("lon…")


def test_no_colour_of_ground_or_text_is_set_so_that_a_dark_mail_program_stays_readable(post: Post) -> None:
    deliver(channel(post), message(), ADDRESS)
    html = part(post.mails[0], "text/html")
    assert 'content="light dark"' in html
    assert not re.search(r"background|bgcolor|[\";]color:", html)


@pytest.mark.parametrize(
    ("answer", "is_permanent"), [("450 4.2.0 Greylisted, come back", False), ("550 5.1.1 No such user", True)]
)
def test_a_refused_recipient_is_named_with_the_answer(post: Post, answer: str, is_permanent: bool) -> None:
    post.answers["ops@example.com"] = [answer]
    with pytest.raises(DeliveryError, match=re.escape(f"refused ops@example.com: {answer}")) as caught:
        deliver(channel(post), message(), ADDRESS)
    assert caught.value.is_permanent is is_permanent
    assert caught.value.delivered == ()
    assert post.mails == []


@pytest.mark.parametrize(
    ("answer", "is_permanent"), [("451 4.3.0 Try later", False), ("554 5.7.1 Looks like spam", True)]
)
def test_a_refused_mail_is_tried_again_if_the_answer_says_so(post: Post, answer: str, is_permanent: bool) -> None:
    post.data_answer = answer
    with pytest.raises(DeliveryError, match=re.escape(answer)) as caught:
        deliver(channel(post), message(), ADDRESS)
    assert caught.value.is_permanent is is_permanent


def test_who_has_the_mail_does_not_get_it_again_when_another_was_refused_for_now(post: Post) -> None:
    post.answers["b@example.com"] = ["450 4.2.0 Greylisted"]
    three = channel(post, "a@example.com", "B <b@example.com>", "c@example.com")
    with pytest.raises(DeliveryError, match="Everybody else has the mail") as caught:
        deliver(three, message(), ADDRESS)
    assert not caught.value.is_permanent
    deliver(three, message(), ADDRESS, caught.value.delivered)
    assert post.recipients == [["a@example.com", "c@example.com"], ["b@example.com"]]


def test_a_recipient_who_does_not_exist_is_reported_although_the_others_have_the_mail(post: Post) -> None:
    post.answers["gone@example.com"] = ["550 5.1.1 No such user"]
    with pytest.raises(DeliveryError, match=r"gone@example.com: 550 .*; correct the address") as caught:
        deliver(channel(post, "gone@example.com", "ops@example.com"), message(), ADDRESS)
    assert caught.value.is_permanent
    assert caught.value.delivered == ("ops@example.com",)
    assert post.recipients == [["ops@example.com"]]


def test_a_server_that_is_down_or_silent_is_tried_again(post: Post) -> None:
    nobody = Post().settings()
    with pytest.raises(DeliveryError, match=f"127.0.0.1:{nobody.port} could not be used .*refused") as caught:
        mail.send(nobody, message(), ADDRESS)
    assert not caught.value.is_permanent
    with hanging_server() as listening:
        silent = post.settings(port=listening.getsockname()[1])
        with pytest.raises(DeliveryError, match="timed out") as caught:
            mail.send(silent, message(), ADDRESS, timeout=0.2)
    assert not caught.value.is_permanent


def check(server: object, session: object, envelope: object, mechanism: str, given: object) -> AuthResult:
    """Let `shewhart` with the right password in."""
    assert isinstance(given, LoginPassword)
    is_right = (given.login, given.password) == (b"shewhart", b"correct horse")
    return AuthResult(success=is_right, handled=False)


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2"]
    subprocess.run([*made, *subject], check=True, capture_output=True)
    return cert, key


def test_starttls_and_login_are_used_when_configured(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    cert, key = certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    post = Post()
    right = {"starttls": True, "user": "shewhart", "password": "correct horse"}
    with post.open(tls_context=context, require_starttls=True, auth_required=True, authenticator=check):
        with pytest.raises(DeliveryError, match="certificate"):  # signed by nobody this machine trusts
            deliver(channel(post, **right), message(), ADDRESS)
        monkeypatch.setenv("SSL_CERT_FILE", str(cert))
        deliver(channel(post, **right), message(), ADDRESS)
        with pytest.raises(DeliveryError, match="refused user and password") as caught:
            deliver(channel(post, **{**right, "password": "battery staple"}), message(), ADDRESS)
    assert "battery" not in str(caught.value)
    assert not caught.value.is_permanent  # the mail can go when the password is corrected
    assert len(post.mails) == 1


def test_a_server_without_encryption_gets_nothing_when_encryption_is_configured(post: Post) -> None:
    with pytest.raises(DeliveryError, match="STARTTLS"):
        deliver(channel(post, starttls=True), message(), ADDRESS)
    assert post.mails == []


def test_the_time_of_the_mail_is_that_of_the_alert(post: Post) -> None:
    deliver(channel(post), message(), ADDRESS)
    assert post.mails[0]["Date"].datetime.replace(tzinfo=None) == NOW
