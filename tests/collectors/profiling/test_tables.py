"""Names and patterns, the schema against its reference, and ids that come back as what they were made of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.profiling.tables import Column, Kind, differences, is_wanted, schema_hash, wanted_columns
from config.quality import MEASURES, TableProfile, profile_metric_id, profiled_metric


def profile(**parts: object) -> TableProfile:
    return TableProfile.model_validate({"id": "p", "source": "x.csv", "subsystem": "s", **parts})


def column(name: str, said: str = "INTEGER", is_nullable: bool = True) -> Column:
    return Column(name, said, is_nullable, Kind.INTEGER)


@given(st.text(), st.text(), st.sampled_from(sorted(MEASURES)))
def test_an_id_comes_back_as_table_column_and_measure(table: str, name: str, measure: str) -> None:
    metric = profiled_metric(profile_metric_id("p", table, name, measure), [profile()])
    assert metric is not None
    where = f"{table} · {name}" if name else table
    assert metric.title == f"{where} · {MEASURES[measure][0]}"


@given(st.tuples(st.text(), st.text()), st.tuples(st.text(), st.text()))
def test_two_columns_never_share_an_id(one: tuple[str, str], other: tuple[str, str]) -> None:
    ids = {profile_metric_id("p", *pair, "nulls") for pair in (one, other)}
    assert len(ids) == len({one, other})


@pytest.mark.parametrize(
    ("tables", "leave_out", "expected"),
    [
        (["*"], [], True),
        (["sales.*"], [], True),
        (["SALES.order?"], [], True),
        (["orders"], [], True),
        (["sale.*"], [], False),
        (["*"], ["*_tmp", "ord*"], False),
        (["*"], ["sales.*"], False),
        (["*"], ["other.orders"], True),
    ],
)
def test_patterns_are_of_the_whole_name_or_its_last_part(
    tables: list[str], leave_out: list[str], expected: bool
) -> None:
    assert is_wanted(profile(tables=tables, leave_out=leave_out), "sales.Orders") is expected


def test_columns_are_left_out_everywhere_or_in_one_table() -> None:
    wanted = wanted_columns(
        profile(leave_out_columns=["secret*", "sales.orders.note"]),
        "sales.orders",
        [column("id"), column("Secret_key"), column("note")],
    )
    assert [one.name for one in wanted] == ["id"]
    assert wanted_columns(profile(leave_out_columns=["sales.orders.note"]), "sales.lines", [column("note")])


def test_differences_are_added_removed_and_retyped_columns_in_any_order() -> None:
    before = [column("a"), column("b"), column("c"), column("d")]
    assert differences(before, before[::-1]) == []
    assert differences(before, [column("a"), column("c", "TEXT"), column("d", is_nullable=False), column("e")]) == [
        "added e (INTEGER)",
        "removed b (INTEGER)",
        "c was INTEGER, is TEXT",
        "d was INTEGER, is INTEGER not null",
    ]


def test_the_hash_knows_order_type_and_nullability() -> None:
    found = [column("a"), column("b")]
    others = [found[::-1], [column("a", "TEXT"), column("b")], [column("a", is_nullable=False), column("b")]]
    assert len({schema_hash(one) for one in [found, *others]}) == 4
    assert schema_hash(found) == schema_hash(list(found))
