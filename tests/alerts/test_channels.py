"""Services by apprise URL and the outside heartbeat, against a real web server."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest
import requests

from alerts.channels import DeliveryError, beat, deliver
from alerts.services import without_secrets
from config.alerting import Channel
from store.rows import NoticeKind
from tests.alerts.posting import Hook, Post, message
from tests.processes import free_port

ADDRESS = "https://ops.example.com"


@pytest.fixture
def hook() -> Iterator[Hook]:
    with Hook().open() as opened:
        yield opened


def channel(url: str) -> Channel:
    return Channel(id="ops", apprise=url)


def refused(url: str, **changes: object) -> DeliveryError:
    """The error of a delivery that fails."""
    with pytest.raises(DeliveryError) as caught:
        deliver(channel(url), message(**changes), ADDRESS)
    return caught.value


def test_a_service_gets_headline_text_link_and_picture(hook: Hook) -> None:
    deliver(channel(hook.url), message(attached=("report:sales",), evidence="job a_b_c *is* <late> & slow"), ADDRESS)
    [body] = hook.bodies
    assert body["title"] == "[critical] Disk full: m1"
    assert body["message"].splitlines() == [
        "job a_b_c *is* <late> & slow",
        "",
        "What to do: Free some space.",
        "Explains as well: report:sales",
        "Subject: db-01:/m1",
        "Rule: disk_full",
        "Time: 23 Nov 2026 12:00 UTC",
        "",
        "https://ops.example.com/alerts?incident=i1",
    ]
    assert [picture[:4] for picture in hook.pictures()] == [b"\x89PNG"]


def test_what_looks_like_markup_arrives_as_it_was_written_where_the_service_has_markup() -> None:
    with Post().open() as post:
        url = f"mailto://127.0.0.1:{post.port}?from=a@example.com&to=b@example.com&mode=insecure&format=html"
        deliver(channel(url), message(evidence="job a_b_c *is* <late> & slow"), ADDRESS)
    html = next(part.get_content() for part in post.mails[0].walk() if part.get_content_type() == "text/html")
    assert "&lt;late&gt;" in html.replace("&nbsp;", " ")
    assert "*is*" in html


def test_a_service_that_repeats_its_secret_in_its_log_gets_it_into_no_problem() -> None:
    error = refused(f"rocket://s3cr3t-name:pw@127.0.0.1:{free_port()}/#ops")
    assert "s3cr3t" not in str(error)


@pytest.mark.parametrize(
    ("kind", "severity", "looks"),
    [
        (NoticeKind.FIRED, "critical", "failure"),
        (NoticeKind.FIRED, "warning", "warning"),
        (NoticeKind.FIRED, "info", "info"),
        (NoticeKind.RESOLVED, "critical", "success"),
    ],
)
def test_the_severity_is_seen_in_the_service(hook: Hook, kind: NoticeKind, severity: str, looks: str) -> None:
    deliver(channel(hook.url), message(kind=kind, severity=severity), ADDRESS)
    assert hook.bodies[0]["type"] == looks


def test_many_attached_alerts_are_counted_not_listed(hook: Hook) -> None:
    deliver(channel(hook.url), message(attached=tuple(f"job:{number}" for number in range(100))), ADDRESS)
    assert "job:19 and 80 more" in hook.bodies[0]["message"]


def test_what_cannot_be_drawn_is_sent_without_a_picture(hook: Hook) -> None:
    point = message().points[0]
    for points in ((), (point,), ((point[0], float("nan")),) * 3):
        deliver(channel(hook.url), message(points=points), ADDRESS)
    assert len(hook.bodies) == 3
    assert hook.pictures() == []


@pytest.mark.parametrize(
    ("status", "is_permanent"), [(400, True), (413, True), (401, False), (404, False), (429, False), (503, False)]
)
def test_only_a_service_that_refuses_the_message_itself_ends_the_tries(
    hook: Hook, status: int, is_permanent: bool
) -> None:
    hook.status = status
    error = refused(hook.url)
    assert str(status) in str(error)
    assert error.is_permanent is is_permanent
    assert "s3cr3t" not in str(error)


def test_why_a_service_was_not_reached_is_said_without_its_secrets() -> None:
    error = refused(f"json://bob:hunter22@127.0.0.1:{free_port()}/hook/s3cr3t-token?-key=abcdef99")
    assert "127.0.0.1" in str(error)
    assert "(connection refused)" in str(error)
    assert not any(secret in str(error) for secret in ("hunter22", "s3cr3t", "abcdef99"))
    assert not error.is_permanent


@pytest.mark.parametrize("url", ["slack://12345678", "nonsense://s3cr3t-token", "hunter22", "json://"])
def test_a_url_that_no_service_understands_is_named_by_its_kind_only(url: str) -> None:
    said = str(refused(url))
    assert "Channel 'ops' has an apprise URL that cannot be used" in said
    assert not any(secret in said for secret in ("12345678", "s3cr3t", "hunter22"))


def test_the_library_s_own_log_with_its_tokens_gets_into_no_log_of_ours() -> None:
    written = io.StringIO()
    root = logging.getLogger()
    handler, level = logging.StreamHandler(written), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        refused(f"json://127.0.0.1:{free_port()}/hook/s3cr3t-token")
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    assert "s3cr3t" not in written.getvalue()


@pytest.mark.parametrize(
    ("url", "said", "shown"),
    [
        ("tgram://123456789:abcdefg_hij/-98765", "bot 123456789:abcdefg_hij failed", "bot ***:*** failed"),
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnl", "for T1JJ3T3L2 and TIiajkdnl", "for *** and ***"),
        ("pover://user@token1234", "no token1234 here, error=500.", "no *** here, error=500."),
        ("jsons://a.example.com/h%2Fook-secret", "a.example.com /h/ook-secret", "a.example.com /h/***"),
        ("jsons://a.example.com/x", "two\nlines", "two lines"),
    ],
)
def test_every_part_of_a_url_is_blotted_out_but_the_host_of_a_server(url: str, said: str, shown: str) -> None:
    assert without_secrets(said, url) == shown


def test_a_heartbeat_that_was_taken_has_no_problem(hook: Hook) -> None:
    asked: list[tuple[str, float]] = []

    def opener(url: str, timeout: float) -> requests.Response:
        asked.append((url, timeout))
        return requests.post(url, json={}, timeout=timeout)

    url = f"http://127.0.0.1:{hook.port}/beat"
    assert beat(url, opener) is None
    assert asked == [(url, 5.0)]
    hook.status = 404
    assert "answered 404" in (beat(url, opener) or "")


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/s3cr3t", "nonsense s3cr3t", "http://[s3cr3t/", ""])
def test_a_heartbeat_that_cannot_be_sent_is_a_sentence_and_no_error(url: str) -> None:
    problem = beat(url)
    assert problem is not None
    assert "cannot be reached" in problem
    assert "s3cr3t" not in problem
