"""CUPED beside the plain comparison, and which of the two a row's verdict rests on.

Every row whose units have a covariate gets the adjusted estimate. It judges only where the metric's definition asked
for it beforehand: choosing the estimate that looks better, after the data, would spend the error twice.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from gateway.stats import (
    AdjustedColumns,
    ComparisonColumns,
    CovariateColumns,
    Statsig,
    adjust_columns,
    belief,
    classify_columns,
    holm,
)
from gateway.stats.adjustment import IMBALANCE_P

ESTIMATORS: Final = ("unadjusted", "cuped")
COVARIATE_MOMENTS: Final = (
    "covariate_mean", "covariate_m2", "covariate_cross_m2", "covariate_denominator_cross_m2",
)  # fmt: skip
"""Columns of the aggregates that CUPED reads beside the plain moments."""
IMBALANCE: Final = "covariate_imbalance"
"""Flag: before the experiment the arms already differed, more than chance allows. Adjusting does not mend that."""
UNAVAILABLE: Final = "cuped_not_available"
"""Flag: the definition asks for CUPED, and there is no covariate that could adjust; the plain estimate judges."""
_COLUMNS: Final = MappingProxyType(
    {
        "cuped_uplift_abs": "difference",
        "cuped_ci_low": "ci_low",
        "cuped_ci_high": "ci_high",
        "cuped_p_value_two_sided": "p_value",
        "cuped_uplift_rel": "lift",
        "cuped_lift_ci_low": "lift_ci_low",
        "cuped_lift_ci_high": "lift_ci_high",
        "cuped_sequential_ci_low": "sequential_ci_low",
        "cuped_sequential_ci_high": "sequential_ci_high",
        "cuped_sequential_lift_ci_low": "sequential_lift_ci_low",
        "cuped_sequential_lift_ci_high": "sequential_lift_ci_high",
        "cuped_sequential_p_value": "sequential_p_value",
        "cuped_variance_reduction": "variance_reduction",
        "cuped_covariate_p_value": "covariate_p_value",
    }
)
"""Column of fct_experiment_results to field of AdjustedColumns."""


def covariate_columns(arms: dict[str, Any]) -> CovariateColumns:
    """Arms with their covariates, from the marts' columns by name."""
    given = dict(arms)
    given.pop("conversions", None)
    first = [given.pop(name) for name in ("n", "mean", "m2", *COVARIATE_MOMENTS[:3])]
    return CovariateColumns.of(*first, **given)


def _varies(arm: dict[str, Any]) -> Any:
    """Where the arm's units differ in their covariate. Theta does not tell: of an outcome that has nothing to do with
    the covariate it is zero or a rounding error, as chance will have it."""
    return np.ma.filled(np.ma.asarray(arm["covariate_m2"]), 0.0) > 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """The numbers that judge each row, by its estimator; two-sided at 95 %."""

    estimator: Any
    p_value: Any
    """On the row's basis."""
    low: Any
    high: Any
    chance_to_win: Any
    statsig: Any


@dataclass(frozen=True, slots=True, eq=False)
class Cuped:
    """The adjusted estimates; `usable` where there is one."""

    adjusted: AdjustedColumns
    usable: Any

    @classmethod
    def of(cls, control: dict[str, Any], treatment: dict[str, Any], aggregation: Any) -> "Cuped":
        """From both arms' columns. A covariate that is the same for every unit adjusts nothing, and is none."""
        adjusted = adjust_columns(covariate_columns(control), covariate_columns(treatment), aggregation=aggregation)
        return cls(adjusted, np.isfinite(adjusted.p_value) & (_varies(control) | _varies(treatment)))

    def columns(self) -> dict[str, Any]:
        """The columns of fct_experiment_results; NaN where nothing is adjusted."""
        return {name: np.where(self.usable, getattr(self.adjusted, field), np.nan) for name, field in _COLUMNS.items()}

    def judge(self, plain: ComparisonColumns, asked: Any, lower_is_better: Any) -> Judged:
        """Each row by the estimate that its definition `asked` for, where there is one."""
        by_cuped = (asked == ESTIMATORS[1]) & self.usable
        live = plain.running

        def chosen(name: str) -> Any:
            sides = (getattr(side, name) for side in (self.adjusted, plain))
            return np.where(by_cuped, *sides)

        p_value = np.where(live, chosen("sequential_p_value"), chosen("p_value"))
        chance = belief(
            self.adjusted.difference, self.adjusted.standard_error, lower_is_better=lower_is_better
        ).chance_to_win
        statsig = classify_columns(p_value, chosen("difference"), plain.desired)
        return Judged(
            estimator=np.where(by_cuped, *ESTIMATORS[::-1]).astype(object),
            p_value=p_value,
            low=np.where(live, chosen("sequential_ci_low"), chosen("ci_low")),
            high=np.where(live, chosen("sequential_ci_high"), chosen("ci_high")),
            chance_to_win=np.where(by_cuped, chance, plain.chance_to_win),
            statsig=np.where(by_cuped, statsig, plain.statsig),
        )

    def flags(self, plain: ComparisonColumns, asked: Any, families: Any) -> list[str]:
        """Per row, what must be known of its covariate; '' for nothing. Imbalance is corrected within the families."""
        balance = holm(np.where(self.usable, self.adjusted.covariate_p_value, np.nan), families)
        unavailable = (asked == ESTIMATORS[1]) & ~self.usable & (plain.statsig != Statsig.INSUFFICIENT_DATA)
        return [
            IMBALANCE if p < IMBALANCE_P else UNAVAILABLE if missing else ""
            for p, missing in zip(balance.tolist(), unavailable.tolist(), strict=True)
        ]
