"""`python -m tests.mcp.slow_client FIFO`: a client that starts the slow server and calls it."""

import sys

import anyio
from mcp import Client

from gateway.settings import load_settings
from tests.mcp.serving import SLOW, stdio_parameters


async def main() -> None:
    """Call, and wait for an answer that doesn't come."""
    program = stdio_parameters(load_settings(), sys.argv[1], program="tests.mcp.slow_server")
    async with Client(program) as client:
        await client.call_tool("run_sql", SLOW)


if __name__ == "__main__":
    anyio.run(main)
