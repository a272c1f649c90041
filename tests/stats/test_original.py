"""`compare_to_control` to the original kernel's numbers, by an oracle that shares no code with it."""

import math
from decimal import Decimal, getcontext

import pytest
from scipy import stats

from gateway.stats import Inference, VariantStats, compare_to_control


def oracle(control: tuple[int, float, float], treatment: tuple[int, float, float]) -> Inference:
    """The published formulas on the raw sums, in fifty digits."""
    getcontext().prec = 50

    def arm(n: int, total: float, squares: float) -> tuple[Decimal, Decimal, Decimal]:
        units, first, second = Decimal(n), Decimal(total), Decimal(squares)
        return units, first / units, max(Decimal(0), (second - first * first / units) / (units - 1))

    (n_c, m_c, v_c), (n_t, m_t, v_t) = arm(*control), arm(*treatment)
    lift = (m_t - m_c) / m_c
    error = (v_t / (n_t * m_c**2) + m_t**2 * v_c / (n_c * m_c**4)).sqrt()
    reach = Decimal("1.959963984540054") * error
    chance = stats.norm.cdf(float(lift / error)) if error else 0.5 + 0.5 * ((lift > 0) - (lift < 0))
    return Inference(float(lift), float(lift - reach), float(lift + reach), float(chance))


@pytest.mark.parametrize(
    ("control", "treatment"),
    [
        pytest.param((1_000, 100, 100), (1_000, 120, 120), id="conversion"),
        pytest.param((2, 3.0, 5.0), (2, 4.0, 10.0), id="two units"),
        pytest.param((10**9, 5 * 10**7, 5 * 10**7), (10**9, 5 * 10**7 + 9_000, 5 * 10**7 + 9_000), id="1e9 units"),
        pytest.param((500, 12_345.5, 912_345.25), (480, 11_000.0, 801_234.5), id="revenue"),
        pytest.param((300, 300.0, 300.0), (300, 330.0, 400.0), id="no variance in control"),
        pytest.param((100, 1.0, 1.0), (100, 90.0, 90.0), id="a single conversion"),
        pytest.param((100, 50.0, 60.0), (100, -20.0, 90.0), id="treatment below zero"),
    ],
)
def test_lift_interval_and_chance_are_the_published_ones(
    control: tuple[int, float, float], treatment: tuple[int, float, float]
) -> None:
    found = compare_to_control(VariantStats(*control), VariantStats(*treatment))
    due = oracle(control, treatment)
    assert found is not None
    assert (found.lift, found.ci_low, found.ci_high) == pytest.approx((due.lift, due.ci_low, due.ci_high), rel=1e-9)
    assert found.chance_to_win == pytest.approx(due.chance_to_win, rel=1e-9, abs=1e-300)


@pytest.mark.parametrize(("total", "chance"), [(110.0, 1.0), (90.0, 0.0), (100.0, 0.5)])
def test_without_variance_the_interval_collapses(total: float, chance: float) -> None:
    treatment = VariantStats.from_moments(100, total / 100, 0.0)
    lift = total / 100 - 1.0
    assert compare_to_control(VariantStats(100, 100.0, 100.0), treatment) == Inference(lift, lift, lift, chance)


@pytest.mark.parametrize(
    ("control", "treatment"),
    [
        pytest.param((1, 1.0, 1.0), (100, 50.0, 50.0), id="one control unit"),
        pytest.param((100, 50.0, 50.0), (1, 1.0, 1.0), id="one treatment unit"),
        pytest.param((0, 0.0, 0.0), (0, 0.0, 0.0), id="no units"),
        pytest.param((100, 0.0, 0.0), (100, 50.0, 50.0), id="control mean zero"),
        pytest.param((100, -5.0, 50.0), (100, 50.0, 50.0), id="control mean negative"),
        pytest.param((100, math.nan, 50.0), (100, 50.0, 50.0), id="unknown"),
        pytest.param((100, 50.0, 50.0), (100, math.inf, math.inf), id="infinite"),
    ],
)
def test_none_where_the_original_had_none(
    control: tuple[int, float, float], treatment: tuple[int, float, float]
) -> None:
    assert compare_to_control(VariantStats(*control), VariantStats(*treatment)) is None
