"""The spool: what was put is never lost, comes out in order, and a full disk costs nothing that was there before."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from store import spool
from store.errors import CorruptBatchError, SpoolFullError
from store.rows import ChargeLoad, MetricSample
from store.spool import Spool

AT = datetime(2026, 11, 23, 8)


def sample(number: int) -> MetricSample:
    return MetricSample("h", "load_1m", "", AT + timedelta(seconds=number), float(number))


def test_batches_come_out_in_the_order_they_were_put_across_restarts(tmp_path: Path) -> None:
    for number in range(3):
        Spool(tmp_path, "c").put([sample(number)], key=str(number))
    found = [spool.read(path) for path in spool.pending(tmp_path / "c")]
    assert [batch.batch_id for batch in found] == ["c:0", "c:1", "c:2"]
    assert found[2].parts[0].first_at == AT + timedelta(seconds=2)


def test_one_batch_holds_the_rows_of_several_tables(tmp_path: Path) -> None:
    queue = Spool(tmp_path, "c")
    queue.put([sample(1), ChargeLoad("l", "s", AT, AT, 1, Decimal("0.000001"), "EUR", "f"), sample(2)])
    parts = spool.read(spool.pending(queue.folder)[0]).parts
    assert {part.table: part.rows for part in parts} == {"metric_samples": 2, "charge_loads": 1}


def test_a_batch_that_changed_on_disk_is_corrupt(tmp_path: Path) -> None:
    queue = Spool(tmp_path, "c")
    queue.put([sample(1)])
    path = spool.pending(queue.folder)[0]
    file = path / "metric_samples.json"
    file.write_bytes(file.read_bytes().replace(b"load_1m", b"load_2m"))
    with pytest.raises(CorruptBatchError, match="checksum"):
        spool.read(path)


def test_a_batch_without_its_manifest_is_corrupt(tmp_path: Path) -> None:
    queue = Spool(tmp_path, "c")
    queue.put([sample(1)])
    path = spool.pending(queue.folder)[0]
    (path / spool.MANIFEST).unlink()
    with pytest.raises(CorruptBatchError, match=spool.MANIFEST):
        spool.read(path)


def test_a_manifest_cannot_point_outside_its_folder(tmp_path: Path) -> None:
    queue = Spool(tmp_path, "c")
    queue.put([sample(1)])
    path = spool.pending(queue.folder)[0]
    manifest = path / spool.MANIFEST
    manifest.write_bytes(manifest.read_bytes().replace(b"metric_samples.json", b"../../../../etc/passwd"))
    with pytest.raises(CorruptBatchError):
        spool.read(path)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk with room for a few batches."""
    mount = tmp_path / "small"
    mount.mkdir()
    if (
        os.geteuid() != 0
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(mount)], check=False).returncode
    ):
        pytest.skip("a small tmpfs can only be mounted by root")
    yield mount
    subprocess.run(["umount", str(mount)], check=True)


def test_a_full_disk_is_one_sentence_and_costs_nothing_that_was_acknowledged(small_disk: Path) -> None:
    queue = Spool(small_disk, "c")
    acknowledged = 0
    with pytest.raises(SpoolFullError, match="is full; free some space"):
        for number in range(10_000):
            queue.put([sample(number)], key=str(number))
            acknowledged += 1
    assert acknowledged > 0
    assert [spool.read(path).batch_id for path in spool.pending(queue.folder)] == [
        f"c:{n}" for n in range(acknowledged)
    ]
    assert not list(queue.folder.glob(".*")), "half a batch was left behind"
    spool.remove(spool.pending(queue.folder)[0])
    queue.put([sample(0)], key="again")
    assert spool.read(spool.pending(queue.folder)[-1]).batch_id == "c:again"


def test_a_name_that_is_no_unicode_costs_no_sample(tmp_path: Path) -> None:
    queue = Spool(tmp_path, "c")
    queue.put([MetricSample("h", "load_1m", "/mnt/\udcff", AT, 1.0)])
    (path,) = spool.pending(queue.folder)
    assert b"/mnt/?" in (path / "metric_samples.json").read_bytes()


def test_a_machine_out_of_handles_is_no_corrupt_batch(tmp_path: Path) -> None:
    queue = Spool(tmp_path, "c")
    queue.put([sample(1)])
    (path,) = spool.pending(queue.folder)
    (path / spool.MANIFEST).unlink()
    (path / spool.MANIFEST).mkdir()
    with pytest.raises(IsADirectoryError):
        spool.read(path)
