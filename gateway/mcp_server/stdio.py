"""MCP over this process's stdin and stdout: one client, one conversation, asked as whoever started the process."""

import sys
from collections.abc import AsyncIterator
from typing import BinaryIO, Final, cast

import anyio
import anyio.to_thread
from mcp.server.stdio import stdio_server

from gateway.mcp_server.calls import Context
from gateway.mcp_server.ending import told_to_stop
from gateway.mcp_server.opening import Build, Opening
from gateway.mcp_server.server import mcp_server
from gateway.service import Caller
from gateway.settings import Settings

CHANNEL: Final = "mcp.stdio"
LONGEST_LINE: Final = 4 * 1024 * 1024
"""Bytes of one message; a longer one is not kept, and not answered."""


def serve(settings: Settings, build: Build) -> int:
    """Serve until stdin ends or a signal comes. Returns the exit code."""
    opening = Opening(build)
    try:
        return anyio.run(_serve, settings, opening)
    finally:
        opening.close()


async def _serve(settings: Settings, opening: Opening) -> int:
    def who(_: Context) -> Caller:
        return Caller(settings.principal, settings.role, CHANNEL, settings.population)

    server = mcp_server(opening, who)
    codes = [0]

    async def stop_when_told(scope: anyio.CancelScope) -> None:
        codes.append(await told_to_stop())
        scope.cancel()

    async with anyio.create_task_group() as group:
        group.start_soon(stop_when_told, group.cancel_scope)
        async with stdio_server(stdin=cast("anyio.AsyncFile[str]", _Lines(sys.stdin.buffer))) as (read, write):
            await server.run(read, write, server.create_initialization_options())
        group.cancel_scope.cancel()
    return codes[-1]


class _Lines:
    """The lines of stdin, none of them longer than one may be; waiting for one keeps nobody from ending."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source

    async def __aiter__(self) -> AsyncIterator[str]:
        while line := await anyio.to_thread.run_sync(self._next, abandon_on_cancel=True):
            yield line.decode("utf-8", "replace")

    def _next(self) -> bytes:
        line = self._source.readline(LONGEST_LINE + 1)
        if len(line) <= LONGEST_LINE:
            return line
        while line and not line.endswith(b"\n"):
            line = self._source.readline(LONGEST_LINE)
        return b"\n"  # an empty line is no message, and says nothing
