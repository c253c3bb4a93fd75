"""The engine's promises, whatever comes in whatever order, with the journal crashing between any two steps.

Every firing that was told is told resolved, once per channel; nobody is told twice of one firing and severity; nobody
is disturbed during a silence; what fires, is nobody's consequence and is not held back is told; transitions alternate.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path

from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from alerts.alert import rank_of
from alerts.base import Finding, Rule
from alerts.engine import Engine, Look
from alerts.journal import Journal
from alerts.messages import Message
from alerts.routing import is_within
from alerts.silencing import is_match
from config.alerting import Alerting, Flapping, Route, RuleTuning
from store.rows import (
    AlertAct,
    AlertEvent,
    AlertState,
    AlertTransition,
    NoticeKind,
    Notification,
    Row,
    Silence,
    SilenceState,
)
from tests.alerts.support import NOW, OFFICE, settings

RULES = [Rule("failed", "warning", (), "help"), Rule("down", "critical", (), "help", clear_looks=2)]
CAUSES = {"a": (), "b": ("a",), "c": ("b", "d"), "d": ("c",)}
SETTINGS = [
    settings(
        routes=[
            Route(severities=["critical"], channels=["ops", "mail"], repeat_seconds=600),
            Route(channels=["ops"], hours="office", escalate_after_seconds=900, escalate_to=["boss"]),
        ],
        hours=OFFICE,
        flapping=Flapping(changes=4, hold_seconds=60),
    ),
    settings(Route(channels=["ops"], repeat_seconds=60), rules={"failed": RuleTuning(raise_looks=2, window_looks=3)}),
    settings(Route(rules=["down"], channels=["mail"], escalate_after_seconds=0, escalate_to=["boss", "mail"])),
]
LEVELS = st.sampled_from(["good", "good", "warning", "critical", "critical", "better", "blind"])
SUBJECTS = st.dictionaries(st.sampled_from("abcd"), LEVELS)
PATTERNS = st.sampled_from(["*", "*", "failed", "down", "a", "?", "critical"])


class Crash(BaseException):
    """The process is killed here."""


def findings(levels: dict[str, str]) -> list[Finding]:
    found = []
    for subject, level in levels.items():
        one = Finding(subject, f"{subject} is {level}", causes=CAUSES[subject])
        if level in {"better", "blind"}:
            one = replace(one, is_known=level != "blind", is_raised=False)
        elif level != "good":
            one = replace(one, severity=level)
        if level != "good":
            found.append(one)
    return found


class World(RuleBasedStateMachine):
    """An engine with its journal, receivers that ignore what they know, and a person who silences and acknowledges."""

    @initialize(alerting=st.sampled_from(SETTINGS))
    def begin(self, alerting: Alerting) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.alerting, self.now = alerting, NOW
        self.rows: dict[str, Sequence[Row]] = {}
        self.messages: dict[str, Message] = {}
        self.silences: list[Silence] = []
        self.acts: list[AlertEvent] = []
        self.names = count()
        self.restart()

    def restart(self) -> None:
        self.engine, self.journal = Engine(self.alerting), Journal(Path(self.folder.name) / "alerts.json")
        self.journal.load(self.engine)
        self.journal.hand_over(self.put_rows, self.put_message)

    def put_rows(self, rows: Sequence[Row], key: str) -> None:
        assert self.rows.setdefault(key, rows) == rows

    def put_message(self, message: Message) -> None:
        assert self.messages.setdefault(message.id, message) == message

    def crashing(self, put: Callable[..., None], after: int) -> Callable[..., None]:
        """The receiver, killed before or after it has taken the `after`th thing."""
        numbers = count()

        def taken(*things: object) -> None:
            number = next(numbers)
            if number == after // 2 and after % 2 == 0:
                raise Crash
            put(*things)
            if number == after // 2:
                raise Crash

        return taken

    @rule(
        levels=st.tuples(SUBJECTS | st.none(), SUBJECTS | st.none()),
        seconds=st.sampled_from([0, 10, 10, 10, 60, 700, 4000, 40_000, -3600]),
        crash=st.sampled_from([None, None, None, "step", "commit", "rows", "messages"]),
        after=st.integers(0, 5),
        order=st.randoms(use_true_random=False),
    )
    def look(
        self, levels: tuple[dict[str, str] | None, ...], seconds: int, crash: str | None, after: int, order
    ) -> None:
        self.now += timedelta(seconds=seconds)
        looks = {
            one.name: Look(one, None if found is None else findings(found))
            for one, found in zip(RULES, levels, strict=True)
        }
        silences, acts = (order.sample([*known, *known], 2 * len(known)) for known in (self.silences, self.acts))
        step = self.engine.step(self.now, looks, acts, silences)
        self.check_disturbs_nobody(step.messages)
        try:
            if crash == "step":
                raise Crash
            self.journal.commit(self.engine, step)
            if crash == "commit":
                raise Crash
            rows = self.crashing(self.put_rows, after) if crash == "rows" else self.put_rows
            message = self.crashing(self.put_message, after) if crash == "messages" else self.put_message
            self.journal.hand_over(rows, message)
            self.check_tells()
        except Crash:
            self.restart()

    @rule(
        begin=st.integers(-100, 5000),
        length=st.integers(0, 9000),
        patterns=st.tuples(PATTERNS, PATTERNS, PATTERNS),
    )
    def silence(self, begin: int, length: int, patterns: tuple[str, str, str]) -> None:
        starts_at = self.now + timedelta(seconds=begin)
        ends_at = starts_at + timedelta(seconds=length)
        name = f"s{next(self.names)}"
        self.silences.append(
            Silence(name, self.now, SilenceState.ACTIVE, "alice", "release", starts_at, ends_at, *patterns)
        )

    @rule(number=st.integers(0, 20))
    def end_silence(self, number: int) -> None:
        if self.silences:
            begun = self.silences[number % len(self.silences)]
            later = max(self.now, begun.occurred_at)
            self.silences.insert(number % 3, replace(begun, state=SilenceState.ENDED, occurred_at=later))

    @rule(
        subject=st.sampled_from("abcd"),
        kind=st.sampled_from(list(AlertAct)),
        of=st.sampled_from(RULES),
        late=st.integers(0, 100),
    )
    def act(self, subject: str, kind: AlertAct, of: Rule, late: int) -> None:
        self.acts.append(AlertEvent(of.name, subject, self.now - timedelta(seconds=late), kind, "bob", "mine"))

    def is_silenced(self, name: str, subject: str, severity: str) -> bool:
        newest: dict[str, Silence] = {}
        for one in sorted(self.silences, key=lambda one: (one.occurred_at, one.state is SilenceState.ENDED)):
            newest[one.silence_id] = one
        return any(
            one.state is SilenceState.ACTIVE
            and one.starts_at <= self.now < one.ends_at
            and is_match(one.rule, name)
            and is_match(one.subject, subject)
            and is_match(one.severity, severity)
            for one in newest.values()
        )

    def check_disturbs_nobody(self, messages: list[Message]) -> None:
        for one in messages:
            if one.kind is not NoticeKind.RESOLVED:
                assert not self.is_silenced(one.rule, one.subject, one.severity), one

    def check_tells(self) -> None:
        """What fires on its own and is not held back has been told, at least as severe as it is."""
        heard = self.streams()
        for alert in self.engine.firing.values():
            matching = [
                one
                for one in self.alerting.routes
                if alert.severity in one.severities and is_match(one.rules[0], alert.rule)
            ]
            is_silenced = self.is_silenced(alert.rule, alert.subject, alert.severity)
            if not matching or is_silenced or alert.cause or alert.is_held:
                continue
            route = matching[0]
            if route.hours and not is_within(OFFICE[0], self.now):
                continue
            assert alert.told.channels, alert
            told = heard[alert.rule, alert.subject, alert.told.channels[0]]
            fired = [one for one in told if one.kind is NoticeKind.FIRED]
            assert rank_of(fired[-1].severity) >= rank_of(alert.severity)
            assert told[-1].kind is not NoticeKind.RESOLVED

    def streams(self) -> dict[tuple[str, str, str], list[Message]]:
        heard: dict[tuple[str, str, str], list[Message]] = {}
        for one in self.messages.values():
            heard.setdefault((one.rule, one.subject, one.channel), []).append(one)
        return heard

    def teardown(self) -> None:
        if not hasattr(self, "folder"):
            return
        for _ in range(8):
            self.now += timedelta(seconds=4000)
            step = self.engine.step(self.now, {one.name: Look(one, []) for one in RULES}, self.acts, self.silences)
            self.journal.commit(self.engine, step)
            self.journal.hand_over(self.put_rows, self.put_message)
        assert self.engine.alerts == {}
        for stream in self.streams().values():
            check_stream(stream)
        check_transitions([row for rows in self.rows.values() for row in rows])
        notices = [row for rows in self.rows.values() for row in rows if isinstance(row, Notification)]
        assert len({row.notification_id for row in notices}) == len(notices)
        self.folder.cleanup()


def check_stream(stream: list[Message]) -> None:
    """What one channel heard of one alert: opened, perhaps told of a higher severity, closed exactly once."""
    is_open, told = False, 0
    for one in stream:
        if one.kind is NoticeKind.RESOLVED:
            assert is_open, stream
            is_open, told = False, 0
            continue
        if one.kind is NoticeKind.FIRED:
            assert rank_of(one.severity) > told, stream
            told = rank_of(one.severity)
        is_open = True
    assert not is_open, stream


def check_transitions(rows: list[Row]) -> None:
    """Pending or firing, then resolved; a repeated firing only with another cause, incident or severity."""
    last: dict[tuple[str, str], AlertTransition] = {}
    for row in rows:
        if not isinstance(row, AlertTransition):
            continue
        before = last.get((row.rule, row.subject))
        was_active = before is not None and before.state is not AlertState.RESOLVED
        if row.state is AlertState.RESOLVED:
            assert was_active, row
        elif row.state is AlertState.PENDING:
            assert not was_active, row
        elif before is not None and before.state is AlertState.FIRING:
            kept = (before.cause, before.incident_id, before.severity)
            assert (row.cause, row.incident_id, row.severity) != kept
        last[row.rule, row.subject] = row
    assert all(row.state is AlertState.RESOLVED for row in last.values())


World.TestCase.settings = hypothesis_settings(max_examples=60, stateful_step_count=40, deadline=None)
TestWorld = World.TestCase
