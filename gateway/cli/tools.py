"""`gateway tools`: the registry as an agent sees it, from the command line."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli.options import AsJson, Population, Role
from gateway.cli.output import emit, emit_json, show_table
from gateway.cli.session import argument_text, caller, errors_as_json, opened, session
from gateway.errors import UsageError

if TYPE_CHECKING:
    from gateway.tools.base import Tool

app = typer.Typer(
    help="The tools that agents call: list them, print their schemas, call one.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Name = Annotated[str, typer.Argument(help="The tool's name.", metavar="TOOL")]
Given = Annotated[
    list[str] | None,
    typer.Argument(help="name=value …, or one JSON object; - reads the object from stdin.", metavar="ARGUMENTS"),
]


@app.command("list")
def list_tools(as_json: AsJson = False) -> None:
    """Each tool with what it is for."""
    from gateway.tools import registry
    from gateway.tools.schema import description

    rows = [[tool.name, description(tool)] for tool in registry.TOOLS.values()]
    if as_json:
        emit_json([{"name": name, "description": text} for name, text in rows])
    else:
        emit(show_table(["tool", "what it is for"], rows))


@app.command("schema")
def schema(name: Annotated[str, typer.Argument(help="One tool; all without it.", metavar="[TOOL]")] = "") -> None:
    """OpenAI function schemas, as JSON: what the `tools` parameter of a chat completion takes."""
    from gateway.tools import registry
    from gateway.tools.schema import openai_function

    emit_json(openai_function(_tool(name)) if name else [openai_function(tool) for tool in registry.TOOLS.values()])


@app.command("call")
def call(ctx: typer.Context, name: Name, given: Given = None, population: Population = None, role: Role = None) -> int:
    """Call one tool through the same path as everything else; prints the answer's wire shape."""
    current = session(ctx)
    with errors_as_json(name, wanted=True):
        tool = _tool(name)
        arguments = _arguments(tool, given or [])
        settings = current.settings(population=population, role=role)
        if "population" in tool.arguments.model_fields and settings.population:
            arguments = {"population": settings.population, **arguments}
        with opened(settings) as gateway:
            reply = gateway.call_tool(name, arguments, caller(settings, "cli.tools"))
    from gateway.tools.agent import agent_payload

    emit_json(agent_payload(reply.answer))
    return reply.exit_code


def _tool(name: str) -> "Tool[Any]":
    from gateway.tools import registry

    return registry.tool(name)


def _arguments(tool: "Tool[Any]", given: list[str]) -> dict[str, Any]:
    """Arguments from `name=value` pairs, or from one JSON object. Raises UsageError for what is neither."""
    if len(given) == 1 and (given[0] == "-" or given[0].lstrip().startswith("{")):
        return _object(argument_text(given[0]))
    from gateway.tools.schema import parameters

    schemas = parameters(tool)["properties"]
    arguments: dict[str, Any] = {}
    for pair in given:
        name, equals, text = pair.partition("=")
        if not equals:
            raise UsageError(
                f"{pair!r} is not an argument of a tool",
                hint=f"{tool.name} takes name=value: {', '.join(tool.arguments.model_fields) or 'none'}",
            )
        arguments[name] = text if schemas.get(name, {}).get("type") == "string" else _value(text)
    return arguments


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise UsageError(f"the arguments are not JSON: {error}", hint='like {"experiment_id": "…"}') from error
    if not isinstance(found, dict):
        raise UsageError(f"the arguments are {text[:40]}, not a JSON object", hint='like {"experiment_id": "…"}')
    return found


def _value(text: str) -> Any:
    """JSON where it is JSON: a number, true, a list; otherwise the text, for the tool to judge."""
    try:
        return json.loads(text)
    except ValueError:
        return text
