"""What serving over MCP adds to a call, how many clients it bears, and how soon a server is there.

    make bench-mcp        or            python benchmarks/mcp_server.py [--calls 200] [--clients 50] [--runs 11]

Makes the demo world in a temporary folder first. Clients are the SDK's own, in this process; servers are `gateway mcp`
in processes of their own. A call through the server and the same call of the function take turns, so that what else the
machine does falls on both.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from gateway.mcp_server.tokens import Tokens
from gateway.service import Caller, Gateway
from gateway.settings import load_settings
from gateway.tools.agent import agent_payload
from gateway.wiring import build

GATEWAY = str(Path(sys.executable).with_name("gateway"))
ERAS = {"2025": "legacy", "2026": "2026-07-28"}
CALLS: dict[str, dict[str, Any]] = {
    "describe_marts": {},
    "list_experiments": {},
    "experiment_results": {"experiment_id": "one_page_checkout", "population": "itt"},
    "experiment_health": {"experiment_id": "one_page_checkout"},
    "run_sql": {"statement": "select experiment_id, status from dim_experiments order by 1"},
}
HELLO = {
    "jsonrpc": "2.0", "id": 1, "method": "initialize",
    "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}},
}  # fmt: skip


def main() -> None:
    """Print three tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=200, help="of each tool")
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--runs", type=int, default=11, help="of each start")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GATEWAY_HOME"] = str(Path(folder) / "home")
        subprocess.run([GATEWAY, "demo"], check=True, capture_output=True, cwd=folder)
        anyio.run(_overhead, given.calls)
        anyio.run(_clients, given.clients)
        _ready(given.runs)


async def _overhead(calls: int) -> None:
    print(f"one call over stdio, and the same call of the function, in turn: medians of {calls}, in ms")
    print(f"{'protocol':10} {'tool':20} {'function':>9} {'over MCP':>9} {'added':>7} {'added, 95 % below':>18}")
    added: list[float] = []
    with build(load_settings()) as gateway:
        for era, mode in ERAS.items():
            async with Client(
                StdioServerParameters(command=GATEWAY, args=["mcp"], env=_environment()), mode=mode
            ) as client:
                await client.list_tools()
                for tool, arguments in CALLS.items():
                    pairs = [await _pair(gateway, client, tool, arguments) for _ in range(calls + 5)][5:]
                    direct, over = (statistics.median(column) for column in zip(*pairs, strict=True))
                    more = sorted(there - here for here, there in pairs)
                    added += more
                    print(
                        f"{era:10} {tool:20} {direct:9.2f} {over:9.2f} {statistics.median(more):7.2f} "
                        f"{more[int(0.95 * len(more))]:18.2f}"
                    )
    print(f"added over all of them, at the median: {statistics.median(added):.2f} ms\n")


async def _pair(gateway: Gateway, client: Client, tool: str, arguments: dict[str, Any]) -> tuple[float, float]:
    """Milliseconds of the function, called in a thread as the server does it, and of the call."""
    direct = await anyio.to_thread.run_sync(_direct, gateway, tool, arguments)
    started = time.perf_counter()
    result = await client.call_tool(tool, arguments)
    ended = time.perf_counter()
    assert not result.is_error
    return direct, (ended - started) * 1000


def _direct(gateway: Gateway, tool: str, arguments: dict[str, Any]) -> float:
    started = time.perf_counter()
    agent_payload(gateway.call_tool(tool, arguments, Caller("bench", "analyst", "bench")).answer)
    return (time.perf_counter() - started) * 1000


async def _clients(clients: int) -> None:
    token, _ = Tokens(load_settings().home).add("bench", "analyst")
    print(f"{clients} clients over HTTP, each asking 20 times without a pause")
    print(f"{'protocol':10} {'calls':>6} {'errors':>7} {'calls/s':>8} {'median ms':>10} {'95 % below':>11}")
    async with _http_server() as url:
        for era, mode in ERAS.items():
            times: list[float] = []
            errors: list[str] = []
            ready = [0]
            go = anyio.Event()
            async with anyio.create_task_group() as group:
                for number in range(clients):
                    group.start_soon(_one_client, url, token, mode, number, ready, go, times, errors)
                while ready[0] < clients:
                    await anyio.sleep(0.01)
                started = time.perf_counter()
                go.set()
            took = time.perf_counter() - started
            times.sort()
            print(
                f"{era:10} {len(times):6} {len(errors):7} {len(times) / took:8.0f} {statistics.median(times):10.0f} "
                f"{times[int(0.95 * len(times))]:11.0f}"
            )
    print()


async def _one_client(
    url: str,
    token: str,
    mode: str,
    number: int,
    ready: list[int],
    go: anyio.Event,
    times: list[float],
    errors: list[str],
) -> None:
    names = list(CALLS)
    async with (
        httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=120) as http,
        Client(streamable_http_client(url, http_client=http), mode=mode) as client,
    ):
        await client.list_tools()
        ready[0] += 1
        await go.wait()
        for turn in range(20):
            name = names[(number + turn) % len(names)]
            started = time.perf_counter()
            result = await client.call_tool(name, CALLS[name])
            times.append((time.perf_counter() - started) * 1000)
            if result.is_error:
                errors.append(str(result.structured_content["text"]))


@asynccontextmanager
async def _http_server() -> AsyncIterator[str]:
    command = [GATEWAY, "mcp", "--http", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ) as process:
        assert process.stderr is not None
        try:
            said = await anyio.to_thread.run_sync(process.stderr.readline)
            yield said.removeprefix("listening on ").strip()
        finally:
            process.terminate()


def _ready(runs: int) -> None:
    """From the start of the process to the answer to `initialize`, against importing the SDK's server."""
    pairs = [(_greeted(), _imported()) for _ in range(runs + 1)][1:]
    ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratios = sorted(a / b for a, b in pairs)
    print(f'from nothing to the greeting, against python -c "import mcp.server": medians of {runs}')
    print(f"{'ours s':>8} {'theirs s':>9} {'ratio':>6} {'min':>6} {'max':>6}")
    print(f"{ours:8.3f} {theirs:9.3f} {statistics.median(ratios):6.2f} {ratios[0]:6.2f} {ratios[-1]:6.2f}")


def _greeted() -> float:
    started = time.perf_counter()
    with subprocess.Popen([GATEWAY, "mcp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(HELLO) + "\n")
        process.stdin.flush()
        assert "serverInfo" in process.stdout.readline()
        return time.perf_counter() - started


def _imported() -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import mcp.server"], check=True)
    return time.perf_counter() - started


def _environment() -> dict[str, str]:
    return {"GATEWAY_HOME": os.environ["GATEWAY_HOME"]}


if __name__ == "__main__":
    main()
