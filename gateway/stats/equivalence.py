"""Equivalence: two one-sided tests (Schuirmann 1987) that the effect lies within a margin on both sides.

With margin M in the metric's unit: zL = (d + M)/se and zH = (M - d)/se; each tests one end, and p is the larger of the
two. With M relative, the ends are mT - (1 - M s) mC and (1 + M s) mC - mT, s the sign of mC, each with its own
standard error, as in `guardrail`: nothing is divided by mC. Student's t with Welch's dof for means in the metric's
unit, normal elsewhere.

Equivalence is called where both ends hold at (1 - level)/2, which is the shown two-sided interval lying inside the
margin: the house's rule for guardrails, and stricter than the textbook's, whose interval is at 2 level - 1. Assumes
what the comparison does, and a margin agreed before the data were seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from scipy import special

from gateway.stats import sequential
from gateway.stats.arms import ArmEstimates, as_column, estimate, is_none
from gateway.stats.columns import ComparisonColumns
from gateway.stats.pair import Arm, compared
from gateway.stats.result import (
    DEFAULT_LEVEL,
    MIN_CONVERSIONS,
    MIN_UNITS,
    Aggregation,
    Alternative,
    Basis,
    Method,
    NotComputable,
    ReasonCode,
    Scale,
)
from gateway.stats.tails import FloatArray, ObjectArray, student_critical


class EquivalenceState(StrEnum):
    """What the data say of the margin."""

    EQUIVALENT = "equivalent"
    DIFFERENT = "different"
    """The whole interval lies beyond one end of the margin."""
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Equivalence:
    """One treatment against control within a margin."""

    margin: float
    scale: Scale
    """What the margin is measured in."""
    p_value: float
    """Fixed horizon, the larger of two one-sided p: small where the effect is inside the margin."""
    p_value_low: float
    """Against the effect lying below the margin."""
    p_value_high: float
    state: EquivalenceState
    """On `basis`: by the sequence while the experiment runs."""
    level: float
    basis: Basis
    control: Arm
    treatment: Arm
    aggregation: Aggregation
    method: Method = Method.TWO_ONE_SIDED
    alternative: Alternative = Alternative.TWO_SIDED
    """The margin is tested from both sides, each one-sided."""


@dataclass(frozen=True, slots=True, eq=False)
class EquivalenceColumns:
    """Fields as in `Equivalence`, per row; NaN and inconclusive where there is no answer."""

    scale: Scale
    p_value: FloatArray
    p_value_low: FloatArray
    p_value_high: FloatArray
    state: ObjectArray
    reason: ObjectArray
    """The comparison's ReasonCode, or the margin's own: a share of a control of zero."""
    comparison: ComparisonColumns
    """What was tested: arms, level and basis."""


def tost_columns(columns: ComparisonColumns, margin: Any, *, scale: str = Scale.LIFT) -> EquivalenceColumns:
    """Test each row of a comparison against its margin, a share of |control| or in the metric's unit."""
    agreed, on = np.broadcast_to(as_column(margin), (len(columns),)), Scale(scale)
    if not (agreed > 0).all():
        raise ValueError("a margin is a positive number")
    control, treatment = (estimate(arms, columns.aggregation) for arms in (columns.control, columns.treatment))
    settings = columns.settings
    with np.errstate(all="ignore"):
        if on is Scale.LIFT:
            low, high = _relative(control, treatment, agreed)
            dof = np.full(len(columns), np.inf)
        else:
            low = (columns.difference + agreed) / columns.standard_error
            high = (agreed - columns.difference) / columns.standard_error
            dof = columns.dof
        usable = is_none(columns.reason) & np.isfinite(low) & np.isfinite(high)
        usable &= (control.value != 0) | (on is Scale.DIFFERENCE)
        p_low, p_high = (np.where(usable, _upper(score, dof), np.nan) for score in (low, high))
        fixed = student_critical(settings.level, dof)
        always = sequential.critical_value(control.n + treatment.n, settings.level, settings.tuning)
        wide = np.where(columns.running, always, fixed)
        inside, outside = (low > wide) & (high > wide) & usable, ((low < -wide) | (high < -wide)) & usable
    state = np.full(len(columns), EquivalenceState.INCONCLUSIVE.value, dtype=object)
    state[inside], state[outside] = EquivalenceState.EQUIVALENT.value, EquivalenceState.DIFFERENT.value
    reason = columns.reason.copy()
    reason[is_none(reason) & ~usable] = ReasonCode.VARIANCE_UNDEFINED.value
    if on is Scale.LIFT:
        reason[is_none(columns.reason) & (control.value == 0)] = ReasonCode.ZERO_BASELINE.value
    return EquivalenceColumns(on, np.maximum(p_low, p_high), p_low, p_high, state, reason, columns)


def tost(
    control: Arm | None,
    treatment: Arm,
    *,
    margin: float,
    scale: str = Scale.LIFT,
    aggregation: str = Aggregation.MEAN,
    level: float = DEFAULT_LEVEL,
    running: bool = False,
    tuning: float = sequential.TUNING_UNITS,
    min_units: int = MIN_UNITS,
    min_conversions: int = MIN_CONVERSIONS,
) -> Equivalence | NotComputable:
    """`tost_columns` for one pair of arms."""
    columns = compared(
        control,
        treatment,
        aggregation,
        level=level,
        running=running,
        tuning=tuning,
        min_units=min_units,
        min_conversions=min_conversions,
    )
    if isinstance(columns, NotComputable):
        return columns
    found = tost_columns(columns, margin, scale=scale)
    if found.reason[0] is not None:
        return NotComputable(columns.reason_text(0, found.reason[0]), ReasonCode(found.reason[0]))
    kind = Aggregation(aggregation)
    return Equivalence(
        margin=margin,
        scale=found.scale,
        p_value=float(found.p_value[0]),
        p_value_low=float(found.p_value_low[0]),
        p_value_high=float(found.p_value_high[0]),
        state=EquivalenceState(found.state[0]),
        level=level,
        basis=Basis(columns.basis[0]),
        control=columns.control.row(0, kind),
        treatment=columns.treatment.row(0, kind),
        aggregation=kind,
    )


def _relative(control: ArmEstimates, treatment: ArmEstimates, margin: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Scores of both ends of a relative margin; positive inside it."""
    sign = np.sign(control.value)

    def score(weight: FloatArray, toward: float) -> FloatArray:
        error = np.sqrt(treatment.squared_error + weight * weight * control.squared_error)
        return np.asarray(toward * (treatment.value - weight * control.value) / error)

    return score(1.0 - margin * sign, 1.0), score(1.0 + margin * sign, -1.0)


def _upper(score: FloatArray, dof: FloatArray) -> FloatArray:
    """P(T >= score)."""
    return np.where(np.isinf(dof), special.ndtr(-score), special.stdtr(dof, -score))
