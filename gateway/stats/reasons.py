"""Where there is no answer, which reason says so first, and how it reads."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gateway.stats.arms import ArmColumns, ArmEstimates, is_one
from gateway.stats.result import Aggregation, ReasonCode
from gateway.stats.tails import BoolArray, ObjectArray


def find(
    arms: tuple[ArmColumns, ArmColumns],
    estimates: tuple[ArmEstimates, ArmEstimates],
    aggregation: ObjectArray,
    min_units: int,
    min_conversions: int,
) -> ObjectArray:
    """A reason code per row where inference must not be shown, None elsewhere. The first that applies is given."""
    occurrence, ratio = is_one(aggregation, Aggregation.OCCURRENCE), is_one(aggregation, Aggregation.RATIO)
    (control_arms, treatment_arms), (control, treatment) = arms, estimates
    with np.errstate(invalid="ignore"):
        rules = (
            (ReasonCode.NO_CONTROL, np.isnan(control.n)),
            (ReasonCode.TOO_FEW_UNITS, ~((control.n >= min_units) & (treatment.n >= min_units))),
            (ReasonCode.NOT_A_PROPORTION, occurrence & (_outside(control) | _outside(treatment))),
            (
                ReasonCode.TOO_FEW_CONVERSIONS,
                occurrence & ((control.conversions < min_conversions) | (treatment.conversions < min_conversions)),
            ),
            (
                ReasonCode.ZERO_DENOMINATOR,
                ratio & ((control_arms.denominator_mean == 0) | (treatment_arms.denominator_mean == 0)),
            ),
            (ReasonCode.VARIANCE_UNDEFINED, _undefined(control) | _undefined(treatment)),
            (ReasonCode.ZERO_VARIANCE, (control.variance == 0) & (treatment.variance == 0)),
        )
    column = np.full(len(control_arms), None, dtype=object)
    for code, applies in reversed(rules):
        column[applies] = code.value
    return column


def text(code: str, units: Sequence[float], conversions: Sequence[float], min_units: int, min_conversions: int) -> str:
    """The reason as a sentence. Units and conversions are of control and treatment, NaN where unknown."""
    match code:
        case ReasonCode.NO_CONTROL:
            return "there is no control arm to compare with"
        case ReasonCode.TOO_FEW_UNITS:
            return f"needs {min_units} units per arm: {_found(units)}"
        case ReasonCode.TOO_FEW_CONVERSIONS:
            return f"needs {min_conversions} conversions per arm: {_found(conversions)}"
        case _:
            return _SENTENCES[ReasonCode(code)]


_SENTENCES = {
    ReasonCode.NOT_A_PROPORTION: "the conversion rate of an arm is not between 0 and 1",
    ReasonCode.ZERO_DENOMINATOR: "the denominator of an arm adds up to zero, so its ratio is undefined",
    ReasonCode.VARIANCE_UNDEFINED: "the mean or variance of an arm is missing, not finite, or out of range",
    ReasonCode.ZERO_VARIANCE: "every unit of both arms has its arm's mean, so there is no variance to test with",
    ReasonCode.ZERO_BASELINE: "the control mean is zero, so nothing is relative to it",
    ReasonCode.LIFT_UNBOUNDED: "the control mean can't be told from zero, so the interval of the lift has no end",
    ReasonCode.LIFT_UNDEFINED: "the lift's interval is undefined for these means",
}


def _outside(arm: ArmEstimates) -> BoolArray:
    return np.asarray((arm.value < 0.0) | (arm.value > 1.0))


def _undefined(arm: ArmEstimates) -> BoolArray:
    return np.asarray(~(np.isfinite(arm.n) & np.isfinite(arm.value) & np.isfinite(arm.variance)))


def _found(counts: Sequence[float]) -> str:
    control, treatment = (f"{count:,.0f}" if np.isfinite(count) else "none" for count in counts)
    return f"control has {control}, treatment {treatment}"
