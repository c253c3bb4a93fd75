"""The scorer of the Numenta benchmark against its rules: by hand, and against a plain reading of them row by row."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.nab import Floats, best_threshold, left_out, load, raw_score, score_at, worth

Windows = list[tuple[int, int]]


def at(rows: int, *hits: int) -> Floats:
    """Score 1 in the rows `hits`, 0 elsewhere."""
    scores = np.zeros(rows)
    scores[list(hits)] = 1
    return scores


def sig(x: float) -> float:
    return -1.0 if x > 3 else 2 / (1 + math.exp(5 * x)) - 1


def read_plainly(scores: Floats, windows: Windows) -> float:
    """The raw score of one series at threshold 0.5, as the rules are written."""
    raw, best = 0.0, dict.fromkeys(windows, -1.0)
    for row in range(min(math.floor(0.15 * scores.size), 750), scores.size):
        if scores[row] < 0.5:
            continue
        inside = [window for window in windows if window[0] <= row <= window[1]]
        before = [window for window in windows if window[1] < row]
        if inside:
            (left, right) = inside[0]
            value = sig(-(right - row + 1) / (right - left + 1)) / sig(-1)
            best[inside[0]] = max(best[inside[0]], value)
        elif before:
            left, right = before[-1]
            raw += 0.11 * sig((row - right) / (right - left))
        else:
            raw -= 0.11
    return raw + sum(best.values())


def test_a_case_by_hand() -> None:
    """200 rows, windows of 21: the first found in its middle, the second missed, three false positives."""
    windows = [(60, 80), (120, 140)]
    scores = at(200, 5, 29, 40, 70, 78, 90, 160)
    raw, found, wrong = raw_score(0.5, scores, worth(200, windows))
    # sig(x) = -tanh(2.5 x): in the middle tanh(2.5 * 11 / 21) / tanh(2.5) = 0.864154 / 0.986614 = 0.875879; before any
    # window -1, 10 rows behind one -tanh(1.25) = -0.848284, 20 rows behind one -tanh(2.5) = -0.986614; rows 5 and 29
    # stand before row 30, 15 % of 200, and do not count
    assert raw == pytest.approx(0.875879 - 1 + 0.11 * (-1 - 0.848284 - 0.986614), abs=2e-6)
    assert (found, wrong) == (1, 3)
    assert score_at(0.5, [scores], [worth(200, windows)])[0] == pytest.approx(39.1010, abs=1e-4)


def test_a_series_without_a_window_only_costs_and_one_threshold_counts_for_all() -> None:
    worths = [worth(1000, [(400, 499)]), worth(1000, [])]
    found, wrong = at(1000, 400), 0.7 * at(1000, 500, 600)
    score, windows, positives = score_at(0.5, [found, wrong], worths)
    assert (windows, positives) == (1, 2)
    assert score == pytest.approx(100 * (1 - 0.22 + 1) / 2)
    assert score_at(0.8, [found, wrong], worths) == (100.0, 1, 0)
    assert best_threshold([found, wrong], worths) == (100.0, 1.0)


def test_a_threshold_from_the_other_series_may_be_worse() -> None:
    worths = [worth(1000, [(400, 499)])] * 2
    low = at(1000, 400) * 0.4
    high = at(1000, 400) + 0.6 * at(1000, *range(700, 800))
    assert best_threshold([low, low], worths)[0] == left_out([low, low], worths) == 100.0
    assert left_out([low, high], worths) < best_threshold([low, high], worths)[0] < 100


@given(
    rows=st.integers(10, 400),
    edges=st.lists(st.integers(0, 399), max_size=8, unique=True),
    hits=st.sets(st.integers(0, 399), max_size=60),
)
def test_every_case_scores_as_the_rules_read(rows: int, edges: list[int], hits: set[int]) -> None:
    inside = sorted(edge for edge in edges if edge < rows)
    windows = list(zip(inside[::2], inside[1::2], strict=False))
    scores = at(rows, *(hit for hit in hits if hit < rows))
    assert raw_score(0.5, scores, worth(rows, windows))[0] == pytest.approx(read_plainly(scores, windows), abs=1e-9)


def test_rows_before_750_at_most_are_ignored() -> None:
    long = worth(10_000, [(5000, 5100)])
    assert raw_score(0.5, at(10_000, 749), long)[2] == 0
    assert raw_score(0.5, at(10_000, 750), long)[2] == 1


def test_series_and_windows_are_read_by_their_times(tmp_path: Path) -> None:
    times = [f"2026-01-01 00:{minute:02d}:00" for minute in range(0, 60, 5)]
    (tmp_path / "one").mkdir()
    pl.DataFrame({"timestamp": times, "value": range(12)}).write_csv(tmp_path / "one" / "a.csv")
    windows = [["2026-01-01 00:10:00.000000", "2026-01-01 00:20:00.000000"]]
    (tmp_path / "windows.json").write_text(json.dumps({"one/a.csv": windows}))
    (only,) = load(tmp_path)
    assert (only.name, only.windows, only.values.tolist()) == ("one/a.csv", ((2, 4),), [*range(12)])
    assert np.diff(only.seconds).tolist() == [300.0] * 11
