"""`points` as a person and a script use it: what is listed, and what is decided, by whom and why."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli_points import points
from app.quality.commands import COLLECTOR
from app.quality.deciding import RefusedError
from tests.app.quality.points import DAY, FIRST, STAGE, TODAY, installation, spooled, take_in

REASON = ("--reason", "the feed was broken")
AT = TODAY - 3 * DAY  # a point of value 126


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[str]:
    with installation(tmp_path) as url:
        yield url


def run(*arguments: str) -> Result:
    return CliRunner().invoke(points, list(arguments))


def answered(*arguments: str) -> dict[str, object]:
    done = run(*arguments, "--json")
    assert done.exit_code == 0, done.exception
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_a_correction_is_kept_and_listed_beside_what_was_collected(installed: str, tmp_path: Path) -> None:
    made = answered("correct", "orders", "--at", AT.date().isoformat(), "--value", "130.5", *REASON)
    (row,) = spooled(COLLECTOR)
    assert (row["mark_id"], row["kind"], row["actor"]) == (made["mark_id"], "corrected", "alice")
    assert (made["old_value"], made["new_value"], made["from_at"]) == (126.0, 130.5, AT.isoformat())
    take_in(installed, tmp_path, COLLECTOR)
    listed = answered("list", "orders", "--since", AT.isoformat())
    assert [(one["value"], one["raw_value"]) for one in listed["points"]] == [  # type: ignore[attr-defined]
        (130.5, 126.0), (127.0, 127.0), (128.0, 128.0), (129.0, 129.0),
    ]  # fmt: skip
    assert f"{AT:%Y-%m-%d %H:%M:%S}  130.5  126" in run("list", "orders").stdout
    undone = run("undo", str(made["mark_id"]), *REASON)
    assert undone.stdout.startswith(
        f"Mark {made['mark_id']}: The mark of orders from {AT:%Y-%m-%d %H:%M} UTC is withdr"
    )
    take_in(installed, tmp_path, COLLECTOR)
    assert answered("list", "orders", "--since", AT.isoformat())["points"][0]["value"] == 126.0  # type: ignore[index]
    (mark,) = answered("marks", "orders")["marks"]  # type: ignore[misc]
    assert (mark["is_withdrawn"], mark["made_by"]) == (True, "alice")
    assert "withdrawn" in run("marks", "orders").stdout


def test_a_point_judged_again_shows_both_verdicts(installed: str) -> None:
    shown = answered("list", "orders", "--since", (TODAY - 2 * DAY).isoformat())["points"]
    assert [(one["state"], one["first_state"], one["times_judged"]) for one in shown] == [  # type: ignore[attr-defined]
        (None, None, None), ("signal", "in_control", 2), (None, None, None),
    ]  # fmt: skip
    lines = run("list", "orders", "--since", (TODAY - 2 * DAY).isoformat()).stdout.splitlines()
    assert lines[2].split()[3:6] == ["signal", "in_control", "1.50"]
    assert lines[3].endswith("not judged")


def test_ranges_notes_and_stages_are_kept(installed: str) -> None:
    span = ("--from", f"{AT.isoformat()}+00:00", "--to", f"{(AT + DAY).isoformat()}+01:00")
    assert answered("leave-out", "orders", *span, *REASON)["to_at"] == (AT + DAY - DAY / 24).isoformat()
    later = ("--from", (TODAY + DAY).isoformat(), "--to", (TODAY + 2 * DAY).isoformat())
    assert answered("plan", "orders", *later, *REASON)["kind"] == "planned"
    assert answered("note", "orders", "--at", AT.isoformat(), "--text", "Rome opened")["reason"] == "Rome opened"
    assert answered("stage", "orders", "--at", AT.isoformat(), *REASON)["state"] == "accepted"
    kinds = [row.get("kind", row.get("state")) for row in spooled(COLLECTOR)]
    assert kinds == ["left_out", "planned", "note", "accepted"]


def test_stages_are_listed(installed: str) -> None:
    (stage,) = answered("stages", "orders")["stages"]  # type: ignore[misc]
    assert (stage["stage_id"], stage["state"], stage["evidence"]) == (STAGE, "proposed", "10 up")
    assert STAGE in run("stages", "orders").stdout
    assert run("stages", "empty").stdout == "There is one stage, from the start.\n"


def test_nothing_is_said_to_be_nothing(installed: str) -> None:
    assert run("list", "empty").stdout.startswith("empty has no value since ")
    assert run("marks", "orders").stdout == "Nothing is marked.\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("list", "gone"), "no data point “gone”"),
        (("marks", "gone"), "no data point “gone”"),
        (("stages", "gone"), "no data point “gone”"),
        (("list", "orders", "--since", "yesterday"), "--since is 'yesterday'; expected a time such as"),
        (("correct", "orders", "--at", "2026-13-01", "--value", "1", *REASON), "--at is '2026-13-01'"),
        (("correct", "orders", "--at", FIRST.isoformat(), "--value", "nan", *REASON), "new value is 'nan'"),
        (("correct", "orders", "--at", FIRST.isoformat(), "--value", "1", "--reason", "x"), "reason is too short"),
        (("undo", "m-9", *REASON), "no mark “m-9”"),
        (("stage", "orders", "--at", FIRST.isoformat(), *REASON), "cannot begin at"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(installed: str, arguments: tuple[str, ...], said: str) -> None:
    done = run(*arguments)
    assert isinstance(done.exception, RefusedError)  # which `python -m app` answers with exit status 2
    assert said in str(done.exception)
    assert spooled(COLLECTOR) == []


def test_a_person_without_the_role_is_refused(installed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "bob")
    done = run("note", "orders", "--at", AT.isoformat(), "--text", "Rome opened")
    assert str(done.exception) == "Deciding about data points needs the role operator, Bob Brown has not got it."
    assert spooled(COLLECTOR) == []
    assert run("list", "orders").exit_code == 0
