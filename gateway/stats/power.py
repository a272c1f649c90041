"""Power of a planned comparison, from a baseline's value and variance per unit.

With d the true difference, k treatments beside one control, shares of the total N, and v the variance per unit:

    power = Phi((d - c se0)/se1) + Phi((-d - c se0)/se1)        the second term in two-sided designs only
    means, ratios:  se0 = se1 = sqrt(v/nT + v/nC)
    proportions:    se0 pools the rate, as the test does; se1^2 = pC (1 - pC)/nC + pT (1 - pT)/nT
    delta lift:     se0 = se1 = sqrt(vT/nT + (1 + L)^2 vC/nC), the original kernel's interval (GrowthBook's power page)
    margin M:       power = Phi((t d + M |mC|)/se - c), se as in `guardrail`, t = -1 where lower is better

c is the normal quantile, or with `sequential` the confidence sequence's at N: the power is a lower bound then, as the
sequence may also cross earlier. CUPED scales every variance by 1 - reduction. Normal throughout, which is right from
the 50 units per arm that the kernel asks for. Planned, never post hoc: the power of an observed effect says nothing
more than its p-value (Kohavi, Tang and Xu 2020).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from gateway.stats import direction
from gateway.stats import sequential as always_valid
from gateway.stats.arms import ArmColumns, as_column, choices, estimate, is_one
from gateway.stats.result import DEFAULT_LEVEL, Aggregation, Desired, LiftMethod, Scale
from gateway.stats.sample import RatioStats, VariantStats
from gateway.stats.tails import BoolArray, FloatArray, ObjectArray, check_level


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is known of the metric without treatment."""

    value: float
    variance: float
    """Per unit; of the linearised ratio for a ratio metric."""
    aggregation: Aggregation = Aggregation.MEAN

    @classmethod
    def mean(cls, value: float, sd: float) -> Baseline:
        """A metric per unit with its standard deviation."""
        return cls(float(value), float(sd) ** 2)

    @classmethod
    def proportion(cls, rate: float) -> Baseline:
        """A conversion rate, as a fraction."""
        if not 0.0 <= rate <= 1.0:
            raise ValueError(f"a rate is a fraction between 0 and 1, such as 0.05, not {rate!r}")
        return cls(float(rate), float(rate) * (1.0 - float(rate)), Aggregation.OCCURRENCE)

    @classmethod
    def of(cls, arm: VariantStats | RatioStats, aggregation: str | None = None) -> Baseline:
        """From an arm of an earlier experiment."""
        if isinstance(arm, RatioStats):
            return cls(arm.mean, arm.variance, Aggregation.RATIO)
        kind = Aggregation(aggregation or Aggregation.MEAN)
        return cls.proportion(arm.mean) if kind == Aggregation.OCCURRENCE else cls(arm.mean, arm.variance, kind)


@dataclass(frozen=True, slots=True, eq=False)
class BaselineColumns:
    """k baselines at once."""

    value: FloatArray
    variance: FloatArray
    aggregation: ObjectArray

    @classmethod
    def of(cls, value: Any, variance: Any, aggregation: Any = Aggregation.MEAN) -> BaselineColumns:
        """From columns; the variance of a rate is p (1 - p), whatever is given for it."""
        values, variances = np.broadcast_arrays(as_column(value), as_column(variance))
        kinds = choices(aggregation, len(values), Aggregation, "aggregation")
        if ((values < 0.0) | (values > 1.0))[is_one(kinds, Aggregation.OCCURRENCE)].any():
            raise ValueError("a rate is a fraction between 0 and 1, such as 0.05")
        rates = values * (1.0 - values)
        return cls(np.array(values), np.where(is_one(kinds, Aggregation.OCCURRENCE), rates, variances), kinds)

    @classmethod
    def from_arms(cls, arms: ArmColumns, aggregation: Any) -> BaselineColumns:
        """From arms of earlier experiments."""
        found = estimate(arms, choices(aggregation, len(arms), Aggregation, "aggregation"))
        return cls.of(found.value, found.variance, aggregation)

    @classmethod
    def from_baselines(cls, baselines: Sequence[Baseline]) -> BaselineColumns:
        """From baselines one by one."""
        kinds = np.empty(len(baselines), dtype=object)
        kinds[:] = [Aggregation(baseline.aggregation).value for baseline in baselines]
        values, variances = ([getattr(one, name) for one in baselines] for name in ("value", "variance"))
        return cls(np.array(values, dtype=np.float64), np.array(variances, dtype=np.float64), kinds)

    def __len__(self) -> int:
        return len(self.value)

    @property
    def occurrence(self) -> BoolArray:
        """Rows that are rates."""
        return is_one(self.aggregation, Aggregation.OCCURRENCE)

    def row(self, i: int) -> Baseline:
        """Row i as a value of its own."""
        return Baseline(float(self.value[i]), float(self.variance[i]), Aggregation(self.aggregation[i]))


@dataclass(frozen=True, slots=True)
class Design:
    """How the experiment will be split and judged."""

    power: float = 0.8
    level: float = DEFAULT_LEVEL
    shares: tuple[float, ...] = (0.5, 0.5)
    """Control first, then every treatment; normalised where used."""
    desired: Desired = Desired.INCREASE
    one_sided: bool = False
    corrected: bool = False
    """Bonferroni over the treatments: each is tested at (1 - level) / k."""
    sequential: bool = False
    """Judged by the always-valid interval."""
    tuning: float = always_valid.TUNING_UNITS
    variance_reduction: float = 0.0
    """CUPED's, as a fraction of the variance."""
    margin: float | None = None
    """Non-inferiority margin, relative: the test is then one-sided at half the error, as `guardrail` is."""
    lift_method: LiftMethod = LiftMethod.FIELLER
    """By delta the effect is a lift tested by its own error; by Fieller that test is the difference's."""

    def __post_init__(self) -> None:
        check_level(self.level)
        if not 0.0 < self.power < 1.0:
            raise ValueError(f"power is a fraction between 0 and 1, such as 0.8, not {self.power!r}")
        if len(self.shares) < 2 or not all(math.isfinite(share) and share > 0 for share in self.shares):
            raise ValueError(f"shares are two or more positive numbers, control first, not {self.shares!r}")
        if not 0.0 <= self.variance_reduction < 1.0:
            raise ValueError(f"variance reduction is a fraction from 0 to below 1, not {self.variance_reduction!r}")
        if self.margin is not None and not self.margin > 0:
            raise ValueError(f"a margin is a positive share of the control mean, not {self.margin!r}")
        if self.lift_method == LiftMethod.LOG:
            raise ValueError("plans are made for fieller or delta")

    @property
    def split(self) -> tuple[float, ...]:
        """Shares that add up to 1."""
        return tuple(share / math.fsum(self.shares) for share in self.shares)

    @property
    def alpha(self) -> float:
        """Error of one comparison: after correction, two-sided unless `one_sided`."""
        return (1.0 - self.level) / (len(self.shares) - 1 if self.corrected else 1)

    def critical(self, units: FloatArray) -> FloatArray:
        """Standard errors that the estimate must be away from the null, at `units` in the pair of arms."""
        tail = self.alpha if self.one_sided else self.alpha / 2.0
        if not self.sequential:
            return np.full(np.shape(units), -float(special.ndtri(tail)))
        if self.one_sided:
            return direction.critical_value(units, 1.0 - tail, self.tuning)
        return always_valid.critical_value(units, 1.0 - self.alpha, self.tuning)


def absolute(baselines: BaselineColumns, effect: Any, scale: str) -> FloatArray:
    """Effects in the metrics' own units."""
    given = np.asarray(effect, dtype=np.float64)
    return given * np.abs(baselines.value) if Scale(scale) == Scale.LIFT else given


def power_curve(
    baseline: Baseline, effect: Any, total_units: Any, design: Design | None = None, *, scale: str = Scale.LIFT
) -> FloatArray:
    """Power at each effect and total number of units, broadcast together; for the treatment with the smallest share.

    NaN where a rate would leave 0 to 1. An effect is signed: a fall has the power to be found as a fall, except in
    one-sided and non-inferiority designs, which look toward `desired` alone.
    """
    effects, units = np.broadcast_arrays(
        np.asarray(effect, dtype=np.float64), np.asarray(total_units, dtype=np.float64)
    )
    alone = BaselineColumns.from_baselines([baseline])
    return power_columns(alone, effects.ravel(), units.ravel(), design, scale=scale).reshape(effects.shape)


def power_columns(
    baselines: BaselineColumns,
    effect: Any,
    total_units: Any,
    design: Design | None = None,
    *,
    scale: str = Scale.LIFT,
) -> FloatArray:
    """Power of each baseline at its effect and total number of units, row by row; see `power_curve`."""
    plan = design or Design()
    difference = absolute(baselines, effect, scale)
    total = np.asarray(total_units, dtype=np.float64)
    with np.errstate(all="ignore"):
        found = _power(baselines, plan, difference, plan.split[0] * total, min(plan.split[1:]) * total)
        treated = baselines.value + difference
        impossible = baselines.occurrence & ((treated < 0.0) | (treated > 1.0))
    return np.where(impossible, np.nan, found)


def _power(
    baselines: BaselineColumns, plan: Design, difference: FloatArray, control_n: FloatArray, treatment_n: FloatArray
) -> FloatArray:
    toward = -1.0 if plan.desired == Desired.DECREASE else 1.0
    critical, value = plan.critical(control_n + treatment_n), baselines.value
    if plan.margin is not None:
        kept = 1.0 - toward * plan.margin * np.copysign(1.0, value)
        room = toward * difference + plan.margin * np.abs(value)
        _, error = _errors(baselines, plan, difference, control_n, treatment_n, kept)
        return np.asarray(special.ndtr(room / error - critical))
    grown = 1.0 + difference / value if plan.lift_method == LiftMethod.DELTA else np.ones_like(value)
    null_error, error = _errors(baselines, plan, difference, control_n, treatment_n, grown)
    reach = critical * null_error
    if plan.one_sided:
        return np.asarray(special.ndtr((toward * difference - reach) / error))
    return np.asarray(special.ndtr((difference - reach) / error) + special.ndtr((-difference - reach) / error))


def _errors(
    baselines: BaselineColumns,
    plan: Design,
    difference: FloatArray,
    control_n: FloatArray,
    treatment_n: FloatArray,
    weight: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Standard errors of mT - weight * mC under the null and under the effect."""
    left, value, variance = 1.0 - plan.variance_reduction, baselines.value, baselines.variance
    treated = value + difference
    treated_variance = np.where(baselines.occurrence, treated * (1.0 - treated), variance)
    error = np.sqrt(left * (treated_variance / treatment_n + weight * weight * variance / control_n))
    if plan.margin is not None or plan.lift_method == LiftMethod.DELTA:
        return error, error
    pooled = (control_n * value + treatment_n * treated) / (control_n + treatment_n)
    null = np.sqrt(left * pooled * (1.0 - pooled) * (1.0 / control_n + 1.0 / treatment_n))
    return np.where(baselines.occurrence, null, error), error
