"""What several looks agree on: bad by m of n, good again in a row, slow by percentile, unknown when blind."""

from __future__ import annotations

import math

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from analysis.reports.confirmation import Memory, confirm, is_slow
from config.patience import Confirm
from store.rows import CheckState

UP, DEGRADED, DOWN, UNKNOWN = CheckState.UP, CheckState.DEGRADED, CheckState.DOWN, CheckState.UNKNOWN
LETTERS = {"u": UP, "g": DEGRADED, "d": DOWN, "?": UNKNOWN}
NAMES = {state: letter for letter, state in LETTERS.items()}
SLOW = 10.0


def confirmed(looks: str, **patience: int) -> str:
    """The confirmed state after each of the looks, by letter: Up, deGraded, Down, ? for unknown."""
    memory, said = Memory(), ""
    for letter in looks:
        memory = confirm(memory, LETTERS[letter], 1.0, Confirm(**patience), SLOW)
        assert memory.confirmed is not None
        said += NAMES[memory.confirmed]
    return said


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        ("u", "u"),
        ("d", "d"),  # the first look decides alone
        ("g", "g"),
        ("uduuu", "uuuuu"),  # one bad look alarms nobody
        ("udd", "uud"),
        ("udud", "uuud"),  # two of three
        ("uduud", "uuuuu"),
        ("dduu", "dddu"),  # one good look reassures nobody
        ("ddudu", "ddddd"),
        ("ddudduu", "ddddddu"),
        ("dduud", "ddduu"),  # what was bad before it was up again is over
        ("dduudd", "ddduud"),
        ("ugg", "uug"),
        ("ugd", "uug"),  # bad twice, down once
        ("ugdd", "uugd"),
        ("uddgg", "uuddg"),
        ("u?d", "uuu"),  # an unknown look is neither good nor bad
        ("u?d?d", "uuuud"),
        ("dd?u?u", "dddddu"),
        ("?", "?"),
        ("?u", "?u"),
        ("??d", "??d"),
        ("u???", "uuu?"),
        ("u??u??u", "uuuuuuu"),
        ("uu???u", "uuuu?u"),
        ("uu???d", "uuuu??"),  # not known again, until it is confirmed
        ("uu???dd", "uuuu??d"),
        ("dd???u", "dddd?d"),
        ("dd???uu", "dddd?du"),
        ("dd???uud", "dddd?duu"),
    ],
)
def test_two_of_three_are_bad_and_two_in_a_row_are_good(looks: str, expected: str) -> None:
    assert confirmed(looks, bad=2, of=3, good=2) == expected


def test_patience_is_up_to_the_report() -> None:
    assert confirmed("udu", bad=1, of=1, good=1) == "udu"
    assert confirmed("ududuud", bad=3, of=5, good=3) == "uuuuuuu"
    assert confirmed("ududdu", bad=3, of=5, good=3) == "uuuudd"
    assert confirmed("dduud", bad=2, of=5, good=2) == "ddduu"
    assert confirmed("dduduuu", bad=2, of=3, good=3) == "ddddddu"


def looked(latencies: list[float], memory: Memory | None = None) -> Memory:
    memory = memory or Memory()
    for latency in latencies:
        memory = confirm(memory, UP, latency, Confirm(), SLOW)
    return memory


def test_a_report_that_is_often_slow_is_degraded_even_after_a_fast_look() -> None:
    assert looked([1.0] * 18 + [30.0, 30.0, 1.0]).confirmed == DEGRADED
    assert looked([30.0, 30.0, 1.0, 1.0, 1.0]).confirmed == DEGRADED


def test_one_slow_look_among_fast_ones_degrades_nothing() -> None:
    for fast in (3, 4, 10, 30):
        assert looked([1.0] * fast + [600.0]).confirmed == UP
        assert looked([600.0] + [1.0] * fast).confirmed == UP


def test_fewer_than_five_latencies_say_nothing() -> None:
    assert looked([30.0] * 4).confirmed == UP
    assert looked([30.0] * 5).confirmed == DEGRADED


def test_a_report_that_is_fast_again_recovers_when_the_slow_looks_have_passed() -> None:
    slow = looked([30.0] * 6)
    assert looked([1.0] * 18, slow).confirmed == DEGRADED
    assert looked([1.0] * 19, slow).confirmed == UP


def test_looks_without_a_latency_count_no_time() -> None:
    memory = looked([30.0] * 4)
    for latency in (None, math.nan, math.inf):
        memory = confirm(memory, UP, latency, Confirm(), SLOW)
    assert memory.confirmed == UP
    assert confirm(memory, UNKNOWN, 30.0, Confirm(), SLOW).latencies == memory.latencies


def test_down_beats_slow() -> None:
    memory = looked([30.0] * 6)
    for _ in range(2):
        memory = confirm(memory, DOWN, 30.0, Confirm(), SLOW)
    assert memory.confirmed == DOWN


@given(latencies=st.lists(st.floats(0, 100), min_size=5, max_size=20), slow=st.floats(1, 50), more=st.floats(0, 50))
def test_slower_is_never_judged_faster(latencies: list[float], slow: float, more: float) -> None:
    if is_slow(latencies, slow):
        assert is_slow([one + more for one in latencies], slow)
        assert sum(one > slow for one in latencies) >= 2


@pytest.mark.parametrize(
    "kept", [None, [], "x", {}, {"looks": ["sideways"], "latencies": [], "blind": 0}, {"looks": 3}]
)
def test_a_file_that_is_not_a_memory_is_a_memory_of_nothing(kept: object) -> None:
    assert Memory.from_json(kept) == Memory()


class Looks(RuleBasedStateMachine):
    """Any sequence of looks, each remembered through a file, with a patience that does not change."""

    def __init__(self) -> None:
        super().__init__()
        self.patience = Confirm(bad=2, of=6, good=3)
        self.memory, self.before = Memory(), Memory()
        self.seen: list[CheckState] = []
        self.up_since = 0  # looks before it was confirmed up for the last time

    @rule(state=st.sampled_from([UP, DEGRADED, DOWN, UNKNOWN]), latency=st.none() | st.floats(0, 9))
    def look(self, state: CheckState, latency: float | None) -> None:
        self.before = Memory.from_json(orjson.loads(orjson.dumps(self.memory.as_json())))
        assert self.before == self.memory
        self.memory = confirm(self.before, state, latency, self.patience, SLOW)
        self.seen.append(state)
        if self.memory.confirmed == UP != self.before.confirmed:
            self.up_since = len(self.seen)

    @rule(count=st.integers(6, 9), state=st.sampled_from([UP, DEGRADED, DOWN, UNKNOWN]))
    def look_often(self, count: int, state: CheckState) -> None:
        for _ in range(count):
            self.look(state, 1.0)
        assert self.memory.confirmed == state  # so many equal looks leave no doubt

    @invariant()
    def no_single_look_flips_it(self) -> None:
        known = [state for state in self.seen if state != UNKNOWN]
        if self.before.confirmed == UP and self.memory.confirmed in (DOWN, DEGRADED):
            assert sum(state in (DOWN, DEGRADED) for state in self.seen[self.up_since :]) >= 2
            assert sum(state != UP for state in known[-6:]) >= 2
        if self.before.confirmed in (DOWN, DEGRADED) and self.memory.confirmed == UP:
            assert known[-3:] == [UP] * 3

    @invariant()
    def nothing_turns_worse_with_a_good_look_or_better_with_a_bad_one(self) -> None:
        if not self.seen or self.before.confirmed in (None, UNKNOWN):
            return
        if self.seen[-1] == UP and self.before.confirmed == UP:
            assert self.memory.confirmed == UP
        if self.seen[-1] in (DOWN, DEGRADED):
            assert self.memory.confirmed != UP or self.before.confirmed == UP

    @invariant()
    def down_needs_looks_that_are_down(self) -> None:
        if self.memory.confirmed == DOWN and self.before.confirmed not in (DOWN, None, UNKNOWN):
            assert [state for state in self.seen if state != UNKNOWN][-6:].count(DOWN) >= 2

    @invariant()
    def what_is_known_is_not_forgotten_at_once(self) -> None:
        if self.memory.confirmed == UNKNOWN and self.before.confirmed not in (None, UNKNOWN):
            assert self.seen[-6:] == [UNKNOWN] * 6

    @invariant()
    def memory_stays_small(self) -> None:
        assert len(self.memory.looks) <= 50
        assert len(self.memory.latencies) <= 20


TestLooks = Looks.TestCase
TestLooks.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
