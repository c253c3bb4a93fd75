"""Samples of when runs will finish, drawn level by level of the job graph, and which run upstream holds each up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from analysis.durations import Durations
from analysis.forecast_nodes import Node
from analysis.quantile_tables import Floats, Ints, Tables
from analysis.run_book import NEVER, Book, Phase

ORDERS = 61  # so many shuffles of the shares are used, each turned by any number of places
LONGEST_LOG_SECONDS = float(np.log(30 * 86_400))
MOST_DURATION_TAIL = 0.25  # of log seconds, for a run that has outlived its history
MOST_WAIT_TAIL = 86_400.0
MOST_ROWS = 4_096  # sampled at a time, to bound memory
QUANTILES = (0.1, 0.5, 0.9)

UInts = NDArray[np.unsignedinteger[Any]]


@dataclass(frozen=True, slots=True)
class Past:
    """What the jobs have been like; rows of `waits` are jobs."""

    durations: Durations
    waits: Tables


@dataclass(frozen=True, slots=True)
class Finishes:
    """By node: seconds from its `now` to the 10, 50 and 90 % finish (n, 3), the share after the deadline, the node
    upstream that holds it up (-1 for none)."""

    quantiles: Floats
    missed: Floats
    held_by: Ints


def sample_finishes(nodes: Sequence[Node], book: Book, past: Past, seed: int, samples: int) -> Finishes:
    """The finishes of nodes that analysis.forecast_nodes has settled; the same for the same seed."""
    found = Finishes(np.zeros((len(nodes), 3)), np.zeros(len(nodes)), np.full(len(nodes), -1))
    wanted = {parent for node in nodes for parent in node.parents}
    kept: dict[int, NDArray[np.float32]] = {}
    draws = _Draws.of(nodes, book, seed, samples)
    for group in _groups(nodes, book):
        members = [nodes[n] for n in group]
        starts, elapsed = _starts(group, members, kept, past, draws, found)
        finishes = starts + np.exp(_log_seconds(group, members, starts, elapsed, past, draws))
        found.quantiles[group] = np.quantile(finishes, QUANTILES, axis=1).T
        deadlines = np.array([node.deadline - node.now for node in members])
        found.missed[group] = (finishes > deadlines[:, None]).mean(axis=1)
        kept |= {int(n): row.astype(np.float32) for n, row in zip(group, finishes, strict=True) if n in wanted}
    return found


def _groups(nodes: Sequence[Node], book: Book) -> list[Ints]:
    """Numbers of nodes, parents always in an earlier group."""
    levels: dict[int, list[int]] = {}
    for n, node in enumerate(nodes):
        levels.setdefault(book.depth[node.job], []).append(n)
    ordered = [np.array(levels[depth]) for depth in sorted(levels)]
    return [level[first : first + MOST_ROWS] for level in ordered for first in range(0, level.size, MOST_ROWS)]


@dataclass(frozen=True, slots=True)
class _Draws:
    """Evenly spread shares for every node, each in its own order, whatever other nodes there are."""

    orders: Floats  # (ORDERS, samples)
    keys: UInts

    @classmethod
    def of(cls, nodes: Sequence[Node], book: Book, seed: int, samples: int) -> _Draws:
        shares = (np.arange(samples) + 0.5) / samples
        orders = np.random.default_rng(seed).permuted(np.tile(shares, (ORDERS, 1)), axis=1)
        names = [crc32(name.encode()) for name in book.ids]
        keys = [names[node.job] * 2_654_435_761 + int(node.cycle % 2**31) * 40_503 + seed for node in nodes]
        return cls(orders, np.array([key % 2**63 for key in keys], dtype=np.uint64))

    def shares(self, group: Ints, salt: int) -> Floats:
        """Shares of shape (m, samples)."""
        mixed = (self.keys[group] + np.uint64(salt)) * np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
        size = self.orders.shape[1]
        order = (mixed >> np.uint64(40)) % np.uint64(ORDERS)
        turn = (mixed >> np.uint64(12)) % np.uint64(size)
        place = (np.arange(size, dtype=np.uint64)[None, :] + turn[:, None]) % np.uint64(size)
        return np.asarray(self.orders[order[:, None], place])


def _starts(
    group: Ints, members: Sequence[Node], kept: dict[int, NDArray[np.float32]], past: Past, draws: _Draws, out: Finishes
) -> tuple[Floats, Floats]:
    """Seconds from now to the start (m, samples), and how long a run under way has lasted (m,); fills `held_by`."""
    shares = draws.shares(group, 1)
    jobs = np.array([node.job for node in members])
    ready = np.array([node.ready - node.now if not node.parents else node.due - node.now for node in members])
    is_free = np.array([not node.parents for node in members])
    starts = np.maximum(ready[:, None] + past.waits.draw(jobs, shares), 0.0)
    is_overdue = np.flatnonzero(is_free & (ready < 0) & [node.phase == Phase.WAITING for node in members])
    if is_overdue.size:
        waited = -ready[is_overdue]
        waits = past.waits.draw_beyond(jobs[is_overdue], waited, shares[is_overdue], MOST_WAIT_TAIL)
        starts[is_overdue] = waits - waited[:, None]
    for row in np.flatnonzero(~is_free).tolist():
        parents = members[row].parents
        ends = np.stack([kept[parent] for parent in parents])
        last = ends.max(axis=0)
        waits = past.waits.draw(jobs[row : row + 1], shares[row : row + 1])[0]
        starts[row] = np.maximum(np.maximum(last, ready[row]) + waits, last)
        if np.median(last) > max(ready[row], 0.0):
            out.held_by[group[row]] = parents[int(np.bincount(ends.argmax(axis=0)).argmax())]
    began = np.array([node.started - node.now for node in members])
    is_running = began < NEVER
    starts[is_running] = began[is_running, None]
    return starts, np.where(is_running, -began, 0.0)


def _log_seconds(
    group: Ints, members: Sequence[Node], starts: Floats, elapsed: Floats, past: Past, draws: _Draws
) -> Floats:
    """Logarithms of the durations, shape (m, samples)."""
    shares = draws.shares(group, 2)
    known = past.durations
    jobs = np.array([node.job for node in members])
    sizes = np.array([node.size for node in members])
    is_sized = np.isfinite(sizes)
    rows = np.where(is_sized, known.sized[jobs], jobs)
    begin = np.array([node.now for node in members]) + np.median(starts, axis=1)
    weekday = ((begin // 86_400).astype(np.int64) + 3) % 7  # 1970 began on a Thursday
    hour = (begin // 3_600).astype(np.int64) % 24
    unusual = np.where(is_sized, np.log1p(np.where(is_sized, sizes, 0.0)) - known.usual_size[jobs], 0.0)
    usual = known.level[rows] + known.weekday[rows, weekday] + known.hour[rows, hour] + known.slope[jobs] * unusual
    left = known.left.draw(rows, shares)
    is_running = np.flatnonzero(elapsed > 1.0)
    if is_running.size:
        least = np.log(elapsed[is_running]) - usual[is_running]
        left[is_running] = known.left.draw_beyond(rows[is_running], least, shares[is_running], MOST_DURATION_TAIL)
    return np.asarray(np.minimum(usual[:, None] + left, LONGEST_LOG_SECONDS))
