"""The MCP server: tools, resources and prompts of one gateway, whatever transport carries them.

Who asks is the transport's to know (a token, or whoever started the process), and never the model's to say. Nothing
is decided here: a call goes to the gateway as it came, and its answer goes out as every agent gets it.
"""

import json
import logging
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache, lru_cache, partial
from typing import Any, Final

import anyio
import anyio.to_thread
import mcp_types as types
from mcp.server.caching import CacheableMethod, CacheHint
from mcp.server.context import CallNext, HandlerResult
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError
from pydantic import ValidationError

from gateway import __version__
from gateway.answer import Answer
from gateway.errors import GatewayError
from gateway.mcp_server import resources
from gateway.mcp_server.calls import Calls, Context
from gateway.mcp_server.completion import Experiments, completed
from gateway.mcp_server.opening import Opening
from gateway.mcp_server.prompts import PROMPTS, prompt, said
from gateway.service import Caller, Gateway
from gateway.tools import registry
from gateway.tools.agent import agent_payload, annotations, is_error, output_schema
from gateway.tools.schema import description, parameters

NAME: Final = "experiment-gateway"
_HEAD_START: Final = 0.05
"""Seconds that a first message gets before the gateway is put together: loading it would keep the greeting waiting."""
_FRESH: Final = CacheHint(ttl_ms=300_000, scope="private")
_FIXED: Final[tuple[CacheableMethod, ...]] = (
    "tools/list", "prompts/list", "resources/list", "resources/templates/list", "resources/read",
)  # fmt: skip
"""Lists that change with the contract only, and differ by role."""

_CLIMBS: Final = re.compile(
    r"[<>&\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff\U000e0000-\U000e0fff]"
)
"""What could pass for the end of the text, and what nobody sees: controls, joiners, marks of direction, tags."""

Who = Callable[[Context], Caller]
"""The caller behind a message, as its transport knows it."""

logger = logging.getLogger(__name__)


def mcp_server(opening: Opening, who: Who) -> Server[Any]:
    """A server on this gateway. It begins to open the gateway soon after it starts to serve."""
    handlers = _Handlers(opening, who)
    server: Server[Any] = Server(
        NAME,
        version=__version__,
        title="Experiment gateway",
        description="Governed answers about A/B tests.",
        instructions=said("instructions"),
        lifespan=handlers.lifespan,
        cache_hints=dict.fromkeys(_FIXED, _FRESH),
        get_tool_input_schema=_input_schema,
        on_list_tools=handlers.list_tools,
        on_call_tool=handlers.call_tool,
        on_list_resources=handlers.list_resources,
        on_list_resource_templates=handlers.list_resource_templates,
        on_read_resource=handlers.read_resource,
        on_list_prompts=handlers.list_prompts,
        on_get_prompt=handlers.get_prompt,
        on_completion=handlers.complete,
    )
    server.middleware.append(_without_insides)
    return server


class _Handlers:
    """What answers each kind of message, and what they share."""

    def __init__(self, opening: Opening, who: Who) -> None:
        self._opening = opening
        self._who = who
        self._calls = Calls()
        self._experiments = Experiments()

    @asynccontextmanager
    async def lifespan(self, _: Server[Any]) -> AsyncIterator[None]:
        async with anyio.create_task_group() as group:
            group.start_soon(self._open_soon)
            try:
                yield
            finally:
                self._calls.stop()
                group.cancel_scope.cancel()

    async def _open_soon(self) -> None:
        await anyio.sleep(_HEAD_START)
        self._opening.begin()

    async def list_tools(self, _ctx: Context, _params: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        return await anyio.to_thread.run_sync(_tools)  # the first time, it loads every tool

    async def call_tool(self, ctx: Context, params: types.CallToolRequestParams) -> types.CallToolResult:
        caller, arguments = self._who(ctx), params.arguments or {}
        try:
            gateway = await self._opening.gateway()
            work = partial(_called, gateway, params.name, arguments, caller)
            answer, result = await self._calls.run(ctx, caller.principal, work)
        except GatewayError as error:  # no gateway, or no record: then nothing is shown
            text = f"{error.message}{f' ({error.hint})' if error.hint else ''}"
            return _result(Answer(status="error", question=params.name, text=text))
        if params.name not in registry.TOOLS:
            raise MCPError(types.INVALID_PARAMS, f"Unknown tool: {answer.text}")
        return result

    async def list_resources(
        self, ctx: Context, _params: types.PaginatedRequestParams | None
    ) -> types.ListResourcesResult:
        gateway, caller = await self._known(ctx)
        return resources.listed(gateway.contract, caller.role)

    async def list_resource_templates(
        self, _ctx: Context, _params: types.PaginatedRequestParams | None
    ) -> types.ListResourceTemplatesResult:
        return resources.templates()

    async def read_resource(self, ctx: Context, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
        gateway, caller = await self._known(ctx)
        return resources.read(str(params.uri), gateway.contract, caller.role)

    async def list_prompts(
        self, _ctx: Context, _params: types.PaginatedRequestParams | None
    ) -> types.ListPromptsResult:
        return types.ListPromptsResult(prompts=[known.listed() for known in PROMPTS])

    async def get_prompt(self, _ctx: Context, params: types.GetPromptRequestParams) -> types.GetPromptResult:
        return prompt(params.name).filled(params.arguments or {})

    async def complete(self, ctx: Context, params: types.CompleteRequestParams) -> types.CompleteResult:
        gateway, caller = await self._known(ctx)
        experiments = partial(self._experiments.ids, gateway, caller)
        work = partial(completed, params, gateway.contract, caller.role, experiments)
        try:
            return types.CompleteResult(completion=await self._calls.run(ctx, caller.principal, work))
        except GatewayError as error:
            raise MCPError(types.INTERNAL_ERROR, error.message) from error

    async def _known(self, ctx: Context) -> tuple[Gateway, Caller]:
        """The gateway, and a caller whose role its contract has. Raises MCPError."""
        caller = self._who(ctx)
        try:
            gateway = await self._opening.gateway()
        except GatewayError as error:
            raise MCPError(types.INTERNAL_ERROR, error.message) from error
        if caller.role not in gateway.contract.roles:
            raise MCPError(types.INVALID_PARAMS, f"the contract has no role {caller.role!r}")
        return gateway, caller


@lru_cache(maxsize=64)
def _input_schema(name: str) -> dict[str, Any] | None:
    return parameters(registry.TOOLS[name]) if name in registry.TOOLS else None


@cache
def _tools() -> types.ListToolsResult:
    return types.ListToolsResult(
        tools=[
            types.Tool(
                name=tool.name,
                title=tool.title,
                description=description(tool),
                input_schema=_input_schema(tool.name) or {},
                output_schema=output_schema(),
                annotations=types.ToolAnnotations.model_validate(annotations(tool), by_name=False),
            )
            for tool in registry.TOOLS.values()
        ]
    )


def _called(
    gateway: Gateway, name: str, arguments: dict[str, Any], caller: Caller
) -> tuple[Answer, types.CallToolResult]:
    """One call through the audited path. The population of the settings stands in where the call names none."""
    takes = registry.TOOLS[name].arguments.model_fields if name in registry.TOOLS else {}
    if caller.population and "population" in takes:
        arguments = {"population": caller.population, **arguments}
    answer = gateway.call_tool(name, _writable(arguments), caller).answer
    return answer, _result(answer)


def _result(answer: Answer) -> types.CallToolResult:
    """The answer as structure, and the same as JSON text for clients that read no structure."""
    payload = agent_payload(answer)
    content = types.TextContent(text=_fenced(payload))
    return types.CallToolResult(content=[content], structured_content=payload, is_error=is_error(answer))


def _fenced(payload: dict[str, Any]) -> str:
    """As JSON, out of which no text from a database can climb: its marks of markup and unseen signs are spelt out."""
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    return _CLIMBS.sub(lambda sign: _spelt(sign[0]), text)


def _spelt(sign: str) -> str:
    """One character as JSON escapes it."""
    units = sign.encode("utf-16-be").hex()
    return "".join(f"\\u{units[place : place + 4]}" for place in range(0, len(units), 4))


def _writable(value: Any) -> Any:
    """Arguments without halves of surrogate pairs, which JSON can spell and no text can hold."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {_writable(key): _writable(item) for key, item in value.items()}
    return [_writable(item) for item in value] if isinstance(value, list) else value


async def _without_insides(ctx: Context, call_next: CallNext) -> HandlerResult:
    """A bug is told to the log, with its traceback, and to the client only as that: one call failed, others go on."""
    try:
        return await call_next(ctx)
    except (MCPError, ValidationError):
        raise
    except Exception as error:
        logger.exception("%s failed", ctx.method)
        raise MCPError(types.INTERNAL_ERROR, "internal error") from error
