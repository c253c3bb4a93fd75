"""Every named query is one statement that binds on a migrated store and returns what its header promises."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from store.connection import Store
from store.migrate import migrate
from store.read import HEADER, ask, queries


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    con = duckdb.connect()
    migrate(Store(con))
    yield con
    con.close()


def described(con: duckdb.DuckDBPyConnection, sql: str, names: list[str]) -> dict[str, str]:
    """Column names and types of a query executed with every parameter null."""
    relation = con.sql(sql, params=dict.fromkeys(names)) if names else con.sql(sql)
    return {name: str(kind).lower() for name, kind in zip(relation.columns, relation.types, strict=True)}


@pytest.mark.parametrize("name", sorted(queries()))
def test_query_is_one_statement_that_returns_what_it_promises(name: str, connection: duckdb.DuckDBPyConnection) -> None:
    query = queries()[name]
    sql = HEADER.sub("", query.sql)
    statements = connection.extract_statements(sql)
    assert len(statements) == 1, "a query file holds exactly one statement"
    assert set(statements[0].named_parameters) == set(query.parameters)
    assert described(connection, sql, list(query.parameters)) == query.returns


@pytest.mark.parametrize("name", sorted(queries()))
def test_query_answers_on_an_empty_store_through_literals(
    name: str, connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    query = queries()[name]
    frame = ask(Store(connection), name, **dict.fromkeys(query.parameters))
    assert frame.columns == list(query.returns)


@pytest.mark.parametrize("name", sorted(queries()))
def test_query_says_its_question_and_orders_its_rows(name: str) -> None:
    query = queries()[name]
    assert query.question.endswith("?")
    if "group by" in query.sql or "limit" in query.sql:
        assert "order by" in query.sql
