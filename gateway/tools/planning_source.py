"""What an experiment that has run tells a plan: the control's value and spread, the split, the traffic, the window."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateway.errors import ChoiceNeeded, UsageError
from gateway.semantic.request import SemanticRequest
from gateway.tools.arms import MOMENTS, arm_of
from gateway.tools.base import Population, ToolContext
from gateway.tools.reading import TOTAL, equal, flags_of, require, require_rows, results

if TYPE_CHECKING:
    from gateway.stats import Baseline

_COVARIATE = ("covariate_m2", "covariate_cross_m2")


@dataclass(frozen=True, slots=True)
class Source:
    """One metric of one experiment, as a plan reads it."""

    experiment_id: str
    metric_id: str
    population: Population
    running: bool
    baseline: "Baseline"
    desired: str
    units: int
    """Over all arms, so far."""
    planned_shares: tuple[float, ...]
    """Control first."""
    observed_shares: tuple[float, ...]
    daily_units: float | None
    """New units a day while it enrolled; None where no days are stored."""
    window_days: float
    explained: float | None
    """Share of the variance that the pre-period covariate explains; None where there is none."""
    lifts: tuple[float, ...]
    """What was measured, per treatment: never what a plan should be made for."""
    warnings: tuple[str, ...]


def source_of(ctx: ToolContext, experiment_id: str, metric_id: str, population: Population | None) -> Source:
    """Read it through the guard. Raises ChoiceNeeded without a population, UsageError for a name that is not there."""
    experiment = require(ctx, experiment_id)
    if population is None:
        raise ChoiceNeeded("Which population: itt or exposed?", choices=("--population itt", "--population exposed"))
    metric = metric_id or experiment["primary_metric_id"] or ""
    found = results(ctx, population, experiment_id=experiment_id, metric_ids=(metric,))
    require_rows(ctx, found, experiment_id, {"metric_id": (metric,)})
    first, control_id = found[0], found[0]["control_variation_id"]
    arms = {row["variation_id"]: row for row in _arms(ctx, experiment_id, metric, population)}
    control = arms.pop(control_id, None)
    if control is None or control["mean"] is None or not arms:
        raise UsageError(
            f"{experiment_id} has no control with a value of {metric} to plan from in population {population}",
            hint="give a baseline of your own: its rate, or its mean and standard deviation",
        )
    ordered = [control, *(arms[name] for name in sorted(arms))]
    return Source(
        experiment_id=experiment_id,
        metric_id=metric,
        population=population,
        running=experiment["status"] == "running",
        baseline=_baseline(control, first["aggregation"]),
        desired=first["desired"],
        units=sum(row["n"] for row in ordered),
        planned_shares=_planned(ctx, experiment_id, [row["variation_id"] for row in ordered]),
        observed_shares=tuple(float(row["n"]) for row in ordered),
        daily_units=_traffic(ctx, experiment_id, metric, population),
        window_days=_window(ctx, experiment_id, metric),
        explained=None if first["aggregation"] == "ratio" else _explained(ordered),
        lifts=tuple(row["uplift_rel"] for row in found if row["uplift_rel"] is not None),
        warnings=_warnings(experiment_id, first, ordered),
    )


def _arms(ctx: ToolContext, experiment_id: str, metric_id: str, population: str) -> list[dict[str, Any]]:
    filters = equal(experiment_id=experiment_id, metric_id=metric_id, analysis_population=population, dimension=TOTAL)
    columns = ("variation_id", "analysis_population", "dimension", *MOMENTS, *_COVARIATE, "n_mature")
    return ctx.query_all(SemanticRequest("agg_experiment_metric_by_variant", columns, filters)).dicts()


def _baseline(control: dict[str, Any], aggregation: str) -> "Baseline":
    from gateway.stats import Baseline

    return Baseline.of(arm_of(control, aggregation), aggregation)


def _planned(ctx: ToolContext, experiment_id: str, arms: list[str]) -> tuple[float, ...]:
    """Planned shares in the order of the arms; equal ones where none were planned."""
    request = SemanticRequest(
        "dim_experiment_variations", ("variation_id", "expected_share"), equal(experiment_id=experiment_id)
    )
    shares = {row["variation_id"]: row["expected_share"] for row in ctx.query_all(request).dicts()}
    planned = [shares.get(arm) for arm in arms]
    return tuple(float(share or 0.0) for share in planned) if all(planned) else (1.0,) * len(arms)


def _traffic(ctx: ToolContext, experiment_id: str, metric_id: str, population: str) -> float | None:
    """Units over the days up to the last on which any came in: windows close after that, and nobody is new."""
    filters = equal(experiment_id=experiment_id, metric_id=metric_id, analysis_population=population, dimension=TOTAL)
    columns = ("date_day", "variation_id", "analysis_population", "dimension", "n")
    by_day: dict[Any, int] = {}
    for row in ctx.query_all(SemanticRequest("agg_experiment_metric_daily", columns, filters)).dicts():
        by_day[row["date_day"]] = by_day.get(row["date_day"], 0) + row["n"]
    if not by_day:
        return None
    most = max(by_day.values())
    enrolled = min(day for day, units in by_day.items() if units == most)
    days: int = (enrolled - min(by_day)).days + 1
    return most / days


def _window(ctx: ToolContext, experiment_id: str, metric_id: str) -> float:
    filters = equal(experiment_id=experiment_id, metric_id=metric_id)
    rows = ctx.query(SemanticRequest("dim_experiment_metrics", ("window_days",), filters)).dicts()
    return float(rows[0]["window_days"] or 0.0) if rows else 0.0


def _explained(arms: list[dict[str, Any]]) -> float | None:
    """Squared correlation of value and covariate within arms: the share of the variance that CUPED takes away."""
    moments = [[row[name] for row in arms] for name in ("m2", *_COVARIATE)]
    if any(value is None for column in moments for value in column):
        return None
    m2, covariate, cross = (float(sum(column)) for column in moments)
    return cross * cross / (m2 * covariate) if m2 > 0 and covariate > 0 else None


def _warnings(experiment_id: str, result: dict[str, Any], arms: list[dict[str, Any]]) -> tuple[str, ...]:
    notes = []
    if result["srm_status"] == "mismatch":
        notes.append(f"{experiment_id} has a sample ratio mismatch: its control may not stand for your units")
    if "exposure_integrity_failed" in flags_of(result["flags"]):
        notes.append(f"exposure logging of {experiment_id} broke: its baseline and traffic may be off")
    mature = [row["n_mature"] for row in arms]
    if None not in mature and sum(mature) < sum(row["n"] for row in arms):
        notes.append(f"not every unit's window in {experiment_id} has closed, so the baseline will still move")
    return tuple(notes)
