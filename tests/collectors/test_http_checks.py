"""Verdicts on reports, from a real server on this machine that answers well, badly, slowly, endlessly or not at all."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from collectors import web
from collectors.sources.http_checks import MAX_BYTES, collect
from store.rows import CheckState, ReportCheck
from tests.collectors.portal import Portal, look, portal, verdict
from tests.collectors.support import context, rows

__all__ = ["portal"]


@pytest.mark.parametrize(
    ("path", "text"), [("good", "Umsatz: 12 €"), ("latin", "Umsätze"), ("zipped", "Revenue"), ("moved", "Umsatz")]
)
def test_a_good_report_is_up(portal: str, path: str, text: str) -> None:
    found = look(f"{portal}/{path}", must_contain=text)
    assert verdict(found) == ("up", "fast", 200)
    assert found.latency_seconds is not None
    assert found.message == f"Answered 200 in {found.latency_seconds:.2f} s."
    assert found.tls_days_left is None


@pytest.mark.parametrize(
    ("path", "expected", "said"),
    [
        ("broken", ("down", "loaded", 500), "Answered 500, expected 2xx."),
        ("missing", ("down", "loaded", 404), "Answered 404, expected 2xx."),
        ("good", ("down", "present", 200), "“Profit” is not in the page."),
        ("loop", ("down", "loaded", None), "Redirected more than 5 times."),
        ("keys", ("unknown", "reachable", None), "169.254.169.254 is a link-local address"),
    ],
)
def test_a_bad_report_is_told_with_its_stage(
    portal: str, path: str, expected: tuple[str, str, int | None], said: str
) -> None:
    found = look(f"{portal}/{path}", must_contain="Profit")
    assert verdict(found) == expected
    assert found.message is not None
    assert said in found.message


def test_a_report_is_followed_five_times_and_no_further(portal: str) -> None:
    look(f"{portal}/loop")
    assert Portal.loops == 6


def test_a_slow_report_is_degraded(portal: str) -> None:
    assert verdict(look(f"{portal}/good", slow_seconds=1e-9)) == ("degraded", "fast", 200)


@pytest.mark.parametrize("path", ["silent", "drip/header", "drip/body"])
def test_a_report_that_never_ends_its_answer_is_down_at_its_own_limit(portal: str, path: str) -> None:
    found = look(f"{portal}/{path}", timeout_seconds=0.4)
    assert verdict(found) == ("down", "reachable", None)
    assert found.message == "No whole answer within 0.4 s."


def test_an_endless_page_is_read_up_to_a_megabyte(portal: str) -> None:
    found = look(f"{portal}/endless", must_contain="Profit", timeout_seconds=20)
    assert found.message == f"“Profit” is not in the first {MAX_BYTES:,} bytes of the page."
    assert Portal.sent < 100_000_000


def test_a_closed_port_is_down_with_the_reason() -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        found = look(f"http://127.0.0.1:{reserved.getsockname()[1]}/")
    assert verdict(found) == ("down", "reachable", None)
    assert found.message == "Not reachable: Connection refused."


@pytest.mark.parametrize("host", ["169.254.169.254", "[fd00:ec2::254]", "[::ffff:169.254.1.1]", "2852039166"])
def test_metadata_addresses_are_never_asked(host: str) -> None:
    found = look(f"http://{host}/")
    assert verdict(found) == ("unknown", "reachable", None)
    assert found.message is not None
    assert "link-local" in found.message


def test_one_hanging_report_does_not_keep_the_others(portal: str, tmp_path: Path) -> None:
    def report(name: str, path: str) -> dict[str, Any]:
        return {
            "id": name,
            "title": name,
            "url": f"{portal}/{path}",
            "subsystem": "s",
            "check": "http",
            "timeout_seconds": 1.5,
        }

    ctx = context(tmp_path, reports=[report("hangs", "silent"), *(report(f"r{n}", "good") for n in range(12))])
    found = [row for row in rows(collect(ctx)) if isinstance(row, ReportCheck)]
    assert {row.report_id for row in found[:12]} == {f"r{n}" for n in range(12)}
    assert (found[12].report_id, found[12].state) == ("hangs", CheckState.DOWN)


def test_a_failure_of_the_checker_is_unknown_and_stops_nothing(portal: str, tmp_path: Path) -> None:
    def opener(url: str, **options: Any) -> Any:
        if "odd" in url:
            raise RuntimeError("no more handles")
        return web.get(url, **options)

    reports = [
        {"id": n, "title": n, "url": f"{portal}/{n}", "subsystem": "s", "check": "http"} for n in ("odd", "good")
    ]
    found = {row.report_id: row for row in rows(collect(context(tmp_path, reports=reports), opener=opener))}
    assert found["good"].state is CheckState.UP
    assert found["odd"].state is CheckState.UNKNOWN
    assert found["odd"].message == "The check itself failed: RuntimeError: no more handles"
