"""The only door to DuckDB: opens a store by its URL and runs whole statements on it.

`duckdb:PATH` opens the file in this process (exclusive); `quack:HOST:PORT` talks to the owner process (store.server).
Both take the same SQL. A Quack session is one per `Store`: share a `Store` between reading threads, but give every
writer its own, because all cursors of an attached connection are in the same transaction on the owner.
"""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from store.errors import StatementError, StoreAwayError, StoreError
from store.literal import Value, literal, render

if TYPE_CHECKING:
    import polars as pl

EXTENSIONS = ("httpfs", "quack")  # Quack's client and server both speak through httpfs
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def load_extensions(con: duckdb.DuckDBPyConnection) -> None:
    """Load Quack from its wheels on PyPI, so that nothing is downloaded at run time."""
    version = con.execute("select version()").fetchall()[0][0]
    for name in EXTENSIONS:
        spec = importlib.util.find_spec(f"duckdb_extension_{name}")
        if spec is None or spec.origin is None:
            raise StoreError(f"The package duckdb-extension-{name} is not installed; run `make install`.")
        path = Path(spec.origin).parent / "extensions" / version / f"{name}.duckdb_extension"
        con.execute(f"load {literal(str(path))}")


def sentence(error: duckdb.Error) -> str:
    """The first line of DuckDB's message, without the class name that Quack puts in front of another."""
    return str(error).split("\n")[0].removeprefix("Invalid Input Error: ")


class Store:
    """A store opened by URL: `fetch` reads a frame, `execute` runs statements, `transaction` groups them."""

    is_local = True  # the store reads files of this machine

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con
        self._in_transaction = False

    def fetch(self, sql: str, parameters: Mapping[str, Value] | None = None) -> pl.DataFrame:
        """The result of one SELECT; parameters are written into the text as literals."""
        return self._send(render(sql, parameters) if parameters is not None else sql)

    def execute(self, sql: str, parameters: Mapping[str, Value] | None = None) -> None:
        """Run one or more statements."""
        self._send(render(sql, parameters) if parameters is not None else sql)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside is stored, or nothing of it."""
        self._in_transaction = True
        is_stored = False
        try:
            self.execute("begin transaction")
            yield
            self.execute("commit")
            is_stored = True
        finally:
            if not is_stored:
                self._roll_back()
            self._in_transaction = False

    def close(self) -> None:
        self._con.close()

    def _roll_back(self) -> None:
        """A commit that failed, or an owner that died, has already rolled back."""
        try:
            self.execute("rollback")
        except StoreError:
            return

    def _send(self, sql: str) -> pl.DataFrame:
        try:
            con = self._con if self._in_transaction else self._con.cursor()
            return con.execute(sql).pl()
        except duckdb.Error as error:
            raise StatementError(sentence(error)) from error


class QuackStore(Store):
    """A client of the owner process; attaches when first used and again after the owner has restarted."""

    def __init__(self, host: str, port: int, token_path: Path) -> None:
        self.address = f"quack:{host}:{port}"
        self.is_local = host in LOOPBACK
        self._token_path = token_path
        self._lock = threading.Lock()
        self._attached: duckdb.DuckDBPyConnection | None = None
        self._in_transaction = False

    def close(self) -> None:
        with self._lock:
            if self._attached is not None:
                self._attached.close()
            self._attached = None

    def insert_frame(self, table: str, frame: pl.DataFrame) -> None:
        """Send a frame in chunks; for an owner on another machine, which cannot read our spool files."""
        con = self._connection()
        con.register("frame_to_send", frame)
        try:
            con.execute(f"insert into owner.{table} by name select * from frame_to_send")
        except duckdb.Error as error:
            raise StatementError(sentence(error)) from error
        finally:
            con.unregister("frame_to_send")

    def _connection(self) -> duckdb.DuckDBPyConnection:
        with self._lock:
            if self._attached is None:
                self._attached = self._attach()
            return self._attached

    def _attach(self) -> duckdb.DuckDBPyConnection:
        if not self._token_path.exists():
            raise StoreAwayError(
                f"There is no token at {self._token_path}: the store has not started yet; run `make up`."
            )
        con = duckdb.connect(config={"threads": 1})
        load_extensions(con)
        token = literal(self._token_path.read_text().strip())
        try:
            con.execute(f"attach {literal(self.address)} as owner (token {token})")
        except duckdb.Error as error:
            con.close()
            raise StoreAwayError(
                f"The store does not answer at {self.address} ({sentence(error)}); see `python -m app status`."
            ) from error
        return con

    def _send(self, sql: str) -> pl.DataFrame:
        try:
            return self._push(sql)
        except duckdb.Error as error:
            if self._answers():
                raise StatementError(sentence(error)) from error
            self.close()
            if self._in_transaction:
                raise StoreAwayError(
                    f"The store at {self.address} went away in the middle of a transaction."
                ) from error
        try:
            return self._push(sql)
        except duckdb.Error as error:
            raise StatementError(sentence(error)) from error

    def _push(self, sql: str) -> pl.DataFrame:
        return self._connection().cursor().execute("from owner.query($sql)", {"sql": sql}).pl()

    def _answers(self) -> bool:
        """Whether the session still works, so that an error was the statement's own.

        A transaction that an error has broken refuses everything but its end, so it is ended first.
        """
        try:
            if self._in_transaction:
                with suppress(duckdb.Error):  # a failed commit has ended it already
                    self._push("rollback")
            self._push("select 1")
        except (duckdb.Error, StoreAwayError):
            return False
        return True


def open_store(url: str, token_path: Path) -> Store:
    """Open the store at `url`; raises StoreError for a URL of another form."""
    kind, _, rest = url.partition(":")
    if kind == "duckdb" and rest:
        try:
            return Store(duckdb.connect(rest))
        except duckdb.Error as error:
            raise StoreAwayError(f"{rest} cannot be opened: {sentence(error)}") from error
    host, _, port = rest.rpartition(":")
    if kind == "quack" and host and port.isdigit():
        return QuackStore(host, int(port), token_path)
    raise StoreError(f"The store URL is {url!r}; expected duckdb:PATH or quack:HOST:PORT.")
