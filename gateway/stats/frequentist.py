"""Fixed-horizon tests of the difference, treatment minus control, two-sided, over whole columns of arms.

Shapes: every argument and every field is a column of length k. Units: the metric's own. NaN in, NaN out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gateway.stats.arms import ArmEstimates
from gateway.stats.tails import FloatArray, normal_critical, normal_two_sided, student_critical, student_two_sided


@dataclass(frozen=True, slots=True, eq=False)
class DifferenceColumns:
    """A difference with its interval and test, per row."""

    difference: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    standard_error: FloatArray
    """The one in the interval."""
    statistic: FloatArray
    """The one behind the p-value."""
    dof: FloatArray
    p_value: FloatArray


def welch(control: ArmEstimates, treatment: ArmEstimates, level: float = 0.95) -> DifferenceColumns:
    """Welch's t-test and interval (Welch 1947), for means with variances that may differ.

    t = d / sqrt(vC/nC + vT/nT), dof by Satterthwaite, written in shares of the squared error so that it can't overflow.
    Assumes independent units, and means near normal: from about 50 units for all but extreme skew.
    """
    with np.errstate(all="ignore"):
        control_part, treatment_part = control.squared_error, treatment.squared_error
        total = control_part + treatment_part
        share, rest = control_part / total, treatment_part / total
        dof = 1.0 / (share * share / (control.n - 1.0) + rest * rest / (treatment.n - 1.0))
        difference, error = treatment.value - control.value, np.sqrt(total)
        statistic = difference / error
        half = student_critical(level, dof) * error
        p_value = student_two_sided(statistic, dof)
    return DifferenceColumns(difference, difference - half, difference + half, error, statistic, dof, p_value)


def two_proportion_z(control: ArmEstimates, treatment: ArmEstimates, level: float = 0.95) -> DifferenceColumns:
    """Two-proportion z: the test pools the rate, as the null says; the interval does not (Wald), as it must not.

    z = d / sqrt(p (1 - p) (1/nC + 1/nT)) with p pooled; interval d +- z* sqrt(pC (1 - pC)/nC + pT (1 - pT)/nT).
    Assumes independent units with a 0/1 value, and some conversions in each arm.
    """
    with np.errstate(all="ignore"):
        n_c, n_t, p_c, p_t = control.n, treatment.n, control.value, treatment.value
        difference = p_t - p_c
        pooled = (n_c * p_c + n_t * p_t) / (n_c + n_t)
        statistic = difference / np.sqrt(pooled * (1.0 - pooled) * (1.0 / n_c + 1.0 / n_t))
        error = np.sqrt(p_c * (1.0 - p_c) / n_c + p_t * (1.0 - p_t) / n_t)
    return _normal(difference, error, statistic, level)


def normal_test(control: ArmEstimates, treatment: ArmEstimates, level: float = 0.95) -> DifferenceColumns:
    """z-test and interval from each arm's standard error: for ratios, whose variance is itself a delta-method limit."""
    with np.errstate(all="ignore"):
        difference = treatment.value - control.value
        error = np.sqrt(control.squared_error + treatment.squared_error)
        statistic = difference / error
    return _normal(difference, error, statistic, level)


def _normal(difference: FloatArray, error: FloatArray, statistic: FloatArray, level: float) -> DifferenceColumns:
    half = normal_critical(level) * error
    dof = np.full_like(difference, np.inf)
    p_value = normal_two_sided(statistic)
    return DifferenceColumns(difference, difference - half, difference + half, error, statistic, dof, p_value)
