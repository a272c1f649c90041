"""Forms for columns against SciPy and statsmodels directly, many rows at once."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import NormalIndPower

from gateway.stats import (
    ArmColumns,
    BaselineColumns,
    Design,
    ValueCountColumns,
    ValueCounts,
    arms_from_values,
    best_arm_columns,
    compare_columns,
    correct,
    days_needed_columns,
    mann_whitney_columns,
    minimum_effect_columns,
    newcombe_columns,
    power_columns,
    sample_size_columns,
    winsorised_beside,
)
from gateway.stats.tails import student_quantile

CORRECTIONS = {
    "holm": "holm",
    "hochberg": "simes-hochberg",
    "bonferroni": "bonferroni",
    "benjamini_hochberg": "fdr_bh",
    "benjamini_yekutieli": "fdr_by",
}


@given(p=st.floats(1e-9, 1 - 1e-9), dof=st.floats(1.0, 1e12))
def test_critical_values_are_scipys(p: float, dof: float) -> None:
    assert student_quantile(p, np.array([dof]))[0] == pytest.approx(stats.t.ppf(p, dof), rel=1e-9, abs=1e-14)
    assert student_quantile(p, np.array([math.inf]))[0] == pytest.approx(stats.norm.ppf(p), rel=1e-12, abs=1e-15)


def test_the_expansion_meets_the_iteration_where_it_takes_over() -> None:
    for p in (0.75, 0.975, 0.9999, 1 - 1e-9):
        edge = 2_000.0 * max(1.0, float(stats.norm.ppf(p)) ** 2 / 4.0)
        below, above = student_quantile(p, np.array([edge * (1 - 1e-15), edge]))
        assert above == pytest.approx(below, rel=1e-14)


def test_welch_in_columns_is_scipys_from_units() -> None:
    rng = np.random.default_rng(8)
    units = [rng.lognormal(1.0, 1.0, int(n)) for n in rng.integers(50, 200, 40)]
    arms = arms_from_values(np.repeat(np.arange(40), [len(x) for x in units]), np.concatenate(units))
    found = compare_columns(arms.take(slice(0, 40, 2)), arms.take(slice(1, 40, 2)), aggregation="mean")
    for i in range(20):
        due = stats.ttest_ind(units[2 * i + 1], units[2 * i], equal_var=False)
        assert found.p_value[i] == pytest.approx(due.pvalue, rel=1e-9)
        assert found.ci_low[i] == pytest.approx(due.confidence_interval().low, rel=1e-9)


def test_mann_whitney_in_columns_is_scipys() -> None:
    rng = np.random.default_rng(9)
    arms = [rng.negative_binomial(1, 0.2, int(n)) for n in rng.integers(50, 300, 30)]
    columns = [ValueCountColumns.from_arms([ValueCounts.of(arm) for arm in arms[side::2]]) for side in (0, 1)]
    found = mann_whitney_columns(*columns)
    for i in range(15):
        due = stats.mannwhitneyu(arms[2 * i + 1], arms[2 * i], method="asymptotic")
        assert (found.u[i], found.p_value[i]) == pytest.approx((due.statistic, due.pvalue), rel=1e-9)


@pytest.mark.parametrize(("name", "oracle"), CORRECTIONS.items())
def test_many_families_at_once_are_statsmodels_one_by_one(name: str, oracle: str) -> None:
    rng = np.random.default_rng(10)
    family = rng.integers(0, 9, 120)
    p = np.where(rng.random(120) < 0.05, np.nan, rng.random(120) ** 4)
    found = correct(p, correction=name, family=family)
    for label in range(9):
        rows = (family == label) & ~np.isnan(p)
        due = multipletests(p[rows], method=oracle)[1]
        assert found.p_value_adjusted[rows] == pytest.approx(due, rel=1e-12)
        assert (found.size[rows] == rows.sum()).all()
    assert np.isnan(found.p_value_adjusted[np.isnan(p)]).all()


def test_sizes_of_many_baselines_are_statsmodels() -> None:
    sd, effect = np.array([1.0, 3.0, 10.0]), np.array([0.05, 0.1, 0.02])
    found = sample_size_columns(BaselineColumns.of(10.0, sd**2), effect)
    for i in range(3):
        due = NormalIndPower().solve_power(10.0 * effect[i] / sd[i], alpha=0.05, power=0.8)
        assert found.units[i, 0] == pytest.approx(max(due, 50.0), abs=1.0)
    back = minimum_effect_columns(BaselineColumns.of(10.0, sd**2), found.total)
    assert (back.lift <= effect * (1 + 1e-9)).all()
    reached = power_columns(BaselineColumns.of(10.0, sd**2), back.lift, found.total)
    assert reached == pytest.approx([0.8] * 3, rel=1e-9)


def test_baselines_come_from_columns_of_arms() -> None:
    arms = ArmColumns.of([100, 100], [0.2, 5.0], [None, 99.0], conversions=[20, None])
    found = BaselineColumns.from_arms(arms, ["occurrence", "mean"])
    assert found.variance.tolist() == pytest.approx([0.16, 1.0])
    assert found.row(0).aggregation == "occurrence"
    with pytest.raises(ValueError, match="between 0 and 1"):
        BaselineColumns.of(1.5, 1.0, "occurrence")


def test_rows_that_cannot_be_planned_have_reasons_beside_those_that_can() -> None:
    baselines = BaselineColumns.of([0.0, 0.5, 10.0, 10.0, 0.9], [1.0, 0.25, 0.0, math.nan, 1.0],
                                   ["mean", "occurrence", "mean", "mean", "occurrence"])  # fmt: skip
    found = sample_size_columns(baselines, [0.1, 0.1, 0.1, 0.1, 0.5])
    codes = ["zero_baseline", None, "zero_variance", "variance_undefined", "effect_out_of_range"]
    assert found.reason.tolist() == codes
    assert np.isnan(found.total).tolist() == [True, False, True, True, True]
    least = minimum_effect_columns(BaselineColumns.of([10.0, 10.0], [9.0, 9.0]), [60.0, 6_000.0])
    assert least.reason.tolist() == ["too_few_units", None]
    sums = sample_size_columns(BaselineColumns.of([10.0], [9.0]), 0.0, Design(margin=0.02))
    assert sums.reason.tolist() == [None]


def test_days_of_many_plans() -> None:
    found = days_needed_columns([1_000.0, 1_000.0, 5.0], [[100.0, 100.0], [0.0, 0.0], [0.0, 5.0]], window_days=3)
    assert found.enrolment_days.tolist()[::2] == [10.0, 2.0]
    assert found.whole_weeks_days.tolist()[::2] == [14.0, 7.0]
    assert found.reason.tolist() == [None, "no_traffic", None]


def test_the_best_arm_of_many_experiments_and_what_one_arm_spoils() -> None:
    arms = ArmColumns.of([100, 100, 100, 9, 100, 100], [1.0, 1.2, 5.0, 5.0, 2.0, 3.0], [99.0] * 6)
    found = best_arm_columns(arms, experiment=["x", "x", "y", "y", "x", "alone"], aggregation="mean")
    assert found.reason.tolist() == [None, None, "too_few_units", "too_few_units", None, "no_control"]
    chances = found.chance_to_be_best[[0, 1, 4]]
    assert chances.sum() == pytest.approx(1.0)
    draws = np.random.default_rng(1).normal([1.0, 1.2, 2.0], 0.1, (200_000, 3)).argmax(axis=1)
    assert chances == pytest.approx(np.bincount(draws, minlength=3) / 200_000, abs=0.01)
    assert np.isnan(found.expected_loss[[2, 3, 5]]).all()


def test_newcombes_floors_have_reasons_per_row() -> None:
    found = newcombe_columns(
        [9, 2, 200, 9], [90, 90, 90, 40], [9, 9, 9, 9], [90, 90, 90, 90], min_units=50, min_conversions=5
    )
    assert found.reason.tolist() == [None, "too_few_conversions", "not_a_proportion", "too_few_units"]
    assert np.isnan(found.ci_low).tolist() == [False, True, True, True]


def test_a_winsorised_metric_stands_beside_the_raw_one() -> None:
    rng = np.random.default_rng(2)
    units: list[Any] = [rng.pareto(1.2, 900) for _ in range(2)]
    arms = [ValueCounts.of(values) for values in units]
    pair = winsorised_beside(*(ValueCountColumns.from_arms([arm]) for arm in arms), high=0.99)
    due = np.quantile(np.concatenate(units), 0.99, method="inverted_cdf")
    for side, values in zip(pair.winsorised, units, strict=True):
        held = np.minimum(values, due)
        assert side.mean[0] == pytest.approx(held.mean(), rel=1e-12)
        assert side.m2[0] == pytest.approx(held.var() * 900, rel=1e-9)
    assert [side.mean[0] for side in pair.raw] == pytest.approx([values.mean() for values in units])
    assert (pair.low[0], pair.high[0]) == (pytest.approx(min(map(min, units))), pytest.approx(due))
