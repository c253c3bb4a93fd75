"""A pool with one browser for the tests of a file; its thread is its own, as Playwright asks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from collectors.reports.pool import Pool


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with closing(Pool(1)) as made:
        yield made
