"""Carries spooled batches into the store, oldest first, as long as the process lives.

Many waiting batches go in one transaction. When the store refuses one, its group is tried batch by batch and the
refused one is set aside with the reason; the others go on. When the store is away everything waits on disk.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import structlog

from store import clock, spool
from store.connection import Store, open_store
from store.errors import CorruptBatchError, StatementError, StoreAwayError
from store.lifetime import ending
from store.rows import SetAsideBatch
from store.settings import settings
from store.spool import Batch
from store.write import apply

OWN_SPOOL = "shipper"
GROUP_BATCHES = 64
GROUP_ROWS = 400_000
POLL_SECONDS = 0.25
AWAY_SECONDS = 1.0
ABANDONED_SECONDS = 3600.0
OWNERS_FAULT = (
    "no space left",
    "could not write",
    "out of memory",
    "i/o error",
    "io error",
    "fatal",
    "invalidated",
    "disk quota",
)
log = structlog.get_logger("store.shipper")


def ship(store: Store, root: Path) -> int:
    """Store everything that waits below `root` now and return the number of new rows; raises StoreAwayError."""
    names = [name for name in spool.collectors(root) if name != OWN_SPOOL]
    return sum(_ship_group(store, root, group) for name in [*names, OWN_SPOOL] for group in _groups(root, name))


def _groups(root: Path, collector: str) -> Iterator[list[Batch]]:
    group: list[Batch] = []
    rows = 0
    for path in spool.pending(root / collector):
        try:
            batch = spool.read(path)
        except CorruptBatchError as error:
            _set_aside(path, path.name, str(error))
            continue
        group.append(batch)
        rows += sum(part.rows for part in batch.parts)
        if len(group) >= GROUP_BATCHES or rows >= GROUP_ROWS:
            yield group
            group, rows = [], 0
    if group:
        yield group


def _ship_group(store: Store, root: Path, group: list[Batch]) -> int:
    try:
        rows = apply(store, group)
    except StatementError as error:
        if any(sign in str(error).lower() for sign in OWNERS_FAULT):
            raise StoreAwayError(f"The store cannot write: {error}") from error
        if len(group) > 1:
            return sum(_ship_group(store, root, [batch]) for batch in group)
        return _ship_refused(store, group[0])
    for batch in group:
        spool.remove(batch.path)
    return rows


def _ship_refused(store: Store, batch: Batch) -> int:
    """Try a refused batch once more, as the answer may have been lost on the way; only then set it aside."""
    try:
        rows = apply(store, [batch])
    except StatementError as error:
        _set_aside(batch.path, batch.batch_id, str(error))
        return 0
    spool.remove(batch.path)
    return rows


def _set_aside(path: Path, batch_id: str, problem: str) -> None:
    """Move a batch out of the way; the report is on disk first, so that none is set aside unseen."""
    target = spool.aside(path)
    report = SetAsideBatch(batch_id, path.parent.name, clock.now(), str(target), problem)
    spool.Spool(path.parents[1], OWN_SPOOL).put([report])
    spool.set_aside(path, target, problem)
    log.error("batch set aside", path=str(target), problem=problem)


def sweep(root: Path, older_than_seconds: float = ABANDONED_SECONDS) -> None:
    """Remove what a killed process left half-written or half-removed; hidden names only, never a batch."""
    for name in spool.collectors(root):
        for path in (root / name).glob(".*"):
            if path.name.startswith(".gone-") or _age_seconds(path) > older_than_seconds:
                shutil.rmtree(path, ignore_errors=True)


def _age_seconds(path: Path) -> float:
    """Seconds since a change; 0 for what its writer has renamed into place meanwhile."""
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def main() -> int:
    """Ship until told to end."""
    conf = settings()
    ended = ending()
    store = open_store(conf.url, conf.token_path)
    sweep(conf.spool_path)
    pause = 0.0
    is_away = False
    while not ended.wait(pause):
        try:
            pause = POLL_SECONDS if ship(store, conf.spool_path) == 0 else 0.0
            if is_away:
                log.info("store is back")
            is_away = False
        except (StoreAwayError, StatementError, OSError) as error:
            if not is_away:
                log.warning("store away, facts wait in the spool", problem=str(error))
            is_away = True
            pause = AWAY_SECONDS
    return 0


if __name__ == "__main__":
    sys.exit(main())
