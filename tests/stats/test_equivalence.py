"""Equivalence against statsmodels, and against the interval that the reader sees."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.weightstats import ttost_ind

from gateway.stats import (
    ArmColumns,
    Comparison,
    Equivalence,
    Estimate,
    NotComputable,
    VariantStats,
    compare,
    compare_columns,
    noninferiority,
    tost,
    tost_columns,
)
from tests.stats.arms import arm, converted, moments, values


def judged(control: VariantStats, treatment: VariantStats, margin: float, **options: Any) -> Equivalence:
    found = tost(control, treatment, margin=margin, **options)
    assert isinstance(found, Equivalence)
    return found


@pytest.mark.parametrize("margin", [0.2, 0.5, 1.0, 3.0])
def test_means_are_tested_as_statsmodels_does(margin: float) -> None:
    a, b = values(1, 60), values(2, 90, mean=10.2)
    p, low, high = ttost_ind(np.array(b), np.array(a), -margin, margin, usevar="unequal")
    found = judged(VariantStats.from_values(a), VariantStats.from_values(b), margin, scale="difference")
    assert found.p_value == pytest.approx(p, rel=1e-8)
    assert (found.p_value_low, found.p_value_high) == pytest.approx((low[1], high[1]), rel=1e-8)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_relative_margin_is_two_guardrails(sign: int) -> None:
    control, treatment = moments(4_000, sign * 10.0, 9.0), moments(5_000, sign * 10.0 + 0.05, 8.0)
    found = judged(control, treatment, 0.02)
    ends = [noninferiority(control, treatment, margin=0.02, desired=desired) for desired in ("increase", "decrease")]
    assert not any(isinstance(end, NotComputable) for end in ends)
    due = tuple(end.p_value for end in ends if not isinstance(end, NotComputable))
    assert (found.p_value_low, found.p_value_high) == pytest.approx(due, rel=1e-10)
    assert found.p_value == max(due)


@pytest.mark.parametrize("running", [False, True])
@pytest.mark.parametrize("scale", ["lift", "difference"])
def test_equivalent_is_the_shown_interval_lying_inside_the_margin(running: bool, scale: str) -> None:
    states = set()
    for mean in (10.0, 10.05, 10.15, 10.2, 10.3, 10.6):
        for units in np.geomspace(500, 500_000, 14).astype(int):
            control, treatment = moments(int(units), 10.0, 9.0), moments(int(units), mean, 9.0)
            margin = 0.02 if scale == "lift" else 0.2
            found = judged(control, treatment, margin, scale=scale, running=running)
            compared = compare(control, treatment, running=running)
            assert isinstance(compared, Comparison)
            part = compared.sequential if running else compared
            shown = part.lift if scale == "lift" else part.difference
            assert isinstance(shown, Estimate)
            states.add(found.state.value)
            assert (found.state == "equivalent") == (-margin < shown.ci_low and shown.ci_high < margin)
            assert (found.state == "different") == (shown.ci_low > margin or shown.ci_high < -margin)
            assert found.basis == compared.basis
    assert states == {"equivalent", "different", "inconclusive"}


def test_proportions_are_tested_by_their_normal_interval() -> None:
    control, treatment = converted(40_000, 4_000), converted(41_000, 4_120)
    found = judged(control, treatment, 0.01, scale="difference", aggregation="occurrence")
    p, q = 0.1, 4_120 / 41_000
    error = math.sqrt(p * (1 - p) / 40_000 + q * (1 - q) / 41_000)
    assert found.p_value == pytest.approx(stats.norm.sf((0.01 - (q - p)) / error), rel=1e-9)
    assert found.state == "equivalent"


@given(margin=st.floats(0.01, 0.5), wider=st.floats(1.01, 3.0), seed=st.integers(0, 30))
def test_wider_margins_are_easier_and_swapping_the_arms_changes_nothing(margin: float, wider: float, seed: int) -> None:
    control, treatment = arm(seed), arm(seed + 100)
    here = judged(control, treatment, margin, scale="difference")
    assert judged(control, treatment, margin * wider, scale="difference").p_value <= here.p_value
    there = judged(treatment, control, margin, scale="difference")
    assert there.p_value == pytest.approx(here.p_value, rel=1e-9)
    assert there.p_value_low == pytest.approx(here.p_value_high, rel=1e-9)
    assert there.state == here.state


def test_at_the_margins_edge_it_is_called_no_more_often_than_agreed() -> None:
    rng, rounds = np.random.default_rng(2), 4_000
    n, moved = 2_000, rng.normal(0.2, 1.0 / math.sqrt(2_000), 4_000)
    columns = compare_columns(
        ArmColumns.of([n] * rounds, rng.normal(10.0, 1.0 / math.sqrt(n), rounds), float(n)),
        ArmColumns.of([n] * rounds, 10.0 + moved, float(n)),
        aggregation="mean",
    )
    called = (tost_columns(columns, 0.2, scale="difference").state == "equivalent").mean()
    assert abs(called - 0.025) < 4 * math.sqrt(0.025 * 0.975 / rounds)


@pytest.mark.parametrize(
    ("control", "treatment", "scale", "code"),
    [
        pytest.param(None, arm(1), "lift", "no_control", id="no control"),
        pytest.param(arm(1, 10), arm(2), "lift", "too_few_units", id="ten units"),
        pytest.param(moments(60, 0.0, 1.0), arm(2), "lift", "zero_baseline", id="relative to zero"),
        pytest.param(moments(60, 1.0, 0.0), moments(60, 1.0, 0.0), "difference", "zero_variance", id="constant"),
    ],
)
def test_what_cannot_be_told_has_a_reason(
    control: VariantStats | None, treatment: VariantStats, scale: str, code: str
) -> None:
    found = tost(control, treatment, margin=0.1, scale=scale)
    assert isinstance(found, NotComputable)
    assert found.code == code


def test_a_margin_in_the_metrics_unit_needs_no_baseline() -> None:
    assert judged(moments(900, 0.0, 1.0), moments(900, 0.0, 1.0), 0.5, scale="difference").state == "equivalent"


@pytest.mark.parametrize("margin", [0.0, -0.1, math.nan])
def test_a_margin_that_is_none_is_refused(margin: float) -> None:
    with pytest.raises(ValueError, match="positive"):
        tost(arm(1), arm(2), margin=margin)


def test_columns_and_pairs_agree_to_the_last_bit() -> None:
    pairs = [(arm(1), arm(2)), (arm(3, 20), arm(4)), (arm(5), arm(6))]
    compared = compare_columns(
        ArmColumns.from_stats([one for one, _ in pairs]),
        ArmColumns.from_stats([other for _, other in pairs]),
        aggregation="mean",
    )
    columns = tost_columns(compared, [0.05, 0.05, 0.1])
    for i, margin in ((0, 0.05), (2, 0.1)):
        one = judged(*pairs[i], margin)
        assert (one.p_value, one.state) == (columns.p_value[i], columns.state[i])
    assert math.isnan(columns.p_value[1])
    assert columns.state[1] == "inconclusive"
