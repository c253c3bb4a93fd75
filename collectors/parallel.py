"""Runs many independent pieces of work at once; one that fails or hangs neither stops nor delays the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from typing import TypeVar

Key = TypeVar("Key")
Answer = TypeVar("Answer")


def finished(
    work: Mapping[Key, Callable[[], Answer]], workers: int, seconds: float
) -> Iterator[tuple[Key, Answer | BaseException]]:
    """Each key with its result, or the error it ended in, as they finish; after `seconds` TimeoutError for the rest."""
    pool = ThreadPoolExecutor(workers)
    futures = {pool.submit(function): key for key, function in work.items()}
    try:
        yield from told(futures, seconds)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def told(futures: Mapping[Future[Answer], Key], seconds: float) -> Iterator[tuple[Key, Answer | BaseException]]:
    """Each key with the result of its future, or the error it ended in; after `seconds` TimeoutError for the rest."""
    waiting = dict(futures)
    try:
        for future in as_completed(futures, timeout=seconds):
            key = waiting.pop(future)
            error = future.exception()
            yield key, future.result() if error is None else error
    except TimeoutError:
        for key in waiting.values():
            yield key, TimeoutError(f"no answer within {seconds:g} s")
