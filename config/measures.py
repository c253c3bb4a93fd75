"""One measure at one place: the statements that give its value, its value by day, and a day's value by segment."""

from __future__ import annotations

from pydantic import model_validator

from config.base import Identifier, Part


class Measure(Part):
    """The value of a measure in `source`: a SQLAlchemy URL, `duckdb:FILE`, or CSV and Parquet files (view `source`).

    Either `sql` returns one row with `value`, and optionally `days_sql` rows of `day, value, rows` and `segments_sql`
    rows of `segment, value, rows` for `:day`; or `table` and `value` (an expression such as `sum(amount)`) are given,
    with the columns `day` and `segment` and a condition `where`, and the statements follow from them. Statements may
    name the filters of the report and `:as_of`, the time that the page gives for its data.
    """

    source: str
    sql: str | None = None
    days_sql: str | None = None
    segments_sql: str | None = None
    table: str | None = None
    value: str | None = None
    day: str | None = None
    segment: str | None = None
    where: str | None = None

    @model_validator(mode="after")
    def _is_one_form(self) -> Measure:
        if (self.sql is None) == (self.table is None):
            raise ValueError("a measure has either `sql`, or `table` with `value`")
        short = ("value", "day", "segment", "where")
        if self.sql is not None and any(getattr(self, name) is not None for name in short):
            raise ValueError(f"{', '.join(f'`{name}`' for name in short)} belong to `table`, not to `sql`")
        if self.table is not None and (self.value is None or self.days_sql or self.segments_sql):
            raise ValueError('`table` needs `value`, as in `value: "sum(amount)"`, and no other statements')
        if self.segment is not None and self.day is None:
            raise ValueError("`segment` needs `day`: the first wrong day is looked for before its segments")
        return self

    @property
    def total_statement(self) -> str:
        """Returns one row with `value`."""
        return self.sql or f"select {self.value} as value from {self.table}{self._condition()}"

    @property
    def days_statement(self) -> str | None:
        """Returns `day, value, rows`, one row a day; None when days cannot be told apart."""
        if self.day is None:
            return self.days_sql
        return (
            f"select {self.day} as day, {self.value} as value, count(*) as row_count "
            f"from {self.table}{self._condition()} group by {self.day} order by 1"
        )

    @property
    def segments_statement(self) -> str | None:
        """Returns `segment, value, rows` of `:day`; None when segments cannot be told apart."""
        if self.segment is None:
            return self.segments_sql
        return (
            f"select {self.segment} as segment, {self.value} as value, count(*) as row_count "
            f"from {self.table}{self._condition(f'{self.day} = :day')} group by {self.segment} order by 1"
        )

    def _condition(self, also: str | None = None) -> str:
        parts = [f"({part})" for part in (self.where, also) if part]
        return f" where {' and '.join(parts)}" if parts else ""


class Hop(Measure):
    """The measure at one place on its way from the source to the page."""

    id: Identifier
    title: str = ""
