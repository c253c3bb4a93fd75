"""A silent engine is reported once, its return once, over restarts and whatever the clock does."""

from __future__ import annotations

from pathlib import Path

from tests.alerts.delivering import Bench, quiet
from tests.alerts.posting import later


def beat(bench: Bench, seconds: float) -> None:
    """The engine has just finished a pass, as its journal notes it."""
    path = bench.conf.state_path / "alerts.json.beat"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(later(seconds).isoformat(timespec="microseconds"))


def told(bench: Bench) -> list[tuple[str, str, str]]:
    """Kind, channel and evidence of what is queued."""
    return [(e.message.kind.value, e.message.channel, e.message.evidence) for e in bench.outbox.waiting()]


WATCHED = {"channels": [{"id": "ops", "apprise": "json://x"}], "watchdog_seconds": 120, "watchdog_channels": ["ops"]}


def test_a_silent_engine_is_reported_once_and_its_return_once_over_restarts(tmp_path: Path) -> None:
    bench = Bench(tmp_path, **WATCHED)
    beat(bench, 0)
    notifier = bench.start(quiet)
    bench.step(notifier, 60)
    beat(bench, 61)
    bench.step(notifier, 61)
    bench.step(notifier, 180)
    assert told(bench) == []
    silent = ("watchdog", "ops", "no pass since 12:01 UTC, 2 min ago; meanwhile nobody is alerted of anything")
    bench.step(notifier, 182, deliveries=1)
    bench.step(notifier, 183)
    notifier = bench.start(quiet)
    bench.step(notifier, 184)
    assert told(bench) == [silent]
    beat(bench, 241)
    bench.step(notifier, 242)
    bench.step(bench.start(quiet), 250)
    back = ("resolved", "ops", "resolved; it was silent from 12:01 UTC for 3 min")
    assert not (bench.conf.state_path / "watchdog.json").exists()
    assert told(bench) == [silent, back]
    first, second = (entry.message for entry in bench.outbox.waiting())
    assert first.incident_id == second.incident_id != ""
    assert (first.title, first.severity) == ("The alert engine is silent", "critical")


def test_an_engine_that_never_beat_is_counted_from_the_notifier_s_own_start(tmp_path: Path) -> None:
    bench = Bench(tmp_path, **WATCHED)
    bench.seconds = 1000
    notifier = bench.start(quiet)
    bench.step(notifier, 1120)
    assert told(bench) == []
    bench.step(notifier, 1121)
    assert [(kind, said[:24]) for kind, _, said in told(bench)] == [("watchdog", "no pass since 12:16 UTC,")]


def test_a_start_after_a_night_is_no_silent_engine_until_it_had_its_time(tmp_path: Path) -> None:
    bench = Bench(tmp_path, **WATCHED)
    beat(bench, -36_000)
    notifier = bench.start(quiet)
    bench.step(notifier, 119)
    assert told(bench) == []
    beat(bench, 119)
    bench.step(notifier, 125)
    assert told(bench) == []


def test_a_clock_that_is_set_forward_is_no_silent_engine(tmp_path: Path) -> None:
    bench = Bench(tmp_path, **WATCHED)
    beat(bench, 0)
    notifier = bench.start(quiet)
    notifier.step(later(86_400))
    assert told(bench) == []


def test_a_channel_that_is_named_during_the_silence_hears_of_it_and_of_its_end(tmp_path: Path) -> None:
    bench = Bench(tmp_path, **{**WATCHED, "watchdog_channels": []})
    beat(bench, 0)
    notifier = bench.start(quiet)
    bench.step(notifier, 121)
    assert told(bench) == []
    bench.alerts(**WATCHED)
    bench.step(notifier, 200)
    beat(bench, 300)
    bench.step(notifier, 301)
    assert [kind for kind, _, _ in told(bench)] == ["watchdog", "resolved"]
