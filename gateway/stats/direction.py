"""One-sided tests: is treatment above control, or below it?

Fixed horizon: the two-sided test's statistic with its whole error in one tail, and a bound on that side alone. The
bound of the lift is the end of the named method's two-sided interval at 2 level - 1, which leaves 1 - level beyond it.
Always valid: the one-sided confidence sequence of Waudby-Smith et al. (arXiv 2103.06476), with I = N rho^2,

    bound: c = sqrt(2 (I + 1)/I ln(1 + sqrt(I + 1)/(2 a))) standard errors, rho tuned at 2 a
    p = min(1, sqrt(I + 1) / (2 (exp(s^2 I/(2 (I + 1))) - 1)))    s: the score; p = 1 where s <= 0

Say which side before looking: choosing it afterwards doubles the error.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from gateway.stats import lift
from gateway.stats.arms import estimate, is_none
from gateway.stats.columns import ComparisonColumns
from gateway.stats.lift import LiftColumns
from gateway.stats.pair import Arm, compared
from gateway.stats.result import (
    DEFAULT_LEVEL,
    MIN_CONVERSIONS,
    MIN_UNITS,
    Aggregation,
    Alternative,
    LiftMethod,
    Method,
    NotComputable,
    ReasonCode,
)
from gateway.stats.sequential import TUNING_UNITS, rho_squared
from gateway.stats.tails import FloatArray, ObjectArray, check_level, normal_critical, student_quantile


@dataclass(frozen=True, slots=True)
class Bound:
    """A point and how far it may lie on one side."""

    value: float
    bound: float


@dataclass(frozen=True, slots=True)
class OneSided:
    """One treatment against control in one direction; bounds hold one-sided at `level`.

    A bound is a lower one if the alternative is greater, an upper one if it is less.
    """

    control: Arm
    treatment: Arm
    aggregation: Aggregation
    alternative: Alternative
    method: Method
    lift_method: LiftMethod
    level: float
    difference: float
    bound: float
    p_value: float
    lift: Bound | NotComputable
    sequential_bound: float
    sequential_p_value: float
    sequential_lift: Bound | NotComputable
    """By the sequence of mT - (1 + L) mC, as in the two-sided comparison."""


@dataclass(frozen=True, slots=True, eq=False)
class OneSidedColumns:
    """Fields as in `OneSided`, per row of a comparison; NaN where there is no answer, and a ReasonCode for it."""

    comparison: ComparisonColumns
    """What was tested: arms, method, level and tuning."""
    alternative: Alternative
    difference: FloatArray
    bound: FloatArray
    p_value: FloatArray
    lift: FloatArray
    lift_bound: FloatArray
    lift_reason: ObjectArray
    sequential_bound: FloatArray
    sequential_p_value: FloatArray
    sequential_lift_bound: FloatArray
    sequential_lift_reason: ObjectArray
    reason: ObjectArray


def critical_value(units: Any, level: float = DEFAULT_LEVEL, tuning: float = TUNING_UNITS) -> FloatArray:
    """One-sided half width of the confidence sequence, in standard errors, at `units` in both arms together."""
    alpha = _alpha(level)
    with np.errstate(all="ignore"):
        information = np.asarray(units, dtype=np.float64) * rho_squared(1.0 - 2.0 * alpha, tuning)
        boundary = np.log1p(np.sqrt(information + 1.0) / (2.0 * alpha))
        return np.asarray(np.sqrt(2.0 * (information + 1.0) / information * boundary))


def always_valid_p(
    score: FloatArray, units: FloatArray, level: float = DEFAULT_LEVEL, tuning: float = TUNING_UNITS
) -> FloatArray:
    """The smallest a at which the sequence tuned for `level` leaves zero out; `score` is in standard errors."""
    with np.errstate(all="ignore"):
        information = units * rho_squared(1.0 - 2.0 * _alpha(level), tuning)
        evidence = score * score * (information / (2.0 * (information + 1.0)))
        log_p = 0.5 * np.log1p(information) - math.log(2.0) - evidence - np.log(-np.expm1(-evidence))
        p = np.exp(np.minimum(0.0, log_p))
    return np.asarray(np.where(score <= 0.0, 1.0, p))


def one_sided_columns(columns: ComparisonColumns, alternative: str) -> OneSidedColumns:
    """The one-sided reading of a comparison, at its own level, tuning and lift method."""
    side, settings = Alternative(alternative), columns.settings
    if side is Alternative.TWO_SIDED:
        raise ValueError("the comparison itself is the two-sided test: name greater or less")
    _alpha(settings.level)
    toward = 1.0 if side is Alternative.GREATER else -1.0
    control, treatment = (estimate(arms, columns.aggregation) for arms in (columns.control, columns.treatment))
    answered = is_none(columns.reason)
    with np.errstate(all="ignore"):
        normal = np.isinf(columns.dof)
        critical = student_quantile(settings.level, columns.dof)
        away = -toward * columns.statistic
        p_value = np.where(normal, special.ndtr(away), special.stdtr(columns.dof, away))
        units, error = control.n + treatment.n, np.sqrt(control.squared_error + treatment.squared_error)
        wide = critical_value(units, settings.level, settings.tuning)
        always = always_valid_p(toward * columns.difference / error, units, settings.level, settings.tuning)
        both = 2.0 * settings.level - 1.0
        fixed_lift = lift.interval(settings.lift_method, control, treatment, both, normal_critical(both))
        always_lift = lift.fieller(control, treatment, wide)
    lower = side is Alternative.GREATER

    def shown(found: LiftColumns, column: FloatArray) -> tuple[FloatArray, ObjectArray]:
        return np.where(answered, column, np.nan), np.where(answered, found.reason, columns.reason)

    lift_bound, lift_reason = shown(fixed_lift, fixed_lift.ci_low if lower else fixed_lift.ci_high)
    always_bound, always_reason = shown(always_lift, always_lift.ci_low if lower else always_lift.ci_high)
    return OneSidedColumns(
        comparison=columns,
        alternative=side,
        difference=columns.difference,
        bound=columns.difference - toward * critical * columns.standard_error,
        p_value=np.where(answered, p_value, np.nan),
        lift=np.where(answered, fixed_lift.value, np.nan),
        lift_bound=lift_bound,
        lift_reason=lift_reason,
        sequential_bound=columns.difference - toward * wide * np.where(answered, error, np.nan),
        sequential_p_value=np.where(answered, always, np.nan),
        sequential_lift_bound=always_bound,
        sequential_lift_reason=always_reason,
        reason=columns.reason,
    )


def one_sided(
    control: Arm | None,
    treatment: Arm,
    *,
    alternative: str,
    aggregation: str = Aggregation.MEAN,
    level: float = DEFAULT_LEVEL,
    lift_method: str = LiftMethod.FIELLER,
    tuning: float = TUNING_UNITS,
    min_units: int = MIN_UNITS,
    min_conversions: int = MIN_CONVERSIONS,
) -> OneSided | NotComputable:
    """`one_sided_columns` for one pair of arms."""
    columns = compared(
        control,
        treatment,
        aggregation,
        level=level,
        lift_method=lift_method,
        tuning=tuning,
        min_units=min_units,
        min_conversions=min_conversions,
    )
    if isinstance(columns, NotComputable):
        return columns
    found, kind = one_sided_columns(columns, alternative), Aggregation(aggregation)

    def bound(value: float, column: FloatArray, code: str | None) -> Bound | NotComputable:
        if code is not None:
            return NotComputable(columns.reason_text(0, code), ReasonCode(code))
        return Bound(value, float(column[0]))

    always = float(columns.difference[0]) / abs(float(columns.control_value[0]) or math.nan)
    return OneSided(
        control=columns.control.row(0, kind),
        treatment=columns.treatment.row(0, kind),
        aggregation=kind,
        alternative=found.alternative,
        method=Method(columns.method[0]),
        lift_method=LiftMethod(lift_method),
        level=level,
        difference=float(found.difference[0]),
        bound=float(found.bound[0]),
        p_value=float(found.p_value[0]),
        lift=bound(float(found.lift[0]), found.lift_bound, found.lift_reason[0]),
        sequential_bound=float(found.sequential_bound[0]),
        sequential_p_value=float(found.sequential_p_value[0]),
        sequential_lift=bound(always, found.sequential_lift_bound, found.sequential_lift_reason[0]),
    )


def _alpha(level: float) -> float:
    alpha = 1.0 - check_level(level)
    if alpha >= 0.5:
        raise ValueError(f"a one-sided sequence needs a level above 0.5, not {level!r}")
    return alpha
