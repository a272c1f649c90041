"""The best of several arms against closed forms, multivariate normals and symmetry."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from gateway.stats import NotComputable, VariantStats, best_columns, chance_to_be_best
from tests.stats.arms import arm, converted, moments, ratio_arm


@pytest.mark.parametrize("gap", [-40.0, -20.0, -5.0, -0.3, 0.0, 2.0, 15.0])
@pytest.mark.parametrize("errors", [(1.0, 1.0), (1.0, 1e-4), (1e-4, 1.0), (3.0, 40.0)])
def test_of_two_arms_the_chance_is_that_of_their_difference(gap: float, errors: tuple[float, float]) -> None:
    spread = math.hypot(*errors)
    found = best_columns([[100.0, 100.0 + gap]], [errors])
    assert found.chance_to_be_best[0, 1] == pytest.approx(stats.norm.cdf(gap / spread), rel=1e-9, abs=1e-250)
    lost = spread * (stats.norm.pdf(gap / spread) - gap / spread * stats.norm.sf(gap / spread))
    assert found.expected_loss[0, 1] == pytest.approx(lost, rel=1e-6, abs=1e-10)


def test_of_three_arms_the_chance_is_the_integral() -> None:
    means, errors = [1.0, 1.2, 0.7], [0.3, 0.1, 0.8]
    found = best_columns([means], [errors])
    for i in range(3):
        others = [j for j in range(3) if j != i]

        def ahead(x: float, i: int = i, others: list[int] = others) -> float:
            below = math.prod(float(stats.norm.cdf(x, means[j], errors[j])) for j in others)
            return float(stats.norm.pdf(x, means[i], errors[i])) * below

        due, _ = integrate.quad(ahead, -8, 9, points=[0.7, 1.0, 1.2, 1.5], limit=500, epsabs=1e-13)
        assert found.chance_to_be_best[0, i] == pytest.approx(due, rel=1e-9)


def test_losses_are_what_draws_lose() -> None:
    means, errors = np.array([10.0, 10.3, 10.2, 9.0]), np.array([0.2, 0.3, 0.1, 1.0])
    draws = np.random.default_rng(1).normal(means, errors, (400_000, 4))
    found = best_columns([means], [errors])
    np.testing.assert_allclose(
        found.chance_to_be_best[0], np.bincount(draws.argmax(1), minlength=4) / 400_000, atol=4e-3
    )
    np.testing.assert_allclose(found.expected_loss[0], (draws.max(1)[:, None] - draws).mean(0), atol=4e-3)


@given(
    arms=st.lists(st.tuples(st.floats(-100, 100), st.floats(0.01, 50)), min_size=2, max_size=8),
    scale=st.floats(1e-3, 1e3),
    shift=st.floats(-100, 100),
)
def test_chances_add_up_and_do_not_depend_on_unit_origin_or_order(
    arms: list[tuple[float, float]], scale: float, shift: float
) -> None:
    means, errors = np.array(arms).T
    found = best_columns([means], [errors])
    assert found.chance_to_be_best.sum() == pytest.approx(1.0, abs=1e-10)
    moved = best_columns([means * scale + shift], [errors * scale])
    np.testing.assert_allclose(moved.chance_to_be_best, found.chance_to_be_best, atol=1e-9)
    np.testing.assert_allclose(moved.expected_loss, found.expected_loss * scale, rtol=1e-6, atol=1e-9 * scale)
    turned = best_columns([means[::-1]], [errors[::-1]])
    np.testing.assert_allclose(turned.chance_to_be_best[0, ::-1], found.chance_to_be_best[0], atol=1e-12)
    below = best_columns([-means], [errors], lower_is_better=True)
    np.testing.assert_array_equal(below.chance_to_be_best, found.chance_to_be_best)


def test_absent_arms_are_left_out_and_unusable_rows_are_not_answered() -> None:
    nan = math.nan
    values = [[1.0, 2.0, nan], [1.0, 2.0, 3.0], [1.0, nan, nan], [1.0, 2.0, 3.0]]
    errors = [[1.0, 1.0, nan], [1.0, 0.0, 1.0], [1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]
    found = best_columns(values, errors)
    assert (
        found.chance_to_be_best[0, :2].tolist()
        == best_columns([[1.0, 2.0]], [[1.0, 1.0]]).chance_to_be_best[0].tolist()
    )
    assert np.isnan(found.chance_to_be_best[0, 2])
    assert np.isnan(found.chance_to_be_best[1:3]).all()
    assert found.chance_to_be_best[3].tolist() == best_columns([values[3]], [errors[3]]).chance_to_be_best[0].tolist()


def test_arms_keep_their_names_and_direction() -> None:
    arms = {"control": moments(900, 10.0, 9.0), "a": moments(900, 10.4, 9.0), "b": moments(900, 9.5, 9.0)}
    up, down = chance_to_be_best(arms), chance_to_be_best(arms, desired="decrease")
    assert not isinstance(up, NotComputable)
    assert not isinstance(down, NotComputable)
    assert [row.arm for row in up] == ["control", "a", "b"]
    assert max(up, key=lambda row: row.chance_to_be_best).arm == "a"
    assert max(down, key=lambda row: row.chance_to_be_best).arm == "b"
    assert min(up, key=lambda row: row.expected_loss).arm == "a"
    assert up[0].standard_error == pytest.approx(0.1)
    assert not isinstance(chance_to_be_best({"x": ratio_arm(1), "y": ratio_arm(2)}, aggregation="ratio"), NotComputable)


@pytest.mark.parametrize(
    ("arms", "aggregation", "code", "text"),
    [
        pytest.param({"a": arm(1)}, "mean", "no_control", "two arms", id="one arm"),
        pytest.param({"a": arm(1), "b": arm(2, 49)}, "mean", "too_few_units", "'b' has 49", id="49 units"),
        pytest.param(
            {"a": converted(99, 3), "b": converted(99, 9)}, "occurrence", "too_few_conversions", "3", id="few"
        ),
        pytest.param({"a": arm(1), "b": moments(60, 1, 0)}, "mean", "zero_variance", "same value", id="constant"),
        pytest.param({"a": moments(60, math.nan, 1), "b": arm(1)}, "mean", "variance_undefined", "'a'", id="nan"),
    ],
)
def test_what_cannot_be_ranked_has_a_reason(
    arms: dict[str, VariantStats], aggregation: Any, code: str, text: str
) -> None:
    found = chance_to_be_best(arms, aggregation=aggregation)
    assert isinstance(found, NotComputable)
    assert found.code == code
    assert text in found.reason
