"""Runs one SELECT on a database outside, by SQLAlchemy URL: read-only where the database can, cut off after a time.

A statement with parameters names them as `:day`; they are bound by the driver, and the session's time zone is UTC. No
message carries a password: not that of the URL, nor secrets among its options.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from collectors.base import SourceError
from collectors.points import Result
from store.parameters import Bound, bare, rewrite

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, TextClause

SECRET = re.compile(r"pass|pwd|secret|token|key", re.IGNORECASE)
CONNECT_SECONDS = "10"
READ_ONLY = {
    "sqlite": "pragma query_only = on",
    "postgresql": "set transaction read only",
    "mysql": "set session transaction read only",
    "mariadb": "set session transaction read only",
}
UTC = {
    "postgresql": "set local time zone 'UTC'",
    "mysql": "set session time_zone = '+00:00'",
    "mariadb": "set session time_zone = '+00:00'",
}


def query_url(
    source: str,
    sql: str,
    folder: Path,
    seconds: float,
    max_rows: int,
    parameters: Mapping[str, Bound] | None = None,
) -> Result:
    """The result of the SELECT; a SQLite file is relative to `folder`. Raises SourceError in one sentence.

    `parameters` are those that the statement names as `:name`; with None it is sent as it stands, in the zone of the
    database, otherwise in UTC.
    """
    refuse_all_but_select(sql)
    with reading(source, folder, seconds) as connection:
        return _select(connection, sql, max_rows, parameters)


@contextmanager
def reading(source: str, folder: Path, seconds: float) -> Iterator[Connection]:
    """A connection that only reads, where the database can; what runs on it is cut off `seconds` after it was made.

    Whatever the database refuses, inside too, is raised as SourceError in one sentence.
    """
    from sqlalchemy import create_engine, exc
    from sqlalchemy.pool import NullPool

    url = _parse(source, folder)
    limit = _Limit(seconds)
    try:
        engine = create_engine(url, poolclass=NullPool)
        with engine.connect() as connection, limit.on(connection):
            if connection.dialect.name in READ_ONLY:
                connection.exec_driver_sql(READ_ONLY[connection.dialect.name])
            yield connection
    except exc.DBAPIError as error:
        if limit.is_over:
            raise SourceError(f"the statement took longer than {seconds:g} s and was cut off") from error
        raise SourceError(_without_secrets(str(error.orig), url)) from error
    except (exc.SQLAlchemyError, ImportError) as error:
        raise SourceError(_without_secrets(str(error), url)) from error


def refuse_all_but_select(sql: str) -> None:
    """Raise SourceError unless `sql` is one statement that begins as a SELECT does."""
    text = bare(sql).strip().rstrip(";").strip()
    word = text.lstrip("( \n\t").split(None, 1)[0].lower() if text else "nothing"
    if word not in {"select", "with"} or ";" in text:
        found = "more than one statement" if ";" in text else f"`{word}`"
        raise SourceError(f"the statement is {found}, expected one SELECT")


def _parse(source: str, folder: Path) -> URL:
    from sqlalchemy import exc, make_url

    try:
        url = make_url(source)
    except (exc.ArgumentError, ValueError) as error:
        raise SourceError("the source is not a database URL, expected DIALECT://USER:PASSWORD@HOST/NAME") from error
    if url.get_driver_name() in {"psycopg", "psycopg2"} and "connect_timeout" not in url.query:
        url = url.update_query_dict({"connect_timeout": CONNECT_SECONDS})
    if url.get_backend_name() == "sqlite" and url.database and not url.database.startswith((":memory:", "file:")):
        path = folder / url.database
        if not path.is_file():
            raise SourceError(f"{path} does not exist, expected a SQLite file")
        url = url.set(database=str(path))
    return url


def _select(connection: Connection, sql: str, max_rows: int, parameters: Mapping[str, Bound] | None) -> Result:
    """Run it in a transaction that only reads, and that is rolled back in any case."""
    dialect = connection.dialect.name
    if parameters is not None and dialect in UTC:
        connection.exec_driver_sql(UTC[dialect])
    if parameters:
        found = connection.execute(_text(sql, parameters, dialect))
    else:
        found = connection.execution_options(no_parameters=True).exec_driver_sql(sql)
    rows = [tuple(row) for row in found.fetchmany(max_rows + 1)]
    if len(rows) > max_rows:
        raise SourceError(f"the statement returned more than {max_rows:,} rows; aggregate or limit them")
    return Result(list(found.keys()), rows)


def _text(sql: str, parameters: Mapping[str, Bound], dialect: str) -> TextClause:
    """The statement with its values bound; every colon that is no parameter is kept from being read as one.

    A text is bound without a type, so that it also compares with a number or an enum, as a text in quotes does.
    """
    from sqlalchemy import bindparam, text
    from sqlalchemy.types import NullType

    values = {name: _plain(value) if dialect == "sqlite" else value for name, value in parameters.items()}
    statement = text(rewrite(sql, ":{}".format, lambda other: other.replace(":", "\\:")))
    return statement.bindparams(
        *(bindparam(name, value, NullType() if isinstance(value, str) else None) for name, value in values.items())
    )


def _plain(value: Bound) -> Bound:
    """SQLite keeps times as text."""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date) else value


class _Limit:
    """Interrupts a statement after `seconds`, by what the database's driver has for it."""

    def __init__(self, seconds: float) -> None:
        self.is_over = False
        self._seconds = seconds

    @contextmanager
    def on(self, connection: Connection) -> Iterator[None]:
        driver = connection.connection.driver_connection
        cut_off = getattr(driver, "interrupt", None) or getattr(driver, "cancel", None)

        def end() -> None:
            self.is_over = True
            if cut_off is not None:
                cut_off()

        timer = threading.Timer(self._seconds, end)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


def _without_secrets(message: str, url: URL) -> str:
    """The first line of `message`, with nothing in it that the URL keeps secret."""
    options = [value for name, found in url.query.items() if SECRET.search(name) for value in _texts(found)]
    text = message.split("\n")[0]
    for secret in [url.password, *options]:
        text = text.replace(str(secret), "***") if secret else text
    return text


def _texts(found: str | tuple[str, ...]) -> tuple[str, ...]:
    return (found,) if isinstance(found, str) else found
