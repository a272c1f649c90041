"""Guardrails as non-inferiority tests: is harm beyond a relative margin ruled out?

With margin M, s the sign of the control mean, and t = +1 where higher is better, -1 where lower is, the null says
t (mT - k mC) <= 0 with k = 1 - t M s: harm of at least M |mC|. Then z = t (mT - k mC) / sqrt(VT + k^2 VC), and
p = P(Z >= z), one-sided. Nothing is divided by mC, so it holds where a lift interval is unbounded; elsewhere it is
Fieller's test.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gateway.stats import sequential
from gateway.stats.arms import as_column, estimate, is_none, is_one
from gateway.stats.columns import ComparisonColumns
from gateway.stats.pair import Arm, compared
from gateway.stats.result import (
    DEFAULT_LEVEL,
    MIN_CONVERSIONS,
    MIN_UNITS,
    Aggregation,
    Alternative,
    Basis,
    Desired,
    GuardrailState,
    NonInferiority,
    NotComputable,
    ReasonCode,
    Statsig,
)
from gateway.stats.tails import FloatArray, ObjectArray, normal_cdf, normal_critical


@dataclass(frozen=True, slots=True, eq=False)
class NonInferiorityColumns:
    """Per row of a comparison; NaN and `inconclusive` where the comparison or the margin has no answer."""

    p_value: FloatArray
    """One-sided, fixed horizon, against the margin."""
    state: ObjectArray
    """GuardrailState's text on the row's own basis, so an experiment that still runs is judged by its sequence."""
    reason: ObjectArray
    """The comparison's ReasonCode, or the margin's own: a share of a control of zero."""
    margin: FloatArray
    """As tested: zero where none was agreed."""
    comparison: ComparisonColumns
    """What was tested: arms, level and basis."""


def noninferiority_columns(columns: ComparisonColumns, margin: Any) -> NonInferiorityColumns:
    """Test each row against its relative margin (0.02: two percent of the control mean may be lost).

    pass: harm beyond the margin is ruled out, one-sided at (1 - level)/2, which is the shown interval lying inside it.
    fail: significantly worse than control, and the estimate lies beyond the margin. Otherwise inconclusive.
    A margin of NaN means that none was agreed: it is taken as zero, so only a proven gain passes and proven harm fails.
    """
    agreed = np.nan_to_num(np.broadcast_to(as_column(margin), (len(columns),)), nan=0.0)
    if (agreed < 0).any():
        raise ValueError("a margin is a share of the control mean, zero or more")
    control = estimate(columns.control, columns.aggregation)
    treatment = estimate(columns.treatment, columns.aggregation)
    toward = np.where(is_one(columns.desired, Desired.DECREASE), -1.0, 1.0)
    usable = is_none(columns.reason) & ((control.value != 0) | (agreed == 0))
    with np.errstate(all="ignore"):
        kept = 1.0 - toward * agreed * np.sign(control.value)
        room = toward * (treatment.value - kept * control.value)
        error = np.sqrt(treatment.squared_error + kept * kept * control.squared_error)
        score = np.where(usable, room / error, np.nan)
        settings = columns.settings
        always = sequential.critical_value(control.n + treatment.n, settings.level, settings.tuning)
        held = score > np.where(columns.running, always, normal_critical(settings.level))
        breached = (room < 0) & is_one(columns.statsig, Statsig.SIGNIFICANT_NEGATIVE) & usable
    state = np.full(len(columns), GuardrailState.INCONCLUSIVE.value, dtype=object)
    state[held], state[breached] = GuardrailState.PASS.value, GuardrailState.FAIL.value
    reason = columns.reason.copy()
    reason[is_none(reason) & ~usable] = ReasonCode.ZERO_BASELINE.value
    return NonInferiorityColumns(normal_cdf(-score), state, reason, agreed, columns)


def noninferiority(
    control: Arm | None,
    treatment: Arm,
    *,
    margin: float,
    aggregation: str = Aggregation.MEAN,
    desired: str = Desired.INCREASE,
    level: float = DEFAULT_LEVEL,
    running: bool = False,
    tuning: float = sequential.TUNING_UNITS,
    min_units: int = MIN_UNITS,
    min_conversions: int = MIN_CONVERSIONS,
) -> NonInferiority | NotComputable:
    """`noninferiority_columns` for one pair of arms."""
    columns = compared(
        control,
        treatment,
        aggregation,
        desired=desired,
        level=level,
        running=running,
        tuning=tuning,
        min_units=min_units,
        min_conversions=min_conversions,
    )
    if isinstance(columns, NotComputable):
        return columns
    found = noninferiority_columns(columns, margin)
    if found.reason[0] is not None:
        return NotComputable(columns.reason_text(0, found.reason[0]), ReasonCode(found.reason[0]))
    kind = Aggregation(aggregation)
    return NonInferiority(
        margin=margin,
        p_value=float(found.p_value[0]),
        state=GuardrailState(found.state[0]),
        level=level,
        basis=Basis(columns.basis[0]),
        control=columns.control.row(0, kind),
        treatment=columns.treatment.row(0, kind),
        alternative=Alternative.LESS if desired == Desired.DECREASE else Alternative.GREATER,
    )
