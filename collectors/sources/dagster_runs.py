"""Refresh runs of Dagster by its GraphQL API."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from collectors.base import Collector, Context, Yield
from collectors.dagster import ask_dagster
from collectors.run_rows import JobNames, late_after, send_changed

COLLECTOR = Collector(
    name="dagster_runs",
    group="schedulers",
    every=timedelta(minutes=1),
    timeout=timedelta(minutes=4),
    help="Asks every server of `dagster:` in the estate which runs changed; a failed run is told with its steps.",
)
RUN_SECONDS = 200.0
PAGES_SECONDS = 120.0


def collect(ctx: Context) -> Iterator[Yield]:
    """The runs that are new or changed; a server that cannot be asked is a problem and says nothing about its runs."""
    names = JobNames(ctx.estate, COLLECTOR.name)
    is_late = late_after(PAGES_SECONDS)
    work = {server.id: partial(ask_dagster, server, names, ctx.now, is_late=is_late) for server in ctx.estate.dagster}
    yield from send_changed(ctx, work, RUN_SECONDS)
