"""A real PostgreSQL for profiles."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.postgres import cluster, programs


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    found = programs()
    if found is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    with cluster(found) as address:
        yield address
