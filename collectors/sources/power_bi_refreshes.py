"""Refresh runs of Power BI: the refresh history of semantic models, by REST."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from collectors.base import Collector, Context, Yield
from collectors.power_bi import ask_power_bi
from collectors.run_rows import JobNames, late_after, send_changed

COLLECTOR = Collector(
    name="power_bi_refreshes",
    group="schedulers",
    every=timedelta(minutes=5),
    timeout=timedelta(minutes=4),
    help="Asks every workspace of `power_bi:` in the estate for the refresh history of its datasets.",
)
RUN_SECONDS = 200.0
ASKING_SECONDS = 150.0


def collect(ctx: Context) -> Iterator[Yield]:
    """The refreshes that are new or changed; a workspace that cannot be asked says nothing about its refreshes."""
    names = JobNames(ctx.estate, COLLECTOR.name)
    is_late = late_after(ASKING_SECONDS)
    work = {one.id: partial(ask_power_bi, one, names, ctx.now, is_late=is_late) for one in ctx.estate.power_bi}
    yield from send_changed(ctx, work, RUN_SECONDS)
