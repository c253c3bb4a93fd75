"""`schedule verdict`: the same answers as Healthchecks gives, and one sentence for what cannot be judged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app.cli_schedule import schedule
from collectors.base import SourceError

SAID = {"up": "on_time", "grace": "late", "down": "missed", "started": "running", "new": "new", "paused": "paused"}
NIGHTLY = {"cron": "30 2 * * *", "tz": "America/New_York", "grace_s": 600}


def verb(text: str, *arguments: str) -> Result:
    return CliRunner().invoke(schedule, ["verdict", *arguments], input=text)


def answers(*cases: dict[str, Any]) -> list[dict[str, Any]]:
    """What is answered to cases given as JSON Lines."""
    found = verb("\n".join(json.dumps(case) for case in cases))
    return [json.loads(line) for line in found.stdout.splitlines()]


def test_all_states_of_healthchecks_agree(practice: Path) -> None:
    vectors = json.loads((practice / "refresh" / "schedule_status_vectors.json").read_text())["vectors"]
    found = answers(*vectors)
    assert len(found) == len(vectors) == 90
    for vector, answer in zip(vectors, found, strict=True):
        assert answer["status"] == SAID[vector["expected_status"]], vector
        if "expected_next_due" in vector:
            assert (answer["next_due"], answer["deadline"]) == (vector["expected_next_due"], vector["deadline"]), vector


@pytest.mark.parametrize(
    ("now", "status"),
    [
        ("05:59:59", "on_time"),
        ("06:00:00", "late"),
        ("06:29:59", "late"),
        ("06:30:00", "missed"),
    ],
)
def test_late_from_the_due_time_on_and_missed_from_the_deadline_on(now: str, status: str) -> None:
    case = {"cron": "0 6 * * *", "grace_s": 1800, "last_success": "2026-02-28T06:01:00Z", "now": f"2026-03-01T{now}Z"}
    times = {"next_due": "2026-03-01T06:00:00+00:00", "deadline": "2026-03-01T06:30:00+00:00"}
    assert answers(case) == [{"status": status, **times}]


def test_clock_changes_as_debian_has_them() -> None:
    spring = {**NIGHTLY, "last_success": "2026-03-07T08:00:00Z", "now": "2026-03-08T06:59:00Z"}
    autumn = {**NIGHTLY, "cron": "30 1 * * *", "last_success": "2026-11-01T05:31:00Z", "now": "2026-11-01T07:00:00Z"}
    twice = {**autumn, "cron": "*/30 * * * *", "now": "2026-11-01T05:59:00Z"}
    again = {**twice, "last_success": "2026-11-01T06:01:00Z", "now": "2026-11-01T06:02:00Z"}
    found = answers(spring, autumn, twice, again)
    assert [one["next_due"] for one in found] == [
        "2026-03-08T07:00:00+00:00",  # 03:00 there
        "2026-11-02T06:30:00+00:00",
        "2026-11-01T06:00:00+00:00",
        "2026-11-01T06:30:00+00:00",
    ]
    assert [one["status"] for one in found] == ["on_time"] * 4


def test_what_is_new_paused_failed_or_under_way() -> None:
    base = {"interval_s": 3600, "grace_s": 600, "now": "2026-03-01T00:25:00+00:00"}
    last = "2026-03-01T00:00:00+00:00"
    found = answers(
        {**base, "last_success": None},
        {**base, "kind": "paused", "last_success": last},
        {**base, "last_success": last, "last_event": "fail"},
        {**base, "last_success": last, "last_start": "2026-03-01T00:20:00+00:00"},
        {**base, "last_success": last, "last_start": "2026-03-01T00:15:00+00:00"},
        {**base, "last_success": last, "last_start": "2026-02-28T23:50:00+00:00"},
    )
    assert [one["status"] for one in found] == ["new", "paused", "missed", "running", "missed", "on_time"]
    assert found[0] == {"status": "new", "next_due": None, "deadline": None}
    assert found[3]["deadline"] == "2026-03-01T00:30:00+00:00"


def test_one_object_over_lines_an_array_and_lines_are_all_read_and_only_one_missed_ends_with_1() -> None:
    missed = {"interval_s": 60, "grace_s": 60, "last_success": "2026-01-01T00:00:00Z", "now": "2026-01-02T00:00:00Z"}
    fine = {**missed, "now": "2026-01-01T00:00:30Z"}
    lines = "\n\n".join(map(json.dumps, (missed, fine)))
    for text, status, count in (
        (json.dumps(missed, indent=2), 1, 1),
        (json.dumps(fine), 0, 1),
        (json.dumps([missed, fine]), 0, 2),
        (lines, 0, 2),
    ):
        for arguments in ((), ("--json",)):
            found = verb(text, *arguments)
            assert (found.exit_code, len(found.stdout.splitlines())) == (status, count)


WHOLE = {"interval_s": 60, "grace_s": 60, "last_success": "2026-01-01T00:00:00Z", "now": "2026-01-02T00:00:00Z"}
CRON = {"cron": "0 6 * * *", "grace_s": 60, "now": "2026-01-02T00:00:00Z"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "nothing on standard input"),
        ("{", "Line 1 is no JSON"),
        (json.dumps(WHOLE) + "\nnonsense", "Line 2 is no JSON"),
        ("[7]", "Item 1 is no JSON object"),
        (json.dumps(WHOLE) + "\n" + json.dumps({**WHOLE, "grace_s": -1}), "Line 2: field `grace_s` is -1"),
        (json.dumps({**WHOLE, "grace_s": "60"}), 'field `grace_s` is "60": that is no number; expected seconds'),
        (json.dumps({**WHOLE, "interval_s": 0}), "field `interval_s` is 0"),
        (json.dumps({**WHOLE, "now": 1767225600}), "field `now` is 1767225600: that is no time"),
        (json.dumps({**WHOLE, "last_success": "yesterday"}), 'field `last_success` is "yesterday"'),
        (json.dumps({**WHOLE, "kind": "hourly"}), 'field `kind` is "hourly"'),
        (json.dumps({**WHOLE, "kind": "cron"}), "field `cron` is missing, which kind 'cron' needs"),
        (json.dumps({**CRON, "cron": "61 * * * *"}), "field `cron`: '61 * * * *' is no cron schedule; expected five"),
        (json.dumps({**CRON, "tz": "Mars/Olympus"}), "'Mars/Olympus' is no time zone; expected one such as"),
        (json.dumps({**CRON, "now": None}), "field `now` is null"),
        (json.dumps({"cron": "0 6 * * *", "now": "2026-01-01"}), "field `grace_s` is missing, expected seconds"),
        (json.dumps({"grace_s": 1, "now": "2026-01-01"}), "found neither `interval_s` nor `cron`"),
        (json.dumps({**WHOLE, "last_success": "9999-12-31T23:59:50Z"}), "beyond the year 9999"),
    ],
)
def test_unusable_input_is_one_sentence_with_line_and_field(text: str, said: str) -> None:
    found = verb(text)
    assert isinstance(found.exception, SourceError)
    assert said in str(found.exception)
    assert found.stdout == ""
    assert str(found.exception).count("\n") == 0


def test_help_shows_an_example() -> None:
    found = CliRunner().invoke(schedule, ["verdict", "--help"])
    assert "Example: python -m app schedule verdict" in found.stdout
    assert '"grace_s": 1800' in found.stdout
