"""How long an experiment takes: days until the planned units have arrived and the last one's window has closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gateway.stats.arms import as_column
from gateway.stats.result import NotComputable, ReasonCode
from gateway.stats.tails import FloatArray, ObjectArray

DAYS_CHECKED = 36_525
"""A hundred years."""


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


@dataclass(frozen=True, slots=True, eq=False)
class DurationColumns:
    """Fields as in `Duration`, per row; NaN and a reason where the units never arrive."""

    enrolment_days: FloatArray
    days: FloatArray
    whole_weeks_days: FloatArray
    units: FloatArray
    reason: ObjectArray

    def __len__(self) -> int:
        return len(self.days)


def days_needed_columns(total_units: Any, daily_units: Any, *, window_days: Any = 0.0) -> DurationColumns:
    """Row by row; `daily_units` has shape (days,), a pattern for all rows, or (k, days), and repeats."""
    total = as_column(total_units)
    pattern = np.asarray(daily_units, dtype=np.float64)
    pattern = np.broadcast_to(np.atleast_1d(pattern), (len(total), np.atleast_1d(pattern).shape[-1]))
    window = np.broadcast_to(as_column(window_days), total.shape)
    if not (np.isfinite(pattern) & (pattern >= 0)).all() or not (np.isfinite(window) & (window >= 0)).all():
        raise ValueError("daily units and the window are finite and not negative")
    length, arrived = pattern.shape[1], np.cumsum(np.pad(pattern, ((0, 0), (1, 0))), axis=1)
    with np.errstate(all="ignore"):
        rounds = np.where(arrived[:, -1] > 0, np.floor(total / arrived[:, -1]), np.inf)
        never = ~(rounds * length < DAYS_CHECKED)
        rounds = np.where(never, 0.0, rounds)
        left = total - rounds * arrived[:, -1]
    extra = (arrived < (left * (1.0 - 1e-12))[:, None]).sum(axis=1)
    last = np.take_along_axis(arrived, np.minimum(extra, length)[:, None], axis=1)[:, 0]
    enrolment = rounds * length + extra
    days = enrolment + np.ceil(window)
    reason = np.full(len(total), None, dtype=object)
    reason[never] = ReasonCode.NO_TRAFFIC.value
    shown = (enrolment, days, 7.0 * np.ceil(days / 7.0), rounds * arrived[:, -1] + last)
    enrolment, days, weeks, units = (np.where(never, np.nan, column) for column in shown)
    return DurationColumns(enrolment, days, weeks, units, reason)


def days_needed(
    total_units: float, daily_units: float | Sequence[float], *, window_days: float = 0.0
) -> Duration | NotComputable:
    """Days until `total_units` have arrived and the last one's window has closed.

    `daily_units` are new units per day: one number, or a pattern (seven days, say) that repeats.
    """
    found = days_needed_columns(total_units, daily_units, window_days=window_days)
    if found.reason[0] is not None:
        never = f"{total_units:,.0f} units do not arrive within a hundred years at this traffic"
        return NotComputable(never, ReasonCode(found.reason[0]))
    return Duration(
        int(found.enrolment_days[0]), int(found.days[0]), int(found.whole_weeks_days[0]), float(found.units[0])
    )
