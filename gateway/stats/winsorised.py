"""Winsorised metrics beside raw ones: both arms held to the same bounds, from value counts.

The bounds are quantiles of both arms together, so that they say nothing about which arm a unit is in: bounds of each
arm's own would move with the effect and bias it. What is compared is then the mean of the held values, which is another
metric than the raw mean; both are shown, and the bounds with them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gateway.stats.arms import ArmColumns
from gateway.stats.tails import FloatArray
from gateway.stats.value_counts import ValueCountColumns


@dataclass(frozen=True, slots=True, eq=False)
class Winsorised:
    """Row i is one metric of one pair of arms."""

    raw: tuple[ArmColumns, ArmColumns]
    """Control and treatment as they are."""
    winsorised: tuple[ArmColumns, ArmColumns]
    """The same units with values beyond the bounds brought to them."""
    low: FloatArray
    """In the metric's unit; NaN for an empty pair."""
    high: FloatArray


def winsorised_beside(
    control: ValueCountColumns, treatment: ValueCountColumns, *, low: float = 0.0, high: float = 0.99
) -> Winsorised:
    """Hold each pair of arms to the quantiles `low` and `high` of both together; ready for `compare_columns`."""
    if not 0.0 <= low < high <= 1.0:
        raise ValueError(f"bounds are two rising quantiles between 0 and 1, not {low!r} and {high!r}")
    both = control.merge(treatment)
    bounds = both.quantile(low), both.quantile(high)

    def held(side: ValueCountColumns) -> ArmColumns:
        values = np.clip(side.values, bounds[0][side.arm], bounds[1][side.arm])
        return ValueCountColumns.of(side.arm, values, side.counts, arms=len(side)).stats()

    return Winsorised((control.stats(), treatment.stats()), (held(control), held(treatment)), *bounds)
