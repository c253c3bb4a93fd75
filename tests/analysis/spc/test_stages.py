"""Charts divided into stages."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.spc.stages import Change, staged_individuals
from analysis.spc.variables_charts import individuals

VALUES = np.random.default_rng(6).standard_normal(60)
MOVED = np.concatenate([VALUES[:30], VALUES[30:] + 10])


def test_each_stage_has_its_own_limits() -> None:
    found = staged_individuals(MOVED, [Change(31, "new source")])
    alone = individuals(MOVED[30:])
    assert [(stage.first, stage.last, stage.reason) for stage in found.stages] == [
        (1, 30, "first stage"),
        (31, 60, "new source"),
    ]
    assert found.chart.center_lines[30:].tolist() == alone.center_lines.tolist()
    assert found.chart.upper_control_limits[30:].tolist() == alone.upper_control_limits.tolist()
    assert found.chart.statistic.tolist() == MOVED.tolist()


def test_no_pattern_reaches_across_the_start_of_a_stage() -> None:
    values = np.concatenate([np.tile([0.0, 2.0], 10), np.ones(5) * 1.4, np.ones(5) * 1.5, np.tile([0.0, 2.0], 10)])
    whole = individuals(values, rules=("nelson_2",))
    found = staged_individuals(values, [Change(26, "moved")], rules=("nelson_2",))
    assert len(whole.signals) > 0
    assert found.chart.signals == ()


def test_signals_are_counted_from_the_first_point_of_the_chart() -> None:
    moved = MOVED.copy()
    moved[45] = 40
    signals = staged_individuals(moved, [Change(31, "new source")]).chart.signals
    assert [(signal.index, signal.members) for signal in signals] == [(46, (46,))]


def test_a_young_stage_is_provisional() -> None:
    found = staged_individuals(MOVED[:31], [Change(31, "new source")])
    assert [stage.is_provisional for stage in found.stages] == [False, True]
    assert found.stages[1].sigma == found.stages[0].sigma
    assert "from point 31 are provisional" in found.chart.notes[0]


def test_changes_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="at point 1; expected points from 2 to 60"):
        staged_individuals(VALUES, [Change(1, "x")])
    with pytest.raises(ValueError, match="Two changes are at point 9"):
        staged_individuals(VALUES, [Change(9, "x"), Change(9, "y")])
    with pytest.raises(ValueError, match="has no reason"):
        staged_individuals(VALUES, [Change(9, " ")])
