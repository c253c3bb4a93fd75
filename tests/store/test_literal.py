"""Every value that a row may hold arrives at the owner process as it was sent."""

from __future__ import annotations

import math
from datetime import date, datetime
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.connection import Store
from store.literal import Value, literal, render
from tests.processes import Home

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)))
MOMENTS = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31))
MONEY = st.decimals(Decimal("-999999999999"), Decimal("999999999999"), places=6)
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**62), 2**62), st.floats(allow_nan=False), TEXT, MOMENTS, st.dates(), MONEY
)


@pytest.fixture(scope="module")
def client(served: Home) -> Store:
    return served.open()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(VALUES, min_size=1, max_size=40), texts=st.lists(TEXT, min_size=1))
def test_values_come_back_from_the_owner_as_they_were_sent(
    client: Store, values: list[Value], texts: list[str]
) -> None:
    columns = ", ".join(f"$v{number} as v{number}" for number in range(len(values)))
    row = client.fetch(f"select {columns}", {f"v{number}": value for number, value in enumerate(values)}).row(0)
    assert list(row) == values
    assert client.fetch("select $texts as texts", {"texts": texts}).item().to_list() == texts


def test_not_a_number_and_infinity_survive() -> None:
    assert literal(math.nan) == "'nan'::double"
    assert literal(-math.inf) == "'-inf'::double"


def test_a_text_cannot_end_its_own_literal(client: Store) -> None:
    attack = "'; drop table metric_samples; --"
    assert client.fetch("select $text as text", {"text": attack}).item() == attack
    assert client.fetch("select count(*) from metric_samples").item() == 0


def test_a_nul_character_is_refused_with_the_fix() -> None:
    with pytest.raises(ValueError, match="remove the character"):
        literal("a\0b")


def test_a_parameter_that_is_missing_is_an_error_not_a_null() -> None:
    with pytest.raises(KeyError):
        render("select $missing", {})


def test_moments_and_days_keep_their_types(client: Store) -> None:
    frame = client.fetch(
        "select $at as at_, $on as on_", {"at": datetime(2026, 11, 23, 1, 2, 3, 4), "on": date(2026, 11, 1)}
    )
    assert frame.dtypes == [pl.Datetime("us"), pl.Date]
