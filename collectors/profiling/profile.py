"""Profiles one table: counts it, asks one statement about all its columns, and compares with what is remembered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from collectors.points import Result
from collectors.profiling import measuring
from collectors.profiling.measuring import Found, Measure
from collectors.profiling.memory import MOST_CHANGES, Memory, Reference
from collectors.profiling.statements import BINS, MOST_PARTS, count_rows, learn_edges, learn_values, measure, sampled
from collectors.profiling.tables import NUMBERS, Column, Kind, Table, differences, schema_hash, wanted_columns
from config.quality import TableProfile, profile_metric_id
from store.parameters import Bound
from store.rows import DataPoint

Ask = Callable[[str, Mapping[str, Bound]], Result]


@dataclass(frozen=True, slots=True)
class Profiled:
    """The data points of a table, sentences about what they leave out, and what to remember."""

    points: tuple[DataPoint, ...]
    problems: tuple[str, ...]
    memory: Memory


def profile_table(
    profile: TableProfile, table: Table, columns: Sequence[Column], memory: Memory, ask: Ask, now: datetime
) -> Profiled:
    """Ask everything about `table` through `ask`, whose errors go through; points are of `now`."""
    wanted = wanted_columns(profile, table.name, columns)
    remembered, drift = _schema(profile, table, wanted, memory, now)
    rows = _rows(ask(count_rows(table), {}))
    source, is_first_rows = sampled(table, rows, profile.most_rows)
    kinds = {column.name: column.kind for column in wanted}
    known = {name: one for name, one in memory.references.items() if one.kind is kinds.get(name)}
    fresh = _learn(table, source, wanted, known, rows, ask)
    found = _ask_all(table, source, wanted, {**known, **fresh}, min(rows, profile.most_rows), ask)
    references, learned = measuring.kept(found, known, fresh)
    told = [
        Measure("", "rows", float(rows)),
        Measure("", "schema", float(drift)),
        *measuring.measures(wanted, found, references, learned, now),
    ]
    return Profiled(
        tuple(
            DataPoint(profile_metric_id(profile.id, table.name, one.column, one.name), now, now, one.value)
            for one in told
        ),
        tuple(_problems(profile, wanted, found, rows, is_first_rows)),
        replace(remembered, references={**memory.references, **references}),
    )


def _schema(
    profile: TableProfile, table: Table, columns: tuple[Column, ...], memory: Memory, now: datetime
) -> tuple[Memory, int]:
    """The memory with the columns of now, and how many of them differ from the first ones."""
    current = schema_hash(columns)
    if memory.columns is None:
        return replace(memory, columns=columns, schema_hash=current), 0
    said = differences(wanted_columns(profile, table.name, memory.columns), columns)
    if current == memory.schema_hash:
        return memory, len(said)
    change = {"at": now.isoformat(), "schema_hash": current, "against_the_first": said}
    return replace(memory, schema_hash=current, changes=(*memory.changes, change)[-MOST_CHANGES:]), len(said)


def _rows(result: Result) -> int:
    return int(str(result.rows[0][0]))


def _learn(
    table: Table, source: str, columns: Sequence[Column], known: Mapping[str, Reference], rows: int, ask: Ask
) -> dict[str, Reference]:
    """References, still without counts, of columns that have none yet."""
    missing = [column for column in columns if column.name not in known] if rows >= measuring.LEAST_VALUES else []
    numbers = [column for column in missing if column.kind in NUMBERS or column.kind is Kind.FLAG]
    texts = [column for column in missing if column.kind is Kind.TEXT]
    fresh: dict[str, Reference] = {}
    for some in _portions(numbers):
        fresh |= measuring.edges_of(some, ask(learn_edges(source, table.backend, some), {}).rows, BINS)
    for some in _portions(texts):
        fresh |= measuring.values_of(some, ask(learn_values(source, table.backend, some), {}).rows)
    return fresh


def _portions(columns: Sequence[Column]) -> list[Sequence[Column]]:
    return [columns[start : start + MOST_PARTS] for start in range(0, len(columns), MOST_PARTS)]


def _ask_all(
    table: Table, source: str, columns: Sequence[Column], references: Mapping[str, Reference], rows: int, ask: Ask
) -> Found:
    """Every answer by column and what was asked; the rows that a column was counted among stand beside each."""
    found: dict[tuple[str, str | int], object] = {}
    for statement in measure(source, table.backend, columns, references, rows):
        (answer,) = ask(statement.sql, statement.parameters).rows
        answers = dict(zip(statement.asked, answer, strict=True))
        found |= answers
        found |= {(column, "rows"): answers["", "rows"] for column, _ in answers}
    return found


def _problems(
    profile: TableProfile, columns: Sequence[Column], found: Found, rows: int, is_first_rows: bool
) -> list[str]:
    said = [f"{what} is not a finite number and was left out" for what in measuring.not_finite(columns, found)]
    if is_first_rows:
        said.append(
            f"has {rows:,} rows, and as its database cannot draw a sample only the first {profile.most_rows:,} are"
            " profiled; raise most_rows or leave the table out"
        )
    return said
