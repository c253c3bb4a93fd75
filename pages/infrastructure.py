"""Are the machines healthy, and what is filling up?"""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import streamlit as st

from app import charts, data, machine, tables, times, ui, words
from app.answers import Answer
from app.page import Page

PAGE = Page(title="Infrastructure", icon=":material/dns:", section="Operate", order=30, url_path="infrastructure")
LIVE_SECONDS = 10
SPANS = ("15 min", "1 h", "6 h", "24 h", "7 d")
PROCESS_SPAN = timedelta(minutes=10)
SWAP_WARN_RATIO = 0.5
NETWORK = ["network_received_bytes_per_second", "network_sent_bytes_per_second"]
DISK = ["disk_read_bytes_per_second", "disk_written_bytes_per_second"]


def render() -> None:
    """Host cards, curves over a chosen range, every file system against its thresholds, the busiest processes."""
    with ui.header(PAGE.title, "Are the machines healthy, and what is filling up?"):
        name, span = ui.span_picker("range", SPANS, "1 h")
    live(name, span)


@st.fragment(run_every=LIVE_SECONDS)
def live(name: str, span: timedelta) -> None:
    """Everything that moves."""
    newest = machine.newest()
    ui.as_of(newest, live_seconds=LIVE_SECONDS)
    if ui.nothing(newest, "No host yet", "The resource collector writes the first values within seconds of its start."):
        return
    for host in machine.hosts(newest):
        _host(host, newest)
    left, right = st.columns(2)
    with left:
        _curve("CPU", "Share of all processors busy", ["cpu_busy_ratio", "cpu_wait_ratio"], "ratio", name, span)
        _curve("Network", "Bytes received and sent", NETWORK, "bytes per second", name, span)
    with right:
        _curve("Memory", "Share of memory and swap used", ["memory_used_ratio", "swap_used_ratio"], "ratio", name, span)
        _curve("Disk traffic", "Bytes read and written", DISK, "bytes per second", name, span)
    _disks(newest)
    _processes()
    _actions()


def _host(host: str, newest: Answer) -> None:
    limits = data.estate().estate.host
    found = machine.values(newest, host)
    seen = machine.seen_at(newest, host)
    is_silent = machine.is_silent(seen, newest)
    note = ui.badge("unknown", f"Silent, last heard {times.ago(seen)}") if is_silent else ui.badge("up")
    with ui.card(host, f"Up for {words.duration(found.get('boot_seconds'))}", note), st.grid(4, min_column_width=150):
        cpu, memory, swap = (found.get(f"{part}_ratio") for part in ("cpu_busy", "memory_used", "swap_used"))
        load = words.quantity(found.get("load_1m"))
        used = words.size(found.get("memory_used_bytes"))
        total = words.size(found.get("memory_total_bytes"))
        _card("CPU busy", cpu, limits.cpu_warn_ratio, f"load {load}", is_silent)
        _card("Memory used", memory, limits.memory_warn_ratio, f"{used} of {total}", is_silent)
        if swap is None and not is_silent:
            ui.kpi("Swap used", "None", "skipped", "no swap space")
        else:
            _card("Swap used", swap, SWAP_WARN_RATIO, "of swap space", is_silent)
        count = words.count(found.get("process_count"))
        opened = found.get("open_file_ratio")
        detail = f"{words.share(opened)} of file handles" if opened is not None else "on this host"
        ui.kpi("Processes", count, "unknown" if is_silent else "skipped", detail)


def _card(label: str, value: float | None, warn: float, detail: str, is_silent: bool) -> None:
    state = "unknown" if is_silent else machine.level(value, warn, 1.01)
    ui.kpi(label, words.share(value), state, detail)


def _curve(title: str, subtitle: str, metrics: list[str], unit: str, span_name: str, span: timedelta) -> None:
    history = data.metric_history(metrics, span)
    with ui.card(title, f"{subtitle}, {span_name}"):
        if ui.nothing(history, "No value in this range", "Choose another range, or wait for the next samples."):
            return
        series = charts.wide(_named(history.frame), "bucket_at", "name", "mean")
        top = 1.0 if unit == "ratio" else None
        spec = charts.within(charts.lines(series, unit, top=top), history.as_of, span)
        ui.chart(spec, f"{title} over {span_name}", 220, f"curve_{title}")


def _named(frame: pl.DataFrame) -> pl.DataFrame:
    """Series named in words: the metric, then instance and host where there are several."""
    several_hosts = frame["host"].n_unique() > 1
    short = {"network": "", "disk": "", "bytes": "", "per": "", "second": "", "ratio": ""}

    def name(row: dict[str, str]) -> str:
        said = words.spoken("_".join(part for part in row["metric"].split("_") if part not in short))
        where = " ".join(part for part in (row["instance"], row["host"] if several_hosts else "") if part)
        return f"{said} {where}".strip()

    keys = frame.select("metric", "instance", "host").unique(maintain_order=True)
    names = keys.with_columns(pl.Series("name", [name(row) for row in keys.iter_rows(named=True)], dtype=pl.String))
    return frame.join(names, on=["metric", "instance", "host"])


def _disks(newest: Answer) -> None:
    limits = data.estate().estate.host
    said = f"Warning from {words.share(limits.disk_warn_ratio)}, critical from {words.share(limits.disk_crit_ratio)}"
    with ui.card("File systems", said):
        disks = machine.disks(newest)
        if disks.is_empty():
            ui.empty("No file system reported", "The resource collector reports every mounted one.")
            return
        columns = {
            "state": tables.state("State"),
            "host": tables.text("Host"),
            "mount": tables.text("Mounted at"),
            "disk_used_ratio": tables.level("Space used"),
            "disk_free_bytes": tables.number("Free", "bytes"),
            "disk_total_bytes": tables.number("Size", "bytes"),
            "inode_used_ratio": tables.level("Inodes used"),
        }
        tables.show(disks, columns, "file_systems", "File systems", states=["state"])


def _processes() -> None:
    answer = data.answer("top_processes", since=PROCESS_SPAN)
    seen = answer.frame["observed_at"].max()
    with ui.card("Busiest processes", f"As seen {times.ago(seen)}" if seen else ""):  # type: ignore[arg-type]
        if ui.nothing(answer, "No process seen lately", "The resource collector looks every few seconds."):
            return
        columns = {
            "name": tables.text("Process"),
            "pid": tables.number("PID", "%d"),
            "host": tables.text("Host"),
            "cpu_busy_ratio": tables.level("CPU, share of one processor"),
            "memory_used_bytes": tables.number("Memory", "bytes"),
        }
        tables.show(answer.frame, columns, "processes", "Busiest processes")


def _actions() -> None:
    answer = data.answer("actions", since=ui.SPANS["7 d"])
    if answer.is_empty:
        return
    with ui.card("Corrective actions, 7 days", "What was tried by itself, and whether it cured"):
        spoken = pl.col("playbook").map_elements(words.spoken, return_dtype=pl.String)
        columns = {
            "state": tables.state("Outcome"),
            "occurred_at": tables.moment("When"),
            "playbook": tables.text("Action"),
            "subject": tables.text("On"),
            "detail": tables.text("Detail"),
        }
        tables.show(answer.frame.with_columns(spoken), columns, "actions", "Corrective actions", states=["state"])
