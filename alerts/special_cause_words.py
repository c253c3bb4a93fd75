"""What an alert about a data point says: the evidence of every rule, the segments that explain a total, what to do."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from alerts.special_causes import Signalling
from analysis.spc.segment_words import sentence
from analysis.spc.segments import OTHERS, Contributions, Part
from config.quality import Metric

MOST_RULES = 3
MOST_SEGMENTS = 5
DOUBT = 0.05  # of the total: each center is estimated for itself, so they need not add up
SHARES = {"ratio", "%", "percent"}  # units whose segments do not add up to the total


def evidence_of(one: Signalling, below: Collection[Signalling], metrics: Sequence[Metric]) -> str:
    """The sentences of its signals, the strongest first; which segments explain it; where to begin.

    `below` are the data points that it is the cause of, `metrics` all of the estate.
    """
    said = list(dict.fromkeys(_ended(row["evidence"]) for row in one.signals))
    more = len(said) - MOST_RULES
    parts = [*said[:MOST_RULES], *([f"{more} more {'rules' if more > 1 else 'rule'} fired."] if more > 0 else [])]
    parts.append(segments_text(one, below, metrics))
    steps = one.metric.watch.action_plan
    parts.append(_ended(f"First step: {steps[0]}") if steps else "")
    return " ".join(part for part in parts if part)


def plan_of(metric: Metric) -> str:
    """The whole action plan in one line; empty where there is none."""
    steps = metric.watch.action_plan
    if len(steps) < 2:
        return "".join(steps)
    return "; ".join(f"{number}. {step}" for number, step in enumerate(steps, start=1))


def segments_text(one: Signalling, below: Collection[Signalling], metrics: Sequence[Metric]) -> str:
    """`Orders -9.0 % (1,200 to 1,092), of which IT -7.8, others (no signal) -1.2.`

    Said only where values add up: same unit and no share, same newest point, segments that do not overlap and in all
    are no larger than the total; and where it is clear which total a segment is of.
    """
    row, unit = one.strongest, one.metric.unit
    if unit in SHARES or row["center"] is None or row["center"] <= 0:
        return ""
    parts = _parts(one, [other for other in below if _may_add_up(other, one)], metrics)
    if not parts:
        return ""
    ordered = sorted(parts, key=lambda part: (-abs(part.change), part.segment))
    named, folded = ordered[:MOST_SEGMENTS], ordered[MOST_SEGMENTS:]
    before, after = row["center"] - _sum(named, "before"), row["value"] - _sum(named, "after")
    if min(before - _sum(folded, "before"), after - _sum(folded, "after")) < -DOUBT * row["center"]:
        return ""
    state = f"{len(folded)} more and those without a signal" if folded else "no signal"
    others = [Part(OTHERS, before, after, after - before, after - before, 0.0, state)] if before or after else []
    return sentence(Contributions(row["center"], row["value"], (*named, *others), False), one.metric.title, unit)


def _sum(parts: Sequence[Part], name: str) -> float:
    return math.fsum(getattr(part, name) for part in parts)


def _may_add_up(other: Signalling, one: Signalling) -> bool:
    """Whether a segment's newest value may be a part of the total's."""
    row = other.strongest
    if other.family != one.family or len(other.place - one.place) != 1 or not other.place > one.place:
        return False
    if other.metric.unit != one.metric.unit or row["last_at"] != one.strongest["last_at"] or row["center"] is None:
        return False
    return bool(min(row["center"], row["value"]) >= 0)


def _parts(one: Signalling, inside: Sequence[Signalling], metrics: Sequence[Metric]) -> list[Part]:
    """The parts by the one name (`country`) that divides the total most, so that nothing is counted twice."""
    if not inside:
        return []
    totals = [each for each in metrics if _is_like(each, one.metric)]
    by_name: dict[str, list[Part]] = {}
    for other in inside:
        if _total_of(other.metric, totals) == one.id:
            [(name, segment)] = other.place - one.place
            row = other.strongest
            change = row["value"] - row["center"]
            by_name.setdefault(name, []).append(Part(segment, row["center"], row["value"], change, change, 0.0))
    return max((by_name[name] for name in sorted(by_name)), key=len, default=[])


def _is_like(metric: Metric, one: Metric) -> bool:
    return (metric.dataset, metric.unit, metric.segment) == (one.dataset, one.unit, one.segment)


def _total_of(part: Metric, totals: Sequence[Metric]) -> str:
    """The only total that a segment may be of, or the one with the longest id or title that its own begins with."""
    if len(totals) == 1:
        return totals[0].id
    alike = [each for each in totals if part.id.startswith(each.id) or part.title.startswith(each.title)]
    return max(alike, key=lambda each: (len(each.id), each.id)).id if alike else ""


def limit_of(row: Mapping[str, Any]) -> float | None:
    """The limit on the side that the signal went to."""
    limit: float | None = row["lower" if row["direction"] == "down" else "upper"]
    return limit


def _ended(said: str) -> str:
    text = said.strip()
    return text if not text or text.endswith((".", "!", "?")) else f"{text}."
