"""Stands in for `gateway.tools.agent`."""

from typing import Any

from gateway.answer import Answer
from gateway.tools.base import Tool


def agent_payload(answer: Answer) -> dict[str, Any]:
    """The answer as JSON-ready values."""
    payload: dict[str, Any] = answer.model_dump(mode="json")
    return payload


def is_error(answer: Answer) -> bool:
    """Whether the call did not give what was asked for."""
    return answer.status in ("blocked", "error")


def annotations(tool: Tool[Any]) -> dict[str, Any]:
    """The tool's title and hints."""
    return {
        "title": tool.title,
        "readOnlyHint": True,
        "destructiveHint": False,
        "idempotentHint": True,
        "openWorldHint": False,
    }


def output_schema() -> dict[str, Any]:
    """JSON Schema of every payload."""
    return {"type": "object"}
