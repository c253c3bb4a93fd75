"""Every signal states its evidence in one true sentence."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest

from analysis.spc.rule_evidence import explain
from analysis.spc.rules import RULES, detect

CASES = {
    "nelson_2": (
        [400.0] + [431.0] * 9,
        "9 points in a row above the center line 412 since 2 Nov, mean 431 rows (+4.6 %): such a run happens by chance "
        "once in 256 starts.",
    ),
    "nelson_1": (
        [412.0, 372.0],
        "372 rows on 2 Nov is 4.0 sigma below the center line 412 (-9.7 %): a point so far out happens by chance once "
        "in 15,787 points.",
    ),
    "nelson_3": (
        [412.0, 410, 412, 414, 416, 418, 420],
        "6 points in a row rise since 2 Nov, from 410 to 420 rows (+2.4 %): such a trend happens by chance once in "
        "360 starts.",
    ),
    "nelson_5": (
        [434.0, 412, 436],
        "2 of 3 points more than 2 sigma above the center line 412 since 1 Nov, mean 435 rows (+5.6 %): such a pattern "
        "happens by chance once in 489 starts.",
    ),
    "nelson_7": (
        [412.0] * 15,
        "15 points in a row are within 1 sigma of the center line 412 since 1 Nov: such a pattern happens by chance "
        "once in 307 starts.",
    ),
    "nelson_8": (
        [424.0, 400] * 4,
        "8 points in a row are more than 1 sigma from the center line 412, on both sides since 1 Nov: such a pattern "
        "happens by chance once in 9,807 starts.",
    ),
    "nelson_4": (
        [424.0, 400] * 7,
        "14 points in a row go up and down in turn since 1 Nov: such a pattern happens by chance once in 219 starts.",
    ),
    "run of 3": (
        [400.0, 424.0, np.nan, 424.0, 424.0, 424.0],
        "4 points in a row above the center line 412 since 2 Nov, mean 424 rows (+2.9 %): such a run happens by "
        "chance once in 8 starts.",
    ),
    "anhoej_run": (
        [424.0, 400] * 2 + [424.0] * 9,
        "9 points in a row are above the center line 412 since 5 Nov: among 13 points off the center line chance makes "
        "runs of up to 7.",
    ),
    "anhoej_crossings": (
        [424.0] * 6 + [400.0] * 6,
        "The center line is crossed once since 1 Nov: with 12 points off the center line chance crosses it 3 times "
        "or more.",
    ),
}


@pytest.mark.parametrize("rule", CASES)
def test_the_newest_signal_is_told(rule: str) -> None:
    x, sentence = np.array(CASES[rule][0]), CASES[rule][1]
    times = [datetime(2026, 11, 1) + timedelta(days=day) for day in range(x.size)]
    signal = detect([rule], x, 412.0, 10.0)[-1]
    assert explain(signal, x, 412.0, 10.0, "rows", times) == sentence


def test_without_a_spread_no_sigmas_are_told() -> None:
    x = np.array([5.0, 5.0, 7.0])
    (signal,) = detect(["nelson_1"], x, 5.0, 0.0)
    assert explain(signal, x, 5.0, 0.0) == (
        "7 is above the center line 5 (+40.0 %): the values before did not vary at all."
    )


def test_large_numbers_and_a_center_of_zero() -> None:
    x = np.array([0.0, 1234567.0])
    (signal,) = detect(["nelson_1"], x, 0.0, 1000.0)
    assert explain(signal, x, 0.0, 1000.0, "EUR") == (
        "1,234,567 EUR is 1234.6 sigma above the center line 0: a point so far out happens by chance less than once in "
        "a million points."
    )


def test_every_rule_can_be_told_with_lines_that_vary() -> None:
    source = np.random.default_rng(5)
    told = set()
    for scale, step in ((0.2, 0.0), (1.0, 1.5), (3.0, 1.5)):
        x = source.normal(0, scale, 400) + source.choice([0.0, step], 400)
        center, sigma = source.normal(0, 0.01, 400), source.uniform(0.9, 1.1, 400)
        for signal in detect(list(RULES), x, center, sigma):
            sentence = explain(signal, x, center, sigma, "ms")
            assert sentence.endswith(".") and "nan" not in sentence
            told.add(signal.rule)
    assert {"nelson_2", "nelson_5", "nelson_6", "nelson_7", "nelson_8", "westgard_r_4s"} <= told
