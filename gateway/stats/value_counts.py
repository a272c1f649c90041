"""An arm as its distinct values and how many observations have each: all that ranks and resampling need.

The database groups by value, so that neither needs the units in memory; a metric of counts has few values at any size.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

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
        given = np.atleast_1d(np.asarray(values, dtype=np.float64))
        times = np.ones(given.shape) if counts is None else np.atleast_1d(np.asarray(counts, dtype=np.float64))
        if given.shape != times.shape:
            raise ValueError(f"{len(given)} values for {len(times)} counts")
        if not np.isfinite(given).all():
            raise ValueError("values must be finite: drop and count the others first")
        if not ((times >= 0) & (times == np.floor(times)) & np.isfinite(times)).all():
            raise ValueError("counts are whole numbers, zero or more")
        distinct, where = np.unique(given + 0.0, return_inverse=True)
        total = np.zeros(len(distinct))
        np.add.at(total, where.ravel(), times)
        return cls(distinct[total > 0], total[total > 0])

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
        n = self.n
        if not n:
            return VariantStats.from_moments(0, np.nan, np.nan)
        mean = float(self.counts @ self.values / n)
        return VariantStats.from_moments(n, mean, float(self.counts @ (self.values - mean) ** 2))

    def at_rank(self, rank: float) -> float:
        """The value of the observation with this rank, from 1, in rising order; the nearest one beyond the ends."""
        place = int(np.searchsorted(np.cumsum(self.counts), rank))
        return float(self.values[min(place, len(self.values) - 1)])

    def quantile(self, q: float) -> float:
        """The smallest value with at least a share q of the observations at or below it."""
        return self.at_rank(max(1.0, np.ceil(round(self.n * q, 9))))

    def winsorised(self, low: float = 0.0, high: float = 1.0) -> ValueCounts:
        """Values beyond these quantiles of the arm brought to them."""
        return ValueCounts.of(np.clip(self.values, self.quantile(low), self.quantile(high)), self.counts)

    def merge(self, other: ValueCounts) -> ValueCounts:
        """Both arms' observations as one."""
        return ValueCounts.of(np.concatenate([self.values, other.values]), np.concatenate([self.counts, other.counts]))

    def __add__(self, other: ValueCounts) -> ValueCounts:
        return self.merge(other)
