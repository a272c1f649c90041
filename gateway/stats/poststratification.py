"""Post-stratification: effects within strata, weighted by how many units each stratum turned out to have.

With stratum k's observed share w_k = N_k / N over both arms together, and its means mC_k, mT_k:

    mC = sum w_k mC_k,  mT = sum w_k mT_k,  difference = mT - mC
    Var(mA) = sum w_k^2 vA_k / nA_k + (sum w_k mA_k^2 - mA^2) / N      A either arm
    Cov(mC, mT) = (sum w_k mC_k mT_k - mC mT) / N

the second terms being the multinomial covariance of the shares (Miratrix, Sekhon and Yu 2013). Intervals are normal.
Assumes strata fixed before assignment and independent units. Means only: a ratio is no weighted mean of its strata.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gateway.stats import relative
from gateway.stats.arms import ArmColumns, ArmEstimates, choices, estimate, is_none, is_one
from gateway.stats.groups import IntArray, number, total
from gateway.stats.result import (
    DEFAULT_LEVEL,
    MIN_UNITS,
    Aggregation,
    Alternative,
    Estimate,
    Method,
    NotComputable,
    ReasonCode,
)
from gateway.stats.sample import VariantStats
from gateway.stats.tails import FloatArray, ObjectArray, check_level, normal_critical, normal_two_sided


@dataclass(frozen=True, slots=True)
class PostStratified:
    """One treatment against control, weighted over strata; difference is treatment minus control."""

    aggregation: Aggregation
    level: float
    strata: tuple[str, ...]
    shares: tuple[float, ...]
    """Observed share of each stratum, both arms together."""
    control_value: float
    treatment_value: float
    difference: Estimate
    standard_error: float
    p_value: float
    """Two-sided, normal."""
    lift: Estimate | NotComputable
    variance_reduction: float
    """1 - this variance over that of the plain difference of the merged arms; negative where strata tell nothing."""
    control: tuple[VariantStats, ...]
    """By stratum, in the order of `strata`."""
    treatment: tuple[VariantStats, ...]
    method: Method = Method.POST_STRATIFICATION
    alternative: Alternative = Alternative.TWO_SIDED


@dataclass(frozen=True, slots=True, eq=False)
class PostStratifiedColumns:
    """One row per group, in order of first appearance; fields as in `PostStratified`."""

    group: tuple[Any, ...]
    control_value: FloatArray
    treatment_value: FloatArray
    difference: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    standard_error: FloatArray
    p_value: FloatArray
    lift: FloatArray
    lift_ci_low: FloatArray
    lift_ci_high: FloatArray
    variance_reduction: FloatArray
    control_n: FloatArray
    treatment_n: FloatArray
    reason: ObjectArray
    lift_reason: ObjectArray
    level: float

    def __len__(self) -> int:
        return len(self.group)


def poststratify_columns(
    control: ArmColumns,
    treatment: ArmColumns,
    *,
    aggregation: Any,
    group: Any = None,
    level: float = DEFAULT_LEVEL,
    min_units: int = MIN_UNITS,
) -> PostStratifiedColumns:
    """Row i is stratum i of both arms; `group` says which comparison each row belongs to, one for all if left out."""
    rows = len(control)
    if len(treatment) != rows:
        raise ValueError(f"{rows} control arms for {len(treatment)} treatment arms")
    kinds = choices(aggregation, rows, Aggregation, "aggregation")
    if is_one(kinds, Aggregation.RATIO).any():
        raise ValueError("post-stratification is for means: a ratio is no weighted mean of its strata")
    names, codes = number(group, rows)
    critical = normal_critical(check_level(level))
    sides = estimate(control, kinds), estimate(treatment, kinds)
    with np.errstate(all="ignore"):
        columns = _infer(sides, codes, len(names), critical)
    thin = total(codes, len(names), (sides[0].n < 2) | (sides[1].n < 2)) > 0
    few = ~((columns["control_n"] >= min_units) & (columns["treatment_n"] >= min_units))
    reason = np.full(len(names), None, dtype=object)
    reason[~np.isfinite(columns["standard_error"])] = ReasonCode.VARIANCE_UNDEFINED.value
    reason[columns["standard_error"] == 0.0] = ReasonCode.ZERO_VARIANCE.value
    reason[thin] = ReasonCode.THIN_STRATUM.value
    reason[few] = ReasonCode.TOO_FEW_UNITS.value
    silent = ~is_none(reason)
    for name, column in columns.items():
        if name == "lift_reason":
            columns[name] = np.where(silent, reason, column)
        elif not name.endswith(("_n", "_value")) or name == "p_value":
            column[silent] = np.nan
    return PostStratifiedColumns(group=names, reason=reason, level=level, **columns)


def poststratify(
    control: Mapping[str, VariantStats],
    treatment: Mapping[str, VariantStats],
    *,
    aggregation: str = Aggregation.MEAN,
    level: float = DEFAULT_LEVEL,
    min_units: int = MIN_UNITS,
) -> PostStratified | NotComputable:
    """One comparison from its arms by stratum; a stratum that one arm lacks counts as empty there."""
    strata = tuple(dict.fromkeys((*control, *treatment)))
    if not strata:
        return NotComputable("there are no strata to weight", ReasonCode.TOO_FEW_UNITS)
    empty = VariantStats.from_moments(0, np.nan, np.nan)
    sides = [[arms.get(name, empty) for name in strata] for arms in (control, treatment)]
    found = poststratify_columns(
        ArmColumns.from_stats(sides[0]),
        ArmColumns.from_stats(sides[1]),
        aggregation=aggregation,
        level=level,
        min_units=min_units,
    )
    if found.reason[0] is not None:
        return NotComputable(_sentence(found.reason[0], strata, sides, min_units), ReasonCode(found.reason[0]))
    code = found.lift_reason[0]
    lift = Estimate(float(found.lift[0]), float(found.lift_ci_low[0]), float(found.lift_ci_high[0]))
    units = [one.n + other.n for one, other in zip(*sides, strict=True)]
    return PostStratified(
        aggregation=Aggregation(aggregation),
        level=level,
        strata=strata,
        shares=tuple(count / sum(units) for count in units),
        control_value=float(found.control_value[0]),
        treatment_value=float(found.treatment_value[0]),
        difference=Estimate(float(found.difference[0]), float(found.ci_low[0]), float(found.ci_high[0])),
        standard_error=float(found.standard_error[0]),
        p_value=float(found.p_value[0]),
        lift=lift if code is None else NotComputable(f"the lift is withheld: {code}", ReasonCode(code)),
        variance_reduction=float(found.variance_reduction[0]),
        control=tuple(sides[0]),
        treatment=tuple(sides[1]),
    )


def _infer(sides: tuple[ArmEstimates, ArmEstimates], codes: IntArray, groups: int, critical: float) -> dict[str, Any]:
    """Every column, by its field name, before anything is blanked out."""
    control, treatment = sides
    units = control.n + treatment.n
    whole = total(codes, groups, units)
    share = units / whole[codes]

    def weighted(values: FloatArray) -> FloatArray:
        return total(codes, groups, share * values)

    low, high = weighted(control.value), weighted(treatment.value)
    within = [total(codes, groups, share**2 * side.squared_error) for side in sides]
    off_low, off_high = control.value - low[codes], treatment.value - high[codes]
    base_variance = within[0] + weighted(off_low**2) / whole
    shared = weighted(off_low * (off_high - off_low)) / whole - within[0]
    variance = within[0] + within[1] + weighted((off_high - off_low) ** 2) / whole
    difference, error = high - low, np.sqrt(variance)
    lift = relative.fieller(difference, low, variance, base_variance, shared, critical)
    return {
        "control_value": low,
        "treatment_value": high,
        "difference": difference,
        "ci_low": difference - critical * error,
        "ci_high": difference + critical * error,
        "standard_error": error,
        "p_value": normal_two_sided(difference / error),
        "lift": lift.value,
        "lift_ci_low": lift.ci_low,
        "lift_ci_high": lift.ci_high,
        "lift_reason": lift.reason,
        "variance_reduction": 1.0 - variance / (_plain(control, codes, groups) + _plain(treatment, codes, groups)),
        "control_n": total(codes, groups, control.n),
        "treatment_n": total(codes, groups, treatment.n),
    }


def _plain(side: ArmEstimates, codes: IntArray, groups: int) -> FloatArray:
    """Squared standard error of the mean of an arm's strata merged (Chan)."""
    n = total(codes, groups, side.n)
    mean = total(codes, groups, side.n * side.value) / n
    m2 = total(codes, groups, side.variance * (side.n - 1.0) + side.n * (side.value - mean[codes]) ** 2)
    return np.asarray(m2 / (n - 1.0) / n)


def _sentence(code: str, strata: tuple[str, ...], sides: list[list[VariantStats]], min_units: int) -> str:
    units = [sum(arm.n for arm in side) for side in sides]
    match code:
        case ReasonCode.TOO_FEW_UNITS:
            return f"needs {min_units} units per arm: control has {units[0]:,}, treatment {units[1]:,}"
        case ReasonCode.THIN_STRATUM:
            thin = next(name for name, *pair in zip(strata, *sides, strict=True) if min(arm.n for arm in pair) < 2)
            return f"stratum {thin!r} has fewer than two units in an arm: merge it with another"
        case ReasonCode.ZERO_VARIANCE:
            return "no stratum has any variance to test with"
        case _:
            return "the mean or variance of a stratum is missing, not finite, or out of range"
