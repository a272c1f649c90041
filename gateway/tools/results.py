"""Effects: of an experiment, of a segment, and which experiments moved a metric the most."""

from typing import Annotated, Any, Literal

from pydantic import Field

from gateway.answer import Evidence, Table
from gateway.semantic.request import SemanticRequest
from gateway.tools.base import Arguments, Population, Tool, ToolContext, ToolResult
from gateway.tools.levels import DEFAULT_LEVEL, at_level
from gateway.tools.reading import evidence_of, missing, require_rows, results

Level = Annotated[float, Field(ge=0.5, lt=1.0, description="of the intervals; default 0.95")]


class ResultsArguments(Arguments):
    experiment_id: str
    population: Population
    metric_ids: tuple[str, ...] = ()
    variation_ids: tuple[str, ...] = ()
    level: Level = DEFAULT_LEVEL


def experiment_results(ctx: ToolContext, arguments: ResultsArguments) -> ToolResult:
    """Each treatment against control on the metrics asked for, primary metrics first."""
    rows = results(
        ctx,
        arguments.population,
        experiment_id=arguments.experiment_id,
        metric_ids=arguments.metric_ids,
        variation_ids=arguments.variation_ids,
    )
    wanted = {"metric_id": arguments.metric_ids, "variation_id": arguments.variation_ids}
    require_rows(ctx, rows, arguments.experiment_id, wanted)
    return ToolResult(evidence=at_level(ctx, rows, arguments.level))


class SegmentArguments(Arguments):
    experiment_id: str
    population: Population
    metric_id: str
    dimension: str
    dimension_value: str | None = None
    variation_ids: tuple[str, ...] = ()
    level: Level = DEFAULT_LEVEL


def experiment_segments(ctx: ToolContext, arguments: SegmentArguments) -> ToolResult:
    """The effect within each value of one dimension, p-values corrected over the cells."""
    rows = results(
        ctx,
        arguments.population,
        experiment_id=arguments.experiment_id,
        metric_ids=(arguments.metric_id,),
        variation_ids=arguments.variation_ids,
        dimension=arguments.dimension,
        dimension_value=arguments.dimension_value,
    )
    wanted = {
        "metric_id": (arguments.metric_id,),
        "variation_id": arguments.variation_ids,
        "dimension": (arguments.dimension,),
        "dimension_value": () if arguments.dimension_value is None else (arguments.dimension_value,),
    }
    require_rows(ctx, rows, arguments.experiment_id, wanted)
    note = "P-values are corrected over the cells of this breakdown (Holm)."
    return ToolResult(evidence=at_level(ctx, rows, arguments.level), text=note)


class RankArguments(Arguments):
    population: Population
    metric_id: str | None = None
    by: Literal["lift", "difference", "chance_to_win"] = "lift"
    order: Literal["best", "worst"] = "best"
    limit: int = Field(default=10, ge=1, le=100)


def rank_experiments(ctx: ToolContext, arguments: RankArguments) -> ToolResult:
    """Treatments of all experiments, by their effect on one metric; without one, each by its primary metric.

    "Best" means in the metric's desired direction. Where inference is not computable, the relative lift is withheld,
    or the result cannot be trusted (sample ratio mismatch, broken exposure), a treatment is listed but not ranked.
    """
    metric_ids = (arguments.metric_id,) if arguments.metric_id else ()
    rows = results(ctx, arguments.population, metric_ids=metric_ids)
    if not rows and arguments.metric_id:
        known = ctx.query(SemanticRequest(asset="dim_metrics", columns=("metric_id",))).rows
        raise missing("metric", arguments.metric_id, (row[0] for row in known))
    if not metric_ids:
        rows = [row for row in rows if row["metric_role"] == "primary"]
    judged = [(_merit(row, item, arguments.by), item) for row, item in ((row, evidence_of(row)) for row in rows)]
    ranked = [(merit, item) for merit, item in judged if merit is not None and item.verdict != "unreliable"]
    ranked.sort(key=lambda place: place[0], reverse=arguments.order == "best")
    shown = [item for _, item in ranked[: arguments.limit]]
    left_out = [item for merit, item in judged if merit is None or item.verdict == "unreliable"]
    return ToolResult(
        evidence=(*shown, *(item for item in left_out if item.verdict == "unreliable")),
        table=_ranking(shown, left_out),
        warnings=(*_further(len(ranked), arguments.limit), *_left_out(left_out)),
    )


def _further(ranked: int, limit: int) -> tuple[str, ...]:
    return (f"the first {limit} of {ranked} ranked results; `limit` shows more",) if ranked > limit else ()


def _merit(row: dict[str, Any], item: Evidence, by: str) -> float | None:
    """How good the effect that is shown is: larger is better, whatever the metric's desired direction."""
    if by == "chance_to_win":  # already flipped where lower is better
        return item.chance_to_win
    value = item.lift.value if by == "lift" else item.difference.value
    if value is None:
        return None
    return -value if row["desired"] == "decrease" else value


_RANKING = (
    "rank", "experiment_id", "variation_id", "metric_id", "lift", "ci_low", "ci_high", "basis", "chance_to_win",
    "verdict",
)  # fmt: skip


def _ranking(shown: list[Evidence], left_out: list[Evidence]) -> Table:
    ranks = [*range(1, len(shown) + 1), *(None for _ in left_out)]
    rows = [
        [rank, item.experiment_id, item.variation_id, item.metric_id, item.lift.value, item.lift.ci_low,
         item.lift.ci_high, item.basis, item.chance_to_win, item.verdict]
        for rank, item in zip(ranks, [*shown, *left_out], strict=True)
    ]  # fmt: skip
    return Table(columns=list(_RANKING), rows=[list(row) for row in rows])


def _left_out(items: list[Evidence]) -> tuple[str, ...]:
    unreliable = sorted({item.experiment_id for item in items if item.verdict == "unreliable"})
    others = [item for item in items if item.verdict != "unreliable"]
    empty = sorted({item.experiment_id for item in others if item.not_computable})
    unbounded = sorted({item.experiment_id for item in others if not item.not_computable})
    notes = []
    if unreliable:
        notes.append(f"not ranked, because the result cannot be trusted: {', '.join(unreliable)}")
    if empty:
        notes.append(f"not ranked, because inference is not computable: {', '.join(empty)}")
    if unbounded:
        notes.append(f"not ranked, because the relative lift has no bounded interval: {', '.join(unbounded)}")
    return tuple(notes)


TOOLS = (
    Tool("experiment_results", "Effects of an experiment", ResultsArguments, experiment_results),
    Tool("experiment_segments", "Effects within segments", SegmentArguments, experiment_segments),
    Tool("rank_experiments", "Ranking of experiments", RankArguments, rank_experiments),
)
