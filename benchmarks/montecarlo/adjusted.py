"""Coverage where variance is reduced: CUPED for means, conversions and ratios, and post-stratification."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gateway.stats import ArmColumns, CovariateColumns, adjust_columns, poststratify_columns
from montecarlo.coverage import covered
from montecarlo.populations import CELLS, Floats, Generator
from montecarlo.tables import Rate, Table

Joint = Callable[[Generator, tuple[int, int], bool], tuple[Floats, Floats, Floats]]
"""(rng, shape, treated) -> outcome, its denominator, covariate; one of each per unit."""


@dataclass(frozen=True, slots=True)
class Covaried:
    """A metric with a covariate from before the experiment."""

    name: str
    aggregation: str
    n: int
    units: Joint
    value: float
    """The control's."""
    difference: float


def _revenue(rng: Generator, shape: tuple[int, int], treated: bool) -> tuple[Floats, Floats, Floats]:
    """Skewed spending before and during, correlation about 0.6; treatment adds to everyone."""
    before = rng.lognormal(0.0, 1.0, shape)
    during = 3.0 * before + 4.0 * rng.lognormal(0.0, 1.0, shape) + (0.5 if treated else 0.0)
    return during, np.ones(shape), before


def _conversion(rng: Generator, shape: tuple[int, int], treated: bool) -> tuple[Floats, Floats, Floats]:
    """Who bought before buys again more often."""
    before = (rng.random(shape) < 0.1).astype(np.float64)
    bought = rng.random(shape) < (0.06 if treated else 0.05) + 0.4 * before
    return bought.astype(np.float64), np.ones(shape), before


def _order_value(rng: Generator, shape: tuple[int, int], treated: bool) -> tuple[Floats, Floats, Floats]:
    """Revenue over orders, with a taste for dear things that shows before the experiment, too."""
    taste = rng.lognormal(-0.125, 0.5, shape)
    orders = rng.poisson(2.0, shape).astype(np.float64)
    return orders * (21.0 if treated else 20.0) * taste, orders, taste * rng.lognormal(-0.045, 0.3, shape)


COVARIED = (
    Covaried("revenue, n = 100", "sum", 100, _revenue, 7.0 * float(np.exp(0.5)), 0.5),
    Covaried("revenue, n = 1,000", "sum", 1_000, _revenue, 7.0 * float(np.exp(0.5)), 0.5),
    Covaried("conversion 9 %, n = 500", "occurrence", 500, _conversion, 0.09, 0.01),
    Covaried("order value, n = 200", "ratio", 200, _order_value, 20.0, 1.0),
    Covaried("order value, n = 2,000", "ratio", 2_000, _order_value, 20.0, 1.0),
)
STRATA = np.array([0.6, 0.3, 0.1])
RATES = np.array([0.03, 0.10, 0.30])
SPENDS = np.array([2.0, 10.0, 60.0])


def adjusted(rng: Generator, runs: int) -> list[Table]:
    """CUPED and post-stratified intervals, of differences and of lifts."""
    rows: list[Rate] = []
    for case in COVARIED:
        control, treatment = (_arms(rng, case, min(runs, 40_000_000 // case.n), treated) for treated in (False, True))
        found = adjust_columns(control, treatment, aggregation=case.aggregation)
        rows.append(covered("CUPED difference", case.name, case.difference, found.ci_low, found.ci_high))
        lift = case.difference / case.value
        rows.append(covered("CUPED lift, Fieller", case.name, lift, found.lift_ci_low, found.lift_ci_high))
    for n in (200, 2_000):
        rows += _stratified_conversion(rng, n, runs)
        rows += _stratified_revenue(rng, n, min(runs, 20_000_000 // n))
    return [Table("adjusted", "coverage", tuple(rows), tails=True)]


def _arms(rng: Generator, case: Covaried, runs: int, treated: bool) -> CovariateColumns:
    parts, size = [], max(1, CELLS // case.n)
    for start in range(0, runs, size):
        y, d, x = case.units(rng, (min(size, runs - start), case.n), treated)
        means = [column.mean(axis=1) for column in (y, d, x)]
        off_y, off_d, off_x = (column - mean[:, None] for column, mean in zip((y, d, x), means, strict=True))
        products = ((off_y, off_y), (off_x, off_x), (off_x, off_y), (off_d, off_d), (off_d, off_y), (off_x, off_d))
        parts.append((*means, *(np.einsum("ij,ij->i", a, b) for a, b in products)))
    y, d, x, yy, xx, xy, dd, dy, dx = (np.concatenate(column) for column in zip(*parts, strict=True))
    return CovariateColumns.of(
        float(case.n), y, yy, x, xx, xy,
        denominator_mean=d, denominator_m2=dd, cross_m2=dy, covariate_denominator_cross_m2=dx,
    )  # fmt: skip


def _stratified_conversion(rng: Generator, n: int, runs: int) -> list[Rate]:
    units = [rng.multinomial(n, STRATA, runs) for _ in range(2)]
    hits = [rng.binomial(units[0], RATES), rng.binomial(units[1], RATES * 1.2)]
    arms = [
        ArmColumns.of(part.ravel(), (hit / np.maximum(part, 1)).ravel(), None, conversions=hit.ravel())
        for part, hit in zip(units, hits, strict=True)
    ]
    return _stratified("occurrence", f"conversion in 3 strata, n = {n:,}", (arms[0], arms[1]), RATES, 0.2)


def _stratified_revenue(rng: Generator, n: int, runs: int) -> list[Rate]:
    """Lognormal spending whose level is the stratum's."""
    arms = []
    for scale in (1.0, 1.1):
        stratum = rng.choice(3, size=(runs, n), p=STRATA)
        spent = scale * SPENDS[stratum] * rng.lognormal(-0.5, 1.0, (runs, n))
        cell = (np.arange(runs)[:, None] * 3 + stratum).ravel()
        units, total, squares = (np.bincount(cell, weight, runs * 3) for weight in
                                 (None, spent.ravel(), spent.ravel() ** 2))  # fmt: skip
        mean = total / np.maximum(units, 1)
        arms.append(ArmColumns.of(units, mean, np.maximum(squares - total * mean, 0.0)))
    return _stratified("sum", f"revenue in 3 strata, n = {n:,}", (arms[0], arms[1]), SPENDS, 0.1)


def _stratified(
    aggregation: str, case: str, arms: tuple[ArmColumns, ArmColumns], values: Floats, lift: float
) -> list[Rate]:
    found = poststratify_columns(*arms, aggregation=aggregation, group=np.arange(len(arms[0])) // 3)
    difference = lift * float(STRATA @ values)
    return [
        covered("post-stratified difference", case, difference, found.ci_low, found.ci_high),
        covered("post-stratified lift", case, lift, found.lift_ci_low, found.lift_ci_high),
    ]
