"""Which rules are only watched, and how right each was, as the estate's floor has it.

Frames are answers to rule_signal_answers, so that the judge, who asks the store, and a page, which asks its desk, get
the same.
"""

from __future__ import annotations

import polars as pl

from analysis.spc.precision import EVERY_METRIC, Precision, score, watched, watched_on
from config.quality import Quality

QUERY = "rule_signal_answers"


def precision_of(answers: pl.DataFrame, quality: Quality) -> list[Precision]:
    """Every rule, and every rule on each metric that was answered; what is only watched comes first."""
    scored = score(answers, quality.precision_floor, quality.least_answers)
    return sorted(scored, key=lambda one: (not one.is_watched, one.metric_id != EVERY_METRIC, one.rule, one.metric_id))


def watched_rules(answers: pl.DataFrame, quality: Quality) -> frozenset[str]:
    """The rules whose signals alert nobody, on every metric."""
    return watched(precision_of(answers, quality))


def watched_pairs(answers: pl.DataFrame, quality: Quality) -> frozenset[tuple[str, str]]:
    """Rule and metric of what alerts nobody on that metric alone."""
    return watched_on(precision_of(answers, quality))


def demotions(answers: pl.DataFrame, quality: Quality) -> list[Precision]:
    """What is only watched now, rules on all metrics first; the `sentence` of each says why and since when."""
    return [one for one in precision_of(answers, quality) if one.is_watched]
