"""Arms that the kernel's tests share."""

import numpy as np

from gateway.stats.arms import ArmColumns
from gateway.stats.sample import RatioStats, VariantStats


def values(seed: int, n: int, *, mean: float = 10.0, sd: float = 3.0) -> list[float]:
    """A seeded normal sample."""
    return [float(value) for value in np.random.default_rng(seed).normal(mean, sd, n)]


def arm(seed: int, n: int = 400, *, mean: float = 10.0, sd: float = 3.0) -> VariantStats:
    """A seeded arm."""
    return VariantStats.from_values(values(seed, n, mean=mean, sd=sd))


def moments(n: int, mean: float, variance: float) -> VariantStats:
    """An arm with exactly this mean and sample variance."""
    return VariantStats.from_moments(n, mean, variance * (n - 1))


def converted(n: int, conversions: int) -> VariantStats:
    """An arm of an occurrence metric."""
    return VariantStats.from_sums(n, conversions, conversions)


def ratio_arm(seed: int, n: int = 500, *, price: float = 20.0) -> RatioStats:
    """Revenue over orders, correlated as they are in a shop."""
    rng = np.random.default_rng(seed)
    orders = rng.poisson(1.5, n)
    revenue = orders * price + rng.normal(0.0, 4.0, n)
    return RatioStats.from_values(revenue.tolist(), orders.tolist())


def random_columns(seed: int, rows: int) -> tuple[ArmColumns, ArmColumns, list[str]]:
    """Pairs of arms of every aggregation, a few of them without an answer, and their aggregations."""
    rng = np.random.default_rng(seed)
    aggregation = [("occurrence", "count", "sum", "mean", "ratio")[i % 5] for i in range(rows)]

    def side() -> ArmColumns:
        n = rng.integers(30, 100_000, rows).astype(np.float64)
        mean = rng.uniform(0.001, 0.9, rows)
        spread = n * mean * (1.0 - mean)
        return ArmColumns.of(
            n,
            np.where(rng.random(rows) < 0.03, np.nan, mean),
            np.where(rng.random(rows) < 0.03, 0.0, spread),
            denominator_mean=mean * 2.0,
            denominator_m2=spread,
            cross_m2=spread * 0.4,
        )

    return side(), side(), aggregation
