"""A result in words: significant, directional or flat, by the metric's desired direction."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gateway.stats.arms import as_column, choices, is_one
from gateway.stats.result import DEFAULT_LEVEL, Desired, Statsig
from gateway.stats.tails import ObjectArray

DIRECTIONAL_P = 0.25


def classify_columns(
    p_value: Any, difference: Any, desired: Any = Desired.INCREASE, level: float = DEFAULT_LEVEL
) -> ObjectArray:
    """Per row: significant below 1 - level, directional below 0.25, else flat; NaN is insufficient_data.

    A difference of exactly zero is flat. `desired` is 'increase' or 'decrease', one or a column.
    """
    p, moved = as_column(p_value), as_column(difference)
    p, moved = np.broadcast_arrays(p, moved)
    good = np.where(is_one(choices(desired, len(p), Desired, "desired direction"), Desired.DECREASE), -moved, moved) > 0
    column = np.full(p.shape, Statsig.FLAT.value, dtype=object)
    told = moved != 0.0
    directional = told & (p < DIRECTIONAL_P)
    column[directional & good] = Statsig.DIRECTIONAL_POSITIVE.value
    column[directional & ~good] = Statsig.DIRECTIONAL_NEGATIVE.value
    significant = told & (p < round(1.0 - level, 12))  # 1 - 0.95 is a little more than 0.05 in binary
    column[significant & good] = Statsig.SIGNIFICANT_POSITIVE.value
    column[significant & ~good] = Statsig.SIGNIFICANT_NEGATIVE.value
    column[np.isnan(p) | np.isnan(moved)] = Statsig.INSUFFICIENT_DATA.value
    return column


def classify(
    p_value: float | None, difference: float | None, desired: str = Desired.INCREASE, level: float = DEFAULT_LEVEL
) -> Statsig:
    """`classify_columns` for one result; None is unknown."""
    p = math.nan if p_value is None else p_value
    moved = math.nan if difference is None else difference
    return Statsig(classify_columns(p, moved, desired, level)[0])
