"""Corrections for many tests at once, over whole columns of p-values.

NaN passes through and is no member of its family: a test that could not be made costs the others nothing. `family`
gives each row's family; rows of one family are corrected together, and without it the whole column is one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gateway.stats.arms import as_column
from gateway.stats.groups import IntArray, number, ranks, running
from gateway.stats.tails import FloatArray

Ascending = Callable[[FloatArray, IntArray, IntArray], FloatArray]
"""Corrects p-values that rise within each family, given their rank in it, from 1, and its size."""


def holm(p_values: Any, family: Any = None) -> FloatArray:
    """Holm (1979): p_(i) (m - i + 1), running maximum, at most 1. Family-wise error under any dependence."""
    return by_family(_holm, p_values, family)


def benjamini_hochberg(p_values: Any, family: Any = None) -> FloatArray:
    """Benjamini and Hochberg (1995): p_(i) m / i, running minimum from the top: false discovery rate."""
    return by_family(_benjamini_hochberg, p_values, family)


def bonferroni(p_values: Any, family: Any = None) -> FloatArray:
    """p m, at most 1. Family-wise error under any dependence, and never better than Holm."""
    return by_family(_bonferroni, p_values, family)


def checked(p_values: Any) -> FloatArray:
    """A column of p-values, if that is what they are; NaN passes."""
    p = as_column(p_values)
    with np.errstate(invalid="ignore"):
        if ((p < 0) | (p > 1)).any():
            raise ValueError("a p-value lies between 0 and 1")
    return p


def by_family(correct: Ascending, p_values: Any, family: Any) -> FloatArray:
    """Apply a correction of ascending p-values to each family's known p-values, in place of their own rows."""
    p = checked(p_values)
    adjusted = np.full(p.shape, np.nan)
    known = np.flatnonzero(~np.isnan(p))
    codes = number(family, len(p))[1][known]
    order = np.argsort(p[known], kind="stable") if family is None else np.lexsort((p[known], codes))
    rank, size = ranks(codes[order])
    adjusted[known[order]] = np.minimum(1.0, correct(p[known[order]], rank, size))
    return adjusted


def from_the_top(values: FloatArray, rank: IntArray, size: IntArray) -> FloatArray:
    """Running minimum within each family from its largest p-value down."""
    return running(np.minimum, values[::-1], (size - rank + 1)[::-1])[::-1]


def _holm(ordered: FloatArray, rank: IntArray, size: IntArray) -> FloatArray:
    return running(np.maximum, ordered * (size - rank + 1), rank)


def _benjamini_hochberg(ordered: FloatArray, rank: IntArray, size: IntArray) -> FloatArray:
    return from_the_top(ordered * size / rank, rank, size)


def _bonferroni(ordered: FloatArray, rank: IntArray, size: IntArray) -> FloatArray:  # noqa: ARG001 - one signature
    return np.asarray(ordered * size)
