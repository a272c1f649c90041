"""Posteriors against closed forms and integrals."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from gateway.stats import (
    ArmColumns,
    Comparison,
    NotComputable,
    Posterior,
    Prior,
    Scale,
    belief,
    compare,
    compare_to_control,
    posterior,
    posterior_columns,
)
from tests.stats.arms import arm, converted, moments, ratio_arm

CONTROL, TREATMENT = moments(4_000, 10.0, 9.0), moments(5_000, 10.2, 10.0)


def believed(*arms: Any, **options: Any) -> Posterior:
    found = posterior(*arms, **options)
    assert isinstance(found, Posterior)
    return found


def test_a_flat_prior_on_the_difference_gives_the_comparisons_chance() -> None:
    found, compared = believed(CONTROL, TREATMENT), compare(CONTROL, TREATMENT)
    assert isinstance(compared, Comparison)
    assert found.chance_to_win == compared.chance_to_win
    assert found.effect.value == compared.difference.value
    low, high = stats.norm.interval(0.95, 10.2 - 10.0, math.sqrt(9 / 4_000 + 10 / 5_000))
    assert (found.effect.ci_low, found.effect.ci_high) == pytest.approx((low, high), rel=1e-9)


def test_a_flat_prior_on_the_lift_is_the_original_kernel() -> None:
    found, original = believed(CONTROL, TREATMENT, scale="lift"), compare_to_control(CONTROL, TREATMENT)
    assert original is not None
    assert found.effect.value == pytest.approx(original.lift, rel=1e-13)
    assert found.effect.ci_low == pytest.approx(original.ci_low, rel=1e-12)
    assert found.chance_to_win == pytest.approx(original.chance_to_win, rel=1e-12)


@pytest.mark.parametrize("scale", ["difference", "lift"])
@pytest.mark.parametrize("prior", [Prior(0.01, 0.02), Prior(-0.1, 0.3, Scale.DIFFERENCE)])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_normal_prior_is_bayes_rule_worked_out_on_a_grid(scale: str, prior: Prior, sign: int) -> None:
    control, treatment = moments(400, sign * 10.0, 9.0), moments(500, sign * 10.0 + 0.2, 10.0)
    found = believed(control, treatment, scale=scale, prior=prior)
    flat = believed(control, treatment, scale=scale)
    factor = 1.0 if prior.scale == scale else 10.0 if scale == "difference" else 0.1
    grid = np.linspace(flat.effect.value - 14 * flat.sd, flat.effect.value + 14 * flat.sd, 200_001)
    weight = stats.norm.pdf(grid, flat.effect.value, flat.sd) * stats.norm.pdf(
        grid, prior.mean * factor, prior.sd * factor
    )
    weight /= weight.sum()
    mean = float(weight @ grid)
    assert found.effect.value == pytest.approx(mean, rel=1e-8)
    assert found.sd == pytest.approx(math.sqrt(weight @ (grid - mean) ** 2), rel=1e-8)
    assert found.chance_to_win == pytest.approx(weight[grid > 0].sum(), abs=1e-4)
    assert found.loss_if_shipped == pytest.approx(weight @ np.maximum(-grid, 0.0), rel=1e-4)
    assert found.loss_if_kept == pytest.approx(weight @ np.maximum(grid, 0.0), rel=1e-4)


@pytest.mark.parametrize("z", [-30.0, -3.0, -0.5, 0.0, 0.5, 3.0, 8.0, 20.0, 35.0])
def test_expected_loss_is_its_integral_far_into_the_tail(z: float) -> None:
    found = belief(z, 1.0).loss_if_shipped[0]
    due, _ = integrate.quad(lambda x: x * math.exp(-0.5 * x * (x + 2 * z)), 0, max(40.0, 40.0 - z), epsabs=0, limit=500)
    due = due * math.exp(-0.5 * z * z) / math.sqrt(2 * math.pi) if z > -25 else -z
    assert found == pytest.approx(due, rel=1e-7)


def test_where_lower_is_better_the_chance_and_the_losses_trade_places() -> None:
    up, down = believed(CONTROL, TREATMENT), believed(CONTROL, TREATMENT, desired="decrease")
    assert down.chance_to_win == pytest.approx(1.0 - up.chance_to_win, abs=1e-12)
    assert (down.loss_if_shipped, down.loss_if_kept) == (up.loss_if_kept, up.loss_if_shipped)
    assert down.effect == up.effect


@given(
    effect=st.floats(-1e6, 1e6),
    error=st.floats(1e-6, 1e6),
    mean=st.floats(-1e6, 1e6),
    sd=st.floats(1e-6, 1e6),
)
def test_the_posterior_lies_between_prior_and_data_and_is_surer_than_both(
    effect: float, error: float, mean: float, sd: float
) -> None:
    found = belief(effect, error, prior_mean=mean, prior_sd=sd)
    slack = 1e-9 * (abs(effect) + abs(mean))
    assert min(effect, mean) - slack <= found.mean[0] <= max(effect, mean) + slack
    assert found.sd[0] <= min(error, sd) * (1 + 1e-12)
    assert found.loss_if_shipped[0] >= 0
    assert found.loss_if_kept[0] - found.loss_if_shipped[0] == pytest.approx(found.mean[0], rel=1e-9, abs=1e-9 * error)


@pytest.mark.parametrize(
    ("control", "treatment", "options", "code"),
    [
        pytest.param(None, arm(1), {}, "no_control", id="no control"),
        pytest.param(arm(1, 10), arm(2), {}, "too_few_units", id="ten units"),
        pytest.param(
            converted(99, 1), converted(99, 9), {"aggregation": "occurrence"}, "too_few_conversions", id="one"
        ),
        pytest.param(moments(60, 0.0, 1.0), arm(2), {"scale": "lift"}, "zero_baseline", id="lift of zero"),
        pytest.param(moments(60, 0.0, 1.0), arm(2), {"prior": Prior(0, 0.1)}, "zero_baseline", id="prior on lift"),
        pytest.param(moments(60, 1.0, 0.0), moments(60, 1.0, 0.0), {}, "zero_variance", id="constant"),
    ],
)
def test_what_cannot_be_believed_has_a_reason(control: Any, treatment: Any, options: Any, code: str) -> None:
    found = posterior(control, treatment, **options)
    assert isinstance(found, NotComputable)
    assert found.code == code
    assert found.reason


def test_a_flat_prior_needs_no_baseline() -> None:
    assert believed(moments(60, 0.0, 1.0), arm(2)).chance_to_win > 0.99


@pytest.mark.parametrize(("mean", "sd"), [(math.nan, 1.0), (0.0, 0.0), (0.0, -1.0), (math.inf, 1.0)])
def test_a_prior_that_is_none_is_refused(mean: float, sd: float) -> None:
    with pytest.raises(ValueError, match="positive sd"):
        Prior(mean, sd)


def test_columns_and_pairs_agree_to_the_last_bit() -> None:
    pairs: list[tuple[Any, Any]] = [
        (arm(1), arm(2)),
        (arm(3, 10), arm(4)),
        (arm(5), arm(6)),
        (ratio_arm(1), ratio_arm(2)),
    ]
    kinds, desired = ["mean", "mean", "count", "ratio"], ["increase", "increase", "decrease", "increase"]
    columns = posterior_columns(
        ArmColumns.from_stats([one for one, _ in pairs]),
        ArmColumns.from_stats([other for _, other in pairs]),
        aggregation=kinds,
        desired=desired,
        prior=Prior(0.0, 0.1),
    )
    assert columns.reason.tolist() == [None, "too_few_units", None, None]
    for i in (0, 2, 3):
        one = believed(*pairs[i], aggregation=kinds[i], desired=desired[i], prior=Prior(0.0, 0.1))
        assert one.chance_to_win == columns.belief.chance_to_win[i]
        assert one.effect.ci_low == columns.belief.ci_low[i]
        assert one.loss_if_shipped == columns.belief.loss_if_shipped[i]
    assert np.isnan(columns.belief.mean[1])
