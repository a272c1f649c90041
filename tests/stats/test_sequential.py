"""The always-valid part, against its paper's formula written out in full, and against the fixed horizon."""

import math
from dataclasses import astuple

import numpy as np
import pytest

from gateway.stats import Comparison, Estimate, compare
from gateway.stats.sequential import always_valid_p, critical_value, rho_squared
from tests.stats.arms import arm, moments
from tests.stats.test_lift import fieller_by_roots


def written_out(error: float, n: float, alpha: float, tuning: float) -> float:
    """Half width as in Waudby-Smith et al., with sigma = se sqrt(N)."""
    rho = math.sqrt((-2 * math.log(alpha) + math.log(-2 * math.log(alpha) + 1)) / tuning)
    inner = 2 * (n * rho**2 + 1) / (n**2 * rho**2) * math.log(math.sqrt(n * rho**2 + 1) / alpha)
    return error * math.sqrt(n) * math.sqrt(inner)


@pytest.mark.parametrize("units", [100, 5_000, 2 * 10**9])
@pytest.mark.parametrize(("level", "tuning"), [(0.95, 5_000.0), (0.9, 5_000.0), (0.99, 100_000.0)])
def test_the_critical_value_is_the_papers(units: int, level: float, tuning: float) -> None:
    found = critical_value(np.array([float(units)]), level, tuning)[0]
    assert found == pytest.approx(written_out(1.0, units, 1 - level, tuning), rel=1e-9)


def test_interval_and_p_value_of_a_comparison() -> None:
    control, treatment = moments(3_000, 10.0, 9.0), moments(3_100, 10.3, 8.0)
    found = compare(control, treatment)
    assert isinstance(found, Comparison)
    error = math.sqrt(9.0 / 3_000 + 8.0 / 3_100)
    half = written_out(error, 6_100, 0.05, 5_000.0)
    assert astuple(found.sequential.difference) == pytest.approx((0.3, 0.3 - half, 0.3 + half), rel=1e-8)
    rho2 = rho_squared(0.95)
    evidence = math.exp(rho2 * 0.3**2 * 6_100 / (error**2 * 2 * (6_100 * rho2 + 1))) / math.sqrt(6_100 * rho2 + 1)
    assert found.sequential.p_value == pytest.approx(1 / evidence, rel=1e-9)


def test_the_lift_inverts_the_sequence_as_fieller_inverts_the_test() -> None:
    control, treatment = moments(3_000, -10.0, 9.0), moments(3_100, -9.0, 8.0)
    found = compare(control, treatment)
    assert isinstance(found, Comparison)
    assert isinstance(found.sequential.lift, Estimate)
    low, high = fieller_by_roots(control, treatment, float(critical_value(np.array([6_100.0]))[0]))
    assert astuple(found.sequential.lift) == pytest.approx((0.1, low, high))


@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_p_crosses_alpha_exactly_where_the_interval_leaves_zero_out(level: float) -> None:
    units = np.geomspace(100, 1e9, 60)
    edge = critical_value(units, level)
    inside = always_valid_p(edge * (1 - 1e-9), np.ones(60), units, level)
    outside = always_valid_p(edge * (1 + 1e-9), np.ones(60), units, level)
    assert (inside > 1 - level).all()
    assert (outside < 1 - level).all()


def test_the_sequence_is_always_wider_than_the_fixed_interval() -> None:
    for seed in range(20):
        found = compare(arm(seed, 60 + 500 * seed), arm(seed + 50, 900))
        assert isinstance(found, Comparison)
        assert found.sequential.difference.ci_low < found.difference.ci_low
        assert found.sequential.difference.ci_high > found.difference.ci_high
        assert found.sequential.p_value >= found.p_value


def test_p_is_at_most_one_and_keeps_its_tail() -> None:
    p = always_valid_p(np.array([0.0, 37.5]), np.ones(2), np.array([1e4, 1e4]))
    assert p[0] == 1.0
    assert 0.0 < p[1] < 1e-200


def test_a_running_experiment_is_judged_by_its_sequence() -> None:
    control, treatment = moments(1_000, 10.0, 9.0), moments(1_000, 10.3, 9.0)
    ended, running = compare(control, treatment), compare(control, treatment, running=True)
    assert isinstance(ended, Comparison)
    assert isinstance(running, Comparison)
    assert (ended.basis, ended.statsig) == ("fixed", "significant_positive")
    assert running.basis == "always_valid"
    assert running.statsig != "significant_positive"
    assert (running.p_value, running.difference) == (ended.p_value, ended.difference), "both are kept"


@pytest.mark.parametrize("tuning", [0.0, -1.0, math.nan])
def test_tuning_is_a_positive_number_of_units(tuning: float) -> None:
    with pytest.raises(ValueError, match="tuning"):
        rho_squared(0.95, tuning)
