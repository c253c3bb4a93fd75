"""Data points that signal together: which of them one cause explains, and which of them is its root.

All data points of a dataset, of a table and of the datasets upstream that began to signal within 1.5 steps of each
other (the coarser step of the two) have one cause. The roots come of one strict order, so that nothing explains itself
in a circle and no order of the findings matters: upstream before downstream, what was detected minutes earlier before
what came later (it has been told), a total before its segments and a table's rows before its columns, then the
strongest evidence.
"""

from __future__ import annotations

import sys
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from itertools import combinations
from typing import Any
from urllib.parse import unquote

from pydantic import ValidationError

from analysis.job_graph import Graph
from config.estate import Estate
from config.quality import PREFIX, Metric, Watch, profiled_metric

SAME_STEPS = 1.5
TOLD_AFTER = timedelta(minutes=5)  # what is detected later joins what has been told, whatever its evidence
NO_PLACE = sys.maxsize
DEEPEST = 10  # parts of a segment that are compared

Place = frozenset[tuple[str, str]]
Rank = tuple[int, int, float, int, float, str]


@dataclass(frozen=True)
class Signalling:
    """A data point with open signals, the strongest first, as rows of rule_signals.

    `doubt` says why nobody can tell how it is now, and is empty where that is known.
    """

    metric: Metric
    signals: Sequence[Mapping[str, Any]]
    doubt: str = ""

    @property
    def id(self) -> str:
        """The id of its metric."""
        return self.metric.id

    @property
    def subject(self) -> str:
        """What its alert is about."""
        return f"metric:{self.metric.id}"

    @property
    def strongest(self) -> Mapping[str, Any]:
        """The signal with the strongest evidence."""
        return self.signals[0]

    @cached_property
    def score(self) -> float:
        """Its strongest evidence, as a share of what makes a signal."""
        return float(self.strongest["score"])

    @cached_property
    def first_at(self) -> datetime:
        """Where the oldest of its open signals begins: what its alert was first told about."""
        first_at: datetime = min(row["first_at"] for row in self.signals)
        return first_at

    @cached_property
    def detected_at(self) -> datetime:
        """When the first of its open signals was detected."""
        detected_at: datetime = min(row["detected_at"] for row in self.signals)
        return detected_at

    @cached_property
    def step(self) -> timedelta:
        """From one of its points to the next, as a rule; 0 where it has too few."""
        return timedelta(seconds=self.strongest["step_seconds"] or 0.0)

    @cached_property
    def family(self) -> str:
        """What has one cause if it signals together: its dataset, else its table, else itself."""
        if self.metric.dataset:
            return f"dataset {self.metric.dataset}"
        table = table_of(self.id)
        return f"table {table}" if table else f"metric {self.id}"

    @cached_property
    def place(self) -> Place:
        """Which part of its family it is: a part with more in it lies below every part that is within it."""
        table = table_of(self.id)
        if not table:
            return frozenset(self.metric.segment.items())
        column, measure = self.id.split("/")[2:]
        whole, schema = ("table:", table), ("schema:", table)
        if measure == "rows":
            return frozenset([whole])
        return frozenset([whole, schema, *([("column:", f"{column}/{measure}")] if column else [])])


def table_of(metric_id: str) -> str:
    """`warehouse/sales.customers` of the id of a profiled metric; empty for any other."""
    kind, _, rest = metric_id.partition(":")
    parts = rest.split("/")
    return f"{parts[0]}/{unquote(parts[1])}" if kind == PREFIX and len(parts) == 4 else ""


def signalling(
    rows: Iterable[Mapping[str, Any]], estate: Estate, doubt_of: Callable[[Mapping[str, Any]], str]
) -> Iterator[Signalling]:
    """The data points of rule_signals that the estate still names; those of one metric lie together, strongest first.

    `doubt_of` says of a row why nobody can tell how its metric is now.
    """
    metrics = {metric.id: metric for metric in estate.metrics}
    by_metric: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        by_metric.setdefault(row["metric_id"], []).append(row)
    for metric_id, several in by_metric.items():
        metric = metrics.get(metric_id) or profiled_metric(metric_id, estate.profiles)
        if metric is not None:
            ordered = sorted(several, key=lambda row: (-row["score"], row["rule"], row["signal_id"]))
            yield Signalling(_as_decided(metric, ordered[0]["watch"]), ordered, doubt_of(ordered[0]))


def _as_decided(metric: Metric, watch: str | None) -> Metric:
    """The metric with the settings that a person saved; with the estate's where those can no longer be read."""
    if not watch:
        return metric
    try:
        return metric.model_copy(update={"watch": Watch.model_validate_json(watch)})
    except ValidationError:
        return metric


def in_order(found: Iterable[Signalling], graph: Graph) -> list[Signalling]:
    """The strict order in which one explains another: what comes first may be the cause of what follows."""
    families: dict[str, list[Signalling]] = {}
    for one in found:
        families.setdefault(one.family, []).append(one)
    ranks: dict[str, Rank] = {}
    for several in families.values():
        dataset = several[0].metric.dataset
        depth = len(graph.datasets_behind(dataset)) if dataset else 0
        batches, below = _batches(several), _strongest_below(several)
        for one in several:
            place = one.place
            ranks[one.id] = (depth, batches[one.id], -below[place], len(place), -one.score, one.id)
    everything = [one for several in families.values() for one in several]
    return sorted(everything, key=lambda one: ranks[one.id])


def _batches(several: Sequence[Signalling]) -> dict[str, int]:
    """Which were detected together, and in which order."""
    batches: dict[str, int] = {}
    began: datetime | None = None
    number = 0
    for one in sorted(several, key=lambda one: (one.detected_at, one.id)):
        if began is None or one.detected_at - began > TOLD_AFTER:
            began, number = one.detected_at, number + 1
        batches[one.id] = number
    return batches


def _strongest_below(several: Sequence[Signalling]) -> dict[Place, float]:
    """The strongest evidence at each place and at all places below it."""
    best = {one.place: 0.0 for one in several}
    for one in several:
        parts = sorted(one.place)[:DEEPEST]
        above = (frozenset(chosen) for size in range(len(parts) + 1) for chosen in combinations(parts, size))
        for place in {one.place, *above} & best.keys():
            best[place] = max(best[place], one.score)
    return best


@dataclass(slots=True)
class Beginnings:
    """When the data points of one family began to signal, by their step, so that those of one time are found at once.

    Each has its place in the strict order; of several that began at the same time the first is kept.
    """

    by_step: dict[timedelta, list[tuple[datetime, int]]] = field(default_factory=dict)

    def add(self, one: Signalling, place: int) -> None:
        """Note the next one in order."""
        known = self.by_step.setdefault(one.step, [])
        spot = bisect_left(known, (one.first_at, 0))
        if spot == len(known) or known[spot][0] != one.first_at:
            known.insert(spot, (one.first_at, place))

    def first_beside(self, one: Signalling) -> int | None:
        """The place of the first that began at the same time as `one`."""
        places = []
        for step, known in self.by_step.items():
            reach = SAME_STEPS * max(step, one.step)
            begin = bisect_left(known, (one.first_at - reach, 0))
            end = bisect_right(known, (one.first_at + reach, NO_PLACE))
            places += [place for _, place in known[begin:end]]
        return min(places, default=None)


def causes_among(ordered: Sequence[Signalling], graph: Graph) -> dict[str, Signalling]:
    """The cause of each data point among the others, by id; what has none is left out. `ordered` is of `in_order`.

    Within its family that is one without a cause of its own, so that a long row of beginnings is no single cause;
    upstream it may be any.
    """
    seen: dict[str, Beginnings] = {}
    roots: dict[str, Beginnings] = {}
    causes: dict[str, Signalling] = {}
    for place, one in enumerate(ordered):
        near = [roots[one.family]] if one.family in roots else []
        near += [seen[name] for name in _upstream(one, graph) if name in seen]
        places = [found for some in near if (found := some.first_beside(one)) is not None]
        if places:
            causes[one.id] = ordered[min(places)]
        else:
            roots.setdefault(one.family, Beginnings()).add(one, place)
        seen.setdefault(one.family, Beginnings()).add(one, place)
    return causes


def _upstream(one: Signalling, graph: Graph) -> list[str]:
    """The families of the datasets that its own rests on."""
    behind = graph.datasets_behind(one.metric.dataset) if one.metric.dataset else frozenset()
    return [family for name in behind if (family := f"dataset {name}") != one.family]


def roots_of(causes: Mapping[str, Signalling]) -> dict[str, Signalling]:
    """The first cause of each data point that has one, by id."""
    roots = {}
    for metric_id, above in causes.items():
        root = above
        while root.id in causes:
            root = causes[root.id]
        roots[metric_id] = root
    return roots
