"""Writes batches exactly once: their rows, the newest row per key and the record of the batch in one transaction.

One process writes batches (store.shipper), so batch numbers are committed in order and
"what changed since batch N" is exact.

The owner process reads the spooled files itself, at the speed of a local insert; only an owner on another machine is
sent the rows (decision 001). A batch whose id is already recorded is skipped, so replaying a spool changes nothing.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from pathlib import Path

import polars as pl

from store import clock, spool
from store.connection import QuackStore, Store
from store.literal import Value, literal, render
from store.rows import TABLES, Row, column_names
from store.spool import Batch, Part

RECORD = """
insert into batches (batch_id, batch_no, collector, spooled_at, applied_at)
select batch_id, nextval('batch_numbers'), collector, spooled_at::timestamp, $applied_at
from (select unnest($ids) as batch_id, unnest($collectors) as collector, unnest($spooled) as spooled_at);
"""
RECORD_PART = """
insert into batch_tables
select batch_no, $table, $rows, $first_at, $last_at from batches where batch_id = $batch_id;
"""


def append(
    store: Store, rows: Iterable[Row], collector: str = "direct", key: str | None = None, root: Path | None = None
) -> int:
    """Append rows as one exactly-once batch and return how many were new (0 when `key` was stored before).

    A served store needs `root`, a folder that its owner may read, such as the spool's.
    """
    with tempfile.TemporaryDirectory(dir=root, prefix=".direct-") as folder:
        queue = spool.Spool(Path(folder), collector)
        queue.put(rows, key=key)
        return apply(store, [spool.read(path) for path in spool.pending(queue.folder)])


def apply(store: Store, batches: Sequence[Batch]) -> int:
    """Store the batches in one transaction, in the given order; returns the number of new rows.

    Raises StatementError when the store refuses a row (nothing is stored then) and StoreAwayError when it is gone.
    """
    with store.transaction():
        fresh = _not_applied(store, batches)
        if not fresh:
            return 0
        by_table: dict[str, list[Part]] = defaultdict(list)
        for batch in fresh:
            for part in batch.parts:
                by_table[part.table].append(part)
        for table, parts in by_table.items():
            _insert(store, table, parts)
        store.execute(_record(fresh))
    return sum(part.rows for batch in fresh for part in batch.parts)


def _not_applied(store: Store, batches: Sequence[Batch]) -> list[Batch]:
    ids: list[str] = [batch.batch_id for batch in batches]
    known = store.fetch("select batch_id from batches where batch_id in (select unnest($ids))", {"ids": ids})
    seen = set(known["batch_id"])
    fresh = []
    for batch in batches:
        if batch.batch_id not in seen:
            fresh.append(batch)
            seen.add(batch.batch_id)
    return fresh


def _record(batches: Sequence[Batch]) -> str:
    record: dict[str, Value] = {
        "ids": [batch.batch_id for batch in batches],
        "collectors": [batch.collector for batch in batches],
        "applied_at": clock.now(),
        "spooled": [batch.spooled_at.isoformat() for batch in batches],
    }
    statements = [render(RECORD, record)]
    for batch in batches:
        for part in batch.parts:
            values: dict[str, Value] = {
                "table": part.table,
                "rows": part.rows,
                "first_at": part.first_at,
                "last_at": part.last_at,
                "batch_id": batch.batch_id,
            }
            statements.append(render(RECORD_PART, values))
    return "".join(statements)


def _insert(store: Store, table: str, parts: Sequence[Part]) -> None:
    if not store.is_local and isinstance(store, QuackStore):
        _send(store, table, parts)
        return
    for suffix in (".json", ".parquet"):
        paths = [part.path for part in parts if part.path.suffix == suffix]
        if paths:
            source = _source(table, suffix, paths)
            store.execute(
                f"insert into {table} by name select * exclude (filename) from {source};{_keep_latest(table, source)}"
            )


def _send(store: QuackStore, table: str, parts: Sequence[Part]) -> None:
    """Rows for an owner that cannot see our files: in chunks, then the newest per key from what has arrived."""
    types = dict(column_types(table))
    for part in parts:
        frame = pl.read_parquet(part.path) if part.path.suffix == ".parquet" else pl.read_json(part.path)
        store.insert_frame(table, frame.select(name for name in types if name in frame.columns))
        if TABLES[table].LATEST and part.first_at and part.last_at:
            time = TABLES[table].TIME
            bounds = f"{literal(part.first_at)} and {literal(part.last_at)}"
            span = f"(select *, 0 as filename from {table} where {time} between {bounds})"
            store.execute(_keep_latest(table, span))


def _source(table: str, suffix: str, paths: Sequence[Path]) -> str:
    files = literal([str(path) for path in paths])
    if suffix == ".parquet":
        return f"read_parquet({files}, filename = true)"
    columns = ", ".join(f"{name}: '{kind}'" for name, kind in column_types(table))
    limit = 256 * 1024 * 1024
    return (
        f"read_json({files}, format = 'array', columns = {{{columns}}}, filename = true, maximum_object_size = {limit})"
    )


def _keep_latest(table: str, source: str) -> str:
    """A later batch wins over an earlier one even if the clock was set back; within a batch the time decides."""
    row = TABLES[table]
    if not row.LATEST:
        return ""
    keys = ", ".join(row.LATEST)
    others = [name for name in column_names(row) if name not in row.LATEST]
    packed = ", ".join(f"{name} := {name}" for name in others)
    return f"""
insert or replace into latest_{table} ({keys}, {", ".join(others)})
select {keys}, {", ".join(f"newest.{name}" for name in others)}
from (
    select {keys}, arg_max(struct_pack({packed}), (filename, {row.TIME})) as newest
    from {source}
    group by {keys}
);"""


@cache
def column_types(table: str) -> tuple[tuple[str, str], ...]:
    """Column names and DuckDB types of a table, as the migrations declare them."""
    return tuple((name, kind) for name, kind in _declared()[table])


@lru_cache(maxsize=1)
def _declared() -> dict[str, list[tuple[str, str]]]:
    from store.connection import open_store
    from store.migrate import migrate

    store = open_store("duckdb::memory:", Path())
    migrate(store)
    rows = store.fetch(
        "select table_name, column_name, data_type from duckdb_columns() order by table_name, column_index"
    )
    store.close()
    declared: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for table, column, kind in rows.rows():
        declared[table].append((column, kind))
    return declared
