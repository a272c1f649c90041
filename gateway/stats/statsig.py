"""A result in words: significant, directional or flat, by the metric's desired direction."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gateway.stats.arms import as_column, choices, is_one
from gateway.stats.result import DEFAULT_LEVEL, Desired, Statsig
from gateway.stats.tails import ObjectArray

DIRECTIONAL_P = 0.25
_WORDS = np.array(
    [
        Statsig.FLAT.value,
        Statsig.DIRECTIONAL_POSITIVE.value,
        Statsig.DIRECTIONAL_NEGATIVE.value,
        Statsig.SIGNIFICANT_POSITIVE.value,
        Statsig.SIGNIFICANT_NEGATIVE.value,
        Statsig.INSUFFICIENT_DATA.value,
    ],
    dtype=object,
)


def classify_columns(
    p_value: Any, difference: Any, desired: Any = Desired.INCREASE, level: float = DEFAULT_LEVEL
) -> ObjectArray:
    """Per row: significant below 1 - level, directional below 0.25, else flat; NaN is insufficient_data.

    A difference of exactly zero is flat. `desired` is 'increase' or 'decrease', one or a column.
    """
    p, moved = as_column(p_value), as_column(difference)
    p, moved = np.broadcast_arrays(p, moved)
    lower = is_one(choices(desired, len(p), Desired, "desired direction"), Desired.DECREASE)
    good = np.where(lower, moved < 0.0, moved > 0.0)
    told = moved != 0.0
    significant = told & (p < round(1.0 - level, 12))  # 1 - 0.95 is a little more than 0.05 in binary
    strength = np.maximum(told & (p < DIRECTIONAL_P), 2 * significant)
    word = 2 * strength - (good & (strength > 0))
    word[np.isnan(p) | np.isnan(moved)] = len(_WORDS) - 1
    return np.asarray(_WORDS[word])


def classify(
    p_value: float | None, difference: float | None, desired: str = Desired.INCREASE, level: float = DEFAULT_LEVEL
) -> Statsig:
    """`classify_columns` for one result; None is unknown."""
    p = math.nan if p_value is None else p_value
    moved = math.nan if difference is None else difference
    return Statsig(classify_columns(p, moved, desired, level)[0])
