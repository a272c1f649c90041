"""One treatment against its control: the kernel's answer as a scorecard shows it, or the reason why there is none."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.marts.scorecard_values import ArmTotals, MetricResult, MetricSpec
from gateway.stats import (
    ArmColumns,
    ComparisonColumns,
    Desired,
    LiftMethod,
    RatioStats,
    ReasonCode,
    VariantStats,
    compare_columns,
    compare_to_control,
)

_NO_CONTROL: Final = "there is no control arm to compare with"
_NOT_ABOVE_ZERO: Final = "the delta method needs a control mean above zero"
_Arm = VariantStats | RatioStats


@dataclass(frozen=True, slots=True)
class Inference:
    """One treatment against control on one metric: numbers, or the reason why there are none."""

    lift: float = math.nan
    ci_low: float = math.nan
    ci_high: float = math.nan
    chance_to_win: float = math.nan
    difference: float = math.nan
    """Treatment minus control in the metric's unit, with its interval: known where the lift may not be."""
    difference_low: float = math.nan
    difference_high: float = math.nan
    p_value: float = math.nan
    always_valid_low: float = math.nan
    """Interval of the lift that holds however often it is looked at."""
    always_valid_high: float = math.nan
    always_valid_p_value: float = math.nan
    code: str | None = None
    """Why lift, interval and chance are not there."""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Pair:
    """What is compared: a treatment and the control of one metric."""

    metric: MetricSpec
    arm: str
    control: _Arm
    treatment: _Arm


def infer(
    metrics: Sequence[MetricSpec], results: Sequence[MetricResult], control: str | None, *, running: bool,
    method: LiftMethod,
) -> dict[tuple[str, str], Inference]:  # fmt: skip
    """Every treatment of every metric, by metric and arm: all of them in one call of the kernel."""
    pairs = list(_pairs(metrics, results, control))
    if not pairs:
        return {}
    if not all(control in result.variants for result in results):
        absent = Inference(code=ReasonCode.NO_CONTROL, reason=_NO_CONTROL)
        return {(pair.metric.metric_id, pair.arm): absent for pair in pairs}
    compared = compare_columns(
        ArmColumns.from_stats(pair.control for pair in pairs),
        ArmColumns.from_stats(pair.treatment for pair in pairs),
        aggregation=[pair.metric.aggregation for pair in pairs],
        desired=[pair.metric.desired for pair in pairs],
        running=running,
        lift_method=method,
    )
    return {(pair.metric.metric_id, pair.arm): _inference(compared, i, pair, method) for i, pair in enumerate(pairs)}


def _pairs(metrics: Sequence[MetricSpec], results: Sequence[MetricResult], control: str | None) -> Iterator[_Pair]:
    for metric, result in zip(metrics, results, strict=True):
        base = result.variants.get(control or "", ArmTotals(0)).stats()
        for arm, totals in result.variants.items():
            if arm != control:
                yield _Pair(metric, arm, base, totals.stats())


def _inference(columns: ComparisonColumns, i: int, pair: _Pair, method: LiftMethod) -> Inference:
    code = columns.reason[i]
    if code is not None:
        return Inference(code=code, reason=columns.reason_text(i, code))
    lift = _lift(columns, i) if method is LiftMethod.FIELLER else _as_originally(pair)
    return Inference(
        **lift,
        difference=float(columns.difference[i]),
        difference_low=float(columns.ci_low[i]),
        difference_high=float(columns.ci_high[i]),
        p_value=float(columns.p_value[i]),
        always_valid_low=float(columns.sequential_lift_ci_low[i]),
        always_valid_high=float(columns.sequential_lift_ci_high[i]),
        always_valid_p_value=float(columns.sequential_p_value[i]),
    )


def _lift(columns: ComparisonColumns, i: int) -> dict[str, Any]:
    code = columns.lift_reason[i]
    if code is not None:
        return {"code": code, "reason": columns.reason_text(i, code)}
    numbers = (columns.lift[i], columns.lift_ci_low[i], columns.lift_ci_high[i], columns.chance_to_win[i])
    return dict(zip(("lift", "ci_low", "ci_high", "chance_to_win"), map(float, numbers), strict=True))


def _as_originally(pair: _Pair) -> dict[str, Any]:
    """By the original kernel; where lower is better its clients took the other chance."""
    found = compare_to_control(pair.control, pair.treatment)
    if found is None:
        return {"code": ReasonCode.LIFT_UNDEFINED, "reason": _NOT_ABOVE_ZERO}
    lower = pair.metric.desired == Desired.DECREASE
    chance = 1.0 - found.chance_to_win if lower else found.chance_to_win
    return {"lift": found.lift, "ci_low": found.ci_low, "ci_high": found.ci_high, "chance_to_win": chance}
