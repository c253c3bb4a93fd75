"""The scoring rules of the Numenta Anomaly Benchmark, standard profile: early detections earn, false positives cost."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
FALSE_POSITIVE = 0.11
FAR = 3.0
PROBATION, PROBATION_ROWS = 0.15, 750


@dataclass(frozen=True, slots=True)
class Labelled:
    """One labelled series: `values` and `seconds` of n rows, windows as first and last row, counted from 0."""

    name: str
    values: Floats
    seconds: Floats
    windows: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Worth:
    """What a detection at each of the n rows is worth: in a window (`window` >= 0) its gain, elsewhere its cost."""

    value: Floats
    window: Ints
    counts: npt.NDArray[np.bool_]
    windows: int


def load(folder: Path) -> list[Labelled]:
    """The series of `folder/windows.json` with their values and windows."""
    known: Mapping[str, Sequence[tuple[str, str]]] = json.loads((folder / "windows.json").read_text())
    found = []
    for name, windows in sorted(known.items()):
        at = pl.col("timestamp").str.to_datetime(time_unit="us")
        frame = pl.read_csv(folder / name).with_columns(at)
        seconds = frame["timestamp"].dt.epoch("us").to_numpy() / 1e6
        edges = [pl.Series(pair).str.to_datetime().dt.epoch("us").to_numpy() / 1e6 for pair in windows]
        spans = tuple(
            (int(np.searchsorted(seconds, left)), int(np.searchsorted(seconds, right, "right")) - 1)
            for left, right in edges
        )
        found.append(Labelled(name, frame["value"].cast(pl.Float64).to_numpy(), seconds, spans))
    return found


def sigmoid(x: Floats) -> Floats:
    """NAB's scoring function: near 1 far left of 0, 0 at 0, -1 from 3 on."""
    out: Floats = np.where(x > FAR, -1.0, 2 / (1 + np.exp(5 * np.minimum(x, FAR))) - 1)
    return out


def worth(rows: int, windows: Sequence[tuple[int, int]]) -> Worth:
    """What every row of a series with `windows` is worth."""
    at = np.arange(rows)
    value, window = np.full(rows, -1.0), np.full(rows, -1)
    for number, (left, right) in enumerate(windows):
        width = right - left + 1
        inside = slice(left, right + 1)
        value[inside] = sigmoid(-(right - at[inside] + 1) / width) / sigmoid(np.array(-1.0))
        window[inside] = number
        until = windows[number + 1][0] if number + 1 < len(windows) else rows
        after = slice(right + 1, until)
        value[after] = sigmoid((at[after] - right) / (width - 1))
    return Worth(value, window, at >= min(int(PROBATION * rows), PROBATION_ROWS), len(windows))


def raw_score(threshold: float, scores: Floats, row: Worth) -> tuple[float, int, int]:
    """What one series adds to the raw score, windows found and false positives."""
    hit = (scores >= threshold) & row.counts
    outside = hit & (row.window < 0)
    raw, found = FALSE_POSITIVE * float(row.value[outside].sum()), 0
    for number in range(row.windows):
        earned = row.value[hit & (row.window == number)]
        raw += float(earned.max()) if earned.size else -1.0
        found += int(earned.size > 0)
    return raw, found, int(outside.sum())


def score_at(threshold: float, scores: Sequence[Floats], worths: Sequence[Worth]) -> tuple[float, int, int]:
    """The score up to 100 at one threshold, windows found and false positives."""
    parts = [raw_score(threshold, score, row) for score, row in zip(scores, worths, strict=True)]
    windows = sum(row.windows for row in worths)
    raw = sum(part[0] for part in parts)
    return 100 * (raw + windows) / (2 * windows), sum(part[1] for part in parts), sum(part[2] for part in parts)


def best_threshold(scores: Sequence[Floats], worths: Sequence[Worth]) -> tuple[float, float]:
    """The best score of any one threshold, and that threshold."""
    steps = np.concatenate([score[row.counts] for score, row in zip(scores, worths, strict=True)])
    tried = np.unique(np.quantile(steps, 1 - np.geomspace(1e-5, 0.1, 400), method="higher"))
    results = [(score_at(float(level), scores, worths)[0], float(level)) for level in tried]
    return max(results)


def left_out(scores: Sequence[Floats], worths: Sequence[Worth]) -> float:
    """The score of the corpus when each series is judged at the best threshold of all the others."""
    raw = 0.0
    windows = sum(row.windows for row in worths)
    for number, (score, row) in enumerate(zip(scores, worths, strict=True)):
        others = [place for place in range(len(scores)) if place != number]
        _, level = best_threshold([scores[place] for place in others], [worths[place] for place in others])
        raw += raw_score(level, score, row)[0]
    return 100 * (raw + windows) / (2 * windows)
