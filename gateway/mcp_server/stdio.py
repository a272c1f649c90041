"""MCP over this process's stdin and stdout: one client, one conversation, asked as whoever started the process."""

import asyncio
import os
import sys
import threading
import uuid
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import BinaryIO, Final, cast

import anyio
from mcp.server.stdio import stdio_server

from gateway.mcp_server.ending import told_to_stop
from gateway.mcp_server.opening import Build, Opening
from gateway.mcp_server.server import mcp_server
from gateway.service import Caller
from gateway.settings import Settings

CHANNEL: Final = "mcp.stdio"
LONGEST_LINE: Final = 4 * 1024 * 1024
"""Bytes of one message; a longer one is not kept, and not answered."""
_AHEAD: Final = 64
"""Lines that are read before those ahead of them are understood."""


def serve(settings: Settings, build: Build) -> int:
    """Serve until stdin ends, nobody reads stdout any more, or a signal comes. Returns the exit code."""
    opening = Opening(build)
    code = 0
    try:
        code = anyio.run(_serve, settings, opening)
    except* BrokenPipeError:
        pass
    finally:
        opening.close()
    return code


async def _serve(settings: Settings, opening: Opening) -> int:
    conversation = f"{CHANNEL} {uuid.uuid4().hex}"
    caller = Caller(settings.principal, settings.role, CHANNEL, settings.population, conversation)
    server = mcp_server(opening, lambda _: caller)
    codes = [0]

    async def stop_when_told(scope: anyio.CancelScope) -> None:
        codes.append(await told_to_stop())
        scope.cancel()

    async with anyio.create_task_group() as group:
        group.start_soon(stop_when_told, group.cancel_scope)
        lines = cast("anyio.AsyncFile[str]", _Lines(_stdin()))
        async with stdio_server(stdin=lines) as (read, write):
            await server.run(read, write, server.create_initialization_options())
        group.cancel_scope.cancel()
    return codes[-1]


def _stdin() -> BinaryIO:
    """Another handle on stdin, which is never closed: closing it would wait for the thread that reads it."""
    return os.fdopen(os.dup(sys.stdin.fileno()), "rb")


class _Lines:
    """The lines of stdin, none of them longer than one may be.

    Read by a thread of its own, which nobody waits for: a server that was told to stop ends though its client keeps
    the pipe open and says nothing.
    """

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._read: asyncio.Queue[bytes] = asyncio.Queue()
        self._room = threading.Semaphore(_AHEAD)

    async def __aiter__(self) -> AsyncIterator[str]:
        arguments = (asyncio.get_running_loop(),)
        threading.Thread(target=self._work, args=arguments, name="gateway-stdin", daemon=True).start()
        while line := await self._read.get():
            self._room.release()
            yield line.decode("utf-8", "replace")

    def _work(self, loop: asyncio.AbstractEventLoop) -> None:
        line = b"-"
        with suppress(RuntimeError):  # the loop is closed: nobody reads any more
            while line:
                self._room.acquire()
                line = self._next()
                loop.call_soon_threadsafe(self._read.put_nowait, line)

    def _next(self) -> bytes:
        line = self._source.readline(LONGEST_LINE + 1)
        if len(line) <= LONGEST_LINE:
            return line
        while line and not line.endswith(b"\n"):
            line = self._source.readline(LONGEST_LINE)
        return b"\n"  # an empty line is no message, and says nothing
