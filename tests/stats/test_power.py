"""Plans against statsmodels, published formulas, and experiments simulated from them."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.power import NormalIndPower

from gateway.stats import (
    Baseline,
    Design,
    Desired,
    Duration,
    LiftMethod,
    MinimumEffect,
    NotComputable,
    SampleSize,
    days_needed,
    minimum_effect,
    power_curve,
    sample_size,
)
from gateway.stats.sequential import critical_value
from tests.stats.arms import arm, converted, ratio_arm

MEAN, RATE = Baseline.mean(10.0, 3.0), Baseline.proportion(0.05)


def sized(baseline: Baseline, effect: float, design: Design | None = None, **options: Any) -> SampleSize:
    found = sample_size(baseline, effect, design, **options)
    assert isinstance(found, SampleSize)
    return found


def least(baseline: Baseline, total: float, design: Design | None = None) -> MinimumEffect:
    found = minimum_effect(baseline, total, design)
    assert isinstance(found, MinimumEffect)
    return found


@pytest.mark.parametrize("power", [0.5, 0.8, 0.95])
@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
@pytest.mark.parametrize("ratio", [1.0, 0.25, 3.0])
@pytest.mark.parametrize("one_sided", [False, True])
def test_means_need_what_statsmodels_says(power: float, level: float, ratio: float, one_sided: bool) -> None:
    design = Design(power=power, level=level, shares=(1.0, ratio), one_sided=one_sided)
    found = sized(MEAN, 0.02, design)
    due = NormalIndPower().solve_power(
        0.2 / 3.0, alpha=1 - level, power=power, ratio=ratio, alternative="larger" if one_sided else "two-sided"
    )
    assert found.units[0] == pytest.approx(due, abs=1.0)
    assert found.units[1] == pytest.approx(due * ratio, abs=1.0)
    assert power <= found.power < power + 1e-3
    assert found.total == sum(found.units)


def test_proportions_need_the_textbook_number() -> None:
    p, q, z, b = 0.05, 0.06, stats.norm.ppf(0.975), stats.norm.ppf(0.8)
    mean = (p + q) / 2
    due = (z * math.sqrt(2 * mean * (1 - mean)) + b * math.sqrt(p * (1 - p) + q * (1 - q))) ** 2 / (q - p) ** 2
    assert sized(RATE, 0.2).units[0] == pytest.approx(due, abs=1.0)
    assert sized(RATE, 0.01, scale="difference").units == sized(RATE, 0.2).units


def test_sixteen_variances_over_the_squared_effect_is_the_rule_of_thumb() -> None:
    assert sized(MEAN, 0.01).units[0] == pytest.approx(16 * 9.0 / 0.1**2, rel=0.03)


def test_the_relative_effect_by_delta_solves_growthbooks_quadratic() -> None:
    n, k = 500, stats.norm.ppf(0.975) + stats.norm.ppf(0.8)
    q = 9.0 * k * k / (n * 100.0)
    found = least(MEAN, 2 * n, Design(lift_method=LiftMethod.DELTA))
    assert found.lift == pytest.approx((q + math.sqrt(2 * q - q * q)) / (1 - q), rel=1e-5)
    assert least(MEAN, 2 * n).lift == pytest.approx(math.sqrt(2 * q), rel=1e-5), "Fieller's test is the difference's"


def test_where_the_baseline_is_all_noise_no_relative_effect_can_be_found() -> None:
    found = minimum_effect(Baseline.mean(0.1, 30.0), 200, Design(lift_method=LiftMethod.DELTA))
    assert isinstance(found, NotComputable)
    assert found.code == "effect_unreachable"


def test_cuped_saves_its_share_of_the_units() -> None:
    found = sized(MEAN, 0.01, Design(variance_reduction=0.4))
    assert found.total == pytest.approx(0.6 * found.without_adjustment, abs=4)
    assert found.without_adjustment == sized(MEAN, 0.01).total


def test_always_valid_judging_costs_what_its_critical_value_does() -> None:
    found = sized(MEAN, 0.01, Design(sequential=True))
    c, z, b = float(critical_value(np.array(float(found.total)))), stats.norm.ppf(0.975), stats.norm.ppf(0.8)
    assert found.fixed_horizon == sized(MEAN, 0.01).total
    assert found.total / found.fixed_horizon == pytest.approx(((c + b) / (z + b)) ** 2, rel=1e-3)
    assert sized(MEAN, 0.01, Design(sequential=True, one_sided=True)).total < found.total


def test_several_arms_are_corrected_and_bound_by_the_smallest() -> None:
    design = Design(shares=(0.4, 0.4, 0.2), corrected=True)
    found = sized(MEAN, 0.02, design)
    alone = sized(MEAN, 0.02, Design(shares=(0.4, 0.2), level=0.975))
    assert found.units[0] == pytest.approx(alone.units[0], abs=1)
    assert found.units[1] == found.units[0]
    assert found.units[2] == pytest.approx(alone.units[1], abs=1)


def test_non_inferiority_is_the_shifted_one_sided_test() -> None:
    found = sized(MEAN, 0.0, Design(margin=0.02))
    k, kept = stats.norm.ppf(0.975) + stats.norm.ppf(0.8), 0.98
    assert found.units[0] == pytest.approx(k**2 * 9.0 * (1 + kept**2) / 0.2**2, abs=1)
    assert sized(MEAN, 0.01, Design(margin=0.02)).total < found.total < sized(MEAN, -0.01, Design(margin=0.02)).total
    rise = sized(MEAN, 0.0, Design(margin=0.02, desired=Desired.DECREASE))
    assert rise.units[0] == pytest.approx(k**2 * 9.0 * (1 + 1.02**2) / 0.2**2, abs=1)


def test_the_smallest_effect_with_a_margin_may_be_a_loss() -> None:
    found = least(MEAN, 200_000, Design(margin=0.02))
    assert -0.02 < found.lift < 0.0
    assert float(power_curve(MEAN, found.lift, 200_000, Design(margin=0.02))) == pytest.approx(0.8, rel=1e-9)


DESIGNS = [
    Design(),
    Design(power=0.9, shares=(0.9, 0.1)),
    Design(sequential=True),
    Design(one_sided=True, variance_reduction=0.3),
    Design(shares=(1, 1, 1, 1), corrected=True, sequential=True),
    Design(lift_method=LiftMethod.DELTA),
]


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("baseline", [MEAN, RATE, Baseline.of(ratio_arm(1)), Baseline.mean(-4.0, 3.0)])
def test_size_effect_and_power_undo_each_other(design: Design, baseline: Baseline) -> None:
    found = sized(baseline, 0.03, design)
    back = least(baseline, min(n / share for n, share in zip(found.units, design.split, strict=True)), design)
    assert back.lift == pytest.approx(0.03, rel=1e-2)
    assert float(power_curve(baseline, back.lift, back.total, design)) == pytest.approx(design.power, abs=1e-3)


def test_names_in_plain_text_mean_the_same() -> None:
    plain: Any = {"desired": "decrease", "lift_method": "delta"}
    named = Design(desired=Desired.DECREASE, lift_method=LiftMethod.DELTA)
    assert least(RATE, 100_000, Design(**plain)).difference == least(RATE, 100_000, named).difference


def test_where_lower_is_better_the_smallest_effect_is_a_fall() -> None:
    found = least(RATE, 100_000, Design(desired=Desired.DECREASE))
    assert found.difference < 0
    assert found.lift == pytest.approx(found.difference / 0.05)


@given(
    effect=st.floats(0.005, 0.5),
    bigger=st.floats(1.01, 3.0),
    reduction=st.floats(0.0, 0.9),
    share=st.floats(0.05, 0.5),
)
def test_bigger_effects_better_covariates_and_even_splits_need_less(
    effect: float, bigger: float, reduction: float, share: float
) -> None:
    design = Design(shares=(1 - share, share))
    here = sized(MEAN, effect, design)
    assert sized(MEAN, effect * bigger, design).total <= here.total
    assert sized(MEAN, effect, replace(design, variance_reduction=reduction)).total <= here.total
    assume(not here.below_floor)
    assert sized(MEAN, effect, replace(design, shares=(0.5, 0.5))).total <= here.total + 2
    assert sized(MEAN, effect, replace(design, power=0.9)).total > here.total


def test_plans_come_true() -> None:
    plan, rng, rounds = sized(RATE, 0.25, Design(shares=(0.7, 0.3))), np.random.default_rng(5), 4_000
    x = rng.binomial(plan.units[0], 0.05, rounds) / plan.units[0]
    y = rng.binomial(plan.units[1], 0.0625, rounds) / plan.units[1]
    pooled = (x * plan.units[0] + y * plan.units[1]) / plan.total
    z = (y - x) / np.sqrt(pooled * (1 - pooled) * (1 / plan.units[0] + 1 / plan.units[1]))
    found = float((np.abs(z) > stats.norm.ppf(0.975)).mean())
    assert abs(found - plan.power) < 4 * math.sqrt(0.16 / rounds)


def test_a_curve_is_its_points() -> None:
    effects, totals = np.array([0.01, 0.02, 0.05]), np.array([[1_000.0], [9_000.0]])
    curve = power_curve(MEAN, effects, totals)
    assert curve.shape == (2, 3)
    for i, total in enumerate(totals.ravel()):
        for j, effect in enumerate(effects):
            assert curve[i, j] == power_curve(MEAN, effect, total)
    assert np.isnan(power_curve(Baseline.proportion(0.9), [0.5], 1_000))[0]


def test_tiny_plans_are_raised_to_the_kernels_floor() -> None:
    found = sized(MEAN, 5.0, Design(shares=(0.8, 0.2)))
    assert found.below_floor
    assert found.units == (200, 50)
    assert found.power > 0.999


@pytest.mark.parametrize(
    ("baseline", "effect", "design", "code"),
    [
        pytest.param(Baseline.mean(0.0, 1.0), 0.1, Design(), "zero_baseline", id="lift of zero"),
        pytest.param(Baseline.mean(1.0, 0.0), 0.1, Design(), "zero_variance", id="constant"),
        pytest.param(Baseline.mean(math.nan, 1.0), 0.1, Design(), "variance_undefined", id="unknown"),
        pytest.param(Baseline.proportion(0.6), 0.9, Design(), "effect_out_of_range", id="over 100 %"),
        pytest.param(MEAN, 0.0, Design(), "effect_unreachable", id="no effect"),
        pytest.param(MEAN, -0.1, Design(one_sided=True), "effect_unreachable", id="the other side"),
        pytest.param(MEAN, -0.03, Design(margin=0.02), "effect_unreachable", id="beyond the margin"),
        pytest.param(MEAN, 1e-9, Design(), "effect_unreachable", id="too small for anyone"),
    ],
)
def test_what_cannot_be_planned_has_a_reason(baseline: Baseline, effect: float, design: Design, code: str) -> None:
    found = sample_size(baseline, effect, design)
    assert isinstance(found, NotComputable)
    assert found.code == code
    assert found.reason


def test_effects_are_found_only_from_enough_units() -> None:
    found = minimum_effect(MEAN, 99)
    assert isinstance(found, NotComputable)
    assert found.code == "too_few_units"
    assert isinstance(minimum_effect(Baseline.proportion(0.001), 100, Design(desired=Desired.DECREASE)), NotComputable)


@pytest.mark.parametrize(
    "options",
    [
        {"power": 1.0},
        {"level": 0.0},
        {"shares": (1.0,)},
        {"shares": (0.5, 0.0)},
        {"variance_reduction": 1.0},
        {"margin": 0.0},
        {"lift_method": LiftMethod.LOG},
    ],
)
def test_designs_that_are_none_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"level|power|shares|reduction|margin|fieller"):
        Design(**options)


def test_baselines_come_from_arms() -> None:
    assert Baseline.of(arm(1)).variance == arm(1).variance
    assert Baseline.of(converted(100, 5), "occurrence") == Baseline.proportion(0.05)
    assert Baseline.of(ratio_arm(1)).aggregation == "ratio"
    with pytest.raises(ValueError, match="between 0 and 1"):
        Baseline.proportion(5.0)


@pytest.mark.parametrize(
    ("total", "daily", "window", "found"),
    [
        (10_000, 1_000, 0, Duration(10, 10, 14, 10_000.0)),
        (10_001, 1_000, 7, Duration(11, 18, 21, 11_000.0)),
        (10_000, [1_000, 0, 500], 0, Duration(19, 19, 21, 10_000.0)),
        (1, 1_000, 0.5, Duration(1, 2, 7, 1_000.0)),
        (0, 10, 0, Duration(0, 0, 0, 0.0)),
    ],
)
def test_days_follow_the_traffic(total: float, daily: Any, window: float, found: Duration) -> None:
    assert days_needed(total, daily, window_days=window) == found


def test_without_traffic_there_are_no_days() -> None:
    for daily in (0.0, [0.0, 0.0], 1e-9):
        found = days_needed(100, daily)
        assert isinstance(found, NotComputable)
        assert found.code == "no_traffic"
    with pytest.raises(ValueError, match="not negative"):
        days_needed(100, -1.0)
