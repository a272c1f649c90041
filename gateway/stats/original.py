"""`compare_to_control`: the original scorecard kernel, kept to its published numbers for parity.

Its interval is the delta method's and its chance to win a flat-prior posterior of the lift. `compare` is the better
answer: Fieller covers what this interval does not, and its floors give reasons instead of numbers from a few units.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from gateway.stats.arms import ArmColumns
from gateway.stats.tails import FloatArray, normal_cdf

Z_95 = 1.959963984540054
"""The original's own constant for a 95 % interval."""


class Sums(Protocol):
    """An arm as the original knew it; `VariantStats` is one."""

    @property
    def n(self) -> int: ...
    @property
    def mean(self) -> float: ...
    @property
    def variance(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Inference:
    """The original's payload: a relative lift with its 95 % interval, and P(lift > 0)."""

    lift: float
    ci_low: float
    ci_high: float
    chance_to_win: float


@dataclass(frozen=True, slots=True, eq=False)
class InferenceColumns:
    """Fields as in `Inference`, per row; NaN in all four where the original had None."""

    lift: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    chance_to_win: FloatArray

    def __len__(self) -> int:
        return len(self.lift)


def compare_to_control(control: Sums, treatment: Sums) -> Inference | None:
    """Relative lift of treatment over control by the delta method.

    lift = (mT - mC)/mC; se^2 = vT/(nT mC^2) + mT^2 vC/(nC mC^4); lift +- 1.959963984540054 se; chance = Phi(lift/se).
    None when either arm has fewer than 2 units or the control mean is not positive. With no variance at all the
    interval collapses on the lift, and the chance is 1, 0, or 0.5 by its sign. Where lower is better the caller takes
    1 - chance, as the original's clients do, and applies the floors of 50 units and 5 conversions.
    """
    sides = [(np.array([float(arm.n)]), np.array([arm.mean]), np.array([arm.variance])) for arm in (control, treatment)]
    found = _infer(*sides[0], *sides[1])
    row = [float(column[0]) for column in (found.lift, found.ci_low, found.ci_high, found.chance_to_win)]
    return None if np.isnan(row[0]) else Inference(*row)


def compare_to_control_columns(control: ArmColumns, treatment: ArmColumns) -> InferenceColumns:
    """`compare_to_control` row by row, for arms of any metric but a ratio."""
    if len(control) != len(treatment):
        raise ValueError(f"{len(control)} control arms for {len(treatment)} treatment arms")
    with np.errstate(all="ignore"):
        variances = [np.where(arm.n > 1, arm.m2 / (arm.n - 1.0), np.nan) for arm in (control, treatment)]
    return _infer(control.n, control.mean, variances[0], treatment.n, treatment.mean, variances[1])


def _infer(
    control_n: FloatArray,
    base: FloatArray,
    control_variance: FloatArray,
    treatment_n: FloatArray,
    mean: FloatArray,
    variance: FloatArray,
) -> InferenceColumns:
    with np.errstate(all="ignore"):
        lift, square = (mean - base) / base, base * base
        control_part = mean * mean * control_variance / (control_n * square * square)
        error = np.sqrt(variance / (treatment_n * square) + control_part)
        chance = np.where(error == 0.0, 0.5 + 0.5 * np.sign(lift), normal_cdf(lift / error))
        known = (control_n >= 2) & (treatment_n >= 2) & (base > 0) & np.isfinite(lift) & np.isfinite(error)
        columns = (lift, lift - Z_95 * error, lift + Z_95 * error, chance)
    lift, low, high, chance = (np.where(known, column, np.nan) for column in columns)
    return InferenceColumns(lift, low, high, chance)
