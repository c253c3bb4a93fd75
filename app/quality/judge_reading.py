"""What the judge reads: the points, limits, marks, stages and signals of some metrics, as its subjects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl

from analysis.spc.judging_subject import NOT_TOLD, STATES, Kept, Span, Stage, Subject, Times, Told, watch_key
from config.quality import Metric, Watch
from config.refreshes import Calendar
from store.connection import Store
from store.read import ask
from store.rows import ControlLimits, MarkKind, ProposalState, Signal, SignalMode, SignalState

EVER = datetime(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Settings:
    """How one metric is judged: what it is, its settings in force, and its false alarms a point."""

    metric: Metric
    watch: Watch
    rate: float
    calendar: Calendar | None = None

    @property
    def key(self) -> str:
        """The digest of its settings."""
        return watch_key(self.watch)


@dataclass(frozen=True, slots=True)
class Decided:
    """What people decided about all metrics: marks and accepted stages by metric, and the stages that are known."""

    marks: dict[str, list[tuple[str, datetime, datetime]]] = field(default_factory=dict)
    stages: dict[str, Stage] = field(default_factory=dict)
    events: dict[str, list[tuple[str, datetime, str]]] = field(default_factory=dict)


def read_decided(store: Store) -> Decided:
    """Marks in force, the newest accepted stage of each metric, and all stages with their states."""
    marks: dict[str, list[tuple[str, datetime, datetime]]] = defaultdict(list)
    for metric_id, kind, from_at, to_at in ask(store, "judge_marks").iter_rows():
        marks[metric_id].append((kind, from_at, to_at))
    stages: dict[str, Stage] = {}
    events: dict[str, list[tuple[str, datetime, str]]] = defaultdict(list)
    for row in ask(store, "judge_stages").iter_rows(named=True):
        events[row["metric_id"]].append((row["stage_id"], row["starts_at"], row["state"]))
        if row["state"] == ProposalState.ACCEPTED:
            stages[row["metric_id"]] = Stage(np.datetime64(row["starts_at"], "us"), row["reason"], row["actor"])
    return Decided(dict(marks), stages, dict(events))


def read_limits(store: Store, ids: Sequence[str], every_version: bool) -> dict[str, tuple[Kept, ...]]:
    """The limits of some metrics, ascending by version; those that cannot be read are learned anew."""
    frame = ask(store, "judge_versions" if every_version else "judge_limits", ids=list(ids))
    found: dict[str, list[Kept]] = defaultdict(list)
    for row in frame.iter_rows(named=True):
        try:
            found[row["metric_id"]].append(Kept.of(ControlLimits(**row)))
        except ValueError:
            found[row["metric_id"]].clear()
    return {metric_id: tuple(kept) for metric_id, kept in found.items()}


def read_signals(store: Store, ids: Sequence[str]) -> dict[str, dict[str, Signal]]:
    """The signals of some metrics by metric and id."""
    found: dict[str, dict[str, Signal]] = defaultdict(dict)
    for row in ask(store, "judge_signals", ids=list(ids)).iter_rows(named=True):
        row |= {"state": SignalState(row["state"]), "mode": SignalMode(row["mode"])}
        found[row["metric_id"]][row["signal_id"]] = Signal(**row)
    return found


def read_subjects(
    store: Store,
    settings: Mapping[str, Settings],
    decided: Decided,
    limits: Mapping[str, tuple[Kept, ...]],
    signals: Mapping[str, Mapping[str, Signal]],
    history: frozenset[str],
) -> list[Subject]:
    """The metrics of `settings` with their points: all of those in `history` or without limits, else the newest."""
    ids = sorted(settings)
    whole = {one for one in ids if one in history or not limits.get(one)}
    sinces = [EVER.isoformat() if one in whole else str(limits[one][-1].begins_at) for one in ids]
    frame = ask(store, "judge_points", ids=ids, sinces=sinces)
    columns = _columns(frame)
    answered = set(ask(store, "judge_answered", ids=ids)["signal_id"])
    counts = frame.group_by("metric_id", maintain_order=True).len()
    ends = counts["len"].cum_sum().to_list()
    out = []
    for name, start, end in zip(counts["metric_id"].to_list(), [0, *ends[:-1]], ends, strict=bool(ends)):
        part = {key: column[start:end] for key, column in columns.items()}
        own = settings[name]
        marks, own_signals = decided.marks.get(name, []), signals.get(name, {}).values()
        out.append(
            Subject(
                metric_id=name,
                title=own.metric.title,
                unit=own.metric.unit,
                watch=own.watch,
                rate=own.rate,
                set_aside=_set_aside(part["times"], marks),
                has_history=name in whole,
                versions=limits.get(name, ()),
                stage=decided.stages.get(name),
                marks=tuple(_span(mark) for mark in marks),
                spans=tuple(Told.of(one, one.signal_id in answered) for one in own_signals if _counts(one)),
                known_stages=frozenset(stage_id for stage_id, _, _ in decided.events.get(name, [])),
                calendar=own.calendar,
                watch_key=own.key,
                **part,
            )
        )
    return out


def _columns(frame: pl.DataFrame) -> dict[str, Any]:
    codes = {name: place for place, name in enumerate(STATES)}
    state = frame["state"].replace_strict(codes, default=NOT_TOLD, return_dtype=pl.Int64).fill_null(NOT_TOLD)
    return {
        "times": frame["observed_at"].to_numpy().astype("datetime64[us]"),
        "values": frame["value"].to_numpy().astype(np.float64),
        "sizes": frame["size"].fill_null(np.nan).to_numpy().astype(np.float64),
        "corrected": frame["is_corrected"].to_numpy().astype(bool),
        "told_state": state.to_numpy(),
        "told_value": frame["judged_value"].fill_null(np.nan).to_numpy().astype(np.float64),
        "told_version": frame["version"].fill_null(0).to_numpy().astype(np.int64),
    }


def _set_aside(times: Times, marks: Sequence[tuple[str, datetime, datetime]]) -> np.ndarray:
    out = np.zeros(times.size, dtype=bool)
    for kind, from_at, to_at in marks:
        if kind != MarkKind.CORRECTED:
            out |= (times >= np.datetime64(from_at)) & (times <= np.datetime64(to_at))
    return out


def _span(mark: tuple[str, datetime, datetime]) -> Span:
    return np.datetime64(mark[1], "us"), np.datetime64(mark[2], "us")


def _counts(signal: Signal) -> bool:
    return signal.state is not SignalState.WITHDRAWN
