"""The bootstrap for counts with heavy tails, from value counts.

Efron (1979): drawing n units with replacement is one multinomial draw over the value counts, so the cost
follows the distinct values, not the units. The percentile interval takes the draws' own quantiles; the studentised one
those of (d* - d)/se*, which corrects for skew and is the better where both can be had. Draws are seeded: the same arms
always get the same answer, alone or in a column. Assumes independent units.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from gateway.stats.result import (
    DEFAULT_LEVEL,
    MIN_UNITS,
    Alternative,
    Estimate,
    Method,
    NotComputable,
    ReasonCode,
)
from gateway.stats.tails import FloatArray, ObjectArray, check_level
from gateway.stats.value_counts import ValueCountColumns, ValueCounts

DRAWS = 2_000
_CELLS = 4_000_000
"""Multinomial cells drawn at a time, for flat memory."""


class BootstrapInterval(StrEnum):
    """How draws become an interval."""

    PERCENTILE = "percentile"
    STUDENTISED = "studentised"


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """Treatment minus control, of means or of a quantile."""

    interval: BootstrapInterval
    level: float
    draws: int
    seed: int
    quantile: float | None
    """None for means."""
    difference: Estimate
    standard_error: float
    """Standard deviation of the draws."""
    p_value: float
    """Two-sided; never below 2 / (draws + 1)."""
    lift: Estimate | NotComputable
    """By percentiles of the draws, whichever interval the difference has."""
    control: ValueCounts = field(repr=False, compare=False)
    treatment: ValueCounts = field(repr=False, compare=False)
    method: Method = Method.BOOTSTRAP
    alternative: Alternative = Alternative.TWO_SIDED


@dataclass(frozen=True, slots=True, eq=False)
class BootstrapColumns:
    """Row i resamples treatment i and control i; fields as in `Bootstrap`, NaN and a reason where unanswered."""

    control: ValueCountColumns
    treatment: ValueCountColumns
    interval: BootstrapInterval
    level: float
    draws: int
    seed: int
    quantile: float | None
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


def bootstrap(
    control: ValueCounts,
    treatment: ValueCounts,
    *,
    quantile: float | None = None,
    interval: str | None = None,
    level: float = DEFAULT_LEVEL,
    draws: int = DRAWS,
    seed: int = 0,
    min_units: int = MIN_UNITS,
) -> Bootstrap | NotComputable:
    """Interval of the difference of means (studentised) or of a quantile (percentile), unless told otherwise."""
    check_level(level)
    named = BootstrapInterval(interval or ("studentised" if quantile is None else "percentile"))
    if quantile is not None and (named is BootstrapInterval.STUDENTISED or not 0.0 < quantile < 1.0):
        raise ValueError("a quantile lies between 0 and 1 and has a percentile interval")
    if draws < 100:
        raise ValueError(f"needs 100 draws or more, not {draws}")
    problem = _too_small(control, treatment, min_units)
    if problem:
        return problem
    rng = np.random.default_rng(seed)
    low, high = (_draw(arm, draws, rng, quantile) for arm in (control, treatment))
    values = [arm.stats().mean if quantile is None else arm.quantile(quantile) for arm in (control, treatment)]
    difference, moved = values[1] - values[0], high.value - low.value
    if not float(np.ptp(moved)) > 0.0:
        return NotComputable("every draw gives the same difference", ReasonCode.ZERO_VARIANCE)
    if named is BootstrapInterval.STUDENTISED:
        error = math.sqrt(sum(arm.stats().variance / arm.n for arm in (control, treatment)))
        shown, p_value = _studentised(difference, error, moved, np.sqrt(low.squared_error + high.squared_error), level)
        if not (math.isfinite(shown.ci_low) and math.isfinite(shown.ci_high)):
            return NotComputable("too many draws have no variance at all", ReasonCode.VARIANCE_UNDEFINED)
    else:
        shown = _percentile(difference, moved, level)
        p_value = _two_sided(float((moved <= 0).sum()), float((moved >= 0).sum()), draws)
    return Bootstrap(
        interval=named,
        level=level,
        draws=draws,
        seed=seed,
        quantile=quantile,
        difference=shown,
        standard_error=float(np.std(moved, ddof=1)),
        p_value=p_value,
        lift=_lift(values[0], difference, low.value, moved, level),
        control=control,
        treatment=treatment,
    )


def bootstrap_columns(
    control: ValueCountColumns,
    treatment: ValueCountColumns,
    *,
    quantile: float | None = None,
    interval: str | None = None,
    level: float = DEFAULT_LEVEL,
    draws: int = DRAWS,
    seed: int = 0,
    min_units: int = MIN_UNITS,
) -> BootstrapColumns:
    """`bootstrap` of each pair, each from the same seed as it would have alone.

    Pairs are drawn one after the other: a pair's draws are the arrays here, thousands long, and all pairs at once would
    hold a column of them in memory for no gain in time.
    """
    if len(control) != len(treatment):
        raise ValueError(f"{len(control)} control arms for {len(treatment)} treatment arms")
    named = BootstrapInterval(interval or ("studentised" if quantile is None else "percentile"))
    columns = {name: np.full(len(control), np.nan) for name in _NUMBERS}
    reason, lift_reason = np.full(len(control), None, dtype=object), np.full(len(control), None, dtype=object)
    for i in range(len(control)):
        arms = control.row(i), treatment.row(i)
        found = bootstrap(
            *arms, quantile=quantile, interval=named, level=level, draws=draws, seed=seed, min_units=min_units
        )
        if isinstance(found, NotComputable):
            reason[i] = lift_reason[i] = found.code.value
            continue
        lift = Estimate(math.nan, math.nan, math.nan) if isinstance(found.lift, NotComputable) else found.lift
        lift_reason[i] = found.lift.code.value if isinstance(found.lift, NotComputable) else None
        numbers = (found.difference.value, found.difference.ci_low, found.difference.ci_high, found.standard_error)
        row = (*numbers, found.p_value, lift.value, lift.ci_low, lift.ci_high)
        for name, value in zip(_NUMBERS, row, strict=True):
            columns[name][i] = value
    return BootstrapColumns(
        control, treatment, named, level, draws, seed, quantile, **columns, reason=reason, lift_reason=lift_reason
    )


_NUMBERS = (
    "difference",
    "ci_low",
    "ci_high",
    "standard_error",
    "p_value",
    "lift",
    "lift_ci_low",
    "lift_ci_high",
)


@dataclass(frozen=True, slots=True, eq=False)
class _Draws:
    value: FloatArray
    squared_error: FloatArray


def _draw(arm: ValueCounts, draws: int, rng: np.random.Generator, quantile: float | None) -> _Draws:
    """The statistic of each draw, and for means its squared standard error."""
    n, share = arm.n, arm.counts / arm.counts.sum()
    block = max(1, _CELLS // len(arm.values))
    centre = float(arm.counts @ arm.values / n)
    off = arm.values - centre
    value, squared = np.empty(draws), np.full(draws, np.nan)
    for start in range(0, draws, block):
        rows = slice(start, min(start + block, draws))
        drawn = rng.multinomial(n, share, rows.stop - start).astype(np.float64)
        if quantile is None:
            mean = drawn @ off / n
            value[rows] = centre + mean
            squared[rows] = np.maximum(drawn @ (off * off) / n - mean * mean, 0.0) / (n - 1.0)
        else:
            rank = max(1.0, math.ceil(round(n * quantile, 9)))
            value[rows] = arm.values[(np.cumsum(drawn, axis=1) >= rank).argmax(axis=1)]
    return _Draws(value, squared)


def _percentile(value: float, draws: FloatArray, level: float) -> Estimate:
    tail = (1.0 - level) / 2.0
    low, high = np.quantile(draws, [tail, 1.0 - tail])
    return Estimate(value, float(low), float(high))


def _studentised(
    difference: float, error: float, moved: FloatArray, errors: FloatArray, level: float
) -> tuple[Estimate, float]:
    """Bootstrap-t; a draw without any variance is infinitely far out, on the side that it moved to."""
    with np.errstate(all="ignore"):
        scores = np.where(moved == difference, 0.0, (moved - difference) / errors)
    tail = (1.0 - level) / 2.0
    low, high = np.quantile(scores, [tail, 1.0 - tail], method="nearest")
    found = difference / error
    p_value = _two_sided(float((scores >= found).sum()), float((scores <= found).sum()), len(scores))
    return Estimate(difference, difference - float(high) * error, difference - float(low) * error), p_value


def _two_sided(one: float, other: float, draws: int) -> float:
    return min(1.0, 2.0 * (1.0 + min(one, other)) / (draws + 1.0))


def _lift(
    base: float, difference: float, bases: FloatArray, moved: FloatArray, level: float
) -> Estimate | NotComputable:
    if base == 0.0:
        return NotComputable("the control value is zero, so nothing is relative to it", ReasonCode.ZERO_BASELINE)
    if (np.sign(bases) != math.copysign(1.0, base)).any():
        return NotComputable("draws of the control value lie on both sides of zero", ReasonCode.LIFT_UNBOUNDED)
    return _percentile(difference / abs(base), moved / np.abs(bases), level)


def _too_small(control: ValueCounts, treatment: ValueCounts, min_units: int) -> NotComputable | None:
    if min(control.n, treatment.n) >= max(min_units, 2):
        return None
    found = f"control has {control.n:,}, treatment {treatment.n:,}"
    return NotComputable(f"needs {max(min_units, 2)} units per arm: {found}", ReasonCode.TOO_FEW_UNITS)
