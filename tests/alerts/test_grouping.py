"""One cause, one message: what a firing alert explains is attached to it, counted, and never lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.base import Finding, Rule
from alerts.engine import Step
from config.alerting import Route
from store.rows import AlertTransition
from tests.alerts.support import DOWN, FAILED, OFFICE, Bench, settings, silence, told, withheld

ROOT = Finding("job:extract", "extract failed")
BELOW = Finding("report:sales", "sales is down", causes=("job:load", "job:extract"))
EXPLAINED = "explained by refresh_failed|job:extract"


def both(
    bench: Bench, seconds: float, root: Sequence[Finding] = (), below: Sequence[Finding] = (), **more: object
) -> Step:
    found: dict[Rule, Sequence[Finding]] = {FAILED: root, DOWN: below}
    return bench.looks(seconds, found, **more)  # type: ignore[arg-type]


def who(*steps: Step) -> list[list[str]]:
    return [[f"{one.kind.value} {one.subject}" for one in step.messages] for step in steps]


def rows(step: Step) -> dict[str, AlertTransition]:
    return {row.subject: row for row in step.rows if isinstance(row, AlertTransition)}


def test_what_a_firing_alert_explains_is_withheld_and_listed_with_it() -> None:
    bench = Bench()
    step = both(bench, 0, [ROOT], [BELOW])
    (message,) = step.messages
    assert (message.subject, message.attached) == ("job:extract", ("report:sales",))
    assert withheld(step) == [[EXPLAINED]]
    found = rows(step)
    assert found["report:sales"].cause == "refresh_failed|job:extract"
    assert found["report:sales"].incident_id == found["job:extract"].incident_id
    assert withheld(both(bench, 10, [ROOT], [BELOW])) == [[]]


def test_both_end_and_only_the_told_one_is_told_resolved() -> None:
    bench = Bench()
    both(bench, 0, [ROOT], [BELOW])
    assert who(both(bench, 10)) == [["resolved job:extract"]]


def test_causes_are_followed_to_the_top() -> None:
    bench = Bench()
    middle = Finding("job:load", "load failed", causes=("job:extract",))
    step = both(bench, 0, [middle, ROOT], [BELOW])
    assert who(step) == [["fired job:extract"]]
    assert {row.cause for row in rows(step).values()} == {"", "refresh_failed|job:extract"}
    assert step.messages[0].attached == ("job:load", "report:sales")


def test_what_outlasts_its_cause_is_told_one_pass_later() -> None:
    bench = Bench()
    both(bench, 0, [ROOT], [BELOW])
    steps = [both(bench, 10, [], [BELOW]), both(bench, 20, [], [BELOW]), both(bench, 30, [], [BELOW]), both(bench, 40)]
    assert who(*steps) == [["resolved job:extract"], ["fired report:sales"], [], ["resolved report:sales"]]
    own = rows(steps[1])["report:sales"]
    assert (own.cause, own.state) == ("", "firing")


def test_what_ends_in_the_pass_after_its_cause_is_never_told() -> None:
    bench = Bench()
    both(bench, 0, [ROOT], [BELOW])
    assert who(both(bench, 10, [], [BELOW]), both(bench, 20)) == [["resolved job:extract"], []]


def test_a_cause_that_appears_later_makes_no_second_page() -> None:
    bench = Bench(settings(Route(channels=["ops"], repeat_seconds=60)))
    steps = [both(bench, 0, [], [BELOW]), both(bench, 10, [ROOT], [BELOW]), both(bench, 70, [ROOT], [BELOW])]
    assert who(*steps) == [["fired report:sales"], ["fired job:extract"], ["reminder job:extract"]]
    assert rows(steps[1])["report:sales"].cause == "refresh_failed|job:extract"
    assert withheld(steps[2]) == [[EXPLAINED]]
    assert who(both(bench, 80, [ROOT], [])) == [["resolved report:sales"]]
    assert who(both(bench, 90)) == [["resolved job:extract"]]


def test_an_attached_alert_that_was_told_before_is_not_told_again_when_it_stands_alone() -> None:
    bench = Bench()
    both(bench, 0, [], [BELOW])
    both(bench, 10, [ROOT], [BELOW])
    steps = [both(bench, 10 * n, [], [BELOW]) for n in range(2, 6)] + [both(bench, 60)]
    assert who(*steps) == [["resolved job:extract"], [], [], [], ["resolved report:sales"]]


PATIENT = replace(FAILED, pending_for=timedelta(seconds=60))


def test_a_cause_that_is_still_pending_explains_already() -> None:
    bench = Bench()
    steps = [bench.looks(10 * n, {PATIENT: [ROOT], DOWN: [BELOW]}) for n in range(7)]
    assert who(*steps) == [[], [], [], [], [], [], ["fired job:extract"]]


def test_a_pending_cause_that_passes_leaves_the_other_to_be_told() -> None:
    bench = Bench()
    steps = [bench.looks(10 * n, {PATIENT: [ROOT] if n < 2 else [], DOWN: [BELOW]}) for n in range(5)]
    assert who(*steps) == [[], [], [], ["fired report:sales"], []]


def test_a_cause_that_stays_pending_hides_nothing_for_ever() -> None:
    bench = Bench()
    bench.looks(0, {PATIENT: [ROOT], DOWN: [BELOW]})
    blind = replace(ROOT, is_known=False)
    steps = [bench.looks(60 * n, {PATIENT: [blind], DOWN: [BELOW]}) for n in range(1, 10)]
    assert [message for step in who(*steps) for message in step] == ["fired report:sales"]


@pytest.mark.parametrize("size", [2, 3, 5])
def test_alerts_that_explain_each_other_are_told_once_not_never(size: int) -> None:
    bench = Bench()
    circle = [Finding(f"job:{n}", "failed", causes=(f"job:{(n + 1) % size}",)) for n in range(size)]
    tail = Finding("a-report", "down", causes=("job:1",))
    steps = [both(bench, 0, circle, [tail]), both(bench, 10, circle, [tail])]
    assert who(*steps) == [["fired job:0"], []]
    assert len(steps[0].messages[0].attached) == size
    assert {row.incident_id for row in rows(steps[0]).values()} == {steps[0].messages[0].incident_id}


def test_of_a_circle_the_one_that_fired_first_stays_the_cause() -> None:
    first, second = Finding("job:b", "failed", causes=("job:a",)), Finding("job:a", "failed", causes=("job:b",))
    bench = Bench()
    steps = [both(bench, 0, [first]), both(bench, 10, [second, first]), both(bench, 20, [first, second])]
    assert who(*steps) == [["fired job:b"], [], []]
    assert rows(steps[1])["job:a"].cause == "refresh_failed|job:b"


def test_an_alert_never_explains_itself() -> None:
    bench = Bench()
    step = both(bench, 0, [replace(ROOT, causes=("job:extract",))])
    assert who(step) == [["fired job:extract"]]
    assert rows(step)["job:extract"].cause == ""


def test_a_cause_of_which_nobody_hears_hides_nothing() -> None:
    routes = [Route(rules=["report_*"], channels=["ops"])]
    step = both(Bench(settings(routes=routes)), 0, [ROOT], [BELOW])
    assert who(step) == [["fired report:sales"]]
    assert rows(step)["report:sales"].cause == "refresh_failed|job:extract"


def test_a_cause_that_waits_for_the_morning_does_not_keep_what_may_be_told_at_night() -> None:
    routes = [Route(rules=["refresh_*"], channels=["ops"], hours="office"), Route(channels=["boss"])]
    bench = Bench(settings(routes=routes, hours=OFFICE))
    steps = [both(bench, 8 * 3600, [ROOT], [BELOW]), both(bench, 20 * 3600, [ROOT], [BELOW])]
    assert told(*steps) == [["fired>boss"], ["fired>ops"]]


def test_what_a_silenced_cause_explains_is_withheld_too() -> None:
    bench = Bench()
    quiet = silence(0, 60, rule="refresh_failed")
    steps = [both(bench, 0, [ROOT], [BELOW], silences=[quiet]), both(bench, 60, [ROOT], [BELOW])]
    assert who(*steps) == [[], ["fired job:extract"]]
    assert withheld(steps[0]) == [["silenced by alice until 12:01 UTC: release", EXPLAINED]]


def test_the_next_cause_takes_over_without_a_page() -> None:
    bench = Bench()
    middle = Finding("job:load", "load failed", causes=("job:extract",))
    both(bench, 0, [ROOT, middle], [BELOW])
    steps = [both(bench, 10, [middle], [BELOW]), both(bench, 20, [middle], [BELOW])]
    assert who(*steps) == [["resolved job:extract"], ["fired job:load"]]
    assert steps[1].messages[0].attached == ("report:sales",)
