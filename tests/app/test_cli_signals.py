"""`signals` as a person and a script use it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli_signals import signals
from app.quality.commands import COLLECTOR
from app.quality.deciding import RefusedError
from tests.app.quality.points import SIGNAL, STAGE, installation, spooled, take_in

REASON = ("--reason", "the shop was closed")


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[str]:
    with installation(tmp_path) as url:
        yield url


def run(*arguments: str) -> Result:
    return CliRunner().invoke(signals, list(arguments))


def test_an_open_signal_is_listed_with_its_evidence_and_ends_with_1(installed: str) -> None:
    done = run("list", "--open", "--json")
    assert done.exit_code == 1
    (signal,) = json.loads(done.stdout)["signals"]
    assert (signal["signal_id"], signal["metric_id"], signal["answer"]) == (SIGNAL, "orders", None)
    assert "Orders was 128; expected 135 to 145." in run("list").stdout
    assert run("list", "--metric", "empty").stdout == "No signal within 30 days.\n"
    assert run("list", "--metric", "empty").exit_code == 0


@pytest.mark.parametrize(("answer", "status"), [("real", 1), ("expected", 0), ("data_late", 0)])
def test_an_answer_is_kept_and_one_that_explains_it_makes_it_no_news(
    installed: str, tmp_path: Path, answer: str, status: int
) -> None:
    done = run("answer", SIGNAL, answer, *REASON)
    assert done.stdout.startswith(f"The signal spike of orders is answered “{answer}”.")
    (row,) = spooled(COLLECTOR)
    assert (row["answer"], row["actor"], row["reason"]) == (answer, "alice", REASON[1])
    take_in(installed, tmp_path, COLLECTOR)
    listed = run("list", "--open", "--json")
    assert (listed.exit_code, json.loads(listed.stdout)["signals"][0]["answer"]) == (status, answer)
    again = run("answer", SIGNAL, answer, *REASON)
    assert f"“{answer}” already, by alice" in str(again.exception)


@pytest.mark.parametrize(("said", "state"), [("accept", "accepted"), ("reject", "rejected")])
def test_a_proposed_stage_is_decided(installed: str, said: str, state: str) -> None:
    done = run("stage", STAGE, said, *REASON, "--json")
    assert (json.loads(done.stdout)["state"], spooled(COLLECTOR)[0]["state"]) == (state, state)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("list", "--metric", "gone"), "no data point “gone”"),
        (("answer", "s-9", "real", *REASON), "no signal “s-9”"),
        (("answer", SIGNAL, "real", "--reason", "ok"), "reason is too short"),
        (("stage", "s-9", "accept", *REASON), "no stage “s-9”"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(installed: str, arguments: tuple[str, ...], said: str) -> None:
    done = run(*arguments)
    assert isinstance(done.exception, RefusedError)  # which `python -m app` answers with exit status 2
    assert said in str(done.exception)
    assert spooled(COLLECTOR) == []


@pytest.mark.parametrize("arguments", [("answer", SIGNAL, "maybe", *REASON), ("stage", STAGE, "keep", *REASON)])
def test_a_word_that_is_none_of_the_answers_is_refused_with_those_that_are(
    installed: str, arguments: tuple[str, ...]
) -> None:
    done = run(*arguments)
    assert done.exit_code == 2
    assert "is not one of" in done.stderr
