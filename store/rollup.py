"""Tiers of metric samples and of looks at reports, redone exactly where batches have touched them; and retention.

A pass looks at the batches since the last pass, so late facts from a spool correct the buckets they belong to. Buckets
whose source tier has passed its retention are never redone: they are all that is left of their time.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from store.connection import Store
from store.settings import Settings

SEEN = "select coalesce(max(batch_no), 0) from passes where kind = $kind"
RECORD = "insert into passes values ($kind, $now, $batch_no, $seconds)"
TOUCHED = """
select max(batch_no) as batch_no, min(first_at) as first_at, max(last_at) as last_at
from batch_tables where table_name = 'metric_samples' and batch_no > $after
"""
FROM_SAMPLES = "count(value) as samples, avg(value) as mean, min(value) as low, max(value) as high"
FROM_BUCKETS = """
sum(samples)::bigint as samples, sum(mean * samples) / nullif(sum(samples), 0) as mean,
min(low) as low, max(high) as high"""
NEW_BATCHES = """
select max(batch_no) as batch_no from batch_tables
where table_name in ('report_checks', 'maintenance_events') and batch_no > $after
"""
# Days of new looks; the first pass, and one after all passes were forgotten, takes all looks there are. A maintenance
# window may lie in the past, may have been moved, and touches all its days, those that it had before among them.
REPORT_DAYS = """
with spans as (
    select first_at, last_at from batch_tables
    where table_name = 'report_checks' and batch_no > $after and first_at is not null
    union all
    select min(observed_at), max(observed_at) from report_checks where $after = 0
    union all
    select begin_at, least(end_at, $now) from maintenance_events
    where window_id in (
        select events.window_id from maintenance_events as events
        inner join batch_tables as batches on events.occurred_at between batches.first_at and batches.last_at
        where batches.table_name = 'maintenance_events' and batches.batch_no > $after
    )
)

select distinct unnest(generate_series(
    greatest(date_trunc('day', first_at), $floor), date_trunc('day', last_at), interval 1 day
)) as day_at
from spans
order by day_at
"""
REDO_REPORTS = """
delete from report_days where day_at >= $first and day_at < $until;
insert into report_days by name
select
    report_id,
    date_trunc('day', observed_at) as day_at,
    count(*) as looks,
    count(*) filter (where is_told and not is_planned) as known,
    count(*) filter (where state = 'up' and not is_planned) as good,
    count(*) filter (where state = 'degraded' and not is_planned) as degraded,
    count(*) filter (where state = 'degraded' and is_bad and not is_planned) as stale,
    count(*) filter (where state = 'down' and not is_planned) as down,
    count(*) filter (where is_planned) as planned,
    quantile_cont(latency_seconds, 0.5) as p50_latency_seconds,
    quantile_cont(latency_seconds, 0.95) as p95_latency_seconds
from counted_looks
where observed_at >= $first and observed_at < $until
group by all;
"""


@dataclass(frozen=True, slots=True)
class Tier:
    """One step from a finer table to a coarser one."""

    source: str
    time: str
    table: str
    bucket: str
    aggregates: str
    source_days: str  # the setting that bounds the source's retention


TIERS = (
    Tier("metric_samples", "observed_at", "metric_minutes", "minute", FROM_SAMPLES, "raw_days"),
    Tier("metric_minutes", "bucket_at", "metric_hours", "hour", FROM_BUCKETS, "minute_days"),
    Tier("metric_hours", "bucket_at", "metric_days", "day", FROM_BUCKETS, "hour_days"),
)


def last_pass(store: Store, kind: str) -> int:
    """The number of the last batch that a finished pass of this kind has seen."""
    return int(store.fetch(SEEN, {"kind": kind}).item())


def record_pass(store: Store, kind: str, now: datetime, batch_no: int, seconds: float) -> None:
    """Remember that housekeeping of this kind has seen all batches up to `batch_no`."""
    store.execute(RECORD, {"kind": kind, "now": now, "batch_no": batch_no, "seconds": seconds})


def roll_up(store: Store, now: datetime, conf: Settings) -> int | None:
    """Bring all tiers up to date; returns the last batch seen, None when there was nothing new."""
    seen = [_roll_up_metrics(store, now, conf), _roll_up_reports(store, now, conf)]
    return max((batch_no for batch_no in seen if batch_no is not None), default=None)


def _roll_up_metrics(store: Store, now: datetime, conf: Settings) -> int | None:
    started = time.perf_counter()
    touched = store.fetch(TOUCHED, {"after": last_pass(store, "rollup")}).row(0, named=True)
    if touched["batch_no"] is None:
        return None
    with store.transaction():
        for tier in TIERS:
            floor = keep_from(now, getattr(conf, tier.source_days)) + timedelta(days=1)
            _redo(store, tier, max(touched["first_at"], floor), touched["last_at"])
        record_pass(store, "rollup", now, int(touched["batch_no"]), time.perf_counter() - started)
    return int(touched["batch_no"])


def _roll_up_reports(store: Store, now: datetime, conf: Settings) -> int | None:
    """Count the looks of the days that new looks or maintenance windows have touched, in one transaction."""
    started = time.perf_counter()
    after = last_pass(store, "report_days")
    batch_no = store.fetch(NEW_BATCHES, {"after": after}).item()
    if batch_no is None:
        return None
    floor = keep_from(now, conf.history_days) + timedelta(days=1)
    days = store.fetch(REPORT_DAYS, {"after": after, "now": now, "floor": floor})["day_at"].to_list()
    with store.transaction():
        for first, until in spans_of(days):
            store.execute(REDO_REPORTS, {"first": first, "until": until})
        record_pass(store, "report_days", now, int(batch_no), time.perf_counter() - started)
    return int(batch_no)


def spans_of(days: Sequence[datetime]) -> Iterator[tuple[datetime, datetime]]:
    """Days in order, put together where they follow each other: the first, and the day after the last."""
    first = until = None
    for day in days:
        if first is not None and until is not None and day != until:
            yield first, until
            first = None
        first, until = first or day, day + timedelta(days=1)
    if first is not None and until is not None:
        yield first, until


def _redo(store: Store, tier: Tier, first: datetime, last: datetime) -> None:
    span = {"first": first, "last": last}
    store.execute(
        f"delete from {tier.table} where bucket_at between date_trunc('{tier.bucket}', $first) and $last", span
    )
    store.execute(
        f"""
        insert into {tier.table} by name
        select host, metric, instance, date_trunc('{tier.bucket}', {tier.time}) as bucket_at, {tier.aggregates}
        from {tier.source}
        where {tier.time} >= date_trunc('{tier.bucket}', $first)
          and {tier.time} < date_trunc('{tier.bucket}', $last) + interval 1 {tier.bucket}
        group by all
        """,
        span,
    )


def keep_from(now: datetime, days: int) -> datetime:
    """The start of the oldest day that is kept."""
    return (now - timedelta(days=days)).replace(hour=0, minute=0, second=0, microsecond=0)


def retention(conf: Settings) -> dict[str, tuple[str, int]]:
    """Tables that are thinned: their time column and the days kept. All others are kept for ever."""
    history = {
        "refresh_runs": "collected_at",
        "latest_refresh_runs": "collected_at",
        "refresh_slots": "judged_at",
        "latest_refresh_slots": "due_at",
        "refresh_forecasts": "forecast_at",
        "latest_refresh_forecasts": "due_at",
        "freshness_checks": "observed_at",
        "report_checks": "observed_at",
        "report_numbers": "observed_at",
        "report_hops": "observed_at",
        "snapshots": "taken_at",
        "checker_trials": "observed_at",
        "point_verdicts": "judged_at",
        "latest_checker_trials": "observed_at",
        "notifications": "occurred_at",
        "latest_notifications": "occurred_at",
    }
    return {
        **{table: (column, conf.history_days) for table, column in history.items()},
        "metric_samples": ("observed_at", conf.raw_days),
        "metric_minutes": ("bucket_at", conf.minute_days),
        "metric_hours": ("bucket_at", conf.hour_days),
        "process_samples": ("observed_at", conf.raw_days),
        "collector_runs": ("started_at", conf.run_days),
        "passes": ("finished_at", conf.run_days),
    }


def retire(store: Store, now: datetime, conf: Settings) -> None:
    """Delete what is older than its retention, and loads of charges that a newer load has replaced.

    The ids of keyed batches stay for ever: they are what makes sending the same file again a no-op.
    """
    for table, (column, days) in retention(conf).items():
        store.execute(f"delete from {table} where {column} < $since", {"since": keep_from(now, days)})
    store.execute(
        "delete from batches where applied_at < $since and contains(batch_id, ':~')",
        {"since": keep_from(now, conf.run_days)},
    )
    store.execute("delete from batch_tables where batch_no not in (select batch_no from batches)")
    store.execute(
        "delete from charges where load_id not in (select load_id from current_charge_loads) "
        "and load_id in (select load_id from charge_loads where loaded_at < $since)",
        {"since": keep_from(now, conf.run_days)},
    )
