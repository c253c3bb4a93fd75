"""How likely a pattern is to end at a given point by chance, for independent normal points of a steady process."""

from __future__ import annotations

import math

from scipy.special import ndtr

from analysis.spc.rule_patterns import Pattern


def chance(pattern: Pattern) -> float:
    """The chance that the points of the pattern, from any start, make it: 1 / 256 for nine in a row on one side."""
    if pattern.kind == "trend":
        return (2 if pattern.side == "one" else 1) / math.factorial(pattern.points)
    if pattern.kind == "alternating":
        return 2 * _zigzags(pattern.points) / math.factorial(pattern.points)
    side = float(ndtr(-pattern.sigmas))
    if pattern.kind == "within":
        return (1 - 2 * side) ** pattern.points
    if pattern.kind == "outside":
        mixed = 2 * side**pattern.points if pattern.side == "both" else 0.0
        return (2 * side) ** pattern.points - mixed
    sides = 2 if pattern.side == "one" else 1
    if pattern.kind == "run":
        return sides * side**pattern.points
    inside = 2 * side if pattern.side == "either" else side
    others = (0.5 if pattern.is_same_side else 1.0) - inside
    return sides * inside * _at_least(pattern.points - 1, pattern.window - 1, inside, others)


def chance_beyond(sigmas: float) -> float:
    """The chance of one point at least so many sigmas from the center line, on either side."""
    return 2 * float(ndtr(-abs(sigmas)))


def _at_least(needed: int, of: int, inside: float, others: float) -> float:
    """The chance that at least `needed` of `of` points are inside and the rest among the others."""
    return math.fsum(
        math.comb(of, count) * inside**count * others ** (of - count) for count in range(max(needed, 0), of + 1)
    )


def _zigzags(count: int) -> int:
    """In how many orders `count` points rise first and then fall and rise in turn, by Seidel's triangle."""
    row = [1]
    for _ in range(count - 1):
        sums = [0]
        for number in reversed(row):
            sums.append(sums[-1] + number)
        row = sums
    return sum(row) if count > 1 else 1
