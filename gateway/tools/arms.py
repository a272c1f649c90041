"""Stored arms as the kernel takes them: it is called on what the marts hold, never on what a caller says.

NumPy and SciPy load with the first recomputation; most answers are read from stored results and never load them.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gateway.semantic.request import SemanticRequest
from gateway.tools.base import ToolContext

if TYPE_CHECKING:
    from gateway.stats import AdjustedColumns, ArmColumns, ComparisonColumns, RatioStats, VariantStats

MOMENTS = ("n", "mean", "m2", "conversions", "denominator_mean", "denominator_m2", "cross_m2")
"""Columns of the aggregates that the kernel reads of an arm."""
COVARIATE_MOMENTS = ("covariate_mean", "covariate_m2", "covariate_cross_m2", "covariate_denominator_cross_m2")
"""What it reads beside them for CUPED."""

_HIDDEN: dict[str, Any] = dict.fromkeys(MOMENTS + COVARIATE_MOMENTS)
"""An arm whose cell is too small to be stored: nothing can be computed with it."""
_KEY = ("experiment_id", "metric_id", "variation_id", "analysis_population", "dimension", "dimension_value")

Row = dict[str, Any]


def compare_rows(
    control: Sequence[Row],
    treatment: Sequence[Row],
    *,
    aggregation: Sequence[str],
    desired: Sequence[str],
    running: Sequence[bool],
    level: float = 0.95,
) -> "ComparisonColumns":
    """Row i compares treatment i with control i."""
    from gateway.stats import compare_columns

    return compare_columns(
        _columns(control),
        _columns(treatment),
        aggregation=list(aggregation),
        desired=list(desired),
        running=list(running),
        level=level,
    )


def adjust_rows(
    control: Sequence[Row], treatment: Sequence[Row], *, aggregation: Sequence[str], level: float = 0.95
) -> "AdjustedColumns":
    """Row i compares treatment i with control i after CUPED; both with their covariate moments."""
    from gateway.stats import CovariateColumns, adjust_columns

    def covariates(rows: Sequence[Row]) -> CovariateColumns:
        given = _numbers(rows, tuple(name for name in MOMENTS if name != "conversions") + COVARIATE_MOMENTS)
        first = [given.pop(name) for name in ("n", "mean", "m2", *COVARIATE_MOMENTS[:3])]
        return CovariateColumns.of(*first, **given)

    return adjust_columns(covariates(control), covariates(treatment), aggregation=list(aggregation), level=level)


def arm_of(row: Row, aggregation: str) -> "VariantStats | RatioStats":
    """One stored arm as a value of its own."""
    return _columns([row]).row(0, aggregation)


def _columns(rows: Sequence[Row]) -> "ArmColumns":
    from gateway.stats import ArmColumns

    given = _numbers(rows, MOMENTS)
    return ArmColumns.of(given.pop("n"), given.pop("mean"), given.pop("m2"), **given)


def _numbers(rows: Sequence[Row], names: Sequence[str]) -> dict[str, Any]:
    return {name: [float("nan") if row[name] is None else float(row[name]) for row in rows] for name in names}


def compare_stored(ctx: ToolContext, rows: Sequence[Row], level: float = 0.95) -> "ComparisonColumns":
    """Stored results computed again from their stored arms, row by row. All must be of one population and dimension."""
    control, treatment = stored_arms(ctx, rows)
    return compare_rows(
        control,
        treatment,
        aggregation=[row["aggregation"] for row in rows],
        desired=[row["desired"] for row in rows],
        running=[row["basis"] == "always_valid" for row in rows],
        level=level,
    )


def stored_arms(ctx: ToolContext, rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """The control and the treatment of each stored result, with every moment. One population and dimension for all."""
    arms = _arms_of(ctx, rows)
    control, treatment = (
        [arms.get(_key(row, arm), _HIDDEN) for row in rows] for arm in ("control_variation_id", "variation_id")
    )
    return control, treatment


def _arms_of(ctx: ToolContext, rows: Sequence[Row]) -> dict[tuple[str, ...], Row]:
    first = rows[0]
    request = SemanticRequest(
        asset="agg_experiment_metric_by_variant",
        columns=(*_KEY, *MOMENTS, *COVARIATE_MOMENTS),
        filters=(
            ("experiment_id", "in", sorted({row["experiment_id"] for row in rows})),
            ("metric_id", "in", sorted({row["metric_id"] for row in rows})),
            ("analysis_population", "=", first["analysis_population"]),
            ("dimension", "=", first["dimension"]),
        ),
    )
    return {_key(row, "variation_id"): row for row in ctx.query_all(request).dicts()}


def _key(row: Row, arm: str) -> tuple[str, ...]:
    return tuple(str(row[arm if name == "variation_id" else name]) for name in _KEY)
