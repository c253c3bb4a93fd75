"""What a pass found, as rows: verdicts that are new or changed; signals that are new, grew, ended or were undone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime

import numpy as np
import orjson
import polars as pl

from analysis.spc.detector import CAUSES
from analysis.spc.judging import Outcome
from analysis.spc.judging_events import Event
from analysis.spc.judging_span import Judged
from analysis.spc.judging_subject import NOT_TOLD, SIGNAL, STATES, digest
from analysis.spc.judging_words import sentence
from store.rows import Signal, SignalMode, SignalState

SAME = ("changed_at", "detected_at", "score", "evidence", "value", "center", "lower", "upper")  # no news by themselves
SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "metric_id": pl.String,
    "observed_at": pl.Datetime("us"),
    "judged_at": pl.Datetime("us"),
    "value": pl.Float64,
    "state": pl.String,
    "score": pl.Float64,
    "cause": pl.String,
    "rules": pl.String,
    "center": pl.Float64,
    "lower": pl.Float64,
    "upper": pl.Float64,
    "version": pl.Int64,
    "is_late": pl.Boolean,
}


def verdict_frame(outcomes: Sequence[Outcome], now: datetime) -> pl.DataFrame:
    """The verdicts that differ from those told before, as rows of `point_verdicts`."""
    names = pl.Series([outcome.subject.metric_id for outcome in outcomes], dtype=pl.String)
    said = {"": 0}
    parts = [part for code, outcome in enumerate(outcomes) if (part := _changed(outcome, code, said)) is not None]
    if not parts:
        return pl.DataFrame(schema=SCHEMA)
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    frame = pl.DataFrame(joined).with_columns(
        pl.lit(now).cast(pl.Datetime("us")).alias("judged_at"),
        names.gather(joined["metric_id"]).alias("metric_id"),
        pl.Series(list(STATES)).gather(joined["state"]).alias("state"),
        pl.Series(list(CAUSES)).gather(joined["cause"]).alias("cause"),
        pl.Series(list(said)).gather(joined["rules"]).alias("rules"),
        *(pl.when(pl.col(name).is_finite()).then(pl.col(name)) for name in ("score", "center", "lower", "upper")),
    )
    return frame.select(pl.col(name).cast(kind) for name, kind in SCHEMA.items())


def _changed(outcome: Outcome, code: int, said: dict[str, int]) -> dict[str, np.ndarray] | None:
    """The columns of one metric's news, texts as places: the metric is `code`, rules are added to those `said`."""
    s = outcome.subject
    states = outcome.states()
    is_other = (states != s.told_state) | (s.told_value != s.values)
    kept = np.flatnonzero((states != NOT_TOLD) & is_other & np.isfinite(s.values))
    if not kept.size:
        return None
    n = s.times.size
    lines = {name: np.full(n, np.nan) for name in ("score", "center", "lower", "upper")}
    codes = {name: np.zeros(n, dtype=np.int64) for name in ("cause", "version", "rules")}
    for span in outcome.spans:
        here, seen = slice(span.first, span.end), span.course.judged
        for name, line in zip(lines, (span.score, span.course.center, span.lower, span.upper), strict=True):
            lines[name][here] = np.where(seen, line, np.nan)
        codes["version"][here] = np.where(seen, span.kept.row.version, 0)
        codes["cause"][here] = np.where(span.states == SIGNAL, span.course.cause, 0)
        for place, names in span.found.rules.items():
            codes["rules"][span.first + place] = said.setdefault(" ".join(names), len(said))
    is_told = s.told_state != NOT_TOLD
    return {
        "metric_id": np.full(kept.size, code),
        "observed_at": s.times[kept],
        "value": s.values[kept],
        "state": states[kept],
        "is_late": np.where(is_told, s.told_value != s.values, np.arange(n) < s.known)[kept],
        **{name: line[kept] for name, line in (lines | codes).items()},
    }


def signal_rows(
    outcome: Outcome, stored: Mapping[str, Signal], watched: Collection[str], now: datetime
) -> list[Signal]:
    """The signals of the judged spans that differ from those `stored` (by id); those not found again are withdrawn."""
    found = {one.signal_id: one for span in outcome.spans for one in _signals(span, stored, watched, now)}
    news = [one for one in found.values() if _is_news(one, stored.get(one.signal_id))]
    spans = [
        (span.kept.row.version, span.subject.times[span.first], span.subject.times[span.end - 1])
        for span in outcome.spans
    ]
    for row in stored.values():
        was = np.datetime64(row.first_at)
        is_judged = any(version == row.version and first <= was <= last for version, first, last in spans)
        if row.signal_id not in found and is_judged and row.state is not SignalState.WITHDRAWN:
            news.append(replace(row, changed_at=now, state=SignalState.WITHDRAWN))
    return news


def _signals(span: Judged, stored: Mapping[str, Signal], watched: Collection[str], now: datetime) -> list[Signal]:
    return [_signal(span, event, stored, watched, now) for event in span.found.events]


def _signal(
    span: Judged, event: Event, stored: Mapping[str, Signal], watched: Collection[str], now: datetime
) -> Signal:
    row, course = span.kept.row, span.course
    times = span.subject.times[span.first : span.end]
    first = times[event.start].astype("datetime64[us]").item()
    direction = "up" if event.is_up else "down"
    key = digest(row.metric_id, event.rule, str(first), str(row.version), direction)
    at = event.strongest
    before = stored.get(key)
    members = sorted(place for place in event.members if place >= 0 and course.judged[place])
    lower, upper = span.lower, span.upper
    return Signal(
        signal_id=key,
        metric_id=row.metric_id,
        rule=event.rule,
        changed_at=now,
        state=SignalState.OPEN if event.is_open else SignalState.CLOSED,
        mode=SignalMode.WATCH if event.rule in watched else SignalMode.ALERT,
        first_at=first,
        last_at=times[event.last].astype("datetime64[us]").item(),
        detected_at=before.detected_at if before else now,
        members=orjson.dumps([str(times[place].astype("datetime64[s]")) for place in members]).decode(),
        score=float(event.score),
        direction=direction,
        value=float(course.values[at]),
        center=_finite(course.center[at]),
        lower=_finite(lower[at]),
        upper=_finite(upper[at]),
        rate=row.rate,
        version=row.version,
        evidence=sentence(span.subject, span.kept, course, (lower, upper), span.first, event),
    )


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _is_news(found: Signal, before: Signal | None) -> bool:
    """Whether a reader would see a difference; the last digits of a score are none."""
    if before is None:
        return True
    names = [one.name for one in fields(Signal) if one.name not in SAME]
    if any(getattr(found, name) != getattr(before, name) for name in names):
        return True
    return abs(found.score - before.score) > 1e-6 * max(1.0, abs(before.score)) or found.value != before.value
