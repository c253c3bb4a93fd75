"""Analysts' SQL over the Parquet export, in a process of its own that is killed when it takes too long.

Nothing cancels a query on the owner, so free SQL never goes there: it sees the copy and is told how old that is.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from store.errors import ExploreError
from store.settings import ROOT
from store.write import column_types

TICK_SECONDS = 0.2
INHERITED = ("PATH", "LD_LIBRARY_PATH", "PYTHONPATH")
TABLE = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may use; `memory` as DuckDB writes it, such as 1GB."""

    seconds: float
    rows: int
    memory: str


@dataclass(frozen=True, slots=True)
class Result:
    """The rows of a query, at most `Limits.rows` of them; `is_cut` tells that there were more."""

    frame: pl.DataFrame
    is_cut: bool
    as_of: datetime | None
    seconds: float


def run(sql: str, export: Path, limits: Limits, on_tick: Callable[[float], None] | None = None) -> Result:
    """Run one reading statement over the export and wait; `on_tick` gets the seconds so far, five times a second.

    Raises ExploreError, in one sentence, for a query that is refused, wrong or cut off. However this ends, also by an
    exception out of `on_tick`, the process of the query has ended.
    """
    started = time.monotonic()
    manifest = _manifest(export)
    with tempfile.TemporaryDirectory(prefix="explore-") as folder:
        scratch = Path(folder).resolve()
        request = _request(sql, export.resolve(), scratch, limits, manifest)
        answer = _ask(request, scratch, limits, started, on_tick)
        if "problem" in answer:
            raise ExploreError(answer["problem"])
        frame = pl.read_parquet(scratch / "result.parquet", memory_map=False, hive_partitioning=False)
    frame.columns = _unique(answer["names"])
    as_of = datetime.fromisoformat(manifest["as_of"])
    return Result(frame.head(limits.rows), frame.height > limits.rows, as_of, time.monotonic() - started)


def schema(export: Path) -> pl.DataFrame:
    """What can be read: one row per column: table_name, column_name, data_type, and rows of the table when exported."""
    counts = _manifest(export)["tables"]
    files = _files(export.resolve())
    found: list[tuple[str, str, str, int | None]] = []
    with duckdb.connect(config={"threads": 1}) as con:
        for table in sorted(files.keys() | counts.keys()):
            rows = counts.get(table, {}).get("rows")
            found += [(table, name, kind, rows) for name, kind in _columns(con, table, files.get(table))]
    kinds = {"table_name": pl.String, "column_name": pl.String, "data_type": pl.String, "rows": pl.Int64}
    return pl.DataFrame(found, schema=kinds, orient="row")


def _columns(con: duckdb.DuckDBPyConnection, table: str, files: str | None) -> list[tuple[str, str]]:
    if files is None:
        return _empty_columns(table)
    newest = max(Path(files.partition("*")[0]).glob("day=*/*.parquet"), default=None) if "*" in files else None
    relation = con.read_parquet(str(newest or files), hive_partitioning=True)
    return [(name, str(kind)) for name, kind in zip(relation.columns, relation.types, strict=True)]


def _empty_columns(table: str) -> list[tuple[str, str]]:
    """A table that nothing was exported of yet has its columns all the same."""
    declared = list(column_types(table))
    return [*declared, ("day", "DATE")] if declared else []


def _manifest(export: Path) -> dict[str, Any]:
    path = export / "manifest.json"
    try:
        manifest: dict[str, Any] = json.loads(path.read_text())
    except FileNotFoundError as error:
        raise ExploreError(
            f"There is no export yet at {export}: the first is made a minute after the start."
        ) from error
    except (OSError, ValueError) as error:
        raise ExploreError(f"{path} cannot be read: {error}; `python -m app export` writes it anew.") from error
    return manifest


def _files(export: Path) -> dict[str, str]:
    """The Parquet files of each table: one path, or a glob over the folders of its days."""
    found = {path.stem: str(path) for path in export.glob("*.parquet")}
    for folder in export.iterdir():
        if next(folder.glob("day=*/*.parquet"), None):
            found[folder.name] = str(folder / "*" / "*.parquet")
    return {table: files for table, files in found.items() if TABLE.fullmatch(table)}


def _request(sql: str, export: Path, scratch: Path, limits: Limits, manifest: dict[str, Any]) -> dict[str, Any]:
    files = _files(export)
    missing = {table: _empty_columns(table) for table in manifest["tables"] if table not in files}
    return {
        "sql": sql,
        "export": str(export),
        "scratch": str(scratch),
        "rows": limits.rows,
        "memory": limits.memory,
        "files": files,
        "empty": {table: columns for table, columns in missing.items() if columns},
    }


def _ask(
    request: dict[str, Any], scratch: Path, limits: Limits, started: float, on_tick: Callable[[float], None] | None
) -> dict[str, Any]:
    """The child's answer; raises ExploreError when it takes too long or dies."""
    environment = {name: os.environ[name] for name in INHERITED if name in os.environ}
    child = subprocess.Popen(
        [sys.executable, "-m", "store.explore_child"],
        cwd=ROOT,
        env={**environment, "HOME": str(scratch), "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        text = _talk(child, json.dumps(request).encode() + b"\n", limits, started, on_tick)
    finally:
        _kill(child)
    if not text:
        raise ExploreError("The query's process ended without an answer, probably out of memory; aggregate earlier.")
    answer: dict[str, Any] = json.loads(text)
    return answer


def _talk(
    child: subprocess.Popen[bytes],
    request: bytes,
    limits: Limits,
    started: float,
    on_tick: Callable[[float], None] | None,
) -> bytes:
    assert child.stdin is not None and child.stdout is not None  # noqa: S101  (both are pipes)
    text = b""
    try:
        child.stdin.write(request)
        child.stdin.flush()
    except BrokenPipeError:
        return text
    with selectors.DefaultSelector() as waiting:
        waiting.register(child.stdout, selectors.EVENT_READ)
        while True:
            if waiting.select(TICK_SECONDS):
                chunk = os.read(child.stdout.fileno(), 65536)
                if not chunk:
                    return text
                text += chunk
            elapsed = time.monotonic() - started
            if elapsed > limits.seconds:
                raise ExploreError(
                    f"The query was stopped after {limits.seconds:g} s; filter by day or aggregate first."
                )
            if on_tick:
                on_tick(elapsed)


def _kill(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    for pipe in (child.stdin, child.stdout):
        if pipe:
            with contextlib.suppress(BrokenPipeError):
                pipe.close()


def _unique(names: list[str]) -> list[str]:
    """Column names as the query gave them, numbered where one stands twice."""
    seen: dict[str, int] = {}
    for name in names:
        found = name
        while found in seen:
            seen[name] += 1
            found = f"{name}_{seen[name]}"
        seen[found] = 1
    return list(seen)
