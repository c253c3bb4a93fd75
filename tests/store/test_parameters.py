"""What is a parameter of a statement, and what only looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.parameters import bare, parameter_names, rewrite


@pytest.mark.parametrize(
    ("sql", "names"),
    [
        ("select 1", []),
        ("select :day", ["day"]),
        ("where day=:day and at < :as_of or day = :day", ["day", "as_of"]),
        ("where (:a,:b,-:c)", ["a", "b", "c"]),
        ("select x::date, :day::date", ["day"]),
        ("select ':day', \"a :b\", `c :d`, 'it''s :e', '\" :f'", []),
        ("select 1 -- :day\n, :b /* :c\n'*/ , :d", ["b", "d"]),
        ("select $$ :a $$, $x$ $$ :b $x$, :c", ["c"]),
        (r"select e'it\'s :a', E':b', :c", ["c"]),
        ("select a[1:2], a[i:j], {'k':v}, {k:v}, case when '-- ' then :c end", ["c"]),
        ("select '12:30', 10:30, x := :y", ["y"]),
        (r"select \:a", []),
        ("select 'open :a", ["a"]),
        ("select :größe", ["größe"]),
    ],
)
def test_names_stand_outside_of_strings_comments_and_casts(sql: str, names: list[str]) -> None:
    assert parameter_names(sql) == names


def test_a_statement_is_rewritten_around_what_is_hidden() -> None:
    sql = "select ':a', x::int -- :a\n where y = :a and z in (:b)"
    assert rewrite(sql, "${}".format) == "select ':a', x::int -- :a\n where y = $a and z in ($b)"
    assert rewrite("a:b :c", str.upper, lambda other: other.replace(":", ".")) == "a.b C"


def test_what_is_left_bare_has_neither_comments_nor_texts() -> None:
    assert bare("select '; drop' -- ; x\n, \"a;b\" /* ; */ ; y").split() == ["select", "''", ",", "''", ";", "y"]
    assert ";" in bare("select '--' as a; drop table t")


@given(st.text(alphabet=st.sampled_from("a1:'\"`-/*$ \n\\eE[]"), max_size=60))
def test_no_text_is_lost(sql: str) -> None:
    assert rewrite(sql, ":{}".format) == sql
