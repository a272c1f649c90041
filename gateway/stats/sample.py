"""Arms as sufficient statistics: what the database returns, and all that inference needs.

n, mean and m2 (the sum of squared deviations from the mean) are kept, since they hold the variance at any offset;
sum and sum_squares are derived for readers who expect those names. Arms merge by the pairwise update of Chan, Golub and
LeVeque (1979), exactly what the marts' daily snapshots rely on.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from numbers import Integral

NAN = math.nan


@dataclass(frozen=True, slots=True, init=False)
class VariantStats:
    """One arm of one metric. `VariantStats(n, sum, sum_squares)` as in the original kernel, or by `from_moments`.

    NaN in mean or m2 means unknown, and comparisons then say why they can't answer.
    """

    n: int
    mean: float
    m2: float
    """Sum of (x - mean)^2 over the arm's units."""

    def __init__(self, n: int, sum: float, sum_squares: float) -> None:  # noqa: A002 - the original kernel's own name
        mean, m2 = _moments_of_sums(n, sum, sum_squares)
        self._set(n, mean, m2)

    def _set(self, n: int, mean: float, m2: float) -> None:
        if n < 0:
            raise ValueError(f"an arm cannot have {n} units")
        object.__setattr__(self, "n", int(n))
        object.__setattr__(self, "mean", float(mean))
        object.__setattr__(self, "m2", float(m2))

    @classmethod
    def from_sums(cls, n: int, sum: float, sum_squares: float) -> VariantStats:  # noqa: A002 - as above
        """From n, sum and sum of squares; exact for integers of any size.

        In float64 these lose the variance once mean/sd passes about 1e7, and m2 is then 0: prefer `from_moments` where
        there is a choice.
        """
        return cls(n, sum, sum_squares)

    @classmethod
    def from_moments(cls, n: int, mean: float, m2: float) -> VariantStats:
        """From n, mean and the centred sum of squares."""
        arm = object.__new__(cls)
        arm._set(n, mean, m2)
        return arm

    @classmethod
    def from_values(cls, values: Iterable[float]) -> VariantStats:
        """From one value per unit, in two exact passes (Shewchuk summation); a value that is not finite is an error."""
        data = [float(value) for value in values]
        if not all(map(math.isfinite, data)):
            raise ValueError("values must be finite: drop and count the others first")
        if not data:
            return cls.from_moments(0, NAN, NAN)
        mean = math.fsum(data) / len(data)
        return cls.from_moments(len(data), mean, math.fsum((value - mean) * (value - mean) for value in data))

    @classmethod
    def from_value_counts(cls, values: Iterable[float], counts: Iterable[int]) -> VariantStats:
        """From distinct values and how many units have each; the order does not matter."""
        from gateway.stats.value_counts import ValueCounts  # it builds on this module

        return ValueCounts.of(list(values), list(counts)).stats()

    @property
    def variance(self) -> float:
        """Sample variance, n - 1 below; NaN with fewer than two units."""
        return self.m2 / (self.n - 1) if self.n > 1 else NAN

    @property
    def sum(self) -> float:
        """Total over the arm; 0 for an empty one."""
        return self.n * self.mean if self.n else 0.0

    @property
    def sum_squares(self) -> float:
        """Sum of squares; 0 for an empty arm."""
        return self.m2 + self.n * self.mean * self.mean if self.n else 0.0

    def merge(self, other: VariantStats) -> VariantStats:
        """Both arms' units as one arm. Associative and commutative up to rounding; an empty arm changes nothing."""
        if not self.n:
            return other
        if not other.n:
            return self
        delta = other.mean - self.mean
        mean = _weighted(self.n, self.mean, other.n, other.mean)
        return VariantStats.from_moments(
            self.n + other.n, mean, self.m2 + other.m2 + delta * delta * _between(self.n, other.n)
        )

    def __add__(self, other: VariantStats) -> VariantStats:
        return self.merge(other)


@dataclass(frozen=True, slots=True)
class RatioStats:
    """One arm of a ratio metric: numerator and denominator per unit, and how they move together.

    The value is R = mean(numerator) / mean(denominator). Its variance per unit, by the delta method over units (Deng,
    Knoblich and Lu 2018), is (vM - 2 R cov + R^2 vD) / mean(denominator)^2, with n - 1 below in each moment.
    """

    numerator: VariantStats
    denominator: VariantStats
    cross_m2: float
    """Sum of (numerator - its mean)(denominator - its mean)."""

    def __post_init__(self) -> None:
        if self.numerator.n != self.denominator.n:
            raise ValueError(f"numerator has {self.numerator.n} units, denominator {self.denominator.n}")

    @classmethod
    def from_values(cls, numerator: Iterable[float], denominator: Iterable[float]) -> RatioStats:
        """From a numerator and a denominator per unit, in the same order."""
        pairs = [(float(top), float(bottom)) for top, bottom in zip(numerator, denominator, strict=True)]
        tops = VariantStats.from_values(top for top, _ in pairs)
        bottoms = VariantStats.from_values(bottom for _, bottom in pairs)
        cross = math.fsum((top - tops.mean) * (bottom - bottoms.mean) for top, bottom in pairs)
        return cls(tops, bottoms, cross if pairs else NAN)

    @property
    def n(self) -> int:
        """Units, not denominators."""
        return self.numerator.n

    @property
    def mean(self) -> float:
        """The ratio of the totals; NaN where the denominator is zero."""
        return self.numerator.mean / self.denominator.mean if self.denominator.mean else NAN

    @property
    def variance(self) -> float:
        """Delta-method variance per unit: divided by n it is the squared standard error of the ratio."""
        if self.n < 2 or not self.denominator.mean:
            return NAN
        ratio = self.mean
        spread = self.numerator.m2 - 2.0 * ratio * self.cross_m2 + ratio * ratio * self.denominator.m2
        return max(0.0, spread) / (self.n - 1) / self.denominator.mean**2

    def merge(self, other: RatioStats) -> RatioStats:
        """Both arms' units as one arm."""
        if not self.n:
            return other
        if not other.n:
            return self
        shift = (other.numerator.mean - self.numerator.mean) * (other.denominator.mean - self.denominator.mean)
        cross = self.cross_m2 + other.cross_m2 + shift * _between(self.n, other.n)
        return RatioStats(self.numerator + other.numerator, self.denominator + other.denominator, cross)

    def __add__(self, other: RatioStats) -> RatioStats:
        return self.merge(other)


def _weighted(n: int, mean: float, other_n: int, other_mean: float) -> float:
    """Mean of two means, the same whichever comes first."""
    return (n * mean + other_n * other_mean) / (n + other_n)


def _between(n: int, other_n: int) -> float:
    """Weight of the squared distance of two means, as columns have it."""
    return float(n) * float(other_n) / float(n + other_n)


def _counts(*sums: object) -> bool:
    """True where every sum is an integer, NumPy's own included, and so carries no rounding."""
    return all(isinstance(value, Integral) for value in sums)


def _moments_of_sums(n: int, total: float, squares: float) -> tuple[float, float]:
    """Mean and m2, subtracting in exact arithmetic; what is left below the inputs' own rounding counts as zero."""
    if n <= 0 or not (math.isfinite(total) and math.isfinite(squares)):
        return NAN, NAN
    from fractions import Fraction  # brings decimal along, which nothing else here needs

    exact_total, exact_squares = Fraction(total), Fraction(squares)
    m2 = float(exact_squares - exact_total * exact_total / n)
    rounding = 0.0 if _counts(total, squares) else 32.0 * sys.float_info.epsilon * float(squares)
    return float(exact_total / n), m2 if m2 > rounding else 0.0
