"""Post-stratification against its formula worked out stratum by stratum, and against simulation."""

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from gateway.stats import (
    ArmColumns,
    Estimate,
    NotComputable,
    PostStratified,
    VariantStats,
    poststratify,
    poststratify_columns,
)
from tests.stats.arms import converted, moments

CONTROL = {"ios": moments(400, 10.0, 4.0), "web": moments(900, 2.0, 1.0), "android": moments(300, 5.0, 9.0)}
TREATMENT = {"ios": moments(420, 10.5, 4.0), "web": moments(880, 2.1, 1.5), "android": moments(330, 5.0, 8.0)}


def found(control: dict[str, VariantStats], treatment: dict[str, VariantStats], **options: Any) -> PostStratified:
    result = poststratify(control, treatment, **options)
    assert isinstance(result, PostStratified)
    return result


def test_effects_are_weighted_by_observed_shares() -> None:
    total = sum(arm.n for side in (CONTROL, TREATMENT) for arm in side.values())
    shares = {name: (CONTROL[name].n + TREATMENT[name].n) / total for name in CONTROL}
    effects = {name: TREATMENT[name].mean - CONTROL[name].mean for name in CONTROL}
    effect = sum(shares[name] * effects[name] for name in shares)
    variance = sum(
        shares[name] ** 2 * (CONTROL[name].variance / CONTROL[name].n + TREATMENT[name].variance / TREATMENT[name].n)
        for name in shares
    )
    variance += (sum(shares[name] * effects[name] ** 2 for name in shares) - effect**2) / total
    result = found(CONTROL, TREATMENT)
    assert result.difference.value == pytest.approx(effect, rel=1e-10)
    assert result.standard_error == pytest.approx(math.sqrt(variance), rel=1e-10)
    assert result.p_value == pytest.approx(2 * stats.norm.sf(effect / math.sqrt(variance)), rel=1e-8)
    assert dict(zip(result.strata, result.shares, strict=True)) == pytest.approx(shares)
    assert result.variance_reduction > 0.6, "most of the spread is between the platforms"


def test_lift_covers_every_value_that_the_test_does_not_reject() -> None:
    result = found(CONTROL, TREATMENT)
    total = sum(arm.n for side in (CONTROL, TREATMENT) for arm in side.values())
    names = list(CONTROL)
    share = np.array([CONTROL[name].n + TREATMENT[name].n for name in names]) / total
    low = np.array([CONTROL[name].mean for name in names])
    high = np.array([TREATMENT[name].mean for name in names])
    within = [np.array([side[name].variance / side[name].n for name in names]) for side in (CONTROL, TREATMENT)]

    def score(lift: float) -> float:
        gap = high - (1 + lift) * low
        centre = share @ gap
        spread = share**2 @ (within[1] + (1 + lift) ** 2 * within[0]) + (share @ gap**2 - centre**2) / total
        return float(centre / math.sqrt(spread))

    assert isinstance(result.lift, Estimate)
    assert score(result.lift.ci_low) == pytest.approx(stats.norm.ppf(0.975), rel=1e-8)
    assert score(result.lift.ci_high) == pytest.approx(-stats.norm.ppf(0.975), rel=1e-8)


def test_one_stratum_is_the_plain_difference() -> None:
    result = found({"all": CONTROL["ios"]}, {"all": TREATMENT["ios"]})
    assert result.difference.value == pytest.approx(0.5)
    assert result.standard_error == pytest.approx(math.sqrt(4.0 / 400 + 4.0 / 420), rel=1e-12)
    assert result.variance_reduction == pytest.approx(0.0, abs=1e-12)


def test_the_interval_covers_the_truth_when_shares_are_drawn() -> None:
    rng, covered, rounds = np.random.default_rng(4), 0, 1_000
    means, effects, shares = np.array([1.0, 5.0, 9.0]), np.array([0.0, 1.0, -0.4]), np.array([0.5, 0.3, 0.2])
    for _ in range(rounds):
        sides = []
        for treated in (0.0, 1.0):
            stratum = rng.choice(3, 150, p=shares)
            outcome = means[stratum] + treated * effects[stratum] + rng.normal(0, 1, 150)
            sides.append({str(k): VariantStats.from_values(outcome[stratum == k].tolist()) for k in range(3)})
        result = found(sides[0], sides[1])
        covered += result.difference.ci_low <= shares @ effects <= result.difference.ci_high
    assert abs(covered / rounds - 0.95) < 4 * math.sqrt(0.95 * 0.05 / rounds)


@pytest.mark.parametrize(
    ("control", "treatment", "code", "text"),
    [
        pytest.param({}, {}, "too_few_units", "no strata", id="nothing"),
        pytest.param(
            CONTROL, {"ios": TREATMENT["ios"]}, "thin_stratum", "'web' has fewer than two", id="missing in treatment"
        ),
        pytest.param(
            {"a": moments(20, 1.0, 1.0), "b": moments(20, 1.0, 1.0)},
            CONTROL,
            "too_few_units",
            "control has 40",
            id="40",
        ),
        pytest.param(
            {"a": moments(90, 1.0, 0.0)}, {"a": moments(90, 1.0, 0.0)}, "zero_variance", "no stratum", id="no variance"
        ),
        pytest.param(
            {"a": moments(90, 1.0, math.nan)}, {"a": moments(90, 1, 1)}, "variance_undefined", "not finite", id="nan"
        ),
    ],
)
def test_what_cannot_be_weighted_has_a_reason(
    control: dict[str, VariantStats], treatment: dict[str, VariantStats], code: str, text: str
) -> None:
    result = poststratify(control, treatment)
    assert isinstance(result, NotComputable)
    assert result.code == code
    assert text in result.reason


def test_columns_and_pairs_agree_to_the_last_bit_wherever_the_rows_stand() -> None:
    control = ArmColumns.from_stats([CONTROL["ios"], moments(5, 1, 1), CONTROL["web"], CONTROL["android"]])
    treatment = ArmColumns.from_stats([TREATMENT["ios"], moments(500, 1, 1), TREATMENT["web"], TREATMENT["android"]])
    columns = poststratify_columns(control, treatment, aggregation="mean", group=["x", "y", "x", "x"])
    pair = found(CONTROL, TREATMENT)
    assert columns.group == ("x", "y")
    assert columns.reason.tolist() == [None, "too_few_units"]
    assert columns.difference[0] == pair.difference.value
    assert columns.ci_high[0] == pair.difference.ci_high
    assert np.isnan(columns.p_value[1])


def test_conversion_rates_are_weighted_too() -> None:
    result = poststratify(
        {"a": converted(500, 50), "b": converted(500, 250)},
        {"a": converted(500, 60), "b": converted(500, 260)},
        aggregation="occurrence",
    )
    assert isinstance(result, PostStratified)
    assert result.difference.value == pytest.approx(0.02)


def test_ratios_and_unequal_columns_are_refused() -> None:
    arms = ArmColumns.from_stats([CONTROL["ios"]])
    with pytest.raises(ValueError, match="no weighted mean"):
        poststratify_columns(arms, arms, aggregation="ratio")
    with pytest.raises(ValueError, match="1 control arms for 2"):
        poststratify_columns(arms, ArmColumns.from_stats([CONTROL["ios"]] * 2), aggregation="mean")
