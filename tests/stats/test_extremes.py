"""The ends of the range against SciPy and statsmodels: 2 units, 1e9, tails to 1e-300, lifts of 1e4, odd baselines."""

import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportions_ztest
from statsmodels.stats.weightstats import ttost_ind

from gateway.stats import (
    Adjusted,
    ArmColumns,
    Comparison,
    CovariateStats,
    Equivalence,
    Estimate,
    NonInferiority,
    NotComputable,
    OneSided,
    Posterior,
    PostStratified,
    RankTest,
    ValueCounts,
    VariantStats,
    adjust,
    arms_from_sums,
    check_srm,
    check_srm_sequential,
    compare,
    compare_columns,
    mann_whitney,
    noninferiority,
    one_sided,
    posterior,
    poststratify,
    tost,
)
from tests.stats.arms import converted, moments

TWO = ([1.0, 3.0], [2.0, 7.0])


def of_two() -> tuple[VariantStats, VariantStats]:
    return VariantStats.from_values(TWO[0]), VariantStats.from_values(TWO[1])


def test_two_units_an_arm_are_welchs_test() -> None:
    found = compare(*of_two(), min_units=2)
    due = stats.ttest_ind(TWO[1], TWO[0], equal_var=False)
    interval = due.confidence_interval()
    assert isinstance(found, Comparison)
    assert found.p_value == pytest.approx(due.pvalue, rel=1e-12)
    assert (found.difference.ci_low, found.difference.ci_high) == pytest.approx((interval.low, interval.high), rel=1e-9)


def test_two_units_an_arm_are_tested_for_equivalence_as_statsmodels_does() -> None:
    found = tost(*of_two(), margin=4.0, scale="difference", min_units=2)
    due = ttost_ind(np.array(TWO[1]), np.array(TWO[0]), -4.0, 4.0, usevar="unequal")
    assert isinstance(found, Equivalence)
    assert found.p_value == pytest.approx(due[0], rel=1e-9)


def test_two_units_an_arm_in_one_direction() -> None:
    found = one_sided(*of_two(), alternative="greater", min_units=2)
    due = stats.ttest_ind(TWO[1], TWO[0], equal_var=False, alternative="greater")
    assert isinstance(found, OneSided)
    assert found.p_value == pytest.approx(due.pvalue, rel=1e-12)
    assert found.bound == pytest.approx(due.confidence_interval().low, rel=1e-9)


def test_a_thousand_million_units_an_arm() -> None:
    n, gap = 10**9, 3e-4
    means = compare(moments(n, 10.0, 9.0), moments(n, 10.0 + gap, 9.0))
    rates = compare(converted(n, 50_000_000), converted(n, 50_040_000), aggregation="occurrence")
    due = stats.ttest_ind_from_stats(10.0 + gap, 3.0, n, 10.0, 3.0, n, equal_var=False).pvalue
    assert isinstance(means, Comparison)
    assert isinstance(rates, Comparison)
    assert means.p_value == pytest.approx(due, rel=1e-6)
    assert rates.p_value == pytest.approx(proportions_ztest([50_040_000, 50_000_000], [n, n])[1], rel=1e-9)


@pytest.mark.parametrize("score", [10.0, 25.0, 36.9])
def test_tails_hold_to_1e_300_in_every_test_that_has_one(score: float) -> None:
    error = math.sqrt(2.0 / 1e6)
    pair = moments(10**6, 5.0, 1.0), moments(10**6, 5.0 + score * error, 1.0)
    upper, both = stats.norm.sf(score), 2.0 * stats.norm.sf(score)
    strata = poststratify({"all": pair[0]}, {"all": pair[1]})
    one, guard = one_sided(*pair, alternative="greater"), noninferiority(*pair, margin=1e-12)
    belief = posterior(pair[1], pair[0])
    assert isinstance(strata, PostStratified)
    assert isinstance(one, OneSided)
    assert isinstance(guard, NonInferiority)
    assert isinstance(belief, Posterior)
    assert strata.p_value == pytest.approx(both, rel=1e-6)
    assert one.p_value == pytest.approx(upper, rel=2e-3), "Student's tail with two million degrees of freedom"
    assert guard.p_value == pytest.approx(upper, rel=1e-5)
    assert belief.chance_to_win == pytest.approx(upper, rel=1e-6)
    assert upper > 1e-300


def test_an_adjusted_tail_is_that_of_the_adjusted_values() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(0.0, 1.0, (2, 40_000))
    y = x + rng.normal(0.0, 0.5, x.shape) + np.array([[0.0], [0.12]])
    found = adjust(*(CovariateStats.from_values(a.tolist(), b.tolist()) for a, b in zip(y, x, strict=True)))
    assert isinstance(found, Adjusted)
    held = y - found.theta * x
    due = stats.ttest_ind(held[1], held[0], equal_var=False)
    assert found.p_value == pytest.approx(due.pvalue, rel=1e-6)
    assert 0.0 < found.p_value < 1e-200


def test_srm_and_rank_tails_are_kept() -> None:
    rates = check_srm({"a": 117_200, "b": 100_000}, {"a": 1, "b": 1}).p_value
    always = check_srm_sequential([{"a": 117_000, "b": 100_000}], {"a": 1, "b": 1}).p_value
    ranks = mann_whitney(ValueCounts.of([0, 1], [60_000, 40_000]), ValueCounts.of([0, 1], [52_000, 48_000]))
    assert isinstance(ranks, RankTest)
    due = stats.mannwhitneyu(np.repeat([0, 1], [52_000, 48_000]), np.repeat([0, 1], [60_000, 40_000])).pvalue
    assert ranks.p_value == pytest.approx(due, rel=1e-6)
    assert 0.0 < ranks.p_value < 1e-250
    assert rates is not None
    assert always is not None
    assert 0.0 < rates < 1e-290
    assert 0.0 < always < 1e-250


def test_a_lift_of_ten_thousand_is_what_it_is() -> None:
    found = compare(moments(10**6, 1e-4, 1e-6), moments(10**6, 1.0001, 1.0))
    assert isinstance(found, Comparison)
    assert isinstance(found.lift, Estimate)
    assert found.lift.value == pytest.approx(1e4, rel=1e-9)
    assert found.lift.ci_low < 1e4 < found.lift.ci_high
    assert found.flags == ()


@pytest.mark.parametrize("method", ["fieller", "delta"])
def test_a_negative_baseline_mirrors_the_positive_one(method: str) -> None:
    plain = compare(moments(400, 10.0, 9.0), moments(500, 11.0, 4.0), lift_method=method)
    turned = compare(moments(400, -10.0, 9.0), moments(500, -11.0, 4.0), lift_method=method)
    assert isinstance(plain, Comparison)
    assert isinstance(turned, Comparison)
    assert isinstance(plain.lift, Estimate)
    assert isinstance(turned.lift, Estimate)
    assert turned.lift.value == -plain.lift.value
    assert (turned.lift.ci_low, turned.lift.ci_high) == pytest.approx((-plain.lift.ci_high, -plain.lift.ci_low))


@pytest.mark.parametrize(
    ("base", "errors", "code", "flags"),
    [
        pytest.param(0.0, 0.0, "zero_baseline", ("unstable_baseline", "lift_withheld"), id="zero"),
        pytest.param(0.1, 1.0, "lift_unbounded", ("unstable_baseline", "lift_withheld"), id="one error from zero"),
        pytest.param(-0.3, 3.0, None, ("unstable_baseline",), id="three errors from zero"),
        pytest.param(1.05, 10.5, None, (), id="past ten"),
    ],
)
def test_a_baseline_near_zero_is_flagged_or_withheld(
    base: float, errors: float, code: str | None, flags: tuple[str, ...]
) -> None:
    found = compare(moments(100, base, 1.0), moments(100, base + 0.5, 1.0))
    assert isinstance(found, Comparison)
    assert abs(base) / 0.1 == pytest.approx(errors)
    assert getattr(found.lift, "code", None) == code
    assert found.flags == flags


def test_a_running_experiment_says_that_its_own_lift_interval_is_withheld() -> None:
    """Three errors from zero bounds the fixed interval and not the always-valid one, which is the one that judges."""
    arms = moments(100, 0.3, 1.0), moments(100, 0.8, 1.0)
    fixed, running = compare(*arms), compare(*arms, running=True)
    assert isinstance(fixed, Comparison)
    assert isinstance(running, Comparison)
    assert isinstance(running.lift, Estimate)
    assert isinstance(running.sequential.lift, NotComputable)
    assert (fixed.flags, running.flags) == (("unstable_baseline",), ("unstable_baseline", "lift_withheld"))
    columns = compare_columns(
        *(ArmColumns.from_stats([arm, arm]) for arm in arms), aggregation="mean", running=[False, True]
    )
    assert columns.flag_texts() == ["unstable_baseline", "unstable_baseline,lift_withheld"]
    assert columns.lift_withheld.tolist() == [False, True]


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("place", ["mean", "m2"])
def test_what_is_not_finite_never_becomes_a_number(bad: float, place: str) -> None:
    arm = VariantStats.from_moments(100, bad if place == "mean" else 1.0, bad if place == "m2" else 5.0)
    sound = moments(100, 1.0, 2.0)
    for found in (
        compare(arm, sound),
        compare(sound, arm),
        one_sided(arm, sound, alternative="less"),
        tost(sound, arm, margin=0.1),
        noninferiority(arm, sound, margin=0.1),
        posterior(sound, arm),
        poststratify({"a": arm}, {"a": sound}),
    ):
        assert isinstance(found, NotComputable)
        assert found.code == "variance_undefined"


def test_int64_sums_beyond_what_a_float_holds_keep_their_variance() -> None:
    """Values around 2^31: sum_squares is near 2^63, and a float64 of it would lose the variance altogether."""
    n, centre = 2_000, 2**26
    values = np.arange(n, dtype=np.int64) % 7 + centre
    total, squares = int(values.sum()), int((values * values).sum())
    assert 2**62 < squares < 2**63
    columns = arms_from_sums([n, n], np.array([total, total]), np.array([squares, squares]))
    assert columns.m2[0] / (n - 1) == pytest.approx(np.var(np.arange(n) % 7, ddof=1), rel=1e-12)
    assert VariantStats.from_sums(n, total, squares).m2 == columns.m2[0]


def test_no_variance_in_one_arm_is_an_answer_and_in_both_is_none() -> None:
    one = compare(moments(60, 2.0, 0.0), moments(60, 3.0, 4.0))
    assert isinstance(one, Comparison)
    assert one.dof == pytest.approx(59.0)
    assert one.p_value == pytest.approx(2 * stats.t.sf(1.0 / math.sqrt(4.0 / 60), 59))
    both = compare(moments(60, 2.0, 0.0), moments(60, 3.0, 0.0))
    assert isinstance(both, NotComputable)
    assert both.code == "zero_variance"
