"""The engine turns findings into transitions: once when something starts, once when it ends."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from alerts.base import Finding, Rule
from alerts.engine import Engine
from store.rows import AlertState, AlertTransition

RULE = Rule("disk_full", "critical", (), "help")
NOW = datetime(2026, 11, 23, 12)


def test_an_alert_fires_once_and_resolves_once() -> None:
    engine = Engine()
    found = [Finding("/", "97 %")]
    states = [list(engine.step(RULE, findings, NOW)) for findings in (found, found, [], [])]
    assert [[one.state for one in step] for step in states] == [[AlertState.FIRING], [], [AlertState.RESOLVED], []]


def test_what_passes_before_its_time_never_fires() -> None:
    patient = Rule("report_down", "critical", (), "help", pending_for=timedelta(seconds=45))
    engine, found = Engine(), [Finding("revenue", "down")]
    fired = [
        len(list(engine.step(patient, findings, NOW + timedelta(seconds=at))))
        for at, findings in ((0, found), (30, []), (60, found), (90, found), (104, found), (105, found), (200, found))
    ]
    assert fired == [0, 0, 0, 0, 0, 1, 0]


def test_what_nobody_can_tell_neither_resolves_nor_fires() -> None:
    engine = Engine()
    blind = [Finding("/", "no sample", is_known=False)]
    assert list(engine.step(RULE, blind, NOW)) == []
    assert len(list(engine.step(RULE, [Finding("/", "97 %")], NOW))) == 1
    assert list(engine.step(RULE, blind, NOW)) == []
    assert ("disk_full", "/") in engine.firing


def test_a_restarted_engine_does_not_fire_again_and_still_resolves() -> None:
    (fired,) = Engine().step(RULE, [Finding("/", "97 %")], NOW)
    engine = Engine()
    engine.remember([fired])
    assert list(engine.step(RULE, [Finding("/", "98 %")], NOW)) == []
    (resolved,) = engine.step(RULE, [], NOW)
    assert resolved.state is AlertState.RESOLVED


@given(steps=st.lists(st.tuples(st.sets(st.sampled_from("abc")), st.booleans()), max_size=20))
def test_whatever_comes_transitions_alternate_and_end_as_the_findings_do(steps: list[tuple[set[str], bool]]) -> None:
    engine, history = Engine(), list[AlertTransition]()
    for number, (subjects, is_restarted) in enumerate(steps):
        if is_restarted:
            engine = Engine()
            engine.remember({(one.rule, one.subject): one for one in history}.values())
        history += engine.step(RULE, [Finding(one, "bad") for one in sorted(subjects)], NOW + timedelta(seconds=number))
    for subject in "abc":
        states = [one.state for one in history if one.subject == subject]
        assert states == [AlertState.FIRING, AlertState.RESOLVED] * (len(states) // 2) + [AlertState.FIRING] * (
            len(states) % 2
        )
        is_firing = bool(states) and states[-1] is AlertState.FIRING
        assert is_firing == (subject in steps[-1][0] if steps else False)
