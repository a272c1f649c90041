"""Corrections for many tests at once, over whole columns of p-values.

NaN passes through and is no member of its family: a test that could not be made costs the others nothing. `family`
gives each row's family; rows of one family are corrected together, and without it the whole column is one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gateway.stats.arms import as_column
from gateway.stats.tails import FloatArray


def holm(p_values: Any, family: Any = None) -> FloatArray:
    """Holm (1979): p_(i) (m - i + 1), running maximum, at most 1. Family-wise error under any dependence."""
    return _by_family(_holm, p_values, family)


def benjamini_hochberg(p_values: Any, family: Any = None) -> FloatArray:
    """Benjamini and Hochberg (1995): p_(i) m / i, running minimum from the top: false discovery rate."""
    return _by_family(_benjamini_hochberg, p_values, family)


def bonferroni(p_values: Any, family: Any = None) -> FloatArray:
    """p m, at most 1. Family-wise error under any dependence, and never better than Holm."""
    return _by_family(lambda ordered: np.minimum(1.0, ordered * len(ordered)), p_values, family)


def _holm(ordered: FloatArray) -> FloatArray:
    left = np.arange(len(ordered), 0, -1)
    return np.asarray(np.minimum(1.0, np.maximum.accumulate(ordered * left)))


def _benjamini_hochberg(ordered: FloatArray) -> FloatArray:
    rank = np.arange(1, len(ordered) + 1)
    scaled = ordered * len(ordered) / rank
    return np.asarray(np.minimum(1.0, np.minimum.accumulate(scaled[::-1])[::-1]))


def _by_family(correct: Callable[[FloatArray], FloatArray], p_values: Any, family: Any) -> FloatArray:
    """Apply a correction of ascending p-values to each family's known p-values, in place of their own rows."""
    p = as_column(p_values)
    with np.errstate(invalid="ignore"):
        if ((p < 0) | (p > 1)).any():
            raise ValueError("a p-value lies between 0 and 1")
    adjusted = np.full(p.shape, np.nan)
    known = np.flatnonzero(~np.isnan(p))
    labels = np.zeros(len(known), dtype=np.intp)
    if family is not None:
        names = np.broadcast_to(np.asarray(family, dtype=object), p.shape)[known]
        seen: dict[Any, int] = {}
        labels = np.fromiter((seen.setdefault(name, len(seen)) for name in names.tolist()), np.intp, len(known))
    order = known[np.lexsort((p[known], labels))]
    edges = np.flatnonzero(np.diff(np.sort(labels))) + 1
    for rows in np.split(order, edges):
        adjusted[rows] = correct(p[rows])
    return adjusted
