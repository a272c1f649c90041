"""Tails and quantiles of the normal, Student and chi-squared distributions, whole columns at a time.

Every p-value here is a survival function, so that 1e-300 stays 1e-300; 1 - cdf would give 0 below 1e-16.
This is the kernel's only door to SciPy: `scipy.special`, never `scipy.stats`, which takes seconds to import.
"""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import special

FloatArray: TypeAlias = NDArray[np.float64]
BoolArray: TypeAlias = NDArray[np.bool_]
ObjectArray: TypeAlias = NDArray[Any]
"""An array of strings or None, one object per row."""


def check_level(level: float) -> float:
    """The level, if it is one."""
    if not 0.0 < level < 1.0:
        raise ValueError(f"level is a fraction between 0 and 1, such as 0.95, not {level!r}")
    return float(level)


def normal_critical(level: float) -> float:
    """z with P(|Z| <= z) = level; 1.95996 at 0.95."""
    return float(special.ndtri(0.5 + check_level(level) / 2.0))


def normal_cdf(z: FloatArray) -> FloatArray:
    """P(Z <= z), accurate in the lower tail."""
    return np.asarray(special.ndtr(z), dtype=np.float64)


def normal_two_sided(z: FloatArray) -> FloatArray:
    """P(|Z| >= |z|)."""
    return np.asarray(2.0 * special.ndtr(-np.abs(z)), dtype=np.float64)


def student_critical(level: float, dof: FloatArray) -> FloatArray:
    """t with P(|T| <= t) = level, for each dof; dof may be fractional or infinite."""
    return np.asarray(special.stdtrit(dof, 0.5 + check_level(level) / 2.0), dtype=np.float64)


def student_two_sided(t: FloatArray, dof: FloatArray) -> FloatArray:
    """P(|T| >= |t|) for each dof."""
    return np.asarray(2.0 * special.stdtr(dof, -np.abs(t)), dtype=np.float64)


def chi_squared_sf(statistic: FloatArray, dof: FloatArray) -> FloatArray:
    """P(X >= statistic) for a chi-squared X of each dof; NaN without a degree of freedom."""
    return np.asarray(np.where(dof > 0, special.chdtrc(np.maximum(dof, 1.0), statistic), np.nan), dtype=np.float64)
