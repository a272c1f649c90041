"""Which of several arms is best: the chance of each, and what choosing it is expected to cost.

With flat priors the arms' values are independent normals, F_j their distribution functions and f_j their densities:

    P(i is best) = integral of f_i(x) prod_{j != i} F_j(x) dx
    E[best - i]  = integral of F_i(x) (1 - prod_{j != i} F_j(x)) dx

by Gauss-Legendre on pieces cut at every arm's mean and standard errors around it: deterministic, positive throughout,
and good to about twelve digits. Assumes enough units per arm for a normal mean.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from gateway.stats.arms import ArmColumns, ArmEstimates, choices, estimate
from gateway.stats.result import MIN_CONVERSIONS, MIN_UNITS, Aggregation, Desired, NotComputable, ReasonCode
from gateway.stats.sample import RatioStats, VariantStats
from gateway.stats.tails import FloatArray

_STEPS = (0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 18, 22, 27, 33, 40)
_CUTS = np.array(sorted({sign * step for step in _STEPS for sign in (-1, 1)}), dtype=np.float64)
_POINTS = 20


@dataclass(frozen=True, slots=True)
class ArmChance:
    """One arm among the others."""

    arm: str
    value: float
    standard_error: float
    chance_to_be_best: float
    """These add up to 1 over the arms."""
    expected_loss: float
    """E[best arm's value - this one's], by the desired direction; in the metric's unit."""


@dataclass(frozen=True, slots=True, eq=False)
class BestColumns:
    """Row g is one experiment, column j its arm j; NaN where the arm, or the whole row, has no answer."""

    chance_to_be_best: FloatArray
    expected_loss: FloatArray


def best_columns(value: Any, standard_error: Any, *, lower_is_better: Any = False) -> BestColumns:
    """For rows of arms of shape (g, k); a NaN value is an arm that the row does not have.

    A row with fewer than two arms, or with a standard error that is not positive and finite, is NaN throughout.
    """
    values, errors = np.atleast_2d(np.asarray(value, np.float64)), np.atleast_2d(np.asarray(standard_error, np.float64))
    values, errors = np.broadcast_arrays(values, errors)
    lower = np.broadcast_to(np.asarray(lower_is_better, dtype=np.bool_), (len(values),))
    toward = np.where(lower[:, None], -values, values)
    present = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        sound = ~present | (np.isfinite(values) & np.isfinite(errors) & (errors > 0))
    usable = np.flatnonzero(sound.all(axis=1) & (present.sum(axis=1) > 1))
    chance, loss = np.full(values.shape, np.nan), np.full(values.shape, np.nan)
    for g in usable:
        arms = present[g]
        chance[g, arms], loss[g, arms] = _integrate(toward[g, arms], errors[g, arms])
    return BestColumns(chance, loss)


def chance_to_be_best(
    arms: Mapping[str, VariantStats | RatioStats],
    *,
    aggregation: str = Aggregation.MEAN,
    desired: str = Desired.INCREASE,
    min_units: int = MIN_UNITS,
    min_conversions: int = MIN_CONVERSIONS,
) -> tuple[ArmChance, ...] | NotComputable:
    """Every arm's chance, control among them, in the order given."""
    names = list(arms)
    if len(names) < 2:
        return NotComputable(f"needs two arms to choose between, got {len(names)}", ReasonCode.NO_CONTROL)
    kind, direction = Aggregation(aggregation), Desired(desired)
    found = estimate(ArmColumns.from_stats(arms.values()), choices(kind, len(names), Aggregation, "aggregation"))
    unusable = _unusable(names, found, min_units, min_conversions)
    if unusable:
        return unusable
    errors = np.sqrt(found.squared_error)
    columns = best_columns(found.value, errors, lower_is_better=direction is Desired.DECREASE)
    return tuple(
        ArmChance(
            name,
            float(found.value[j]),
            float(errors[j]),
            float(columns.chance_to_be_best[0, j]),
            float(columns.expected_loss[0, j]),
        )
        for j, name in enumerate(names)
    )


def _integrate(mean: FloatArray, error: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Chance and loss of each of k arms, higher being better."""
    nodes, weights = np.polynomial.legendre.leggauss(_POINTS)
    origin, unit = float(mean.max()), float(error.max())
    centre, spread = (mean - origin) / unit, error / unit
    edges = np.unique((centre[:, None] + spread[:, None] * _CUTS).ravel())
    half = np.diff(edges) / 2.0
    x = ((edges[:-1] + half)[:, None] + half[:, None] * nodes).ravel()
    w = (half[:, None] * weights).ravel()
    score = (x - centre[:, None]) / spread[:, None]
    below = special.log_ndtr(score)
    others = below.sum(axis=0) - below
    density = np.exp(-0.5 * score * score + others) / (spread[:, None] * math.sqrt(2.0 * math.pi))
    loss = (np.exp(below) * -np.expm1(others)) @ w
    return density @ w, loss * unit


def _unusable(names: list[str], found: ArmEstimates, min_units: int, min_conversions: int) -> NotComputable | None:
    """The first arm that stands in the way, and why."""
    for j, name in enumerate(names):
        n, variance, converted = (float(column[j]) for column in (found.n, found.variance, found.conversions))
        if not n >= min_units:
            return NotComputable(f"needs {min_units} units per arm: {name!r} has {n:,.0f}", ReasonCode.TOO_FEW_UNITS)
        if converted < min_conversions:
            needed = f"needs {min_conversions} conversions per arm: {name!r} has {converted:,.0f}"
            return NotComputable(needed, ReasonCode.TOO_FEW_CONVERSIONS)
        if not (math.isfinite(variance) and math.isfinite(float(found.value[j]))):
            unknown = f"the mean or variance of {name!r} is missing, not finite, or out of range"
            return NotComputable(unknown, ReasonCode.VARIANCE_UNDEFINED)
        if variance == 0.0:
            return NotComputable(f"every unit of {name!r} has the same value", ReasonCode.ZERO_VARIANCE)
    return None
