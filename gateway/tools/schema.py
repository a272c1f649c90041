"""Tools as an agent sees them: a name, a description, and a JSON Schema of the arguments without an idle word.

An agent pays for every token of every schema on every turn, so titles, defaults and the null that pydantic adds to
an optional argument are left out: an argument that is not required may simply be left away. Bounds are left out too,
and that no other argument is taken: a call that breaks one is told so, and hardly any does.
"""

from functools import cache
from importlib.resources import files
from typing import Any

from gateway.tools.base import Tool

_NULL = {"type": "null"}
_IDLE = frozenset({
    "title", "default", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength",
    "minItems", "maxItems", "additionalProperties",
})  # fmt: skip


def description(tool: Tool[Any]) -> str:
    """What the tool is for, what to call before it and what not to do with it: `prompts/NAME.md`, on one line."""
    return " ".join(_prompt(tool.name).split())


def parameters(tool: Tool[Any]) -> dict[str, Any]:
    """JSON Schema of the arguments."""
    schema = tool.arguments.model_json_schema()
    definitions = schema.pop("$defs", {})
    schema.pop("description", None)  # the model's docstring: for who reads the code
    return {"type": "object", "properties": {}} | _lean(schema, definitions)


def openai_function(tool: Tool[Any]) -> dict[str, Any]:
    """The tool in the shape of OpenAI's `tools` parameter (chat completions)."""
    return {
        "type": "function",
        "function": {"name": tool.name, "description": description(tool), "parameters": parameters(tool)},
    }


@cache
def _prompt(name: str) -> str:
    return files("gateway.tools").joinpath("prompts", f"{name}.md").read_text("utf-8")


def _lean(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """The schema without idle words, references resolved, and `anyOf … null` as what it is when given."""
    if "$ref" in schema:
        return _lean(definitions[schema["$ref"].rsplit("/", 1)[-1]], definitions)
    given = [option for option in schema.get("anyOf", ()) if option != _NULL]
    if len(given) == 1:
        return _lean({**{name: value for name, value in schema.items() if name != "anyOf"}, **given[0]}, definitions)
    if _NULL in schema.get("anyOf", ()):
        schema = {**schema, "anyOf": given}
    lean: dict[str, Any] = {}
    for name, value in schema.items():
        if name == "properties":
            lean[name] = {key: _lean(item, definitions) for key, item in value.items()}
        elif name not in _IDLE:
            lean[name] = _leaned(value, definitions)
    return lean


def _leaned(value: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return _lean(value, definitions)
    return [_leaned(item, definitions) for item in value] if isinstance(value, list) else value
