"""Statements: free in form, and through the same guard as everything else."""

from pydantic import Field

from gateway.answer import Table
from gateway.guard import Refused
from gateway.ports import RefusedError
from gateway.semantic.model import Dialect
from gateway.tools.base import Arguments, Tool, ToolContext, ToolResult, table_of
from gateway.tools.permission import Action


class StatementArguments(Arguments):
    statement: str
    dialect: Dialect | None = None
    explain: bool = Field(default=False, description="only check, run nothing")


def run_sql(ctx: ToolContext, arguments: StatementArguments) -> ToolResult:
    """Check a statement and run what was approved of it; with `explain`, only check. Raises RefusedError with every
    reason."""
    if arguments.explain:
        return _explained(ctx, arguments)
    rows = ctx.run(arguments.statement, arguments.dialect or "")
    warnings = tuple(ctx.queries[-1].info.warnings)
    if rows.truncated:
        warnings += (
            f"cut at {len(rows.rows):,} rows, the limit of {ctx.limiter(rows)[0]}: filter, aggregate or add LIMIT",
        )
    return ToolResult(table=table_of(rows), warnings=warnings)


def _explained(ctx: ToolContext, arguments: StatementArguments) -> ToolResult:
    decision = ctx.check(arguments.statement, arguments.dialect or "")
    if isinstance(decision, Refused):
        raise RefusedError(decision)
    return ToolResult(
        table=Table(columns=["approved"], rows=[[decision.sql]]),
        warnings=tuple(warning.message for warning in decision.warnings),
    )


TOOLS = (Tool("run_sql", "Run a statement", StatementArguments, run_sql, frozenset({Action.STATEMENT})),)
