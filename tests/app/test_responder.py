"""A duty that fails, in whatever way bad data makes it fail, never stops the others."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import pytest

from app.responder import Duty, step
from store.errors import StoreError


def too_far() -> None:
    """What a date of open end does to the day after it."""
    _ = datetime(9999, 12, 31) + timedelta(days=1)


def refuse(error: Exception) -> None:
    raise error


@pytest.mark.parametrize(
    "bad",
    [too_far, partial(refuse, StoreError("away")), partial(refuse, OSError("full")), partial(refuse, ValueError())],
)
def test_a_failing_duty_is_tried_again_and_the_next_one_is_done(bad: partial[None]) -> None:
    done: list[str] = []
    duties = [Duty("bad", 10.0, bad), Duty("good", 10.0, lambda: done.append("good"))]
    step(duties, 0.0, lambda: 0.0)
    step(duties, 10.0, lambda: 0.0)
    assert done == ["good", "good"]
    assert [duty.is_failing for duty in duties] == [True, False]
