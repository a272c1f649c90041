"""One-sided tests against SciPy and statsmodels, and the one-sided sequence against its own definition."""

import math
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats
from statsmodels.stats.proportion import proportions_ztest

from gateway.stats import (
    ArmColumns,
    NotComputable,
    OneSided,
    VariantStats,
    compare,
    compare_columns,
    one_sided,
    one_sided_columns,
)
from gateway.stats.direction import always_valid_p, critical_value
from gateway.stats.sequential import rho_squared
from tests.stats.arms import arm, converted, moments, values


def judged(control: VariantStats, treatment: VariantStats, alternative: str, aggregation: str = "mean") -> OneSided:
    found = one_sided(control, treatment, alternative=alternative, aggregation=aggregation)
    assert isinstance(found, OneSided)
    return found


@pytest.mark.parametrize("alternative", ["greater", "less"])
def test_means_are_tested_as_scipy_does(alternative: Literal["greater", "less"]) -> None:
    a, b = values(1, 60), values(2, 90, mean=10.5)
    oracle = stats.ttest_ind(b, a, equal_var=False, alternative=alternative)
    found = judged(VariantStats.from_values(a), VariantStats.from_values(b), alternative)
    interval = oracle.confidence_interval()
    assert found.p_value == pytest.approx(oracle.pvalue, rel=1e-9)
    assert found.bound == pytest.approx(interval.low if alternative == "greater" else interval.high, rel=1e-9)


@pytest.mark.parametrize(("alternative", "name"), [("greater", "larger"), ("less", "smaller")])
def test_proportions_are_tested_as_statsmodels_does(alternative: str, name: str) -> None:
    found = judged(converted(900, 90), converted(1_000, 130), alternative, "occurrence")
    assert found.p_value == pytest.approx(proportions_ztest([130, 90], [1_000, 900], alternative=name)[1], rel=1e-9)


def test_tiny_p_values_stay_what_they_are() -> None:
    found = judged(converted(100_000, 10_000), converted(100_000, 15_000), "greater", "occurrence")
    assert 0.0 < found.p_value < 1e-200


def test_the_two_directions_share_the_whole() -> None:
    up, down, both = judged(arm(1), arm(2), "greater"), judged(arm(1), arm(2), "less"), compare(arm(1), arm(2))
    assert not isinstance(both, NotComputable)
    assert up.p_value + down.p_value == pytest.approx(1.0, rel=1e-12)
    assert 2 * min(up.p_value, down.p_value) == pytest.approx(both.p_value, rel=1e-12)
    assert max(up.sequential_p_value, down.sequential_p_value) == 1.0
    swapped = judged(arm(2), arm(1), "less")
    assert (swapped.p_value, swapped.bound) == pytest.approx((up.p_value, -up.bound), rel=1e-12)


def test_the_sequence_is_the_published_one() -> None:
    rho2 = rho_squared(0.9, 5_000.0)
    for n in (100.0, 5_000.0, 1e6):
        due = math.sqrt(2 * (n * rho2 + 1) / (n * rho2) * math.log(1 + math.sqrt(n * rho2 + 1) / 0.1))
        assert critical_value(n, 0.95) == pytest.approx(due, rel=1e-12)


@pytest.mark.parametrize("score", [0.01, 1.0, 3.0, 8.0, 30.0])
def test_p_is_the_smallest_error_that_leaves_zero_out(score: float) -> None:
    n, rho2 = 20_000.0, rho_squared(0.9, 5_000.0)

    def excess(log_error: float) -> float:
        boundary = math.log1p(math.sqrt(n * rho2 + 1) / (2 * math.exp(log_error)))
        return score**2 - 2 * (n * rho2 + 1) / (n * rho2) * boundary

    due = min(1.0, math.exp(optimize.brentq(excess, -600, 20)))
    assert always_valid_p(np.array([score]), np.array([n]))[0] == pytest.approx(due, rel=1e-8)


def test_bound_and_p_agree_on_the_verdict() -> None:
    for shift in np.linspace(0.0, 1.2, 40):
        found = judged(moments(900, 10.0, 9.0), moments(900, 10.0 + float(shift), 9.0), "greater")
        assert (found.sequential_bound > 0) == (found.sequential_p_value < 0.05)
        assert (found.bound > 0) == (found.p_value < 0.05)


def test_one_sided_is_tighter_than_two_sided_and_wider_than_fixed() -> None:
    found, both = judged(arm(1), arm(2), "greater"), compare(arm(1), arm(2))
    assert not isinstance(both, NotComputable)
    assert both.sequential.difference.ci_low < found.sequential_bound < found.bound < found.difference


def test_daily_looks_keep_the_error_below_its_level() -> None:
    rng, rounds, alarms = np.random.default_rng(9), 500, 0
    for _ in range(rounds):
        totals = np.cumsum(rng.normal(0.0, math.sqrt(200.0), (2, 28)), axis=1)
        n = np.arange(200.0, 5_700.0, 200.0)
        score = (totals[1] - totals[0]) / np.sqrt(2.0 * n)
        alarms += bool((always_valid_p(score, 2.0 * n) < 0.05).any())
    assert alarms / rounds < 0.05


@given(score=st.floats(-40.0, 40.0), units=st.floats(100.0, 1e9))
def test_p_is_a_probability_and_falls_with_the_score(score: float, units: float) -> None:
    here, above = (float(always_valid_p(np.array([s]), np.array([units]))[0]) for s in (score, score + 0.5))
    assert 0.0 <= above <= here <= 1.0


def test_what_cannot_be_told_has_a_reason_and_two_sides_are_refused() -> None:
    found = one_sided(arm(1, 10), arm(2), alternative="greater")
    assert isinstance(found, NotComputable)
    assert found.code == "too_few_units"
    assert isinstance(one_sided(None, arm(2), alternative="less"), NotComputable)
    with pytest.raises(ValueError, match="greater or less"):
        one_sided(arm(1), arm(2), alternative="two_sided")
    with pytest.raises(ValueError, match=r"above 0\.5"):
        critical_value(100.0, 0.4)


def test_columns_and_pairs_agree_to_the_last_bit() -> None:
    control, treatment = [arm(1), arm(3, 20), arm(5)], [arm(2), arm(4), arm(6)]
    compared = compare_columns(ArmColumns.from_stats(control), ArmColumns.from_stats(treatment), aggregation="mean")
    columns = one_sided_columns(compared, "greater")
    for i in (0, 2):
        one = judged(control[i], treatment[i], "greater")
        row = (columns.bound[i], columns.p_value[i], columns.sequential_bound[i], columns.sequential_p_value[i])
        assert (one.bound, one.p_value, one.sequential_bound, one.sequential_p_value) == row
    assert np.isnan([columns.bound[1], columns.p_value[1], columns.sequential_p_value[1]]).all()
