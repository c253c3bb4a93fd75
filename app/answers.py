"""What a page gets when it asks: a frame, when it was true, and the problem if it could not be asked again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a named query.

    `frame` always has the declared columns. `as_of` is naive UTC, None when nothing was ever answered. `is_stale` means
    that the store could not be asked now and the frame is the last good one; `problem` then says why in one sentence.
    """

    frame: pl.DataFrame
    as_of: datetime | None
    is_stale: bool = False
    problem: str | None = None

    @property
    def is_empty(self) -> bool:
        """Nothing has been stored yet, as opposed to nothing known."""
        return self.frame.is_empty()
