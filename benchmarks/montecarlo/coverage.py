"""How often intervals from plain arms hold the truth: differences, lifts, one-sided bounds, posteriors."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gateway.stats import (
    ArmColumns,
    ComparisonColumns,
    LiftMethod,
    Prior,
    Scale,
    compare_columns,
    newcombe_columns,
    one_sided_columns,
    posterior_columns,
)
from montecarlo.populations import (
    Floats,
    Generator,
    Population,
    basket,
    conversions,
    counts,
    lognormal,
    normal,
    pareto,
    revenue,
)
from montecarlo.tables import Promise, Rate, Table

UNITS_DRAWN = 60_000_000
"""At most so many units per arm and case: larger arms get fewer runs."""
PAYING = 0.05
MIN_SURE = 100
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Case:
    """Two arms of one size, or of two."""

    name: str
    aggregation: str
    n: int
    control: Population
    treatment: Population
    treatment_n: int = 0
    cost: float = 1.0
    """Share of the units that has to be drawn: 0 where sums are drawn as such, so that size costs nothing."""
    one_sided: bool = False
    """Shown among the one-sided bounds, too."""

    @property
    def difference(self) -> float:
        return self.treatment.value - self.control.value

    @property
    def lift(self) -> float:
        return self.difference / abs(self.control.value)

    def arms(self, rng: Generator, runs: int) -> tuple[ArmColumns, ArmColumns]:
        """Control and treatment of every run."""
        other = self.treatment_n or self.n
        runs = min(runs, max(200, int(UNITS_DRAWN / max(1.0, self.cost * max(self.n, other)))))
        return self.control.draw(rng, self.n, runs), self.treatment.draw(rng, other, runs)


def _occurrence(n: int, rate: float, lift: float) -> Case:
    name = f"conversion {100 * rate:.0f} %, n = {n:,}" + (f", lift {100 * lift:+.0f} %" if lift else "")
    return Case(name, "occurrence", n, conversions(rate), conversions(rate * (1 + lift)), cost=0.0,
                one_sided=lift == 0.5)  # fmt: skip


OCCURRENCE = tuple(
    _occurrence(*each)
    for each in (
        (50, 0.15, 0.0), (100, 0.10, 0.0), (200, 0.05, 0.0), (200, 0.05, 0.5), (1_000, 0.02, 0.0),
        (1_000, 0.02, 0.5), (10_000, 0.05, 0.0), (10_000, 0.05, 0.1),
    )
)  # fmt: skip
MEANS = (
    Case("normal, n = 50", "mean", 50, normal(10, 3), normal(11, 3), cost=0.0, one_sided=True),
    Case("normal, n = 500 and 50, sd 3 and 9", "mean", 500, normal(10, 3), normal(11, 9), 50, cost=0.0),
    Case("normal, baseline −5, n = 200", "mean", 200, normal(-5, 10), normal(-4, 10), cost=0.0),
    Case("normal, baseline 5 errors off zero, n = 100", "mean", 100, normal(5, 10), normal(6, 10), cost=0.0),
    Case("normal, baseline 2 errors off zero, n = 100", "mean", 100, normal(2, 10), normal(3, 10), cost=0.0),
    Case("counts, variance 5 × mean, n = 200", "count", 200, counts(2, 0.5), counts(2.4, 0.5)),
    Case("lognormal sigma 1, n = 100", "sum", 100, lognormal(10, 1), lognormal(11, 1)),
    Case("lognormal sigma 2, n = 1,000", "sum", 1_000, lognormal(10, 2), lognormal(11, 2), one_sided=True),
    Case("revenue, 5 % pay, n = 200", "sum", 200, revenue(2, PAYING, 1.0), revenue(2.4, 0.06, 1.0), cost=PAYING,
         one_sided=True),
    Case("revenue, 5 % pay, n = 2,000", "sum", 2_000, revenue(2, PAYING, 1.0), revenue(2.2, 0.055, 1.0), cost=PAYING),
    Case("revenue, 5 % pay, sigma 1.5, n = 2,000", "sum", 2_000, revenue(2, PAYING, 1.5), revenue(2.2, PAYING, 1.5),
         cost=PAYING),
    Case("revenue, 5 % pay, sigma 1.5, n = 20,000", "sum", 20_000, revenue(2, PAYING, 1.5), revenue(2.2, PAYING, 1.5),
         cost=PAYING),
    Case("revenue, 5 % pay, n = 20,000 and 2,000", "sum", 20_000, revenue(2, PAYING, 1.0), revenue(2.2, PAYING, 1.0),
         2_000, cost=PAYING, one_sided=True),
    Case("Pareto, tail 2.5, n = 1,000", "sum", 1_000, pareto(10, 2.5), pareto(10.5, 2.5)),
    Case("Pareto, tail 2.5, n = 10,000", "sum", 10_000, pareto(10, 2.5), pareto(10.5, 2.5)),
)  # fmt: skip
RATIOS = tuple(
    Case(f"order value, correlated, n = {n:,}", "ratio", n, basket(20, 1.5), basket(21, 1.5), one_sided=n == 100)
    for n in (100, 1_000)
)
CASES = (*OCCURRENCE, *MEANS, *RATIOS)
METHODS = {"occurrence": "Wald", "ratio": "ratio z"}


def intervals(rng: Generator, runs: int, cases: tuple[Case, ...] = CASES) -> list[Table]:
    """The tables of differences and of lifts, from the same draws."""
    differences, lifts, bounds = [], [], []
    for case in cases:
        arms = case.arms(rng, runs)
        found = compare_columns(*arms, aggregation=case.aggregation)
        differences += list(_differences(case, found, arms))
        lifts += list(_lifts(case, found, arms))
        bounds += [*_bounds(case, found), *_lift_bounds(case, arms)] if case.one_sided else []
    return [
        Table("difference", "coverage", tuple(differences), tails=True),
        Table("lift", "coverage", tuple(lifts), tails=True),
        Table("one-sided", "coverage", tuple(bounds)),
    ]


def covered(
    method: str, case: str, truth: float | Floats, low: Floats, high: Floats, nominal: float = 0.95
) -> Rate:
    """How often [low, high] holds the truth, among the runs that have an interval."""
    answered = ~np.isnan(low)
    below, above = (high < truth)[answered], (low > truth)[answered]
    runs = int(answered.sum())
    return Rate(
        method, case, runs - int(below.sum()) - int(above.sum()), runs, nominal,
        below=float(below.mean()), above=float(above.mean()), unanswered=1.0 - runs / len(low),
    )  # fmt: skip


def happened(
    method: str,
    case: str,
    rows: Any,
    nominal: float = math.nan,
    promise: Promise = Promise.EXACTLY,
    unanswered: float = 0.0,
) -> Rate:
    """How often something did, of a column of truths; without a nominal rate nothing is promised."""
    return Rate(method, case, int(np.sum(rows)), len(rows), nominal, promise, unanswered=unanswered)


def _differences(case: Case, found: ComparisonColumns, arms: tuple[ArmColumns, ArmColumns]) -> Iterator[Rate]:
    method = METHODS.get(case.aggregation, "Welch")
    yield covered(method, case.name, case.difference, found.ci_low, found.ci_high)
    if case.aggregation == "occurrence":
        score = newcombe_columns(arms[0].conversions, arms[0].n, arms[1].conversions, arms[1].n)
        shown = np.isfinite(found.ci_low)
        low, high = (np.where(shown, column, np.nan) for column in (score.ci_low, score.ci_high))
        yield covered("Newcombe", case.name, case.difference, low, high)


def _lifts(case: Case, found: ComparisonColumns, arms: tuple[ArmColumns, ArmColumns]) -> Iterator[Rate]:
    for method in LiftMethod:
        by_name = found
        if method is not LiftMethod.FIELLER:
            by_name = compare_columns(*arms, aggregation=case.aggregation, lift_method=method)
        if np.isnan(by_name.lift_ci_low).all():
            continue
        title = method.value.capitalize()
        yield covered(title, case.name, case.lift, by_name.lift_ci_low, by_name.lift_ci_high)


def _bounds(case: Case, found: ComparisonColumns) -> Iterator[Rate]:
    answered = ~np.isnan(found.p_value)
    for side in ("greater", "less"):
        bound = one_sided_columns(found, side).bound[answered]
        held = bound <= case.difference if side == "greater" else bound >= case.difference
        name = "difference, lower bound" if side == "greater" else "difference, upper bound"
        yield happened(name, case.name, held, 0.95, unanswered=1.0 - float(answered.mean()))


def _lift_bounds(case: Case, arms: tuple[ArmColumns, ArmColumns]) -> Iterator[Rate]:
    """A one-sided bound at 95 % is the end of the two-sided interval at 90 %."""
    for method in LiftMethod:
        found = compare_columns(*arms, aggregation=case.aggregation, level=0.9, lift_method=method)
        answered = ~np.isnan(found.lift_ci_low)
        silent = 1.0 - float(answered.mean())
        title = method.value.capitalize()
        yield happened(f"{title} lift, lower bound", case.name, found.lift_ci_low[answered] <= case.lift, 0.95,
                       unanswered=silent)  # fmt: skip
        yield happened(f"{title} lift, upper bound", case.name, found.lift_ci_high[answered] >= case.lift, 0.95,
                       unanswered=silent)  # fmt: skip


def posteriors(rng: Generator, runs: int) -> list[Table]:
    """Credible intervals and chances to win, where the true lift is drawn anew from the prior in each run."""
    rows: list[Rate] = []
    for spread in (0.05, 0.2):
        lift = rng.normal(0.0, spread, runs)
        for name, n, rate in (("conversion 5 %, n = 10,000", 10_000, 0.05), ("conversion 10 %, n = 500", 500, 0.10)):
            rows += _believed(f"{name}, true lifts N(0, {100 * spread:.0f} %)", rng, n, rate, lift, Prior(0.0, spread))
    return [Table("posterior", "rate", tuple(rows))]


def _believed(case: str, rng: Generator, n: int, rate: float, lift: Floats, prior: Prior) -> Iterator[Rate]:
    sides = [rng.binomial(n, np.clip(p, 0.0, 1.0)) for p in (np.full(len(lift), rate), rate * (1.0 + lift))]
    arms = [ArmColumns.of(float(n), side / n, None, conversions=side) for side in sides]
    for name, given in (("flat prior", Prior()), ("the true prior", prior)):
        found = posterior_columns(*arms, aggregation="occurrence", prior=given, scale=Scale.DIFFERENCE)
        row = covered(f"{name}: 95 % credible interval", case, rate * lift, found.belief.ci_low, found.belief.ci_high)
        yield row
        sure = found.belief.chance_to_win > 0.95
        if sure.sum() >= MIN_SURE:
            nominal = float(np.mean(found.belief.chance_to_win[sure]))
            yield happened(f"{name}: right where chance to win > 95 %", case, lift[sure] > 0, nominal)


def chances(rng: Generator, runs: int) -> list[Table]:
    """How often chance to win passes 95 % or falls below 5 % with no effect: the original's lift, and ours."""
    rows: list[Rate] = []
    for case in (each for each in OCCURRENCE if each.lift == 0.0):
        arms = case.arms(rng, runs)
        for name, scale in (("original (lift, delta)", Scale.LIFT), ("ours (difference)", Scale.DIFFERENCE)):
            found = posterior_columns(*arms, aggregation="occurrence", scale=scale)
            chance = found.belief.chance_to_win
            answered = ~np.isnan(chance)
            missing = 1.0 - float(answered.mean())
            for label, rows_hit in (("> 95 %", chance > 0.95), ("< 5 %", chance < 0.05)):
                rows.append(happened(f"{name} {label}", case.name, rows_hit[answered], 0.05, unanswered=missing))
    return [Table("chance", "rate", tuple(rows))]
