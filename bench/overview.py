"""All queries of the Overview together, there and back through Quack, with 10M and with 100M raw samples.

The questions are recorded from the page itself and asked as the page asks them: sent at once, answered side by side.
The time of each alone stands below. Baseline of the second figure is the first.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROUNDS = 25
SIZES = (10_000_000, 100_000_000)


def questions_of_overview(conf: object) -> list[tuple[str, dict[str, object]]]:
    """Every question that one rendering of the Overview asks."""
    from streamlit.testing.v1 import AppTest

    from app import data
    from bench.portal import Recorder

    recorder = Recorder(conf)  # type: ignore[arg-type]
    data.reset()
    data.desk = lambda: recorder  # type: ignore[assignment]
    test = AppTest.from_string("from pages import overview\noverview.render()", default_timeout=60).run()
    assert not test.exception, test.exception
    return [(name, dict(parameters)) for name, parameters in recorder.asked.values()]


def measure(samples: int, folder: Path) -> tuple[float, list[tuple[str, float]]]:
    """Median milliseconds of all questions together, and of each."""
    from app.desk import Desk
    from bench.portal import build
    from tests.processes import Home

    home = Home.make(folder)
    os.environ.update(home.environment())
    from store.settings import settings

    settings.cache_clear()
    build(home.conf, samples)
    home.start_store()
    questions = questions_of_overview(home.conf)
    desk = Desk(home.conf.url, home.conf.token_path)
    together: list[float] = []
    alone: list[list[float]] = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        desk.ask_ahead(questions)  # type: ignore[arg-type]
        answers = [desk.ask(name, parameters) for name, parameters in questions]  # type: ignore[arg-type]
        together.append((time.perf_counter() - started) * 1000)
        assert not any(answer.problem for answer in answers)
        alone.append([timed(desk, name, parameters) for name, parameters in questions])
    home.stop()
    each = [
        (name, statistics.median(times)) for (name, _), times in zip(questions, zip(*alone, strict=True), strict=True)
    ]
    return statistics.median(together), each


def timed(desk: object, name: str, parameters: dict[str, object]) -> float:
    """Milliseconds of one question asked alone."""
    started = time.perf_counter()
    desk.ask(name, parameters)  # type: ignore[attr-defined]
    return (time.perf_counter() - started) * 1000


def run() -> Iterator[str]:
    """One figure per size, the slowest queries below."""
    base = None
    for samples in SIZES:
        with tempfile.TemporaryDirectory() as name:
            total, each = measure(samples, Path(name))
        base = base or total
        goal = "goal <= 50 ms" if total == base else "goal <= 1.2"
        yield f"{samples / 1e6:4.0f}M raw samples, {len(each)} queries  {total:7.1f} ms   {total / base:.2f} ({goal})"
        yield f"      one after the other          {sum(milliseconds for _, milliseconds in each):6.1f} ms"
        for name, milliseconds in sorted(each, key=lambda pair: -pair[1])[:4]:
            yield f"      {name:<28} {milliseconds:6.1f} ms"
