"""MCP over streamable HTTP: on loopback, behind tokens, and only for hosts and origins that are expected.

A request passes, in this order: its Host and Origin, its path, its token, the size of its body; then the SDK has it.
Nothing of a request without a token is read beyond its headers.
"""

import logging
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Final, cast

import anyio
import uvicorn
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecurityMiddleware, TransportSecuritySettings
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Message, Receive, Scope, Send

from gateway.errors import EngineError, GatewayError, UsageError
from gateway.mcp_server.calls import GONE, Context
from gateway.mcp_server.ending import told_to_stop
from gateway.mcp_server.opening import Build, Opening
from gateway.mcp_server.server import NAME, mcp_server
from gateway.mcp_server.tokens import Token, Tokens
from gateway.service import Caller
from gateway.settings import Settings

CHANNEL: Final = "mcp.http"
PATH: Final = "/mcp"
HEALTH: Final = "/health"
LARGEST_BODY: Final = 1024 * 1024
"""Bytes of one request."""
_LETTING_GO: Final = 2
"""Seconds that connections get to end when the server does."""
_SCHEME: Final = "bearer "

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen, and for whom."""

    host: str = "127.0.0.1"
    port: int = 8765
    """0: any that is free."""
    auth: bool = True
    allow_remote: bool = False
    """Whether other machines may connect."""
    hosts: tuple[str, ...] = ()
    """Names that clients use for this server, beside those of loopback."""
    origins: tuple[str, ...] = ()
    """Web pages that may call, such as http://localhost:6274."""

    def require_safe(self) -> None:
        """Raise UsageError for a door that stands open."""
        if self.is_loopback:
            return
        if not self.allow_remote:
            raise UsageError(
                f"{self.host} can be reached from other machines", hint="--allow-remote says that this is meant"
            )
        if not self.auth:
            raise UsageError("without tokens only this machine may connect", hint="leave out --no-auth, or --host")
        if not self.hosts:
            raise UsageError(
                "other machines need a name for this server", hint="--allow-host gateway.example.com, once for each"
            )

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False


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
        security = _security(address, port)
        manager = StreamableHTTPSessionManager(
            mcp_server(opening, _Callers(settings)), security_settings=security, max_request_body_size=LARGEST_BODY
        )
        door = Door(manager, security, Tokens(settings.home) if address.auth else None)
        config = uvicorn.Config(
            door, log_config=None, access_log=False, lifespan="off", ws="none", server_header=False,
            timeout_graceful_shutdown=_LETTING_GO,
        )  # fmt: skip
        server = _Server(config)
        async with anyio.create_task_group() as group, manager.run():
            group.start_soon(server.serve, [listener])
            try:
                yield f"http://{_written(address.host)}:{port}{PATH}"
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


def _security(address: Address, port: int) -> TransportSecuritySettings:
    """Exactly the names of loopback and those that were allowed: a page that rebinds its own name gets nowhere."""
    names = ["127.0.0.1", "localhost", "[::1]", _written(address.host)]
    ours = [f"{name}:{port}" for name in dict.fromkeys(names)]
    return TransportSecuritySettings(
        allowed_hosts=[*ours, *address.hosts, *(f"{name}:{port}" for name in address.hosts)],
        allowed_origins=[*(f"http://{name}" for name in ours), *address.origins],
    )


def _written(host: str) -> str:
    return f"[{host}]" if ":" in host else host


class _Callers:
    """Who asks over HTTP: the holder of the token, or whoever started a server without tokens."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __call__(self, ctx: Context) -> Caller:
        settings = self._settings
        user = ctx.request.scope.get("user") if ctx.request is not None else None
        if isinstance(user, AuthenticatedUser):
            token = user.access_token
            return Caller(str(token.subject), token.scopes[0], CHANNEL, settings.population)
        return Caller(settings.principal, settings.role, CHANNEL, settings.population)


def conversation(ctx: Context) -> str:
    """What belongs together: a session where there are sessions, otherwise what one token asks on one day.

    The session's id was checked to be one of the same token; on the stateless protocol a client could send any.
    """
    request = cast("Request", ctx.request)
    session = request.headers.get("mcp-session-id")
    if session and ctx.protocol_version not in MODERN_PROTOCOL_VERSIONS:
        return session
    user = request.scope.get("user")
    holder = user.access_token.client_id if isinstance(user, AuthenticatedUser) else "-"
    return f"{holder} {datetime.now(UTC).date()}"


class Door:
    """The ASGI application: everything that a request has to pass before the SDK sees it."""

    def __init__(
        self, manager: StreamableHTTPSessionManager, security: TransportSecuritySettings, tokens: Tokens | None
    ) -> None:
        self._manager = manager
        self._security = TransportSecurityMiddleware(security)
        self._tokens = tokens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        turned_away = await self._turned_away(scope)
        if turned_away is not None:
            await turned_away(scope, receive, send)
            return
        gone = anyio.Event()
        scope[GONE] = gone

        async def listened() -> Message:
            message = await receive()
            if message["type"] == "http.disconnect":
                gone.set()
            return message

        await self._manager.handle_request(scope, listened, send)

    async def _turned_away(self, scope: Scope) -> Response | None:
        """The answer to a request that gets no further; None for one that may, with its user in the scope."""
        request = Request(scope)
        refused = await self._security.validate_request(request)
        if refused is not None:
            return refused
        if request.url.path == HEALTH:
            return JSONResponse({"status": "ok"})
        if request.url.path != PATH:
            return Response("Not Found", status_code=404)
        if self._tokens is None:
            return None
        given = request.headers.getlist("authorization")
        try:
            holder = _holder(self._tokens, given)
        except GatewayError as error:
            logger.error("%s", error.message)
            return Response("the server's tokens can't be read", status_code=503)
        if holder is None:
            return _unauthorized(given)
        scope["user"] = AuthenticatedUser(_access(holder))
        return None


def _holder(tokens: Tokens, given: Sequence[str]) -> Token | None:
    if len(given) != 1 or not given[0].lower().startswith(_SCHEME):
        return None
    return tokens.holder(given[0][len(_SCHEME) :].strip())


def _access(token: Token) -> AccessToken:
    """What the SDK knows sessions' owners by. The token's own text is not kept."""
    return AccessToken(token=token.id, client_id=token.id, scopes=[token.role], subject=token.principal)


def _unauthorized(given: Sequence[str]) -> Response:
    """One answer, whether the token is unknown, expired or revoked; that none was sent is no error of a token."""
    challenge = f'Bearer realm="{NAME}"' + (', error="invalid_token"' if given else "")
    return JSONResponse(
        {"error": "invalid_token" if given else "missing_token"},
        status_code=401,
        headers={"WWW-Authenticate": challenge},
    )
