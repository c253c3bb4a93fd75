"""Of which kind a column is, by the type that SQLAlchemy or DuckDB gives it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from collectors.profiling.tables import Kind

if TYPE_CHECKING:
    from sqlalchemy.types import TypeEngine

DUCKDB = (
    (re.compile(r".*\]$", re.DOTALL), Kind.OTHER),  # a list of anything
    (re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$"), Kind.INTEGER),
    (re.compile(r"DECIMAL\("), Kind.DECIMAL),
    (re.compile(r"(FLOAT|DOUBLE)$"), Kind.FLOAT),
    (re.compile(r"BOOLEAN$"), Kind.FLAG),
    (re.compile(r"(DATE|TIMESTAMP(_S|_MS|_NS| WITH TIME ZONE)?)$"), Kind.TIME),
    (re.compile(r"(VARCHAR$|ENUM\()"), Kind.TEXT),
    (re.compile(r"UUID$"), Kind.KEY),
)
UNCOMPARABLE_TEXT = {"mssql", "oracle"}  # their large texts can neither be grouped nor counted apart


def of_duckdb(type_name: str) -> Kind:
    """The kind of a column of DuckDB, by what its catalog calls the type."""
    return next((kind for pattern, kind in DUCKDB if pattern.match(type_name)), Kind.OTHER)


def of_sqlalchemy(found: TypeEngine[Any], backend: str) -> Kind:
    """The kind of a reflected column; a domain is of the kind of what it is made of."""
    from sqlalchemy import types

    inner = getattr(found, "data_type", None)
    if isinstance(inner, types.TypeEngine):
        return of_sqlalchemy(inner, backend)
    if isinstance(found, types.Text) and backend in UNCOMPARABLE_TEXT:
        return Kind.OTHER
    known: list[tuple[Kind, tuple[type[TypeEngine[Any]], ...]]] = [
        (Kind.FLAG, (types.Boolean,)),
        (Kind.INTEGER, (types.Integer,)),
        (Kind.FLOAT, (types.Float,)),
        (Kind.DECIMAL, (types.Numeric,)),
        (Kind.TIME, (types.Date, types.DateTime)),
        (Kind.TEXT, (types.String,)),
        (Kind.KEY, (types.Uuid,)),
    ]
    return next((kind for kind, kinds in known if isinstance(found, kinds)), Kind.OTHER)
