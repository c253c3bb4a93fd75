"""The error budget of a report as the page shows it."""

from __future__ import annotations

import pytest

from app.reports import objective


@pytest.mark.parametrize(
    ("known", "bad", "left", "state"),
    [
        (1000, 0, 1.0, "budget_left"),
        (1000, 5, 0.5, "budget_left"),
        (1000, 9, 0.1, "budget_low"),
        (1000, 10, 0.0, "budget_spent"),
        (1000, 20, -1.0, "budget_spent"),
    ],
)
def test_a_budget_is_used_up_by_bad_looks(known: int, bad: int, left: float, state: str) -> None:
    found = objective.left_of(known, bad, 0.99)
    assert found == pytest.approx(left)
    assert objective.state_of(round(found or 0.0, 9)) == state


def test_few_looks_say_nothing_about_a_budget() -> None:
    assert objective.left_of(objective.LEAST_LOOKS - 1, 3, 0.99) is None
    assert objective.state_of(None) == "unknown"
