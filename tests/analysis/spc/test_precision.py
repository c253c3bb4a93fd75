"""Precision of rules by what people answered: counting, the interval, demotion and return."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.spc.precision import Precision, score, watched, watched_on
from store.rows import Answer

BEGIN = datetime(2026, 11, 1)
DAY = timedelta(days=1)
REAL, EXPECTED, LATE = Answer.REAL, Answer.EXPECTED, Answer.DATA_LATE
Row = tuple[str, str, str, datetime, str]
SCHEMA = {
    "signal_id": pl.String,
    "metric_id": pl.String,
    "rule": pl.String,
    "answered_at": pl.Datetime("us"),
    "answer": pl.String,
}


def frame(rows: Sequence[Row]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def answered(answers: str, rule: str = "spike", metric_id: str = "orders") -> list[Row]:
    """One signal a day: `r` was real, `e` expected, `l` only late data."""
    said = {"r": REAL, "e": EXPECTED, "l": LATE}
    return [(f"{rule}{metric_id}{n}", metric_id, rule, BEGIN + n * DAY, said[one]) for n, one in enumerate(answers)]


def of(rows: Sequence[Row], rule: str = "spike", metric_id: str = "", floor: float = 0.3, least: int = 10) -> Precision:
    return next(one for one in score(frame(rows), floor, least) if (one.rule, one.metric_id) == (rule, metric_id))


def test_precision_is_the_share_of_real_ones_among_all_answers_with_wilsons_interval() -> None:
    found = of(answered("rrrrrreell"))
    assert (found.real, found.answers, found.ratio) == (6, 10, 0.6)
    assert (found.low, found.high) == (pytest.approx(0.3127, abs=5e-5), pytest.approx(0.8318, abs=5e-5))
    assert found.sentence == (
        "spike: 6 of 10 signals were real (60 %, with 95 % from 31 % to 83 %; floor 30 %): it alerts."
    )


def test_a_rule_that_is_wrong_too_often_is_only_watched_and_says_why() -> None:
    found = of(answered("rrreeelelle"))
    assert found.is_watched
    assert found.sentence == (
        "spike: 3 of 11 signals were real (27 %, floor 30 %): only watched since 11 Nov 2026; "
        "it alerts again when 4 of its newest 10 are."
    )
    assert watched(score(frame(answered("rrreeelelle")), 0.3, 10)) == {"spike"}


def test_nothing_is_demoted_before_enough_answers() -> None:
    found = of(answered("eeeeeeeee"))
    assert not found.is_watched
    assert found.sentence == "spike: 0 of 9 signals were real so far; it is judged after 10 answers."
    assert of(answered("r")).sentence.startswith("spike: 1 of 1 signal was real so far")
    assert of(answered("eeeeeeeeee")).is_watched


def test_exactly_at_the_floor_it_alerts() -> None:
    assert not of(answered("rrreeeeeee")).is_watched
    assert not of(answered("r" * 55 + "e" * 45), floor=0.55, least=100).is_watched, "0.55 * 100 is no 55 in floats"


def test_it_comes_back_when_its_newest_answers_are_above_the_floor_by_a_margin() -> None:
    demoted = "e" * 12
    assert of(answered(demoted + "rrr")).is_watched, "3 of the newest 10 are at the floor, not above it"
    back = of(answered(demoted + "rrrr"))
    assert not back.is_watched
    assert (back.real, back.answers, back.all_answers) == (4, 10, 16), "from there on it is judged by what brought it"
    assert back.changed_at == BEGIN + 15 * DAY
    assert not of(answered(demoted + "rrrr" + "e")).is_watched, "one answer more does not move it to and fro"
    assert of(answered(demoted + "rrrr" + "eeee")).is_watched, "4 of 14 are below the floor again"


def test_a_floor_of_one_can_be_reached_again_and_a_floor_of_zero_demotes_nobody() -> None:
    assert of(answered("r" * 9 + "e"), floor=1.0).is_watched
    assert not of(answered("r" * 9 + "e" + "r" * 10), floor=1.0).is_watched
    assert not of(answered("e" * 50), floor=0.0).is_watched


def test_the_newest_answer_to_a_signal_counts_whatever_order_they_come_in() -> None:
    first = answered("eeeeeeeeee")
    changed = [(signal, metric, rule, at + 30 * DAY, REAL.value) for signal, metric, rule, at, _ in first[:4]]
    found = of([*changed, *first])
    assert (found.real, found.answers, found.is_watched) == (4, 10, False)


def test_one_noisy_metric_is_told_from_the_rule_as_a_whole() -> None:
    rows = [*answered("e" * 10), *answered("r" * 30, metric_id="sales"), *answered("rr", rule="shift")]
    scored = score(frame(rows), 0.3, 10)
    assert watched(scored) == frozenset()
    assert watched_on(scored) == {("spike", "orders")}
    assert [(one.rule, one.metric_id) for one in scored] == [
        ("shift", ""),
        ("shift", "orders"),
        ("spike", ""),
        ("spike", "orders"),
        ("spike", "sales"),
    ]
    assert of(rows, metric_id="orders").sentence.startswith("spike on orders: 0 of 10 signals were real")


def test_no_answers_give_no_rows_and_a_missing_column_is_named() -> None:
    assert score(frame([]), 0.3, 10) == []
    with pytest.raises(ValueError, match="The column answer is missing; expected signal_id, metric_id, rule"):
        score(frame([]).drop("answer"), 0.3, 10)


@given(st.text("rel", max_size=60), st.floats(0, 1), st.integers(3, 12), st.randoms(use_true_random=False))
def test_the_verdict_follows_from_the_answers_alone(
    answers: str, floor: float, least: int, chance: random.Random
) -> None:
    rows = answered(answers)
    shuffled = chance.sample(rows, len(rows))
    assert score(frame(shuffled), floor, least) == score(frame(rows), floor, least)
    for one in score(frame(rows), floor, least):
        assert 0 <= one.low <= one.ratio + 1e-12 <= one.high + 2e-12 <= 1 + 3e-12
        assert not one.is_watched or one.all_answers >= least
