"""Factors of control charts against the printed tables."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import pytest
from scipy.integrate import quad
from scipy.stats import norm

from analysis.spc import constants

FACTORS = {
    "d2": constants.d2,
    "d3": constants.d3,
    "c4": constants.c4,
    "A2": constants.a2,
    "A3": constants.a3,
    "B3": constants.b3,
    "B4": constants.b4,
    "D3": constants.d3_limit,
    "D4": constants.d4_limit,
}


def test_factors_agree_with_the_table_to_its_last_digit(practice: Path) -> None:
    with (practice / "spc" / "control_chart_constants.csv").open() as file:
        rows = list(csv.DictReader(file, skipinitialspace=True))
    assert len(rows) == 24
    for row in rows:
        for name, factor in FACTORS.items():
            assert factor(int(row["n"])) == pytest.approx(float(row[name]), abs=1e-7), (name, row["n"])


def test_two_values_have_the_factors_known_in_closed_form() -> None:
    assert constants.d2(2) == pytest.approx(2 / math.sqrt(math.pi), abs=1e-12)
    assert constants.d3(2) == pytest.approx(math.sqrt(2 - 4 / math.pi), abs=1e-12)
    assert constants.d2_published(2) == 1.128
    assert constants.c4(2) == pytest.approx(math.sqrt(2 / math.pi), abs=1e-14)


def test_factors_exist_beyond_the_tables() -> None:
    """d2 is also twice the mean of the largest value, integrated here on its own; c4 goes to 1."""
    largest, _ = quad(lambda x: x * 1000 * norm.pdf(x) * norm.cdf(x) ** 999, -2, 12, epsabs=1e-12)
    assert constants.d2(1000) == pytest.approx(2 * largest, abs=1e-8)
    assert constants.c4(100_000) == pytest.approx(1 - 1 / (4 * 99_999), abs=1e-9)


@pytest.mark.parametrize("factor", FACTORS.values())
def test_one_value_has_no_spread(factor: object) -> None:
    with pytest.raises(ValueError, match="expected 2 or more"):
        factor(1)  # type: ignore[operator]
