"""The HTTP door: what a request has to pass before the SDK sees it, and who it then comes from.

In this order: its Host and Origin, its path, its token, the size of its body. Nothing of a request without a token is
read beyond its headers.
"""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, cast

import anyio
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecurityMiddleware, TransportSecuritySettings
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Message, Receive, Scope, Send

from gateway.errors import GatewayError
from gateway.mcp_server.calls import GONE, Context
from gateway.mcp_server.server import NAME
from gateway.mcp_server.tokens import Token, Tokens
from gateway.service import Caller
from gateway.settings import Settings

CHANNEL: Final = "mcp.http"
PATH: Final = "/mcp"
HEALTH: Final = "/health"
_SCHEME: Final = "bearer "

logger = logging.getLogger(__name__)


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


class Callers:
    """Who asks over HTTP: the holder of the token, or whoever started a server without tokens."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __call__(self, ctx: Context) -> Caller:
        request = cast("Request", ctx.request)
        settings, user = self._settings, request.scope.get("user")
        principal, role, holder = settings.principal, settings.role, "-"
        if isinstance(user, AuthenticatedUser):
            token = user.access_token
            principal, role, holder = str(token.subject), token.scopes[0], token.client_id
        return Caller(principal, role, CHANNEL, settings.population, _conversation(ctx, request, holder))


def _conversation(ctx: Context, request: Request, holder: str) -> str:
    """What belongs together: a session where there are sessions, otherwise what one token asks on one day.

    The session's id was checked to be one of the same token. Without sessions a client could name any, and with each
    one begin to count anew; so nothing that it sends decides.
    """
    session = request.headers.get("mcp-session-id")
    if session and ctx.protocol_version not in MODERN_PROTOCOL_VERSIONS:
        return f"{CHANNEL} {session}"
    return f"{CHANNEL} {holder} {datetime.now(UTC).date()}"
