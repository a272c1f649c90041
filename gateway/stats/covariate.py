"""Arms that carry a covariate: what a metric was before the experiment, and how the two move together.

Four quantities per unit, in this order: outcome, its denominator, covariate, its denominator. A denominator that is the
constant 1 turns a ratio into a plain mean, so that means, ratios, and ratios with a plain covariate are one case.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gateway.stats.arms import ArmColumns, as_column
from gateway.stats.tails import BoolArray, FloatArray

OUTCOME, DENOMINATOR, COVARIATE, COVARIATE_DENOMINATOR = range(4)
Row4 = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class CovariateStats:
    """One arm: means of the four quantities and every centred sum of products between them. NaN is unknown."""

    n: int
    mean: Row4
    m2: tuple[Row4, Row4, Row4, Row4]
    """m2[i][j]: sum over units of (x_i - mean_i)(x_j - mean_j); symmetric."""

    @classmethod
    def from_values(
        cls,
        outcome: Iterable[float],
        covariate: Iterable[float],
        *,
        denominator: Iterable[float] | None = None,
        covariate_denominator: Iterable[float] | None = None,
    ) -> CovariateStats:
        """From one value per unit of each, in the same order; all finite."""
        y, x = [float(value) for value in outcome], [float(value) for value in covariate]
        d = [1.0] * len(y) if denominator is None else [float(value) for value in denominator]
        e = [1.0] * len(x) if covariate_denominator is None else [float(value) for value in covariate_denominator]
        if len({len(column) for column in (y, d, x, e)}) > 1:
            raise ValueError("every column needs one value per unit")
        if not all(math.isfinite(value) for column in (y, d, x, e) for value in column):
            raise ValueError("values must be finite: drop and count the others first")
        n = len(y)
        mean = [math.fsum(column) / n if n else math.nan for column in (y, d, x, e)]
        off = [[value - centre for value in column] for column, centre in zip((y, d, x, e), mean, strict=True)]
        m2 = [[math.fsum(a * b for a, b in zip(p, q, strict=True)) if n else math.nan for q in off] for p in off]
        return cls(n, _row(mean), _square(m2))

    @classmethod
    def from_moments(
        cls,
        n: int,
        mean: float,
        m2: float,
        covariate_mean: float,
        covariate_m2: float,
        covariate_cross_m2: float,
        **ratio: float,
    ) -> CovariateStats:
        """An arm from the columns that the marts keep; a ratio metric's as in `CovariateColumns.of`."""
        columns = CovariateColumns.of(n, mean, m2, covariate_mean, covariate_m2, covariate_cross_m2, **ratio)
        return columns.row(0)

    def merge(self, other: CovariateStats) -> CovariateStats:
        """Both arms' units as one (Chan, Golub and LeVeque 1979); an empty arm changes nothing."""
        if not self.n or not other.n:
            return self if self.n else other
        both = merge(CovariateColumns.from_stats([self]), CovariateColumns.from_stats([other]))
        return both.row(0)

    def __add__(self, other: CovariateStats) -> CovariateStats:
        return self.merge(other)


@dataclass(frozen=True, slots=True, eq=False)
class CovariateColumns:
    """k arms at once: n has shape (k,), mean (k, 4), m2 (k, 4, 4)."""

    n: FloatArray
    mean: FloatArray
    m2: FloatArray

    @classmethod
    def of(
        cls,
        n: Any,
        mean: Any,
        m2: Any,
        covariate_mean: Any,
        covariate_m2: Any,
        covariate_cross_m2: Any,
        *,
        denominator_mean: Any = 1.0,
        denominator_m2: Any = 0.0,
        cross_m2: Any = 0.0,
        covariate_denominator_cross_m2: Any = None,
    ) -> CovariateColumns:
        """From the marts' columns, with a plain covariate.

        `covariate_cross_m2` pairs covariate and outcome, `covariate_denominator_cross_m2` covariate and denominator:
        left out, it is zero for a constant denominator and unknown for any other, which then can't be adjusted. The
        denominator's columns are read for ratio metrics only.
        """
        if covariate_denominator_cross_m2 is None:
            covariate_denominator_cross_m2 = np.where(as_column(denominator_m2) == 0.0, 0.0, np.nan)
        given = (
            n,
            mean,
            m2,
            covariate_mean,
            covariate_m2,
            covariate_cross_m2,
            denominator_mean,
            denominator_m2,
            cross_m2,
            covariate_denominator_cross_m2,
        )
        units, y, yy, x, xx, xy, d, dd, dy, dx = np.broadcast_arrays(*(as_column(column) for column in given))
        one, nil = np.ones_like(units), np.zeros_like(units)
        square = ((yy, dy, xy, nil), (dy, dd, dx, nil), (xy, dx, xx, nil), (nil, nil, nil, nil))
        joined = np.stack([np.stack(row, axis=-1) for row in square], axis=-2)
        return cls(np.array(units), np.stack((y, d, x, one), axis=-1), joined)

    @classmethod
    def from_stats(cls, arms: Sequence[CovariateStats]) -> CovariateColumns:
        """From arms one by one."""
        rows = len(arms)
        means = np.array([arm.mean for arm in arms], dtype=np.float64).reshape(rows, 4)
        squares = np.array([arm.m2 for arm in arms], dtype=np.float64).reshape(rows, 4, 4)
        return cls(np.array([float(arm.n) for arm in arms]), means, squares)

    def __len__(self) -> int:
        return len(self.n)

    def row(self, i: int) -> CovariateStats:
        """Row i as an arm of its own. NaN units count as none."""
        n = int(self.n[i]) if np.isfinite(self.n[i]) else 0
        return CovariateStats(n, _row(self.mean[i].tolist()), _square(self.m2[i].tolist()))

    def plain_where(self, rows: BoolArray) -> CovariateColumns:
        """The same arms with the outcome's denominator taken as the constant 1 in these rows."""
        mean, m2 = self.mean.copy(), self.m2.copy()
        mean[rows, DENOMINATOR] = 1.0
        m2[rows, DENOMINATOR, :] = 0.0
        m2[rows, :, DENOMINATOR] = 0.0
        return CovariateColumns(self.n, mean, m2)

    @property
    def outcome(self) -> ArmColumns:
        """The arms without their covariate."""
        mean, m2 = self.mean, self.m2
        return ArmColumns.of(
            self.n,
            mean[:, OUTCOME],
            m2[:, OUTCOME, OUTCOME],
            denominator_mean=mean[:, DENOMINATOR],
            denominator_m2=m2[:, DENOMINATOR, DENOMINATOR],
            cross_m2=m2[:, OUTCOME, DENOMINATOR],
        )


def merge(one: CovariateColumns, other: CovariateColumns) -> CovariateColumns:
    """Row by row, both arms' units as one."""
    n = one.n + other.n
    with np.errstate(all="ignore"):
        shift = other.mean - one.mean
        mean = (one.n[:, None] * one.mean + other.n[:, None] * other.mean) / n[:, None]
        between = shift[:, :, None] * shift[:, None, :] * (one.n * other.n / n)[:, None, None]
    return CovariateColumns(n, mean, one.m2 + other.m2 + between)


def _row(values: Sequence[float]) -> Row4:
    a, b, c, d = values
    return (a, b, c, d)


def _square(rows: Sequence[Sequence[float]]) -> tuple[Row4, Row4, Row4, Row4]:
    a, b, c, d = (_row(row) for row in rows)
    return (a, b, c, d)
