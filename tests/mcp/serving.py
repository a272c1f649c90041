"""Servers under test: in processes of their own as clients start them, or in the test's own event loop.

An engine is slow where a test needs it to be: the real one, on which a statement about the experiment `slow` never
ends. It says when it has started one, so that nothing is waited for by the clock.
"""

import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Semaphore
from typing import Any

import anyio
import anyio.to_thread
import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from gateway.adapters.duckdb_engine import DuckDBEngine
from gateway.errors import EngineError
from gateway.guard import Approved
from gateway.guard.decision import _mint
from gateway.mcp_server.address import Address
from gateway.mcp_server.http import running
from gateway.mcp_server.opening import Opening
from gateway.ports import Rows
from gateway.service import Gateway
from gateway.settings import Settings
from gateway.wiring import build
from tests.adapters.engines import ENDLESS

ERAS = ("legacy", "2026-07-28")
"""How a client opens: by the handshake, or by saying its version with each request."""
SLOW = {"statement": "select count(*) as n from dim_experiments where experiment_id = 'slow'"}
RESULTS = {"experiment_id": "one_page_checkout", "population": "itt"}


@dataclass
class Slowness:
    """What came of the slow statements."""

    started: Semaphore = field(default_factory=lambda: Semaphore(0))
    ended: Semaphore = field(default_factory=lambda: Semaphore(0))
    errors: list[EngineError] = field(default_factory=list)

    async def wait_started(self) -> None:
        """Until one more has started."""
        assert await anyio.to_thread.run_sync(partial(self.started.acquire, timeout=30))

    async def wait_ended(self) -> EngineError:
        """Until one more has ended, and what ended it."""
        assert await anyio.to_thread.run_sync(partial(self.ended.acquire, timeout=30))
        return self.errors[-1]


class SlowEngine(DuckDBEngine):
    """The real engine; a statement about `slow` reaches it as one without end."""

    def __init__(self, gold: Path, slowness: Slowness) -> None:
        super().__init__(gold)
        self._slowness = slowness

    def run(self, approved: Approved) -> Rows:
        if "'slow'" not in approved.sql:
            return super().run(approved)
        self._slowness.started.release()
        try:
            return super().run(_endless(approved))
        except EngineError as error:
            self._slowness.errors.append(error)
            raise
        finally:
            self._slowness.ended.release()


def _endless(approved: Approved) -> Approved:
    parts = ("proposed", "dialect", "role", "fingerprint", "assets", "columns", "functions", "pins", "max_rows")
    return _mint(**{name: getattr(approved, name) for name in parts}, sql=ENDLESS["duckdb"], max_seconds=60.0)


def slow_gateway(settings: Settings, slowness: Slowness) -> Gateway:
    """The gateway of these settings, on an engine that is slow where it is asked to be."""
    gateway = build(settings)
    gateway.engine.close()
    gateway.engine = SlowEngine(settings.home / "gold.duckdb", slowness)
    return gateway


def environment(settings: Settings) -> dict[str, str]:
    """Of a server in a process of its own: these settings, and none of the machine's."""
    return {
        "GATEWAY_HOME": str(settings.home),
        "GATEWAY_PRINCIPAL": settings.principal,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PATH": os.environ["PATH"],
    }


def stdio_parameters(settings: Settings, *args: str, program: str = "gateway", **env: str) -> StdioServerParameters:
    """`gateway mcp`, as a client would start it."""
    command = ["-m", program, *(["mcp"] if program == "gateway" else []), *args]
    return StdioServerParameters(
        command=sys.executable, args=command, env={**environment(settings), **env}, cwd=settings.home
    )


@asynccontextmanager
async def http_running(settings: Settings, slowness: Slowness | None = None, **address: Any) -> AsyncIterator[str]:
    """A server on a free port of loopback, in this event loop; its URL."""
    make = partial(slow_gateway, settings, slowness) if slowness else partial(build, settings)
    opening = Opening(make)
    try:
        async with running(settings, opening, Address(**{"port": 0, **address})) as url:
            yield url
    finally:
        await anyio.to_thread.run_sync(opening.close)


@asynccontextmanager
async def http_client(
    url: str, token: str, era: str = "legacy", headers: Mapping[str, str] | None = None
) -> AsyncIterator[Client]:
    """The SDK's client, with a token, and with headers that it would not send by itself."""
    async with (
        httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}", **(headers or {})}, timeout=60) as http,
        Client(streamable_http_client(url, http_client=http), mode=era) as client,
    ):
        yield client
