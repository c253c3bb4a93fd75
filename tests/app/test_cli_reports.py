"""`reports check`, `list` and `mail` as a person and a script use them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from alerts.outbox import Outbox
from app import cli_report_look as looks
from app.cli_reports import reports
from collectors.reports.base import Finding
from config.load import EstateError, parse
from store import clock
from store.connection import open_store
from store.migrate import migrate
from store.rows import Fault, ReportCheck, ReportHop, ReportNumber, Stage, StageState
from store.settings import settings
from store.write import append
from tests.alerts.posting import write_alerts
from tests.alerts.verifying import ESTATE, NOW, looked, moved, wrong_revenue
from tests.processes import Home, free_port


@contextmanager
def portal(status: int = 200, body: str = "Revenue") -> Iterator[str]:
    """A web server that answers everything the same way."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def estate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The estate's folder of the settings in force during the test."""
    monkeypatch.setenv("SHEWHART_HOME", str(tmp_path / "var"))
    monkeypatch.setenv("SHEWHART_ESTATE", str(tmp_path / "estate"))
    monkeypatch.setenv("SHEWHART_STORE_URL", f"duckdb:{tmp_path / 'own.duckdb'}")
    settings.cache_clear()
    (tmp_path / "estate").mkdir()
    (tmp_path / "estate" / "estate.yaml").write_text(ESTATE)
    yield tmp_path / "estate"
    settings.cache_clear()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(reports, list(arguments))


def write_estate(folder: Path, url: str, **more: Any) -> None:
    shape = {"id": "sales", "title": "Sales", "url": url, "subsystem": "s", "check": "http", **more}
    text = {"name": "Test", "subsystems": [{"id": "s", "title": "S"}], "reports": [shape]}
    (folder / "estate.yaml").write_text(json.dumps(text))


def test_a_report_that_is_up_ends_with_0_and_the_stable_fields(estate: Path) -> None:
    with portal() as url:
        write_estate(estate, url, must_contain="Revenue")
        done = run("check", "sales", "--once", "--json")
    answer = json.loads(done.stdout)
    assert done.exit_code == 0
    assert list(answer) == [
        "report", "persona", "state", "stage", "fault", "message", "seconds", "stages", "numbers", "hops", "snapshot",
    ]  # fmt: skip
    assert (answer["report"], answer["state"], answer["fault"], answer["snapshot"]) == ("sales", "up", None, None)
    assert [(one["stage"], one["state"]) for one in answer["stages"]] == [("fast", "passed")]


@pytest.mark.parametrize(
    ("status", "more", "state", "said"),
    [
        (500, {}, "down", "Answered 500, expected 2xx."),
        (200, {"must_contain": "Margin"}, "down", "“Margin” is not in the page."),
        (200, {"slow_seconds": 0.000001}, "degraded", "slow from"),
    ],
)
def test_a_report_that_is_bad_ends_with_1(
    estate: Path, status: int, more: dict[str, Any], state: str, said: str
) -> None:
    with portal(status) as url:
        write_estate(estate, url, **more)
        as_json, as_text = run("check", "sales", "--once", "--json"), run("check", "sales", "--once")
    assert (as_json.exit_code, as_text.exit_code) == (1, 1)
    assert (json.loads(as_json.stdout)["state"], said in json.loads(as_json.stdout)["message"]) == (state, True)
    assert said in as_text.stdout
    assert "✗ failed" in as_text.stdout


def test_a_report_nobody_can_tell_about_ends_with_2_and_a_sentence(estate: Path) -> None:
    write_estate(estate, "http://169.254.1.1/")
    done = run("check", "sales", "--once", "--json")
    assert done.exit_code == 2
    assert json.loads(done.stdout)["state"] == "unknown"
    assert done.stderr.startswith("shewhart: 169.254.1.1 is a link-local address")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("nothing",), "There is no report 'nothing' in the estate; known are partner-sales, stock, ledger, lost."),
        (("ledger", "--persona", "gold"), "Report 'ledger' has no persona 'gold'; known are none."),
    ],
)
def test_a_name_that_does_not_exist_is_unusable_input_that_names_those_that_do(
    estate: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    done = run("check", *arguments, "--once")
    assert isinstance(done.exception, EstateError)  # which `python -m app` answers with exit status 2
    assert str(done.exception) == sentence


def test_without_a_persona_the_first_is_taken() -> None:
    text = ESTATE.replace("title: Ledger,", "title: Ledger, personas: [{id: gold}, {id: silver}],")
    found = parse(text)
    for asked, expected in ((None, "gold"), ("silver", "silver")):
        _, persona = looks.chosen(found, "ledger", asked)
        assert persona is not None and persona.id == expected
    assert looks.chosen(found, "stock", None)[1] is None


def test_numbers_and_hops_have_their_stable_fields_and_a_person_gets_tables() -> None:
    rows = wrong_revenue()
    report = next(one for one in parse(ESTATE).reports if one.id == "partner-sales")
    numbers = [row for row in rows if isinstance(row, ReportNumber)]
    hops = [row for row in rows if isinstance(row, ReportHop)]
    check = rows[0]
    assert isinstance(check, ReportCheck)
    finding = Finding(Stage.EQUAL, StageState.FAILED, 1.5, "Revenue is wrong.", Fault.WRONG_NUMBER)
    look = looks.Look(report, None, check, [finding], numbers, hops, Path("/x/a.png"))
    answer = json.loads(json.dumps(looks.answer_of(look), default=str))
    assert answer["stages"] == [
        {"stage": "equal", "state": "failed", "seconds": 1.5, "message": "Revenue is wrong.", "fault": "wrong_number"}
    ]
    assert answer["numbers"][0] == {
        "number": "revenue", "state": "wrong", "page_text": "910,000 €", "page": 910_000.0, "backend": 1_000_000.0,
        "difference": -90_000.0, "tolerance": 500.0, "unit": "EUR", "hop": "mart", "day": "2026-11-21",
        "segment": "Gold", "message": None,
    }  # fmt: skip
    assert answer["hops"][1] == {
        "number": "revenue", "position": 1, "hop": "mart", "value": 910_000.0, "is_wrong": True, "day": "2026-11-21",
        "segment": "Gold", "value_before": 120_000.0, "value_here": 30_000.0, "rows_before": 12, "rows_here": 10,
        "message": None,
    }  # fmt: skip
    assert answer["snapshot"] == "/x/a.png"
    text = looks.text_of(look)
    assert text.startswith("Wrong number: Partner sales - Revenue 9 % too low, wrong from Mart on\n")
    assert "equal  ✗ failed  1.50     Revenue is wrong." in text
    assert text.endswith("Picture: /x/a.png")


def fill(tmp_path: Path) -> None:
    """A store with one wrong report, one that is well, and nothing about the others."""
    store = open_store(f"duckdb:{tmp_path / 'own.duckdb'}", tmp_path)
    migrate(store)
    append(store, moved([*wrong_revenue(), looked("ledger")], clock.now() - NOW - timedelta(minutes=1)))
    store.close()


def test_the_list_has_the_worst_first_and_nothing_unknown_is_called_verified(estate: Path, tmp_path: Path) -> None:
    fill(tmp_path)
    done = run("list", "--json")
    answer = json.loads(done.stdout)["reports"]
    assert done.exit_code == 0
    assert [(one["report"], one["state"]) for one in answer] == [
        ("partner-sales", "down"), ("lost", "unknown"), ("stock", "unknown"), ("ledger", "up"),
    ]  # fmt: skip
    assert answer[0]["finding"] == "Wrong number: Revenue 9 % too low, wrong from Mart on"
    assert (answer[0]["numbers_matching"], answer[0]["numbers_total"]) == (1, 2)
    assert "not verified" in run("list").stdout


def test_a_dry_run_prints_the_mail_and_queues_nothing(estate: Path, tmp_path: Path) -> None:
    fill(tmp_path)
    done = run("mail", "--owner", "alice", "--dry-run")
    assert done.exit_code == 0
    assert done.stdout.startswith("Subject: 1 of 2 reports bad, 1 not verified: Wrong number: Partner sales")
    assert "first wrong hop" in done.stdout
    answer = json.loads(run("mail", "--owner", "alice", "--dry-run", "--json").stdout)
    assert answer["is_queued"] is False
    assert answer["mails"][0]["pictures"] == [
        str(tmp_path / "var/snapshots/partner-sales/_" / name) for name in ("bad.png", "good.png")
    ]
    assert Outbox(settings().home / "outbox").waiting() == []


def test_mails_are_queued_for_every_verification_whatever_its_when(estate: Path, tmp_path: Path) -> None:
    fill(tmp_path)
    channels = [{"id": "ops", "apprise": "json://x"}, {"id": "other", "apprise": "json://y"}]
    wanted = [{"owner": "bob", "channel": "ops", "when": "bad"}, {"owner": "*", "channel": "ops", "mode": "each"}]
    write_alerts(estate, channels=channels, verifications=wanted)
    done = run("mail", "--json")
    assert json.loads(done.stdout)["mails"][0]["subject"] == "Verified: Ledger"
    waiting = Outbox(settings().home / "outbox").waiting()
    assert len(waiting) == 5, "one about bob's only report, and one about each of four"
    assert run("mail", "--owner", "bob", "--channel", "other").stdout == "Queued for other: Verified: Ledger\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--owner", "carol"), "Nobody called 'carol' owns a report; known are alice, bob."),
        (("--channel", "opps"), "There is no channel 'opps' in alerts.yaml; known are none."),
        ((), "There is no verification in alerts.yaml; add one, or name a channel with --channel."),
        (("--owner", "bob"), "There is no verification of 'bob' in alerts.yaml; add one, or name a channel"),
    ],
)
def test_a_mail_that_cannot_be_sent_says_what_is_missing(
    estate: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    done = run("mail", *arguments)
    assert isinstance(done.exception, EstateError)
    assert str(done.exception).startswith(sentence)


@pytest.mark.processes
def test_a_script_gets_status_and_one_sentence(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "estate"
    folder.mkdir()
    home.conf = home.conf.model_copy(update={"estate": folder})
    write_estate(folder, f"http://localhost:{free_port()}/")
    down = home.verb("reports", "check", "sales", "--once", "--json")
    assert (down.returncode, json.loads(down.stdout)["state"]) == (1, "down")
    unknown = home.verb("reports", "check", "nothing", "--once", "--json")
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert unknown.stderr == "shewhart: There is no report 'nothing' in the estate; known are sales.\n"
