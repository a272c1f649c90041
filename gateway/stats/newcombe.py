"""Newcombe's hybrid score interval for the difference of two proportions (Newcombe 1998, method 10).

From each arm's Wilson interval (l, u), which inverts the score test and stays within 0 and 1:

    d - sqrt((pT - lT)^2 + (uC - pC)^2)   to   d + sqrt((uT - pT)^2 + (pC - lC)^2)

It covers near its level where conversions are few and Wald's does not, and never leaves -1 to 1. Assumes independent
units with a 0/1 value. It is an interval, not a test: it may leave zero out where the pooled z-test just does not
reject.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gateway.stats.arms import as_column
from gateway.stats.pair import single
from gateway.stats.reasons import text
from gateway.stats.result import (
    DEFAULT_LEVEL,
    MIN_CONVERSIONS,
    MIN_UNITS,
    Aggregation,
    Estimate,
    NotComputable,
    ReasonCode,
)
from gateway.stats.sample import VariantStats
from gateway.stats.tails import FloatArray, normal_critical


@dataclass(frozen=True, slots=True, eq=False)
class IntervalColumns:
    """A difference of proportions with its interval, per row; NaN where a count is no proportion."""

    difference: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray


def wilson(conversions: Any, n: Any, level: float = DEFAULT_LEVEL) -> tuple[FloatArray, FloatArray]:
    """Wilson's score interval (1927) of one proportion: (p + z^2/2n +- z sqrt(p (1-p)/n + z^2/4n^2)) / (1 + z^2/n)."""
    x, units, z = as_column(conversions), as_column(n), normal_critical(level)
    with np.errstate(all="ignore"):
        p, whole = x / units, 1.0 + z * z / units
        centre = p + z * z / (2.0 * units)
        half = z * np.sqrt(p * (1.0 - p) / units + (z / (2.0 * units)) ** 2)
        low, high = (centre - half) / whole, (centre + half) / whole
    return np.where(x == 0.0, 0.0, low), np.where(x == units, 1.0, high)


def newcombe_columns(
    control_conversions: Any, control_n: Any, treatment_conversions: Any, treatment_n: Any, level: float = DEFAULT_LEVEL
) -> IntervalColumns:
    """Treatment minus control, row by row, at any counts; floors are the caller's."""
    x_c, n_c = np.broadcast_arrays(as_column(control_conversions), as_column(control_n))
    x_t, n_t = np.broadcast_arrays(as_column(treatment_conversions), as_column(treatment_n))
    with np.errstate(all="ignore"):
        p_c, p_t = x_c / n_c, x_t / n_t
        (low_c, high_c), (low_t, high_t) = wilson(x_c, n_c, level), wilson(x_t, n_t, level)
        difference = p_t - p_c
        low = difference - np.hypot(p_t - low_t, high_c - p_c)
        high = difference + np.hypot(high_t - p_t, p_c - low_c)
        proportions = (x_c >= 0) & (x_c <= n_c) & (x_t >= 0) & (x_t <= n_t) & (n_c > 0) & (n_t > 0)
    return IntervalColumns(*(np.where(proportions, column, np.nan) for column in (difference, low, high)))


def newcombe_interval(
    control: VariantStats | None,
    treatment: VariantStats,
    *,
    level: float = DEFAULT_LEVEL,
    min_units: int = MIN_UNITS,
    min_conversions: int = MIN_CONVERSIONS,
) -> Estimate | NotComputable:
    """`newcombe_columns` for one pair of arms of an occurrence metric, with the house's floors."""
    arms = single(control, treatment, Aggregation.OCCURRENCE)
    if isinstance(arms, NotComputable):
        return arms
    units = [float(side.n[0]) for side in arms]
    converted = [float(np.rint(side.n[0] * side.mean[0])) for side in arms]
    code = None
    if min(units) < min_units:
        code = ReasonCode.TOO_FEW_UNITS
    elif not all(0.0 <= x <= n for x, n in zip(converted, units, strict=True)):
        code = ReasonCode.NOT_A_PROPORTION
    elif min(converted) < min_conversions:
        code = ReasonCode.TOO_FEW_CONVERSIONS
    if code is not None:
        return NotComputable(text(code, units, converted, min_units, min_conversions), code)
    found = newcombe_columns(converted[0], units[0], converted[1], units[1], level)
    return Estimate(float(found.difference[0]), float(found.ci_low[0]), float(found.ci_high[0]))
