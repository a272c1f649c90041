"""What holds for every method: units and origins don't matter, swapping arms mirrors, more units never blur."""

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import gateway.stats as kernel
from gateway.stats import (
    CovariateStats,
    Estimate,
    NotComputable,
    QuantileArm,
    ValueCounts,
    VariantStats,
)
from tests.stats.arms import moments

pytestmark = pytest.mark.filterwarnings("error::RuntimeWarning")
Change = Callable[[float], float]


def units(seed: int, n: int) -> list[float]:
    return [round(float(value), 3) for value in np.random.default_rng(seed).gamma(3.0, 2.0, n)]


def covariate(seed: int, n: int, change: Change) -> CovariateStats:
    rng = np.random.default_rng(seed + 1_000)
    before = [value + float(rng.normal(0.0, 1.0)) for value in units(seed, n)]
    return CovariateStats.from_values([change(value) for value in units(seed, n)], before)


def plain(seed: int, n: int, change: Change) -> VariantStats:
    return VariantStats.from_values([change(value) for value in units(seed, n)])


def counted(seed: int, n: int, change: Change) -> ValueCounts:
    return ValueCounts.of([change(value) for value in units(seed, n)])


def strata(seed: int, n: int, change: Change) -> dict[str, VariantStats]:
    values = [change(value) for value in units(seed, n)]
    return {"low": VariantStats.from_values(values[: n // 3]), "high": VariantStats.from_values(values[n // 3 :])}


def one_sided(control: Any, treatment: Any) -> Any:
    return kernel.one_sided(control, treatment, alternative="greater")


def quantiles(control: ValueCounts, treatment: ValueCounts) -> Any:
    return kernel.compare_quantiles(QuantileArm(control), QuantileArm(treatment), 0.7)


def percentile(control: ValueCounts, treatment: ValueCounts) -> Any:
    return kernel.bootstrap(control, treatment, draws=200)


METHODS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "welch": (plain, kernel.compare),
    "cuped": (covariate, kernel.adjust),
    "strata": (strata, kernel.poststratify),
    "posterior": (plain, kernel.posterior),
    "quantile": (counted, quantiles),
    "bootstrap": (counted, percentile),
}


def difference(found: Any) -> Estimate:
    estimate = getattr(found, "difference", None) or found.effect
    assert isinstance(estimate, Estimate)
    return estimate


def numbers(found: Any) -> tuple[float, float, float]:
    estimate = difference(found)
    return estimate.value, estimate.ci_low, estimate.ci_high


seeds, scales, shifts = st.integers(0, 10_000), st.sampled_from([1e-3, 0.5, 8.0, 1e4]), st.floats(-50.0, 50.0)


@pytest.mark.parametrize("name", METHODS)
@settings(max_examples=10, deadline=None)
@given(seed=seeds, scale=scales)
def test_a_change_of_unit_scales_the_difference_and_its_interval(name: str, seed: int, scale: float) -> None:
    make, method = METHODS[name]
    here = method(make(seed, 90, float), make(seed + 1, 120, float))
    there = method(make(seed, 90, lambda x: x * scale), make(seed + 1, 120, lambda x: x * scale))
    assert numbers(there) == pytest.approx([value * scale for value in numbers(here)], rel=1e-6, abs=1e-9 * scale)
    if hasattr(here, "p_value"):
        assert there.p_value == pytest.approx(here.p_value, rel=1e-6)


@pytest.mark.parametrize("name", METHODS)
@settings(max_examples=10, deadline=None)
@given(seed=seeds, shift=shifts)
def test_a_shift_of_both_arms_leaves_the_difference_alone(name: str, seed: int, shift: float) -> None:
    make, method = METHODS[name]
    here = method(make(seed, 90, float), make(seed + 1, 120, float))
    there = method(make(seed, 90, lambda x: x + shift), make(seed + 1, 120, lambda x: x + shift))
    assert numbers(there) == pytest.approx(numbers(here), rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("name", sorted(set(METHODS) - {"bootstrap"}))
@settings(max_examples=10, deadline=None)
@given(seed=seeds)
def test_swapping_the_arms_turns_the_difference_round(name: str, seed: int) -> None:
    make, method = METHODS[name]
    low, high = make(seed, 90, float), make(seed + 1, 120, float)
    here, there = method(low, high), method(high, low)
    value, ci_low, ci_high = numbers(here)
    assert numbers(there) == pytest.approx((-value, -ci_high, -ci_low), rel=1e-9, abs=1e-12)
    if hasattr(here, "p_value"):
        assert there.p_value == pytest.approx(here.p_value, rel=1e-9)


@pytest.mark.parametrize("name", ["welch", "cuped", "strata"])
@settings(max_examples=10, deadline=None)
@given(seed=seeds, cuts=st.lists(st.integers(2, 88), min_size=1, max_size=4, unique=True))
def test_arms_merged_from_any_parts_in_any_order_give_one_answer(name: str, seed: int, cuts: list[int]) -> None:
    make, method = METHODS[name]
    values, edges = units(seed, 90), [0, *sorted(cuts), 90]
    rng = np.random.default_rng(seed + 1_000)
    before = [value + float(rng.normal(0.0, 1.0)) for value in values]
    parts: list[Any] = []
    for start, stop in pairwise(edges):
        if name == "cuped":
            parts.append(CovariateStats.from_values(values[start:stop], before[start:stop]))
        else:
            parts.append(VariantStats.from_values(values[start:stop]))
    np.random.default_rng(seed).shuffle(parts)
    merged = parts[0]
    for part in parts[1:]:
        merged = merged + part
    other = make(seed + 1, 120, float)
    if name == "strata":
        found, due = method({"all": merged}, {"all": plain(seed + 1, 120, float)}), None
        due = method({"all": plain(seed, 90, float)}, {"all": plain(seed + 1, 120, float)})
    else:
        found, due = method(merged, other), method(make(seed, 90, float), other)
    assert numbers(found) == pytest.approx(numbers(due), rel=1e-8, abs=1e-10)


@given(n=st.integers(60, 10**7), variance=st.floats(0.1, 50.0), gap=st.floats(0.01, 1.0))
def test_more_units_narrow_every_interval_and_never_raise_p(n: int, variance: float, gap: float) -> None:
    few, many = ((moments(k, 5.0, variance), moments(k, 5.0 + gap, variance)) for k in (n, 4 * n))
    methods: tuple[Callable[..., Any], ...] = (kernel.compare, kernel.posterior, one_sided)
    for method in methods:
        small, large = method(*few), method(*many)
        assert not isinstance(small, NotComputable)
        assert not isinstance(large, NotComputable)
        assert width(large) < width(small)
        if hasattr(small, "p_value"):
            assert large.p_value <= small.p_value


def width(found: Any) -> float:
    if isinstance(found, kernel.OneSided):
        return found.difference - found.bound
    _, low, high = numbers(found)
    return high - low


@given(mean=st.floats(0.5, 50.0), lift=st.floats(-0.3, 0.5), n=st.integers(200, 10**6))
def test_one_sided_bounds_of_the_lift_are_ends_of_the_wider_two_sided_interval(
    mean: float, lift: float, n: int
) -> None:
    control, treatment = moments(n, mean, 1.0), moments(n, mean * (1 + lift), 1.3)
    for method in ("fieller", "delta", "log"):
        both = kernel.compare(control, treatment, level=0.9, lift_method=method)
        above = kernel.one_sided(control, treatment, alternative="greater", lift_method=method)
        below = kernel.one_sided(control, treatment, alternative="less", lift_method=method)
        assert isinstance(both, kernel.Comparison)
        assert isinstance(above, kernel.OneSided)
        assert isinstance(below, kernel.OneSided)
        assume(isinstance(both.lift, Estimate))
        assert isinstance(both.lift, Estimate)
        assert isinstance(above.lift, kernel.Bound)
        assert isinstance(below.lift, kernel.Bound)
        ends = both.lift.ci_low, both.lift.ci_high
        assert (above.lift.bound, below.lift.bound) == pytest.approx(ends, rel=1e-9, abs=1e-12)
        assert above.lift.value == both.lift.value


def test_fiellers_one_sided_bound_is_the_lift_that_its_test_just_rejects() -> None:
    control, treatment = moments(200, 2.0, 9.0), moments(150, 2.8, 4.0)
    for alternative, sign in (("greater", 1.0), ("less", -1.0)):
        found = kernel.one_sided(control, treatment, alternative=alternative, level=0.975)
        assert isinstance(found, kernel.OneSided)
        assert isinstance(found.lift, kernel.Bound)
        kept = 1.0 + found.lift.bound
        score = (2.8 - kept * 2.0) / math.sqrt(4.0 / 150 + kept**2 * 9.0 / 200)
        assert sign * score == pytest.approx(1.959963984540054, rel=1e-9)
        assert isinstance(found.sequential_lift, kernel.Bound)
        assert sign * (found.lift.bound - found.sequential_lift.bound) > 0, "always valid is wider"
        assert (found.lift_method, found.control, found.treatment) == ("fieller", control, treatment)


def test_a_one_sided_lift_is_withheld_for_the_same_reasons_as_the_two_sided_one() -> None:
    unbounded = kernel.one_sided(moments(100, 0.1, 1.0), moments(100, 1.0, 1.0), alternative="greater")
    zero = kernel.one_sided(moments(100, 0.0, 1.0), moments(100, 1.0, 1.0), alternative="greater")
    assert isinstance(unbounded, kernel.OneSided)
    assert isinstance(zero, kernel.OneSided)
    assert isinstance(unbounded.lift, NotComputable)
    assert isinstance(zero.lift, NotComputable)
    assert (unbounded.lift.code, zero.lift.code) == ("lift_unbounded", "zero_baseline")
    assert isinstance(zero.sequential_lift, NotComputable)
