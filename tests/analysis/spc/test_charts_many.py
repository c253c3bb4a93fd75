"""Many charts at once give what each chart gives alone, gaps included."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from analysis.spc.charts import ONLY_LIMITS
from analysis.spc.charts_many import charts_many, estimate_many
from analysis.spc.time_weighted import Scheme, Weighing, cusum, ewma
from analysis.spc.variables_charts import individuals

NUMBERS = st.integers(-50, 50).map(float) | st.just(math.nan)


@settings(max_examples=40)
@given(arrays.arrays(np.float64, (3, 14), elements=NUMBERS), st.integers(2, 14))
def test_each_metric_is_charted_as_it_would_be_alone(values: np.ndarray, baseline: int) -> None:
    weighing, scheme = Weighing(0.3), Scheme(0.5, 4, 2)
    found = charts_many(values, baseline, weighing, scheme)
    for place, row in enumerate(values):
        here = ~np.isnan(row)
        known = row[here]
        if known.size < 2:
            assert np.isnan(found.estimates.sigma[place])
            assert not found.individuals.beyond[place].any()
            continue
        first = min(baseline, known.size)
        alone = individuals(known, first, rules=ONLY_LIMITS)
        assert found.estimates.center[place] == pytest.approx(alone.center_line, abs=1e-9)
        assert found.estimates.sigma[place] == pytest.approx(alone.sigma, abs=1e-9)
        smoothed = ewma(known, first, weighing=weighing)
        assert found.ewma.statistic[place][here] == pytest.approx(smoothed.statistic, abs=1e-9)
        upper = np.broadcast_to(found.ewma.upper, values.shape)[place][here]
        assert upper == pytest.approx(smoothed.upper_control_limits, abs=1e-9)
        if alone.sigma:
            sums = cusum(known, first, scheme=scheme)
            assert found.cusum.statistic[place][here] == pytest.approx(sums.more["upper"], abs=1e-6)
            assert found.cusum.second is not None
            assert found.cusum.second[place][here] == pytest.approx(sums.more["lower"], abs=1e-6)


def test_a_gap_is_never_beyond_and_does_not_move_the_limits() -> None:
    row = [10.0, 12.0, 10.0, 12.0, 30.0]
    gapped = [10.0, math.nan, 12.0, 10.0, math.nan, 12.0, 30.0]
    whole, split = charts_many([row], 4), charts_many([gapped], 4)
    assert split.estimates.sigma == pytest.approx(whole.estimates.sigma)
    assert np.flatnonzero(whole.individuals.beyond[0]).tolist() == [4]
    assert np.flatnonzero(split.individuals.beyond[0]).tolist() == [6]
    assert np.flatnonzero(split.cusum.beyond[0]).tolist() == [6]


def test_a_constant_metric_is_calm_and_any_change_of_it_is_beyond() -> None:
    found = charts_many([[0.1] * 8, [0.1] * 7 + [0.2]], baseline=6)
    assert found.estimates.sigma.tolist() == [0, 0]
    assert found.individuals.beyond.sum(axis=1).tolist() == [0, 1]
    assert not found.ewma.beyond[0].any()
    assert np.isnan(found.cusum.statistic).all(), "no sum in sigmas without a sigma"


def test_a_metric_without_a_baseline_is_unknown_and_stops_no_other() -> None:
    found = estimate_many([[math.nan, math.nan, 1.0], [1.0, 2.0, 3.0]], 2)
    assert np.isnan(found.center).tolist() == [True, False]


def test_one_row_is_not_a_matrix() -> None:
    with pytest.raises(ValueError, match=r"shape \(3,\); expected \(metrics, n\)"):
        charts_many([1.0, 2.0, 3.0])
