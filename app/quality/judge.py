"""The judge's passes over the store: which data points are to be judged, and what is written about them.

A pass looks at what batches brought since the last one: points without a verdict on their present value, and metrics
that people decided about. The first pass of a process looks at everything. Nothing else is remembered: limits, verdicts
and signals in the store are what a pass goes on from, so it must not begin while rows of the last one still wait in
the spool (`JudgeDuty`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import polars as pl
import structlog

from analysis.spc.judging import Outcome, judge
from analysis.spc.judging_rows import signal_rows, verdict_frame
from analysis.spc.judging_stages import is_lasting, proposal
from analysis.spc.judging_subject import Kept, Subject, is_other_rate
from app.quality.judge_budget import settings_of
from app.quality.judge_reading import (
    EVER,
    Decided,
    Settings,
    read_decided,
    read_limits,
    read_signals,
    read_subjects,
)
from app.quality.precision import QUERY as ANSWERS
from app.quality.precision import watched_pairs, watched_rules
from config.estate import Estate
from store.connection import Store
from store.read import ask
from store.rows import ProposalState, Row, Signal
from store.spool import Spool, pending

TOGETHER = 2_000  # metrics judged together
PUT_TOGETHER = 500  # of these, whose rows are one batch
BUDGET_IS_GOOD_FOR = timedelta(minutes=10)
log = structlog.get_logger("app.quality.judge")


@dataclass(frozen=True, slots=True)
class Piece:
    """The rows of some metrics, all of them together: one batch."""

    rows: list[Row]
    verdicts: pl.DataFrame

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to write."""
        return not self.rows and self.verdicts.is_empty()


@dataclass(slots=True)
class Judge:
    """Remembers the newest batch it has seen, and the settings of all metrics."""

    seen_batch: int = -1
    settings: dict[str, Settings] = field(default_factory=dict)
    asked: frozenset[str] = frozenset()  # the metrics that settings were looked for; some are not in the estate
    settings_at: datetime = EVER
    estate: Estate | None = None
    told: set[str] = field(default_factory=set)  # problems that stand in the log

    def look(self, store: Store, estate: Estate, now: datetime) -> Iterator[Piece]:
        """One pass: what is to be written, piece by piece; raises StoreError. What was not taken is found again."""
        news = ask(store, "judge_news", batch_no=self.seen_batch)
        unjudged, decided_about = self._touched(store, news)
        self._renew(store, estate, now, {*unjudged, *decided_about}, news)
        decided_about |= self._other_settings(store, now)
        wanted = sorted(name for name in {*unjudged, *decided_about} if name in self.settings)
        if wanted:
            decided = read_decided(store)
            watched = _Watched(ask(store, ANSWERS), estate)
            for first in range(0, len(wanted), TOGETHER):
                ids = wanted[first : first + TOGETHER]
                yield from self._judge(store, ids, unjudged, decided_about, decided, watched, now)
        self.seen_batch = max([self.seen_batch, *news["newest_batch"]])

    def _touched(self, store: Store, news: pl.DataFrame) -> tuple[dict[str, datetime], set[str]]:
        """Metrics with points to be judged and from when on; metrics that people decided about."""
        since: dict[str, datetime] = {table: at for table, at, _ in news.iter_rows()}
        if self.seen_batch < 0:
            since = {"data_points": EVER, "point_marks": EVER}
        unjudged: dict[str, datetime] = {}
        if "data_points" in since:
            unjudged = dict(ask(store, "judge_unjudged", since=since.pop("data_points")).iter_rows())
        marked = set(ask(store, "judge_marked", since=min(since.values()))["metric_id"]) if since else set()
        return unjudged, marked

    def _renew(self, store: Store, estate: Estate, now: datetime, seen: set[str], news: pl.DataFrame) -> None:
        """Settings in force and the share of the budget of every metric, when these may be others."""
        is_set = "watch_events" in set(news["table_name"])
        is_good = now - self.settings_at < BUDGET_IS_GOOD_FOR and estate is self.estate and seen <= self.asked
        if is_good and not is_set:
            return
        self.settings = settings_of(store, estate, seen, now)
        self.asked = frozenset({*seen, *self.settings})
        self.settings_at, self.estate = now, estate

    def _other_settings(self, store: Store, now: datetime) -> set[str]:
        """Metrics whose limits were made for other settings or a rate far from theirs, when settings were renewed."""
        if self.settings_at != now:
            return set()
        out = set()
        for name, rate, key in ask(store, "judge_in_force").iter_rows():
            own = self.settings.get(name)
            if own is None:
                continue
            if key != own.key or is_other_rate(own.rate, rate):
                out.add(name)
        return out

    def _judge(
        self,
        store: Store,
        ids: Sequence[str],
        unjudged: Mapping[str, datetime],
        decided_about: set[str],
        decided: Decided,
        watched: _Watched,
        now: datetime,
    ) -> Iterator[Piece]:
        limits = read_limits(store, ids, every_version=False)
        signals = read_signals(store, ids)
        begins = {name: _begin(kept[-1]) for name, kept in limits.items() if kept}
        late = {name for name in ids if name in begins and unjudged.get(name, now) < begins[name]}
        history = frozenset(late | {name for name in ids if name in decided_about})

        def subjects(names: Sequence[str], past: frozenset[str]) -> list[Subject]:
            known = limits | (read_limits(store, sorted(past), every_version=True) if past else {})
            own = {name: self.settings[name] for name in names}
            return read_subjects(store, own, decided, known, signals, past)

        outcomes, wanting = judge(subjects(ids, history), now)
        if wanting:
            outcomes += judge(subjects(wanting, frozenset(wanting)), now)[0]
        lasting = [one for one in outcomes if is_lasting(one) and self._may_propose(one, decided)]
        brief = [one.subject.metric_id for one in lasting if not one.subject.has_history]
        pasts = {one.metric_id: one for one in (subjects(brief, frozenset(brief)) if brief else [])}
        stages = [self._proposal(pasts.get(one.subject.metric_id, one.subject), decided, now) for one in lasting]
        extra: list[Row] = [stage for stage in stages if stage is not None]
        for first in range(0, len(outcomes), PUT_TOGETHER):
            piece = self._piece(outcomes[first : first + PUT_TOGETHER], signals, watched, now)
            yield Piece([*piece.rows, *extra], piece.verdicts)
            extra = []

    def _piece(
        self, outcomes: Sequence[Outcome], signals: Mapping[str, Mapping[str, Signal]], watched: _Watched, now: datetime
    ) -> Piece:
        rows: list[Row] = []
        for outcome in outcomes:
            name = outcome.subject.metric_id
            rows += outcome.limits
            rows += signal_rows(outcome, signals.get(name, {}), watched.on(name), now)
            for problem in {span.problem for span in outcome.spans if span.problem} - self.told:
                log.warning("chart rules are not asked", problem=problem)
                self.told.add(problem)
        return Piece(rows, verdict_frame(outcomes, now))

    def _may_propose(self, outcome: Outcome, decided: Decided) -> bool:
        events = decided.events.get(outcome.subject.metric_id, [])
        return all(state != ProposalState.PROPOSED for _, _, state in events)

    def _proposal(self, subject: Subject, decided: Decided, now: datetime) -> Row | None:
        near = tuple(starts_at for _, starts_at, _ in decided.events.get(subject.metric_id, []))
        return proposal(subject, now, near)


def _begin(kept: Kept) -> datetime:
    begins: datetime = kept.begins_at.item()  # type: ignore[assignment]
    return begins


class _Watched:
    """Which rules only watch, on every metric and on one."""

    def __init__(self, answers: pl.DataFrame, estate: Estate) -> None:
        self.everywhere = watched_rules(answers, estate.quality)
        self.pairs = watched_pairs(answers, estate.quality)

    def on(self, metric_id: str) -> frozenset[str]:
        """The rules that alert nobody on a metric."""
        return self.everywhere | {rule for rule, metric in self.pairs if metric == metric_id}


@dataclass(slots=True)
class JudgeDuty:
    """Passes of the judge whose rows go through a spool of its own; a pass waits until the last one's are stored."""

    store: Store
    spool: Spool
    judge: Judge = field(default_factory=Judge)

    def do(self, estate: Estate, now: datetime) -> None:
        """One pass; raises StoreError, and OSError for a full disk: what was not kept is found again."""
        if pending(self.spool.folder):
            return
        for piece in self.judge.look(self.store, estate, now):
            if not piece.is_empty:
                self.spool.put(piece.rows, {"point_verdicts": piece.verdicts} if piece.verdicts.height else None)
