"""The registry: every tool there is, by name. The CLI, the planners and the agents' doors all render this."""

from collections.abc import Mapping
from typing import Any

from gateway.errors import UsageError
from gateway.tools import catalogue, decision, health, results, statements, trend
from gateway.tools.base import Tool, ToolContext, ToolResult

TOOLS: dict[str, Tool[Any]] = {
    tool.name: tool for family in (catalogue, health, results, trend, decision, statements) for tool in family.TOOLS
}


def call(name: str, arguments: Mapping[str, Any], ctx: ToolContext) -> ToolResult:
    """Call one tool. Raises UsageError for a name or arguments that are not in the registry."""
    if name not in TOOLS:
        raise UsageError(f"no tool named {name!r}", hint=f"there is: {', '.join(sorted(TOOLS))}")
    return TOOLS[name](ctx, arguments)


__all__ = ["TOOLS", "ToolContext", "ToolResult", "call"]
