"""Several looks at once, whatever becomes of each, and nothing left behind however the process ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from collectors.reach import Reach
from collectors.reports.browser import BrowserGoneError, Slot
from collectors.reports.pool import Pool
from tests.collectors.reports.sites import GOOD, LIMITS, Site, on_slot, opened, site
from tests.processes import wait_for

ROOT = Path(__file__).parents[3]
LOOKS_FOR_EVER = """
import sys
from collectors.reach import Reach
from collectors.reports.limits import Limits
from collectors.reports.pool import Pool
from store.lifetime import ending

url, is_told = sys.argv[1:]
ended = ending() if is_told == "told" else None
pool = Pool(1)

def work(slot):
    with slot.room(Limits(100, 10**9, 10**9), Reach.of([], url), width=800, height=600) as room:
        room.page.goto(url)
        print(slot.switch, flush=True)
        room.page.evaluate("() => { while (true) {} }")

def serve():
    for key, answer in pool.run({"x": work}, 100):
        print(type(answer).__name__, flush=True)

if ended is None:
    serve()
else:
    import threading
    threading.Thread(target=serve, daemon=True).start()
    ended.wait()
"""


@pytest.fixture
def portal() -> Iterator[Site]:
    with site({"/": GOOD}) as made:
        yield made


def answers(pool: Pool, work: dict[str, Callable[[Slot], object]], seconds: float = 60) -> dict[str, object]:
    return dict(pool.run(work, seconds))


def raises(error: BaseException) -> Callable[[Slot], object]:
    def work(slot: Slot) -> object:
        raise error

    return work


def with_switch(switch: str) -> list[psutil.Process]:
    """Browsers of a slot, and all that is below them."""
    found = []
    for one in psutil.process_iter(["cmdline", "status"]):
        if switch in (one.info["cmdline"] or ()) and one.info["status"] != psutil.STATUS_ZOMBIE:
            found += [one, *one.children(recursive=True)]
    return found


def test_failing_work_is_told_and_the_pool_goes_on() -> None:
    with closing(Pool(2)) as pool:
        for _ in range(3):
            found = answers(
                pool, {"good": lambda slot: 7, "bad": raises(ValueError("odd")), "worse": raises(SystemExit())}
            )
            assert found["good"] == 7
            assert str(found["bad"]) == "odd"
            assert isinstance(found["worse"], SystemExit)


def test_late_work_is_told_and_what_has_not_begun_never_does() -> None:
    ended, begun = threading.Event(), []

    def waits(slot: Slot) -> None:
        begun.append("waits")
        ended.wait(30)

    with closing(Pool(1)) as pool:
        found = answers(pool, {"waits": waits, "next": lambda slot: begun.append("next")}, 0.2)
        assert {key: str(error) for key, error in found.items()} == dict.fromkeys(found, "no answer within 0.2 s")
        ended.set()
        assert answers(pool, {"after": lambda slot: list(begun)}) == {"after": ["waits"]}


def test_work_is_told_as_it_finishes() -> None:
    ended = threading.Event()
    with closing(Pool(2)) as pool:
        running = pool.run({"slow": lambda slot: ended.wait(30), "fast": lambda slot: "there"}, 30)
        assert next(running) == ("fast", "there")
        ended.set()
        assert list(running) == [("slow", True)]


def test_a_closed_pool_takes_nothing_on() -> None:
    pool = Pool(1)
    pool.close()
    pool.close()
    with pytest.raises(RuntimeError, match="closed"):
        answers(pool, {"x": lambda slot: 1})


@pytest.mark.browser
def test_two_looks_at_once_and_no_browser_after_close(portal: Site) -> None:
    together = threading.Barrier(2, timeout=60)

    def work(slot: Slot) -> tuple[str, int | None, int]:
        with slot.room(LIMITS, Reach.of([], portal.url), width=800, height=600) as room:
            together.wait()
            opened(portal.url)(room)
            return slot.switch, room.notes.status, threading.get_ident()

    before = psutil.Process().children(recursive=True)
    with closing(Pool(2)) as pool:
        found = answers(pool, {"a": work, "b": work})
        first, second = found["a"], found["b"]
        assert isinstance(first, tuple), first
        assert isinstance(second, tuple), second
        assert (first[1], second[1]) == (200, 200)
        assert first[0] != second[0]
        assert with_switch(first[0])
    assert not with_switch(first[0]) + with_switch(second[0])
    wait_for(lambda: set(psutil.Process().children(recursive=True)) <= set(before), "the drivers to end", 10)


@pytest.mark.browser
def test_closing_ends_a_look_that_is_going_on(portal: Site) -> None:
    begun = threading.Event()

    def work(slot: Slot) -> None:
        with slot.room(LIMITS, Reach.of([], portal.url), width=800, height=600) as room:
            room.page.goto(portal.url)
            begun.set()
            room.page.evaluate("() => { while (true) {} }")

    pool = Pool(1)
    threading.Thread(target=lambda: begun.wait(60) and pool.close()).start()
    started = time.monotonic()
    with pytest.raises(BrowserGoneError):
        on_slot(pool, work)
    assert time.monotonic() - started < LIMITS.seconds


@pytest.mark.browser
@pytest.mark.parametrize(
    ("how", "number"),
    [("told", signal.SIGTERM), ("told", signal.SIGINT), ("untold", signal.SIGTERM), ("untold", signal.SIGKILL)],
)
def test_nothing_is_left_of_a_process_that_ends(portal: Site, how: str, number: int) -> None:
    """In the middle of a look at a page that answers to nothing."""
    running = subprocess.Popen(
        [sys.executable, "-c", LOOKS_FOR_EVER, portal.url, how],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert running.stdout is not None
        switch = running.stdout.readline().strip()
        left = with_switch(switch)
        assert left
        running.send_signal(number)
        running.wait(20)
    finally:
        running.kill()
        running.communicate()
    wait_for(lambda: not any(one.is_running() for one in left), "the browser to end with its process", 20)
