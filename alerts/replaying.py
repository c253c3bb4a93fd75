"""How many pages the recorded alerts would have been under other settings: a replay before anybody saves them.

It works on what was recorded, the transitions, so it approximates. A spell is one time that something was bad, from its
first transition (pending or firing) to its last bad look, which was before the good looks that clearing took. Looks
come every `look_seconds`; within a spell every look is taken to be bad. Badness too short to become pending, and gaps
that the recorded settings bridged, are not in the record: fewer clear looks or a lower level cannot be replayed. A
window that forgives good looks between bad ones is replayed as if it did not. A spell that was attached to a cause
throughout is no page. Routes, silences and rises of severity are left out on both sides.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from alerts.base import Rule
from alerts.looks import Patience, hold_seconds
from config.alerting import Alerting, Flapping
from store.rows import AlertState

SCHEMA = {"day": pl.Date, "rule": pl.String, "pages_now": pl.Int64, "pages_proposed": pl.Int64}


@dataclass(frozen=True, slots=True)
class Spell:
    """One time that a subject was bad, from the first bad look to the last; `is_attached` when another explained it."""

    begins_at: datetime
    ends_at: datetime
    is_attached: bool


@dataclass(frozen=True, slots=True)
class Clearing:
    """How long after the last bad look an alert clears, by its changes (times of firing and clearing) so far."""

    look: timedelta
    looks: int
    flapping: Flapping

    @classmethod
    def of(cls, rule: Rule, alerting: Alerting, look: timedelta) -> Clearing:
        """As the settings have it for the rule."""
        return cls(look, Patience.of(rule, alerting.rules.get(rule.name)).clear_looks, alerting.flapping)

    def after(self, changes: list[datetime], at: datetime) -> timedelta:
        """The good looks in a row, or the hold-off from the first of them if that is longer."""
        since = at - timedelta(seconds=self.flapping.window_seconds)
        hold = hold_seconds(sum(change > since for change in changes), self.flapping)
        held = math.ceil(timedelta(seconds=hold) / self.look)  # it is looked at then, and not between
        return self.look * max(self.looks, held + 1 if held else 0)


def replay(
    history: pl.DataFrame,
    rules: Mapping[str, Rule],
    now: datetime,
    present: Alerting,
    proposed: Alerting,
    look_seconds: float = 10.0,
) -> pl.DataFrame:
    """Pages per day and rule under the settings that were in force and under proposed ones.

    `history` has the columns of alert_transitions, at least rule, subject, occurred_at, state and cause, in any order;
    what still fires ends at `now`. Returns day (date), rule, pages_now, pages_proposed, sorted; days without any are
    left out. A rule that is no longer known keeps its own default patience.
    """
    counted: dict[tuple[object, str], list[int]] = {}
    look = timedelta(seconds=look_seconds)
    for (name, _), rows in history.sort("occurred_at").partition_by("rule", "subject", as_dict=True).items():
        rule = rules.get(str(name)) or Rule(str(name), "warning", (), "")
        spells = list(_spells(rows, now, Clearing.of(rule, present, look)))
        for column, alerting in enumerate((present, proposed)):
            for at in pages_of(spells, rule, alerting, look):
                counted.setdefault((at.date(), rule.name), [0, 0])[column] += 1
    rows_of = [(day, name, *numbers) for (day, name), numbers in counted.items()]
    return pl.DataFrame(rows_of, schema=SCHEMA, orient="row").sort("day", "rule")


def pages_per_week(replayed: pl.DataFrame, days: float) -> tuple[float, float]:
    """Pages a week (now, proposed) of a replay over so many days. Raises ValueError when there is no span."""
    if days <= 0:
        raise ValueError(f"a replay of {days} days has no rate; expected more than 0 days")
    weeks = days / 7.0
    return float(replayed["pages_now"].sum()) / weeks, float(replayed["pages_proposed"].sum()) / weeks


def pages_of(spells: list[Spell], rule: Rule, alerting: Alerting, look: timedelta) -> Iterator[datetime]:
    """When an alert with these spells would have paged: each firing that nothing else explained."""
    tuning = alerting.rules.get(rule.name)
    if tuning is not None and not tuning.is_enabled:
        return
    patience = Patience.of(rule, tuning)
    wait = max(patience.pending_for, look * (patience.raise_looks - 1))
    clearing = Clearing.of(rule, alerting, look)
    changes: list[datetime] = []
    bad_until: datetime | None = None
    firing_until: datetime | None = None
    for spell in spells:
        if firing_until is not None and bad_until is not None and spell.begins_at <= firing_until:
            if spell.begins_at - bad_until > look * patience.clear_looks:
                changes.append(spell.begins_at)  # it came back while its clearing was held off: the same firing
        elif spell.ends_at - spell.begins_at >= wait:
            changes += [firing_until] if firing_until is not None else []
            changes.append(spell.begins_at + wait)
            if not spell.is_attached:
                yield spell.begins_at + wait
        else:
            continue
        bad_until = spell.ends_at
        firing_until = bad_until + clearing.after(changes, bad_until)


def _spells(rows: pl.DataFrame, now: datetime, clearing: Clearing) -> Iterator[Spell]:
    """The spells of one alert, oldest first, from its transitions sorted by time."""
    begins_at: datetime | None = None
    has_fired, is_attached = False, True
    changes: list[datetime] = []
    for at, state, cause in rows.select("occurred_at", "state", "cause").iter_rows():
        if state == AlertState.FIRING:
            changes += [] if has_fired else [at]
            has_fired, is_attached = True, is_attached and bool(cause)
        if state != AlertState.RESOLVED:
            begins_at = begins_at or at
        elif begins_at is not None:
            ends_at = at - (clearing.after(changes, at) if has_fired else clearing.look)
            yield Spell(begins_at, max(ends_at, begins_at), has_fired and is_attached)
            changes += [at] if has_fired else []
            begins_at, has_fired, is_attached = None, False, True
    if begins_at is not None:
        yield Spell(begins_at, max(now, begins_at), has_fired and is_attached)
