"""What a tool may do is one value: its context enforces it, and the hints that agents read follow from it."""

import pytest

from gateway.semantic.request import SemanticRequest
from gateway.tools import registry
from gateway.tools.agent import annotations
from gateway.tools.base import Arguments, Tool, ToolContext, ToolResult
from gateway.tools.permission import NOTHING, Action, hints
from tests.conftest import Demo

METRICS = SemanticRequest(asset="dim_metrics", columns=("metric_id",))


def trying(may: frozenset[Action], attempt: str) -> Tool[Arguments]:
    """A tool that does one thing, whatever it was permitted."""

    def run(ctx: ToolContext, _: Arguments) -> ToolResult:
        if attempt == "query":
            ctx.query_all(METRICS)
        elif attempt == "run":
            ctx.run("select metric_id from dim_metrics")
        else:
            ctx.check("select metric_id from dim_metrics")
        return ToolResult()

    return Tool("trying", "Trying", Arguments, run, may)


@pytest.mark.parametrize("attempt", ["query", "run", "check"])
@pytest.mark.parametrize("may", [NOTHING, {Action.QUERY}, {Action.STATEMENT}, set(Action)])
def test_a_tool_does_what_it_may_and_nothing_else(demo: Demo, may: set[Action], attempt: str) -> None:
    ctx = demo.context()
    needed = Action.QUERY if attempt == "query" else Action.STATEMENT
    tool = trying(frozenset(may), attempt)
    if needed in may:
        tool(ctx, {})
        assert len(ctx.queries) == 1
    else:
        with pytest.raises(PermissionError, match=f"this tool may not {needed}"):
            tool(ctx, {})
        assert ctx.queries == []


@pytest.mark.parametrize("tool", registry.TOOLS.values(), ids=lambda tool: tool.name)
def test_every_tool_is_told_as_read_only_repeatable_and_closed(tool: Tool[Arguments]) -> None:
    assert annotations(tool) == {
        "title": tool.title,
        "readOnlyHint": True,
        "destructiveHint": False,
        "idempotentHint": True,
        "openWorldHint": False,
    }


@pytest.mark.parametrize(
    ("changes", "hint", "told"),
    [
        ({"changes": True}, "readOnlyHint", False),
        ({"changes": True, "destroys": True}, "destructiveHint", True),
        ({"repeatable": False}, "idempotentHint", False),
        ({"reaches_out": True}, "openWorldHint", True),
    ],
)
def test_a_hint_follows_what_an_action_means(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, bool], hint: str, told: bool
) -> None:
    assert hints({Action.QUERY})[hint] is not told
    for name, value in changes.items():
        monkeypatch.setattr(Action.QUERY, name, value)
    assert hints({Action.QUERY, Action.STATEMENT})[hint] is told
    assert hints({Action.STATEMENT})[hint] is not told
