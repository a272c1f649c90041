"""Can this experiment be believed: set-up, sample ratio, exposure quality, maturity. To ask before its results."""

import json
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
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


_TESTS = {
    "fixed": "chi-squared",
    "always_valid": "sequential, over every day so far",
}


@dataclass(frozen=True, slots=True)
class Check:
    """One row of the table; what a check has no value for is null."""

    check: str
    population: str | None
    value: float | None
    status: str
    detail: str
    dimension: str | None = None
    dimension_value: str | None = None
    variation_id: str | None = None
    n_units: int | None = None
    expected_share: float | None = None


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
    rows = [row for population in populations for row in _sample_ratio(ctx, arguments.experiment_id, population)]
    rows += [row for population in populations for row in _segments(ctx, arguments.experiment_id, population)]
    rows += _quality(ctx, arguments.experiment_id)
    rows += _maturity(ctx, arguments.experiment_id, populations[0])
    table = Table(columns=[field.name for field in fields(Check)], rows=[list(astuple(row)) for row in rows])
    return ToolResult(table=table, text=_setup(experiment))


def _setup(experiment: dict[str, Any]) -> str:
    since = f"{experiment['started_at']:%Y-%m-%d}" if experiment["started_at"] else "an unknown day"
    until = f"{experiment['ended_at']:%Y-%m-%d}" if experiment["ended_at"] else "now"
    return (
        f"{experiment['name']} is {experiment['status']}, {since} to {until}, "
        f"{experiment['n_variations']} variations, assigned by {experiment['unit_type']}."
    )


def _sample_ratio(ctx: ToolContext, experiment_id: str, population: str) -> list[Check]:
    """The split against the plan: its check, a row for each arm, and the units that are in none."""
    columns = (
        "analysis_population", "n_quarantined", "n_unknown_variation", "observed", "expected", "p_value", "status",
        "basis", "sequential_p_value", "exact_p_value",
    )  # fmt: skip
    filters = equal(experiment_id=experiment_id, analysis_population=population)
    rows: list[Check] = []
    for found in ctx.query(SemanticRequest(asset="fct_experiment_srm", columns=columns, filters=filters)).dicts():
        sequential = found["basis"] == "always_valid"
        p_value = found["sequential_p_value" if sequential else "p_value"] if _judged(found) else None
        rows.append(Check("sample_ratio", population, p_value, found["status"], _how(found)))
        rows += _arms(population, json.loads(found["observed"]), json.loads(found["expected"]))
        for check, column, meaning in _COUNTS:
            rows.append(Check(check, population, found[column], "ok" if not found[column] else "attention", meaning))
    return rows


def _judged(found: dict[str, Any]) -> bool:
    return str(found["status"]) != "not_computable"


def _how(found: dict[str, Any]) -> str:
    """Which test gave the p-value, or what there is in its place."""
    if _judged(found):
        return _TESTS[found["basis"]]
    exact = found["exact_p_value"]
    return "too few units to judge" + ("" if exact is None else f"; their exact p is {exact:.3g}")


def _arms(population: str, observed: dict[str, int], expected: dict[str, float | None]) -> Iterator[Check]:
    """Units and shares of each arm, planned or not. A share is one of the units that the plan splits."""
    planned = {arm: share for arm, share in expected.items() if share != 0}
    total = sum(observed.get(arm, 0) for arm in planned)
    for arm, n in observed.items():
        share = n / total if total and arm in planned else None
        meaning = "in the split" if arm in planned else "held out" if arm in expected else "not in the set-up"
        yield Check(
            "arm_share", population, share, "ok", meaning,
            variation_id=arm, n_units=n, expected_share=expected.get(arm),
        )  # fmt: skip


def _segments(ctx: ToolContext, experiment_id: str, population: str) -> list[Check]:
    """The split in every segment: one row for all of them, then one for each in which it is off."""
    columns = ("analysis_population", "dimension", "dimension_value", "n_units", "p_value_adjusted", "status")
    request = SemanticRequest(
        asset="fct_experiment_srm_segments",
        columns=columns,
        filters=equal(experiment_id=experiment_id, analysis_population=population),
        order_by=(("dimension", "asc"), ("dimension_value", "asc")),
    )
    found = ctx.query_all(request).dicts()
    known = [row for row in found if row["p_value_adjusted"] is not None]
    if not found:
        return []
    off = [row for row in found if row["status"] == "mismatch"]
    least = min((row["p_value_adjusted"] for row in known), default=None)
    status = "mismatch" if off else "ok" if known else "not_computable"
    detail = f"{len(off)} of {len(known)} segments; the least p, corrected for their number"
    segments = [
        Check(
            "sample_ratio_segment", population, row["p_value_adjusted"], row["status"], "corrected p of the segment",
            dimension=row["dimension"], dimension_value=row["dimension_value"], n_units=row["n_units"],
        )
        for row in off
    ]  # fmt: skip
    return [Check("sample_ratio_segments", population, least, status, detail), *segments]


def _quality(ctx: ToolContext, experiment_id: str) -> list[Check]:
    columns = ("n_assigned", "n_exposed", "n_valid", *_RATES, "flags")
    filters = equal(experiment_id=experiment_id)
    found = ctx.query(
        SemanticRequest(asset="fct_experiment_exposure_quality", columns=columns, filters=filters)
    ).dicts()
    if not found:
        return [Check("exposure", None, None, "not_computable", "no unit-level exposures are stored here")]
    row = found[0]
    flags = flags_of(row["flags"])
    detail = f"{row['n_valid']} valid of {row['n_exposed']} exposed of {row['n_assigned']} assigned"
    rates = [Check(rate, None, row[rate], _rate_status(rate, flags), detail) for rate in _RATES]
    return [*rates, *(Check(flag, None, None, "attention", "exposure flag") for flag in flags)]


def _rate_status(rate: str, flags: list[str]) -> str:
    return "attention" if _FLAG_OF.get(rate) in flags else "ok"


def _maturity(ctx: ToolContext, experiment_id: str, population: Population) -> list[Check]:
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
    return [Check("mature_share", population, share, "ok" if share >= 1 else "attention", detail)]


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
