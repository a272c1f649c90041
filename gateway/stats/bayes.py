"""Posterior of one treatment's effect: credible interval, chance to win, expected loss.

The likelihood is normal, N(estimate, se^2), on the difference or on the relative lift (delta method). A flat prior
leaves it as it is; a normal prior N(m0, s0^2) adds its precision (Gelman et al., Bayesian Data Analysis, 2.5):

    1/sd^2 = 1/se^2 + 1/s0^2,   mean = sd^2 (estimate/se^2 + m0/s0^2)
    chance to win = Phi(w/sd),  loss = sd phi(w/sd) - w Phi(-w/sd)      w: the mean, toward what is desired

A prior on the lift scales by |control value| where the posterior is of the difference. Assumes independent units and
enough of them for a normal estimate. Looking daily at chance to win is not always valid: see `sequential`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from gateway.stats import reasons
from gateway.stats.arms import ArmColumns, ArmEstimates, as_column, choices, estimate, is_none, is_one
from gateway.stats.pair import Arm, single
from gateway.stats.result import (
    DEFAULT_LEVEL,
    MIN_CONVERSIONS,
    MIN_UNITS,
    Aggregation,
    Alternative,
    Desired,
    Estimate,
    Method,
    NotComputable,
    ReasonCode,
    Scale,
)
from gateway.stats.tails import FloatArray, ObjectArray, check_level, normal_cdf, normal_critical


@dataclass(frozen=True, slots=True)
class Prior:
    """A normal belief about the effect before the data; an infinite sd is the flat prior."""

    mean: float = 0.0
    sd: float = math.inf
    scale: Scale = Scale.LIFT

    def __post_init__(self) -> None:
        if not (math.isfinite(self.mean) and self.sd > 0):
            raise ValueError(f"a prior needs a finite mean and a positive sd, not {self.mean!r} and {self.sd!r}")


FLAT = Prior()


@dataclass(frozen=True, slots=True)
class Posterior:
    """What is believed of treatment minus control on `scale`, after the data."""

    control: Arm
    treatment: Arm
    aggregation: Aggregation
    desired: Desired
    scale: Scale
    prior: Prior
    level: float
    effect: Estimate
    """Posterior mean with its central credible interval at `level`."""
    sd: float
    chance_to_win: float
    """P(treatment is better), by the desired direction."""
    loss_if_shipped: float
    """What choosing treatment is expected to cost where it is worse; in units of `scale`."""
    loss_if_kept: float
    """What staying with control is expected to forgo."""
    method: Method = Method.NORMAL_POSTERIOR
    alternative: Alternative = Alternative.TWO_SIDED
    """The credible interval is central: half of what it leaves out lies on each side."""


@dataclass(frozen=True, slots=True, eq=False)
class BeliefColumns:
    """Posteriors of k effects; fields as in `Posterior`."""

    mean: FloatArray
    sd: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    chance_to_win: FloatArray
    loss_if_shipped: FloatArray
    loss_if_kept: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class PosteriorColumns:
    """Row i is treatment i against control i; NaN and a reason where there is no answer."""

    control: ArmColumns
    treatment: ArmColumns
    aggregation: ObjectArray
    desired: ObjectArray
    scale: Scale
    prior: Prior
    level: float
    belief: BeliefColumns
    reason: ObjectArray

    def __len__(self) -> int:
        return len(self.reason)


def belief(
    effect: Any,
    standard_error: Any,
    *,
    prior_mean: Any = 0.0,
    prior_sd: Any = math.inf,
    lower_is_better: Any = False,
    level: float = DEFAULT_LEVEL,
) -> BeliefColumns:
    """The normal posterior of estimates of any origin, CUPED's included, with their standard errors; columns of k."""
    found, error = as_column(effect), as_column(standard_error)
    critical = normal_critical(level)
    with np.errstate(all="ignore"):
        trust = (error / as_column(prior_sd)) ** 2
        sd = error / np.sqrt(1.0 + trust)
        mean = (found + trust * as_column(prior_mean)) / (1.0 + trust)
        toward = np.where(np.asarray(lower_is_better, dtype=np.bool_), -mean, mean) / sd
        shipped, kept = sd * expected_shortfall(toward), sd * expected_shortfall(-toward)
        return BeliefColumns(mean, sd, mean - critical * sd, mean + critical * sd, normal_cdf(toward), shipped, kept)


def expected_shortfall(z: FloatArray) -> FloatArray:
    """E[max(0, -Z)] for Z ~ N(z, 1): phi(z) - z Phi(-z), by the scaled tail so that nothing cancels to zero."""
    above = np.maximum(z, 0.0)
    density = np.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)
    right = density * (1.0 - above * math.sqrt(math.pi / 2.0) * special.erfcx(above / math.sqrt(2.0)))
    left = density - z * special.ndtr(-z)
    return np.asarray(np.maximum(np.where(z > 0, right, left), 0.0))


def posterior_columns(
    control: ArmColumns,
    treatment: ArmColumns,
    *,
    aggregation: Any,
    desired: Any = Desired.INCREASE,
    scale: str = Scale.DIFFERENCE,
    prior: Prior = FLAT,
    level: float = DEFAULT_LEVEL,
    min_units: int = MIN_UNITS,
    min_conversions: int = MIN_CONVERSIONS,
) -> PosteriorColumns:
    """The posterior row by row, on the difference (the house's choice) or on the lift (the original kernel's)."""
    if len(control) != len(treatment):
        raise ValueError(f"{len(control)} control arms for {len(treatment)} treatment arms")
    kinds = choices(aggregation, len(control), Aggregation, "aggregation")
    directions = choices(desired, len(control), Desired, "desired direction")
    sides = estimate(control, kinds), estimate(treatment, kinds)
    reason = reasons.find((control, treatment), sides, kinds, min_units, min_conversions)
    on, lower = Scale(scale), is_one(directions, Desired.DECREASE)
    with np.errstate(all="ignore"):
        found = _belief(sides, on, prior, lower, check_level(level))
    relative = on == Scale.LIFT or (prior.scale == Scale.LIFT and math.isfinite(prior.sd))
    reason[is_none(reason) & (sides[0].value == 0.0) & relative] = ReasonCode.ZERO_BASELINE.value
    reason[is_none(reason) & ~(np.isfinite(found.mean) & np.isfinite(found.sd))] = ReasonCode.VARIANCE_UNDEFINED.value
    reason[is_none(reason) & ~(found.sd > 0.0)] = ReasonCode.ZERO_VARIANCE.value
    columns = (getattr(found, name) for name in BeliefColumns.__dataclass_fields__)
    shown = BeliefColumns(*(np.where(is_none(reason), column, np.nan) for column in columns))
    return PosteriorColumns(control, treatment, kinds, directions, on, prior, level, shown, reason)


def posterior(
    control: Arm | None,
    treatment: Arm,
    *,
    aggregation: str = Aggregation.MEAN,
    desired: str = Desired.INCREASE,
    scale: str = Scale.DIFFERENCE,
    prior: Prior = FLAT,
    level: float = DEFAULT_LEVEL,
    min_units: int = MIN_UNITS,
    min_conversions: int = MIN_CONVERSIONS,
) -> Posterior | NotComputable:
    """`posterior_columns` for one pair of arms."""
    arms = single(control, treatment, aggregation)
    if isinstance(arms, NotComputable):
        return arms
    found = posterior_columns(
        *arms,
        aggregation=aggregation,
        desired=desired,
        scale=scale,
        prior=prior,
        level=level,
        min_units=min_units,
        min_conversions=min_conversions,
    )
    code, row = found.reason[0], found.belief
    if code is not None:
        units = [float(side.n[0]) for side in arms]
        converted = [float(side.n[0]) * float(side.mean[0]) for side in arms]
        return NotComputable(reasons.text(code, units, converted, min_units, min_conversions), ReasonCode(code))
    kind = Aggregation(aggregation)
    return Posterior(
        control=arms[0].row(0, kind),
        treatment=arms[1].row(0, kind),
        aggregation=kind,
        desired=Desired(desired),
        scale=found.scale,
        prior=prior,
        level=level,
        effect=Estimate(float(row.mean[0]), float(row.ci_low[0]), float(row.ci_high[0])),
        sd=float(row.sd[0]),
        chance_to_win=float(row.chance_to_win[0]),
        loss_if_shipped=float(row.loss_if_shipped[0]),
        loss_if_kept=float(row.loss_if_kept[0]),
    )


def _belief(
    sides: tuple[ArmEstimates, ArmEstimates], scale: Scale, prior: Prior, lower: Any, level: float
) -> BeliefColumns:
    """The effect on the asked scale, and the prior brought to it."""
    control, treatment = sides
    base, effect = np.abs(control.value), treatment.value - control.value
    error = np.sqrt(control.squared_error + treatment.squared_error)
    if scale == Scale.LIFT:
        grown = treatment.value / control.value
        error = np.sqrt(treatment.squared_error + grown * grown * control.squared_error) / base
        effect = effect / base
    factor = np.ones_like(base)
    if prior.scale != scale and (prior.mean or math.isfinite(prior.sd)):
        factor = base if scale == Scale.DIFFERENCE else 1.0 / base
    return belief(
        effect,
        error,
        prior_mean=prior.mean * factor,
        prior_sd=prior.sd * factor,
        lower_is_better=lower,
        level=level,
    )
