"""Backup while serving, restore while stopped; both are checked by opening the copy and counting its rows."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

from store.connection import Store, open_store
from store.errors import StoreError
from store.literal import literal
from store.migrate import listing
from store.rows import TABLES
from store.settings import Settings


def counts(store: Store) -> dict[str, int]:
    """Rows of every fact table."""
    return {table: int(store.fetch(f"select count(*) from {table}").item()) for table in TABLES}


def backup(store: Store, now: datetime, conf: Settings) -> Path:
    """Copy the whole store to home/backup/store-TIME.duckdb, verify it, and return its path."""
    target = conf.home / "backup" / f"store-{now:%Y%m%dT%H%M%S}.duckdb"
    target.parent.mkdir(parents=True, exist_ok=True)
    name = store.fetch("select current_database()").item()
    beside = target.with_suffix(".new")
    beside.unlink(missing_ok=True)
    store.execute("detach database if exists saved")  # one that was killed half-way left it attached
    store.execute(f"attach {literal(str(beside.resolve()))} as saved")
    try:
        store.execute(f'copy from database "{name}" to saved')
    finally:
        store.execute("detach saved")
    verify(beside)
    beside.rename(target)
    return target


def verify(path: Path) -> dict[str, int]:
    """Row counts of a backup whose migrations this version knows; raises StoreError for anything else."""
    if not path.exists():
        raise StoreError(f"There is no backup at {path}; `python -m app backup` makes one.")
    saved = open_store(f"duckdb:{path}", Path())
    try:
        if not any(migration.applied_at for migration in listing(saved)):
            raise StoreError(f"{path} is a DuckDB file but not a backup of this store.")
        return counts(saved)
    finally:
        saved.close()


def restore(path: Path, conf: Settings, now: datetime) -> dict[str, int]:
    """Put a backup in the place of the store, which must be stopped; the replaced file is kept beside it."""
    rows = verify(path)
    if conf.store_path.exists():
        open_store(f"duckdb:{conf.store_path}", Path()).close()  # refuses while the owner process has the file
        conf.store_path.rename(conf.store_path.with_name(f"store-replaced-{now:%Y%m%dT%H%M%S}.duckdb"))
    beside = conf.store_path.with_suffix(".new")
    conf.home.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, beside)
    beside.rename(conf.store_path)
    return rows
