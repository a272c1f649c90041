"""Columns of arms: row i of each array is one arm, and inference runs over all rows at once.

NaN means unknown throughout, as a null in the marts does; None, masked arrays (as DuckDB's fetchnumpy returns) and
integers are accepted and become float64.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from gateway.stats.result import Aggregation
from gateway.stats.sample import RatioStats, VariantStats
from gateway.stats.tails import BoolArray, FloatArray, ObjectArray

ROUNDING = 4.0 * np.finfo(np.float64).eps


def as_column(values: Any) -> FloatArray:
    """Anything column-like as a one-dimensional float64 array, unknown as NaN."""
    if isinstance(values, np.ma.MaskedArray):
        values = np.ma.filled(values.astype(np.float64), np.nan)
    return np.atleast_1d(np.asarray(values, dtype=np.float64))


@dataclass(frozen=True, slots=True, eq=False)
class ArmColumns:
    """Sufficient statistics of k arms; make it with `ArmColumns.of`, which brings everything to shape (k,)."""

    n: FloatArray
    mean: FloatArray
    """Mean per unit; of the numerator for a ratio metric."""
    m2: FloatArray
    conversions: FloatArray
    """Converted units, for occurrence metrics; NaN: taken as n * mean."""
    denominator_mean: FloatArray
    denominator_m2: FloatArray
    cross_m2: FloatArray
    """Sum of (numerator - mean)(denominator - mean); the three denominator columns are read for ratio metrics only."""

    @classmethod
    def of(
        cls,
        n: Any,
        mean: Any,
        m2: Any,
        *,
        conversions: Any = None,
        denominator_mean: Any = None,
        denominator_m2: Any = None,
        cross_m2: Any = None,
    ) -> ArmColumns:
        """From columns of any array-like type, or scalars to repeat; what is left out is unknown."""
        given = (n, mean, m2, conversions, denominator_mean, denominator_m2, cross_m2)
        columns = [as_column(np.nan if column is None else column) for column in given]
        return cls(*(np.ascontiguousarray(column) for column in np.broadcast_arrays(*columns)))

    @classmethod
    def from_stats(cls, arms: Iterable[VariantStats | RatioStats]) -> ArmColumns:
        """From arms one by one."""
        rows = [_row(arm) for arm in arms]
        columns = np.asarray(rows, dtype=np.float64).reshape(len(rows), 7).T
        return cls(*(np.ascontiguousarray(column) for column in columns))

    def __len__(self) -> int:
        return len(self.n)

    def take(self, rows: Any) -> ArmColumns:
        """The rows that a mask or an index array picks, in its order."""
        return ArmColumns(*(getattr(self, field.name)[rows] for field in fields(self)))

    def row(self, i: int, aggregation: str) -> VariantStats | RatioStats:
        """Row i as an arm of its own. NaN units count as none."""
        n = int(self.n[i]) if np.isfinite(self.n[i]) else 0
        arm = VariantStats.from_moments(n, float(self.mean[i]), float(self.m2[i]))
        if aggregation != Aggregation.RATIO:
            return arm
        denominator = VariantStats.from_moments(n, float(self.denominator_mean[i]), float(self.denominator_m2[i]))
        return RatioStats(arm, denominator, float(self.cross_m2[i]))


@dataclass(frozen=True, slots=True, eq=False)
class ArmEstimates:
    """What the tests read of each arm: a value, its variance per unit (n - 1 below), and conversions if it has any."""

    n: FloatArray
    value: FloatArray
    variance: FloatArray
    conversions: FloatArray

    @property
    def squared_error(self) -> FloatArray:
        """Squared standard error of the value."""
        return np.asarray(self.variance / self.n)

    def take(self, rows: Any) -> ArmEstimates:
        """The rows that a mask picks."""
        return ArmEstimates(self.n[rows], self.value[rows], self.variance[rows], self.conversions[rows])


def estimate(arms: ArmColumns, aggregation: ObjectArray) -> ArmEstimates:
    """Value and variance per unit of each arm by its metric's aggregation.

    Occurrence: p = mean, variance n p (1 - p) / (n - 1) where m2 is unknown. Ratio: see `RatioStats`.
    Other aggregations: mean and m2 / (n - 1).
    """
    with np.errstate(all="ignore"):
        value, m2 = arms.mean.copy(), arms.m2.copy()
        conversions = np.full(len(arms), np.nan)
        occurrence = is_one(aggregation, Aggregation.OCCURRENCE)
        if occurrence.any():
            value = np.where(occurrence & np.isnan(value), arms.conversions / arms.n, value)
            m2 = np.where(occurrence & np.isnan(m2), arms.n * value * (1.0 - value), m2)
            known = np.where(np.isnan(arms.conversions), np.rint(arms.n * value), arms.conversions)
            conversions = np.where(occurrence, known, np.nan)
        ratio = is_one(aggregation, Aggregation.RATIO)
        if ratio.any():
            value = np.where(ratio, arms.mean / arms.denominator_mean, value)
            m2 = np.where(ratio, _ratio_m2(arms, value), m2)
        variance = np.where((arms.n > 1) & (m2 >= 0), m2 / (arms.n - 1.0), np.nan)
    return ArmEstimates(arms.n, value, variance, conversions)


def _ratio_m2(arms: ArmColumns, ratio: FloatArray) -> FloatArray:
    """Centred sum of squares of the linearised ratio; what is within rounding of zero is zero, below it unknown."""
    top, cross, bottom = arms.m2, 2.0 * ratio * arms.cross_m2, ratio * ratio * arms.denominator_m2
    spread = top - cross + bottom
    rounding = ROUNDING * (top + np.abs(cross) + bottom)
    spread = np.where(np.abs(spread) <= rounding, 0.0, spread)
    return np.asarray(spread / (arms.denominator_mean * arms.denominator_mean))


def choices(values: Any, length: int, allowed: type[Any], name: str) -> ObjectArray:
    """A column of names, one of an enum's values each; a single name is repeated."""
    given = np.asarray(values, dtype=object)
    repeated = given.ndim == 1 and given.strides == (0,) and len(given) > 0
    named = {given[0]} if repeated else set(given.ravel().tolist())
    wrong = sorted({str(value) for value in named - {member.value for member in allowed}})
    if wrong:
        raise ValueError(f"unknown {name} {wrong[0]!r}: one of {', '.join(member.value for member in allowed)}")
    return np.broadcast_to(given, (length,))


def is_one(column: ObjectArray, name: str) -> BoolArray:
    """Rows of a column of names that are this one."""
    if column.strides == (0,) and len(column):  # one name repeated: looked at once
        return np.full(column.shape, column[0] == name)
    return np.asarray(column == name, dtype=np.bool_)


def is_none(column: ObjectArray) -> BoolArray:
    """Rows of a column of names that hold none."""
    return np.asarray(column == None, dtype=np.bool_)  # noqa: E711 - elementwise, which `is` is not


def _row(arm: VariantStats | RatioStats) -> tuple[float, ...]:
    nan = float("nan")
    if isinstance(arm, RatioStats):
        top, bottom = arm.numerator, arm.denominator
        return (float(arm.n), top.mean, top.m2, nan, bottom.mean, bottom.m2, arm.cross_m2)
    return (float(arm.n), arm.mean, arm.m2, nan, nan, nan, nan)
