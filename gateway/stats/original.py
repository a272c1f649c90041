"""`compare_to_control`: the original scorecard kernel, kept to its published numbers for parity.

Its interval is the delta method's and its chance to win a flat-prior posterior of the lift. `compare` is the better
answer: Fieller covers what this interval does not, and its floors give reasons instead of numbers from a few units.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

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


def compare_to_control(control: Sums, treatment: Sums) -> Inference | None:
    """Relative lift of treatment over control by the delta method.

    lift = (mT - mC)/mC; se^2 = vT/(nT mC^2) + mT^2 vC/(nC mC^4); lift +- 1.959963984540054 se; chance = Phi(lift/se).
    None when either arm has fewer than 2 units or the control mean is not positive. With no variance at all the
    interval collapses on the lift, and the chance is 1, 0, or 0.5 by its sign. Where lower is better the caller takes
    1 - chance, as the original's clients do, and applies the floors of 50 units and 5 conversions.
    """
    if control.n < 2 or treatment.n < 2 or not control.mean > 0:
        return None
    base = control.mean
    lift = (treatment.mean - base) / base
    control_part = treatment.mean**2 * control.variance / (control.n * base**4)
    error = math.sqrt(treatment.variance / (treatment.n * base**2) + control_part)
    if not (math.isfinite(lift) and math.isfinite(error)):
        return None
    chance = 0.5 * math.erfc(-lift / error / math.sqrt(2.0)) if error else 0.5 + 0.5 * ((lift > 0) - (lift < 0))
    return Inference(lift, lift - Z_95 * error, lift + Z_95 * error, chance)
