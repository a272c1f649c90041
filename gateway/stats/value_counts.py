"""An arm as its distinct values and how many observations have each: all that ranks and resampling need.

The database groups by value, so that neither needs the units in memory; a metric of counts has few values at any size.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gateway.stats.arms import ArmColumns
from gateway.stats.groups import IntArray
from gateway.stats.sample import VariantStats
from gateway.stats.tails import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class ValueCounts:
    """Distinct finite values in rising order, with a positive number of observations each; make it with `of`."""

    values: FloatArray
    counts: FloatArray
    """Whole numbers, exact up to 2^53."""

    @classmethod
    def of(cls, values: Any, counts: Any = None) -> ValueCounts:
        """From values with a count each, or one observation each; equal values are added up, in any order."""
        given, times = _checked(values, counts)
        columns = ValueCountColumns.of(np.zeros(len(given), dtype=np.intp), given, times, arms=1)
        return cls(columns.values, columns.counts)

    @classmethod
    def from_mapping(cls, counts: Mapping[float, int]) -> ValueCounts:
        """From value: count."""
        return cls.of(list(counts), list(counts.values()))

    @classmethod
    def from_values(cls, values: Iterable[float]) -> ValueCounts:
        """From one value per observation."""
        return cls.of(list(values))

    @property
    def n(self) -> int:
        """Observations."""
        return int(self.counts.sum())

    @property
    def below(self) -> FloatArray:
        """Observations strictly below each value."""
        return np.asarray(np.cumsum(self.counts) - self.counts)

    def stats(self) -> VariantStats:
        """The arm's sufficient statistics."""
        n, mean, m2 = (float(column[0]) for column in _moments(ValueCountColumns.from_arms([self])))
        return VariantStats.from_moments(int(n), mean, m2)

    def at_rank(self, rank: float) -> float:
        """The value of the observation with this rank, from 1, in rising order; the nearest one beyond the ends."""
        return float(ValueCountColumns.from_arms([self]).at_rank(rank)[0])

    def quantile(self, q: float) -> float:
        """The smallest value with at least a share q of the observations at or below it."""
        return float(ValueCountColumns.from_arms([self]).quantile(q)[0])

    def winsorised(self, low: float = 0.0, high: float = 1.0) -> ValueCounts:
        """Values beyond these quantiles of the arm brought to them."""
        return ValueCountColumns.from_arms([self]).winsorised(low, high).row(0)

    def merge(self, other: ValueCounts) -> ValueCounts:
        """Both arms' observations as one."""
        return ValueCounts.of(np.concatenate([self.values, other.values]), np.concatenate([self.counts, other.counts]))

    def __add__(self, other: ValueCounts) -> ValueCounts:
        return self.merge(other)


@dataclass(frozen=True, slots=True, eq=False)
class ValueCountColumns:
    """k arms' value counts end to end: arm i holds the rows from starts[i] up to starts[i + 1], values rising."""

    values: FloatArray
    counts: FloatArray
    starts: IntArray
    """Shape (k + 1,)."""

    @classmethod
    def of(cls, arm: Any, values: Any, counts: Any = None, *, arms: int | None = None) -> ValueCountColumns:
        """From rows of (number of the arm from 0, value, count), in any order; an arm without rows is empty."""
        given, times = _checked(values, counts)
        codes = np.atleast_1d(np.asarray(arm, dtype=np.intp))
        if codes.shape != given.shape:
            raise ValueError(f"{len(codes)} arms for {len(given)} values")
        known = times > 0
        codes, given, times = codes[known], given[known] + 0.0, times[known]
        total = int(codes.max(initial=-1)) + 1 if arms is None else arms
        if len(codes) and not 0 <= codes.min() <= codes.max() < total:
            raise ValueError(f"arms are numbered from 0 to below {total}")
        order = np.lexsort((given, codes))
        codes, given, times = codes[order], given[order], times[order]
        first = np.flatnonzero(np.concatenate(([True], (codes[1:] != codes[:-1]) | (given[1:] != given[:-1]))))
        first = first[: len(codes)]
        added = np.add.reduceat(times, first) if len(first) else times
        return cls(given[first], added, np.searchsorted(codes[first], np.arange(total + 1)))

    @classmethod
    def from_arms(cls, arms: Sequence[ValueCounts]) -> ValueCountColumns:
        """From arms one by one."""
        starts = np.concatenate(([0], np.cumsum([len(arm.values) for arm in arms], dtype=np.intp)))
        if len(arms) == 1:
            return cls(arms[0].values, arms[0].counts, starts)
        values = np.concatenate([np.zeros(0), *(arm.values for arm in arms)])
        return cls(values, np.concatenate([np.zeros(0), *(arm.counts for arm in arms)]), starts)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def row(self, i: int) -> ValueCounts:
        """Arm i as a value of its own."""
        rows = slice(int(self.starts[i]), int(self.starts[i + 1]))
        return ValueCounts(self.values[rows], self.counts[rows])

    @property
    def arm(self) -> IntArray:
        """Of each row, its arm."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    @property
    def n(self) -> FloatArray:
        """Observations of each arm."""
        return self.total(self.counts)

    def total(self, values: FloatArray) -> FloatArray:
        """Sum over each arm's rows, which does not depend on where they stand; 0 for an empty arm."""
        found, full = np.zeros(len(self)), np.diff(self.starts) > 0
        if full.any():
            found[full] = np.add.reduceat(values, self.starts[:-1][full])
        return found

    def cumulative(self) -> FloatArray:
        """Of each row, its arm's observations up to and with it; whole numbers, added exactly."""
        running = np.cumsum(self.counts.astype(np.int64))
        before = np.concatenate(([0], running))[self.starts[:-1]]
        return np.asarray(running - before[self.arm], dtype=np.float64)

    def stats(self) -> ArmColumns:
        """The arms' sufficient statistics."""
        return ArmColumns.of(*_moments(self))

    def at_rank(self, rank: Any) -> FloatArray:
        """Each arm's value at its rank, from 1, in rising order; the nearest one beyond the ends, NaN if empty."""
        running = np.concatenate(([0], np.cumsum(self.counts.astype(np.int64))))
        due = running[self.starts[:-1]] + np.ceil(np.asarray(rank, dtype=np.float64)).astype(np.int64)
        place = np.clip(np.searchsorted(running[1:], due), self.starts[:-1], self.starts[1:] - 1)
        full = np.diff(self.starts) > 0
        return np.where(full, self.values[np.where(full, place, 0)] if len(self.values) else np.nan, np.nan)

    def quantile(self, q: Any) -> FloatArray:
        """Each arm's smallest value with at least a share q, one or a column, at or below it."""
        return self.at_rank(np.maximum(1.0, np.ceil(np.round(self.n * np.asarray(q, dtype=np.float64), 9))))

    def winsorised(self, low: Any = 0.0, high: Any = 1.0) -> ValueCountColumns:
        """Values beyond these quantiles of their arm brought to them."""
        arm = self.arm
        held = np.clip(self.values, self.quantile(low)[arm], self.quantile(high)[arm])
        return ValueCountColumns.of(arm, held, self.counts, arms=len(self))

    def merge(self, other: ValueCountColumns) -> ValueCountColumns:
        """Row by row, both arms' observations as one."""
        if len(self) != len(other):
            raise ValueError(f"{len(self)} arms for {len(other)}")
        arm = np.concatenate([self.arm, other.arm])
        values, counts = (np.concatenate(pair) for pair in ((self.values, other.values), (self.counts, other.counts)))
        return ValueCountColumns.of(arm, values, counts, arms=len(self))


def _checked(values: Any, counts: Any) -> tuple[FloatArray, FloatArray]:
    given = np.atleast_1d(np.asarray(values, dtype=np.float64))
    times = np.ones(given.shape) if counts is None else np.atleast_1d(np.asarray(counts, dtype=np.float64))
    if given.shape != times.shape:
        raise ValueError(f"{len(given)} values for {len(times)} counts")
    if not np.isfinite(given).all():
        raise ValueError("values must be finite: drop and count the others first")
    if not ((times >= 0) & (times == np.floor(times)) & np.isfinite(times)).all():
        raise ValueError("counts are whole numbers, zero or more")
    return given, times


def _moments(arms: ValueCountColumns) -> tuple[FloatArray, FloatArray, FloatArray]:
    """n, mean and m2 of each arm."""
    n = arms.n
    with np.errstate(all="ignore"):
        mean = arms.total(arms.counts * arms.values) / n
        off = arms.values - mean[arms.arm]
        return n, mean, np.where(n > 0, arms.total(arms.counts * off * off), np.nan)
