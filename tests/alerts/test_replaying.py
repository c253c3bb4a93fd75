"""A replay of what was recorded: under the settings in force it gives what was, under others what would have been."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.base import Finding, Rule
from alerts.replaying import pages_per_week, replay
from config.alerting import Alerting, Flapping, RuleTuning
from store.rows import AlertTransition
from tests.alerts.support import RULE, Bench, at, settings

PATIENT = replace(RULE, pending_for=timedelta(seconds=20))
Spells = list[tuple[int, int]]  # first look, looks


def recorded(rule: Rule, spells: Spells, looks: int, alerting: Alerting | None = None) -> tuple[pl.DataFrame, int]:
    """The transitions of a real engine over looks every 10 s, and how many times it told that something fired."""
    bench = Bench(alerting)
    bad = {look for first, number in spells for look in range(first, first + number)}
    for look in range(looks):
        bench.look(10 * look, *([Finding("/", "97 %")] if look in bad else []), rule=rule)
    rows = [asdict(row) for step in bench.steps for row in step.rows if isinstance(row, AlertTransition)]
    pages = sum(message.kind == "fired" for step in bench.steps for message in step.messages)
    return pl.DataFrame(rows, schema_overrides={"value": pl.Float64}), pages


def pages(history: pl.DataFrame, rule: Rule, present: Alerting, proposed: Alerting) -> tuple[int, int]:
    replayed = replay(history, {rule.name: rule}, at(86_400), present, proposed)
    return int(replayed["pages_now"].sum()), int(replayed["pages_proposed"].sum())


def test_more_patience_means_fewer_pages() -> None:
    history, told = recorded(PATIENT, [(0, 4), (20, 40), (100, 6)], 200)
    proposed = settings(rules={"disk_full": RuleTuning(pending_seconds=120)})
    assert told == 3
    assert pages(history, PATIENT, settings(), proposed) == (3, 1)


def test_less_patience_makes_pages_of_what_passed() -> None:
    history, told = recorded(PATIENT, [(0, 2), (20, 40)], 200)
    assert told == 1
    assert pages(history, PATIENT, settings(), settings(rules={"disk_full": RuleTuning(pending_seconds=0)})) == (1, 2)


def test_more_looks_to_raise_or_to_clear_count_too() -> None:
    history, _ = recorded(RULE, [(0, 2), (4, 2), (60, 9)], 200)
    raised = settings(rules={"disk_full": RuleTuning(raise_looks=5)})
    cleared = settings(rules={"disk_full": RuleTuning(clear_looks=4)})
    assert pages(history, RULE, settings(), raised) == (3, 1)
    assert pages(history, RULE, settings(), cleared) == (3, 2)


def test_more_looks_to_clear_do_not_join_what_never_fired() -> None:
    history, told = recorded(PATIENT, [(0, 2), (4, 2), (60, 9)], 200)
    assert told == 1
    assert pages(history, PATIENT, settings(), settings(rules={"disk_full": RuleTuning(clear_looks=9)})) == (1, 1)


def test_damping_merges_what_flaps() -> None:
    spells = [(6 * n, 2) for n in range(10)]
    loose = settings(flapping=Flapping(changes=100))
    history, told = recorded(RULE, spells, 200, loose)
    assert told == 10
    assert pages(history, RULE, loose, settings(flapping=Flapping(changes=3))) == (10, 3)


def test_what_a_cause_explains_is_no_page_and_a_rule_that_is_off_has_none() -> None:
    history, _ = recorded(RULE, [(0, 5)], 20)
    attached = history.with_columns(cause=pl.lit("refresh_failed|job:extract"))
    off = settings(rules={"disk_full": RuleTuning(is_enabled=False)})
    assert pages(attached, RULE, settings(), settings()) == (0, 0)
    assert pages(history, RULE, settings(), off) == (1, 0)


def test_pages_are_counted_by_day_and_rule_and_as_a_rate() -> None:
    history, _ = recorded(RULE, [(0, 5)], 20)
    later = history.with_columns(occurred_at=pl.col("occurred_at") + timedelta(days=2), rule=pl.lit("other"))
    found = replay(pl.concat([later, history]), {RULE.name: RULE}, at(0) + timedelta(days=7), settings(), settings())
    assert found.rows() == [(date(2026, 11, 23), "disk_full", 1, 1), (date(2026, 11, 25), "other", 1, 1)]
    assert pages_per_week(found, 14) == (1.0, 1.0)
    with pytest.raises(ValueError, match="more than 0 days"):
        pages_per_week(found, 0)


def test_no_history_means_no_pages() -> None:
    history, _ = recorded(RULE, [(0, 5)], 20)
    found = replay(history.clear(), {}, at(0), settings(), settings())
    assert (found.height, found.columns) == (0, ["day", "rule", "pages_now", "pages_proposed"])


@given(
    gaps=st.lists(st.tuples(st.integers(1, 40), st.integers(1, 20)), max_size=8),
    pending=st.integers(0, 5),
    clear=st.integers(1, 4),
    changes=st.integers(1, 6),
)
def test_under_the_settings_in_force_it_gives_what_was(
    gaps: list[tuple[int, int]], pending: int, clear: int, changes: int
) -> None:
    rule = replace(RULE, pending_for=timedelta(seconds=10 * pending), clear_looks=clear)
    alerting = settings(flapping=Flapping(changes=changes, hold_seconds=60, window_seconds=86_400))
    look, spells = 0, Spells()
    for gap, number in gaps:
        spells.append((look + gap, number))
        look += gap + number
    history, told = recorded(rule, spells, look + 500, alerting)
    if history.height:
        assert pages(history, rule, alerting, alerting) == (told, told)


@given(
    gaps=st.lists(st.tuples(st.integers(1, 30), st.integers(1, 12)), min_size=1, max_size=12),
    patience=st.tuples(st.integers(0, 50), st.just(1)) | st.tuples(st.just(0), st.integers(1, 4)),
    clear=st.integers(1, 5),
    changes=st.integers(1, 6),
)
def test_of_all_that_was_recorded_it_gives_what_the_engine_would_have_told(
    gaps: list[tuple[int, int]], patience: tuple[int, int], clear: int, changes: int
) -> None:
    look, spells = 0, Spells()
    for gap, number in gaps:
        spells.append((look + gap, number))
        look += gap + number
    tuning = RuleTuning(pending_seconds=patience[0], raise_looks=patience[1], clear_looks=clear)
    eager = settings(flapping=Flapping(changes=1000))
    patient = settings(
        rules={"disk_full": tuning},
        flapping=Flapping(changes=changes, hold_seconds=60, window_seconds=86_400),
    )
    history, recorded_pages = recorded(RULE, spells, look + 20, eager)
    _, pages_then = recorded(RULE, spells, look + 20, patient)
    assert pages(history, RULE, eager, patient) == (recorded_pages, pages_then)
