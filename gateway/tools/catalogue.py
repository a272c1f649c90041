"""What there is to ask about: experiments, metrics, marts."""

from typing import Literal

from gateway.answer import Cell, Table
from gateway.semantic.publish import grain_in_words
from gateway.semantic.request import SemanticRequest
from gateway.tools.base import Arguments, Tool, ToolContext, ToolResult, table_of
from gateway.tools.permission import NOTHING
from gateway.tools.reading import equal, missing, require, role_order


class ListExperimentsArguments(Arguments):
    status: Literal["running", "ended"] | None = None
    search: str = ""


def list_experiments(ctx: ToolContext, arguments: ListExperimentsArguments) -> ToolResult:
    """Experiments with status, dates, variations and primary metric; `search` looks in ids, names and descriptions."""
    columns = (
        "experiment_id", "name", "status", "started_at", "ended_at", "n_variations", "primary_metric_id", "description",
    )  # fmt: skip
    filters = equal(status=arguments.status) if arguments.status else ()
    request = SemanticRequest(
        asset="dim_experiments", columns=columns, filters=filters, order_by=(("experiment_id", "asc"),)
    )
    table = table_of(ctx.query(request))
    needle = arguments.search.casefold()
    searched = [table.columns.index(name) for name in ("experiment_id", "name", "description")]
    found = [row for row in table.rows if any(needle in str(row[place] or "").casefold() for place in searched)]
    return ToolResult(table=table.with_rows(found))


class ListMetricsArguments(Arguments):
    experiment_id: str = ""


def list_metrics(ctx: ToolContext, arguments: ListMetricsArguments) -> ToolResult:
    """Metrics of one experiment as it uses them, primary first, or the catalogue of all."""
    if not arguments.experiment_id:
        if "dim_metrics" not in ctx.contract.visible_to(ctx.policy.role):
            return ToolResult(table=_of_the_contract(ctx))
        columns: tuple[str, ...] = ("metric_id", "label", "aggregation", "desired", "unit", "description")
        request = SemanticRequest(asset="dim_metrics", columns=columns, order_by=(("metric_id", "asc"),))
        return ToolResult(table=table_of(ctx.query(request)))
    require(ctx, arguments.experiment_id)
    columns = ("metric_id", "label", "role", "aggregation", "desired", "window_days", "noninferiority_margin")
    request = SemanticRequest(
        asset="dim_experiment_metrics",
        columns=columns,
        filters=equal(experiment_id=arguments.experiment_id),
        order_by=(("metric_id", "asc"),),
    )
    table = table_of(ctx.query(request))
    place = columns.index("role")
    ordered = sorted(table.rows, key=lambda row: role_order(str(row[place])))
    return ToolResult(table=table.with_rows(ordered))


def _of_the_contract(ctx: ToolContext) -> Table:
    """The metrics that the contract names, where no mart holds them."""
    rows: list[list[Cell]] = [
        [name, metric.label, metric.aggregation, metric.desired, metric.unit, metric.description]
        for name, metric in ctx.contract.metrics.items()
    ]
    return Table(columns=["metric_id", "label", "aggregation", "desired", "unit", "description"], rows=rows)


class DescribeMartsArguments(Arguments):
    asset: str = ""


def describe_marts(ctx: ToolContext, arguments: DescribeMartsArguments) -> ToolResult:
    """The marts this role may ask, or the columns of one: from the contract, without touching the database."""
    visible = ctx.contract.visible_to(ctx.policy.role)
    if not arguments.asset:
        rows: list[list[Cell]] = [[name, grain_in_words(asset), asset.description] for name, asset in visible.items()]
        return ToolResult(table=Table(columns=["asset", "grain", "description"], rows=rows))
    if arguments.asset not in visible:
        raise missing("mart", arguments.asset, visible)
    asset = visible[arguments.asset]
    rows = [
        [name, column.type, column.role, column.access, column.description]
        for name, column in asset.columns.items()
        if column.access != "hidden"
    ]
    pins = f"Fix or group by {', '.join(asset.pins)} wherever it is read." if asset.pins else ""
    return ToolResult(table=Table(columns=["column", "type", "role", "access", "description"], rows=rows), text=pins)


TOOLS = (
    Tool("list_experiments", "Experiments", ListExperimentsArguments, list_experiments),
    Tool("list_metrics", "Metrics", ListMetricsArguments, list_metrics),
    Tool("describe_marts", "Marts and their columns", DescribeMartsArguments, describe_marts, NOTHING),
)
