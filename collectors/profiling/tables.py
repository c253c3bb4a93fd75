"""Tables and columns as they are profiled: what they are called, of which kind they are, and which are wanted."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import orjson

from config.quality import TableProfile

if TYPE_CHECKING:
    from sqlalchemy import Dialect


class Kind(StrEnum):
    """What can be asked of a column; a `key` (UUID) has no order, of `other` (binary, JSON, lists) only nulls count."""

    INTEGER = "integer"
    DECIMAL = "decimal"
    FLOAT = "float"
    FLAG = "flag"
    TIME = "time"
    TEXT = "text"
    KEY = "key"
    OTHER = "other"


NUMBERS = frozenset({Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT})


@dataclass(frozen=True, slots=True)
class Column:
    """A column; `type` is the database's own word for it."""

    name: str
    type: str
    is_nullable: bool
    kind: Kind


@dataclass(frozen=True, slots=True)
class Backend:
    """How to write statements for a database: its name (`duckdb` for DuckDB and files) and its rules of quoting."""

    name: str
    dialect: Dialect

    def quote(self, name: str) -> str:
        """`name` so that it means exactly that, whatever is in it."""
        preparer = self.dialect.identifier_preparer
        if self.dialect.requires_name_normalize:  # its lower-case names stand for upper-case ones
            return str(preparer.quote(name))
        return str(preparer.quote_identifier(name))


@dataclass(frozen=True, slots=True)
class Table:
    """A table by the name it has in ids, and where it is: `address` as it stands in a statement to `source`.

    `columns` is None where only a look at the table itself can tell.
    """

    name: str
    source: str
    address: str
    backend: Backend
    columns: tuple[Column, ...] | None = None


def is_wanted(profile: TableProfile, table: str) -> bool:
    """Whether the profile's patterns take the table: `sales.*` by schema, `*_tmp` by any part; case does not matter."""
    return _matches(table, profile.tables) and not _matches(table, profile.leave_out)


def wanted_columns(profile: TableProfile, table: str, columns: Sequence[Column]) -> tuple[Column, ...]:
    """The columns that no pattern leaves out; a pattern is of a column's name, or of `table.column`."""
    return tuple(
        column
        for column in columns
        if not _matches(column.name, profile.leave_out_columns)
        and not _matches(f"{table}.{column.name}", profile.leave_out_columns)
    )


def differences(reference: Sequence[Column], current: Sequence[Column]) -> list[str]:
    """In words, which columns were added, removed, or have another type (or may now be null, or no longer be)."""
    before, now = {column.name: column for column in reference}, {column.name: column for column in current}
    return [
        *(f"added {name} ({_said(now[name])})" for name in now if name not in before),
        *(f"removed {name} ({_said(before[name])})" for name in before if name not in now),
        *(
            f"{name} was {_said(before[name])}, is {_said(now[name])}"
            for name in now
            if name in before and _said(before[name]) != _said(now[name])
        ),
    ]


def schema_hash(columns: Sequence[Column]) -> str:
    """SHA-256 of names, types and nullability, in order."""
    return hashlib.sha256(orjson.dumps([[c.name, c.type, c.is_nullable] for c in columns])).hexdigest()


def _said(column: Column) -> str:
    return column.type if column.is_nullable else f"{column.type} not null"


def _matches(name: str, patterns: Sequence[str]) -> bool:
    """Whether one pattern is of the name; a pattern without a dot may also be of its last part."""
    whole = name.casefold()
    last = whole.rpartition(".")[2]
    return any(
        fnmatchcase(whole, pattern) or ("." not in pattern and fnmatchcase(last, pattern))
        for pattern in map(str.casefold, patterns)
    )
