"""The owner process: the only one that opens the DuckDB file, and serves it on loopback with DuckDB's Quack protocol.

Order matters: migrate, serve, then lock. After the lock nobody, whatever SQL they send, can read or write files outside
the spool, export and backup folders, attach a database, or change a setting.
"""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

import duckdb
import structlog

from store.connection import Store, load_extensions, sentence
from store.errors import StoreError
from store.lifetime import ending
from store.literal import literal
from store.migrate import migrate
from store.ports import is_free
from store.settings import LOOPBACK, Settings, settings

HEALTH_SECONDS = 5.0
log = structlog.get_logger("store.server")


def token(path: Path) -> str:
    """The token of the store, made when first asked for, readable by this account only."""
    if not path.exists():
        beside = path.with_suffix(".new")
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(32))
        beside.rename(path)
    return path.read_text().strip()


def served_folders(conf: Settings) -> list[str]:
    """The folders that the owner may read and write while it serves."""
    folders = [conf.spool_path, conf.export_path, conf.home / "backup", conf.home / "scratch"]
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
    return [f"{folder.resolve()}/" for folder in folders]


def open_file(conf: Settings) -> duckdb.DuckDBPyConnection:
    """Open the store's file read-write; raises StoreError when another process has it."""
    conf.home.mkdir(parents=True, exist_ok=True)
    try:
        return duckdb.connect(str(conf.store_path))
    except duckdb.IOException as error:
        raise StoreError(f"{conf.store_path} cannot be opened: {sentence(error)}") from error


def serve(con: duckdb.DuckDBPyConnection, conf: Settings) -> str:
    """Serve the store and lock it down; returns the address. Raises StoreError when the port is taken."""
    load_extensions(con)
    folders = served_folders(conf)
    con.execute(f"set memory_limit = {literal(conf.memory_limit)}")
    con.execute(f"set temp_directory = {literal(str(conf.home / 'scratch'))}")
    con.execute(f"set allowed_directories = {literal(list(folders))}")
    if not is_free(LOOPBACK, conf.store_port):
        raise StoreError(f"Port {conf.store_port} is taken; free it or set SHEWHART_STORE_PORT to another.")
    address = f"quack:localhost:{conf.store_port}"
    try:
        con.execute(f"call quack_serve({literal(address)}, token := {literal(token(conf.token_path))})").fetchall()
    except duckdb.Error as error:
        raise StoreError(
            f"Port {conf.store_port} cannot be served; free it or set SHEWHART_STORE_PORT: {sentence(error)}"
        ) from error
    con.execute("set enable_external_access = false")
    con.execute("set lock_configuration = true")
    return address


def stop(con: duckdb.DuckDBPyConnection, address: str) -> None:
    """Stop serving, write the log into the file, close."""
    con.execute(f"call quack_stop({literal(address)})").fetchall()
    con.execute("checkpoint")
    con.close()


def main() -> int:
    """Serve until told to end, or until the database is no longer usable (the supervisor then starts a new owner)."""
    conf = settings()
    ended = ending()
    try:
        con = open_file(conf)
        applied = migrate(Store(con))
        address = serve(con, conf)
    except StoreError as error:
        log.error("not started", problem=str(error))
        return 2
    log.info("serving", address=address, file=str(conf.store_path), migrated=applied)
    while not ended.wait(HEALTH_SECONDS):
        try:
            con.execute("select 1").fetchall()
        except duckdb.Error as error:
            log.error("database unusable, ending so that a new owner can recover it", problem=sentence(error))
            return 1
    stop(con, address)
    log.info("stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
