"""Relative lift, (treatment - control) / |control|, with an interval, over whole columns of arms.

Dividing by |control| keeps the lift's sign that of the difference when the baseline is negative. Fieller and delta take
the critical value as an argument: the normal quantile gives the fixed interval, a confidence sequence's multiplier the
always-valid one. Rows whose lift has no bounded interval come back as NaN in all three places, with a reason.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gateway.stats.arms import ArmEstimates
from gateway.stats.result import STABLE_BASELINE_ERRORS, LiftMethod, ReasonCode
from gateway.stats.tails import BoolArray, FloatArray, ObjectArray, student_critical


@dataclass(frozen=True, slots=True, eq=False)
class LiftColumns:
    """Lift and interval per row, as fractions: 0.1 is ten percent up."""

    value: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    reason: ObjectArray
    """A ReasonCode's text where the lift is withheld, None elsewhere."""


def fieller(control: ArmEstimates, treatment: ArmEstimates, critical: float | FloatArray) -> LiftColumns:
    """Fieller's interval (1954): every lift L that |mT - (1 + L) mC| <= c sqrt(VT + (1 + L)^2 VC) does not reject.

    With r = sqrt(V)/|mC| for each arm and g = c^2 rC^2, the interval is
    (L + s g)/(1 - g) +- c/(1 - g) sqrt(R^2 rC^2 + (1 - g) rT^2), where s is the sign of mC and R = mT/mC.
    g >= 1 means that the control mean can't be told from zero: the set is unbounded and the lift withheld.
    Assumes near-normal, independent means. Exact where the delta method is not, down to small baselines.
    """
    with np.errstate(all="ignore"):
        base = np.abs(control.value)
        control_error, treatment_error = np.sqrt(control.squared_error) / base, np.sqrt(treatment.squared_error) / base
        lift = (treatment.value - control.value) / base
        g = (critical * control_error) ** 2
        centre = (lift + np.sign(control.value) * g) / (1.0 - g)
        spread = np.sqrt((treatment.value / control.value * control_error) ** 2 + (1.0 - g) * treatment_error**2)
        half = critical * spread / (1.0 - g)
        unbounded = ~(g < 1.0)
    return _withhold(control, lift, centre - half, centre + half, unbounded, ReasonCode.LIFT_UNBOUNDED)


def delta(control: ArmEstimates, treatment: ArmEstimates, critical: float | FloatArray) -> LiftColumns:
    """The delta method (Deng, Knoblich and Lu 2018, eq. 2), as the original kernel had it: L +- c se.

    se^2 = VT/mC^2 + mT^2 VC/mC^4. Symmetric, so it covers too little above and too much below when conversions are few.
    """
    with np.errstate(all="ignore"):
        base = np.abs(control.value)
        control_error, treatment_error = np.sqrt(control.squared_error) / base, np.sqrt(treatment.squared_error) / base
        lift = (treatment.value - control.value) / base
        half = critical * np.hypot(treatment_error, treatment.value / control.value * control_error)
        undefined = ~np.isfinite(half)
    return _withhold(control, lift, lift - half, lift + half, undefined, ReasonCode.LIFT_UNDEFINED)


def log(control: ArmEstimates, treatment: ArmEstimates, level: float) -> LiftColumns:
    """Interval on the log of the ratio of means: R exp(+- t se) - 1, with Welch's dof from the relative variances.

    se^2 = VC/mC^2 + VT/mT^2. Needs two positive means. As in tea-tasting's relative effects.
    """
    with np.errstate(all="ignore"):
        control_part = control.squared_error / control.value**2
        treatment_part = treatment.squared_error / treatment.value**2
        total = control_part + treatment_part
        share, rest = control_part / total, treatment_part / total
        dof = 1.0 / (share * share / (control.n - 1.0) + rest * rest / (treatment.n - 1.0))
        log_ratio = np.log(treatment.value / control.value)
        half = student_critical(level, dof) * np.sqrt(total)
        lift = (treatment.value - control.value) / np.abs(control.value)
        undefined = ~((control.value > 0) & (treatment.value > 0))
        low, high = np.expm1(log_ratio - half), np.expm1(log_ratio + half)
    return _withhold(control, lift, low, high, undefined, ReasonCode.LIFT_UNDEFINED)


def interval(
    method: LiftMethod, control: ArmEstimates, treatment: ArmEstimates, level: float, critical: float
) -> LiftColumns:
    """The fixed-horizon lift by the named method; `critical` is the normal quantile at `level`."""
    if method is LiftMethod.LOG:
        return log(control, treatment, level)
    return (delta if method is LiftMethod.DELTA else fieller)(control, treatment, critical)


def unstable_baseline(control: ArmEstimates) -> BoolArray:
    """True while the control value is within ten standard errors of zero (Kuethe, by way of Diaz-Frances and Rubio)."""
    with np.errstate(all="ignore"):
        return np.asarray(np.abs(control.value) <= STABLE_BASELINE_ERRORS * np.sqrt(control.squared_error))


def _withhold(
    control: ArmEstimates,
    value: FloatArray,
    low: FloatArray,
    high: FloatArray,
    unusable: BoolArray,
    code: ReasonCode,
) -> LiftColumns:
    """NaN and a reason where the baseline is zero, the method says so, or the arithmetic ran out of range."""
    reason = np.full(value.shape, None, dtype=object)
    lost = ~(np.isfinite(low) & np.isfinite(high) & np.isfinite(value))
    withheld = lost | unusable | (control.value == 0.0)
    if withheld.any():
        reason[lost] = ReasonCode.LIFT_UNDEFINED.value
        reason[unusable] = code.value
        reason[control.value == 0.0] = ReasonCode.ZERO_BASELINE.value
        low, high, value = (np.where(withheld, np.nan, column) for column in (low, high, value))
    return LiftColumns(value, low, high, reason)
