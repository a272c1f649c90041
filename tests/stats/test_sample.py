"""Arms: the same moments however they are made, and in whichever order they are merged."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.stats.sample import RatioStats, VariantStats
from tests.stats.arms import values

finite = st.floats(-1e6, 1e6, allow_nan=False)
samples = st.lists(finite, min_size=0, max_size=30)


def test_values_and_sums_and_moments_make_the_same_arm() -> None:
    data = values(1, 200)
    from_values = VariantStats.from_values(data)
    from_sums = VariantStats.from_sums(200, math.fsum(data), math.fsum(value * value for value in data))
    assert from_values.mean == pytest.approx(np.mean(data), rel=1e-14)
    assert from_values.variance == pytest.approx(np.var(data, ddof=1), rel=1e-12)
    assert from_sums.variance == pytest.approx(from_values.variance, rel=1e-11)
    assert VariantStats(200, from_sums.sum, from_sums.sum_squares).m2 == pytest.approx(from_values.m2, rel=1e-10)


def test_int64_sums_are_subtracted_exactly() -> None:
    total, squares = 9_223_372_036_854_775_807, 2 * 9_223_372_036_854_775_807
    n = 9_000_000_000_000_000_000
    exact = Fraction(squares) - Fraction(total) ** 2 / n
    assert VariantStats.from_sums(n, total, squares).m2 == float(exact)


def test_moments_keep_a_variance_that_sums_lose() -> None:
    data = [1e9 + value for value in values(2, 1000, mean=0.0, sd=1.0)]
    assert VariantStats.from_values(data).variance == pytest.approx(np.var(data, ddof=1), rel=1e-9)
    lost = VariantStats.from_sums(1000, math.fsum(data), math.fsum(value * value for value in data))
    assert lost.m2 == 0.0, "rounding noise is not a variance"


def test_constant_floats_have_no_variance_whichever_way_they_are_summed() -> None:
    total = squares = 0.0
    for _ in range(100):
        total, squares = total + 0.1, squares + 0.1 * 0.1
    assert VariantStats.from_sums(100, total, squares).m2 == 0.0
    assert VariantStats.from_values([0.1] * 100).m2 == 0.0


@given(samples, samples, samples)
def test_merging_in_any_order_is_the_arm_of_all_values(
    first: list[float], second: list[float], third: list[float]
) -> None:
    one, two, three = map(VariantStats.from_values, (first, second, third))
    whole = VariantStats.from_values(first + second + third)
    for merged in (one + two + three, three + (two + one), (one + three) + two):
        assert merged.n == whole.n
        assert merged.mean == pytest.approx(whole.mean, rel=1e-9, abs=1e-6, nan_ok=True)
        assert merged.m2 == pytest.approx(whole.m2, rel=1e-9, abs=1e-3, nan_ok=True)


def test_merging_two_arms_gives_the_same_bits_either_way() -> None:
    one, two = VariantStats.from_values(values(3, 17)), VariantStats.from_values(values(4, 90))
    assert one + two == two + one


def test_an_empty_arm_has_no_mean_and_changes_nothing() -> None:
    empty, arm = VariantStats.from_values([]), VariantStats.from_values([1.0, 2.0])
    assert (empty.n, empty.sum, empty.sum_squares) == (0, 0.0, 0.0)
    assert math.isnan(empty.mean)
    assert math.isnan(empty.variance)
    assert empty + arm == arm + empty == arm


def test_one_unit_has_a_mean_and_no_variance() -> None:
    arm = VariantStats.from_values([3.0])
    assert arm.mean == 3.0
    assert math.isnan(arm.variance)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_values_that_are_not_finite_are_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        VariantStats.from_values([1.0, bad])


def test_sums_that_are_not_finite_leave_the_moments_unknown() -> None:
    arm = VariantStats.from_sums(10, math.inf, math.nan)
    assert math.isnan(arm.mean)
    assert math.isnan(arm.m2)


def test_negative_units_are_refused() -> None:
    with pytest.raises(ValueError, match="-1 units"):
        VariantStats.from_moments(-1, 0.0, 0.0)


def test_ratio_variance_is_that_of_the_linearised_values() -> None:
    rng = np.random.default_rng(5)
    bottom = rng.poisson(2.0, 400) + 1.0
    top = bottom * 3.0 + rng.normal(0.0, 1.0, 400)
    arm = RatioStats.from_values(top.tolist(), bottom.tolist())
    linear = (top - arm.mean * bottom) / bottom.mean()
    assert arm.mean == pytest.approx(top.sum() / bottom.sum(), rel=1e-14)
    assert arm.variance == pytest.approx(np.var(linear, ddof=1), rel=1e-11)


def test_ratio_arms_merge_into_the_arm_of_all_units() -> None:
    top, bottom = values(6, 50), values(7, 50)
    parts = RatioStats.from_values(top[:20], bottom[:20]) + RatioStats.from_values(top[20:], bottom[20:])
    whole = RatioStats.from_values(top, bottom)
    assert parts.n == whole.n
    assert parts.cross_m2 == pytest.approx(whole.cross_m2, rel=1e-10)
    assert parts.variance == pytest.approx(whole.variance, rel=1e-10)


def test_ratio_arms_must_count_the_same_units() -> None:
    with pytest.raises(ValueError, match="2 units, denominator 1"):
        RatioStats(VariantStats.from_values([1.0, 2.0]), VariantStats.from_values([1.0]), 0.0)


def test_ratio_over_nothing_is_unknown() -> None:
    arm = RatioStats.from_values([1.0, 2.0], [0.0, 0.0])
    assert math.isnan(arm.mean)
    assert math.isnan(arm.variance)
    assert RatioStats.from_values([], []).n == 0
