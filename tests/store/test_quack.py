"""The measured facts about Quack that the store relies on: a new version cannot change them quietly."""

from __future__ import annotations

import signal
import stat
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest

from store.connection import QuackStore, load_extensions, open_store
from store.errors import StatementError, StoreAwayError, StoreError
from store.literal import literal
from store.rows import MetricSample, RefreshRun
from store.settings import ROOT
from store.shipper import ship
from store.spool import Spool, depths
from store.spool import pending as spooled
from store.spool import read as read_batch
from store.write import apply
from tests.processes import Home, free_port

COUNT = "select count(*) from process_samples"
INSERT = "insert into process_samples values ('h', '2026-01-01', 1, 'p', 0.5, 1)"


def test_a_pushed_transaction_rolls_back_wholly(served: Home) -> None:
    store = served.open()
    before = store.fetch(COUNT).item()
    with pytest.raises(RuntimeError), store.transaction():
        store.execute(INSERT)
        assert store.fetch(COUNT).item() == before + 1
        raise RuntimeError
    assert store.fetch(COUNT).item() == before


def test_a_refused_statement_undoes_the_whole_transaction(served: Home) -> None:
    store = served.open()
    before = store.fetch(COUNT).item()
    with pytest.raises(StatementError, match="does not exist"), store.transaction():
        store.execute(INSERT)
        store.execute("insert into nowhere values (1)")
    assert store.fetch(COUNT).item() == before


def test_a_batch_that_the_owner_refuses_is_set_aside_and_blocks_nothing(home: Home) -> None:
    """A broken transaction refuses everything: that must not look as if the owner were away."""
    home.start_store()
    root = home.conf.spool_path
    queue = Spool(root, "c")
    at = datetime(2026, 1, 1)
    queue.put([MetricSample("h", "load_1m", "", at, 1.0)])
    queue.put([RefreshRun("j", "r", "s", "exploded", at)])  # type: ignore[arg-type]
    queue.put([MetricSample("h", "load_1m", "", at, 2.0)])
    assert ship(home.open(), root) == 3, "two rows, and the report of the third"
    assert depths(root) == {"c": 0, "shipper": 0}
    assert "CHECK constraint" in home.open().fetch("select problem from set_aside_batches").item()


def test_a_client_that_dies_in_a_transaction_leaves_nothing(served: Home) -> None:
    code = f"""
import sys
from pathlib import Path
from store.connection import open_store
store = open_store({served.conf.url!r}, Path({str(served.conf.token_path)!r}))
store.execute("begin transaction")
store.execute({INSERT!r})
print("inserted", flush=True)
sys.stdin.read()
"""
    client = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, env=served.environment()
    )
    assert client.stdout is not None
    before = served.open().fetch(COUNT).item()
    assert client.stdout.readline() == b"inserted\n"
    client.send_signal(signal.SIGKILL)
    client.communicate()
    assert served.open().fetch(COUNT).item() == before


def test_several_statements_go_in_one_message(served: Home) -> None:
    store = served.open()
    store.execute("create table together (n int); insert into together values (1); insert into together values (2)")
    assert store.fetch("select sum(n)::int from together").item() == 3
    store.execute("drop table together")


@pytest.mark.parametrize(
    "statement",
    [
        "select * from read_csv('/etc/passwd')",
        "copy process_samples to '/tmp/stolen.parquet'",
        "attach '/tmp/other.duckdb' as other",
        "copy process_samples to '{home}/export/../stolen.parquet'",
        "install spatial",
        "set memory_limit = '100GB'",
        "set enable_external_access = true",
    ],
)
def test_nobody_reads_or_writes_outside_the_served_folders(served: Home, statement: str) -> None:
    with pytest.raises(StatementError):
        served.open().execute(statement.replace("{home}", str(served.conf.home.resolve())))


def test_the_owner_may_write_below_the_export_folder(served: Home) -> None:
    path = served.conf.export_path / "allowed.parquet"
    served.open().execute(f"copy (select 42 as answer) to {literal(str(path))} (format parquet)")
    assert pl.read_parquet(path).item() == 42


def test_the_token_is_secret_and_a_wrong_one_is_refused(served: Home, tmp_path: Path) -> None:
    assert stat.S_IMODE(served.conf.token_path.stat().st_mode) == 0o600
    wrong = tmp_path / "token"
    wrong.write_text("not the token")
    with pytest.raises(StoreAwayError):
        open_store(served.conf.url, wrong).fetch("select 1")


def test_readers_share_a_client_between_threads(served: Home) -> None:
    from concurrent.futures import ThreadPoolExecutor

    store = served.open()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: store.fetch("select $n as n", {"n": n}).item(), range(200)))
    assert answers == list(range(200))


def test_a_client_goes_on_after_the_owner_was_restarted(home: Home) -> None:
    first = home.start_store()
    store = home.open()
    assert store.fetch("select 1").item() == 1
    first.kill()
    first.wait()
    with pytest.raises(StoreAwayError):
        store.fetch("select 1")
    home.start_store()
    assert store.fetch("select 2").item() == 2


def test_the_owner_ends_at_once_and_leaves_no_log_to_replay(home: Home) -> None:
    owner = home.start_store()
    home.open().execute(INSERT)
    owner.terminate()
    assert owner.wait(10) == 0
    assert not home.conf.store_path.with_name("store.duckdb.wal").exists()
    assert open_store(f"duckdb:{home.conf.store_path}", Path()).fetch(COUNT).item() == 1


def test_a_taken_port_is_one_sentence(home: Home, tmp_path: Path) -> None:
    home.start_store()
    other = Home.make(tmp_path / "other", store_port=home.conf.store_port)
    process = other.start("-m", "store.server")
    assert process.wait(30) == 2
    assert "SHEWHART_STORE_PORT" in (other.conf.home / "log-0.txt").read_text()


def test_a_default_that_calls_a_function_would_lock_out_every_client(tmp_path: Path) -> None:
    """Why no migration has one: the client binds the default while it attaches, and fails."""
    con = duckdb.connect(str(tmp_path / "trap.duckdb"))
    con.execute("create sequence numbers; create table trap (n bigint default nextval('numbers'))")
    load_extensions(con)
    address = f"quack:localhost:{free_port()}"
    con.execute(f"call quack_serve('{address}', token := 'abcdefgh')").fetchall()
    token = tmp_path / "token"
    token.write_text("abcdefgh")
    with pytest.raises(StoreAwayError):
        open_store(address, token).fetch("select 1")
    con.execute(f"call quack_stop('{address}')").fetchall()
    con.close()


def test_an_owner_that_cannot_see_our_files_is_sent_the_rows(served: Home, tmp_path: Path) -> None:
    store = served.open()
    assert isinstance(store, QuackStore)
    store.is_local = False
    spool = Spool(tmp_path, "elsewhere")
    at = datetime(2026, 1, 1)
    spool.put([MetricSample("far", "load_1m", "", at, 1.5)], key="one")
    spool.put(
        frames={
            "metric_samples": pl.DataFrame(
                {
                    "host": ["far"],
                    "metric": ["load_1m"],
                    "instance": [""],
                    "observed_at": [datetime(2026, 1, 2)],
                    "value": [2.5],
                }
            )
        }
    )
    assert apply(store, [read_batch(path) for path in spooled(spool.folder)]) == 2
    assert store.fetch("select value from latest_metric_samples where host = 'far'").item() == 2.5
    assert store.fetch("select count(*) from metric_samples where host = 'far'").item() == 2


def test_an_unknown_url_says_what_is_expected() -> None:
    with pytest.raises(StoreError, match="expected duckdb:PATH or quack:HOST:PORT"):
        open_store("postgres://x", Path())
