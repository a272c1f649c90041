"""Relative lift: Fieller by brute force over its definition, delta and log by their textbooks, odd baselines."""

import math
from dataclasses import astuple

import numpy as np
import pytest
from scipy import optimize, stats
from statsmodels.stats.weightstats import DescrStatsW

from gateway.stats import Comparison, Estimate, NotComputable, ReasonCode, VariantStats, compare
from tests.stats.arms import arm, converted, moments, values

Z = float(stats.norm.ppf(0.975))


def lift_of(
    control: VariantStats, treatment: VariantStats, *, lift_method: str = "fieller"
) -> Estimate | NotComputable:
    found = compare(control, treatment, min_units=2, lift_method=lift_method)
    assert isinstance(found, Comparison)
    return found.lift


def fieller_by_roots(control: VariantStats, treatment: VariantStats, critical: float) -> list[float]:
    """The lifts at which the test of mT - (1 + L) mC, divided by |mC|, sits exactly at the critical value."""
    sign = math.copysign(1.0, control.mean)

    def excess(lift: float) -> float:
        ratio = 1.0 + sign * lift
        error = treatment.variance / treatment.n + ratio * ratio * control.variance / control.n
        return (treatment.mean - ratio * control.mean) ** 2 - critical**2 * error

    point = (treatment.mean - control.mean) / abs(control.mean)
    step = 1e-9 + abs(point)
    while excess(point - step) < 0 or excess(point + step) < 0:
        step *= 2.0
    return [optimize.brentq(excess, point, end, xtol=1e-15) for end in (point - step, point + step)]


@pytest.mark.parametrize(
    ("control", "treatment"),
    [
        pytest.param(moments(400, 10.0, 9.0), moments(500, 11.0, 8.0), id="plain"),
        pytest.param(moments(400, -10.0, 9.0), moments(500, -11.0, 8.0), id="negative baseline, worse"),
        pytest.param(moments(400, -10.0, 9.0), moments(500, 4.0, 8.0), id="negative baseline, across zero"),
        pytest.param(moments(100, 0.5, 4.0), moments(100, 0.7, 4.0), id="baseline barely off zero"),
        pytest.param(moments(10**9, 10.0, 9.0), moments(10**9, 10.001, 9.0), id="a thousand million units"),
        pytest.param(moments(5_000, 1.0, 1.0), moments(5_000, 10_001.0, 1e6), id="lift of 1e4"),
        pytest.param(converted(1_000, 12), converted(1_000, 30), id="few conversions"),
    ],
)
def test_fieller_holds_every_lift_that_its_test_does_not_reject(control: VariantStats, treatment: VariantStats) -> None:
    found = lift_of(control, treatment)
    low, high = fieller_by_roots(control, treatment, Z)
    assert isinstance(found, Estimate)
    assert found.value == pytest.approx((treatment.mean - control.mean) / abs(control.mean), rel=1e-12)
    assert astuple(found)[1:] == pytest.approx((low, high), rel=1e-6)


def test_hillstrom_mens_email_visits() -> None:
    """A published experiment: 10.6 % of control visited, 18.3 % of the men's e-mail arm."""
    found = compare(converted(21_306, 2_262), converted(21_307, 3_894), aggregation="occurrence")
    assert isinstance(found, Comparison)
    assert isinstance(found.lift, Estimate)
    assert round(found.difference.value, 6) == 0.076590
    assert round(found.lift.value, 4) == 0.7214
    assert found.statsig == "significant_positive"


@pytest.mark.parametrize("mean", [0.19, 0.0001, -0.19])
def test_lift_is_withheld_where_the_control_cannot_be_told_from_zero(mean: float) -> None:
    found = compare(moments(100, mean, 1.0), moments(100, 3.0, 1.0))
    assert isinstance(found, Comparison)
    assert isinstance(found.lift, NotComputable)
    assert found.lift.code == ReasonCode.LIFT_UNBOUNDED
    assert found.flags == ("unstable_baseline", "lift_withheld")
    assert found.statsig == "significant_positive", "the difference stands on its own"


def test_lift_over_zero_is_withheld_for_that_reason() -> None:
    found = compare(moments(100, 0.0, 0.0), moments(100, 3.0, 1.0))
    assert isinstance(found, Comparison)
    assert isinstance(found.lift, NotComputable)
    assert found.lift.code == ReasonCode.ZERO_BASELINE
    assert found.difference.value == 3.0


@pytest.mark.parametrize(
    ("errors", "flags"), [(9.99, ("unstable_baseline",)), (10.01, ()), (-9.99, ("unstable_baseline",))]
)
def test_a_baseline_within_ten_standard_errors_of_zero_is_flagged(errors: float, flags: tuple[str, ...]) -> None:
    found = compare(moments(100, errors * 0.1, 1.0), moments(100, 1.0, 1.0))
    assert isinstance(found, Comparison)
    assert found.flags == flags


def test_delta_is_the_textbook_form() -> None:
    control, treatment = moments(80, 2.0, 1.5), moments(120, 2.6, 2.5)
    lift = 0.3
    variance = 2.5 / (120 * 4.0) + 2.6**2 * 1.5 / (80 * 16.0)
    found = lift_of(control, treatment, lift_method="delta")
    assert isinstance(found, Estimate)
    assert astuple(found) == pytest.approx((lift, lift - Z * variance**0.5, lift + Z * variance**0.5))


def test_log_is_the_interval_of_the_ratio_of_means() -> None:
    control, treatment = values(1, 90, mean=3.0, sd=1.0), values(2, 70, mean=3.5, sd=2.0)
    parts = [DescrStatsW(side).std_mean / np.mean(side) for side in (control, treatment)]
    total = sum(part**2 for part in parts)
    dof = total**2 / sum(part**4 / (len(side) - 1) for part, side in zip(parts, (control, treatment), strict=True))
    reach = stats.t.ppf(0.975, dof) * math.sqrt(total)
    ratio, stretch = np.mean(treatment) / np.mean(control), math.exp(reach)
    found = lift_of(VariantStats.from_values(control), VariantStats.from_values(treatment), lift_method="log")
    assert isinstance(found, Estimate)
    assert astuple(found) == pytest.approx((ratio - 1, ratio / stretch - 1, ratio * stretch - 1))


def test_log_needs_two_positive_means() -> None:
    found = lift_of(moments(100, 1.0, 1.0), moments(100, -1.0, 1.0), lift_method="log")
    assert isinstance(found, NotComputable)
    assert found.code == ReasonCode.LIFT_UNDEFINED


def test_the_three_intervals_agree_where_the_baseline_is_certain() -> None:
    control, treatment = arm(1, 4_000), arm(2, 4_000, mean=10.5)
    found = [lift_of(control, treatment, lift_method=name) for name in ("fieller", "delta", "log")]
    lows = [estimate.ci_low for estimate in found if isinstance(estimate, Estimate)]
    assert len(lows) == 3
    assert max(lows) - min(lows) < 2e-4


def test_an_unknown_lift_method_is_named() -> None:
    with pytest.raises(ValueError, match="bootstrap"):
        compare(arm(1), arm(2), lift_method="bootstrap")
