"""Seeded simulation: do intervals cover, and verdicts err, as often as they say? Bounds allow for Monte-Carlo error."""

import numpy as np
import pytest
from numpy.typing import NDArray

from gateway.stats import ArmColumns, compare_columns, srm_p_value

pytestmark = pytest.mark.slow
RUNS = 20_000


def within(rate: float, nominal: float, *, slack: float = 0.0) -> bool:
    """Inside four Monte-Carlo standard errors of nominal, and what the method is known to miss by."""
    return abs(rate - nominal) <= 4.0 * float(np.sqrt(nominal * (1 - nominal) / RUNS)) + slack


def share(rows: NDArray[np.bool_]) -> float:
    return float(np.mean(rows))


def conversions(rng: np.random.Generator, n: int, rate: float, runs: int = RUNS) -> ArmColumns:
    """Arms of an occurrence metric."""
    found = rng.binomial(n, rate, runs)
    return ArmColumns.of(float(n), found / n, None, conversions=found)


def skewed(rng: np.random.Generator, n: int, mean: float) -> ArmColumns:
    """Arms of lognormal revenue, drawn a slice at a time."""
    means, m2s = [], []
    for _ in range(RUNS // 500):
        draws = mean * rng.lognormal(-0.5, 1.0, (500, n))
        means.append(draws.mean(axis=1))
        m2s.append(draws.var(axis=1) * n)
    return ArmColumns.of(float(n), np.concatenate(means), np.concatenate(m2s))


@pytest.mark.parametrize(("n", "rate"), [(200, 0.3), (1_000, 0.1), (10_000, 0.05)])
@pytest.mark.parametrize("effect", [1.0, 1.5])
def test_difference_and_fieller_cover_on_conversions(n: int, rate: float, effect: float) -> None:
    rng = np.random.default_rng(20260201)
    found = compare_columns(conversions(rng, n, rate), conversions(rng, n, rate * effect), aggregation="occurrence")
    gap, lift = rate * (effect - 1.0), effect - 1.0
    assert within(share((found.ci_low <= gap) & (gap <= found.ci_high)), 0.95, slack=0.01)
    assert within(share((found.lift_ci_low <= lift) & (lift <= found.lift_ci_high)), 0.95, slack=0.02)


@pytest.mark.parametrize("n", [100, 1_000])
def test_welch_covers_on_skewed_revenue(n: int) -> None:
    rng = np.random.default_rng(7)
    found = compare_columns(skewed(rng, n, 10.0), skewed(rng, n, 11.0), aggregation="sum")
    assert within(share((found.ci_low <= 1.0) & (found.ci_high >= 1.0)), 0.95, slack=0.01)
    assert within(share((found.lift_ci_low <= 0.1) & (found.lift_ci_high >= 0.1)), 0.95, slack=0.015)


def test_daily_looks_break_the_fixed_verdict_and_not_the_always_valid_one() -> None:
    rng = np.random.default_rng(28)
    runs, per_day = 4_000, 2_000
    totals = np.zeros((2, runs))
    fixed, always = np.zeros(runs, dtype=bool), np.zeros(runs, dtype=bool)
    for day in range(1, 29):
        totals += rng.binomial(per_day, 0.05, (2, runs))
        n = float(per_day * day)
        arms = [ArmColumns.of(n, side / n, None, conversions=side) for side in totals]
        found = compare_columns(*arms, aggregation="occurrence", running=True)
        fixed |= found.p_value < 0.05
        always |= found.sequential_p_value < 0.05
    assert 0.22 < share(fixed) < 0.33
    assert share(always) < 0.05


def test_srm_alarms_on_sound_splits_as_rarely_as_it_says() -> None:
    rng = np.random.default_rng(1)
    counts = rng.multinomial(50_000, [0.5, 0.3, 0.2], 20_000)
    shares = {"a": 0.5, "b": 0.3, "c": 0.2}
    alarms = [(srm_p_value(dict(zip("abc", row, strict=True)), shares) or 1.0) < 0.001 for row in counts.tolist()]
    assert share(np.array(alarms)) < 0.002
