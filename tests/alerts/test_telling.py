"""Who is told what: routes, hours, silences, acknowledgements, reminders, escalation, severities."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from alerts.base import Finding
from alerts.engine import Look
from alerts.routing import is_within
from alerts.silencing import is_match
from config.alerting import Hours, Route, RuleTuning
from store.rows import AlertAct, Notification, SilenceState
from tests.alerts.support import NOW, OFFICE, RULE, Bench, act, at, settings, silence, states, told, withheld

BAD = Finding("/", "97 %")
OPS = Route(channels=["ops"], repeat_seconds=600, escalate_after_seconds=900, escalate_to=["boss"])


def test_a_message_says_all_that_a_person_needs() -> None:
    points = ((at(-60), 0.8), (NOW, 0.97))
    finding = Finding("db-01:/data", "97 % of space in use", points=points, limit=0.95, unit="ratio")
    bench = Bench()
    (message,) = bench.look(0, finding).messages
    assert message.title == "Disk full: db-01:/data"
    assert (message.evidence, message.help) == ("97 % of space in use", "Free some space.")
    assert (message.points, message.limit, message.unit) == (points, 0.95, "ratio")
    assert message.link == f"alerts?incident={message.incident_id}"
    assert len(message.id) == 64


def test_the_same_pass_gives_the_same_ids() -> None:
    route = Route(channels=["ops", "mail"])
    steps = [Bench(settings(route)).look(0, BAD) for _ in range(2)]
    assert steps[0].messages == steps[1].messages
    assert len({message.id for message in steps[0].messages}) == 2


def test_the_first_route_that_matches_decides() -> None:
    routes = [
        Route(subjects=["/data*"], channels=["boss"]),
        Route(rules=["disk_*"], severities=["critical"], channels=["ops", "mail", "ops"]),
        Route(channels=["mail"]),
    ]
    bench = Bench(settings(routes=routes))
    step = bench.look(0, Finding("/data-1", "full"), BAD, Finding("/w", "full", severity="warning"))
    sent = {(message.subject, message.channel) for message in step.messages}
    assert sent == {("/data-1", "boss"), ("/", "ops"), ("/", "mail"), ("/w", "mail")}
    assert len(step.messages) == 4


def test_without_a_route_it_is_recorded_and_nobody_is_told() -> None:
    bench = Bench(settings(Route(rules=["other"], channels=["ops"])))
    steps = [bench.look(0, BAD), bench.look(10)]
    assert states(*steps) == [["firing"], ["resolved"]]
    assert (told(*steps), withheld(*steps)) == ([[], []], [[], []])


def test_reminders_come_every_so_often_and_the_escalation_once() -> None:
    bench = Bench(settings(OPS))
    came = {seconds: told(bench.look(seconds, BAD))[0] for seconds in range(0, 2500, 100)}
    assert {seconds: what for seconds, what in came.items() if what} == {
        0: ["fired>ops"],
        600: ["reminder>ops"],
        900: ["escalation>boss"],
        1200: ["reminder>ops"],
        1800: ["reminder>ops"],
        2400: ["reminder>ops"],
    }
    everything = [message for step in bench.steps for message in step.messages]
    assert len({message.id for message in everything}) == len(everything)
    assert everything[1].evidence == "97 % (since 12:00 UTC)"


def test_the_resolution_goes_to_every_channel_that_was_told() -> None:
    bench = Bench(settings(OPS))
    bench.look(0, BAD)
    bench.look(900, BAD)
    assert told(bench.look(910)) == [["resolved>ops", "resolved>boss"]]


def test_a_route_that_changes_meanwhile_does_not_lose_the_resolution() -> None:
    bench = Bench(settings(OPS))
    bench.look(0, BAD)
    bench.engine.alerting = settings(Route(channels=["mail"]))
    assert told(bench.look(10, BAD), bench.look(20)) == [[], ["resolved>ops"]]


def test_an_acknowledgement_stops_reminders_and_escalation_until_it_is_taken_back() -> None:
    bench = Bench(settings(OPS))
    bench.look(0, BAD)
    bench.look(10, BAD, acts=[act(5, AlertAct.ACKNOWLEDGED)])
    assert told(bench.look(2000, BAD)) == [[]]
    taken_back = bench.look(2100, BAD, acts=[act(2050, AlertAct.UNACKNOWLEDGED)])
    assert told(taken_back) == [["escalation>boss", "reminder>ops"]]
    assert told(bench.look(2200)) == [["resolved>ops", "resolved>boss"]]


def test_acts_count_the_same_whatever_their_order_and_number() -> None:
    seen, undone, note = (
        act(5, AlertAct.ACKNOWLEDGED),
        act(7, AlertAct.UNACKNOWLEDGED),
        act(9, AlertAct.NOTED),
    )
    ends = []
    for acts in ([[seen, undone]], [[undone], [seen]], [[seen], [seen, undone, seen], [note]], [[note, undone, seen]]):
        bench = Bench(settings(OPS))
        bench.look(0, BAD)
        for number, arrived in enumerate(acts):
            bench.look(20 + number, BAD, acts=arrived)
        ends.append(told(bench.look(1000, BAD)))
    assert ends == [[["escalation>boss", "reminder>ops"]]] * 4


def test_a_new_firing_is_not_acknowledged() -> None:
    bench = Bench(settings(OPS))
    acts = [act(5, AlertAct.ACKNOWLEDGED)]
    bench.look(0, BAD)
    bench.look(10, BAD, acts=acts)
    bench.look(20, acts=acts)
    bench.look(30, BAD, acts=acts)
    assert told(bench.look(630, BAD, acts=acts)) == [["reminder>ops"]]


def test_a_severity_that_rises_is_told_once_more_and_each_change_is_recorded() -> None:
    bench = Bench()
    levels = ["warning", "critical", "warning", "critical"]
    steps = [bench.look(10 * n, replace(BAD, severity=level)) for n, level in enumerate(levels)]
    assert told(*steps) == [["fired>ops"], ["fired>ops"], [], []]
    assert [row.severity for step in steps for row in step.rows] == levels  # type: ignore[attr-defined]
    assert steps[0].messages[0].id != steps[1].messages[0].id


def test_a_silence_withholds_once_and_counts() -> None:
    bench = Bench(settings(OPS))
    quiet = silence(-10, 7200)
    steps = [bench.look(seconds, BAD, silences=[quiet]) for seconds in (0, 10, 700, 1800)]
    assert told(*steps) == [[], [], [], []]
    assert withheld(*steps) == [["silenced by alice until 14:00 UTC: release"], [], [], []]
    row = steps[0].rows[1]
    assert isinstance(row, Notification)
    assert (row.state, row.kind, row.channel) == ("withheld", "fired", "ops")


def test_after_a_silence_what_still_fires_and_was_never_told_is_told() -> None:
    bench = Bench()
    bench.look(0, BAD, silences=[silence(0, 60)])
    assert told(bench.look(59, BAD), bench.look(60, BAD), bench.look(70)) == [[], ["fired>ops"], ["resolved>ops"]]


def test_what_was_never_told_resolves_without_a_message() -> None:
    bench = Bench()
    bench.look(0, BAD, silences=[silence(0, 60)])
    step = bench.look(30)
    assert (states(step), told(step)) == ([["resolved"]], [[]])


@pytest.mark.parametrize("end", [35, 100])
def test_a_resolution_is_delivered_during_and_after_a_silence(end: float) -> None:
    bench = Bench()
    bench.look(0, BAD)
    bench.look(10, BAD, silences=[silence(5, end)])
    assert told(bench.look(40)) == [["resolved>ops"]]


def test_reminders_and_escalation_are_silenced_too() -> None:
    bench = Bench(settings(OPS))
    bench.look(0, BAD)
    steps = [bench.look(700, BAD, silences=[silence(100, 5000)]), bench.look(1000, BAD), bench.look(5000, BAD)]
    assert told(*steps) == [[], [], ["escalation>boss", "reminder>ops"]]


def test_a_silence_that_is_ended_ends_at_once_in_whatever_order_its_rows_come() -> None:
    begun = silence(0, 3600)
    ended = replace(begun, state=SilenceState.ENDED, occurred_at=at(20))
    for arrivals in ([[begun], [ended], [begun]], [[ended], [begun], []], [[ended, begun], [begun], [ended]]):
        bench = Bench()
        for number, arrived in enumerate(arrivals):
            bench.look(20 + number, BAD, silences=arrived)
        assert told(bench.look(30, BAD, Finding("/data", "full"))) == [["fired>ops"]]
        assert sum(message.kind == "fired" for step in bench.steps for message in step.messages) == 2


def test_a_silence_that_came_once_is_remembered_over_a_restart() -> None:
    bench, other = Bench(), Bench()
    bench.look(0, silences=[silence(0, 60)])
    other.engine.load(bench.engine.dump())
    assert told(other.look(10, BAD), other.look(60, BAD)) == [[], ["fired>ops"]]


@pytest.mark.parametrize(
    ("matcher", "is_silenced"),
    [
        ({"rule": "disk_*"}, True),
        ({"subject": "/"}, True),
        ({"severity": "critical"}, True),
        ({"severity": "warning"}, False),
        ({"rule": "disk_*", "subject": "/data"}, False),
    ],
)
def test_a_silence_covers_what_matches_all_its_patterns(matcher: dict[str, Any], is_silenced: bool) -> None:
    bench = Bench()
    assert told(bench.look(0, BAD, silences=[silence(0, 60, **matcher)])) == [[] if is_silenced else ["fired>ops"]]


def test_patterns_are_those_of_file_names_but_brackets_are_themselves() -> None:
    assert is_match("db-??:/data [*", "db-01:/data [old]")
    assert not is_match("[ab]", "a")
    assert not is_match("A", "a")


def test_a_maintenance_window_says_so() -> None:
    bench = Bench()
    step = bench.look(0, BAD, silences=[silence(0, 60, is_maintenance=True)])
    assert withheld(step) == [["maintenance by alice until 12:01 UTC: release"]]


def test_outside_business_hours_it_waits_until_they_begin() -> None:
    bench = Bench(settings(Route(channels=["ops"], hours="office"), hours=OFFICE))
    evening, night, morning = 7 * 3600, 15 * 3600, 20 * 3600
    steps = [bench.look(seconds, BAD) for seconds in (evening, night, morning)]
    assert told(*steps) == [[], [], ["fired>ops"]]
    assert withheld(*steps) == [["outside business hours"], [], []]
    assert steps[2].messages[0].evidence == "97 % (since 23 Nov 19:00 UTC)"


def test_what_ends_before_the_hours_begin_disturbs_nobody() -> None:
    bench = Bench(settings(Route(channels=["ops"], hours="office"), hours=OFFICE))
    assert told(bench.look(7 * 3600, BAD), bench.look(8 * 3600), bench.look(20 * 3600)) == [[], [], []]


@pytest.mark.parametrize(
    ("hours", "moment", "is_open"),
    [
        (Hours(id="o"), datetime(2026, 11, 23, 8), True),
        (Hours(id="o"), datetime(2026, 11, 23, 18), False),
        (Hours(id="o"), datetime(2026, 11, 22, 12), False),  # a Sunday
        (Hours(id="o", timezone="Europe/Berlin"), datetime(2026, 7, 6, 6), True),  # 08:00 in summer
        (Hours(id="o", timezone="Europe/Berlin"), datetime(2026, 11, 23, 6), False),  # 07:00 in winter
        (Hours(id="o", begin="22:00", end="06:00", days=["fri"]), datetime(2026, 11, 28, 5), True),  # Friday's night
        (Hours(id="o", begin="22:00", end="06:00", days=["fri"]), datetime(2026, 11, 27, 5), False),
        (Hours(id="o", begin="00:00", end="00:00", days=["mon"]), datetime(2026, 11, 23, 23, 59), True),
        (Hours(id="o", begin="00:00", end="00:00", days=["mon"]), datetime(2026, 11, 24), False),
    ],
)
def test_hours_are_half_open_and_know_their_zone(hours: Hours, moment: datetime, is_open: bool) -> None:
    assert is_within(hours, moment) is is_open


def test_an_alert_that_is_held_reminds_nobody() -> None:
    flapping = {"changes": 2, "window_seconds": 7200, "hold_seconds": 3000}
    bench = Bench(settings(OPS, flapping=flapping))
    bench.look(0, BAD)
    bench.look(10)
    bench.look(20, BAD)
    bench.look(30)
    assert told(bench.look(2000)) == [[]]
    assert told(bench.look(3030)) == [["resolved>ops"]]


def test_other_settings_apply_from_the_next_pass() -> None:
    bench = Bench(settings(rules={"disk_full": RuleTuning(pending_seconds=3600)}))
    bench.look(0, BAD)
    bench.engine.alerting = settings(OPS)
    assert told(bench.look(10, BAD)) == [["fired>ops"]]


def test_a_firing_that_nobody_can_look_at_is_still_reminded_of() -> None:
    bench = Bench(settings(OPS))
    bench.look(0, BAD)
    step = bench.engine.step(NOW + timedelta(seconds=700), {RULE.name: Look(RULE, None)}, [], [])
    assert told(step) == [["reminder>ops"]]
