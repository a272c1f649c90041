"""Quantiles of an arm and their difference, from value counts, with units that may bring many observations each.

Ranks n (q +- z sqrt(q (1 - q)/n)) bound the quantile among independent observations, whatever their distribution. Its
squared standard error is ((qU - qL)/(2 z))^2 (Deng, Knoblich and Lu 2018). Where a unit brings several observations,
that is multiplied by the cluster ratio: the variance of the share at or below the quantile, taken over units by the
delta method, over p (1 - p)/n of that share p. A rank interval needs n > 4 q/(1 - q), and the same from below.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gateway.stats import lift
from gateway.stats.arms import ArmColumns, ArmEstimates, choices, estimate, is_none
from gateway.stats.result import (
    DEFAULT_LEVEL,
    MIN_UNITS,
    Aggregation,
    Alternative,
    Estimate,
    Method,
    NotComputable,
    ReasonCode,
)
from gateway.stats.sample import RatioStats
from gateway.stats.tails import FloatArray, ObjectArray, normal_critical, normal_two_sided
from gateway.stats.value_counts import ValueCountColumns, ValueCounts


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


@dataclass(frozen=True, slots=True, eq=False)
class QuantileArmColumns:
    """k arms at once."""

    observations: ValueCountColumns
    clusters: ArmColumns
    """A ratio metric's moments, as in `QuantileArm`; n is NaN for arms whose units bring one observation each."""

    @classmethod
    def of(cls, observations: ValueCountColumns, clusters: ArmColumns | None = None) -> QuantileArmColumns:
        """From the arms' observations; without clusters every unit brings one."""
        if clusters is not None and len(clusters) != len(observations):
            raise ValueError(f"{len(observations)} arms for {len(clusters)} clusters")
        none = np.full(len(observations), np.nan)
        return cls(observations, ArmColumns.of(none, none, none) if clusters is None else clusters)

    @classmethod
    def from_arms(cls, arms: Sequence[QuantileArm]) -> QuantileArmColumns:
        """From arms one by one."""
        rows = [_NO_CLUSTERS if arm.clusters is None else ArmColumns.from_stats([arm.clusters]) for arm in arms]
        names = ("n", "mean", "m2", "denominator_mean", "denominator_m2", "cross_m2")
        joined = {name: np.array([getattr(row, name)[0] for row in rows], dtype=np.float64) for name in names}
        clusters = ArmColumns.of(joined.pop("n"), joined.pop("mean"), joined.pop("m2"), **joined)
        return cls(ValueCountColumns.from_arms([arm.observations for arm in arms]), clusters)

    def __len__(self) -> int:
        return len(self.observations)

    @property
    def units(self) -> FloatArray:
        """What was assigned at random, per arm."""
        return np.where(np.isnan(self.clusters.n), self.observations.n, self.clusters.n)


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
    arm: QuantileArm = field(repr=False, compare=False)
    method: Method = Method.QUANTILE_RANKS
    alternative: Alternative = Alternative.TWO_SIDED


@dataclass(frozen=True, slots=True, eq=False)
class QuantileColumns:
    """Fields as in `QuantileEstimate`, per arm; NaN and a reason where there is no answer."""

    arms: QuantileArmColumns
    q: FloatArray
    level: float
    value: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    standard_error: FloatArray
    n: FloatArray
    cluster_ratio: FloatArray
    reason: ObjectArray

    def __len__(self) -> int:
        return len(self.value)


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
    method: Method = Method.QUANTILE_RANKS
    alternative: Alternative = Alternative.TWO_SIDED


@dataclass(frozen=True, slots=True, eq=False)
class QuantileComparisonColumns:
    """Row i compares treatment i with control i; NaN and a reason where there is no answer."""

    control: QuantileColumns
    treatment: QuantileColumns
    level: float
    difference: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    standard_error: FloatArray
    p_value: FloatArray
    lift: FloatArray
    lift_ci_low: FloatArray
    lift_ci_high: FloatArray
    reason: ObjectArray
    lift_reason: ObjectArray

    def __len__(self) -> int:
        return len(self.difference)


def quantile_columns(
    arms: QuantileArmColumns, q: Any, *, level: float = DEFAULT_LEVEL, min_units: int = MIN_UNITS
) -> QuantileColumns:
    """Each arm's quantile q, one for all or a column, with its rank interval."""
    share = np.broadcast_to(np.asarray(q, dtype=np.float64), (len(arms),))
    if not ((share > 0.0) & (share < 1.0)).all():
        raise ValueError(f"a quantile lies between 0 and 1, such as 0.9, not {q!r}")
    seen, z = arms.observations, normal_critical(level)
    n, value, ratio = seen.n, seen.quantile(share), _cluster_ratios(arms, share)
    reach, stretch = z * np.sqrt(n * share * (1.0 - share)), np.sqrt(ratio)
    low = seen.at_rank(np.maximum(1.0, np.floor(n * share - reach)))
    high = seen.at_rank(np.minimum(n, np.ceil(n * share + reach) + 1.0))
    reason = np.full(len(arms), None, dtype=object)
    reason[~np.isfinite(ratio)] = ReasonCode.VARIANCE_UNDEFINED.value
    reason[~(n > _needed(share))] = ReasonCode.QUANTILE_OUT_OF_REACH.value
    reason[arms.units < min_units] = ReasonCode.TOO_FEW_UNITS.value
    below, above, error = (value - low) * stretch, (high - value) * stretch, (high - low) / (2.0 * z) * stretch
    value, low, high, error = (
        np.where(is_none(reason), column, np.nan) for column in (value, value - below, value + above, error)
    )
    return QuantileColumns(arms, share, level, value, low, high, error, n, ratio, reason)


def quantile_of(
    arm: QuantileArm, q: float, *, level: float = DEFAULT_LEVEL, min_units: int = MIN_UNITS
) -> QuantileEstimate | NotComputable:
    """The smallest value with a share q of the observations at or below it, and its rank interval."""
    found = quantile_columns(QuantileArmColumns.from_arms([arm]), q, level=level, min_units=min_units)
    if found.reason[0] is not None:
        return NotComputable(_sentence(found.reason[0], arm, q, min_units), ReasonCode(found.reason[0]))
    return _estimate(found, arm)


def compare_quantiles_columns(
    control: QuantileArmColumns,
    treatment: QuantileArmColumns,
    q: Any,
    *,
    level: float = DEFAULT_LEVEL,
    min_units: int = MIN_UNITS,
) -> QuantileComparisonColumns:
    """Difference and Fieller's lift of a quantile, row by row."""
    if len(control) != len(treatment):
        raise ValueError(f"{len(control)} control arms for {len(treatment)} treatment arms")
    one, other = (quantile_columns(side, q, level=level, min_units=min_units) for side in (control, treatment))
    z = normal_critical(level)
    reason = np.where(is_none(one.reason), other.reason, one.reason)
    with np.errstate(all="ignore"):
        difference, error = other.value - one.value, np.hypot(one.standard_error, other.standard_error)
        reason[is_none(reason) & (error == 0.0)] = ReasonCode.ZERO_VARIANCE.value
        p_value = normal_two_sided(difference / error)
        low, high = difference - z * error, difference + z * error
    relative = lift.fieller(_as_arms(one), _as_arms(other), z)
    answered = is_none(reason)
    columns: dict[str, Any] = {
        "difference": difference,
        "ci_low": low,
        "ci_high": high,
        "standard_error": error,
        "p_value": p_value,
        "lift": relative.value,
        "lift_ci_low": relative.ci_low,
        "lift_ci_high": relative.ci_high,
    }
    columns = {name: np.where(answered, column, np.nan) for name, column in columns.items()}
    lift_reason = np.where(answered, relative.reason, reason)
    return QuantileComparisonColumns(one, other, level, **columns, reason=reason, lift_reason=lift_reason)


def compare_quantiles(
    control: QuantileArm, treatment: QuantileArm, q: float, *, level: float = DEFAULT_LEVEL, min_units: int = MIN_UNITS
) -> QuantileComparison | NotComputable:
    """`compare_quantiles_columns` for one pair of arms."""
    sides = QuantileArmColumns.from_arms([control]), QuantileArmColumns.from_arms([treatment])
    found = compare_quantiles_columns(*sides, q, level=level, min_units=min_units)
    for name, arm, column in (("control", control, found.control), ("treatment", treatment, found.treatment)):
        if column.reason[0] is not None:
            sentence = f"{name}: {_sentence(column.reason[0], arm, q, min_units)}"
            return NotComputable(sentence, ReasonCode(column.reason[0]))
    if found.reason[0] is not None:
        flat = "both arms have one value all around the quantile, so there is no spread to test with"
        return NotComputable(flat, ReasonCode(found.reason[0]))
    return QuantileComparison(
        control=_estimate(found.control, control),
        treatment=_estimate(found.treatment, treatment),
        level=level,
        difference=Estimate(float(found.difference[0]), float(found.ci_low[0]), float(found.ci_high[0])),
        standard_error=float(found.standard_error[0]),
        p_value=float(found.p_value[0]),
        lift=_lift(found),
    )


def _needed(share: FloatArray) -> FloatArray:
    return 4.0 * np.maximum(share / (1.0 - share), (1.0 - share) / share)


def _cluster_ratios(arms: QuantileArmColumns, q: FloatArray) -> FloatArray:
    """1 without clusters; NaN where units bring no observations, or none lies above the quantile."""
    seen, clusters = arms.observations, arms.clusters
    found = estimate(clusters, choices(Aggregation.RATIO, len(arms), Aggregation, "aggregation"))
    edge = seen.quantile(q)
    below = seen.total(np.where(seen.values <= edge[seen.arm], seen.counts, 0.0))
    with np.errstate(all="ignore"):
        share, alone = found.value, np.isnan(clusters.n)
        inside = ~alone & (share > 0.0) & (share < 1.0)
        counted = np.isclose(clusters.n * clusters.mean, below, rtol=1e-6)
        counted &= np.isclose(clusters.n * clusters.denominator_mean, seen.n, rtol=1e-6)
        if (inside & ~counted).any():
            wrong = float(q[inside & ~counted][0])
            raise ValueError(f"the clusters were not counted at the quantile {wrong:g} of these observations")
        ratio = found.squared_error / (share * (1.0 - share) / seen.n)
    return np.where(alone, 1.0, np.where(inside, ratio, np.nan))


def _as_arms(side: QuantileColumns) -> ArmEstimates:
    ones = np.ones(len(side))
    return ArmEstimates(ones, side.value, side.standard_error**2, ones * np.nan)


def _estimate(found: QuantileColumns, arm: QuantileArm) -> QuantileEstimate:
    return QuantileEstimate(
        q=float(found.q[0]),
        level=found.level,
        value=Estimate(float(found.value[0]), float(found.ci_low[0]), float(found.ci_high[0])),
        standard_error=float(found.standard_error[0]),
        n=int(found.n[0]),
        cluster_ratio=float(found.cluster_ratio[0]),
        arm=arm,
    )


def _lift(found: QuantileComparisonColumns) -> Estimate | NotComputable:
    match found.lift_reason[0]:
        case None:
            return Estimate(float(found.lift[0]), float(found.lift_ci_low[0]), float(found.lift_ci_high[0]))
        case ReasonCode.ZERO_BASELINE:
            return NotComputable("control's quantile is zero, so nothing is relative to it", ReasonCode.ZERO_BASELINE)
        case code:
            return NotComputable("control's quantile can't be told from zero", ReasonCode(code))


def _sentence(code: str, arm: QuantileArm, q: float, min_units: int) -> str:
    match code:
        case ReasonCode.TOO_FEW_UNITS:
            return f"needs {min_units} units per arm, got {arm.units:,}"
        case ReasonCode.QUANTILE_OUT_OF_REACH:
            needed = float(_needed(np.array([q]))[0])
            return f"needs more than {needed:,.0f} observations for the quantile {q:g}, got {arm.observations.n:,}"
        case _:
            return "how observations cluster in units is unknown"


_NO_CLUSTERS = ArmColumns.of(np.nan, np.nan, np.nan)
