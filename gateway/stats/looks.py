"""Arms judged at a planned look of a group-sequential design.

The comparison's own statistic meets the look's bound, and the bound takes the critical value's place in the interval of
the difference and in Fieller's of the lift: repeated intervals (Jennison and Turnbull 1989), which hold together at
every planned look. A one-sided design looks toward the metric's desired direction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gateway.stats import lift
from gateway.stats.arms import estimate, is_none, is_one
from gateway.stats.columns import ComparisonColumns
from gateway.stats.group_sequential import GroupSequential
from gateway.stats.pair import Arm, compared
from gateway.stats.result import (
    MIN_CONVERSIONS,
    MIN_UNITS,
    Aggregation,
    Alternative,
    Desired,
    Estimate,
    Method,
    NotComputable,
    ReasonCode,
)
from gateway.stats.tails import BoolArray, FloatArray, ObjectArray


@dataclass(frozen=True, slots=True)
class Look:
    """One treatment against control at one planned look."""

    control: Arm
    treatment: Arm
    aggregation: Aggregation
    design: GroupSequential
    look: int
    """From 0."""
    level: float
    alternative: Alternative
    statistic: float
    bound: float
    crossed: bool
    """The test may stop here."""
    difference: Estimate
    """A one-sided design bounds it on one side; the other end is infinite."""
    lift: Estimate | NotComputable
    method: Method = Method.GROUP_SEQUENTIAL


@dataclass(frozen=True, slots=True, eq=False)
class LookColumns:
    """Fields as in `Look`, per row of a comparison; NaN and a reason where there is no answer."""

    comparison: ComparisonColumns
    design: GroupSequential
    look: Any
    bound: FloatArray
    crossed: BoolArray
    ci_low: FloatArray
    ci_high: FloatArray
    lift: FloatArray
    lift_ci_low: FloatArray
    lift_ci_high: FloatArray
    reason: ObjectArray
    lift_reason: ObjectArray

    def __len__(self) -> int:
        return len(self.comparison)


def at_look_columns(columns: ComparisonColumns, design: GroupSequential, look: Any) -> LookColumns:
    """Each row of a comparison at a look of the design, one for all or a column of them, counted from 0.

    The level is the design's, whatever the comparison's own intervals have.
    """
    places = np.broadcast_to(np.asarray(look, dtype=np.intp), (len(columns),))
    if ((places < 0) | (places >= len(design.bounds))).any():
        raise ValueError(f"looks are numbered from 0 to below {len(design.bounds)}")
    bound = np.array(design.bounds)[places]
    reason = columns.reason.copy()
    reason[is_none(reason) & np.isinf(bound)] = ReasonCode.NO_ERROR_SPENT.value
    toward = np.where(is_one(columns.desired, Desired.DECREASE), -1.0, 1.0)
    answered, one_sided = is_none(reason), design.one_sided
    control, treatment = (estimate(arms, columns.aggregation) for arms in (columns.control, columns.treatment))
    with np.errstate(all="ignore"):
        score = toward * columns.statistic if one_sided else np.abs(columns.statistic)
        half, found = bound * columns.standard_error, lift.fieller(control, treatment, bound)
        down, up = ((toward > 0), (toward < 0)) if one_sided else (np.ones_like(toward > 0),) * 2
        ends = {
            "lift": found.value,
            "ci_low": np.where(down, columns.difference - half, -np.inf),
            "ci_high": np.where(up, columns.difference + half, np.inf),
            "lift_ci_low": np.where(is_none(found.reason) & ~down, -np.inf, found.ci_low),
            "lift_ci_high": np.where(is_none(found.reason) & ~up, np.inf, found.ci_high),
        }
    return LookColumns(
        comparison=columns,
        design=design,
        look=places,
        bound=bound,
        crossed=answered & (score > bound),
        **{name: np.where(answered, column, np.nan) for name, column in ends.items()},
        reason=reason,
        lift_reason=np.where(answered, found.reason, reason),
    )


def at_look(
    control: Arm | None,
    treatment: Arm,
    *,
    design: GroupSequential,
    look: int,
    aggregation: str = Aggregation.MEAN,
    desired: str = Desired.INCREASE,
    min_units: int = MIN_UNITS,
    min_conversions: int = MIN_CONVERSIONS,
) -> Look | NotComputable:
    """`at_look_columns` for one pair of arms."""
    columns = compared(
        control,
        treatment,
        aggregation,
        desired=desired,
        level=design.level,
        min_units=min_units,
        min_conversions=min_conversions,
    )
    if isinstance(columns, NotComputable):
        return columns
    found, kind = at_look_columns(columns, design, look), Aggregation(aggregation)
    code, lift_code = found.reason[0], found.lift_reason[0]
    if code is not None:
        return NotComputable(f"look {look + 1} comes before the design may spend any error", ReasonCode(code))
    relative = Estimate(float(found.lift[0]), float(found.lift_ci_low[0]), float(found.lift_ci_high[0]))
    one_sided = Alternative.LESS if desired == Desired.DECREASE else Alternative.GREATER
    return Look(
        control=columns.control.row(0, kind),
        treatment=columns.treatment.row(0, kind),
        aggregation=kind,
        design=design,
        look=look,
        level=design.level,
        alternative=one_sided if design.one_sided else Alternative.TWO_SIDED,
        statistic=float(columns.statistic[0]),
        bound=float(found.bound[0]),
        crossed=bool(found.crossed[0]),
        difference=Estimate(float(columns.difference[0]), float(found.ci_low[0]), float(found.ci_high[0])),
        lift=relative if lift_code is None else NotComputable(columns.reason_text(0, lift_code), ReasonCode(lift_code)),
    )
