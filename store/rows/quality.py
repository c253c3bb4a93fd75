"""What is kept of data points under control: limits in versions, verdicts, signals, and what people decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from store.rows.base import Row
from store.rows.point_states import Answer, MarkKind, PointState, SignalMode, SignalState
from store.rows.states import ProposalState


@dataclass(frozen=True, slots=True)
class ControlLimits(Row):
    """Version `version` of what a metric is judged by, never changed, only replaced; learned from points in a span.

    `calibration` is JSON (analysis.spc.calibration), `rate` the false alarms a point that it promises. `center`,
    `sigma`, `lower` and `upper` are those at its end, in the metric's unit, for people to read.
    """

    TABLE: ClassVar[str] = "control_limits"
    TIME: ClassVar[str] = "made_at"
    LATEST: ClassVar[tuple[str, ...]] = ("metric_id",)

    metric_id: str
    version: int
    made_at: datetime
    from_at: datetime
    to_at: datetime
    points: int
    kind: str
    center: float
    sigma: float
    lower: float
    upper: float
    rate: float
    calibration: str
    reason: str
    actor: str = ""


@dataclass(frozen=True, slots=True)
class PointVerdict(Row):
    """What was made of a data point, by limits version `version`; a point judged again has another row, both are kept.

    `value` is what was judged: the corrected one where there is one. `score` is the evidence as a share of its limit,
    1 and above is a signal; `cause` a place in analysis.spc.detector.CAUSES in words; `rules` the chart rules that
    ended here, with spaces between. `is_late` marks a verdict on a value that came or changed after its first verdict.
    """

    TABLE: ClassVar[str] = "point_verdicts"
    TIME: ClassVar[str] = "judged_at"

    metric_id: str
    observed_at: datetime
    judged_at: datetime
    value: float
    state: PointState
    score: float | None = None
    cause: str = ""
    rules: str = ""
    center: float | None = None
    lower: float | None = None
    upper: float | None = None
    version: int = 0
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class Signal(Row):
    """A special cause: one metric, one rule, the points from `first_at` to `last_at`; a later row of it replaces it.

    `rule` is `spike`, `shift` or `drift` of the calibrated detector, or the name of a chart rule. `members` is a JSON
    list of the times of its points. `evidence` is one sentence; `rate` the false alarms a point that were promised.
    """

    TABLE: ClassVar[str] = "signals"
    TIME: ClassVar[str] = "changed_at"
    LATEST: ClassVar[tuple[str, ...]] = ("signal_id",)

    signal_id: str
    metric_id: str
    rule: str
    changed_at: datetime
    state: SignalState
    mode: SignalMode
    first_at: datetime
    last_at: datetime
    detected_at: datetime
    members: str
    score: float
    direction: str
    value: float
    center: float | None
    lower: float | None
    upper: float | None
    rate: float
    version: int
    evidence: str


@dataclass(frozen=True, slots=True)
class SignalAnswer(Row):
    """What a person said of a signal; the newest answer counts."""

    TABLE: ClassVar[str] = "signal_answers"
    TIME: ClassVar[str] = "answered_at"
    LATEST: ClassVar[tuple[str, ...]] = ("signal_id",)

    signal_id: str
    metric_id: str
    rule: str
    answered_at: datetime
    answer: Answer
    actor: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PointMark(Row):
    """What a person marked at the points from `from_at` to `to_at` (both in it); withdrawn by a later row of its id.

    A correction is of one point and has `old_value` and `new_value`.
    """

    TABLE: ClassVar[str] = "point_marks"
    TIME: ClassVar[str] = "marked_at"
    LATEST: ClassVar[tuple[str, ...]] = ("mark_id",)

    mark_id: str
    metric_id: str
    kind: MarkKind
    from_at: datetime
    to_at: datetime
    marked_at: datetime
    actor: str
    reason: str
    old_value: float | None = None
    new_value: float | None = None
    is_withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class StageEvent(Row):
    """A new stage of a metric from `starts_at` on: proposed by a test, or accepted, rejected, withdrawn by a person."""

    TABLE: ClassVar[str] = "stage_events"
    TIME: ClassVar[str] = "occurred_at"
    LATEST: ClassVar[tuple[str, ...]] = ("stage_id",)

    stage_id: str
    metric_id: str
    starts_at: datetime
    occurred_at: datetime
    state: ProposalState
    reason: str
    actor: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class WatchEvent(Row):
    """Another way to judge a metric than the estate's, as JSON of config.quality.Watch, and its backtest then.

    Withdrawn, the estate's counts again.
    """

    TABLE: ClassVar[str] = "watch_events"
    TIME: ClassVar[str] = "occurred_at"
    LATEST: ClassVar[tuple[str, ...]] = ("metric_id",)

    metric_id: str
    occurred_at: datetime
    watch: str
    actor: str
    reason: str
    backtest: str = ""
    is_withdrawn: bool = False
