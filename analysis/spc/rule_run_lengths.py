"""How long a chart runs until its rules give a signal, by chance or after a shift, and how many alarms that makes.

For independent normal points with known center and sigma. Exact by Markov chain where all rules look at zones; sets
with trends or alternation are simulated with a fixed seed. Published run lengths begin as if all points before had been
on the center line; our rules wait for a full window, which `waits` counts in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np

from analysis.spc.rule_catalogue import find_rule
from analysis.spc.rule_chains import Chain, State
from analysis.spc.rule_patterns import Pattern, Values
from analysis.spc.rules_many import detect_many
from analysis.spc.run_length import alarms_per_year

COMPARING = ("trend", "alternating")
BLOCK = 128
LONGEST = 200_000
RUNS, SEED = 10_000, 1956


def arl_rules(rules: Iterable[str], shift: float = 0.0, waits: bool = False) -> float:
    """Exact average run length of the rules together, with a `shift` in sigmas.

    Raises ValueError for rules without a chain: trends, alternation and whole-chart rules.
    """
    return _exact(tuple(_patterns(rules)), shift, waits)


def simulated_run_length(
    rules: Sequence[str], shift: float = 0.0, runs: int = RUNS, seed: int = SEED
) -> tuple[float, float]:
    """Average run length of any rules by simulation of `runs` (2 or more) series, and its standard error."""
    lengths = drawn_run_lengths(rules, shift, runs, seed)
    return float(lengths.mean()), float(lengths.std(ddof=1) / np.sqrt(runs))


def drawn_run_lengths(rules: Sequence[str], shift: float, runs: int, seed: int) -> Values:
    """The point at which each of `runs` series first has a signal, shape (runs,); drawn block by block."""
    overlap = max(pattern.window for pattern in _patterns(rules)) - 1
    source = np.random.default_rng(seed)
    lengths, alive, past = np.zeros(runs), np.arange(runs), np.empty((runs, 0))
    for done in range(0, LONGEST, BLOCK):
        seen = np.concatenate([past, source.normal(shift, 1, (alive.size, BLOCK))], axis=1)
        hits = np.any(detect_many(seen, 0.0, 1.0, rules)[:, past.shape[1] :], axis=2)
        stopped = hits.any(axis=1)
        lengths[alive[stopped]] = done + 1 + np.argmax(hits[stopped], axis=1)
        alive, past = alive[~stopped], seen[~stopped, max(seen.shape[1] - overlap, 0) :]
        if not alive.size:
            return lengths
    raise ValueError(f"These rules run longer than {LONGEST} points; expected rules that give a signal sooner.")


def run_length_of(rules: Sequence[str], shift: float = 0.0) -> float:
    """Average run length of any rules as `detect` judges them: exact where there is a chain, else simulated."""
    patterns = tuple(dict.fromkeys(_patterns(rules)))
    if any(pattern.kind in COMPARING for pattern in patterns):
        return _simulated(tuple(rules), shift)
    return _exact(patterns, shift, waits=True)


def expected_alarms_per_year(rules: Sequence[str], points_per_year: float) -> float:
    """How many alarms the rules together give by chance in a year, one per run."""
    return alarms_per_year(run_length_of(rules), points_per_year)


def _patterns(rules: Iterable[str]) -> list[Pattern]:
    found = [find_rule(rule) for rule in rules]
    whole = [rule.name for rule in found if not isinstance(rule.pattern, Pattern)]
    if whole or not found:
        raise ValueError(f"Run lengths are of rules that judge point by point; found {', '.join(whole) or 'no rule'}.")
    return [rule.pattern for rule in found if isinstance(rule.pattern, Pattern)]


@lru_cache(maxsize=256)
def _simulated(rules: tuple[str, ...], shift: float) -> float:
    return simulated_run_length(rules, shift)[0]


@lru_cache(maxsize=256)
def _exact(patterns: tuple[Pattern, ...], shift: float, waits: bool) -> float:
    chain = Chain(patterns)
    chances = chain.chances(shift)
    alive: dict[State, float] = {chain.start(): 1.0}
    total = 0.0
    for point in range(1, max(pattern.window for pattern in patterns) if waits else 1):
        total += sum(alive.values())
        after: dict[State, float] = {}
        for state, mass in alive.items():
            for zone, chance in enumerate(chances.tolist()):
                reached, hit = chain.step(state, zone, before=point)
                if not hit:
                    after[reached] = after.get(reached, 0.0) + mass * chance
        alive = after
    lengths = chain.run_lengths(shift, list(alive))
    return total + float(np.dot(list(alive.values()), lengths))
