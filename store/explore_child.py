"""The process of one analyst's query: reads the export, answers once, ends. store.explore starts and can kill it.

Takes one line of JSON on standard input, which stays open: when it closes, whoever asked is gone and this process ends.
Two locks keep it to reading: DuckDB may touch the export and the scratch folder only, and a query may call only table
functions that are known to read, because some that write a file (`enable_logging`) are called from a SELECT.
"""

from __future__ import annotations

import json
import os
import re
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from store.literal import literal

READING_FUNCTIONS = {
    *("range", "generate_series", "unnest", "repeat", "repeat_row", "summary", "json_each", "json_tree", "glob"),
    *("read_parquet", "parquet_scan", "parquet_schema", "parquet_metadata", "parquet_file_metadata"),
    *("duckdb_columns", "duckdb_tables", "duckdb_views", "duckdb_types", "duckdb_functions", "duckdb_keywords"),
    *("pragma_table_info", "pg_timezone_names", "icu_calendar_names"),
}
EXPLAIN = re.compile(r"(?:\s|--[^\n]*\n|/\*.*?\*/)*explain\s+(?:analyze\b\s*)?(?:\([^)]*\)\s*)?", re.I | re.S)
AS_IT_IS = re.compile(
    r"BOOLEAN|U?(TINY|SMALL|BIG)?INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(.*\)|VARCHAR|BLOB|DATE|TIME"
    r"|TIMESTAMP( WITH TIME ZONE|_[A-Z]+)?"
)
WIDE = ("HUGEINT", "UHUGEINT")
MOST_TEXT_BYTES = 256 * 1024 * 1024


class RefusedError(Exception):
    """A query that Explore does not run; the message is one sentence for a person."""


def main() -> int:
    request = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_caller, daemon=True).start()
    os.nice(5)  # the pages and the store go first
    try:
        answer = _answer(request)
    except RefusedError as error:
        answer = {"problem": str(error)}
    except duckdb.Error as error:
        answer = {"problem": _sentence(error, request["memory"])}
    sys.stdout.write(json.dumps(answer))
    return 0


def _end_with_caller() -> None:
    os.read(0, 1)
    os._exit(1)


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    """Write the result to scratch/result.parquet under the names c1, c2 ... and return its true column names."""
    con = _open(request)
    found = con.sql(_only_reading(con, request["sql"]))
    names = list(found.columns)
    types = [str(kind) for kind in found.types]
    scratch = Path(request["scratch"])
    shown = found.project(", ".join(_shown(place, kind) for place, kind in enumerate(types, start=1)))
    shown.limit(request["rows"] + 1).write_parquet(str(scratch / "shown.parquet"))
    stored = con.read_parquet(str(scratch / "shown.parquet"))
    _check_size(stored)
    if any(kind in WIDE for kind in types):
        narrowed = ", ".join(_narrowed(stored, place, kind) for place, kind in enumerate(types, start=1))
        stored.project(narrowed).write_parquet(str(scratch / "result.parquet"))
    else:
        (scratch / "shown.parquet").rename(scratch / "result.parquet")
    return {"names": names}


def _open(request: dict[str, Any]) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(config={"threads": 2, "memory_limit": request["memory"]})
    con.execute("set timezone = 'UTC'")
    con.execute("set autoinstall_known_extensions = false")
    con.execute("set autoload_known_extensions = false")
    con.execute(f"set temp_directory = {literal(str(Path(request['scratch']) / 'spill'))}")
    con.execute(f"set max_temp_directory_size = {literal(request['memory'])}")
    for table in _named(request["sql"], request["files"]):
        files = con.read_parquet(request["files"][table], hive_partitioning=True, union_by_name=True)
        files.create_view(table)
    for table in _named(request["sql"], request["empty"]):
        columns = ", ".join(f"{name} {kind}" for name, kind in request["empty"][table])
        con.execute(f"create table {table} ({columns})")
    folders = [f"{request['export']}/", f"{request['scratch']}/"]
    con.execute(f"set allowed_directories = {literal(folders)}")
    con.execute("set enable_external_access = false")
    con.execute("set lock_configuration = true")
    return con


def _named(sql: str, tables: dict[str, Any]) -> list[str]:
    """The tables that a query can need: opening the files of all takes longer than most queries."""
    if re.search(r"\b(show|information_schema|pg_\w+|duckdb_\w+|sqlite_\w+)\b", sql, re.IGNORECASE):
        return list(tables)
    words = {word.lower() for word in re.findall(r"\w+", sql)}
    return [table for table in tables if table in words]


def _only_reading(con: duckdb.DuckDBPyConnection, sql: str) -> duckdb.Statement:
    """The one statement of `sql`, if all it does is read; raises RefusedError."""
    statements = con.extract_statements(sql)
    if not statements:
        raise RefusedError("There is no query yet; write a SELECT.")
    if any(statement.query == "" for statement in statements):
        raise RefusedError("Explore needs the values of a PIVOT in the query: write ON column IN (value, ...).")
    if len(statements) > 1:
        raise RefusedError(f"Explore runs one query at a time: found {len(statements)}, run each by itself.")
    statement = statements[0]
    reading = statement
    if statement.type == duckdb.StatementType.EXPLAIN:
        prefix = EXPLAIN.match(statement.query)
        explained = con.extract_statements(statement.query[prefix.end() :]) if prefix else []
        reading = explained[0] if len(explained) == 1 else statement
    if reading.type != duckdb.StatementType.SELECT or reading.query not in sql:
        kind = "PRAGMA" if reading.query not in sql else reading.type.name.replace("_", " ")
        raise RefusedError(f"Explore only reads: found {kind}, expected SELECT, EXPLAIN, DESCRIBE, SHOW or SUMMARIZE.")
    for function in _table_functions(con, reading.query):
        if function not in READING_FUNCTIONS:
            raise RefusedError(
                f"Explore only reads: the function {function} is not available here, use the tables listed."
            )
    return statement


def _table_functions(con: duckdb.DuckDBPyConnection, sql: str) -> Iterator[str]:
    tree = json.loads(con.execute("select json_serialize_sql($sql)", {"sql": sql}).fetchall()[0][0])
    if tree["error"]:
        raise RefusedError(f"Explore cannot check this query: {tree['error_message']}; write it as a plain SELECT.")
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if node.get("type") == "TABLE_FUNCTION":
                yield node["function"]["function_name"].lower()
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node


def _shown(place: int, kind: str) -> str:
    """A result column in a type that every reader of Parquet knows."""
    return f"#{place} as c{place}" if AS_IT_IS.fullmatch(kind) else f"#{place}::varchar as c{place}"


def _narrowed(stored: duckdb.DuckDBPyRelation, place: int, kind: str) -> str:
    """Sums of integers come as HUGEINT, which Arrow does not have: BIGINT where all values fit, else DOUBLE."""
    if kind not in WIDE:
        return f"c{place}"
    misfits = stored.aggregate(f"count(*) filter (c{place} is not null and try_cast(c{place} as bigint) is null)")
    return f"c{place}::{'double' if misfits.fetchall()[0][0] else 'bigint'} as c{place}"


def _check_size(stored: duckdb.DuckDBPyRelation) -> None:
    lengths = {"VARCHAR": "strlen", "BLOB": "octet_length"}
    columns = zip(stored.columns, map(str, stored.types), strict=True)
    sizes = [f"coalesce(sum({lengths[kind]}({name})), 0)" for name, kind in columns if kind in lengths]
    size = int(stored.aggregate(" + ".join(sizes)).fetchall()[0][0]) if sizes else 0
    if size > MOST_TEXT_BYTES:
        raise RefusedError(
            f"The result holds {size / 1e6:.0f} MB of text, more than can be shown; select fewer columns."
        )


def _sentence(error: duckdb.Error, memory: str) -> str:
    lines = [line.strip() for line in str(error).split("\n") if line.strip()]
    if isinstance(error, duckdb.OutOfMemoryException):
        return f"The query needs more than {memory} of memory; filter or aggregate earlier."
    if isinstance(error, duckdb.PermissionException):
        path = re.search(r'"(.*?)"', lines[0])
        what = f"{path.group(1)} is not part of the export" if path else lines[0]
        return f"Explore only reads the exported tables: {what}; use the tables listed."
    hint = next((line for line in lines if line.startswith(("Did you mean", "Candidate"))), "")
    return f"{lines[0]} {hint}".strip()


if __name__ == "__main__":
    sys.exit(main())
