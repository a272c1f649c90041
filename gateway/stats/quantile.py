"""Quantiles of an arm and their difference, from value counts, with units that may bring many observations each.

Ranks n (q +- z sqrt(q (1 - q)/n)) bound the quantile among independent observations, whatever their distribution. Its
squared standard error is ((qU - qL)/(2 z))^2 (Deng, Knoblich and Lu 2018). Where a unit brings several observations,
that is multiplied by the cluster ratio: the variance of the share at or below the quantile, taken over units by the
delta method, over p (1 - p)/n of that share p. A rank interval needs n > 4 q/(1 - q), and the same from below.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from gateway.stats import lift
from gateway.stats.arms import ArmEstimates
from gateway.stats.result import DEFAULT_LEVEL, MIN_UNITS, Estimate, NotComputable, ReasonCode
from gateway.stats.sample import RatioStats
from gateway.stats.tails import normal_critical, normal_two_sided
from gateway.stats.value_counts import ValueCounts


@dataclass(frozen=True, slots=True)
class QuantileArm:
    """One arm's observations and, where units bring several, how they cluster at the quantile that is asked for."""

    observations: ValueCounts
    clusters: RatioStats | None = None
    """Per unit: observations at or below the arm's own quantile, over its observations. None: one per unit."""

    @classmethod
    def from_units(cls, units: Iterable[Iterable[float]], q: float) -> QuantileArm:
        """From every unit's own list of observations."""
        lists = [[float(value) for value in unit] for unit in units]
        observations = ValueCounts.of([value for unit in lists for value in unit])
        if not observations.n:
            return cls(observations)
        edge = observations.quantile(q)
        below = [float(sum(value <= edge for value in unit)) for unit in lists]
        return cls(observations, RatioStats.from_values(below, [float(len(unit)) for unit in lists]))

    @property
    def units(self) -> int:
        """What was assigned at random."""
        return self.observations.n if self.clusters is None else self.clusters.n


@dataclass(frozen=True, slots=True)
class QuantileEstimate:
    """A quantile of one arm."""

    q: float
    level: float
    value: Estimate
    """With its interval by ranks, stretched about the value where observations cluster."""
    standard_error: float
    n: int
    """Observations."""
    cluster_ratio: float
    """Variance over what independent observations would have; 1 where each unit brings one."""


@dataclass(frozen=True, slots=True)
class QuantileComparison:
    """Treatment's quantile minus control's; intervals and p are normal and two-sided."""

    control: QuantileEstimate
    treatment: QuantileEstimate
    level: float
    difference: Estimate
    standard_error: float
    p_value: float
    lift: Estimate | NotComputable


def quantile_of(
    arm: QuantileArm, q: float, *, level: float = DEFAULT_LEVEL, min_units: int = MIN_UNITS
) -> QuantileEstimate | NotComputable:
    """The smallest value with a share q of the observations at or below it, and its rank interval."""
    if not 0.0 < q < 1.0:
        raise ValueError(f"a quantile lies between 0 and 1, such as 0.9, not {q!r}")
    n, z = arm.observations.n, normal_critical(level)
    if arm.units < min_units:
        return NotComputable(f"needs {min_units} units per arm, got {arm.units:,}", ReasonCode.TOO_FEW_UNITS)
    needed = 4.0 * max(q / (1.0 - q), (1.0 - q) / q)
    if not n > needed:
        return NotComputable(
            f"needs more than {needed:,.0f} observations for the quantile {q:g}, got {n:,}",
            ReasonCode.QUANTILE_OUT_OF_REACH,
        )
    ratio = _cluster_ratio(arm, q)
    if not math.isfinite(ratio):
        return NotComputable("how observations cluster in units is unknown", ReasonCode.VARIANCE_UNDEFINED)
    reach = z * math.sqrt(n * q * (1.0 - q))
    low = arm.observations.at_rank(max(1.0, math.floor(n * q - reach)))
    high = arm.observations.at_rank(min(float(n), math.ceil(n * q + reach) + 1.0))
    value, stretch = arm.observations.quantile(q), math.sqrt(ratio)
    shown = Estimate(value, value - (value - low) * stretch, value + (high - value) * stretch)
    return QuantileEstimate(q, level, shown, (high - low) / (2.0 * z) * stretch, n, ratio)


def compare_quantiles(
    control: QuantileArm, treatment: QuantileArm, q: float, *, level: float = DEFAULT_LEVEL, min_units: int = MIN_UNITS
) -> QuantileComparison | NotComputable:
    """Difference and lift of a quantile."""
    sides = []
    for name, arm in (("control", control), ("treatment", treatment)):
        found = quantile_of(arm, q, level=level, min_units=min_units)
        if isinstance(found, NotComputable):
            return NotComputable(f"{name}: {found.reason}", found.code)
        sides.append(found)
    one, other = sides
    difference = other.value.value - one.value.value
    error, z = math.hypot(one.standard_error, other.standard_error), normal_critical(level)
    if error == 0.0:
        return NotComputable(
            "both arms have one value all around the quantile, so there is no spread to test with",
            ReasonCode.ZERO_VARIANCE,
        )
    p_value = float(normal_two_sided(np.array([difference / error]))[0])
    shown = Estimate(difference, difference - z * error, difference + z * error)
    return QuantileComparison(one, other, level, shown, error, p_value, _lift(one, other, z))


def _cluster_ratio(arm: QuantileArm, q: float) -> float:
    """NaN where units bring no observations, or none lies above the quantile."""
    if arm.clusters is None:
        return 1.0
    share, n = arm.clusters.mean, arm.observations.n
    if not 0.0 < share < 1.0:
        return math.nan
    known = arm.observations.values <= arm.observations.quantile(q)
    due = float(arm.observations.counts[known].sum()), float(n)
    if not np.allclose((arm.clusters.numerator.sum, arm.clusters.denominator.sum), due, rtol=1e-6):
        raise ValueError(f"the clusters were not counted at the quantile {q:g} of these observations")
    return arm.clusters.variance / arm.clusters.n / (share * (1.0 - share) / n)


def _lift(control: QuantileEstimate, treatment: QuantileEstimate, z: float) -> Estimate | NotComputable:
    """Fieller's interval of the ratio of the two quantiles."""
    found = lift.fieller(_as_arm(control), _as_arm(treatment), z)
    match found.reason[0]:
        case None:
            return Estimate(float(found.value[0]), float(found.ci_low[0]), float(found.ci_high[0]))
        case ReasonCode.ZERO_BASELINE:
            return NotComputable("control's quantile is zero, so nothing is relative to it", ReasonCode.ZERO_BASELINE)
        case code:
            return NotComputable("control's quantile can't be told from zero", ReasonCode(code))


def _as_arm(side: QuantileEstimate) -> ArmEstimates:
    one = np.ones(1)
    return ArmEstimates(one, one * side.value.value, one * side.standard_error**2, one * np.nan)
