"""Scores of counts are those of scipy's own distributions, also of counts that are nearly always 0."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import nbinom, norm

from analysis.spc.models import learn_models, standardise
from analysis.spc.scales import count_z
from analysis.spc.seasonality import no_calendar


@pytest.mark.parametrize("mean", [0.02, 0.5, 5.0, 100.0])
@pytest.mark.parametrize("wider", [1e-6, 0.3, 0.9, 1.1, 20.0, 400.0])
def test_the_score_of_a_count_is_that_of_its_chance(mean: float, wider: float) -> None:
    counts = np.arange(0, 200.0)
    chance = nbinom(1 / wider, 1 / (1 + wider * mean))
    below = (chance.cdf(counts) + chance.cdf(counts - 1)) / 2
    above = (chance.sf(counts) + chance.sf(counts - 1)) / 2
    exact = np.where(above < below, -norm.ppf(above), norm.ppf(below))
    found = count_z(counts[None, :], np.full((1, 200), mean), np.array([[wider]]))[0]
    near = np.abs(exact) < 6
    assert found[near] == pytest.approx(exact[near], abs=0.05)


def test_a_gap_stays_a_gap_among_rare_counts() -> None:
    found = count_z(np.array([[0.0, np.nan, 3.0]]), np.full((1, 3), 0.02), np.array([[400.0]]))
    assert np.isnan(found[0]).tolist() == [False, True, False]


def test_nothing_is_what_is_expected_of_an_event_that_happens_once_a_month() -> None:
    """Failed rows, say: 0 on all days but one a month."""
    values = np.zeros((1, 84))
    values[0, [12, 43, 74]] = [2.0, 5.0, 3.0]
    calendar = no_calendar(84)
    z = standardise(learn_models(values, np.ones_like(values, dtype=bool), calendar), values, calendar)[0]
    assert np.abs(z[values[0] == 0]).max() < 0.5
    assert z[12] > 2
