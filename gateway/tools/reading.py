"""Reads stored results and turns each row into evidence. Every number below was written by the kernel at build time."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gateway.answer import ArmValue, Cuped, Estimate, Evidence, Quality, SrmStatus
from gateway.errors import Misfit, UsageError
from gateway.semantic.request import Direction, Operator, SemanticRequest
from gateway.tools.base import Population, ToolContext

RESULTS = "fct_experiment_results"
TOTAL = "all"
"""The `dimension` of rows over all units; every other dimension is a breakdown of them."""

_COLUMNS = (
    "experiment_id", "metric_id", "variation_id", "control_variation_id", "analysis_population", "dimension",
    "dimension_value", "metric_role", "desired", "aggregation", "experiment_status", "basis", "n_users", "value",
    "control_n_users", "control_value", "uplift_abs", "ci_low", "ci_high", "p_value_two_sided", "p_value_adjusted",
    "uplift_rel", "lift_ci_low", "lift_ci_high", "sequential_ci_low", "sequential_ci_high", "sequential_lift_ci_low",
    "sequential_lift_ci_high", "sequential_p_value", "chance_to_win", "statsig", "verdict", "srm_status",
    "srm_p_value", "exposure_rate", "valid_exposure_rate", "mature_share", "flags", "not_computable", "estimator",
    "cuped_uplift_abs", "cuped_ci_low", "cuped_ci_high", "cuped_p_value_two_sided", "cuped_uplift_rel",
    "cuped_lift_ci_low", "cuped_lift_ci_high", "cuped_sequential_ci_low", "cuped_sequential_ci_high",
    "cuped_sequential_lift_ci_low", "cuped_sequential_lift_ci_high", "cuped_sequential_p_value",
    "cuped_variance_reduction", "cuped_covariate_p_value", "chance_to_be_best", "expected_loss",
)  # fmt: skip
_ORDER: tuple[tuple[str, Direction], ...] = (
    ("experiment_id", "asc"), ("metric_id", "asc"), ("dimension_value", "asc"), ("variation_id", "asc"),
)  # fmt: skip
_ROLE_ORDER = {"primary": 0, "secondary": 1, "guardrail": 2}


Filter = tuple[str, Operator, Any]


def equal(**columns: Any) -> tuple[Filter, ...]:
    """A filter that fixes each column to one value."""
    return tuple((name, "=", value) for name, value in columns.items())


def results(
    ctx: ToolContext,
    population: Population,
    *,
    experiment_id: str = "",
    metric_ids: Sequence[str] = (),
    variation_ids: Sequence[str] = (),
    dimension: str = TOTAL,
    dimension_value: str | None = None,
) -> list[dict[str, Any]]:
    """Stored results, primary metrics first. Empty parts do not filter."""
    filters = list(equal(analysis_population=population, dimension=dimension))
    if experiment_id:
        filters.append(("experiment_id", "=", experiment_id))
    if metric_ids:
        filters.append(("metric_id", "in", tuple(metric_ids)))
    if variation_ids:
        filters.append(("variation_id", "in", tuple(variation_ids)))
    if dimension_value is not None:
        filters.append(("dimension_value", "=", dimension_value))
    rows = ctx.query_all(SemanticRequest(asset=RESULTS, columns=_COLUMNS, filters=tuple(filters), order_by=_ORDER))
    return sorted(rows.dicts(), key=lambda row: (row["experiment_id"], role_order(row["metric_role"])))


def role_order(role: str | None) -> int:
    """Primary metrics first, guardrails last."""
    return _ROLE_ORDER.get(role or "", len(_ROLE_ORDER))


def evidence_of(row: dict[str, Any], decision: str | None = None) -> Evidence:
    """One stored result as evidence; the numbers shown are those that its basis and its estimator ask for."""
    total = row["dimension"] == TOTAL
    return Evidence(
        experiment_id=row["experiment_id"],
        metric_id=row["metric_id"],
        variation_id=row["variation_id"],
        control_variation_id=row["control_variation_id"],
        analysis_population=row["analysis_population"],
        dimension=None if total else row["dimension"],
        dimension_value=None if total else row["dimension_value"],
        control=ArmValue(n=row["control_n_users"], value=row["control_value"]),
        treatment=ArmValue(n=row["n_users"], value=row["value"]),
        **_estimates(row, "cuped_" if row["estimator"] == "cuped" else ""),
        p_value_adjusted=row["p_value_adjusted"],
        chance_to_win=row["chance_to_win"],
        statsig=row["statsig"] or "",
        decision=decision,
        verdict=row["verdict"],
        basis=row["basis"],
        srm=SrmStatus(status=row["srm_status"] or "not_computable", p_value=row["srm_p_value"]),
        quality=Quality(
            exposure_rate=row["exposure_rate"],
            valid_exposure_rate=row["valid_exposure_rate"],
            mature_share=row["mature_share"],
            flags=flags_of(row["flags"]),
        ),
        not_computable=row["not_computable"],
        cuped=_cuped(row),
        chance_to_be_best=row["chance_to_be_best"],
        expected_loss=row["expected_loss"],
    )


def _estimates(row: dict[str, Any], estimator: str) -> dict[str, Any]:
    """Difference, lift and p-value of one estimator (a prefix of the columns) on the row's basis."""
    live = row["basis"] == "always_valid"
    interval = f"{estimator}sequential_" if live else estimator
    p_value = row[f"{estimator}sequential_p_value" if live else f"{estimator}p_value_two_sided"]
    low, high = row[f"{interval}ci_low"], row[f"{interval}ci_high"]
    return {
        "difference": Estimate(value=row[f"{estimator}uplift_abs"], ci_low=low, ci_high=high),
        "lift": whole(row[f"{estimator}uplift_rel"], row[f"{interval}lift_ci_low"], row[f"{interval}lift_ci_high"]),
        "p_value": p_value,
    }


def _cuped(row: dict[str, Any]) -> Cuped | None:
    """The adjusted estimate; None where the row's units have no covariate."""
    if row["cuped_uplift_abs"] is None:
        return None
    return Cuped(
        **_estimates(row, "cuped_"),
        variance_reduction=row["cuped_variance_reduction"],
        covariate_p_value=row["cuped_covariate_p_value"],
        judged=row["estimator"] == "cuped",
    )


def whole(value: float | None, low: float | None, high: float | None) -> Estimate:
    """An estimate with both ends, or none: a lift whose interval is unbounded is withheld."""
    found = Estimate(value=value, ci_low=low, ci_high=high)
    return found if None not in (found.ci_low, found.ci_high) else Estimate()


def flags_of(text: str | None) -> list[str]:
    """A mart's comma-separated flags as a list."""
    return [flag.strip() for flag in (text or "").split(",") if flag.strip()]


def require(ctx: ToolContext, experiment_id: str) -> dict[str, Any]:
    """The experiment's set-up. Raises UsageError with what there is when no experiment has that id."""
    columns = (
        "experiment_id", "name", "description", "hypothesis", "status", "unit_type", "started_at", "ended_at",
        "as_of", "primary_metric_id", "n_variations",
    )  # fmt: skip
    found = ctx.query(
        SemanticRequest(asset="dim_experiments", columns=columns, filters=equal(experiment_id=experiment_id))
    ).dicts()
    if found:
        return found[0]
    known = ctx.query(SemanticRequest(asset="dim_experiments", columns=("experiment_id",))).rows
    raise missing("experiment", experiment_id, (row[0] for row in known))


def missing(kind: str, name: str, known: Iterable[str]) -> UsageError:
    """The error for a name that is not there: says so, and what is. Nothing is put in its place."""
    from difflib import get_close_matches  # only on the way to an error

    names = sorted(set(known))
    near = get_close_matches(name, names, n=5)
    hint = f"did you mean {near[0]!r}?" if near else f"there is: {', '.join(names[:20]) or 'none'}"
    message = f"no {kind} named {name!r} here"
    return UsageError(message, hint=hint, misfits=(Misfit(name, message, tuple(near or names[:20]), "unknown_name"),))


def _is_control(name: str, treatments: Iterable[str]) -> UsageError:
    return UsageError(
        f"{name!r} is the control: it stands beside every treatment, and has no effect of its own",
        hint=f"there is: {', '.join(sorted(treatments))}",
    )


def require_rows(
    ctx: ToolContext, rows: list[dict[str, Any]], experiment_id: str, wanted: Mapping[str, Sequence[str]]
) -> None:
    """Every name that was asked for must be among the rows; `wanted` maps a result column to the names asked for.

    Raises UsageError that says which name is not there, and what is.
    """
    if rows and all(set(names) <= {str(row[column]) for row in rows} for column, names in wanted.items()):
        return
    require(ctx, experiment_id)
    columns = tuple(dict.fromkeys((*wanted, "control_variation_id", "analysis_population", "dimension")))
    filters = equal(experiment_id=experiment_id)
    known = ctx.query_all(SemanticRequest(RESULTS, columns, filters, group_by=columns)).dicts()
    for column, names in wanted.items():
        there = {str(row[column]) for row in known}
        for name in sorted(set(names) - there):
            if column == "variation_id" and name in {row["control_variation_id"] for row in known}:
                raise _is_control(name, there)
            raise missing(column.removesuffix("_id").replace("_", " "), name, there)
        known = [row for row in known if not names or str(row[column]) in names]
    raise UsageError(
        f"{experiment_id} has no result for that combination",
        hint="a segment cell under the minimum size is not shown; an arm may be missing from this population",
    )
