"""What a scorecard is made of: metrics as they are asked for, arms as one pass over the events finds them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

from gateway.stats import Desired, RatioStats, VariantStats


@dataclass(frozen=True, slots=True)
class EventTerm:
    """What a metric takes of an event: its value, or that it happened."""

    event: str
    is_summed: bool = False


@dataclass(frozen=True, slots=True)
class MetricSpec:
    """One metric of an experiment."""

    metric_id: str
    aggregation: str
    """occurrence, count, sum, mean (0 for a unit without events) or ratio."""
    desired: str = Desired.INCREASE
    window_days: float | None = None
    """From a unit's entry; None counts to the experiment's end."""
    numerator: EventTerm = EventTerm("")
    denominator: EventTerm | None = None
    winsorise_quantile: float | None = None
    winsorise_cap: float | None = None

    @property
    def window(self) -> timedelta | None:
        """The attribution window, in whole seconds as the marts have it."""
        return None if self.window_days is None else timedelta(seconds=round(self.window_days * 86_400))

    @property
    def terms(self) -> tuple[EventTerm, ...]:
        """Numerator, and denominator of a ratio."""
        return (self.numerator,) if self.denominator is None else (self.numerator, self.denominator)


@dataclass(frozen=True, slots=True)
class ArmTotals:
    """Sufficient statistics of one arm. `m2`, about the mean, holds the variance where sums of squares have lost it."""

    n: int
    sum: float = 0.0
    sum_squares: float = 0.0
    m2: float = 0.0
    denominator_sum: float | None = None
    """The four of the denominator are those of a ratio."""
    denominator_sum_squares: float | None = None
    denominator_m2: float | None = None
    cross_m2: float | None = None
    """Sum of (numerator - its mean)(denominator - its mean)."""

    def with_silent(self, n: int) -> Self:
        """The arm with all of its `n` units, of which those that did nothing are 0 (Chan, Golub and LeVeque 1979)."""
        between = (n - self.n) / n / self.n if self.n else 0.0
        below = self.denominator_sum

        def spread(m2: float | None, one: float, other: float) -> float | None:
            return None if m2 is None else m2 + one * other * between

        return type(self)(
            n,
            self.sum,
            self.sum_squares,
            self.m2 + self.sum * self.sum * between,
            below,
            self.denominator_sum_squares,
            None if below is None else spread(self.denominator_m2, below, below),
            None if below is None else spread(self.cross_m2, self.sum, below),
        )

    def stats(self) -> VariantStats | RatioStats:
        """The arm as the kernel knows it."""
        above = self._moments(self.sum, self.m2)
        if self.denominator_sum is None or self.denominator_m2 is None or self.cross_m2 is None:
            return above
        return RatioStats(above, self._moments(self.denominator_sum, self.denominator_m2), self.cross_m2)

    def _moments(self, total: float, m2: float) -> VariantStats:
        return VariantStats.from_moments(self.n, total / self.n if self.n else math.nan, m2)

    def payload(self) -> dict[str, Any]:
        """As in the payload: n, sum and sum_squares under their original names, and what else the kernel needs."""
        found = {"n": self.n, "sum": finite(self.sum), "sum_squares": finite(self.sum_squares), "m2": finite(self.m2)}
        if self.denominator_sum is not None:
            names = ("denominator_sum", "denominator_sum_squares", "denominator_m2", "cross_m2")
            found |= {name: finite(getattr(self, name)) for name in names}
        return found


@dataclass(frozen=True, slots=True)
class MetricResult:
    """What one metric came to in every arm."""

    metric_id: str
    variants: Mapping[str, ArmTotals]


def finite(value: float | None) -> float | None:
    """A finite number, or null: JSON has no other."""
    return value if value is not None and math.isfinite(value) else None
