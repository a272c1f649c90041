"""How an effect built up: the cumulative result at the end of each day."""

from collections import defaultdict
from typing import Any

from gateway.answer import Table
from gateway.semantic.request import SemanticRequest
from gateway.tools.arms import COVARIATE_MOMENTS, MOMENTS, adjust_rows, compare_rows
from gateway.tools.base import Arguments, Population, Tool, ToolContext, ToolResult
from gateway.tools.levels import DEFAULT_LEVEL
from gateway.tools.reading import TOTAL, equal, evidence_of, require_rows, results

_COLUMNS = (
    "date_day", "variation_id", "n_users", "value", "control_n_users", "control_value", "difference", "ci_low",
    "ci_high", "lift", "basis",
)  # fmt: skip
_INFERRED = ("difference", "sequential_ci_low", "sequential_ci_high", "lift")


class TrendArguments(Arguments):
    experiment_id: str
    population: Population
    metric_id: str
    variation_ids: tuple[str, ...] = ()


def experiment_trend(ctx: ToolContext, arguments: TrendArguments) -> ToolResult:
    """Day by day, each treatment against control so far. The intervals are always-valid: made for daily looks."""
    final = results(
        ctx,
        arguments.population,
        experiment_id=arguments.experiment_id,
        metric_ids=(arguments.metric_id,),
        variation_ids=arguments.variation_ids,
    )
    wanted = {"metric_id": (arguments.metric_id,), "variation_id": arguments.variation_ids}
    require_rows(ctx, final, arguments.experiment_id, wanted)
    table = Table(columns=list(_COLUMNS), rows=_days(ctx, arguments, final))
    note = "Cumulative to the end of each day; the intervals are always-valid 95 %."
    if any(row["estimator"] == "cuped" for row in final):
        note += " Differences and lifts are after CUPED, as the metric's definition asks."
    days = tuple(dict.fromkeys(str(row[0]) for row in table.rows))
    return ToolResult(evidence=tuple(evidence_of(row) for row in final), table=table, text=note, days=days)


def _days(ctx: ToolContext, arguments: TrendArguments, final: list[dict[str, Any]]) -> list[list[Any]]:
    by_day = _arms_by_day(ctx, arguments)
    treatments = {row["variation_id"]: row for row in final}
    control_id = final[0]["control_variation_id"]
    pairs = [
        (day, arm, arms[control_id], arms[arm])
        for day, arms in sorted(by_day.items())
        for arm in treatments
        if control_id in arms and arm in arms
    ]
    if not pairs:
        return []
    controls, arms_of = [control for _, _, control, _ in pairs], [treatment for _, _, _, treatment in pairs]
    kinds = [final[0]["aggregation"]] * len(pairs)
    columns = compare_rows(
        controls,
        arms_of,
        aggregation=kinds,
        desired=[final[0]["desired"]] * len(pairs),
        running=[True] * len(pairs),
        level=DEFAULT_LEVEL,
    )
    by_cuped = {arm for arm, row in treatments.items() if row["estimator"] == "cuped"}
    adjusted = adjust_rows(controls, arms_of, aggregation=kinds) if by_cuped else columns
    return [
        [day, arm, treatment["n"], float(columns.treatment_value[i]), control["n"], float(columns.control_value[i]),
         *(float(getattr(adjusted if arm in by_cuped else columns, name)[i]) for name in _INFERRED), "always_valid"]
        for i, (day, arm, control, treatment) in enumerate(pairs)
    ]  # fmt: skip


def _arms_by_day(ctx: ToolContext, arguments: TrendArguments) -> dict[str, dict[str, dict[str, Any]]]:
    request = SemanticRequest(
        asset="agg_experiment_metric_daily",
        columns=("date_day", "variation_id", "analysis_population", "dimension", *MOMENTS, *COVARIATE_MOMENTS),
        filters=equal(
            experiment_id=arguments.experiment_id,
            metric_id=arguments.metric_id,
            analysis_population=arguments.population,
            dimension=TOTAL,
        ),
    )
    days: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for row in ctx.query_all(request).dicts():
        days[row["date_day"].isoformat()][row["variation_id"]] = row
    return days


TOOLS = (Tool("experiment_trend", "Effect over time", TrendArguments, experiment_trend),)
