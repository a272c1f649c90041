"""Do experiments of the planned size find the planned effect as often as planned?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gateway.stats import (
    ArmColumns,
    Baseline,
    CovariateColumns,
    Design,
    NotComputable,
    SampleSize,
    adjust_columns,
    compare_columns,
    group_sequential_bounds,
    noninferiority_columns,
    one_sided_columns,
    sample_size,
    tost_columns,
)
from montecarlo.coverage import Bools, happened
from montecarlo.populations import Generator, Population, basket, conversions, normal, revenue
from montecarlo.tables import Promise, Rate, Table


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, and the populations that it is about."""

    name: str
    baseline: Baseline
    lift: float
    design: Design
    control: Population
    treatment: Population
    cost: float = 0.0


def _paid(scale: float) -> Population:
    return revenue(4.0 * scale, 0.05, 1.0)


def _variance(population: Population) -> float:
    """Variance per unit, from one large seeded arm."""
    arm = population.draw(np.random.default_rng(0), 2_000_000, 1)
    return float(arm.m2[0] / (arm.n[0] - 1.0))


def _plans() -> tuple[Planned, ...]:
    five, ten = Baseline.proportion(0.05), Baseline.mean(10.0, 4.0)
    spent = Baseline(4.0, _variance(_paid(1.0)))
    return (
        Planned("conversion 5 %, lift +10 %", five, 0.10, Design(), conversions(0.05), conversions(0.055)),
        Planned("conversion 5 %, lift +10 %, 90 : 10", five, 0.10, Design(shares=(0.9, 0.1)), conversions(0.05),
                conversions(0.055)),
        Planned("conversion 5 %, lift −10 %", five, -0.10, Design(), conversions(0.05), conversions(0.045)),
        Planned("conversion 5 %, lift +60 %", five, 0.60, Design(), conversions(0.05), conversions(0.08)),
        Planned("conversion 5 %, one-sided", five, 0.10, Design(one_sided=True), conversions(0.05),
                conversions(0.055)),
        Planned("conversion 5 %, 3 treatments, Bonferroni", five, 0.10, Design(shares=(1, 1, 1, 1), corrected=True),
                conversions(0.05), conversions(0.055)),
        Planned("mean 10, sd 4, lift +2 %, power 90 %", ten, 0.02, Design(power=0.9), normal(10, 4), normal(10.2, 4)),
        Planned("revenue, 5 % pay, lift +20 %", spent, 0.20, Design(), _paid(1.0), _paid(1.2), 0.05),
        Planned("conversion 5 %, always valid at the end", five, 0.10, Design(sequential=True), conversions(0.05),
                conversions(0.055)),
        Planned("conversion 5 %, margin 5 %, no effect", five, 0.0, Design(margin=0.05), conversions(0.05),
                conversions(0.05)),
    )  # fmt: skip


UNITS_DRAWN = 60_000_000


def powers(rng: Generator, runs: int) -> list[Table]:
    """Share of experiments of the planned size that find the effect, and errors at the edge of a margin."""
    rows = [_simulated(rng, plan, runs) for plan in _plans()]
    rows += [_cuped(rng, runs), _ratio(rng, runs), *_group_sequential(rng, runs)]
    return [Table("power", "power", tuple(rows)), Table("margin", "passed", tuple(_margins(rng, runs)))]


def _simulated(rng: Generator, plan: Planned, runs: int) -> Rate:
    found = sample_size(plan.baseline, plan.lift, plan.design)
    assert isinstance(found, SampleSize)
    n_c, n_t = found.units[0], min(found.units[1:])
    if plan.cost:
        runs = min(runs, int(UNITS_DRAWN / (plan.cost * n_c)))
    arms = plan.control.draw(rng, n_c, runs), plan.treatment.draw(rng, n_t, runs)
    aggregation = plan.baseline.aggregation
    case = f"{plan.name}: {found.total:,} units"
    return happened("power at the planned size", case, _found(plan.design, arms, aggregation), found.power)


def _found(design: Design, arms: tuple[ArmColumns, ArmColumns], aggregation: str) -> Bools:
    compared = compare_columns(*arms, aggregation=aggregation, running=design.sequential)
    if design.margin is not None:
        return np.asarray(noninferiority_columns(compared, design.margin).state == "pass")
    if design.one_sided:
        return np.asarray(one_sided_columns(compared, "greater").p_value < design.alpha)
    p = compared.sequential_p_value if design.sequential else compared.p_value
    return np.asarray(p < design.alpha)


def _cuped(rng: Generator, runs: int) -> Rate:
    """A covariate with correlation 0.7 leaves 51 % of the variance: moments of normal units, drawn as such."""
    r, design = 0.7, Design(variance_reduction=0.49)
    found = sample_size(Baseline.mean(10.0, 4.0), 0.05, design)
    assert not isinstance(found, NotComputable)
    n = found.units[0]
    runs = min(runs, UNITS_DRAWN // n)
    arms = [_covaried(rng, mean, r, n, runs) for mean in (10.0, 10.5)]
    p = adjust_columns(*arms, aggregation="mean").p_value
    case = f"mean 10, sd 4, lift +5 %, CUPED saves 49 %: {found.total:,} units"
    return happened("power at the planned size", case, p < 0.05, found.power)


def _covaried(rng: Generator, mean: float, r: float, n: int, runs: int) -> CovariateColumns:
    """m2 of two correlated normals by Bartlett's decomposition."""
    a, b = np.sqrt(rng.chisquare(n - 1, runs)), np.sqrt(rng.chisquare(n - 2, runs))
    mixed, rest = rng.normal(size=runs), np.sqrt(1.0 - r * r)
    u, v = rng.normal(size=runs) / np.sqrt(n), rng.normal(size=runs) / np.sqrt(n)
    cross = r * a * a + rest * a * mixed
    outcome = (r * a + rest * mixed) ** 2 + (rest * b) ** 2
    return CovariateColumns.of(float(n), mean + 4.0 * (r * u + rest * v), 16.0 * outcome, u, a * a, 4.0 * cross)


def _ratio(rng: Generator, runs: int) -> Rate:
    """A ratio's variance per unit comes from an earlier experiment's arm."""
    earlier = basket(20, 1.5).draw(np.random.default_rng(0), 1_000_000, 1).row(0, "ratio")
    found = sample_size(Baseline.of(earlier), 0.08)
    assert isinstance(found, SampleSize)
    n = found.units[0]
    arms = [basket(price, 1.5).draw(rng, n, min(runs, UNITS_DRAWN // n)) for price in (20, 21.6)]
    p = compare_columns(*arms, aggregation="ratio").p_value
    return happened("power at the planned size", f"order value, lift +8 %: {found.total:,} units", p < 0.05,
                    found.power)  # fmt: skip


def _group_sequential(rng: Generator, runs: int) -> Iterator[Rate]:
    """Error and power of planned looks, on conversions that arrive in equal parts."""
    fixed = sample_size(Baseline.proportion(0.05), 0.10)
    assert isinstance(fixed, SampleSize)
    for spending in ("obrien_fleming", "pocock"):
        bounds = group_sequential_bounds([0.2, 0.4, 0.6, 0.8, 1.0], spending=spending)
        per_look = int(np.ceil(fixed.units[0] * bounds.inflation(0.8) / 5))
        for treated, nominal, promise in ((0.05, 0.05, Promise.EXACTLY), (0.055, 0.8, Promise.EXACTLY)):
            hits = [rng.binomial(per_look, rate, (runs, 5)).cumsum(axis=1) for rate in (0.05, treated)]
            ever = np.zeros(runs, dtype=np.bool_)
            for look, bound in enumerate(bounds.bounds):
                n = float(per_look * (look + 1))
                arms = [ArmColumns.of(n, side[:, look] / n, None, conversions=side[:, look]) for side in hits]
                ever |= np.abs(compare_columns(*arms, aggregation="occurrence").statistic) > bound
            kind = "false positives" if treated == 0.05 else "power"
            yield happened(f"group-sequential, {spending.replace('_', '-')}", f"5 looks, {kind}", ever, nominal,
                           promise)  # fmt: skip


def _margins(rng: Generator, runs: int) -> Iterator[Rate]:
    """At the very edge of the margin, a guardrail must pass, and equivalence be called, in 2.5 % of runs at most."""
    for name, n, rate in (("conversion 5 %, n = 20,000", 20_000, 0.05), ("conversion 10 %, n = 1,000", 1_000, 0.10)):
        arms = conversions(rate).draw(rng, n, runs), conversions(rate * 0.95).draw(rng, n, runs)
        compared = compare_columns(*arms, aggregation="occurrence")
        state = noninferiority_columns(compared, 0.05).state
        yield happened("guardrail with a margin of 5 %, true lift −5 %", name, state == "pass", 0.025, Promise.AT_MOST)
        state = tost_columns(compared, 0.05).state
        case = f"{name}: equivalence"
        yield happened("equivalence within 5 %, true lift −5 %", case, state == "equivalent", 0.025, Promise.AT_MOST)

