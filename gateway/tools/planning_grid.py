"""A plan worked out: the row that was asked for, the scenarios around it, and a curve through it.

Sizes are units over all arms. A row that has no answer keeps what was asked and says why there is none.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Final, Literal

from gateway.answer import Cell, Table

if TYPE_CHECKING:
    from gateway.stats import Baseline, Design, SampleSize

SolvedFor = Literal["units", "effect", "power"]
EFFECTS: Final = (0.5, 0.75, 1.0, 1.5, 2.0)
"""Scenarios around an effect, as multiples of it."""
SIZES: Final = (0.25, 0.5, 1.0, 2.0, 4.0)
WEEKS: Final = (1, 2, 3, 4, 6, 8, 12)
POWERS: Final = (0.8, 0.9)
_CURVE_POINTS = 30
_SCALE = "difference"


@dataclass(frozen=True, slots=True)
class Task:
    """What a plan is about; of effect and size, what is missing is solved for."""

    baseline: "Baseline"
    design: "Design"
    difference: float | None = None
    """Treatment minus control, in the metric's unit."""
    units: float | None = None
    daily: tuple[float, ...] = ()
    """New units a day, over all arms: one number, or a pattern that repeats. Empty: unknown."""
    window_days: float = 0.0

    @property
    def solved_for(self) -> SolvedFor:
        if self.units is None:
            return "units"
        return "effect" if self.difference is None else "power"


@dataclass(frozen=True, slots=True)
class Row:
    """One scenario. `None` where nothing is known or nothing can be."""

    row: Literal["asked", "scenario", "curve"]
    solved_for: SolvedFor
    aggregation: str
    baseline: float
    treatment_value: float | None = None
    """Where the effect leads from the baseline."""
    effect_relative: float | None = None
    effect_absolute: float | None = None
    power: float | None = None
    power_wanted: float | None = None
    """What the design asks for; whole units reach a little more."""
    units: int | None = None
    control_units: int | None = None
    treatment_units: int | None = None
    """Of the smallest treatment."""
    days: int | None = None
    """From the first unit to the last one's closed window."""
    whole_weeks_days: int | None = None
    units_without_cuped: int | None = None
    units_judged_once: int | None = None
    """What the same plan takes when it is judged at its end alone, and not looked at before."""
    not_computable: str | None = None


COLUMNS: Final = tuple(field.name for field in fields(Row))


def table_of_plan(rows: Sequence[Row]) -> Table:
    """Rows as a table of JSON-ready cells."""
    cells: list[list[Cell]] = [list(astuple(row)) for row in rows]
    return Table(columns=list(COLUMNS), rows=cells)


def rows_of_plan(task: Task, *, curve: bool) -> list[Row]:
    """The answer first, then the scenarios around it, and with `curve` the points of a curve."""
    asked = solve(task, "asked")
    return [asked, *_scenarios(task), *(_curve(task, asked) if curve else ())]


def arrivals(daily: Sequence[float], days: float, window_days: float) -> float:
    """Units whose window has closed `days` after the start."""
    enrolling = max(0, math.floor(days - window_days))
    rounds, rest = divmod(enrolling, len(daily))
    return rounds * math.fsum(daily) + math.fsum(daily[:rest])


def solve(task: Task, kind: Literal["asked", "scenario"]) -> Row:
    """One scenario, solved for what it lacks."""
    blank = _row(task, kind)
    match task.solved_for:
        case "units":
            return _sized(task, blank)
        case "effect":
            return _least(task, blank)
        case _:
            return _powered(task, blank)


def _sized(task: Task, blank: Row) -> Row:
    from gateway.stats import NotComputable, sample_size

    difference = task.difference or 0.0
    found = sample_size(task.baseline, difference, task.design, scale=_SCALE)
    if isinstance(found, NotComputable):
        return replace(blank, not_computable=found.reason)
    sized = _with_units(replace(blank, power=found.power), found.units, task)
    return replace(sized, units_without_cuped=_saved(found), units_judged_once=_once(found))


def _saved(found: "SampleSize") -> int | None:
    return found.without_adjustment if found.design.variance_reduction else None


def _once(found: "SampleSize") -> int | None:
    return found.fixed_horizon if found.design.sequential else None


def _least(task: Task, blank: Row) -> Row:
    from gateway.stats import NotComputable, minimum_effect

    units = task.units or 0.0
    row = replace(_with_units(blank, _split(units, task.design), task), power=task.design.power)
    found = minimum_effect(task.baseline, units, task.design)
    if isinstance(found, NotComputable):
        return replace(row, not_computable=found.reason)
    reached = task.baseline.value + found.difference
    return replace(row, effect_absolute=found.difference, effect_relative=_known(found.lift), treatment_value=reached)


def _powered(task: Task, blank: Row) -> Row:
    from gateway.stats import power_curve
    from gateway.stats.result import MIN_UNITS

    units, design = task.units or 0.0, task.design
    row = _with_units(blank, _split(units, design), task)
    smallest = units * min(design.split)
    if smallest < MIN_UNITS:
        return replace(row, not_computable=f"needs {MIN_UNITS} units per arm: the smallest would have {smallest:,.0f}")
    power = float(power_curve(task.baseline, task.difference, units, design, scale=_SCALE))
    return replace(row, power=_known(power), not_computable=_impossible(task) if math.isnan(power) else None)


def _impossible(task: Task) -> str:
    if not task.baseline.variance > 0:
        return "the baseline has no variance to plan with"
    treated = task.baseline.value + (task.difference or 0.0)
    return f"a rate of {task.baseline.value:g} would become {treated:g}, which is not between 0 and 1"


def _row(task: Task, kind: Literal["asked", "scenario", "curve"]) -> Row:
    base, difference = task.baseline.value, task.difference
    relative = None if difference is None or not base else difference / abs(base)
    return Row(
        kind, task.solved_for, str(task.baseline.aggregation), base,
        treatment_value=None if difference is None else base + difference,
        effect_relative=relative, effect_absolute=difference, power_wanted=task.design.power,
    )  # fmt: skip


def _split(units: float, design: "Design") -> tuple[int, ...]:
    return tuple(round(units * share) for share in design.split)


def _with_units(row: Row, arms: Sequence[int], task: Task) -> Row:
    """The row with its size, and how long that takes where the traffic is known."""
    total = sum(arms)
    sized = replace(row, units=total, control_units=arms[0], treatment_units=min(arms[1:]))
    if not task.daily:
        return sized
    from gateway.stats import NotComputable, days_needed

    found = days_needed(total, task.daily, window_days=task.window_days)
    if isinstance(found, NotComputable):
        return replace(sized, not_computable=found.reason)
    return replace(sized, days=found.days, whole_weeks_days=found.whole_weeks_days)


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _scenarios(task: Task) -> Iterator[Row]:
    powers = sorted({*POWERS, task.design.power})
    match task.solved_for:
        case "units":
            effects = [(task.difference or 0.0) * times for times in EFFECTS] if task.difference else [0.0]
            tasks = [_at(task, difference=effect, power=power) for effect in effects for power in powers]
        case "effect":
            tasks = [_at(task, units=size, power=power) for size in _sizes(task) for power in powers]
        case _:
            difference, sizes = task.difference or 0.0, [(task.units or 0.0) * times for times in SIZES[1:4]]
            tasks = [_at(task, difference=difference * t, units=size) for t in EFFECTS for size in sizes]
    return (solve(one, "scenario") for one in tasks)


def _sizes(task: Task) -> list[float]:
    """Whole weeks of traffic that leave days to enrol in, or multiples of the size."""
    weekly = [arrivals(task.daily, 7 * weeks, task.window_days) for weeks in WEEKS] if task.daily else []
    return [units for units in weekly if units > 0] or [(task.units or 0.0) * times for times in SIZES]


def _at(task: Task, *, power: float | None = None, **changes: Any) -> Task:
    design = task.design if power is None else replace(task.design, power=power)
    return replace(task, design=design, **changes)


def _curve(task: Task, asked: Row) -> Iterator[Row]:
    """Power against size at the effect asked for, or against the effect at the size asked for."""
    import numpy as np

    from gateway.stats import power_curve

    if not asked.units or (task.solved_for == "effect" and not asked.effect_absolute):
        return
    days: list[int | None] = [asked.days] * _CURVE_POINTS
    if task.solved_for == "effect":
        effects = (asked.effect_absolute or 0.0) * np.linspace(0.02, 2.0, _CURVE_POINTS)
        sizes = np.full(_CURVE_POINTS, float(asked.units))
    else:
        days, sizes = _sizes_along(task, asked)
        effects = np.full(len(sizes), task.difference or 0.0)
    powers = power_curve(task.baseline, effects, sizes, task.design, scale=_SCALE)
    points = zip(days, effects.tolist(), sizes.tolist(), powers.tolist(), strict=True)
    for day, effect, size, power in points:
        point = replace(_row(replace(task, difference=effect), "curve"), solved_for=task.solved_for)
        yield replace(point, units=round(size), days=day, power=_known(power))


def _sizes_along(task: Task, asked: Row) -> tuple[list[int | None], Any]:
    """Sizes up to twice the plan's: at the end of whole days where the traffic is known."""
    import numpy as np

    if asked.days is None:
        return [None] * _CURVE_POINTS, (asked.units or 0) * np.linspace(2.0 / _CURVE_POINTS, 2.0, _CURVE_POINTS)
    first = math.floor(task.window_days) + 1
    last = first + 2 * max(1, asked.days - first + 1)
    days = sorted({first + round((last - first) * step / _CURVE_POINTS) for step in range(_CURVE_POINTS + 1)})
    by_day = [(day, arrivals(task.daily, day, task.window_days)) for day in days]
    enough = [(day, size) for day, size in by_day if size * min(task.design.split) >= 1.0]
    return [day for day, _ in enough], np.asarray([size for _, size in enough])
