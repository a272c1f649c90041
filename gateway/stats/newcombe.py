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

from gateway.stats.arms import as_column, is_none
from gateway.stats.pair import single
from gateway.stats.reasons import text
from gateway.stats.result import (
    DEFAULT_LEVEL,
    MIN_CONVERSIONS,
    MIN_UNITS,
    Aggregation,
    Alternative,
    Estimate,
    Method,
    NotComputable,
    ReasonCode,
)
from gateway.stats.sample import VariantStats
from gateway.stats.tails import FloatArray, ObjectArray, normal_critical


@dataclass(frozen=True, slots=True)
class ProportionInterval(Estimate):
    """A difference of proportions, treatment minus control."""

    level: float
    control: VariantStats
    treatment: VariantStats
    method: Method = Method.NEWCOMBE
    alternative: Alternative = Alternative.TWO_SIDED


@dataclass(frozen=True, slots=True, eq=False)
class IntervalColumns:
    """A difference of proportions with its interval, per row; NaN and a reason where there is none."""

    difference: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    level: float
    reason: ObjectArray
    """A ReasonCode's text, None where there is an interval."""

    def __len__(self) -> int:
        return len(self.difference)


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
    control_conversions: Any,
    control_n: Any,
    treatment_conversions: Any,
    treatment_n: Any,
    level: float = DEFAULT_LEVEL,
    *,
    min_units: int = 0,
    min_conversions: int = 0,
) -> IntervalColumns:
    """Treatment minus control, row by row, at any counts unless floors are named."""
    columns = [as_column(given) for given in (control_conversions, control_n, treatment_conversions, treatment_n)]
    x_c, n_c, x_t, n_t = np.broadcast_arrays(*columns)
    reason = np.full(x_c.shape, None, dtype=object)
    with np.errstate(all="ignore"):
        p_c, p_t = x_c / n_c, x_t / n_t
        (low_c, high_c), (low_t, high_t) = wilson(x_c, n_c, level), wilson(x_t, n_t, level)
        difference = p_t - p_c
        low = difference - np.hypot(p_t - low_t, high_c - p_c)
        high = difference + np.hypot(high_t - p_t, p_c - low_c)
        proportions = (x_c >= 0) & (x_c <= n_c) & (x_t >= 0) & (x_t <= n_t) & (n_c > 0) & (n_t > 0)
        reason[np.minimum(x_c, x_t) < min_conversions] = ReasonCode.TOO_FEW_CONVERSIONS.value
        reason[~proportions] = ReasonCode.NOT_A_PROPORTION.value
        reason[~(np.minimum(n_c, n_t) >= min_units)] = ReasonCode.TOO_FEW_UNITS.value
    shown = is_none(reason)
    difference, low, high = (np.where(shown, column, np.nan) for column in (difference, low, high))
    return IntervalColumns(difference, low, high, level, reason)


def newcombe_interval(
    control: VariantStats | None,
    treatment: VariantStats,
    *,
    level: float = DEFAULT_LEVEL,
    min_units: int = MIN_UNITS,
    min_conversions: int = MIN_CONVERSIONS,
) -> ProportionInterval | NotComputable:
    """`newcombe_columns` for one pair of arms of an occurrence metric, with the house's floors."""
    arms = single(control, treatment, Aggregation.OCCURRENCE)
    if control is None or isinstance(arms, NotComputable):
        return NotComputable(text(ReasonCode.NO_CONTROL, (), (), min_units, min_conversions), ReasonCode.NO_CONTROL)
    units = [float(side.n[0]) for side in arms]
    converted = [float(np.rint(side.n[0] * side.mean[0])) for side in arms]
    found = newcombe_columns(
        converted[0], units[0], converted[1], units[1], level, min_units=min_units, min_conversions=min_conversions
    )
    if found.reason[0] is not None:
        sentence = text(found.reason[0], units, converted, min_units, min_conversions)
        return NotComputable(sentence, ReasonCode(found.reason[0]))
    numbers = float(found.difference[0]), float(found.ci_low[0]), float(found.ci_high[0])
    return ProportionInterval(*numbers, level, control, treatment)
