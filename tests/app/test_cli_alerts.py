"""`alerts test` and `alerts outbox` as a person and a script use them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from alerts.outbox import Outbox
from app.cli_alerts import alerts
from config.load import EstateError, read_alerting
from store.settings import ROOT, settings
from tests.alerts.posting import NOW, Hook, Post, message, write_alerts


@pytest.fixture
def estate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The estate's folder of the settings in force during the test."""
    monkeypatch.setenv("SHEWHART_HOME", str(tmp_path / "var"))
    monkeypatch.setenv("SHEWHART_ESTATE", str(tmp_path / "estate"))
    settings.cache_clear()
    yield tmp_path / "estate"
    settings.cache_clear()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(alerts, list(arguments))


def test_a_test_message_arrives_with_a_chart_and_says_that_nothing_is_wrong(estate: Path) -> None:
    with Post().open() as post:
        write_alerts(estate, channels=[{"id": "ops", "mail": post.settings().model_dump()}])
        done = run("test", "ops", "--json")
    assert json.loads(done.stdout) == {"channel": "ops", "is_delivered": True, "problem": None}
    assert done.exit_code == 0
    assert post.mails[0]["Subject"] == "[info] Test message"
    assert "image/png" in [part.get_content_type() for part in post.mails[0].walk()]


def test_what_is_not_delivered_ends_with_1_and_the_reason(estate: Path) -> None:
    with Hook(503).open() as hook:
        write_alerts(estate, channels=[{"id": "ops", "apprise": hook.url}])
        as_json, as_text = run("test", "ops", "--json"), run("test", "ops")
    assert as_json.exit_code == as_text.exit_code == 1
    answer = json.loads(as_json.stdout)
    assert answer["is_delivered"] is False
    assert "503" in answer["problem"]
    assert as_text.stdout.strip() == answer["problem"]


def test_a_mail_server_that_is_down_is_named(estate: Path) -> None:
    mail = Post().settings().model_dump()
    write_alerts(estate, channels=[{"id": "ops", "mail": mail}])
    done = run("test", "ops")
    assert done.exit_code == 1
    assert f"The mail server 127.0.0.1:{mail['port']} could not be used" in done.stdout


def test_a_channel_that_does_not_exist_is_unusable_input_that_names_those_that_do(estate: Path) -> None:
    write_alerts(estate, channels=[{"id": "ops", "apprise": "json://x"}])
    done = run("test", "opps")
    assert isinstance(done.exception, EstateError)  # which `python -m app` answers with exit status 2
    assert "There is no channel 'opps' in" in str(done.exception)
    assert str(done.exception).endswith("known are ops.")


def test_the_outbox_is_empty_at_first(estate: Path) -> None:
    done = run("outbox")
    assert (done.exit_code, done.stdout.strip()) == (0, "Everything is delivered.")


def test_the_outbox_shows_what_waits_and_what_was_given_up_and_why(estate: Path) -> None:
    outbox = Outbox(settings().home / "outbox")
    for name in ("waits", "gone", "done"):
        outbox.put(message(name), NOW)
    outbox.mark_failed(message("waits"), "The mail server is down.", NOW)
    assert run("outbox").exit_code == 0
    outbox.mark_failed(message("gone"), "550 No such user", NOW, is_permanent=True)
    outbox.clear("gone")
    outbox.mark_sent(message("done"), NOW)
    (outbox.folder / "queue" / "bad.json").write_text("{")
    done = run("outbox", "--json")
    answer = json.loads(done.stdout)
    assert done.exit_code == 1
    assert [(one["id"], one["attempts"], one["problem"]) for one in answer["waiting"]] == [
        ("waits", 1, "The mail server is down.")
    ]
    assert [(one["id"], one["channel"], one["problem"]) for one in answer["undeliverable"]] == [
        ("gone", "ops", "550 No such user")
    ]
    assert len(answer["broken"]) == 1
    text = run("outbox").stdout
    assert "undeliverable  ops      1      Disk full: gone   550 No such user" in text
    assert "cannot be read: " in text


def test_the_shipped_alerts_yaml_alerts_nobody() -> None:
    shipped = read_alerting(ROOT / "config")
    assert (shipped.channels, shipped.routes, shipped.watchdog_channels) == ([], [], [])
    assert shipped.heartbeat_url is None


def test_the_examples_in_the_shipped_alerts_yaml_are_right(estate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SHEWHART_MAIL_PASSWORD", "SLACK_TOKEN", "PAGER_KEY", "HEARTBEAT_URL"):
        monkeypatch.setenv(name, "x")
    shipped = (ROOT / "config" / "alerts.yaml").read_text()
    keys = "channels|hours|routes|rules|verifications|watchdog_channels|heartbeat_url"
    example = re.compile(rf"^# ((?:{keys}):.*|  .*)$", re.MULTILINE)
    emptied = re.sub(r"^\w+: (\[\]|\{\})\n", "", shipped, flags=re.MULTILINE)
    estate.mkdir()
    (estate / "alerts.yaml").write_text(example.sub(r"\1", emptied))
    found = read_alerting(estate)
    assert [channel.id for channel in found.channels] == ["ops-mail", "ops-slack", "pager"]
    assert [route.channels for route in found.routes] == [["ops-mail", "ops-slack"], ["ops-slack"]]
    assert (found.watchdog_channels, found.heartbeat_url, len(found.rules)) == (["ops-mail"], "x", 2)
