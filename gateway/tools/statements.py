"""Statements and semantic queries: free in form, and through the same guard as everything else."""

from typing import Literal

from pydantic import Field

from gateway.answer import Table
from gateway.guard import Refused
from gateway.ports import RefusedError
from gateway.semantic.request import SemanticRequest
from gateway.tools.base import Arguments, Tool, ToolContext, ToolResult, table_of
from gateway.tools.permission import Action
from gateway.tools.reading import missing

Operator = Literal["=", "!=", "<", "<=", ">", ">=", "in", "not_in", "is_null", "not_null", "like", "between"]
Value = str | int | float | bool | None | list[str | int | float | bool]


class QueryMartsArguments(Arguments):
    asset: str
    columns: tuple[str, ...] = Field(min_length=1)
    filters: tuple[tuple[str, Operator, Value], ...] = ()
    order_by: tuple[tuple[str, Literal["asc", "desc"]], ...] = ()
    limit: int | None = Field(default=None, ge=1)


def query_marts(ctx: ToolContext, arguments: QueryMartsArguments) -> ToolResult:
    """Columns of one mart, filtered and ordered. A mart that the role does not have is not there for it."""
    visible = ctx.contract.visible_to(ctx.policy.role)
    if arguments.asset not in visible:
        raise missing("mart", arguments.asset, visible)
    request = SemanticRequest(
        asset=arguments.asset,
        columns=arguments.columns,
        filters=tuple(
            (column, operator, tuple(value) if isinstance(value, list) else value)
            for column, operator, value in arguments.filters
        ),
        order_by=arguments.order_by,
        limit=arguments.limit,
    )
    return ToolResult(table=table_of(ctx.query_as_asked(request)))


class StatementArguments(Arguments):
    statement: str


def run_sql(ctx: ToolContext, arguments: StatementArguments) -> ToolResult:
    """Check a statement and run what was approved of it."""
    rows = ctx.run(arguments.statement)
    warnings = tuple(ctx.queries[-1].info.warnings)
    if rows.truncated:
        warnings += (
            f"cut at {len(rows.rows):,} rows, the limit of role {ctx.policy.role!r}: filter, aggregate or add LIMIT",
        )
    return ToolResult(table=table_of(rows), warnings=warnings)


def check_sql(ctx: ToolContext, arguments: StatementArguments) -> ToolResult:
    """The verdict on a statement; runs nothing. Raises RefusedError with every reason."""
    decision = ctx.check(arguments.statement)
    if isinstance(decision, Refused):
        raise RefusedError(decision)
    return ToolResult(
        table=Table(columns=["approved"], rows=[[decision.sql]]),
        warnings=tuple(warning.message for warning in decision.warnings),
    )


TOOLS = (
    Tool("query_marts", "Semantic query", QueryMartsArguments, query_marts),
    Tool("run_sql", "Run a statement", StatementArguments, run_sql, frozenset({Action.STATEMENT})),
    Tool("check_sql", "Check a statement", StatementArguments, check_sql, frozenset({Action.STATEMENT})),
)
