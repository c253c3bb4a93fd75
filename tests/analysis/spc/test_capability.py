"""Capability indices against published values, and when none is stated."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.spc.capability import Capability, NotStated, Specification, capability, indices


def test_the_piston_rings_as_qcc_prints_them() -> None:
    found = indices(125, 74.001176, 0.009887547, 0.009887547, Specification(73.95, 74.05, 74.0))
    printed = {
        "cp": (1.686, 1.476, 1.895),
        "cpl": (1.725, 1.539, 1.912),
        "cpu": (1.646, 1.467, 1.825),
        "cpk": (1.646, 1.433, 1.859),
        "cpm": (1.674, 1.465, 1.882),
    }
    for name, expected in printed.items():
        index = getattr(found, name)
        assert (round(index.value, 3), round(index.lower, 3), round(index.upper, 3)) == expected, name


def test_nists_example() -> None:
    found = indices(50, 16, 2, 2, Specification(8, 20))
    assert found.cp is not None
    assert found.cp.value == 1.0
    assert round(found.cpk.value, 4) == 0.6667


def test_montgomerys_interval_of_cp() -> None:
    found = indices(20, 50, 1.75, 1.75, Specification(38, 62)).cp
    assert found is not None
    assert (round(found.value, 2), round(found.lower, 2), round(found.upper, 2)) == (2.29, 1.56, 3.01)


def test_one_limit_gives_what_one_limit_can() -> None:
    found = indices(100, 10, 1, 2, Specification(upper=16))
    assert (found.cp, found.cpl, found.cpm, found.pp) == (None, None, None, None)
    assert found.cpk.value == pytest.approx(2.0)
    assert found.ppk.value == pytest.approx(1.0)
    assert found.beyond_expected == pytest.approx(0.00134990, abs=1e-8)


def test_intervals_hold_what_they_promise() -> None:
    rng = np.random.default_rng(12)
    limits = Specification(-4, 3.5)
    spreads = [(values.mean(), values.std(ddof=1)) for values in rng.standard_normal((1000, 60))]
    found = [indices(60, mean, spread, spread, limits) for mean, spread in spreads]
    truths = {"ppk": 3.5 / 3, "pp": 7.5 / 6, "cpm": 7.5 / 6 / np.sqrt(1 + 0.25**2)}
    for name, truth in truths.items():
        held = np.mean([getattr(one, name).lower <= truth <= getattr(one, name).upper for one in found])
        assert 0.93 < held < 0.975, name


def test_a_process_in_control_is_stated() -> None:
    values = np.random.default_rng(2).normal(100, 2, 100)
    found = capability(values, Specification(90, 110))
    assert isinstance(found, Capability)
    assert found.within == 1.0
    assert found.cpk.value == pytest.approx(1.67, abs=0.25)
    assert "the process is capable" in found.sentence()


def test_a_process_out_of_control_is_not_stated() -> None:
    values = np.random.default_rng(1).normal(100, 2, 200)
    values[120:] += 5
    found = capability(values, Specification(90, 110))
    assert isinstance(found, NotStated)
    assert "out of control" in found.reason
    assert 0.9 < found.within < 1.0


def test_a_signal_that_a_person_examined_does_not_count() -> None:
    values = np.random.default_rng(2).normal(100, 2, 100)
    values[60] = 108.5
    assert isinstance(capability(values, Specification(90, 110)), NotStated)
    assert isinstance(capability(values, Specification(90, 110), examined=[61]), Capability)


def test_too_few_and_equal_values_are_not_stated() -> None:
    few = capability(np.arange(10.0), Specification(0, 20))
    same = capability(np.full(30, 5.0), Specification(0, 20))
    assert isinstance(few, NotStated) and "Found 10 values" in few.reason
    assert isinstance(same, NotStated) and "All values are the same" in same.reason


def test_a_value_on_a_limit_is_within() -> None:
    found = capability([1.0, 2.0, 3.0, 4.0], Specification(upper=3.0))
    assert isinstance(found, NotStated)
    assert found.within == 0.75


def test_limits_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="no specification limit"):
        Specification()
    with pytest.raises(ValueError, match="not below"):
        Specification(5, 5)
    with pytest.raises(ValueError, match="no finite number"):
        Specification(upper=np.inf)


def test_a_share_too_small_to_read_is_said_to_be_small() -> None:
    values = np.random.default_rng(2).normal(100, 2, 100)
    far, near = (capability(values, Specification(100 - reach, 100 + reach)) for reach in (12, 5))
    assert isinstance(far, Capability)
    assert isinstance(near, Capability)
    assert far.sentence().endswith("less than 0.01 % are expected beyond.")
    assert "less than" not in near.sentence()
