"""The difference against SciPy and statsmodels, from two units to a thousand million."""

import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest

from gateway.stats import Comparison, compare
from gateway.stats.sample import RatioStats, VariantStats
from tests.stats.arms import converted, moments, ratio_arm


def compared(
    control: VariantStats | RatioStats,
    treatment: VariantStats | RatioStats,
    *,
    aggregation: str = "mean",
    level: float = 0.95,
) -> Comparison:
    found = compare(control, treatment, aggregation=aggregation, level=level, min_units=2)
    assert isinstance(found, Comparison)
    return found


@pytest.mark.parametrize("n_control", [2, 7, 50, 1_000, 10**9])
@pytest.mark.parametrize("n_treatment", [2, 60, 10**9])
@pytest.mark.parametrize("variances", [(1.0, 1.0), (0.0, 4.0), (1e-8, 1e8)])
def test_welch_is_scipys(n_control: int, n_treatment: int, variances: tuple[float, float]) -> None:
    control, treatment = moments(n_control, 5.0, variances[0]), moments(n_treatment, 5.3, variances[1])
    found = compared(control, treatment)
    oracle = stats.ttest_ind_from_stats(
        5.3, math.sqrt(variances[1]), n_treatment, 5.0, math.sqrt(variances[0]), n_control, equal_var=False
    )
    error = math.sqrt(variances[0] / n_control + variances[1] / n_treatment)
    reach = stats.t.ppf(0.975, found.dof) * error
    assert found.statistic == pytest.approx(oracle.statistic, rel=1e-10)
    assert found.p_value == pytest.approx(oracle.pvalue, rel=1e-7, abs=1e-307)
    assert found.difference.ci_low == pytest.approx(0.3 - reach, rel=1e-9, abs=1e-12)
    assert found.difference.ci_high == pytest.approx(0.3 + reach, rel=1e-9, abs=1e-12)
    assert found.method == "welch"


@pytest.mark.parametrize("level", [0.8, 0.9, 0.99, 0.999])
def test_the_interval_follows_its_level(level: float) -> None:
    found = compared(moments(40, 1.0, 2.0), moments(90, 1.5, 3.0), level=level)
    reach = stats.t.ppf(0.5 + level / 2, found.dof) * found.standard_error
    assert found.difference.ci_high == pytest.approx(0.5 + reach, rel=1e-12)
    assert found.level == level


@pytest.mark.parametrize("target", [1e-20, 1e-100, 1e-300])
@pytest.mark.parametrize("n", [100, 100_000, 10**9])
def test_tiny_p_values_stay_what_they_are(target: float, n: int) -> None:
    dof = 2.0 * (n - 1)
    distance = stats.t.isf(target / 2, dof) * math.sqrt(2.0 / n)
    found = compared(moments(n, 0.0, 1.0), moments(n, distance, 1.0))
    assert found.p_value == pytest.approx(target, rel=1e-6)


@pytest.mark.parametrize(
    ("n_control", "x_control", "n_treatment", "x_treatment"),
    [(50, 5, 60, 9), (21_306, 2_262, 21_307, 3_894), (10**9, 10**7, 10**9, 10**7 + 20_000), (200, 199, 300, 300)],
)
def test_two_proportion_test_pools_and_its_interval_does_not(
    n_control: int, x_control: int, n_treatment: int, x_treatment: int
) -> None:
    found = compared(converted(n_control, x_control), converted(n_treatment, x_treatment), aggregation="occurrence")
    z, p = proportions_ztest([x_treatment, x_control], [n_treatment, n_control])
    low, high = confint_proportions_2indep(x_treatment, n_treatment, x_control, n_control, method="wald")
    assert found.method == "two_proportion_z"
    assert found.statistic == pytest.approx(z, rel=1e-9)
    assert found.p_value == pytest.approx(p, rel=1e-7)
    assert found.difference.ci_low == pytest.approx(low, rel=1e-8, abs=1e-12)
    assert found.difference.ci_high == pytest.approx(high, rel=1e-8, abs=1e-12)
    assert math.isinf(found.dof)


def test_two_proportion_p_keeps_its_tail() -> None:
    found = compared(converted(100_000, 10_000), converted(100_000, 15_000), aggregation="occurrence")
    assert found.p_value == pytest.approx(2.0 * stats.norm.sf(found.statistic), rel=1e-9)
    assert 0.0 < found.p_value < 1e-200


def test_ratio_is_tested_on_its_linearised_values() -> None:
    rng = np.random.default_rng(11)
    sides = []
    for price in (20.0, 21.0):
        orders = rng.poisson(1.5, 800)
        sides.append((orders * price + rng.normal(0, 4.0, 800), orders.astype(float)))
    arms = [RatioStats.from_values(top.tolist(), bottom.tolist()) for top, bottom in sides]
    found = compared(arms[0], arms[1], aggregation="ratio")
    errors, ratios = [], []
    for top, bottom in sides:
        ratio = top.sum() / bottom.sum()
        ratios.append(ratio)
        errors.append(np.var((top - ratio * bottom) / bottom.mean(), ddof=1) / len(top))
    z = (ratios[1] - ratios[0]) / math.sqrt(sum(errors))
    assert found.method == "ratio_z"
    assert found.difference.value == pytest.approx(ratios[1] - ratios[0], rel=1e-12)
    assert found.statistic == pytest.approx(z, rel=1e-10)
    assert found.p_value == pytest.approx(2 * stats.norm.sf(abs(z)), rel=1e-8)


@pytest.mark.parametrize("aggregation", ["count", "sum", "mean"])
def test_counts_sums_and_means_are_judged_by_welch(aggregation: str) -> None:
    assert compared(moments(60, 1.0, 1.0), moments(60, 1.1, 1.0), aggregation=aggregation).method == "welch"


def test_a_ratio_with_denominator_one_agrees_with_the_plain_mean() -> None:
    data = [float(value) for value in np.random.default_rng(3).normal(5, 1, 300)]
    plain = VariantStats.from_values(data)
    as_ratio = RatioStats.from_values(data, [1.0] * 300)
    other = ratio_arm(1, 300)
    assert as_ratio.mean == plain.mean
    assert as_ratio.variance == pytest.approx(plain.variance, rel=1e-13)
    assert compared(other, as_ratio, aggregation="ratio").difference.value == pytest.approx(plain.mean - other.mean)
