"""Planning: how many units, how small an effect, how many days.

Each answer is the power function of `power` solved for one of its arguments by bisection, every row at once, so that
unequal splits, several arms, correction, CUPED, always-valid judging and margins all go through the same formula and
agree.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gateway.stats.arms import as_column, is_none
from gateway.stats.power import Baseline, BaselineColumns, Design, absolute, power_columns
from gateway.stats.result import MIN_UNITS, Desired, LiftMethod, NotComputable, ReasonCode, Scale
from gateway.stats.tails import BoolArray, FloatArray, ObjectArray

MAX_UNITS = 1e15
"""More than anyone has: where this many do not reach the power, none do."""


@dataclass(frozen=True, slots=True)
class SampleSize:
    """Units that reach the design's power at this effect."""

    baseline: Baseline
    design: Design
    difference: float
    lift: float
    """The same effect relative to |baseline|; NaN where that is zero."""
    units: tuple[int, ...]
    """Per arm, control first."""
    total: int
    power: float
    """At these whole units, so at least the design's."""
    below_floor: bool
    """True where an arm was raised to the 50 units that the kernel asks for before it answers."""
    without_adjustment: int
    """Total that the same design needs without its variance reduction: what CUPED saves is the difference."""
    fixed_horizon: int
    """Total that the same design needs if judged once, at the end: what looking daily costs is the difference."""

    @property
    def adjustment_saving(self) -> float:
        """Share of the units that CUPED saves."""
        return 1.0 - self.total / self.without_adjustment

    @property
    def sequential_inflation(self) -> float:
        """Units over those of the fixed horizon; 1 where the design is judged once."""
        return self.total / self.fixed_horizon


@dataclass(frozen=True, slots=True, eq=False)
class SampleSizeColumns:
    """Fields as in `SampleSize`, per row, with `units` of shape (k, arms); NaN and a reason where there is no plan."""

    baselines: BaselineColumns
    design: Design
    difference: FloatArray
    lift: FloatArray
    units: FloatArray
    total: FloatArray
    power: FloatArray
    below_floor: BoolArray
    without_adjustment: FloatArray
    fixed_horizon: FloatArray
    reason: ObjectArray

    def __len__(self) -> int:
        return len(self.total)


@dataclass(frozen=True, slots=True)
class MinimumEffect:
    """The smallest effect that the units find with the design's power."""

    baseline: Baseline
    design: Design
    total: int
    difference: float
    """Signed: toward the desired direction. With a margin, the effect (mostly negative) at which it still passes."""
    lift: float


@dataclass(frozen=True, slots=True, eq=False)
class MinimumEffectColumns:
    """Fields as in `MinimumEffect`, per row; NaN and a reason where nothing is found."""

    baselines: BaselineColumns
    design: Design
    total: FloatArray
    difference: FloatArray
    lift: FloatArray
    reason: ObjectArray

    def __len__(self) -> int:
        return len(self.total)


def sample_size_columns(
    baselines: BaselineColumns, effect: Any, design: Design | None = None, *, scale: str = Scale.LIFT
) -> SampleSizeColumns:
    """Units that each baseline needs for its effect, one for all or a column; see `sample_size`."""
    plan = design or Design()
    effects = np.broadcast_to(as_column(effect), (len(baselines),))
    if not np.isfinite(effects).all():
        raise ValueError(f"an effect is a finite number, not {effect!r}")
    difference = absolute(baselines, effects, scale)
    reason = _reasons(baselines, plan, scale)
    _mark(reason, *_effect_reasons(baselines, plan, difference))
    designs = plan, replace(plan, variance_reduction=0.0), replace(plan, sequential=False)
    solved = {given: _units(baselines, difference, given, is_none(reason)) for given in dict.fromkeys(designs)}
    needed, plain, fixed = (solved[given] for given in designs)
    _mark(reason, (np.isnan(needed), ReasonCode.EFFECT_UNREACHABLE))
    floor = MIN_UNITS / min(plan.split)
    below = needed < floor
    units = _whole(np.maximum(needed, floor), plan)
    reached = (units / np.array(plan.split)).min(axis=1)
    found = power_columns(baselines, difference, reached, plan, scale=Scale.DIFFERENCE)
    answered = is_none(reason)
    total, without, once = (
        np.where(answered, column, np.nan)
        for column in (
            units.sum(axis=1),
            _whole(np.where(np.isnan(plain), needed, plain), plan).sum(axis=1),
            _whole(np.where(np.isnan(fixed), needed, fixed), plan).sum(axis=1),
        )
    )
    return SampleSizeColumns(
        baselines=baselines,
        design=plan,
        difference=difference,
        lift=_relative(baselines, difference),
        units=np.where(answered[:, None], units, np.nan),
        total=total,
        power=np.where(answered, found, np.nan),
        below_floor=below & answered,
        without_adjustment=without,
        fixed_horizon=once,
        reason=reason,
    )


def sample_size(
    baseline: Baseline, effect: float, design: Design | None = None, *, scale: str = Scale.LIFT
) -> SampleSize | NotComputable:
    """Units needed to find `effect` (a lift unless told otherwise). With a margin the effect may be zero."""
    found = sample_size_columns(BaselineColumns.from_baselines([baseline]), effect, design, scale=scale)
    if found.reason[0] is not None:
        return NotComputable(_size_sentence(found), ReasonCode(found.reason[0]))
    return SampleSize(
        baseline=baseline,
        design=found.design,
        difference=float(found.difference[0]),
        lift=float(found.lift[0]),
        units=tuple(int(count) for count in found.units[0]),
        total=int(found.total[0]),
        power=float(found.power[0]),
        below_floor=bool(found.below_floor[0]),
        without_adjustment=int(found.without_adjustment[0]),
        fixed_horizon=int(found.fixed_horizon[0]),
    )


def minimum_effect_columns(
    baselines: BaselineColumns, total_units: Any, design: Design | None = None
) -> MinimumEffectColumns:
    """The smallest effect that each baseline's total units, one for all or a column, find; see `minimum_effect`."""
    plan = design or Design()
    total = np.array(np.broadcast_to(as_column(total_units), (len(baselines),)))
    reason = _reasons(baselines, plan, Scale.DIFFERENCE)
    _mark(reason, (~(total * min(plan.split) >= MIN_UNITS), ReasonCode.TOO_FEW_UNITS))
    toward = -1.0 if plan.desired == Desired.DECREASE else 1.0
    start = np.zeros(len(baselines)) if plan.margin is None else -plan.margin * np.abs(baselines.value)

    def enough(step: FloatArray) -> BoolArray:
        found = power_columns(baselines, toward * (start + step), total, plan, scale=Scale.DIFFERENCE)
        return np.asarray(found >= plan.power)

    with np.errstate(all="ignore"):
        guess = np.sqrt(baselines.variance / total)
    step = _smallest(enough, guess, _limit(baselines, toward) - start, is_none(reason))
    _mark(reason, (np.isnan(step), ReasonCode.EFFECT_UNREACHABLE))
    difference = np.where(is_none(reason), toward * (start + step), np.nan)
    return MinimumEffectColumns(baselines, plan, total, difference, _relative(baselines, difference), reason)


def minimum_effect(
    baseline: Baseline, total_units: float, design: Design | None = None
) -> MinimumEffect | NotComputable:
    """The smallest effect in the desired direction that `total_units`, split as designed, find."""
    found = minimum_effect_columns(BaselineColumns.from_baselines([baseline]), total_units, design)
    if found.reason[0] is not None:
        return NotComputable(_effect_sentence(found), ReasonCode(found.reason[0]))
    return MinimumEffect(baseline, found.design, int(total_units), float(found.difference[0]), float(found.lift[0]))


def _mark(reason: ObjectArray, *rules: tuple[BoolArray, ReasonCode]) -> None:
    """Give the rows without a reason the first that applies to them."""
    for rows, code in rules:
        reason[rows & is_none(reason)] = code.value


def _reasons(baselines: BaselineColumns, plan: Design, scale: str) -> ObjectArray:
    """What stands in the way of any plan for a baseline."""
    value, variance = baselines.value, baselines.variance
    reason = np.full(len(baselines), None, dtype=object)
    relative = Scale(scale) == Scale.LIFT or plan.margin is not None or plan.lift_method == LiftMethod.DELTA
    with np.errstate(invalid="ignore"):
        unknown = ~(np.isfinite(value) & np.isfinite(variance) & (variance >= 0))
        _mark(
            reason,
            (unknown, ReasonCode.VARIANCE_UNDEFINED),
            (variance == 0.0, ReasonCode.ZERO_VARIANCE),
            ((value == 0.0) & relative, ReasonCode.ZERO_BASELINE),
        )
    return reason


def _effect_reasons(
    baselines: BaselineColumns, plan: Design, difference: FloatArray
) -> tuple[tuple[BoolArray, ReasonCode], tuple[BoolArray, ReasonCode]]:
    toward = -1.0 if plan.desired == Desired.DECREASE else 1.0
    treated = baselines.value + difference
    room = toward * difference + (plan.margin or 0.0) * np.abs(baselines.value)
    hopeless = (room == 0.0) | ((room < 0.0) & (plan.one_sided or plan.margin is not None))
    return (
        (baselines.occurrence & ~((treated >= 0.0) & (treated <= 1.0)), ReasonCode.EFFECT_OUT_OF_RANGE),
        (hopeless, ReasonCode.EFFECT_UNREACHABLE),
    )


def _units(baselines: BaselineColumns, difference: FloatArray, plan: Design, rows: BoolArray) -> FloatArray:
    """Smallest total, not yet whole, that reaches the power; NaN where none does."""

    def enough(total: FloatArray) -> BoolArray:
        return np.asarray(power_columns(baselines, difference, total, plan, scale=Scale.DIFFERENCE) >= plan.power)

    one = np.ones(len(baselines))
    return _smallest(enough, 2.0 * one, MAX_UNITS * one, rows)


def _whole(total: FloatArray, plan: Design) -> FloatArray:
    return np.ceil(np.array(plan.split) * total[:, None] * (1.0 - 1e-12))


def _limit(baselines: BaselineColumns, toward: float) -> FloatArray:
    """The largest step that each metric's own range leaves."""
    room = 1.0 - baselines.value if toward > 0 else baselines.value
    return np.where(baselines.occurrence, room, math.inf)


def _relative(baselines: BaselineColumns, difference: FloatArray) -> FloatArray:
    with np.errstate(all="ignore"):
        return np.where(baselines.value == 0.0, np.nan, difference / np.abs(baselines.value))


def _smallest(
    enough: Callable[[FloatArray], BoolArray], guess: FloatArray, limit: FloatArray, rows: BoolArray
) -> FloatArray:
    """Per row the smallest positive argument that is enough, of a predicate that stays true once it is; NaN if none."""
    high, low = np.minimum(guess, limit), np.zeros(len(guess))
    wanting, found = rows & ~enough(high), rows.copy()
    while wanting.any():
        stuck = wanting & ((high >= limit) | (high > 1e300))
        found &= ~stuck
        wanting &= ~stuck
        high = np.where(wanting, np.minimum(high * 4.0, limit), high)
        wanting &= ~enough(high)
    for _ in range(200):
        wide = found & (high - low > 1e-13 * high)
        if not wide.any():
            break
        middle = (low + high) / 2.0
        inside = enough(middle)
        low, high = np.where(wide & ~inside, middle, low), np.where(wide & inside, middle, high)
    return np.where(found, high, np.nan)


def _base_sentence(code: str) -> str:
    match code:
        case ReasonCode.VARIANCE_UNDEFINED:
            return "the baseline's mean or variance is not finite"
        case ReasonCode.ZERO_VARIANCE:
            return "the baseline has no variance to plan with"
        case _:
            return "the baseline is zero, so nothing is relative to it"


def _size_sentence(found: SampleSizeColumns) -> str:
    value, difference, plan = float(found.baselines.value[0]), float(found.difference[0]), found.design
    match found.reason[0]:
        case ReasonCode.EFFECT_OUT_OF_RANGE:
            return f"a rate of {value:g} would become {value + difference:g}, which is not between 0 and 1"
        case ReasonCode.EFFECT_UNREACHABLE:
            (_, _), (hopeless, _) = _effect_reasons(found.baselines, plan, found.difference)
            if hopeless[0]:
                return "this design cannot find such an effect with any units"
            return f"no number of units finds a difference of {difference:.6g} with a power of {plan.power:g}"
        case code:
            return _base_sentence(code)


def _effect_sentence(found: MinimumEffectColumns) -> str:
    total, plan = float(found.total[0]), found.design
    match found.reason[0]:
        case ReasonCode.TOO_FEW_UNITS:
            return f"needs {MIN_UNITS} units per arm: the smallest would have {total * min(plan.split):,.0f}"
        case ReasonCode.EFFECT_UNREACHABLE:
            return f"no effect is found with a power of {plan.power:g} by {total:,.0f} units"
        case code:
            return _base_sentence(code)
