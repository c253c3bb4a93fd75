"""The machine the collectors run on: CPU, load, memory, swap, every disk and inode, network, handles, top processes."""

from __future__ import annotations

import heapq
import os
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import psutil

from collectors.base import Collector, Context, Piece, Yield
from store.rows import MetricSample, ProcessSample

COLLECTOR = Collector(
    name="resources",
    group="machine",
    every=timedelta(seconds=10),
    timeout=timedelta(seconds=8),
    help="Reads the machine with psutil; a value that cannot be read is named in the run's error, the others are kept.",
)
TOP_PROCESSES = 5
PROCESSES_EVERY_SECONDS = 30.0
FILE_HANDLES = Path("/proc/sys/fs/file-nr")
NO_DEVICES = ("loop", "ram", "zram", "dm-")  # counted again below what they stand on
VIRTUAL_FILE_SYSTEMS = {"squashfs", "iso9660"}

Reading = tuple[str, str, float]  # metric, instance, value


@dataclass(slots=True)
class Counters:
    """The last values of ever-growing counters, so that the next reading gives a rate; time is monotonic."""

    clock: Callable[[], float] = time.monotonic
    last: dict[tuple[str, str], tuple[float, float]] = field(default_factory=dict)
    processes_at: float = float("-inf")
    process_seconds: dict[int, tuple[float, float]] = field(default_factory=dict)

    def per_second(self, metric: str, instance: str, total: float) -> float | None:
        """Growth per second since the last reading; None at the first one and after a counter was reset."""
        at = self.clock()
        before = self.last.get((metric, instance))
        self.last[metric, instance] = (at, total)
        if before is None or total < before[1] or at <= before[0]:
            return None
        return (total - before[1]) / (at - before[0])


COUNTERS = Counters()


def collect(ctx: Context, counters: Counters = COUNTERS, host: str | None = None) -> Iterator[Yield]:
    """Samples of all metrics of this host at `ctx.now`."""
    name = host or socket.gethostname()
    problems = []
    for reader in (_cpu, _memory, _disks, _inodes, _disk_rates, _network, _kernel):
        try:
            for metric, instance, value in reader(counters):
                yield MetricSample(name, metric, instance, ctx.now, value)
        except (OSError, psutil.Error) as error:
            problems.append(f"{reader.__name__.strip('_')} could not be read: {error}")
    yield from _processes(ctx, counters, name)
    if problems:
        yield Piece(key="", problem="; ".join(problems))


def _cpu(counters: Counters) -> Iterator[Reading]:
    times = psutil.cpu_times()
    waiting = getattr(times, "iowait", 0.0)
    guest = getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0)  # already counted in user and nice
    cores = psutil.cpu_count() or 1
    busy = counters.per_second("busy", "", sum(times) - guest - times.idle - waiting)
    wait = counters.per_second("wait", "", waiting)
    if busy is not None:
        yield "cpu_busy_ratio", "", min(busy / cores, 1.0)
    if wait is not None:
        yield "cpu_wait_ratio", "", min(wait / cores, 1.0)
    yield "load_1m", "", os.getloadavg()[0]


def _memory(_counters: Counters) -> Iterator[Reading]:
    memory = psutil.virtual_memory()
    used = memory.total - memory.available
    yield "memory_used_bytes", "", float(used)
    yield "memory_total_bytes", "", float(memory.total)
    yield "memory_used_ratio", "", used / memory.total
    swap = psutil.swap_memory()
    if swap.total:
        yield "swap_used_ratio", "", swap.used / swap.total


def _mounts() -> list[str]:
    """One mount point per device, and always the root."""
    devices = {"/": "/"}
    root = Path("/").stat().st_dev
    for partition in psutil.disk_partitions(all=False):
        if partition.fstype not in VIRTUAL_FILE_SYSTEMS and Path(partition.mountpoint).is_dir():
            devices.setdefault(partition.device, partition.mountpoint)
    return ["/"] + [mount for mount in devices.values() if Path(mount).stat().st_dev != root]


def _disks(_counters: Counters) -> Iterator[Reading]:
    for mount in _mounts():
        usage = psutil.disk_usage(mount)
        yield "disk_used_ratio", mount, usage.used / (usage.used + usage.free) if usage.total else 0.0
        yield "disk_free_bytes", mount, float(usage.free)
        yield "disk_total_bytes", mount, float(usage.total)


def _inodes(_counters: Counters) -> Iterator[Reading]:
    for mount in _mounts():
        status = os.statvfs(mount)
        if status.f_files:
            yield "inode_used_ratio", mount, 1 - status.f_ffree / status.f_files


def _disk_rates(counters: Counters) -> Iterator[Reading]:
    for device, io in psutil.disk_io_counters(perdisk=True, nowrap=True).items():
        if not device.startswith(NO_DEVICES) and io.read_count + io.write_count:
            yield from _rate(counters, "disk_read_bytes_per_second", device, io.read_bytes)
            yield from _rate(counters, "disk_written_bytes_per_second", device, io.write_bytes)


def _network(counters: Counters) -> Iterator[Reading]:
    for interface, io in psutil.net_io_counters(pernic=True, nowrap=True).items():
        if io.bytes_recv + io.bytes_sent:
            yield from _rate(counters, "network_received_bytes_per_second", interface, io.bytes_recv)
            yield from _rate(counters, "network_sent_bytes_per_second", interface, io.bytes_sent)


def _rate(counters: Counters, metric: str, instance: str, total: float) -> Iterator[Reading]:
    """The rate of a counter, from its second reading on."""
    rate = counters.per_second(metric, instance, total)
    if rate is not None:
        yield metric, instance, rate


def _kernel(_counters: Counters) -> Iterator[Reading]:
    yield "boot_seconds", "", time.time() - psutil.boot_time()
    yield "process_count", "", float(len(psutil.pids()))
    if FILE_HANDLES.exists():  # psutil has no system-wide figure
        used, _, most = map(float, FILE_HANDLES.read_text().split())
        yield "open_file_ratio", "", used / most


def _processes(ctx: Context, counters: Counters, host: str) -> Iterator[ProcessSample]:
    """The busiest processes since the last look; looking at every process costs most, so it is done less often."""
    at = counters.clock()
    if at - counters.processes_at < PROCESSES_EVERY_SECONDS:
        return
    counters.processes_at = at
    found = []
    seconds: dict[int, tuple[float, float]] = {}
    for process in psutil.process_iter(["name", "cpu_times", "memory_info"]):
        info = process.info
        if info["cpu_times"] is None or info["memory_info"] is None:
            continue
        total = info["cpu_times"].user + info["cpu_times"].system
        seconds[process.pid] = (at, total)
        before_at, before = counters.process_seconds.get(process.pid, (at, total))
        ratio = max(total - before, 0.0) / (at - before_at) if at > before_at else 0.0
        found.append((ratio, info["memory_info"].rss, process.pid, info["name"] or "?"))
    if not counters.process_seconds:
        counters.processes_at = float("-inf")  # nothing to compare with yet: look again at the next run
        found = []
    counters.process_seconds = seconds
    for ratio, memory, pid, name in heapq.nlargest(TOP_PROCESSES, found):
        yield ProcessSample(host, ctx.now, pid, name, ratio, memory)
