"""One-sided tests: is treatment above control, or below it?

Fixed horizon: the two-sided test's statistic with its whole error in one tail, and a bound on that side alone.
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

from gateway.stats import sequential
from gateway.stats.columns import ComparisonColumns, compare_columns
from gateway.stats.pair import Arm, single
from gateway.stats.result import (
    DEFAULT_LEVEL,
    MIN_CONVERSIONS,
    MIN_UNITS,
    Aggregation,
    Alternative,
    Method,
    NotComputable,
    ReasonCode,
)
from gateway.stats.sequential import TUNING_UNITS, rho_squared
from gateway.stats.tails import FloatArray, check_level


@dataclass(frozen=True, slots=True)
class OneSided:
    """One treatment against control in one direction; bounds hold one-sided at `level`."""

    alternative: Alternative
    method: Method
    level: float
    difference: float
    bound: float
    """Lower bound of the difference if the alternative is greater, upper bound if it is less."""
    p_value: float
    sequential_bound: float
    sequential_p_value: float


@dataclass(frozen=True, slots=True, eq=False)
class OneSidedColumns:
    """Fields as in `OneSided`, per row of a comparison; NaN where the comparison has no answer."""

    alternative: Alternative
    difference: FloatArray
    bound: FloatArray
    p_value: FloatArray
    sequential_bound: FloatArray
    sequential_p_value: FloatArray


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
    """The one-sided reading of a comparison, at its own level and tuning."""
    side, settings = Alternative(alternative), columns.settings
    if side is Alternative.TWO_SIDED:
        raise ValueError("the comparison itself is the two-sided test: name greater or less")
    toward = 1.0 if side is Alternative.GREATER else -1.0
    control, treatment = columns.control, columns.treatment
    with np.errstate(all="ignore"):
        quantile = special.stdtrit(columns.dof, settings.level)
        normal = np.isinf(columns.dof)
        critical = np.where(normal, special.ndtri(settings.level), quantile)
        away = -toward * columns.statistic
        p_value = np.where(normal, special.ndtr(away), special.stdtr(columns.dof, away))
        units = control.n + treatment.n
        half = (columns.sequential_ci_high - columns.difference) / sequential.critical_value(
            units, settings.level, settings.tuning
        )
        wide = critical_value(units, settings.level, settings.tuning) * half
        always = always_valid_p(toward * columns.difference / half, units, settings.level, settings.tuning)
    return OneSidedColumns(
        side,
        columns.difference,
        columns.difference - toward * critical * columns.standard_error,
        np.where(np.isnan(columns.p_value), np.nan, p_value),
        columns.difference - toward * wide,
        np.where(np.isnan(columns.p_value), np.nan, always),
    )


def one_sided(
    control: Arm | None,
    treatment: Arm,
    *,
    alternative: str,
    aggregation: str = Aggregation.MEAN,
    level: float = DEFAULT_LEVEL,
    tuning: float = TUNING_UNITS,
    min_units: int = MIN_UNITS,
    min_conversions: int = MIN_CONVERSIONS,
) -> OneSided | NotComputable:
    """`one_sided_columns` for one pair of arms."""
    arms = single(control, treatment, aggregation)
    if isinstance(arms, NotComputable):
        return arms
    compared = compare_columns(
        *arms,
        aggregation=aggregation,
        level=level,
        tuning=tuning,
        min_units=min_units,
        min_conversions=min_conversions,
    )
    found = one_sided_columns(compared, alternative)
    code = compared.reason[0]
    if code is not None:
        return NotComputable(compared.reason_text(0, code), ReasonCode(code))
    return OneSided(
        found.alternative,
        Method(compared.method[0]),
        level,
        float(found.difference[0]),
        float(found.bound[0]),
        float(found.p_value[0]),
        float(found.sequential_bound[0]),
        float(found.sequential_p_value[0]),
    )


def _alpha(level: float) -> float:
    alpha = 1.0 - check_level(level)
    if alpha >= 0.5:
        raise ValueError(f"a one-sided sequence needs a level above 0.5, not {level!r}")
    return alpha
