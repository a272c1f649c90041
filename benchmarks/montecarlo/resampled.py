"""Coverage of what takes one experiment at a time: bootstrap, quantiles, Mann-Whitney."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from statistics import NormalDist

import numpy as np

from gateway.stats import (
    Estimate,
    NotComputable,
    QuantileArm,
    RatioStats,
    ValueCounts,
    VariantStats,
    bootstrap,
    compare_quantiles,
    mann_whitney,
    quantile_of,
)
from montecarlo.coverage import covered
from montecarlo.populations import Floats, Generator
from montecarlo.tables import Rate, Table

Values = Callable[[Generator, int], Floats]
DRAWS = 1_000
"""Resamples per bootstrap: enough for a 95 % interval's coverage."""


def _orders(mean: float) -> Values:
    return lambda rng, n: rng.negative_binomial(0.5, 0.5 / (0.5 + mean), n).astype(np.float64)


def _lognormal(mean: float, sigma: float) -> Values:
    return lambda rng, n: rng.lognormal(math.log(mean) - sigma * sigma / 2.0, sigma, n)


def _revenue(payers: float) -> Values:
    return lambda rng, n: np.where(rng.random(n) < payers, np.round(rng.lognormal(3.0, 1.0, n), 1), 0.0)


MEANS: tuple[tuple[str, int, Values, Values, float], ...] = (
    ("counts, variance 5 × mean, n = 100", 100, _orders(2.0), _orders(2.5), 0.5),
    ("counts, variance 5 × mean, n = 1,000", 1_000, _orders(2.0), _orders(2.5), 0.5),
    ("revenue, 10 % pay, n = 200", 200, _revenue(0.10), _revenue(0.12), 0.02 * math.exp(3.5)),
    ("lognormal sigma 1.5, n = 100", 100, _lognormal(10.0, 1.5), _lognormal(11.0, 1.5), 1.0),
)


def bootstraps(rng: Generator, runs: int) -> list[Table]:
    """Both intervals of the difference of means; each experiment has a seed of its own."""
    rows: list[Rate] = []
    for name, n, control, treatment, difference in MEANS:
        arms = [(ValueCounts.of(control(rng, n)), ValueCounts.of(treatment(rng, n))) for _ in range(runs)]
        for interval in ("studentised", "percentile"):
            found = [bootstrap(*pair, interval=interval, draws=DRAWS, seed=i) for i, pair in enumerate(arms)]
            shown = [each if isinstance(each, NotComputable) else each.difference for each in found]
            rows.append(_covered(f"bootstrap, {interval}", name, shown, difference))
    return [Table("bootstrap", "coverage", tuple(rows), tails=True)]


def quantiles(rng: Generator, runs: int) -> list[Table]:
    """One arm's rank interval, the difference of two, and both where units bring several observations."""
    rows: list[Rate] = []
    for q, n in ((0.5, 100), (0.5, 2_000), (0.9, 100), (0.9, 2_000), (0.99, 2_000)):
        truth = math.exp(NormalDist().inv_cdf(q))
        arms = [[QuantileArm(ValueCounts.of(rng.lognormal(0.0, 1.0, n))) for _ in range(2)] for _ in range(runs)]
        rows += _quantile_rows(f"quantile {q:g} of a lognormal, n = {n:,}", arms, q, truth)
    for q, units in ((0.5, 200), (0.9, 200), (0.9, 1_000)):
        truth = math.exp(math.sqrt(2.0) * NormalDist().inv_cdf(q))
        arms = [[_clustered(rng, units, q) for _ in range(2)] for _ in range(runs)]
        rows += _quantile_rows(f"quantile {q:g}, {units:,} units of about 5 observations", arms, q, truth)
    return [Table("quantile", "coverage", tuple(rows), tails=True)]


def ranks(rng: Generator, runs: int) -> list[Table]:
    """Mann-Whitney: false positives, and the interval of its effect."""
    rows: list[Rate] = []
    cases: tuple[tuple[str, int, Values, Values], ...] = (
        ("counts with ties, n = 50", 50, _orders(2.0), _orders(2.0)),
        ("counts with ties, n = 1,000", 1_000, _orders(2.0), _orders(2.0)),
        ("lognormal sigma 1.5, n = 100", 100, _lognormal(10.0, 1.5), _lognormal(10.0, 1.5)),
    )
    for name, n, control, treatment in cases:
        pairs = [(ValueCounts.of(control(rng, n)), ValueCounts.of(treatment(rng, n))) for _ in range(runs)]
        found = [each for each in (mann_whitney(*pair) for pair in pairs) if not isinstance(each, NotComputable)]
        alarms = sum(each.p_value < 0.05 for each in found)
        rows.append(Rate("Mann-Whitney, false positives", name, alarms, len(found), 0.05))
        rows.append(_covered("Mann-Whitney, coverage of its effect", name, [each.effect for each in found], 0.5))
    return [Table("ranks", "rate", tuple(rows))]


def _quantile_rows(case: str, arms: list[list[QuantileArm]], q: float, truth: float) -> Iterator[Rate]:
    alone = [quantile_of(pair[0], q) for pair in arms]
    yield _covered("rank interval", case, [each if isinstance(each, NotComputable) else each.value for each in alone],
                   truth)  # fmt: skip
    both = [compare_quantiles(pair[0], pair[1], q) for pair in arms]
    shown = [each if isinstance(each, NotComputable) else each.difference for each in both]
    yield _covered("difference", case, shown, 0.0)


def _clustered(rng: Generator, units: int, q: float) -> QuantileArm:
    """Units with an effect of their own on each of their observations, whose number is 1 + Poisson(4)."""
    sizes = 1 + rng.poisson(4.0, units)
    owner = np.repeat(np.arange(units), sizes)
    values = np.exp(rng.normal(0.0, 1.0, units)[owner] + rng.normal(0.0, 1.0, len(owner)))
    observations = ValueCounts.of(values)
    below = np.bincount(owner, values <= observations.quantile(q), units).astype(np.float64)
    top, bottom = _moments(below), _moments(sizes.astype(np.float64))
    cross = float(((below - top.mean) * (sizes - bottom.mean)).sum())
    return QuantileArm(observations, RatioStats(top, bottom, cross))


def _moments(values: Floats) -> VariantStats:
    mean = float(values.mean())
    return VariantStats.from_moments(len(values), mean, float(((values - mean) ** 2).sum()))


def _covered(method: str, case: str, found: Sequence[Estimate | NotComputable], truth: float) -> Rate:
    low, high = (
        np.array([math.nan if isinstance(each, NotComputable) else getattr(each, name) for each in found])
        for name in ("ci_low", "ci_high")
    )
    return covered(method, case, truth, low, high)

