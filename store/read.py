"""Named queries: one SELECT per file in store/queries, with a header that says what it answers, takes and returns.

-- question: What are the newest values of every metric?
-- parameters: $since timestamp, $hosts varchar[]
-- returns: host varchar, value double
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import polars as pl
from prometheus_client import Histogram

from store.connection import Store
from store.errors import StoreError
from store.literal import Value

FOLDER = Path(__file__).with_name("queries")
HEADER = re.compile(r"^-- (question|parameters|returns): *(.*)$", re.MULTILINE)
QUERY_SECONDS = Histogram("shewhart_query_seconds", "Time of a named query, there and back", ["query"])


@dataclass(frozen=True, slots=True)
class Query:
    """A named query: `parameters` and `returns` map names to DuckDB types, in order."""

    name: str
    sql: str
    question: str
    parameters: dict[str, str]
    returns: dict[str, str]


def _pairs(text: str) -> dict[str, str]:
    pairs = [part.strip().removeprefix("$").split(" ", 1) for part in re.split(r",(?![^(]*\))", text) if part.strip()]
    return {name: kind.strip() for name, kind in pairs}


def parse(name: str, sql: str) -> Query:
    """The query in the text of one file; raises StoreError when its header is not complete."""
    header = dict(HEADER.findall(sql))
    if not {"question", "returns"} <= header.keys():
        raise StoreError(f"store/queries/{name}.sql needs the header lines `-- question:` and `-- returns:`.")
    return Query(name, sql, header["question"], _pairs(header.get("parameters", "")), _pairs(header["returns"]))


@lru_cache(maxsize=1)
def queries() -> dict[str, Query]:
    """All named queries by name."""
    return {path.stem: parse(path.stem, path.read_text()) for path in sorted(FOLDER.glob("*.sql"))}


def ask(store: Store, name: str, /, **parameters: Value) -> pl.DataFrame:
    """The answer to a named query as a frame with the columns its header promises."""
    query = queries()[name]
    if parameters.keys() != query.parameters.keys():
        raise StoreError(f"Query {name} takes {sorted(query.parameters)}, got {sorted(parameters)}.")
    started = time.perf_counter()
    body = HEADER.sub("", query.sql)
    frame = store.fetch(body, parameters)
    QUERY_SECONDS.labels(name).observe(time.perf_counter() - started)
    return frame
