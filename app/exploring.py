"""Analysts' queries over the export: limits from the settings, examples to start from, what can be read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import polars as pl
import streamlit as st

from store import explore
from store.errors import ExploreError
from store.explore import Limits, Result
from store.settings import settings

__all__ = ["ExploreError", "Result"]  # what the page needs of the store
SCHEMA_SECONDS = 60
EXAMPLES = {
    "Batches by collector and day": (
        "select collector, date_trunc('day', applied_at) as day, count(*) as batches\n"
        "from batches\ngroup by all\norder by day desc, batches desc"
    ),
    "Slowest refresh runs": (
        "select job_id, run_id, started_at, finished_at - started_at as took, rows, message\n"
        "from refresh_runs\nwhere status in ('succeeded', 'failed')\norder by took desc\nlimit 50"
    ),
    "CPU by hour": (
        "select date_trunc('hour', observed_at) as hour, host,\n"
        "    avg(value) as mean, quantile_cont(value, 0.95) as p95\n"
        "from metric_samples\nwhere metric = 'cpu_busy_ratio'\ngroup by all\norder by hour"
    ),
    "Report availability": (
        "select report_id, count(*) as looks, avg((state in ('up', 'degraded'))::int) as up_ratio,\n"
        "    quantile_cont(latency_seconds, 0.95) as p95_seconds\n"
        "from report_checks\ngroup by all\norder by up_ratio"
    ),
    "Cost by service": (
        "select date_trunc('month', charge_period_start) as month, service_name, billing_currency,\n"
        "    sum(effective_cost) as effective_cost\nfrom charges\n"
        "semi join (  -- a load counts until a newer one of its source and period takes its place\n"
        "    select source, billing_period_start, arg_max(load_id, loaded_at) as load_id\n"
        "    from charge_loads\n    group by all\n"
        ") using (source, billing_period_start, load_id)\ngroup by all\norder by month, effective_cost desc"
    ),
    "Collector failures": (
        "select collector, outcome, count(*) as runs, max(started_at) as newest, any_value(error) as error\n"
        "from collector_runs\nwhere outcome <> 'succeeded'\ngroup by all\norder by newest desc"
    ),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A query of this session and how it went."""

    sql: str
    asked_at: datetime
    rows: int
    seconds: float


def limits() -> Limits:
    """What one query may use, from the settings."""
    conf = settings()
    return Limits(conf.explore_seconds, conf.explore_rows, conf.explore_memory)


def run(sql: str, on_tick: Callable[[float], None]) -> Result:
    """Run one reading statement on the export; raises ExploreError with one sentence for a person."""
    return explore.run(sql, settings().export_path, limits(), on_tick)


@st.cache_data(ttl=SCHEMA_SECONDS, show_spinner=False)
def tables() -> tuple[pl.DataFrame | None, str | None]:
    """Columns of every table that can be read, or the reason why there are none yet."""
    try:
        return explore.schema(settings().export_path), None
    except ExploreError as error:
        return None, str(error)


def shown(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame in types that a browser shows as they are: decimals and wide integers as doubles, spans as text."""
    wide = [name for name, kind in frame.schema.items() if kind in (pl.Int128, pl.Decimal) or kind == pl.UInt128]
    spans = [name for name, kind in frame.schema.items() if kind == pl.Duration]
    nested = [name for name, kind in frame.schema.items() if isinstance(kind, pl.List) and kind.inner == pl.Decimal]
    return frame.with_columns(
        pl.col(wide).cast(pl.Float64),
        pl.col(spans).dt.to_string("polars"),
        pl.col(nested).cast(pl.List(pl.Float64)),
    )
