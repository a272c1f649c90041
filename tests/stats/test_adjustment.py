"""CUPED against numbers worked out from the units themselves, and against what it is there to do."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from gateway.stats import (
    Adjusted,
    CovariateColumns,
    CovariateStats,
    Estimate,
    NotComputable,
    VariantStats,
    adjust,
    adjust_columns,
    adjusted_at,
    compare,
)

Units = dict[str, np.ndarray]


def units(seed: int, n: int, *, effect: float = 0.0, noise: float = 1.0) -> Units:
    """Units whose outcome follows their past; a ratio's two halves and their own past."""
    rng = np.random.default_rng(seed)
    past = rng.normal(10.0, 2.0, n)
    orders, past_orders = rng.poisson(3.0, n) + 1.0, rng.poisson(3.0, n) + 1.0
    return {
        "outcome": 5.0 + 0.8 * past + effect + rng.normal(0.0, noise, n),
        "covariate": past,
        "denominator": orders,
        "covariate_denominator": past_orders,
        "revenue": orders * (past + effect) + rng.normal(0.0, noise, n),
        "past_revenue": past_orders * past,
    }


def plain(data: Units) -> CovariateStats:
    return CovariateStats.from_values(data["outcome"], data["covariate"])


def ratio(data: Units) -> CovariateStats:
    return CovariateStats.from_values(
        data["revenue"],
        data["past_revenue"],
        denominator=data["denominator"],
        covariate_denominator=data["covariate_denominator"],
    )


def adjusted(control: CovariateStats, treatment: CovariateStats, **options: Any) -> Adjusted:
    found = adjust(control, treatment, **options)
    assert isinstance(found, Adjusted)
    return found


def test_means_are_the_units_adjusted_one_by_one() -> None:
    control, treatment = units(1, 300), units(2, 500, effect=0.5)
    y, x = (np.concatenate([control[name], treatment[name]]) for name in ("outcome", "covariate"))
    theta = np.cov(y, x)[0, 1] / np.var(x, ddof=1)
    sides = [side["outcome"] - theta * (side["covariate"] - x.mean()) for side in (control, treatment)]
    oracle = stats.ttest_ind(sides[1], sides[0], equal_var=False)
    interval = oracle.confidence_interval()
    found = adjusted(plain(control), plain(treatment))
    assert found.theta == pytest.approx(theta, rel=1e-10)
    assert found.difference.value == pytest.approx(sides[1].mean() - sides[0].mean(), rel=1e-9)
    assert found.p_value == pytest.approx(oracle.pvalue, rel=1e-8)
    assert found.dof == pytest.approx(oracle.df, rel=1e-9)
    assert (found.difference.ci_low, found.difference.ci_high) == pytest.approx((interval.low, interval.high), rel=1e-9)
    raw = [np.var(side["outcome"], ddof=1) / len(side["outcome"]) for side in (control, treatment)]
    assert found.variance_reduction == pytest.approx(1.0 - found.standard_error**2 / sum(raw), rel=1e-9)
    assert found.variance_reduction > 0.6
    assert found.unadjusted_difference == pytest.approx(treatment["outcome"].mean() - control["outcome"].mean())


def test_relative_variance_is_the_published_one() -> None:
    control, treatment = units(3, 400), units(4, 400, effect=1.0)
    found = adjusted(plain(control), plain(treatment), lift_method="delta")
    (yc, yt), theta = (control["outcome"].mean(), treatment["outcome"].mean()), found.theta
    grown = yt / yc
    v_c, c_c, _, x_c = np.cov(control["outcome"], control["covariate"]).ravel()
    v_t, c_t, _, x_t = np.cov(treatment["outcome"], treatment["covariate"]).ravel()
    variance = (v_t + theta**2 * x_t - 2 * theta * c_t) / (400 * yc**2)
    variance += (v_c * grown**2 - 2 * theta * c_c * grown + theta**2 * x_c) / (400 * yc**2)
    assert isinstance(found.lift, Estimate)
    assert found.lift_standard_error == pytest.approx(math.sqrt(variance), rel=1e-9)
    assert found.lift.value == pytest.approx(found.difference.value / yc, rel=1e-12)
    assert found.lift.ci_high - found.lift.value == pytest.approx(stats.norm.ppf(0.975) * math.sqrt(variance), rel=1e-9)


def test_fieller_and_delta_agree_where_the_baseline_is_far_from_zero() -> None:
    sides = plain(units(3, 4_000)), plain(units(4, 4_000, effect=1.0))
    fieller, delta = adjusted(*sides).lift, adjusted(*sides, lift_method="delta").lift
    assert isinstance(fieller, Estimate)
    assert isinstance(delta, Estimate)
    assert fieller.value == delta.value
    assert (fieller.ci_low, fieller.ci_high) == pytest.approx((delta.ci_low, delta.ci_high), rel=5e-3)


def test_ratios_are_adjusted_on_their_linearised_values() -> None:
    control, treatment = units(5, 600), units(6, 700, effect=0.4)

    def linear(side: Units, base: Units, top: str, bottom: str) -> np.ndarray:
        of_base = base[top].sum() / base[bottom].sum()
        return np.asarray((side[top] - of_base * side[bottom]) / base[bottom].mean())

    both = {name: np.concatenate([control[name], treatment[name]]) for name in control}
    y = linear(both, both, "revenue", "denominator")
    x = linear(both, both, "past_revenue", "covariate_denominator")
    theta = np.cov(y, x)[0, 1] / np.var(x, ddof=1)
    value, variance = [], 0.0
    for side in (control, treatment):
        value.append(
            side["revenue"].sum() / side["denominator"].sum()
            - theta * side["past_revenue"].sum() / side["covariate_denominator"].sum()
        )
        own = linear(side, side, "revenue", "denominator")
        own = own - theta * linear(side, side, "past_revenue", "covariate_denominator")
        variance += np.var(own, ddof=1) / len(own)
    found = adjusted(ratio(control), ratio(treatment), aggregation="ratio")
    assert found.theta == pytest.approx(theta, rel=1e-9)
    assert found.difference.value == pytest.approx(value[1] - value[0], rel=1e-8)
    assert found.standard_error == pytest.approx(math.sqrt(variance), rel=1e-9)
    assert found.p_value == pytest.approx(2 * stats.norm.sf(abs(value[1] - value[0]) / math.sqrt(variance)), rel=1e-7)
    assert math.isinf(found.dof)


def test_a_ratio_over_a_constant_one_with_a_plain_covariate_is_the_plain_metric() -> None:
    sides = plain(units(7, 200)), plain(units(8, 200))
    as_ratio, as_mean = adjusted(*sides, aggregation="ratio"), adjusted(*sides)
    assert as_ratio.difference.value == as_mean.difference.value
    assert as_ratio.standard_error == as_mean.standard_error


def test_a_constant_covariate_adjusts_nothing() -> None:
    data = units(9, 80), units(10, 90, effect=0.5)
    sides = [CovariateStats.from_values(side["outcome"], np.ones_like(side["outcome"])) for side in data]
    found = adjusted(sides[0], sides[1])
    arms = [VariantStats.from_values(side["outcome"].tolist()) for side in data]
    bare = compare(arms[0], arms[1])
    assert not isinstance(bare, NotComputable)
    assert (found.theta, found.variance_reduction, found.balanced) == (0.0, 0.0, True)
    assert math.isnan(found.covariate_p_value)
    assert (found.difference, found.p_value) == (bare.difference, bare.p_value)
    assert found.sequential_difference == bare.sequential.difference
    assert isinstance(found.lift, Estimate)
    assert isinstance(bare.lift, Estimate)
    assert (found.lift.ci_low, found.lift.ci_high) == pytest.approx((bare.lift.ci_low, bare.lift.ci_high), rel=1e-9)
    always, plainly = found.sequential_lift, bare.sequential.lift
    assert isinstance(always, Estimate)
    assert isinstance(plainly, Estimate)
    assert (always.value, always.ci_low, always.ci_high) == pytest.approx(
        (plainly.value, plainly.ci_low, plainly.ci_high), rel=1e-9
    )


def test_the_always_valid_lift_leaves_zero_out_exactly_where_the_difference_does() -> None:
    for effect in (0.0, 0.1, 0.2, 0.3, 0.4):
        found = adjusted(plain(units(13, 400)), plain(units(14, 400, effect=effect)))
        assert isinstance(found.sequential_lift, Estimate)
        assert (found.sequential_lift.ci_low > 0) is (found.sequential_difference.ci_low > 0)
        assert isinstance(found.lift, Estimate)
        assert found.sequential_lift.ci_low < found.lift.ci_low < found.lift.ci_high < found.sequential_lift.ci_high


@pytest.mark.parametrize("aggregation", ["mean", "ratio"])
def test_a_row_is_the_same_to_the_last_bit_whatever_stands_beside_it(aggregation: str) -> None:
    arms = [ratio(units(seed, 60 + seed)) for seed in range(20, 37)]
    many = adjust_columns(
        CovariateColumns.from_stats(arms[:-1]), CovariateColumns.from_stats(arms[1:]), aggregation=aggregation
    )
    for i in range(len(arms) - 1):
        assert adjusted_at(many, i) == adjust(arms[i], arms[i + 1], aggregation=aggregation)


def test_arms_that_differed_before_are_said_to_be_out_of_balance() -> None:
    control, treatment = units(11, 2_000), units(12, 2_000)
    treatment["covariate"] = treatment["covariate"] + 0.5
    found = adjusted(plain(control), plain(treatment))
    oracle = stats.norm.sf(
        found.covariate_difference
        / math.sqrt(sum(np.var(s["covariate"], ddof=1) / 2_000 for s in (control, treatment)))
    )
    assert not found.balanced
    assert found.covariate_p_value == pytest.approx(2 * oracle, rel=1e-7)
    assert adjusted(plain(units(13, 2_000)), plain(units(14, 2_000))).balanced


def test_adjustment_covers_the_truth_and_narrows_the_interval() -> None:
    covered, rounds = 0, 400
    for seed in range(rounds):
        found = adjusted(plain(units(10_000 + seed, 100)), plain(units(50_000 + seed, 120, effect=0.3)))
        covered += found.difference.ci_low <= 0.3 <= found.difference.ci_high
    assert abs(covered / rounds - 0.95) < 4 * math.sqrt(0.95 * 0.05 / rounds)


ZERO = CovariateStats.from_moments(60, 0.0, 60.0, 1.0, 60.0, 10.0)
GOOD = CovariateStats.from_moments(60, 1.0, 60.0, 1.0, 60.0, 10.0)


@pytest.mark.parametrize(
    ("control", "treatment", "aggregation", "code"),
    [
        pytest.param(None, GOOD, "mean", "no_control", id="no control"),
        pytest.param(plain(units(1, 49)), GOOD, "mean", "too_few_units", id="49 units"),
        pytest.param(
            CovariateStats.from_moments(60, 1.0, 60.0, math.nan, math.nan, math.nan),
            GOOD,
            "mean",
            "covariate_unknown",
            id="no covariate",
        ),
        pytest.param(
            CovariateStats.from_moments(60, math.nan, 60.0, 1.0, 1.0, 1.0),
            GOOD,
            "mean",
            "variance_undefined",
            id="mean",
        ),
        pytest.param(
            CovariateStats.from_moments(60, 1.0, 9.0, 1.0, 9.0, 9.0),
            CovariateStats.from_moments(60, 1.0, 9.0, 1.0, 9.0, 9.0),
            "mean",
            "zero_variance",
            id="all explained",
        ),
        pytest.param(
            CovariateStats.from_moments(90, 0.01, 0.89, 1.0, 9.0, 0.1),
            GOOD,
            "occurrence",
            "too_few_conversions",
            id="one conversion",
        ),
    ],
)
def test_what_cannot_be_adjusted_has_a_reason(
    control: CovariateStats | None, treatment: CovariateStats, aggregation: str, code: str
) -> None:
    found = adjust(control, treatment, aggregation=aggregation)
    assert isinstance(found, NotComputable)
    assert found.code == code
    assert found.reason


def test_the_lift_alone_is_withheld_from_a_zero_baseline() -> None:
    found = adjusted(ZERO, GOOD)
    assert isinstance(found.lift, NotComputable)
    assert found.lift.code == "zero_baseline"
    assert math.isnan(found.lift_standard_error)


def test_a_log_lift_is_not_offered() -> None:
    with pytest.raises(ValueError, match="fieller or delta"):
        adjust(GOOD, GOOD, lift_method="log")


def test_columns_and_pairs_agree_to_the_last_bit() -> None:
    kinds = ["mean", "ratio", "sum", "mean"]
    control = [plain(units(1, 70)), ratio(units(2, 80)), plain(units(3, 20)), ZERO]
    treatment = [plain(units(4, 90)), ratio(units(5, 60)), plain(units(6, 60)), GOOD]
    columns = adjust_columns(
        CovariateColumns.from_stats(control), CovariateColumns.from_stats(treatment), aggregation=kinds
    )
    for i, kind in enumerate(kinds):
        one, row = adjust(control[i], treatment[i], aggregation=kind), adjusted_at(columns, i)
        assert repr(one) == repr(row)


def test_the_marts_columns_need_no_denominator_except_for_ratios() -> None:
    nan = math.nan
    given = {"denominator_mean": nan, "denominator_m2": nan, "cross_m2": nan, "covariate_denominator_cross_m2": nan}
    arms = CovariateColumns.of([90, 90], [1.0, 1.0], [90.0, 90.0], [1.0, 1.0], [90.0, 90.0], [30.0, 30.0], **given)
    some = CovariateColumns.of(
        [90],
        [1.0],
        [90.0],
        [1.0],
        [90.0],
        [30.0],
        denominator_mean=2.0,
        denominator_m2=9.0,
        cross_m2=3.0,
        covariate_denominator_cross_m2=nan,
    )
    assert adjust_columns(arms, arms, aggregation="sum").reason.tolist() == [None, None]
    assert adjust_columns(arms, arms, aggregation=["sum", "ratio"]).reason.tolist() == [None, "variance_undefined"]
    assert adjust_columns(some, some, aggregation="ratio").reason.tolist() == ["covariate_unknown"]


def test_unequal_columns_are_refused() -> None:
    with pytest.raises(ValueError, match="1 control arms for 2"):
        adjust_columns(
            CovariateColumns.from_stats([GOOD]), CovariateColumns.from_stats([GOOD, GOOD]), aggregation="mean"
        )


@given(
    scale=st.floats(1e-3, 1e3),
    shift=st.floats(-100.0, 100.0),
    seed=st.integers(0, 50),
)
def test_the_covariates_unit_and_origin_do_not_matter(scale: float, shift: float, seed: int) -> None:
    control, treatment = units(seed, 60), units(seed + 1_000, 70, effect=0.2)
    there = adjusted(plain(control), plain(treatment))
    for side in (control, treatment):
        side["covariate"] = side["covariate"] * scale + shift
    here = adjusted(plain(control), plain(treatment))
    assert here.difference.value == pytest.approx(there.difference.value, rel=1e-6, abs=1e-9)
    assert here.standard_error == pytest.approx(there.standard_error, rel=1e-6)
    assert here.theta * scale == pytest.approx(there.theta, rel=1e-6)


@given(seed=st.integers(0, 100), cut=st.integers(0, 90))
def test_arms_merge_from_any_cut(seed: int, cut: int) -> None:
    data = units(seed, 90)
    parts = [plain({name: column[rows] for name, column in data.items()}) for rows in (slice(cut), slice(cut, None))]
    whole, merged, swapped = plain(data), parts[0] + parts[1], parts[1] + parts[0]
    assert merged.n == swapped.n == 90
    np.testing.assert_allclose(merged.mean, whole.mean, rtol=1e-12)
    np.testing.assert_allclose(merged.m2, whole.m2, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(swapped.m2, merged.m2, rtol=1e-12, atol=1e-12)


def test_values_that_are_not_finite_or_not_paired_are_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        CovariateStats.from_values([1.0, math.nan], [1.0, 2.0])
    with pytest.raises(ValueError, match="one value per unit"):
        CovariateStats.from_values([1.0, 2.0], [1.0])
