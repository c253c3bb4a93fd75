"""The statements that profile a table: its rows, what its columns hold, and how that is distributed; pure text.

Each value of a column is first made one of four things: a number, an instant in seconds since 1970, a text, or just
something that is there. NaN and infinities, and in SQLite values of another kind than the column's, become nulls.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from collectors.profiling.memory import Reference
from collectors.profiling.tables import NUMBERS, Backend, Column, Kind, Table
from store.parameters import Bound

BINS = 10
CATEGORIES = 20
MOST_EXPRESSIONS = 800  # PostgreSQL returns 1,664 columns at most
MOST_PARTS = 100  # SQLite joins 500 selects at most
APPROXIMATE_ROWS = 100_000  # from here on distinct values are estimated, where the database can
APPROXIMATE = {"duckdb": "approx_count_distinct({v})"}
SAMPLES = {
    "postgresql": "(select * from {table} tablesample bernoulli ({percent:.6f}) repeatable (1)) s",
    "duckdb": "(select * from {table} tablesample {percent:.6f} percent (bernoulli, 1)) s",
}
ANY_NUMBER = (
    "case when typeof({c}) in ('integer', 'real') and {c} between -1.7976931348623157e308 and 1.7976931348623157e308"
    " then {c} end"
)
VALUES: dict[str, dict[Kind, str]] = {
    "postgresql": {
        Kind.DECIMAL: "nullif({c}, 'NaN')",
        Kind.FLOAT: "case when {c} > '-Infinity' and {c} < 'Infinity' then {c} end",
        Kind.TIME: "case when isfinite({c}) then extract(epoch from {c}) end",
        Kind.TEXT: "cast({c} as text)",
    },
    "duckdb": {
        Kind.FLOAT: "case when isfinite({c}) then {c} end",
        Kind.TIME: "case when isfinite({c}) then epoch({c}) end",
        Kind.TEXT: "cast({c} as varchar)",
    },
    "sqlite": {
        Kind.INTEGER: ANY_NUMBER,
        Kind.DECIMAL: ANY_NUMBER,
        Kind.FLOAT: ANY_NUMBER,
        Kind.TIME: "case when typeof({c}) = 'text' then round((julianday({c}) - 2440587.5) * 86400.0, 3) end",
        Kind.TEXT: "cast({c} as text)",
    },
    "mysql": {Kind.TEXT: "cast({c} as char)"},
    "mariadb": {Kind.TEXT: "cast({c} as char)"},
}
FLAGS = {"mssql": "case when {c} = 1 then 1 when {c} = 0 then 0 end"}
FLAG = "case when {c} then 1 when not {c} then 0 end"
THERE = "case when {c} is not null then 1 end"
MEANS = {"mssql": "avg(1.0 * {v})"}  # its mean of whole numbers is a whole number
ENDS = {"duckdb": "cast({end}({v}) as double)"}  # its widest numbers are no numbers outside


@dataclass(frozen=True, slots=True)
class Statement:
    """A SELECT of one row: the value at each place is `asked[place]`, a column and what of it (or a bin by number)."""

    sql: str
    parameters: Mapping[str, Bound]
    asked: tuple[tuple[str, str | int], ...]


@dataclass(slots=True)
class _Select:
    parameters: dict[str, Bound] = field(default_factory=dict)
    inner: list[str] = field(default_factory=list)
    outer: list[str] = field(default_factory=lambda: ["count(*)"])
    asked: list[tuple[str, str | int]] = field(default_factory=lambda: [("", "rows")])

    def ask(self, column: str, what: str | int, expression: str) -> None:
        self.outer.append(f"{expression} as r{len(self.outer)}")
        self.asked.append((column, what))


def count_rows(table: Table) -> str:
    """The statement that counts all rows."""
    return f"select count(*) as n from {table.address}"  # noqa: S608 a quoted name


def sampled(table: Table, rows: int, most_rows: int) -> tuple[str, bool]:
    """What to select from, and whether it is just the first rows, which stand for nothing but themselves.

    A table of up to `most_rows` is taken as a whole; of a larger one about `most_rows` rows are drawn, the same ones
    while the table does not change.
    """
    if rows <= most_rows:
        return table.address, False
    template = SAMPLES.get(table.backend.name)
    if template is not None:
        return template.format(table=table.address, percent=100 * most_rows / rows), False
    return f"({_limited(table, most_rows)}) s", True


def measure(
    source: str, backend: Backend, columns: Sequence[Column], references: Mapping[str, Reference], rows: int
) -> Iterator[Statement]:
    """One statement for all columns, or a few where they are very many; counts of bins are those of `references`."""
    select = _Select()
    numbers = count()
    for column in columns:
        if len(select.outer) > MOST_EXPRESSIONS:
            yield _finish(select, source)
            select = _Select()
        place = f"v{len(select.inner)}"
        select.inner.append(f"{value_of(column, backend)} as {place}")
        _add(select, column, place, backend, rows)
        reference = references.get(column.name)
        if reference is not None:
            _add_bins(select, column, place, reference, numbers)
    if select.inner:
        yield _finish(select, source)


def learn_edges(source: str, backend: Backend, columns: Sequence[Column]) -> str:
    """The statement that gives `part, tile, edge`: the greatest value of each tenth of each column, by its place."""
    parts = [
        f"select {part} as part, tile, {_end('max', 'v', backend)} as edge from (select v, ntile({BINS})"  # noqa: S608
        f" over (order by v) as tile from (select {value_of(column, backend)} as v from {source}) a{part}"
        f" where v is not null) b{part} group by tile"
        for part, column in enumerate(columns)
    ]
    return " union all ".join(parts)


def learn_values(source: str, backend: Backend, columns: Sequence[Column]) -> str:
    """The statement that gives `part, value, n`: the most frequent texts of each column, if there twice or more."""
    parts = [
        f"select {part} as part, v as value, n from (select v, n, row_number() over (order by n desc, v) as place"  # noqa: S608
        f" from (select v, count(*) as n from (select {value_of(column, backend)} as v from {source}) a{part}"
        f" where v is not null group by v having count(*) > 1) b{part}) c{part} where place <= {CATEGORIES}"
        for part, column in enumerate(columns)
    ]
    return " union all ".join(parts)


def value_of(column: Column, backend: Backend) -> str:
    """The expression that makes a value of the column what it is taken to be."""
    template = VALUES.get(backend.name, {}).get(column.kind, "{c}")
    if column.kind is Kind.FLAG:
        template = FLAGS.get(backend.name, FLAG)
    if column.kind is Kind.OTHER:
        template = THERE
    quoted = backend.quote(column.name)
    if backend.name == "duckdb" and column.type.startswith("TIMESTAMP_"):
        quoted = f"cast({quoted} as timestamp)"
    return template.format(c=quoted)


def _add(select: _Select, column: Column, place: str, backend: Backend, rows: int) -> None:
    select.ask(column.name, "count", f"count({place})")
    if column.kind is Kind.OTHER:
        return
    distinct = APPROXIMATE.get(backend.name) if rows > APPROXIMATE_ROWS else None
    select.ask(column.name, "distinct", (distinct or "count(distinct {v})").format(v=place))
    if column.kind in NUMBERS or column.kind is Kind.TIME:
        select.ask(column.name, "least", _end("min", place, backend))
        select.ask(column.name, "most", _end("max", place, backend))
    if column.kind in NUMBERS or column.kind is Kind.FLAG:
        select.ask(column.name, "mean", MEANS.get(backend.name, "avg({v})").format(v=place))


def _add_bins(select: _Select, column: Column, place: str, reference: Reference, numbers: Iterator[int]) -> None:
    """Of edges how many values are up to each, of texts how many are equal to each."""
    bounds: Sequence[Bound] = reference.edges or reference.values
    sign = "<=" if reference.edges else "="
    for bin_number, bound in enumerate(bounds):
        name = f"p{next(numbers)}"
        select.parameters[name] = bound
        select.ask(column.name, bin_number, f"sum(case when {place} {sign} :{name} then 1 else 0 end)")


def _finish(select: _Select, source: str) -> Statement:
    sql = f"select {', '.join(select.outer)} from (select {', '.join(select.inner)} from {source}) q"  # noqa: S608
    return Statement(sql, select.parameters, tuple(select.asked))


def _end(end: str, value: str, backend: Backend) -> str:
    return ENDS.get(backend.name, "{end}({v})").format(end=end, v=value)


def _limited(table: Table, rows: int) -> str:
    """The first `rows` rows, in whatever words the database has for that."""
    from sqlalchemy import Select, literal_column, select, text

    statement: Select[tuple[object]] = (
        select(literal_column("*")).select_from(text(table.address.replace(":", "\\:"))).limit(rows)
    )
    return str(statement.compile(dialect=table.backend.dialect, compile_kwargs={"literal_binds": True}))
