"""Turns of the reports."""

from __future__ import annotations

from datetime import timedelta

from collectors.reports.rounds import due, targets
from config.estate import Estate
from tests.collectors.support import NOW

REPORT = {"title": "R", "url": "http://localhost:1/", "subsystem": "s"}


def estate(*reports: dict[str, object]) -> Estate:
    parts = [{**REPORT, **report} for report in reports]
    return Estate.model_validate({"name": "e", "subsystems": [{"id": "s", "title": "S"}], "reports": parts})


def test_every_persona_is_a_target_and_reports_that_are_only_asked_for_are_none() -> None:
    found = estate({"id": "a", "check": "http"}, {"id": "b"}, {"id": "c", "personas": [{"id": "gold"}, {"id": "tin"}]})
    assert [target.key for target in targets(found)] == [("b", ""), ("c", "gold"), ("c", "tin")]


def test_the_one_that_waited_longest_comes_first_and_new_ones_before_all() -> None:
    found = estate(*({"id": name, "every_seconds": 60} for name in ("fresh", "due", "overdue", "new")))
    ago = {"fresh": 30, "due": 61, "overdue": 300}
    looked = {(name, ""): NOW - timedelta(seconds=seconds) for name, seconds in ago.items()}
    assert [target.report.id for target in due(found, looked, NOW)] == ["new", "overdue", "due"]


def test_a_persona_that_is_looked_at_every_third_round_waits_three_rounds() -> None:
    found = estate({"id": "r", "every_seconds": 60, "personas": [{"id": "all"}, {"id": "rare", "nth": 3}]})
    looked = {("r", name): NOW - timedelta(seconds=120) for name in ("all", "rare")}
    assert [target.key for target in due(found, looked, NOW)] == [("r", "all")]
    looked = {("r", name): NOW - timedelta(seconds=180) for name in ("all", "rare")}
    assert {target.key for target in due(found, looked, NOW)} == {("r", "all"), ("r", "rare")}


def test_a_clock_that_was_set_back_makes_nobody_wait() -> None:
    found = estate({"id": "r"})
    assert due(found, {("r", ""): NOW + timedelta(days=1)}, NOW)
