"""A store for benchmarks: a believable history and N raw samples of 100 hosts up to now, rolled up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from app.desk import Desk, Parameter
from store import clock
from store.connection import Store, open_store
from store.migrate import migrate
from store.rollup import roll_up
from store.settings import Settings
from store.spool import Spool
from store.spool import pending as spooled
from store.spool import read as read_batch
from store.write import apply
from tests.fixtures.history import history

SERIES = 2000
STEP_SECONDS = 10
RAW = """
insert into metric_samples
select
    format('host-{:03}', n % 100),
    format('metric_{:02}', (n // 100) % 20),
    '',
    $first + to_seconds((n // 2000) * 10),
    ((hash(n) % 10000) / 100)::double
from range($count) as series(n);
insert into latest_metric_samples
select host, metric, instance, max(observed_at), arg_max(value, observed_at)
from metric_samples
where observed_at > $last - interval 1 minute
group by all
on conflict do nothing;
insert into batches values ('bench', nextval('batch_numbers'), 'bench', $last, $last);
insert into batch_tables
select batch_no, 'metric_samples', $count, $first, $last from batches where batch_id = 'bench';
"""


def build(conf: Settings, samples: int) -> None:
    """Fill the store's file of this home; nobody may serve it meanwhile."""
    conf.home.mkdir(parents=True, exist_ok=True)
    store = open_store(f"duckdb:{conf.store_path}", conf.token_path)
    migrate(store)
    now = clock.now()
    _history(store, conf.home / "bench-spool", now)
    first = now - timedelta(seconds=STEP_SECONDS * (samples // SERIES))
    store.execute(RAW, {"count": samples, "first": first, "last": now})
    roll_up(store, now, conf)
    store.execute("checkpoint")
    store.close()


def _history(store: Store, folder: Path, now: datetime) -> None:
    queue = Spool(folder, "bench")
    queue.put(history(now))
    apply(store, [read_batch(path) for path in spooled(queue.folder)])


class Recorder(Desk):
    """A desk that remembers what it was asked."""

    def __init__(self, conf: Settings) -> None:
        super().__init__(conf.url, conf.token_path)
        self.asked: dict[str, tuple[str, Mapping[str, Parameter]]] = {}

    def ask(self, name: str, parameters: Mapping[str, Parameter]) -> object:  # type: ignore[override]
        """The answer, after noting the question."""
        self.asked[repr((name, sorted(parameters.items())))] = (name, parameters)
        return super().ask(name, parameters)
