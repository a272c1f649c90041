"""Group-sequential bounds against published tables, multivariate normals and simulated trials."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from gateway.stats import Spending, group_sequential_bounds

FIVE = [0.2, 0.4, 0.6, 0.8, 1.0]


@pytest.mark.parametrize(
    ("spending", "bounds"),
    [
        ("obrien_fleming", [4.8769, 3.3569, 2.6803, 2.2898, 2.0310]),
        ("pocock", [2.4380, 2.4268, 2.4101, 2.3966, 2.3859]),
    ],
)
def test_five_even_looks_have_the_published_bounds(spending: str, bounds: list[float]) -> None:
    found = group_sequential_bounds(FIVE, spending=spending)
    assert found.bounds == pytest.approx(bounds, abs=2e-4)
    assert found.spent[-1] == pytest.approx(0.05)


@pytest.mark.parametrize("spending", list(Spending))
@pytest.mark.parametrize("one_sided", [False, True])
@pytest.mark.parametrize("fractions", [[0.3, 1.0], [0.1, 0.5, 0.55, 0.9]])
def test_staying_inside_has_the_chance_that_a_multivariate_normal_gives(
    spending: Spending, one_sided: bool, fractions: list[float]
) -> None:
    found = group_sequential_bounds(fractions, spending=spending, one_sided=one_sided)
    t = np.array(fractions)
    correlation = np.sqrt(np.minimum.outer(t, t) / np.maximum.outer(t, t))
    bounds = np.minimum(np.array(found.bounds), 9.0)
    low = np.full(len(t), -np.inf) if one_sided else -bounds
    inside = stats.multivariate_normal.cdf(
        bounds, cov=correlation, lower_limit=low, abseps=1e-9, maxpts=2_000_000, rng=np.random.default_rng(1)
    )
    assert 1.0 - inside == pytest.approx(found.spent[-1], abs=2e-5)


@pytest.mark.parametrize("spending", list(Spending))
def test_one_look_is_the_fixed_test(spending: Spending) -> None:
    two, one = (group_sequential_bounds([1.0], spending=spending, one_sided=side) for side in (False, True))
    assert two.bounds[0] == pytest.approx(stats.norm.ppf(0.975), rel=1e-9)
    assert one.bounds[0] == pytest.approx(stats.norm.ppf(0.95), rel=1e-9)
    assert two.nominal_p[0] == pytest.approx(0.05, rel=1e-9)
    assert two.power(stats.norm.ppf(0.975) + stats.norm.ppf(0.8)) == pytest.approx(0.8, abs=1e-5)
    assert two.inflation(0.9) == pytest.approx(1.0, rel=1e-5)


@pytest.mark.parametrize("spending", list(Spending))
def test_twenty_eight_looks_keep_the_error_and_the_planned_power(spending: Spending) -> None:
    found = group_sequential_bounds([k / 28 for k in range(1, 29)], spending=spending)
    rng, rounds = np.random.default_rng(6), 20_000
    drift = math.sqrt(found.inflation(0.8)) * (stats.norm.ppf(0.975) + stats.norm.ppf(0.8))
    t = np.arange(1, 29) / 28
    walk = rng.normal(0.0, math.sqrt(1 / 28), (rounds, 28)).cumsum(axis=1)
    for mean, chance in ((0.0, 0.05), (drift, 0.8)):
        crossed = (np.abs(walk + mean * t) / np.sqrt(t) > found.bounds).any(axis=1).mean()
        assert abs(crossed - chance) < 4 * math.sqrt(chance * (1 - chance) / rounds)


def test_looking_early_costs_pocock_more_than_obrien_fleming() -> None:
    late, even = (group_sequential_bounds(FIVE, spending=spending) for spending in Spending)
    assert 1.0 < late.inflation() < 1.04 < even.inflation() < 1.3
    assert late.bounds[0] > even.bounds[0]
    assert late.bounds[-1] < even.bounds[-1]


@settings(max_examples=25, deadline=None)
@given(
    steps=st.lists(st.floats(0.02, 1.0), min_size=1, max_size=6),
    spending=st.sampled_from(Spending),
    one_sided=st.booleans(),
    level=st.floats(0.8, 0.999),
)
def test_the_error_spent_is_the_error_planned(
    steps: list[float], spending: Spending, one_sided: bool, level: float
) -> None:
    times = np.cumsum(steps) / sum(steps)
    times[-1] = 1.0
    found = group_sequential_bounds(times.tolist(), spending=spending, level=level, one_sided=one_sided)
    assert found.power(0.0) == pytest.approx(1 - level, rel=1e-6)
    assert found.spent[-1] == pytest.approx(1 - level, rel=1e-9)
    fixed = stats.norm.ppf(level if one_sided else 0.5 + level / 2)
    assert all(bound >= fixed - 1e-9 for bound in found.bounds)


def test_a_look_too_early_for_any_error_has_no_bound() -> None:
    found = group_sequential_bounds([1e-4, 1.0])
    assert math.isinf(found.bounds[0])
    assert found.nominal_p[0] == 0.0
    assert found.bounds[1] == pytest.approx(stats.norm.ppf(0.975), rel=1e-6)


def test_crossing_is_the_first_look_beyond_its_bound() -> None:
    two, one = group_sequential_bounds(FIVE), group_sequential_bounds(FIVE, one_sided=True)
    assert two.crossed([1.0, -3.5, 5.0]) == 1
    assert one.crossed([1.0, -3.5, 5.0]) == 2
    assert two.crossed([4.0]) is None
    with pytest.raises(ValueError, match="6 scores for 5"):
        two.crossed([0.0] * 6)


def test_the_repeated_interval_leaves_zero_out_where_the_bound_is_crossed() -> None:
    two, one = group_sequential_bounds(FIVE), group_sequential_bounds(FIVE, one_sided=True)
    assert two.interval(1, 3.4, 1.0).ci_low > 0 > two.interval(1, 3.3, 1.0).ci_low
    assert math.isinf(one.interval(1, 3.4, 1.0).ci_high)


@pytest.mark.parametrize(
    "fractions", [[], [0.0, 1.0], [0.5, 0.5], [0.9, 0.3], [0.5, 1.1], [k / 101 for k in range(1, 102)]]
)
def test_looks_that_are_no_plan_are_refused(fractions: list[float]) -> None:
    with pytest.raises(ValueError, match="rising"):
        group_sequential_bounds(fractions)
