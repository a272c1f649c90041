"""`compare`: one treatment against one control. The column form with one row, so the two agree to the last bit."""

from __future__ import annotations

from typing import Any

from gateway.stats import sequential
from gateway.stats.arms import ArmColumns
from gateway.stats.columns import ComparisonColumns, compare_columns
from gateway.stats.result import (
    DEFAULT_LEVEL,
    MIN_CONVERSIONS,
    MIN_UNITS,
    Aggregation,
    Basis,
    Comparison,
    Desired,
    Estimate,
    LiftMethod,
    Method,
    NotComputable,
    ReasonCode,
    Sequential,
    Statsig,
)
from gateway.stats.sample import RatioStats, VariantStats

Arm = VariantStats | RatioStats


def compare(
    control: Arm | None,
    treatment: Arm,
    *,
    aggregation: str = Aggregation.MEAN,
    desired: str = Desired.INCREASE,
    level: float = DEFAULT_LEVEL,
    running: bool = False,
    lift_method: str = LiftMethod.FIELLER,
    tuning: float = sequential.TUNING_UNITS,
    min_units: int = MIN_UNITS,
    min_conversions: int = MIN_CONVERSIONS,
) -> Comparison | NotComputable:
    """Everything known about treatment minus control, or why nothing is. See `compare_columns` for the methods.

    `running` makes the always-valid p judge `statsig`.
    """
    columns = compared(
        control,
        treatment,
        aggregation,
        desired=desired,
        level=level,
        running=running,
        lift_method=lift_method,
        tuning=tuning,
        min_units=min_units,
        min_conversions=min_conversions,
    )
    return columns if isinstance(columns, NotComputable) else comparison_at(columns, 0)


def compared(
    control: Arm | None, treatment: Arm, aggregation: str, **options: Any
) -> ComparisonColumns | NotComputable:
    """The pair as a comparison of one row, with `compare_columns`' options, or why there is no answer."""
    arms = single(control, treatment, aggregation)
    if isinstance(arms, NotComputable):
        return arms
    columns = compare_columns(*arms, aggregation=aggregation, **options)
    code = columns.reason[0]
    return columns if code is None else NotComputable(columns.reason_text(0, code), ReasonCode(code))


def single(control: Arm | None, treatment: Arm, aggregation: str) -> tuple[ArmColumns, ArmColumns] | NotComputable:
    """The pair as columns of one row; a ratio metric takes `RatioStats`, every other `VariantStats`."""
    for arm in (control, treatment):
        if arm is not None and isinstance(arm, RatioStats) != (aggregation == Aggregation.RATIO):
            raise TypeError(f"aggregation {str(aggregation)!r} does not go with {type(arm).__name__}")
    if control is None:
        return NotComputable("there is no control arm to compare with", ReasonCode.NO_CONTROL)
    return ArmColumns.from_stats([control]), ArmColumns.from_stats([treatment])


def comparison_at(columns: ComparisonColumns, i: int) -> Comparison | NotComputable:
    """Row i of the column form as a value of its own."""
    code = columns.reason[i]
    if code is not None:
        return NotComputable(columns.reason_text(i, code), ReasonCode(code))
    aggregation, settings = Aggregation(columns.aggregation[i]), columns.settings
    return Comparison(
        control=columns.control.row(i, aggregation),
        treatment=columns.treatment.row(i, aggregation),
        aggregation=aggregation,
        desired=Desired(columns.desired[i]),
        method=Method(columns.method[i]),
        lift_method=settings.lift_method,
        level=settings.level,
        basis=Basis(columns.basis[i]),
        difference=_estimate(columns, i, "difference", "ci"),
        standard_error=float(columns.standard_error[i]),
        statistic=float(columns.statistic[i]),
        dof=float(columns.dof[i]),
        p_value=float(columns.p_value[i]),
        lift=_lift(columns, i, columns.lift_reason[i], "lift_ci"),
        sequential=Sequential(
            difference=_estimate(columns, i, "difference", "sequential_ci"),
            lift=_lift(columns, i, columns.sequential_lift_reason[i], "sequential_lift_ci"),
            p_value=float(columns.sequential_p_value[i]),
            tuning=settings.tuning,
        ),
        chance_to_win=float(columns.chance_to_win[i]),
        statsig=Statsig(columns.statsig[i]),
        flags=columns.flags(i),
    )


def _estimate(columns: ComparisonColumns, i: int, value: str, interval: str) -> Estimate:
    low, high = getattr(columns, f"{interval}_low"), getattr(columns, f"{interval}_high")
    return Estimate(float(getattr(columns, value)[i]), float(low[i]), float(high[i]))


def _lift(columns: ComparisonColumns, i: int, code: str | None, interval: str) -> Estimate | NotComputable:
    if code is not None:
        return NotComputable(columns.reason_text(i, code), ReasonCode(code))
    if interval == "lift_ci":
        return _estimate(columns, i, "lift", interval)
    base = abs(float(columns.control_value[i]))
    low, high = columns.sequential_lift_ci_low[i], columns.sequential_lift_ci_high[i]
    return Estimate(float(columns.difference[i]) / base, float(low), float(high))
