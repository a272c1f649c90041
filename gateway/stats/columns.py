"""`compare_columns`: every treatment against its control, whole columns at once.

The order is the method: estimate each arm, find the rows that must not be answered, test the difference by the metric's
family, put the lift and the always-valid sequence beside it, and blank out what has a reason instead.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from gateway.stats import lift, reasons, sequential
from gateway.stats.arms import ArmColumns, ArmEstimates, choices, estimate, is_none, is_one
from gateway.stats.frequentist import DifferenceColumns, normal_test, two_proportion_z, welch
from gateway.stats.result import (
    DEFAULT_LEVEL,
    MIN_CONVERSIONS,
    MIN_UNITS,
    Aggregation,
    Basis,
    Desired,
    Flag,
    LiftMethod,
    Method,
    ReasonCode,
)
from gateway.stats.statsig import classify_columns
from gateway.stats.tails import BoolArray, FloatArray, ObjectArray, check_level, normal_cdf, normal_critical

Test = Callable[[ArmEstimates, ArmEstimates, float], DifferenceColumns]
TESTS: tuple[tuple[Method, Test, frozenset[Aggregation]], ...] = (
    (Method.WELCH, welch, frozenset({Aggregation.COUNT, Aggregation.SUM, Aggregation.MEAN})),
    (Method.TWO_PROPORTION_Z, two_proportion_z, frozenset({Aggregation.OCCURRENCE})),
    (Method.RATIO_Z, normal_test, frozenset({Aggregation.RATIO})),
)
"""Which test judges which aggregation."""
_FLAG_TEXTS = np.array(
    ["", Flag.UNSTABLE_BASELINE.value, Flag.LIFT_WITHHELD.value, f"{Flag.UNSTABLE_BASELINE},{Flag.LIFT_WITHHELD}"],
    dtype=object,
)
BLOCK = 16_384
"""Rows worked on at a time: few enough for the processor's cache and for flat memory."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How the columns were made; the same for every row."""

    level: float = DEFAULT_LEVEL
    lift_method: LiftMethod = LiftMethod.FIELLER
    tuning: float = sequential.TUNING_UNITS
    min_units: int = MIN_UNITS
    min_conversions: int = MIN_CONVERSIONS


@dataclass(frozen=True, slots=True, eq=False)
class ComparisonColumns:
    """Row i compares treatment i with control i. Every column has length k; NaN or None where there is no answer.

    Columns of names hold plain text, the values of the enums in `result`, ready for a database.
    """

    control: ArmColumns
    treatment: ArmColumns
    aggregation: ObjectArray
    desired: ObjectArray
    running: BoolArray
    settings: Settings
    method: ObjectArray
    control_value: FloatArray
    """Mean, proportion or ratio: shown even where inference is not."""
    treatment_value: FloatArray
    difference: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    standard_error: FloatArray
    statistic: FloatArray
    dof: FloatArray
    p_value: FloatArray
    lift: FloatArray
    lift_ci_low: FloatArray
    lift_ci_high: FloatArray
    sequential_ci_low: FloatArray
    sequential_ci_high: FloatArray
    sequential_lift_ci_low: FloatArray
    sequential_lift_ci_high: FloatArray
    sequential_p_value: FloatArray
    chance_to_win: FloatArray
    statsig: ObjectArray
    """A Statsig by the p-value of the row's basis; never None."""
    reason: ObjectArray
    """A ReasonCode where nothing is computable, None where something is."""
    lift_reason: ObjectArray
    """A ReasonCode where the lift is withheld, for its own reason or the row's."""
    sequential_lift_reason: ObjectArray
    unstable_baseline: BoolArray

    def __len__(self) -> int:
        return len(self.control)

    @property
    def basis(self) -> ObjectArray:
        """Which interval judges each row."""
        return np.array([Basis.FIXED.value, Basis.ALWAYS_VALID.value], dtype=object)[self.running.astype(np.intp)]

    @property
    def lift_withheld(self) -> BoolArray:
        """Rows with an answer that lack an interval of the lift: the fixed one, or the one that judges them."""
        judged = self.running & ~is_none(self.sequential_lift_reason)
        return np.asarray(is_none(self.reason) & (judged | ~is_none(self.lift_reason)))

    def flags(self, i: int) -> tuple[Flag, ...]:
        """What a reader must know beside row i's numbers."""
        if self.reason[i] is not None:
            return ()
        judged = self.sequential_lift_reason[i] if self.running[i] else None
        unstable = (Flag.UNSTABLE_BASELINE,) if self.unstable_baseline[i] else ()
        return unstable if self.lift_reason[i] is None and judged is None else (*unstable, Flag.LIFT_WITHHELD)

    def reason_text(self, i: int, code: str) -> str:
        """A reason of row i as a sentence, with its numbers."""
        arms = (self.control, self.treatment)
        units = [float(arm.n[i]) for arm in arms]
        known = [float(arm.conversions[i]) for arm in arms]
        derived = [float(arm.n[i]) * float(arm.mean[i]) for arm in arms]
        converted = [product if math.isnan(given) else given for given, product in zip(known, derived, strict=True)]
        return reasons.text(code, units, converted, self.settings.min_units, self.settings.min_conversions)

    def not_computable(self) -> list[str | None]:
        """The reason's text per row, None where there is an answer."""
        texts: list[str | None] = [None] * len(self)
        for i in np.flatnonzero(~is_none(self.reason)).tolist():
            texts[i] = self.reason_text(i, self.reason[i])
        return texts

    def flag_texts(self) -> list[str]:
        """Each row's flags, comma-separated; '' when none."""
        choice = self.unstable_baseline.astype(np.intp) + 2 * self.lift_withheld
        texts: list[str] = _FLAG_TEXTS[choice].tolist()
        return texts


def compare_columns(
    control: ArmColumns,
    treatment: ArmColumns,
    *,
    aggregation: Any,
    desired: Any = Desired.INCREASE,
    level: float = DEFAULT_LEVEL,
    running: Any = False,
    lift_method: str = LiftMethod.FIELLER,
    tuning: float = sequential.TUNING_UNITS,
    min_units: int = MIN_UNITS,
    min_conversions: int = MIN_CONVERSIONS,
) -> ComparisonColumns:
    """Compare row by row; `aggregation`, `desired` and `running` are one for all or a column.

    Difference: Welch, two-proportion z for occurrence, normal with delta-method variance for ratio. Lift: Fieller
    unless another is named. The chance to win, the lift and the sequence rest on the arms' sample variances (n - 1).
    The always-valid lift is the sequence of mT - (1 + L) mC inverted: Fieller with the sequence's critical value.
    """
    if len(control) != len(treatment):
        raise ValueError(f"{len(control)} control arms for {len(treatment)} treatment arms")
    rows = len(control)
    settings = Settings(check_level(level), LiftMethod(lift_method), tuning, min_units, min_conversions)
    aggregations = choices(aggregation, rows, Aggregation, "aggregation")
    directions = choices(desired, rows, Desired, "desired direction")
    live = np.broadcast_to(np.asarray(running, dtype=np.bool_), (rows,))
    columns: dict[str, Any] = {}
    if rows <= BLOCK:
        columns = _answer(control, treatment, aggregations, directions, live, settings)
    for start in range(0, rows if rows > BLOCK else 0, BLOCK):
        part = slice(start, start + BLOCK)
        found = _answer(
            control.take(part), treatment.take(part), aggregations[part], directions[part], live[part], settings
        )
        for name, column in found.items():
            if not start:
                columns[name] = np.empty(rows, dtype=column.dtype)
            columns[name][part] = column
    return ComparisonColumns(
        control=control,
        treatment=treatment,
        aggregation=aggregations,
        desired=directions,
        running=live,
        settings=settings,
        **columns,
    )


def _answer(
    control_arms: ArmColumns,
    treatment_arms: ArmColumns,
    aggregation: ObjectArray,
    desired: ObjectArray,
    running: BoolArray,
    settings: Settings,
) -> dict[str, Any]:
    """Every column of the answer for one block of rows, blanked out where there is a reason instead."""
    control, treatment = estimate(control_arms, aggregation), estimate(treatment_arms, aggregation)
    floors = settings.min_units, settings.min_conversions
    reason = reasons.find((control_arms, treatment_arms), (control, treatment), aggregation, *floors)
    columns = _infer(control, treatment, aggregation, is_one(desired, Desired.DECREASE), settings)
    within_range = np.logical_and.reduce([np.isfinite(columns[name]) for name in ("ci_low", "ci_high", "statistic")])
    reason[is_none(reason) & ~within_range] = ReasonCode.VARIANCE_UNDEFINED.value
    answered = is_none(reason)
    silent = np.flatnonzero(~answered)
    for name, column in columns.items() if len(silent) else ():
        if name.endswith("reason"):
            column[silent] = reason[silent]
        elif column.dtype == np.float64:
            column[silent] = np.nan
    judged = np.where(running, columns["sequential_p_value"], columns["p_value"])
    return columns | {
        "control_value": control.value,
        "treatment_value": treatment.value,
        "statsig": classify_columns(judged, columns["difference"], desired, settings.level),
        "reason": reason,
        "unstable_baseline": lift.unstable_baseline(control) & answered,
    }


def _infer(
    control: ArmEstimates,
    treatment: ArmEstimates,
    aggregation: ObjectArray,
    lower_is_better: BoolArray,
    settings: Settings,
) -> dict[str, Any]:
    """Every inferred column, by its field name, before anything is blanked out."""
    columns = _test(control, treatment, aggregation, settings.level)
    with np.errstate(all="ignore"):
        difference, error = columns["difference"], np.sqrt(control.squared_error + treatment.squared_error)
        units = control.n + treatment.n
        wide = sequential.critical_value(units, settings.level, settings.tuning)
        fixed = lift.interval(settings.lift_method, control, treatment, settings.level, normal_critical(settings.level))
        always = lift.fieller(control, treatment, wide)
        return columns | {
            "lift": fixed.value,
            "lift_ci_low": fixed.ci_low,
            "lift_ci_high": fixed.ci_high,
            "lift_reason": fixed.reason,
            "sequential_ci_low": difference - wide * error,
            "sequential_ci_high": difference + wide * error,
            "sequential_lift_ci_low": always.ci_low,
            "sequential_lift_ci_high": always.ci_high,
            "sequential_lift_reason": always.reason,
            "sequential_p_value": sequential.always_valid_p(difference, error, units, settings.level, settings.tuning),
            "chance_to_win": normal_cdf(np.where(lower_is_better, -difference, difference) / error),
        }


def _test(control: ArmEstimates, treatment: ArmEstimates, aggregation: ObjectArray, level: float) -> dict[str, Any]:
    """The difference's columns, each row by its own family's test."""
    names = [field.name for field in fields(DifferenceColumns)]
    columns: dict[str, Any] = {}
    for method, test, aggregations in TESTS:
        rows = np.logical_or.reduce([is_one(aggregation, name) for name in aggregations])
        if len(rows) and rows.all():
            found = test(control, treatment, level)
            whole = {name: getattr(found, name) for name in names}
            return whole | {"method": np.full(aggregation.shape, method.value, dtype=object)}
        if not columns:
            columns = {name: np.full(aggregation.shape, np.nan) for name in names}
            columns["method"] = np.full(aggregation.shape, None, dtype=object)
        if not rows.any():
            continue
        found = test(control.take(rows), treatment.take(rows), level)
        for name in names:
            columns[name][rows] = getattr(found, name)
        columns["method"][rows] = method.value
    return columns
