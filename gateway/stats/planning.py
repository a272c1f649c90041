"""Planning: how many units, how small an effect, how many days.

Each answer is the power function of `power` solved for one of its arguments by bisection, so that unequal splits,
several arms, correction, CUPED, always-valid judging and margins all go through the same formula and agree.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gateway.stats.power import Baseline, Design, absolute, power_curve
from gateway.stats.result import MIN_UNITS, Aggregation, Desired, LiftMethod, NotComputable, ReasonCode, Scale

MAX_UNITS = 1e15
"""More than anyone has: where this many do not reach the power, none do."""
DAYS_CHECKED = 36_525


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


@dataclass(frozen=True, slots=True)
class MinimumEffect:
    """The smallest effect that the units find with the design's power."""

    baseline: Baseline
    design: Design
    total: int
    difference: float
    """Signed: toward the desired direction. With a margin, the effect (mostly negative) at which it still passes."""
    lift: float


@dataclass(frozen=True, slots=True)
class Duration:
    """Days from the first unit to the last one's closed window."""

    enrolment_days: int
    days: int
    """Enrolment and the metric's window after it."""
    whole_weeks_days: int
    """Days rounded up to whole weeks, so that each weekday counts the same."""
    units: float
    """Units that will have arrived."""


def sample_size(
    baseline: Baseline, effect: float, design: Design | None = None, *, scale: str = Scale.LIFT
) -> SampleSize | NotComputable:
    """Units needed to find `effect` (a lift unless told otherwise). With a margin the effect may be zero."""
    plan = design or Design()
    problem = _problem(baseline, plan, scale) or _effect_problem(baseline, plan, effect, scale)
    if problem:
        return problem
    difference = float(absolute(baseline, effect, scale))
    total = _units(baseline, difference, plan)
    if total is None:
        return NotComputable(
            f"no number of units finds a difference of {difference:.6g} with a power of {plan.power:g}",
            ReasonCode.EFFECT_UNREACHABLE,
        )
    floor = MIN_UNITS / min(plan.split)
    units = _whole(max(total, floor), plan)
    plain = _units(baseline, difference, replace(plan, variance_reduction=0.0))
    fixed = _units(baseline, difference, replace(plan, sequential=False))
    return SampleSize(
        baseline=baseline,
        design=plan,
        difference=difference,
        lift=_relative(baseline, difference),
        units=units,
        total=sum(units),
        power=_at(
            baseline, difference, min(count / share for count, share in zip(units, plan.split, strict=True)), plan
        ),
        below_floor=total < floor,
        without_adjustment=sum(_whole(plain or total, plan)),
        fixed_horizon=sum(_whole(fixed or total, plan)),
    )


def minimum_effect(
    baseline: Baseline, total_units: float, design: Design | None = None
) -> MinimumEffect | NotComputable:
    """The smallest effect in the desired direction that `total_units`, split as designed, find."""
    plan = design or Design()
    problem = _problem(baseline, plan, Scale.DIFFERENCE)
    if problem:
        return problem
    if not total_units * min(plan.split) >= MIN_UNITS:
        return NotComputable(
            f"needs {MIN_UNITS} units per arm: the smallest would have {total_units * min(plan.split):,.0f}",
            ReasonCode.TOO_FEW_UNITS,
        )
    toward = -1.0 if plan.desired == Desired.DECREASE else 1.0
    start = -plan.margin * abs(baseline.value) if plan.margin is not None else 0.0
    limit = _limit(baseline, toward)

    def enough(step: float) -> bool:
        return _at(baseline, toward * (start + step), total_units, plan) >= plan.power

    step = _smallest(enough, math.sqrt(baseline.variance / total_units), limit - start)
    if step is None:
        return NotComputable(
            f"no effect is found with a power of {plan.power:g} by {total_units:,.0f} units",
            ReasonCode.EFFECT_UNREACHABLE,
        )
    difference = toward * (start + step)
    return MinimumEffect(baseline, plan, int(total_units), difference, _relative(baseline, difference))


def days_needed(
    total_units: float, daily_units: float | Sequence[float], *, window_days: float = 0.0
) -> Duration | NotComputable:
    """Days until `total_units` have arrived and the last one's window has closed.

    `daily_units` are new units per day: one number, or a pattern (seven days, say) that repeats.
    """
    pattern = np.atleast_1d(np.asarray(daily_units, dtype=np.float64))
    if not (np.isfinite(pattern) & (pattern >= 0)).all() or not window_days >= 0:
        raise ValueError("daily units and the window are finite and not negative")
    round_total = float(pattern.sum())
    rounds = math.floor(total_units / round_total) if round_total > 0 else DAYS_CHECKED
    if rounds * len(pattern) >= DAYS_CHECKED:
        return NotComputable(
            f"{total_units:,.0f} units do not arrive within a hundred years at this traffic", ReasonCode.NO_TRAFFIC
        )
    left = total_units - rounds * round_total
    arrived = np.concatenate(([0.0], np.cumsum(pattern)))
    extra = int(np.searchsorted(arrived, left * (1.0 - 1e-12)))
    enrolment = rounds * len(pattern) + extra
    days = enrolment + math.ceil(window_days)
    return Duration(enrolment, days, 7 * math.ceil(days / 7), rounds * round_total + float(arrived[extra]))


def _problem(baseline: Baseline, plan: Design, scale: str) -> NotComputable | None:
    if not (math.isfinite(baseline.value) and math.isfinite(baseline.variance) and baseline.variance >= 0):
        return NotComputable("the baseline's mean or variance is not finite", ReasonCode.VARIANCE_UNDEFINED)
    if baseline.variance == 0.0:
        return NotComputable("the baseline has no variance to plan with", ReasonCode.ZERO_VARIANCE)
    relative = Scale(scale) == Scale.LIFT or plan.margin is not None or plan.lift_method == LiftMethod.DELTA
    if relative and baseline.value == 0.0:
        return NotComputable("the baseline is zero, so nothing is relative to it", ReasonCode.ZERO_BASELINE)
    return None


def _effect_problem(baseline: Baseline, plan: Design, effect: float, scale: str) -> NotComputable | None:
    if not math.isfinite(effect):
        raise ValueError(f"an effect is a finite number, not {effect!r}")
    toward = -1.0 if plan.desired == Desired.DECREASE else 1.0
    difference = float(absolute(baseline, effect, scale))
    treated = baseline.value + difference
    if baseline.aggregation == Aggregation.OCCURRENCE and not 0.0 <= treated <= 1.0:
        return NotComputable(
            f"a rate of {baseline.value:g} would become {treated:g}, which is not between 0 and 1",
            ReasonCode.EFFECT_OUT_OF_RANGE,
        )
    room = toward * difference + (plan.margin or 0.0) * abs(baseline.value)
    if room == 0.0 or (room < 0.0 and (plan.one_sided or plan.margin is not None)):
        return NotComputable("this design cannot find such an effect with any units", ReasonCode.EFFECT_UNREACHABLE)
    return None


def _at(baseline: Baseline, difference: float, total: float, plan: Design) -> float:
    return float(power_curve(baseline, difference, total, plan, scale=Scale.DIFFERENCE))


def _units(baseline: Baseline, difference: float, plan: Design) -> float | None:
    return _smallest(lambda total: _at(baseline, difference, total, plan) >= plan.power, 2.0, MAX_UNITS)


def _whole(total: float, plan: Design) -> tuple[int, ...]:
    return tuple(math.ceil(share * total * (1.0 - 1e-12)) for share in plan.split)


def _limit(baseline: Baseline, toward: float) -> float:
    """The largest step that the metric's own range leaves."""
    if baseline.aggregation != Aggregation.OCCURRENCE:
        return math.inf
    return 1.0 - baseline.value if toward > 0 else baseline.value


def _relative(baseline: Baseline, difference: float) -> float:
    return difference / abs(baseline.value) if baseline.value else math.nan


def _smallest(enough: Callable[[float], bool], guess: float, limit: float) -> float | None:
    """The smallest positive argument that is enough, of a predicate that stays true once it is; None if none is."""
    high = min(guess, limit)
    while not enough(high):
        if high >= limit or high > 1e300:
            return None
        high = min(high * 4.0, limit)
    low = 0.0
    for _ in range(200):
        middle = (low + high) / 2.0
        if high - low <= 1e-13 * high:
            break
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
