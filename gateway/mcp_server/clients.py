"""What an MCP client is told to reach this gateway: the `mcpServers` object that most of them read."""

import shutil
import sys
from pathlib import Path
from typing import Any, Final

NAME: Final = "experiment-gateway"
TOKEN_HERE: Final = "PUT-A-TOKEN-HERE"  # noqa: S105  a place for one, and none


def over_stdio(home: Path, config: Path | None, role: str, engine: str) -> dict[str, Any]:
    """The client starts the gateway itself. Paths are absolute: a client starts it from anywhere."""
    command = shutil.which("gateway") or sys.executable
    args = [] if command != sys.executable else ["-m", "gateway"]
    args += ["mcp", "--role", role, *(["--config", str(config.resolve())] if config else [])]
    env = {"GATEWAY_HOME": str(home.resolve()), "GATEWAY_ENGINE": engine}
    return {"mcpServers": {NAME: {"command": command, "args": args, "env": env}}}


def over_http(port: int) -> dict[str, Any]:
    """The client calls a gateway that runs on this machine."""
    server = {
        "type": "http",
        "url": f"http://127.0.0.1:{port}/mcp",
        "headers": {"Authorization": f"Bearer {TOKEN_HERE}"},
    }
    return {"mcpServers": {NAME: server}}
