"""Quantile tables of many owners at once."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from analysis.quantile_tables import GRID, Tables, tables_of

SHARES = ((np.arange(2_000) + 0.5) / 2_000)[None, :]
PRIOR = Tables(norm.ppf(GRID)[None, :], np.array([0.5]), np.array([0.5]))


def one_table(values: np.ndarray) -> Tables:
    return tables_of(values, np.zeros(values.size, dtype=np.int64), 1, PRIOR, 0.02)


def test_many_values_give_their_own_distribution() -> None:
    values = np.random.default_rng(1).normal(10, 3, 4_000)
    drawn = one_table(values).draw(np.array([0]), SHARES)
    assert drawn.mean() == pytest.approx(10, abs=0.15)
    assert drawn.std() == pytest.approx(3, rel=0.05)
    assert np.quantile(drawn, [0.1, 0.9]) == pytest.approx(np.quantile(values, [0.1, 0.9]), abs=0.1)


def test_without_values_the_prior_is_drawn() -> None:
    drawn = one_table(np.array([])).draw(np.array([0]), SHARES)
    assert np.quantile(drawn, [0.1, 0.5, 0.9]) == pytest.approx([-1.28, 0, 1.28], abs=0.01)


def test_owners_do_not_mix() -> None:
    values, owners = np.array([1.0, 100.0, 2.0, 200.0, 3.0, 300.0]), np.array([0, 2, 0, 2, 0, 2])
    tables = tables_of(values, owners, 3, PRIOR, 0.02)
    middle = tables.draw(np.arange(3), np.full((3, 1), 0.5))[:, 0]
    assert middle == pytest.approx(
        [1.0, 0.0, 100.0]
    )  # half of their own medians, since three values weigh as the prior


def test_shares_and_values_are_inverse_beyond_the_ends_too() -> None:
    table = one_table(np.random.default_rng(2).normal(0, 1, 500))
    for share in (0.001, 0.01, 0.3, 0.5, 0.97, 0.999):
        value = table.draw(np.array([0]), np.array([[share]]))[0]
        assert table.share_below(np.array([0]), value)[0] == pytest.approx(share, abs=1e-6)


def test_what_has_lasted_lasts_longer_than_that() -> None:
    table = one_table(np.random.default_rng(3).normal(0, 1, 5_000))
    above = table.draw_beyond(np.array([0]), np.array([1.0]), SHARES, 0.25)
    assert above.min() >= 1.0
    expected = norm.ppf(norm.cdf(1.0) + (1 - norm.cdf(1.0)) * np.array([0.1, 0.5, 0.9]))
    assert np.quantile(above, [0.1, 0.5, 0.9]) == pytest.approx(expected, abs=0.08)


def test_what_outlives_its_history_by_more_is_expected_to_take_longer_still() -> None:
    table = one_table(np.random.default_rng(4).normal(0, 0.01, 500))
    left = [
        np.median(table.draw_beyond(np.array([0]), np.array([least]), SHARES, 0.25)) - least
        for least in (0.1, 0.2, 2, 9)
    ]
    assert left[0] < left[1] < left[2]
    assert left[2] == pytest.approx(left[3]) == pytest.approx(0.25 * np.log(2), rel=0.02)
