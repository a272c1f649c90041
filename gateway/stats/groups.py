"""Rows by the group they belong to: numbered labels, sums per group, and running extremes within sorted groups.

What families of tests, strata of a comparison and segments of an experiment have in common. No loop runs over rows or
over groups, so that half a million families of two cost what one family of a million does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gateway.stats.tails import FloatArray

IntArray: TypeAlias = NDArray[np.intp]


def number(labels: Any, rows: int) -> tuple[tuple[Any, ...], IntArray]:
    """The distinct labels in order of first appearance, and each row's place among them. None: one group of all."""
    if labels is None:
        return (None,), np.zeros(rows, dtype=np.intp)
    listed = np.broadcast_to(np.asarray(labels, dtype=object), (rows,)).tolist()
    places = {label: place for place, label in enumerate(dict.fromkeys(listed))}
    return tuple(places), np.fromiter(map(places.__getitem__, listed), np.intp, rows)


def total(codes: IntArray, groups: int, values: Any) -> FloatArray:
    """Sum of the values of each group, added in the order of their rows."""
    sums = np.bincount(codes, weights=np.asarray(values, dtype=np.float64), minlength=groups)
    return np.asarray(sums, dtype=np.float64)


def ranks(codes: IntArray) -> tuple[IntArray, IntArray]:
    """Of rows sorted by group: each one's place in its group, from 1, and the group's size."""
    starts = np.flatnonzero(np.concatenate(([True], codes[1:] != codes[:-1]))) if len(codes) else np.zeros(0, np.intp)
    sizes = np.diff(np.concatenate((starts, [len(codes)])))
    rank = np.arange(1, len(codes) + 1) - np.repeat(starts, sizes)
    return rank, np.repeat(sizes, sizes)


def running(extreme: Callable[..., Any], values: FloatArray, rank: IntArray) -> FloatArray:
    """Running `np.maximum` or `np.minimum` within each group of rows sorted by group.

    By doubling: after step s each row has seen the 2s rows before it that are of its group (Hillis and Steele 1986).
    """
    found, step, longest = values.copy(), 1, int(rank.max(initial=0))
    while step < longest:
        inside = rank[step:] > step
        found[step:] = np.where(inside, extreme(found[step:], found[:-step]), found[step:])
        step *= 2
    return found
