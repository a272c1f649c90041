"""MCP over streamable HTTP, for clients that hold a token."""

import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

import anyio
import uvicorn
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

from gateway.errors import EngineError
from gateway.mcp_server.address import Address, security
from gateway.mcp_server.door import PATH, Callers, Door
from gateway.mcp_server.ending import told_to_stop
from gateway.mcp_server.opening import Build, Opening
from gateway.mcp_server.server import mcp_server
from gateway.mcp_server.tokens import Tokens
from gateway.settings import Settings

LARGEST_BODY: Final = 1024 * 1024
"""Bytes of one request."""
_LETTING_GO: Final = 2
"""Seconds that connections get to end when the server does."""


def serve(settings: Settings, build: Build, address: Address, listening: Callable[[str], None]) -> int:
    """Serve until a signal comes; `listening` is told the URL. Returns the exit code."""
    opening = Opening(build)
    try:
        return anyio.run(_serve, settings, opening, address, listening)
    finally:
        opening.close()


async def _serve(settings: Settings, opening: Opening, address: Address, listening: Callable[[str], None]) -> int:
    async with running(settings, opening, address) as url:
        listening(url)
        return await told_to_stop()


@asynccontextmanager
async def running(settings: Settings, opening: Opening, address: Address) -> AsyncIterator[str]:
    """A server that serves while inside, and its URL. Raises UsageError for a door that would stand open."""
    address.require_safe()
    with _listener(address) as listener:
        port = listener.getsockname()[1]
        expected = security(address, port)
        manager = StreamableHTTPSessionManager(
            mcp_server(opening, Callers(settings)), security_settings=expected, max_request_body_size=LARGEST_BODY
        )
        door = Door(manager, expected, Tokens(settings.home) if address.auth else None)
        config = uvicorn.Config(
            door, log_config=None, access_log=False, lifespan="off", ws="none", server_header=False,
            timeout_graceful_shutdown=_LETTING_GO,
        )  # fmt: skip
        server = _Server(config)
        async with anyio.create_task_group() as group, manager.run():
            group.start_soon(server.serve, [listener])
            try:
                yield f"http://{address.written}:{port}{PATH}"
            finally:
                server.should_exit = True  # and with the manager its sessions end, and their calls


@contextmanager
def _listener(address: Address) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        listener = socket.create_server((address.host, address.port), family=family, backlog=256)
    except OSError as error:
        raise EngineError(
            f"{address.host}:{address.port} can't be listened on: {error.strerror or error}", hint="--port N"
        ) from error
    with listener:
        # Connections inherit it. asyncio would set it, but not on those of a listener that it did not open: a body
        # would then wait 40 ms for the client to confirm its headers.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield listener


class _Server(uvicorn.Server):
    """Leaves the signals to us: the exit code is ours to say."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
