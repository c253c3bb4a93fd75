"""PSI and KS against what is worked out by hand and what scipy makes of the same counts."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import rel_entr
from scipy.stats import ks_2samp

from collectors.profiling.distances import LEAST_SHARE, ks, psi

COUNTS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=2, max_size=12).filter(
    lambda pairs: any(p for p, _ in pairs) and any(q for _, q in pairs)
)


def test_by_hand() -> None:
    # 50/50 becomes 75/25: (0.25) ln(1.5) + (-0.25) ln(0.5) = 0.25 ln 3
    assert psi([50, 50], [30, 10]) == pytest.approx(0.25 * math.log(3), rel=1e-12)
    assert ks([50, 50], [30, 10]) == pytest.approx(0.25)


def test_an_empty_bin_counts_as_the_least_share() -> None:
    expected = (0.5 - 1) * math.log(0.5 / 1) + (0.5 - LEAST_SHARE) * math.log(0.5 / LEAST_SHARE)
    assert psi([10, 0], [5, 5]) == pytest.approx(expected, rel=1e-12)


@given(COUNTS)
def test_they_are_those_of_scipy(pairs: list[tuple[int, int]]) -> None:
    before, now = [p for p, _ in pairs], [q for _, q in pairs]
    p = [max(count / sum(before), LEAST_SHARE) for count in before]
    q = [max(count / sum(now), LEAST_SHARE) for count in now]
    assert psi(before, now) == pytest.approx(float(sum(rel_entr(p, q)) + sum(rel_entr(q, p))), abs=1e-12)
    spread = [[place for place, n in enumerate(counts) for _ in range(n)] for counts in (before, now)]
    assert ks(before, now) == pytest.approx(ks_2samp(*spread, method="asymp").statistic, abs=1e-12)


@pytest.mark.parametrize(("before", "now"), [([0, 0], [1, 1]), ([1, 1], [0, 0]), ([], [])])
def test_without_values_there_is_no_distance(before: list[float], now: list[float]) -> None:
    assert psi(before, now) is None
    assert ks(before, now) is None
