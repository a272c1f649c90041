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

from gateway.stats.arms import ArmColumns, ArmEstimates, choices, estimate, is_none, is_one
from gateway.stats.groups import number, ranks
from gateway.stats.result import (
    MIN_CONVERSIONS,
    MIN_UNITS,
    Aggregation,
    Desired,
    Method,
    NotComputable,
    ReasonCode,
)
from gateway.stats.sample import RatioStats, VariantStats
from gateway.stats.tails import FloatArray, ObjectArray

_STEPS = (0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 18, 22, 27, 33, 40)
_CUTS = np.array(sorted({sign * step for step in _STEPS for sign in (-1, 1)}), dtype=np.float64)
_POINTS = 20
"""Of each piece."""
_CELLS = 1_000_000
"""Integration points worked on at a time, for flat memory."""


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
    stats: VariantStats | RatioStats
    aggregation: Aggregation
    desired: Desired
    method: Method = Method.INDEPENDENT_POSTERIORS


@dataclass(frozen=True, slots=True, eq=False)
class BestColumns:
    """Row g is one experiment, column j its arm j; NaN where the arm, or the whole row, has no answer."""

    chance_to_be_best: FloatArray
    expected_loss: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class BestArmColumns:
    """Row i is arm i among the arms of its experiment; fields as in `ArmChance`, NaN and a reason where unanswered."""

    arms: ArmColumns
    aggregation: ObjectArray
    desired: ObjectArray
    experiment: ObjectArray
    value: FloatArray
    standard_error: FloatArray
    chance_to_be_best: FloatArray
    expected_loss: FloatArray
    reason: ObjectArray
    """A ReasonCode, of the first arm of the experiment that stands in the way of all its arms."""

    def __len__(self) -> int:
        return len(self.arms)


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
    arms = np.where(sound.all(axis=1), present.sum(axis=1), 0)
    chance, loss = np.full(values.shape, np.nan), np.full(values.shape, np.nan)
    for k in np.unique(arms[arms > 1]).tolist():
        rows = np.flatnonzero(arms == k)
        block = max(1, _CELLS // (k * k * len(_CUTS) * _POINTS))
        for start in range(0, len(rows), block):
            part = rows[start : start + block]
            places = part[:, None], np.nonzero(present[part])[1].reshape(len(part), k)
            with np.errstate(all="ignore"):
                chance[places], loss[places] = _integrate(toward[places], errors[places])
    return BestColumns(chance, loss)


def best_arm_columns(
    arms: ArmColumns,
    *,
    experiment: Any = "all",
    aggregation: Any,
    desired: Any = Desired.INCREASE,
    min_units: int = MIN_UNITS,
    min_conversions: int = MIN_CONVERSIONS,
) -> BestArmColumns:
    """Arms of any number of experiments, control among them, each row among those that name the same experiment."""
    rows = len(arms)
    kinds = choices(aggregation, rows, Aggregation, "aggregation")
    directions = choices(desired, rows, Desired, "desired direction")
    labels = np.broadcast_to(np.asarray(experiment, dtype=object), (rows,))
    found = estimate(arms, kinds)
    with np.errstate(all="ignore"):
        errors = np.sqrt(found.squared_error)
    own = _reasons(found, min_units, min_conversions)
    names, codes = number(labels, rows)
    order = np.argsort(codes, kind="stable")
    rank, size = ranks(codes[order])
    reason = np.full(rows, None, dtype=object)
    reason[order[size < 2]] = ReasonCode.NO_CONTROL.value
    barred = np.flatnonzero(~is_none(own))[::-1]
    first = np.full(len(names), -1, dtype=np.intp)
    first[codes[barred]] = barred
    reason = np.where(first[codes] >= 0, own[first[codes]], reason)
    seat = codes[order], rank - 1
    shape = len(names), int(rank.max(initial=1))
    value, error, lower = np.full(shape, np.nan), np.full(shape, np.nan), np.zeros(len(names), dtype=np.bool_)
    value[seat], error[seat] = found.value[order], errors[order]
    lower[codes] = is_one(directions, Desired.DECREASE)
    best = best_columns(value, error, lower_is_better=lower)
    chance, loss = np.empty(rows), np.empty(rows)
    chance[order], loss[order] = best.chance_to_be_best[seat], best.expected_loss[seat]
    lost = np.bincount(codes, weights=~(np.isfinite(chance) & np.isfinite(loss)), minlength=len(names)) > 0
    reason[is_none(reason) & lost[codes]] = ReasonCode.VARIANCE_UNDEFINED.value
    shown = is_none(reason)
    chance, loss = np.where(shown, chance, np.nan), np.where(shown, loss, np.nan)
    return BestArmColumns(arms, kinds, directions, labels, found.value, errors, chance, loss, reason)


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
    columns = best_arm_columns(
        ArmColumns.from_stats(arms.values()),
        aggregation=kind,
        desired=direction,
        min_units=min_units,
        min_conversions=min_conversions,
    )
    if columns.reason[0] is not None:
        return NotComputable(_sentence(columns, names, min_units, min_conversions), ReasonCode(columns.reason[0]))
    return tuple(
        ArmChance(
            arm=name,
            value=float(columns.value[j]),
            standard_error=float(columns.standard_error[j]),
            chance_to_be_best=float(columns.chance_to_be_best[j]),
            expected_loss=float(columns.expected_loss[j]),
            stats=arms[name],
            aggregation=kind,
            desired=direction,
        )
        for j, name in enumerate(names)
    )


def _integrate(mean: FloatArray, error: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Chance and loss of each of k arms, higher being better; shape (g, k)."""
    nodes, weights = np.polynomial.legendre.leggauss(_POINTS)
    origin, unit = mean.max(axis=1, keepdims=True), error.max(axis=1, keepdims=True)
    centre, spread = (mean - origin) / unit, error / unit
    edges = np.sort((centre[:, :, None] + spread[:, :, None] * _CUTS).reshape(len(mean), -1), axis=1)
    half = np.diff(edges, axis=1) / 2.0
    x = ((edges[:, :-1] + half)[:, :, None] + half[:, :, None] * nodes).reshape(len(mean), 1, -1)
    w = (half[:, :, None] * weights).reshape(len(mean), 1, -1)
    score = (x - centre[:, :, None]) / spread[:, :, None]
    below = special.log_ndtr(score)
    others = below.sum(axis=1, keepdims=True) - below
    density = np.exp(-0.5 * score * score + others) / (spread[:, :, None] * math.sqrt(2.0 * math.pi))
    loss = np.exp(below) * -np.expm1(others)
    return (density * w).sum(axis=2), (loss * w).sum(axis=2) * unit


def _reasons(found: ArmEstimates, min_units: int, min_conversions: int) -> ObjectArray:
    """Why an arm can't be ranked, None where it can; the first that applies."""
    reason = np.full(len(found.n), None, dtype=object)
    with np.errstate(invalid="ignore"):
        reason[found.variance == 0.0] = ReasonCode.ZERO_VARIANCE.value
        reason[~(np.isfinite(found.variance) & np.isfinite(found.value))] = ReasonCode.VARIANCE_UNDEFINED.value
        reason[found.conversions < min_conversions] = ReasonCode.TOO_FEW_CONVERSIONS.value
        reason[~(found.n >= min_units)] = ReasonCode.TOO_FEW_UNITS.value
    return reason


def _sentence(columns: BestArmColumns, names: list[str], min_units: int, min_conversions: int) -> str:
    """The first arm that stands in the way, and why."""
    found = estimate(columns.arms, columns.aggregation)
    own = _reasons(found, min_units, min_conversions)
    if is_none(own).all():
        return "the arms' values or errors are too far apart in size to be set against each other"
    j = int(np.flatnonzero(~is_none(own))[0])
    match own[j]:
        case ReasonCode.TOO_FEW_UNITS:
            return f"needs {min_units} units per arm: {names[j]!r} has {found.n[j]:,.0f}"
        case ReasonCode.TOO_FEW_CONVERSIONS:
            return f"needs {min_conversions} conversions per arm: {names[j]!r} has {found.conversions[j]:,.0f}"
        case ReasonCode.ZERO_VARIANCE:
            return f"every unit of {names[j]!r} has the same value"
        case _:
            return f"the mean or variance of {names[j]!r} is missing, not finite, or out of range"
