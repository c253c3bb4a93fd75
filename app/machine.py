"""The hosts as pages show them: newest values, disks with their thresholds, and what is known to be too old."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from app import data
from app.answers import Answer
from app.times import now

NEWEST = (
    "cpu_busy_ratio",
    "load_1m",
    "memory_used_ratio",
    "memory_used_bytes",
    "memory_total_bytes",
    "swap_used_ratio",
    "process_count",
    "boot_seconds",
    "open_file_ratio",
    "disk_used_ratio",
    "disk_free_bytes",
    "disk_total_bytes",
    "inode_used_ratio",
)
SILENT_AFTER_STEPS = 6
SILENT_AFTER_LEAST = timedelta(seconds=60)


def newest() -> Answer:
    """The newest value of every metric that the host cards and the disks show."""
    return data.answer("latest_metrics", metrics=list(NEWEST))


def is_silent(observed_at: datetime | None, answer: Answer) -> bool:
    """Whether a value is too old to speak of now."""
    step = timedelta(seconds=data.collecting_steps().get("resources", 10.0))
    limit = max(step * SILENT_AFTER_STEPS, SILENT_AFTER_LEAST)
    return answer.is_stale or observed_at is None or now() - observed_at > limit


def values(answer: Answer, host: str) -> dict[str, float]:
    """Newest values of a host by metric, for metrics that have no instances."""
    rows = answer.frame.filter((pl.col("host") == host) & (pl.col("instance") == ""))
    return dict(zip(rows["metric"], rows["value"], strict=True))


def seen_at(answer: Answer, host: str) -> datetime | None:
    """When anything was last heard of a host."""
    last = answer.frame.filter(pl.col("host") == host)["observed_at"].max()
    return last if isinstance(last, datetime) else None


def hosts(answer: Answer) -> list[str]:
    """Hosts that were ever heard of."""
    return sorted(set(answer.frame["host"]))


def level(value: float | None, warn: float, critical: float) -> str:
    """Fine, warning or critical by the estate's thresholds; unknown without a value."""
    if value is None:
        return "unknown"
    return "critical" if value >= critical else "warning" if value >= warn else "ok"


def disks(answer: Answer) -> pl.DataFrame:
    """One row per host and file system, fullest first, with its state by the estate's thresholds.

    A file system that is not reported with the host's newest values any more is left out: it was unmounted.
    """
    limits = data.estate().estate.host
    rows = answer.frame.filter(pl.col("metric").str.starts_with("disk_") | (pl.col("metric") == "inode_used_ratio"))
    if rows.is_empty():
        return pl.DataFrame(schema={"host": pl.String, "mount": pl.String, "state": pl.String})
    seen = rows.group_by("host", "instance").agg(pl.col("observed_at").max())
    frame = rows.pivot("metric", index=["host", "instance"], values="value").join(seen, on=["host", "instance"])
    for name in ("disk_used_ratio", "disk_free_bytes", "disk_total_bytes", "inode_used_ratio"):
        if name not in frame.columns:
            frame = frame.with_columns(pl.lit(None, dtype=pl.Float64).alias(name))
    frame = frame.filter(pl.col("observed_at") >= pl.col("observed_at").max().over("host") - SILENT_AFTER_LEAST * 5)
    fullest = pl.max_horizontal("disk_used_ratio", "inode_used_ratio")
    states = [
        "unknown" if is_silent(at, answer) else level(used, limits.disk_warn_ratio, limits.disk_crit_ratio)
        for used, at in frame.select(fullest.alias("used"), "observed_at").iter_rows()
    ]
    return (
        frame.rename({"instance": "mount"})
        .with_columns(pl.Series("state", states, dtype=pl.String))
        .sort(fullest, descending=True, nulls_last=True)
    )
