"""The registry: every tool there is, by name. The CLI, the planners and the agents' doors all render this.

A family's module is imported when one of its tools is first wanted: most requests need one.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from gateway.errors import Misfit, UsageError
from gateway.tools.base import Tool, ToolContext, ToolResult

_FAMILIES = {
    "catalogue": ("list_experiments", "list_metrics", "describe_marts"),
    "health": ("experiment_health",),
    "results": ("experiment_results", "experiment_segments", "rank_experiments"),
    "trend": ("experiment_trend",),
    "decision": ("experiment_decision",),
    "planning": ("plan_experiment",),
    "comparing": ("compare_arms",),
    "querying": ("query_marts",),
    "statements": ("run_sql",),
}
_HOME = {name: family for family, names in _FAMILIES.items() for name in names}


class _Registry(Mapping[str, Tool[Any]]):
    """The tools by name, in the order in which they are listed."""

    def __getitem__(self, name: str) -> Tool[Any]:
        family = import_module(f"gateway.tools.{_HOME[name]}")
        tools: tuple[Tool[Any], ...] = family.TOOLS
        return next(tool for tool in tools if tool.name == name)

    def __iter__(self) -> Iterator[str]:
        return iter(_HOME)

    def __len__(self) -> int:
        return len(_HOME)


TOOLS: Mapping[str, Tool[Any]] = _Registry()


def tool(name: str) -> Tool[Any]:
    """The tool of this name. Raises UsageError that names those there are."""
    if name not in TOOLS:
        from difflib import get_close_matches  # only on the way to an error

        names = sorted(TOOLS)
        message = f"no tool named {name!r}"
        close = tuple(get_close_matches(name, names, n=3)) or tuple(names)
        raise UsageError(
            message, hint=f"there is: {', '.join(names)}", misfits=(Misfit(name, message, close, "unknown_name"),)
        )
    return TOOLS[name]


def call(name: str, arguments: Mapping[str, Any], ctx: ToolContext) -> ToolResult:
    """Call one tool. Raises UsageError for a name or arguments that are not in the registry."""
    return tool(name)(ctx, arguments)


__all__ = ["TOOLS", "ToolContext", "ToolResult", "call", "tool"]
