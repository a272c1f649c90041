"""CUPED: less variance from what was known of each unit before the experiment (Deng, Xu, Kohavi and Walker 2013).

With Y the outcome and X the covariate per unit (a ratio is linearised, below), theta = cov(Y, X) / var(X) over both
arms together, and

    difference = (YT - YC) - theta (XT - XC)
    variance   = sum over arms of (vY + theta^2 vX - 2 theta c) / n
    relative   = difference / |YC|, whose variance is (vY + theta^2 vX - 2 theta c) / (nT YC^2) for treatment and
                 (vY YT^2/YC^2 - 2 theta c YT/YC + theta^2 vX) / (nC YC^2) for control (GrowthBook #3610)

A ratio R = mean(M) / mean(D) enters as (M - R D) / mean(D) per unit, by the delta method; so does a ratio covariate.
Assumes independent units and a covariate that the treatment cannot have moved: it is fixed before assignment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from gateway.stats import reasons, relative, sequential
from gateway.stats.arms import ArmEstimates, choices, estimate, is_none, is_one
from gateway.stats.columns import Settings
from gateway.stats.covariate import (
    COVARIATE,
    COVARIATE_DENOMINATOR,
    DENOMINATOR,
    OUTCOME,
    CovariateColumns,
    CovariateStats,
    merge,
)
from gateway.stats.frequentist import normal_test, welch
from gateway.stats.lift import LiftColumns
from gateway.stats.result import (
    DEFAULT_LEVEL,
    MIN_CONVERSIONS,
    MIN_UNITS,
    Aggregation,
    Alternative,
    Estimate,
    LiftMethod,
    Method,
    NotComputable,
    ReasonCode,
)
from gateway.stats.tails import BoolArray, FloatArray, ObjectArray, check_level, normal_critical, normal_two_sided

Gradient: TypeAlias = tuple[FloatArray, FloatArray]
"""Of a ratio, by its numerator and its denominator."""
IMBALANCE_P = 0.001
"""Below this the arms differed before anything was done to them; adjusting does not mend that."""
_TESTED = ("difference", "ci_low", "ci_high", "standard_error", "dof", "p_value")
_NUMBERS = (
    "theta",
    "standard_error",
    "dof",
    "p_value",
    "lift_standard_error",
    "sequential_p_value",
    "unadjusted_difference",
    "variance_reduction",
    "covariate_difference",
    "covariate_p_value",
)
ROUNDING = 64.0 * np.finfo(np.float64).eps


@dataclass(frozen=True, slots=True)
class Adjusted:
    """One treatment against control after CUPED. Intervals are two-sided; differences are treatment minus control."""

    control: CovariateStats
    treatment: CovariateStats
    aggregation: Aggregation
    level: float
    lift_method: LiftMethod
    theta: float
    """Outcome units per covariate unit; 0 where the covariate is constant, and then nothing is adjusted."""
    difference: Estimate
    standard_error: float
    dof: float
    p_value: float
    lift: Estimate | NotComputable
    lift_standard_error: float
    """By the delta method, whichever method made the interval; NaN where the baseline is zero."""
    sequential_difference: Estimate
    sequential_p_value: float
    unadjusted_difference: float
    variance_reduction: float
    """1 - adjusted / unadjusted squared standard error: 0.4 is worth 1 / 0.6 times the units. Negative when it hurt."""
    covariate_difference: float
    covariate_p_value: float
    """Two-sided; NaN for a constant covariate."""
    balanced: bool
    """False where the covariate itself differs between the arms with p < 0.001: look for SRM's causes."""
    sequential_lift: Estimate | NotComputable
    method: Method = Method.CUPED
    alternative: Alternative = Alternative.TWO_SIDED


@dataclass(frozen=True, slots=True, eq=False)
class AdjustedColumns:
    """Row i adjusts treatment i against control i; fields as in `Adjusted`, each of length k, NaN where unanswered."""

    control: CovariateColumns
    treatment: CovariateColumns
    aggregation: ObjectArray
    settings: Settings
    theta: FloatArray
    difference: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    standard_error: FloatArray
    dof: FloatArray
    p_value: FloatArray
    lift: FloatArray
    lift_ci_low: FloatArray
    lift_ci_high: FloatArray
    lift_standard_error: FloatArray
    sequential_ci_low: FloatArray
    sequential_ci_high: FloatArray
    sequential_lift_ci_low: FloatArray
    sequential_lift_ci_high: FloatArray
    sequential_p_value: FloatArray
    unadjusted_difference: FloatArray
    variance_reduction: FloatArray
    covariate_difference: FloatArray
    covariate_p_value: FloatArray
    balanced: BoolArray
    reason: ObjectArray
    lift_reason: ObjectArray
    sequential_lift_reason: ObjectArray

    def __len__(self) -> int:
        return len(self.control)

    def reason_text(self, i: int, code: str) -> str:
        """A reason of row i as a sentence."""
        if code == ReasonCode.COVARIATE_UNKNOWN:
            return "the covariate of an arm, or its covariance with the metric, is missing or not finite"
        units = [float(arm.n[i]) for arm in (self.control, self.treatment)]
        means = [float(arm.mean[i, OUTCOME]) for arm in (self.control, self.treatment)]
        converted = [n * mean for n, mean in zip(units, means, strict=True)]
        return reasons.text(code, units, converted, self.settings.min_units, self.settings.min_conversions)


def adjust_columns(
    control: CovariateColumns,
    treatment: CovariateColumns,
    *,
    aggregation: Any,
    level: float = DEFAULT_LEVEL,
    lift_method: str = LiftMethod.FIELLER,
    tuning: float = sequential.TUNING_UNITS,
    min_units: int = MIN_UNITS,
    min_conversions: int = MIN_CONVERSIONS,
) -> AdjustedColumns:
    """CUPED row by row. Difference by Welch on the adjusted variances, normal for ratios; lift by Fieller or delta."""
    if len(control) != len(treatment):
        raise ValueError(f"{len(control)} control arms for {len(treatment)} treatment arms")
    if lift_method == LiftMethod.LOG:
        raise ValueError("an adjusted lift is by fieller or delta")
    settings = Settings(check_level(level), LiftMethod(lift_method), tuning, min_units, min_conversions)
    kinds = choices(aggregation, len(control), Aggregation, "aggregation")
    plain = ~is_one(kinds, Aggregation.RATIO)
    control, treatment = control.plain_where(plain), treatment.plain_where(plain)
    with np.errstate(all="ignore"):
        columns = _infer(control, treatment, ~plain, settings)
    reason = _reasons(control, treatment, kinds, columns, settings)
    for name, column in columns.items():
        if name.endswith("reason"):
            columns[name] = np.where(is_none(reason), column, reason)
        elif column.dtype == np.float64:
            column[~is_none(reason)] = np.nan
    return AdjustedColumns(
        control=control, treatment=treatment, aggregation=kinds, settings=settings, reason=reason, **columns
    )


def adjust(
    control: CovariateStats | None,
    treatment: CovariateStats,
    *,
    aggregation: str = Aggregation.MEAN,
    level: float = DEFAULT_LEVEL,
    lift_method: str = LiftMethod.FIELLER,
    tuning: float = sequential.TUNING_UNITS,
    min_units: int = MIN_UNITS,
    min_conversions: int = MIN_CONVERSIONS,
) -> Adjusted | NotComputable:
    """`adjust_columns` for one pair of arms."""
    if control is None:
        return NotComputable("there is no control arm to compare with", ReasonCode.NO_CONTROL)
    columns = adjust_columns(
        CovariateColumns.from_stats([control]),
        CovariateColumns.from_stats([treatment]),
        aggregation=aggregation,
        level=level,
        lift_method=lift_method,
        tuning=tuning,
        min_units=min_units,
        min_conversions=min_conversions,
    )
    return adjusted_at(columns, 0)


def adjusted_at(columns: AdjustedColumns, i: int) -> Adjusted | NotComputable:
    """Row i of the column form as a value of its own."""
    code = columns.reason[i]
    if code is not None:
        return NotComputable(columns.reason_text(i, code), ReasonCode(code))

    def number(name: str) -> float:
        return float(getattr(columns, name)[i])

    def interval(value: str, name: str) -> Estimate:
        return Estimate(number(value), number(f"{name}_low"), number(f"{name}_high"))

    def lift(low: str, code: str | None) -> Estimate | NotComputable:
        if code is not None:
            return NotComputable(columns.reason_text(i, code), ReasonCode(code))
        base = abs(float(columns.control.mean[i, OUTCOME] / columns.control.mean[i, DENOMINATOR]))
        return Estimate(number("difference") / base, number(f"{low}_low"), number(f"{low}_high"))

    numbers: dict[str, Any] = {name: number(name) for name in _NUMBERS}
    return Adjusted(
        control=columns.control.row(i),
        treatment=columns.treatment.row(i),
        aggregation=Aggregation(columns.aggregation[i]),
        level=columns.settings.level,
        lift_method=columns.settings.lift_method,
        difference=interval("difference", "ci"),
        lift=lift("lift_ci", columns.lift_reason[i]),
        sequential_lift=lift("sequential_lift_ci", columns.sequential_lift_reason[i]),
        sequential_difference=interval("difference", "sequential_ci"),
        balanced=bool(columns.balanced[i]),
        **numbers,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Linear:
    """Per arm: value and covariate, their variances per unit and covariance, linearised if ratios."""

    n: FloatArray
    value: FloatArray
    covariate: FloatArray
    variance: FloatArray
    covariate_variance: FloatArray
    covariance: FloatArray

    def residual(self, theta: FloatArray, weight: FloatArray | float = 1.0) -> FloatArray:
        """Variance per unit of weight * Y - theta X; what is within rounding of zero is zero."""
        parts = (
            weight * weight * self.variance,
            -2.0 * weight * theta * self.covariance,
            theta * theta * self.covariate_variance,
        )
        spread, size = parts[0] + parts[1] + parts[2], sum(np.abs(part) for part in parts)
        return np.where(np.abs(spread) <= ROUNDING * size, 0.0, spread)


def _linear(arms: CovariateColumns) -> _Linear:
    top, bottom = arms.mean[:, OUTCOME], arms.mean[:, DENOMINATOR]
    pre, pre_bottom = arms.mean[:, COVARIATE], arms.mean[:, COVARIATE_DENOMINATOR]
    value, covariate = top / bottom, pre / pre_bottom
    outward, before = (1.0 / bottom, -value / bottom), (1.0 / pre_bottom, -covariate / pre_bottom)
    first, last = (OUTCOME, DENOMINATOR), (COVARIATE, COVARIATE_DENOMINATOR)

    def moment(a: Gradient, b: Gradient, rows: tuple[int, int], columns: tuple[int, int]) -> FloatArray:
        """Covariance of two linearised quantities, term by term, so that a row's bits are its own."""
        terms = [a[p] * arms.m2[:, rows[p], columns[q]] * b[q] for p in (0, 1) for q in (0, 1)]
        return np.asarray((terms[0] + terms[1] + terms[2] + terms[3]) / (arms.n - 1.0))

    return _Linear(
        arms.n,
        value,
        covariate,
        moment(outward, outward, first, first),
        moment(before, before, last, last),
        moment(outward, before, first, last),
    )


def _infer(
    control_arms: CovariateColumns, treatment_arms: CovariateColumns, ratio: BoolArray, settings: Settings
) -> dict[str, Any]:
    """Every column, by its field name, before anything is blanked out."""
    control, treatment = _linear(control_arms), _linear(treatment_arms)
    pooled = _linear(merge(control_arms, treatment_arms))
    theta = np.where(pooled.covariate_variance == 0.0, 0.0, pooled.covariance / pooled.covariate_variance)
    moved = treatment.covariate - control.covariate
    unknown = np.full_like(theta, np.nan)
    sides = (
        ArmEstimates(control.n, control.value, control.residual(theta), unknown),
        ArmEstimates(treatment.n, treatment.value - theta * moved, treatment.residual(theta), unknown),
    )
    found = _test(*sides, ratio, settings.level)
    units, error = control.n + treatment.n, found["standard_error"]
    wide = sequential.critical_value(units, settings.level, settings.tuning)
    raw_variance = control.variance / control.n + treatment.variance / treatment.n
    moved_error = np.sqrt(control.covariate_variance / control.n + treatment.covariate_variance / treatment.n)
    moved_p = normal_two_sided(moved / moved_error)
    return (
        found
        | _lift(control, treatment, theta, found["difference"], error, wide, settings)
        | {
            "theta": theta,
            "sequential_ci_low": found["difference"] - wide * error,
            "sequential_ci_high": found["difference"] + wide * error,
            "sequential_p_value": sequential.always_valid_p(
                found["difference"], error, units, settings.level, settings.tuning
            ),
            "unadjusted_difference": treatment.value - control.value,
            "variance_reduction": 1.0 - error * error / raw_variance,
            "covariate_difference": moved,
            "covariate_p_value": moved_p,
            "balanced": np.asarray(~(moved_p < IMBALANCE_P)),
        }
    )


def _test(control: ArmEstimates, treatment: ArmEstimates, ratio: BoolArray, level: float) -> dict[str, FloatArray]:
    """Normal for ratios, Welch for the rest; neither is worked out where no row asks for it."""
    if not ratio.any() or ratio.all():
        alone = (normal_test if ratio.any() else welch)(control, treatment, level)
        return {name: getattr(alone, name) for name in _TESTED}
    tests = welch(control, treatment, level), normal_test(control, treatment, level)
    return {name: np.where(ratio, getattr(tests[1], name), getattr(tests[0], name)) for name in _TESTED}


def _lift(
    control: _Linear,
    treatment: _Linear,
    theta: FloatArray,
    difference: FloatArray,
    error: FloatArray,
    wide: FloatArray,
    settings: Settings,
) -> dict[str, Any]:
    """The lift by the named method, and by Fieller with the sequence's critical value."""
    base, critical = control.value, normal_critical(settings.level)
    shared = (theta * control.covariance - control.variance) / control.n
    spreads = error * error, control.variance / control.n, shared
    always = relative.fieller(difference, base, *spreads, wide)
    grown = control.residual(theta, treatment.value / base) / control.n
    lift_error = np.sqrt(treatment.residual(theta) / treatment.n + grown) / np.abs(base)
    if settings.lift_method is LiftMethod.DELTA:
        found: LiftColumns = relative.symmetric(difference / np.abs(base), lift_error, base, critical)
    else:
        found = relative.fieller(difference, base, *spreads, critical)
    return {
        "lift": found.value,
        "lift_ci_low": found.ci_low,
        "lift_ci_high": found.ci_high,
        "lift_reason": found.reason,
        "lift_standard_error": np.where(base == 0.0, np.nan, lift_error),
        "sequential_lift_ci_low": always.ci_low,
        "sequential_lift_ci_high": always.ci_high,
        "sequential_lift_reason": always.reason,
    }


def _reasons(
    control: CovariateColumns,
    treatment: CovariateColumns,
    aggregation: ObjectArray,
    columns: dict[str, Any],
    settings: Settings,
) -> ObjectArray:
    """The plain comparison's reasons, then the covariate's own, then what adjusting itself ran into."""
    arms = control.outcome, treatment.outcome
    estimates = estimate(arms[0], aggregation), estimate(arms[1], aggregation)
    reason = reasons.find(arms, estimates, aggregation, settings.min_units, settings.min_conversions)
    known = np.isfinite(columns["theta"]) & np.isfinite(columns["covariate_difference"])
    reason[is_none(reason) & ~known] = ReasonCode.COVARIATE_UNKNOWN.value
    reason[is_none(reason) & (columns["standard_error"] == 0.0)] = ReasonCode.ZERO_VARIANCE.value
    finite = np.isfinite(columns["ci_low"]) & np.isfinite(columns["ci_high"])
    reason[is_none(reason) & ~finite] = ReasonCode.VARIANCE_UNDEFINED.value
    return reason
