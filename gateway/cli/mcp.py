"""`gateway mcp`: serves the tools to agents over MCP, and says who may call over HTTP."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli.diagnostics import ExitCode, narrate
from gateway.cli.options import AsJson, Population, Role
from gateway.cli.output import emit, emit_json, show_table
from gateway.cli.session import session
from gateway.errors import ContractError, UsageError

if TYPE_CHECKING:
    from gateway.settings import Settings

app = typer.Typer(
    help="Serve the tools over MCP: on stdin and stdout, or over HTTP for clients that hold a token.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
token_app = typer.Typer(
    help="Who may call over HTTP: each token stands for a principal and a role.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(token_app, name="token")

Http = Annotated[bool, typer.Option("--http", help="Streamable HTTP instead of stdin and stdout.")]
Port = Annotated[int, typer.Option(help="Port to listen on; 0 takes any that is free.", min=0, max=65_535)]


@app.callback(invoke_without_command=True)
def serve(
    ctx: typer.Context,
    http: Http = False,
    host: Annotated[str, typer.Option(help="Address to listen on.", metavar="ADDRESS")] = "127.0.0.1",
    port: Port = 8765,
    role: Role = None,
    population: Population = None,
    no_auth: Annotated[
        bool, typer.Option("--no-auth", help="Over HTTP: no tokens. Every process on this machine may then ask.")
    ] = False,
    allow_remote: Annotated[
        bool, typer.Option("--allow-remote", help="Over HTTP: listen on an address that other machines reach.")
    ] = False,
    allow_host: Annotated[
        list[str] | None, typer.Option(help="A name that clients use for this server.", metavar="NAME")
    ] = None,
    allow_origin: Annotated[
        list[str] | None, typer.Option(help="A web page that may call, as its origin.", metavar="ORIGIN")
    ] = None,
) -> int:
    """Serve until the client leaves or the process is told to stop."""
    if ctx.invoked_subcommand is not None:
        return ExitCode.ANSWERED
    given = {
        "--no-auth": no_auth,
        "--allow-remote": allow_remote,
        "--allow-host": allow_host,
        "--allow-origin": allow_origin,
    }
    if not http and any(given.values()):
        raise UsageError(f"{next(flag for flag in given if given[flag])} is of no use without --http")
    settings = session(ctx).settings(role=role, population=population)
    _require_role(settings)
    from functools import partial

    from gateway.wiring import build

    if not http:
        if sys.stdin.isatty():
            session(ctx).note("a client starts this and speaks MCP to it; `gateway mcp config` prints what it needs")
        from gateway.mcp_server.stdio import serve as serve_stdio

        with _narrated_logs():
            return serve_stdio(settings, partial(build, settings))
    from gateway.mcp_server.address import Address
    from gateway.mcp_server.http import serve as serve_http

    hosts, origins = tuple(allow_host or ()), tuple(allow_origin or ())
    address = Address(host, port, not no_auth, allow_remote, hosts, origins)
    _say_who_may_ask(settings, no_auth=no_auth)
    with _narrated_logs():
        return serve_http(settings, partial(build, settings), address, lambda url: narrate(f"listening on {url}"))


@app.command("config")
def config(ctx: typer.Context, http: Http = False, port: Port = 8765, role: Role = None) -> int:
    """Print what an MCP client needs to know of this gateway, as most clients read it."""
    from gateway.mcp_server.clients import over_http, over_stdio
    from gateway.settings import config_file

    current = session(ctx)
    settings = current.settings(role=role)
    if http:
        emit_json(over_http(port))
        narrate("put a token in its place: gateway mcp token add --principal NAME --role ROLE")
        return ExitCode.ANSWERED
    emit_json(over_stdio(settings.home, config_file(current.config), settings.role, settings.engine))
    if settings.clickhouse_url is not None:
        narrate("GATEWAY_CLICKHOUSE_URL may hold a password and is left out: the client has to set it")
    return ExitCode.ANSWERED


@token_app.command("add")
def add(
    ctx: typer.Context,
    principal: Annotated[str, typer.Option(help="Whose token it is, as the audit log names them.", metavar="NAME")],
    role: Annotated[str, typer.Option(help="Role of the contract that it asks in.", metavar="ROLE")],
    expires: Annotated[
        str | None, typer.Option(help="After so long (90d, 12h), or at the end of a day (2026-12-31).", metavar="WHEN")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Make a token and print it, once: only a digest of it is kept."""
    from dataclasses import asdict

    from gateway.mcp_server.expiry import moment
    from gateway.mcp_server.tokens import Tokens

    settings = session(ctx).settings(role=role)
    _require_role(settings)
    text, token = Tokens(settings.home).add(principal, role, moment(expires) if expires else None)
    if as_json:
        emit_json({"token": text, **asdict(token)})
    else:
        emit(text)
    until = f" until {token.expires}" if token.expires else ""
    session(ctx).note(f"{token.id}: {token.principal} as {token.role}{until}. It is not shown again.")
    return ExitCode.ANSWERED


@token_app.command("list")
def list_tokens(ctx: typer.Context, as_json: AsJson = False) -> int:
    """List who may call; the tokens themselves are known to their holders alone."""
    from dataclasses import asdict
    from datetime import UTC

    tokens = _tokens(ctx).all()
    if as_json:
        emit_json([asdict(token) for token in tokens])
        return ExitCode.ANSWERED
    now = datetime.now(UTC)
    columns = ["id", "principal", "role", "created", "expires"]
    rows = [
        [
            token.id,
            token.principal,
            token.role,
            token.created,
            f"{token.expires or 'never'}{' (over)' * token.expired(now)}",
        ]
        for token in tokens
    ]
    emit(show_table(columns, rows))
    return ExitCode.ANSWERED


@token_app.command("revoke")
def revoke(
    ctx: typer.Context, token_id: Annotated[str, typer.Argument(metavar="ID", help="As `list` shows it.")]
) -> int:
    """Turn a token's holder away from the next request on, also at a server that runs."""
    token = _tokens(ctx).revoke(token_id)
    session(ctx).note(f"{token.id} of {token.principal} is worth nothing now")
    return ExitCode.ANSWERED


def _tokens(ctx: typer.Context) -> Any:
    from gateway.mcp_server.tokens import Tokens

    return Tokens(session(ctx).settings().home)


def _require_role(settings: "Settings") -> None:
    """Refuse to start, or to hand out a token, for a role that the contract does not have."""
    from gateway.problems import did_you_mean
    from gateway.wiring import contract_for

    roles = contract_for(settings).roles
    if settings.role not in roles:
        raise ContractError(
            f"the contract has no role {settings.role!r}.{did_you_mean(settings.role, roles, otherwise='There are')}"
        )


def _say_who_may_ask(settings: "Settings", *, no_auth: bool) -> None:
    from gateway.mcp_server.tokens import Tokens

    if no_auth:
        narrate(
            f"without tokens: every process on this machine may ask, as {settings.principal} in role {settings.role}"
        )
    elif not Tokens(settings.home).all():
        narrate("nobody has a token yet: gateway mcp token add --principal NAME --role ROLE")


class _Narration(logging.Handler):
    """Warnings and errors of the server and its libraries, as every other narration."""

    def emit(self, record: logging.LogRecord) -> None:
        narrate(f"{record.levelname.lower()}: {self.format(record)}")


@contextmanager
def _narrated_logs() -> Iterator[None]:
    """What the server's libraries warn of is narrated while it serves, and not by whatever comes after it."""
    root, narration = logging.getLogger(), _Narration(logging.WARNING)
    root.addHandler(narration)
    try:
        yield
    finally:
        root.removeHandler(narration)
