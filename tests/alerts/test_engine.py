"""From looks to transitions: patience, hysteresis, flapping, the unknown, restarts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.base import Finding
from alerts.engine import Engine, Look
from config.alerting import Flapping, RuleTuning
from store.rows import AlertState, AlertTransition, DeliveryState, NoticeKind, Notification
from tests.alerts.support import NOW, RULE, Bench, at, settings, states, told, withheld

BAD = Finding("/", "97 %", value=0.97)
BETTER = Finding("/", "88 %", is_raised=False)
BLIND = Finding("/", "no sample", is_known=False)


def test_an_alert_fires_once_and_resolves_once() -> None:
    bench = Bench()
    steps = [bench.look(0, BAD), bench.look(10, BAD), bench.look(20), bench.look(30)]
    assert states(*steps) == [["firing"], [], ["resolved"], []]
    assert told(*steps) == [["fired>ops"], [], ["resolved>ops"], []]


def test_a_transition_carries_evidence_value_impact_and_incident() -> None:
    bench = Bench()
    (fired,) = bench.look(0, replace(BAD, impact=3)).rows
    (resolved,) = bench.look(10).rows
    assert isinstance(fired, AlertTransition)
    assert isinstance(resolved, AlertTransition)
    assert (fired.evidence, fired.value, fired.impact, fired.cause) == ("97 %", 0.97, 3, "")
    assert resolved.evidence == "resolved; it was: 97 %"
    assert fired.incident_id == resolved.incident_id != ""


def test_what_passes_before_its_time_never_fires() -> None:
    patient = replace(RULE, pending_for=timedelta(seconds=45))
    bench = Bench()
    times = ((0, [BAD]), (30, []), (60, [BAD]), (90, [BAD]), (104, [BAD]), (105, [BAD]), (200, [BAD]))
    steps = [bench.look(seconds, *found, rule=patient) for seconds, found in times]
    assert states(*steps) == [["pending"], ["resolved"], ["pending"], [], [], ["firing"], []]
    assert told(*steps) == [[], [], [], [], [], ["fired>ops"], []]


def test_it_fires_at_m_of_n_bad_looks_and_not_before() -> None:
    bench = Bench()
    rule = replace(RULE, raise_looks=3, window_looks=5)
    pattern = [BAD, None, BAD, None, BAD]
    steps = [bench.look(10 * n, *([one] if one else []), rule=rule) for n, one in enumerate(pattern)]
    assert states(*steps) == [["pending"], [], [], [], ["firing"]]
    sparse = Bench()
    steps = [sparse.look(10 * n, *([BAD] if n % 3 == 0 else []), rule=rule) for n in range(12)]
    assert ["firing"] not in states(*steps)


def test_a_good_look_never_makes_an_alert_fire() -> None:
    bench = Bench()
    rule = replace(RULE, raise_looks=1, window_looks=5, pending_for=timedelta(seconds=20))
    steps = [bench.look(0, BAD, rule=rule), bench.look(10, rule=rule), bench.look(20, rule=rule)]
    assert states(*steps) == [["pending"], [], []]


def test_it_resolves_after_so_many_good_looks_in_a_row() -> None:
    bench = Bench()
    rule = replace(RULE, clear_looks=3)
    pattern = [True, False, False, True, False, False, False]
    steps = [bench.look(10 * n, *([BAD] if bad else []), rule=rule) for n, bad in enumerate(pattern)]
    assert states(*steps) == [["firing"], [], [], [], [], [], ["resolved"]]


def test_between_the_levels_a_firing_alert_goes_on_and_no_new_one_fires() -> None:
    bench = Bench()
    steps = [bench.look(0, BETTER), bench.look(10, BAD), bench.look(20, BETTER), bench.look(30)]
    assert states(*steps) == [[], ["firing"], [], ["resolved"]]
    in_a_row = Bench()
    rule = replace(RULE, clear_looks=2)
    pattern = [[BAD], [], [BETTER], [], []]
    assert states(*[in_a_row.look(n, *found, rule=rule) for n, found in enumerate(pattern)])[-2:] == [[], ["resolved"]]


def test_what_nobody_can_tell_neither_resolves_nor_fires() -> None:
    bench = Bench()
    steps = [bench.look(0, BLIND), bench.look(10, BAD), bench.look(20, BLIND), bench.blind(30), bench.look(40)]
    assert states(*steps) == [[], ["firing"], [], [], ["resolved"]]


def test_an_unknown_look_does_not_count_towards_raising_or_clearing() -> None:
    rule = replace(RULE, raise_looks=2, window_looks=2, clear_looks=2)
    bench = Bench()
    pattern = [[BAD], [BLIND], [BAD], [], [BLIND], []]
    steps = [bench.look(10 * n, *found, rule=rule) for n, found in enumerate(pattern)]
    assert states(*steps) == [["pending"], [], ["firing"], [], [], ["resolved"]]


def test_alerts_yaml_overrides_the_patience_and_severity_of_a_rule() -> None:
    tuning = RuleTuning(severity="warning", raise_looks=2, clear_looks=2, pending_seconds=30)
    bench = Bench(settings(rules={"disk_full": tuning}))
    steps = [bench.look(10 * n, replace(BAD, severity="critical")) for n in range(4)]
    assert states(*steps) == [["pending"], [], [], ["firing"]]
    assert steps[3].messages[0].severity == "warning"
    assert states(bench.look(40), bench.look(50)) == [[], ["resolved"]]


def test_a_rule_that_is_switched_off_resolves_what_it_had_fired() -> None:
    bench = Bench()
    bench.look(0, BAD)
    bench.engine.alerting = settings(rules={"disk_full": RuleTuning(is_enabled=False)})
    step = bench.look(10, BAD)
    assert (states(step), told(step)) == ([["resolved"]], [["resolved>ops"]])
    assert "switched off" in step.messages[0].evidence
    assert states(bench.look(20, BAD)) == [[]]


def test_of_two_findings_about_one_subject_the_worse_counts() -> None:
    bench = Bench()
    step = bench.look(0, BLIND, BETTER, replace(BAD, severity="warning"), BAD)
    assert states(step) == [["firing"]]
    assert len(bench.engine.firing) == 1


FLAPPING = Flapping(changes=3, window_seconds=3600, hold_seconds=60, growth=2, most_seconds=200)


def test_a_flapping_alert_is_held_longer_and_longer() -> None:
    bench = Bench(settings(flapping=FLAPPING))
    for seconds in (0, 20):
        assert states(bench.look(seconds, BAD), bench.look(seconds + 10)) == [["firing"], ["resolved"]]
    assert states(bench.look(40, BAD)) == [["firing"]]  # the fifth change: 60 s * 2
    held = [bench.look(seconds) for seconds in (50, 60, 164)]
    assert states(*held) == [[], [], []]
    assert withheld(*held) == [["flapping: 5 changes lately, its clearing is held off"], [], []]
    assert states(bench.look(165, BAD)) == [[]]  # came back: no page, and a longer hold
    assert states(bench.look(170), bench.look(300), bench.look(369)) == [[], [], []]
    assert states(bench.look(370)) == [["resolved"]]  # 200 s are the most


def test_an_alert_that_has_calmed_down_clears_at_once_again() -> None:
    bench = Bench(settings(flapping=FLAPPING))
    for seconds in (0, 20):
        bench.look(seconds, BAD)
        bench.look(seconds + 10)
    bench.look(4000)
    assert states(bench.look(4010, BAD), bench.look(4020)) == [["firing"], ["resolved"]]


def test_quiet_alerts_are_forgotten() -> None:
    bench = Bench()
    bench.look(0, BAD)
    bench.look(10)
    bench.look(4000)
    assert bench.engine.alerts == {}


def test_a_clock_set_back_neither_freezes_nor_doubles_anything() -> None:
    patient = replace(RULE, pending_for=timedelta(seconds=20))
    bench = Bench()
    bench.look(0, BAD, rule=patient)
    steps = [bench.look(seconds, BAD, rule=patient) for seconds in (-3600, -3590, -3580)]
    assert states(*steps) == [[], [], ["firing"]]
    first = steps[-1].messages[0].id
    bench.look(-3570, rule=patient)
    bench.look(-7200, BAD, rule=patient)
    again = bench.look(-7180, BAD, rule=patient)
    assert told(again) == [["fired>ops"]]
    assert again.messages[0].id != first


def test_odd_numbers_and_names_never_keep_the_state_from_being_kept() -> None:
    odd = Finding("/mnt/\udcff", "nan \udcff", value=float("nan"), limit=float("inf"), points=((NOW, float("nan")),))
    bench = Bench()
    (message,) = bench.look(0, odd).messages
    assert (message.points, message.limit) == ((), None)
    other = Engine()
    other.load(bench.engine.dump())
    assert other.dump() == bench.engine.dump()


def test_a_dumped_state_goes_on_exactly_where_it_was() -> None:
    rule = replace(RULE, raise_looks=2, window_looks=4, clear_looks=2)
    pattern = [[BAD], [], [BAD], [BAD], [BLIND], [], [BAD], [], [], [BAD], [BAD], []]
    straight, restarted = Bench(), Bench()
    for number, found in enumerate(pattern):
        fresh = Engine(restarted.engine.alerting)
        fresh.load(restarted.engine.dump())
        restarted.engine = fresh
        straight.look(10 * number, *found, rule=rule)
        restarted.look(10 * number, *found, rule=rule)
    assert restarted.steps == straight.steps
    assert ["firing"] in states(*straight.steps)


def test_what_is_no_state_is_refused() -> None:
    with pytest.raises(ValueError, match="State"):
        Engine().load(b'{"alerts": 7}')


def fired_row(severity: str = "critical") -> AlertTransition:
    return AlertTransition("disk_full", "/", NOW, AlertState.FIRING, severity, "97 %", "i-1")


def test_an_engine_that_lost_its_state_does_not_page_again_and_still_resolves() -> None:
    bench = Bench()
    bench.engine.remember([fired_row()])
    steps = [bench.look(10, BAD), bench.look(20)]
    assert states(*steps) == [[], ["resolved"]]
    assert told(*steps) == [[], ["resolved>ops"]]
    assert steps[1].messages[0].incident_id == "i-1"


def test_with_the_notices_of_the_store_it_is_known_who_was_told() -> None:
    def notice(state: DeliveryState, kind: NoticeKind, channel: str) -> Notification:
        where = ("disk_full", "/", "critical", "t")
        return Notification(f"{kind}{channel}", NOW, state, kind, channel, *where)

    bench = Bench()
    bench.engine.remember([fired_row()], [notice(DeliveryState.WITHHELD, NoticeKind.FIRED, "ops")])
    assert told(bench.look(10, BAD)) == [["fired>ops"]]
    other = Bench()
    other.engine.remember([fired_row()], [notice(DeliveryState.SENT, NoticeKind.FIRED, "mail")])
    assert told(other.look(10, BAD), other.look(20)) == [[], ["resolved>mail"]]


def test_a_pending_alert_of_the_store_ends_in_the_store_too() -> None:
    bench = Bench()
    bench.engine.remember([replace(fired_row(), state=AlertState.PENDING)])
    assert states(bench.look(10)) == [["resolved"]]


def test_a_rule_without_a_look_is_unknown() -> None:
    bench = Bench()
    bench.look(0, BAD)
    step = bench.engine.step(at(10), {"other": Look(replace(RULE, name="other"), [])}, [], [])
    assert step.rows == []
    assert ("disk_full", "/") in bench.engine.firing
