"""Short forms for what a question should become: tool calls, a question back, or a refusal."""

from typing import Any

from gateway.ask.plan import OfflinePlanner
from gateway.ports import Plan, ToolCall
from tests.ask.world import vocabulary


def ask(question: str, focus: dict[str, Any] | None = None, population: str | None = "itt") -> Plan:
    return OfflinePlanner(vocabulary(), population).plan(question, focus or {})


def results(
    experiment: str, *metrics: str, arms: tuple[str, ...] = (), population: str = "itt", level: float | None = None
) -> ToolCall:
    arguments: dict[str, Any] = {"experiment_id": experiment, "population": population}
    if metrics:
        arguments["metric_ids"] = list(metrics)
    if arms:
        arguments["variation_ids"] = list(arms)
    if level:
        arguments["level"] = level
    return ToolCall("experiment_results", arguments)


def segment(
    experiment: str, metric: str, dimension: str, value: str | None = None, population: str = "itt", **more: Any
) -> ToolCall:
    arguments: dict[str, Any] = {
        "experiment_id": experiment,
        "population": population,
        "metric_id": metric,
        "dimension": dimension,
    }
    if value is not None:
        arguments["dimension_value"] = value
    return ToolCall("experiment_segments", {**arguments, **more})


def decision(experiment: str, population: str = "itt", **more: Any) -> ToolCall:
    return ToolCall("experiment_decision", {"experiment_id": experiment, "population": population, **more})


def health(experiment: str, **more: Any) -> ToolCall:
    return ToolCall("experiment_health", {"experiment_id": experiment, "population": "itt", **more})


def trend(experiment: str, metric: str) -> ToolCall:
    return ToolCall("experiment_trend", {"experiment_id": experiment, "population": "itt", "metric_id": metric})


def rank(metric: str | None = None, by: str = "lift", order: str = "best", **more: Any) -> ToolCall:
    named = {"metric_id": metric} if metric else {}
    return ToolCall("rank_experiments", {"population": "itt", "by": by, "order": order, **named, **more})


def about(experiment: str) -> ToolCall:
    columns = ["experiment_id", "name", "status", "started_at", "ended_at", "hypothesis", "description"]
    filters = [["experiment_id", "=", experiment]]
    return ToolCall("query_marts", {"asset": "dim_experiments", "columns": columns, "filters": filters})


def tool(name: str, **arguments: Any) -> ToolCall:
    return ToolCall(name, arguments)
