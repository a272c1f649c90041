"""Can this experiment be believed: set-up, sample ratio, exposure quality, maturity. To ask before its results."""

from typing import Any

from gateway.answer import Table
from gateway.semantic.request import SemanticRequest
from gateway.tools.base import Arguments, Population, Tool, ToolContext, ToolResult, table_of
from gateway.tools.reading import TOTAL, equal, flags_of, require, results

_RATES = (
    "exposure_rate", "valid_exposure_rate", "mismatch_rate", "pre_assignment_rate", "multi_variation_rate",
    "outside_window_rate", "no_exposure_rate",
)  # fmt: skip
_FLAG_OF = {
    "exposure_rate": "exposure_drop",
    "no_exposure_rate": "exposure_drop",
    "mismatch_rate": "variant_mismatch",
    "pre_assignment_rate": "pre_assignment",
    "multi_variation_rate": "multi_variation",
    "outside_window_rate": "outside_window",
    "valid_exposure_rate": "exposure_integrity_failed",
}
"""The flag under which each rate is out of order; the thresholds are the mart's."""
_COUNTS = (
    ("quarantined_units", "n_quarantined", "units seen in two variations"),
    ("unknown_variation", "n_unknown_variation", "units of a variation that is not in the set-up"),
)
"""Units that leave every arm, and are counted beside."""


class HealthArguments(Arguments):
    experiment_id: str
    population: Population | None = None
    daily: bool = False


def experiment_health(ctx: ToolContext, arguments: HealthArguments) -> ToolResult:
    """Every check of one experiment, a row each; with `daily`, the exposure rates of each assignment day instead."""
    experiment = require(ctx, arguments.experiment_id)
    if arguments.daily:
        return ToolResult(table=_daily(ctx, arguments.experiment_id), text=_setup(experiment))
    populations: tuple[Population, ...] = (arguments.population,) if arguments.population else ("itt", "exposed")
    rows = [row for population in populations for row in _srm(ctx, arguments.experiment_id, population)]
    rows += _quality(ctx, arguments.experiment_id)
    rows += _maturity(ctx, arguments.experiment_id, populations[0])
    return ToolResult(
        table=Table(columns=["check", "population", "value", "status", "detail"], rows=rows), text=_setup(experiment)
    )


def _setup(experiment: dict[str, Any]) -> str:
    since = f"{experiment['started_at']:%Y-%m-%d}" if experiment["started_at"] else "an unknown day"
    until = f"{experiment['ended_at']:%Y-%m-%d}" if experiment["ended_at"] else "now"
    return (
        f"{experiment['name']} is {experiment['status']}, {since} to {until}, "
        f"{experiment['n_variations']} variations, assigned by {experiment['unit_type']}."
    )


def _srm(ctx: ToolContext, experiment_id: str, population: str) -> list[list[Any]]:
    columns = (
        "analysis_population", "n_units", "n_quarantined", "n_unknown_variation", "observed", "expected",
        "p_value", "status",
    )  # fmt: skip
    filters = equal(experiment_id=experiment_id, analysis_population=population)
    found = ctx.query(SemanticRequest(asset="fct_experiment_srm", columns=columns, filters=filters)).dicts()
    out: list[list[Any]] = []
    for row in found:
        detail = f"observed {row['observed']}, expected {row['expected']}"
        out.append(["sample_ratio", population, row["p_value"], row["status"], detail])
        for check, column, meaning in _COUNTS:
            out.append([check, population, row[column], "ok" if not row[column] else "attention", meaning])
    return out


def _quality(ctx: ToolContext, experiment_id: str) -> list[list[Any]]:
    columns = ("n_assigned", "n_exposed", "n_valid", *_RATES, "flags")
    filters = equal(experiment_id=experiment_id)
    found = ctx.query(
        SemanticRequest(asset="fct_experiment_exposure_quality", columns=columns, filters=filters)
    ).dicts()
    if not found:
        return [["exposure", None, None, "not_computable", "no unit-level exposures are stored for this experiment"]]
    row = found[0]
    flags = flags_of(row["flags"])
    detail = f"{row['n_valid']} valid of {row['n_exposed']} exposed of {row['n_assigned']} assigned"
    rows: list[list[Any]] = [[rate, None, row[rate], _rate_status(rate, flags), detail] for rate in _RATES]
    return [*rows, *([flag, None, None, "attention", "exposure flag"] for flag in flags)]


def _rate_status(rate: str, flags: list[str]) -> str:
    return "attention" if _FLAG_OF.get(rate) in flags else "ok"


def _maturity(ctx: ToolContext, experiment_id: str, population: Population) -> list[list[Any]]:
    rows = results(ctx, population, experiment_id=experiment_id, dimension=TOTAL)
    shares = {row["metric_id"]: row["mature_share"] for row in rows}
    known = {metric: share for metric, share in shares.items() if share is not None}
    if not known:
        return []
    metric, share = min(known.items(), key=lambda item: item[1])
    detail = (
        "every unit's window has closed"
        if share >= 1
        else f"lowest on {metric}: the other units' windows are still open"
    )
    return [["mature_share", population, share, "ok" if share >= 1 else "attention", detail]]


def _daily(ctx: ToolContext, experiment_id: str) -> Table:
    columns = ("date_day", "n_assigned", "n_exposed", "n_valid", *_RATES)
    request = SemanticRequest(
        asset="fct_experiment_exposure_quality_daily",
        columns=columns,
        filters=equal(experiment_id=experiment_id),
        order_by=(("date_day", "asc"),),
    )
    return table_of(ctx.query(request))


TOOLS = (Tool("experiment_health", "Health of an experiment", HealthArguments, experiment_health),)
