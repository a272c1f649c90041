"""Quantiles: rank intervals against the binomial, clusters against simulation."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from gateway.stats import (
    Estimate,
    NotComputable,
    QuantileArm,
    QuantileComparison,
    QuantileEstimate,
    RatioStats,
    ValueCounts,
    compare_quantiles,
    quantile_of,
)


def plain(values: Any) -> QuantileArm:
    return QuantileArm(ValueCounts.of(values))


def found(arm: QuantileArm, q: float, **options: Any) -> QuantileEstimate:
    result = quantile_of(arm, q, **options)
    assert isinstance(result, QuantileEstimate)
    return result


@given(n=st.integers(60, 5_000), q=st.floats(0.1, 0.9), level=st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_the_ranks_cover_the_quantile_of_any_distribution(n: int, q: float, level: float) -> None:
    result = found(plain(np.arange(1, n + 1)), q, level=level)
    low, high = round(result.value.ci_low), round(result.value.ci_high)
    covered = stats.binom.cdf(high - 1, n, q) - stats.binom.cdf(low - 1, n, q)
    assert covered > level - 0.012
    assert covered < level + (1 - level) * 0.9 or n < 500


def test_the_standard_error_is_that_of_a_sample_quantile() -> None:
    rng, n = np.random.default_rng(1), 20_000
    errors = [found(plain(rng.normal(0, 1, n)), 0.9).standard_error for _ in range(20)]
    due = math.sqrt(0.9 * 0.1 / n) / stats.norm.pdf(stats.norm.ppf(0.9))
    assert np.mean(errors) == pytest.approx(due, rel=0.05)


def clustered(seed: int, units: int = 150, shift: float = 0.0) -> list[list[float]]:
    rng = np.random.default_rng(seed)
    sizes, own = rng.poisson(9, units) + 1, rng.normal(shift, 1.0, units)
    return [(own[i] + rng.normal(0.0, 0.6, sizes[i])).tolist() for i in range(units)]


def test_units_with_many_observations_widen_the_interval_to_what_it_should_be() -> None:
    truth, corrected, naive, rounds = 0.0, 0, 0, 300
    for seed in range(rounds):
        units = clustered(seed)
        whole = found(QuantileArm.from_units(units, 0.5), 0.5)
        bare = found(plain([value for unit in units for value in unit]), 0.5)
        corrected += whole.value.ci_low <= truth <= whole.value.ci_high
        naive += bare.value.ci_low <= truth <= bare.value.ci_high
        assert whole.value.value == bare.value.value
    assert abs(corrected / rounds - 0.95) < 4 * math.sqrt(0.95 * 0.05 / rounds)
    assert naive / rounds < 0.75


def test_the_cluster_ratio_is_the_delta_methods() -> None:
    units = clustered(3)
    arm = QuantileArm.from_units(units, 0.8)
    edge = arm.observations.quantile(0.8)
    below = np.array([sum(value <= edge for value in unit) for unit in units], dtype=float)
    size = np.array([len(unit) for unit in units], dtype=float)
    share = below.sum() / size.sum()
    spread = np.var((below - share * size) / size.mean(), ddof=1) / len(units)
    assert found(arm, 0.8).cluster_ratio == pytest.approx(spread / (share * (1 - share) / size.sum()), rel=1e-9)


def test_one_observation_per_unit_is_hardly_a_cluster() -> None:
    values = np.random.default_rng(4).normal(0, 1, 999)
    alone = found(QuantileArm.from_units([[float(value)] for value in values], 0.5), 0.5)
    assert alone.cluster_ratio == pytest.approx(1.0, abs=2e-3)
    assert alone.value.ci_low == pytest.approx(found(plain(values), 0.5).value.ci_low, rel=2e-3)


def test_a_difference_keeps_its_level_and_finds_a_shift() -> None:
    rng, rounds, wrong = np.random.default_rng(5), 500, 0
    for _ in range(rounds):
        result = compare_quantiles(plain(rng.lognormal(0, 1, 700)), plain(rng.lognormal(0, 1, 900)), 0.75)
        assert isinstance(result, QuantileComparison)
        wrong += result.p_value < 0.05
    assert abs(wrong / rounds - 0.05) < 4 * math.sqrt(0.05 * 0.95 / rounds)
    moved = compare_quantiles(plain(rng.lognormal(0, 1, 900)), plain(rng.lognormal(0.4, 1, 900)), 0.75)
    assert isinstance(moved, QuantileComparison)
    assert moved.p_value < 1e-3
    assert isinstance(moved.lift, Estimate)
    assert moved.lift.ci_low < math.expm1(0.4) < moved.lift.ci_high


@given(scale=st.floats(0.01, 100.0), shift=st.floats(-50.0, 50.0))
def test_the_difference_follows_the_unit_and_not_the_origin(scale: float, shift: float) -> None:
    rng = np.random.default_rng(6)
    low, high = rng.normal(10, 1, 200), rng.normal(11, 1, 200)
    here = compare_quantiles(plain(low), plain(high), 0.9)
    there = compare_quantiles(plain(low * scale + shift), plain(high * scale + shift), 0.9)
    assert isinstance(here, QuantileComparison)
    assert isinstance(there, QuantileComparison)
    assert there.difference.value == pytest.approx(here.difference.value * scale, rel=1e-9, abs=1e-9)
    assert there.p_value == pytest.approx(here.p_value, rel=1e-6)


@pytest.mark.parametrize(
    ("control", "q", "code"),
    [
        pytest.param(plain(range(49)), 0.5, "too_few_units", id="49 units"),
        pytest.param(plain(range(390)), 0.99, "quantile_out_of_reach", id="the top percent of 390"),
        pytest.param(plain(range(390)), 0.01, "quantile_out_of_reach", id="the bottom percent of 390"),
        pytest.param(plain([7] * 90), 0.5, "zero_variance", id="one value"),
        pytest.param(
            QuantileArm(ValueCounts.of(range(90)), RatioStats.from_values([0.0] * 90, [0.0] * 90)),
            0.5,
            "variance_undefined",
            id="clusters unknown",
        ),
    ],
)
def test_what_has_no_quantile_has_a_reason(control: QuantileArm, q: float, code: str) -> None:
    result = compare_quantiles(control, plain([7] * 9_000), q)
    assert isinstance(result, NotComputable)
    assert result.code == code


def test_the_lift_of_a_zero_quantile_is_withheld() -> None:
    values = np.random.default_rng(7).poisson(0.5, 900)
    zero = compare_quantiles(plain(values), plain(range(900)), 0.5)
    near = compare_quantiles(plain(np.linspace(-1, 1.001, 900)), plain(range(900)), 0.5)
    for result, code in ((zero, "zero_baseline"), (near, "lift_unbounded")):
        assert isinstance(result, QuantileComparison)
        assert isinstance(result.lift, NotComputable)
        assert result.lift.code == code


def test_clusters_counted_at_another_quantile_are_refused() -> None:
    with pytest.raises(ValueError, match=r"not counted at the quantile 0\.9"):
        quantile_of(QuantileArm.from_units(clustered(1), 0.5), 0.9)


def test_a_share_that_is_none_is_refused_and_an_empty_arm_is_small() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        quantile_of(plain(range(90)), 1.0)
    empty = quantile_of(QuantileArm.from_units([], 0.5), 0.5)
    assert isinstance(empty, NotComputable)
    assert empty.code == "too_few_units"
