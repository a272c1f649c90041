"""Relative lift where the difference and the control value are correlated: what adjusted estimates need.

`lift` covers two independent arms; here the covariance is given. With independent arms, `fieller` is `lift.fieller`.
"""

from __future__ import annotations

import numpy as np

from gateway.stats.arms import is_none
from gateway.stats.lift import LiftColumns
from gateway.stats.result import ReasonCode
from gateway.stats.tails import BoolArray, FloatArray


def fieller(
    difference: FloatArray,
    base: FloatArray,
    difference_variance: FloatArray,
    base_variance: FloatArray,
    covariance: FloatArray,
    critical: float | FloatArray,
) -> LiftColumns:
    """Fieller's set (1954) for L = difference / |base|: every L with (d - L b)^2 <= c^2 Var(d - L b), b = |base|.

    With g = c^2 Vb / b^2 and r = d / b, the interval is (r - c^2 cov / b^2)/(1 - g) +- c/(b (1 - g)) times
    sqrt(Vd - 2 r cov + r^2 Vb - g Vd + c^2 cov^2 / b^2). g >= 1: unbounded, withheld. Columns of one length.
    """
    with np.errstate(all="ignore"):
        size, shared = np.abs(base), np.sign(base) * covariance
        value = difference / size
        scale = (critical / size) ** 2
        g = scale * base_variance
        centre = (value - scale * shared) / (1.0 - g)
        inside = (1.0 - g) * difference_variance - 2.0 * value * shared + value**2 * base_variance + scale * shared**2
        half = critical / size * np.sqrt(np.maximum(inside, 0.0)) / (1.0 - g)
        unbounded = ~(g < 1.0)
    return _bounded(value, centre - half, centre + half, base, unbounded)


def symmetric(value: FloatArray, error: FloatArray, base: FloatArray, critical: float | FloatArray) -> LiftColumns:
    """L +- c se: the delta method's interval, given its standard error."""
    with np.errstate(all="ignore"):
        half = critical * error
    return _bounded(value, value - half, value + half, base, np.zeros(value.shape, dtype=np.bool_))


def _bounded(
    value: FloatArray, low: FloatArray, high: FloatArray, base: FloatArray, unbounded: BoolArray
) -> LiftColumns:
    """NaN and a reason where the baseline is zero, the set has no end, or the arithmetic ran out of range."""
    reason = np.full(value.shape, None, dtype=object)
    reason[~(np.isfinite(low) & np.isfinite(high))] = ReasonCode.LIFT_UNDEFINED.value
    reason[unbounded] = ReasonCode.LIFT_UNBOUNDED.value
    reason[base == 0.0] = ReasonCode.ZERO_BASELINE.value
    shown = is_none(reason)
    low, high, value = (np.where(shown, column, np.nan) for column in (low, high, value))
    return LiftColumns(value, low, high, reason)
