"""The base of all row types."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Row:
    """Base of all rows: the table it goes to and the column that orders it in time."""

    TABLE: ClassVar[str]
    TIME: ClassVar[str]
    LATEST: ClassVar[tuple[str, ...]] = ()


def column_names(row_type: type[Row]) -> tuple[str, ...]:
    """Column names of a row type in declared order."""
    return tuple(field.name for field in fields(row_type))
