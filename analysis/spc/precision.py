"""How often each rule is right, from what people answered, and which rules are only watched because they were not.

Precision is the share of answered signals that were real; "expected" and "data late" both say that nobody had to be
told. Its interval is Wilson's (E. Wilson, JASA 22, 1927). The state follows from the answers alone, in their order: a
rule that alerts is judged by all answers since it began to alert and is demoted when, after `least` of them, its
precision is below `floor`; one that is watched comes back when the precision of its newest `least` answers has risen to
`floor` + RETURN_MARGIN, and is judged from those on. So one answer more never moves it to and fro.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl

from store.rows import Answer

RETURN_MARGIN = 0.1
SURE = 0.95  # of the interval
COLUMNS = ("signal_id", "metric_id", "rule", "answered_at", "answer")
EVERY_METRIC = ""


@dataclass(frozen=True, slots=True)
class Precision:
    """How right a rule was, on one metric or on all (`metric_id` empty), in what it is judged by now.

    `real` of `answers` signals were real, which is `ratio`, and with 95 % somewhere from `low` to `high`;
    `all_answers` is how many there ever were. `is_watched` since `changed_at` (None: it has always alerted); `sentence`
    says it in words.
    """

    rule: str
    metric_id: str
    real: int
    answers: int
    all_answers: int
    ratio: float
    low: float
    high: float
    is_watched: bool
    changed_at: datetime | None
    sentence: str


def score(answers: pl.DataFrame, floor: float, least: int) -> list[Precision]:
    """The precision of every rule and of every rule on each metric that was answered, in order of rule and metric.

    `answers` has signal_id, metric_id, rule, answered_at and answer, in any order; of a signal that was answered more
    than once the newest answer counts. Raises ValueError for a missing column, or an answer that is none.
    """
    lacking = [name for name in COLUMNS if name not in answers.columns]
    if lacking:
        raise ValueError(f"The column {lacking[0]} is missing; expected {', '.join(COLUMNS)}.")
    newest = answers.sort("answered_at", "signal_id", "answer").unique("signal_id", keep="last", maintain_order=True)
    said: dict[tuple[str, str], list[tuple[datetime, bool]]] = {}
    for metric_id, rule, at, answer in newest.select("metric_id", "rule", "answered_at", "answer").iter_rows():
        is_real = Answer(answer) is Answer.REAL
        for key in ((rule, EVERY_METRIC), (rule, metric_id)):
            said.setdefault(key, []).append((at, is_real))
    return [_precision(rule, metric_id, said[rule, metric_id], floor, least) for rule, metric_id in sorted(said)]


def watched(scored: Iterable[Precision]) -> frozenset[str]:
    """The rules that are only watched, on every metric."""
    return frozenset(one.rule for one in scored if one.is_watched and one.metric_id == EVERY_METRIC)


def watched_on(scored: Iterable[Precision]) -> frozenset[tuple[str, str]]:
    """Rule and metric of what is only watched on that metric, whatever the rule is worth elsewhere."""
    return frozenset((one.rule, one.metric_id) for one in scored if one.is_watched and one.metric_id != EVERY_METRIC)


def _precision(rule: str, metric_id: str, said: Sequence[tuple[datetime, bool]], floor: float, least: int) -> Precision:
    judged, is_watched, changed_at = _walk(said, floor, least)
    real, answers = sum(judged), len(judged)
    from statsmodels.stats.proportion import proportion_confint  # takes a quarter of a second to import

    low, high = proportion_confint(real, answers, alpha=1 - SURE, method="wilson")
    bare = Precision(
        rule, metric_id, real, answers, len(said), real / answers, float(low), float(high), is_watched, changed_at, ""
    )
    return replace(bare, sentence=_sentence(bare, floor, least))


def _sentence(one: Precision, floor: float, least: int) -> str:
    name = f"{one.rule} on {one.metric_id}" if one.metric_id else one.rule
    were = "signal was" if one.answers == 1 else "signals were"
    counted = f"{name}: {one.real} of {one.answers} {were} real"
    if one.is_watched and one.changed_at is not None:
        day = f"{one.changed_at.day} {one.changed_at:%b %Y}"
        back = f"it alerts again when {_wanted(floor, least)} of its newest {least} are"
        return f"{counted} ({_percent(one.ratio)}, floor {_percent(floor)}): only watched since {day}; {back}."
    if one.answers < least:
        return f"{counted} so far; it is judged after {least} answers."
    span = f"with 95 % from {_percent(one.low)} to {_percent(one.high)}"
    return f"{counted} ({_percent(one.ratio)}, {span}; floor {_percent(floor)}): it alerts."


def _walk(said: Sequence[tuple[datetime, bool]], floor: float, least: int) -> tuple[list[bool], bool, datetime | None]:
    """What counts now, whether it is watched, and since when it is what it is."""
    judged: list[bool] = []
    is_watched, changed_at = False, None
    for at, is_real in said:
        judged.append(is_real)
        if is_watched:
            newest = judged[-least:]
            if sum(newest) >= _wanted(floor, least):
                judged, is_watched, changed_at = newest, False, at
        elif len(judged) >= least and sum(judged) < round(floor * len(judged), 9):
            is_watched, changed_at = True, at
    return judged, is_watched, changed_at


def _wanted(floor: float, least: int) -> int:
    """How many of the newest answers must be real before a watched rule alerts again."""
    return math.ceil(round(min(floor + RETURN_MARGIN, 1.0) * least, 9))


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %")
