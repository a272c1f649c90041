"""Planned looks at arms: the bound, the repeated interval and the comparison's own statistic agree."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from gateway.stats import (
    ArmColumns,
    Comparison,
    Estimate,
    Look,
    NotComputable,
    at_look,
    at_look_columns,
    compare,
    compare_columns,
    group_sequential_bounds,
)
from tests.stats.arms import arm, converted, moments

DESIGN = group_sequential_bounds([0.25, 0.5, 0.75, 1.0])
ONE_SIDED = group_sequential_bounds([0.5, 1.0], one_sided=True)


def test_a_design_of_one_look_is_the_fixed_comparison() -> None:
    only = group_sequential_bounds([1.0])
    pair = converted(10**5, 5_000), converted(10**5, 5_300)
    found, fixed = (
        at_look(*pair, design=only, look=0, aggregation="occurrence"),
        compare(*pair, aggregation="occurrence"),
    )
    assert isinstance(found, Look)
    assert isinstance(fixed, Comparison)
    assert isinstance(found.lift, Estimate)
    assert isinstance(fixed.lift, Estimate)
    assert (found.difference.ci_low, found.lift.ci_high) == pytest.approx(
        (fixed.difference.ci_low, fixed.lift.ci_high), rel=1e-6
    )
    assert found.crossed == (fixed.p_value < 0.05)


@given(shift=st.floats(-1.0, 1.0), look=st.integers(0, 3))
def test_the_bound_is_crossed_where_the_repeated_interval_leaves_zero_out(shift: float, look: int) -> None:
    found = at_look(moments(400, 10.0, 9.0), moments(400, 10.0 + shift, 9.0), design=DESIGN, look=look)
    assert isinstance(found, Look)
    assert found.crossed == (found.difference.ci_low > 0 or found.difference.ci_high < 0)
    assert found.bound == DESIGN.bounds[look]
    assert found.alternative == "two_sided"


@pytest.mark.parametrize(("desired", "shift"), [("increase", 0.7), ("decrease", -0.7)])
def test_a_one_sided_design_looks_where_the_metric_should_go(desired: str, shift: float) -> None:
    pair = moments(400, 10.0, 9.0), moments(400, 10.0 + shift, 9.0)
    toward = at_look(*pair, design=ONE_SIDED, look=1, desired=desired)
    against = at_look(pair[1], pair[0], design=ONE_SIDED, look=1, desired=desired)
    assert isinstance(toward, Look)
    assert isinstance(against, Look)
    assert (toward.crossed, against.crossed) == (True, False)
    assert toward.alternative == ("greater" if desired == "increase" else "less")
    open_end = toward.difference.ci_high if desired == "increase" else toward.difference.ci_low
    assert math.isinf(open_end)
    assert toward.bound == pytest.approx(stats.norm.ppf(0.95), abs=0.05)


def test_looks_keep_the_error_that_was_planned() -> None:
    rng, runs = np.random.default_rng(11), 4_000
    totals, crossed = np.zeros((2, runs)), np.zeros(runs, dtype=bool)
    for look in range(4):
        totals += rng.binomial(1_000, 0.1, (2, runs))
        n = 1_000.0 * (look + 1)
        arms = [ArmColumns.of(n, side / n, None, conversions=side) for side in totals]
        crossed |= at_look_columns(compare_columns(*arms, aggregation="occurrence"), DESIGN, look).crossed
    assert abs(float(crossed.mean()) - 0.05) < 4 * math.sqrt(0.05 * 0.95 / runs)


def test_a_look_before_any_error_is_spent_has_a_reason() -> None:
    early = group_sequential_bounds([1e-4, 1.0])
    found = at_look(arm(1), arm(2), design=early, look=0)
    assert isinstance(found, NotComputable)
    assert found.code == "no_error_spent"
    small = at_look(arm(1, 9), arm(2), design=early, look=1)
    assert isinstance(small, NotComputable)
    assert small.code == "too_few_units"
    with pytest.raises(ValueError, match="from 0 to below 2"):
        at_look(arm(1), arm(2), design=early, look=2)
