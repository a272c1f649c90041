"""What a request has to pass before MCP sees it: Host, Origin, path, token, size; and what is never listened on."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from gateway.errors import EngineError, UsageError
from gateway.mcp_server.address import Address
from gateway.mcp_server.http import LARGEST_BODY
from tests.mcp.conftest import Place
from tests.mcp.serving import http_running

pytestmark = pytest.mark.anyio
HELLO = {
    "jsonrpc": "2.0", "id": 1, "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "raw", "version": "1"}},
}  # fmt: skip
HEADERS = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
CALLS = {"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call"}
MODERN = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}


@asynccontextmanager
async def door(place: Place, **address: Any) -> AsyncIterator[tuple[httpx2.AsyncClient, str]]:
    """A client with no manners of its own, and the server's URL."""
    async with http_running(place.settings, **address) as url, httpx2.AsyncClient(headers=HEADERS) as http:
        yield http, url


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_a_request_without_a_good_token_is_told_how_to_come_back(place: Place) -> None:
    good = place.token()
    async with door(place) as (http, url):
        for given, error in [
            ({}, "missing_token"),
            (bearer("nonsense"), "invalid_token"),
            (bearer(good[:-1]), "invalid_token"),
            ({"Authorization": "Bearer"}, "invalid_token"),
            ({"Authorization": f"Basic {good}"}, "invalid_token"),
            ({"Authorization": good}, "invalid_token"),
        ]:
            answer = await http.post(url, json=HELLO, headers=given)
            assert (answer.status_code, answer.json()) == (401, {"error": error})
            challenge = 'Bearer realm="experiment-gateway"'
            assert answer.headers["www-authenticate"] == challenge + (', error="invalid_token"' if given else "")
        twice = await http.post(
            url, json=HELLO, headers=[*bearer(good).items(), *bearer("x").items(), *HEADERS.items()]
        )
        assert twice.status_code == 401
        for scheme in ("Bearer", "bearer", "BEARER"):
            answer = await http.post(url, json=HELLO, headers={"Authorization": f"{scheme} {good}"})
            assert answer.status_code == 200
    assert place.events() == []


async def test_a_token_is_turned_away_once_it_is_revoked_or_has_expired(place: Place) -> None:
    text, token = place.tokens.add("ana", "analyst")
    short, _ = place.tokens.add("bot", "analyst", datetime.now(UTC) + timedelta(hours=1))
    async with door(place) as (http, url):
        session = (await http.post(url, json=HELLO, headers=bearer(text))).headers["mcp-session-id"]
        place.tokens.revoke(token.id)
        listing = {"jsonrpc": "2.0", "id": 2, "method": "tools/list"}
        again = await http.post(url, json=listing, headers={**bearer(text), "Mcp-Session-Id": session})
        assert again.status_code == 401
        assert (await http.post(url, json=HELLO, headers=bearer(short))).status_code == 200
        content = place.tokens.path.read_text()
        place.tokens.path.write_text(content.replace(datetime.now(UTC).strftime("%Y-"), "2001-"))
        assert (await http.post(url, json=HELLO, headers=bearer(short))).status_code == 401


async def test_a_session_is_its_own_tokens_alone(place: Place) -> None:
    mine, other = place.token("ana"), place.token("eve")
    same = place.token("ana")
    listing = {"jsonrpc": "2.0", "id": 2, "method": "tools/list"}
    async with door(place) as (http, url):
        session = (await http.post(url, json=HELLO, headers=bearer(mine))).headers["mcp-session-id"]
        for token, status in [(other, 404), (same, 404), (mine, 200)]:
            answer = await http.post(url, json=listing, headers={**bearer(token), "Mcp-Session-Id": session})
            assert answer.status_code == status
        unknown = await http.post(url, json=listing, headers={**bearer(mine), "Mcp-Session-Id": "0" * 32})
        assert unknown.status_code == 404


HOSTS = {
    "127.0.0.1:{port}": 200, "localhost:{port}": 200, "[::1]:{port}": 200,
    "127.0.0.1": 421, "127.0.0.1:1": 421, "evil.example:{port}": 421, "localhost.evil.example:{port}": 421,
    "127.0.0.1:{port}.evil.example": 421, "": 421,
}  # fmt: skip
ORIGINS = {
    "http://127.0.0.1:{port}": 200, "http://localhost:{port}": 200, "https://tool.example": 200,
    "http://evil.example": 403, "null": 403, "http://localhost:1": 403, "https://127.0.0.1:{port}": 403,
    "https://tool.example.evil.example": 403,
}  # fmt: skip


async def test_only_the_names_of_loopback_are_served(place: Place) -> None:
    """A web page whose name was made to point here still says that name."""
    token = place.token()
    async with door(place) as (http, url):
        found = {}
        for host in HOSTS:
            given = {**bearer(token), "Host": host.format(port=httpx2.URL(url).port)}
            found[host] = (await http.post(url, json=HELLO, headers=given)).status_code
            health = await http.get(url.replace("/mcp", "/health"), headers={"Host": given["Host"]})
            assert health.status_code == found[host]
    assert found == HOSTS


async def test_web_pages_may_call_only_where_that_was_allowed(place: Place) -> None:
    token = place.token()
    async with door(place, origins=("https://tool.example",)) as (http, url):
        found = {}
        for origin in ORIGINS:
            given = {**bearer(token), "Origin": origin.format(port=httpx2.URL(url).port)}
            found[origin] = (await http.post(url, json=HELLO, headers=given)).status_code
    assert found == ORIGINS


async def test_a_name_that_was_allowed_is_served(place: Place) -> None:
    token = place.token()
    async with door(place, hosts=("gateway.example",)) as (http, url):
        for host in ("gateway.example", f"gateway.example:{httpx2.URL(url).port}"):
            assert (await http.post(url, json=HELLO, headers={**bearer(token), "Host": host})).status_code == 200


async def test_a_body_beyond_the_limit_is_refused_and_one_within_it_is_not(place: Place) -> None:
    token = bearer(place.token())

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(LARGEST_BODY // 65_536 + 1):
            yield b" " * 65_536

    async with door(place) as (http, url):
        assert (await http.post(url, content=b" " * (LARGEST_BODY + 1), headers=token)).status_code == 413
        assert (await http.post(url, content=pieces(), headers=token)).status_code == 413
        assert (await http.post(url, content=b" " * LARGEST_BODY, headers=token)).status_code == 400
        assert (await http.post(url, content=b" " * (LARGEST_BODY + 1))).status_code == 401
        assert (await http.post(url, json=HELLO, headers=token)).status_code == 200


NO_MESSAGES = (
    b"", b"{", b"nonsense", b"[]", b"[1]", b"null", b'"x"', b"{}", b"\xff\xfe", b'{"jsonrpc": "2.0", "id": {}}',
    b"[" * 100_000, b'{"jsonrpc": "2.0", "id": 1, "method": 5}',
)  # fmt: skip


@pytest.mark.parametrize("version", ["", "2025-06-18", "2026-07-28"])
async def test_what_is_no_message_is_refused_and_the_server_goes_on(place: Place, version: str) -> None:
    given = {**bearer(place.token()), **({"MCP-Protocol-Version": version} if version else {})}
    async with door(place) as (http, url):
        for body in NO_MESSAGES:
            answer = await http.post(url, content=body, headers=given)
            assert 400 <= answer.status_code < 500
        assert (await http.get(url.replace("/mcp", "/health"))).json() == {"status": "ok"}


async def test_an_argument_that_no_text_can_hold_is_an_error_of_the_call(place: Place) -> None:
    """Half a surrogate pair: JSON can spell it, and one of the two protocols lets it in."""
    params = {"name": "run_sql", "arguments": {"statement": "select '\ud800' as x"}, "_meta": MODERN}
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})
    assert "\\ud800" in body
    given = {**bearer(place.token()), **CALLS, "Mcp-Name": "run_sql"}
    async with door(place) as (http, url):
        answer = await http.post(url, content=body, headers=given)
        assert answer.status_code == 200
        assert "error" not in answer.json()
        assert (await http.get(url.replace("/mcp", "/health"))).status_code == 200


async def test_other_paths_and_methods_lead_nowhere(place: Place) -> None:
    token = bearer(place.token())
    async with door(place) as (http, url):
        base = url.removesuffix("/mcp")
        for path in ("/", "/mcp/", "/mcp/x", "/docs", "/health/x", "/.well-known/oauth-protected-resource"):
            assert (await http.get(base + path, headers=token)).status_code == 404
        assert (await http.put(url, headers=token)).status_code in (400, 404, 405)
        assert (await http.get(f"{base}/health")).json() == {"status": "ok"}


async def test_tokens_that_others_may_read_open_nothing(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    token = place.token()
    place.tokens.path.chmod(0o644)
    async with door(place) as (http, url):
        answer = await http.post(url, json=HELLO, headers=bearer(token))
        assert (answer.status_code, answer.text) == (503, "the server's tokens can't be read")
    assert "can be read or changed by others" in caplog.text
    assert token not in caplog.text


async def test_without_tokens_the_process_asks_as_whoever_started_it(place: Place) -> None:
    async with door(place, auth=False) as (http, url):
        meta = {"_meta": MODERN, "name": "describe_marts", "arguments": {}}
        given = {**CALLS, "Mcp-Name": "describe_marts"}
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": meta}
        answer = await http.post(url, json=body, headers={**given, "X-Role": "viewer", "X-Forwarded-User": "eve"})
        assert answer.json()["result"]["structuredContent"]["status"] == "answered"
    (event,) = place.events()
    assert (event.principal, event.role, event.channel) == ("ana", "analyst", "mcp.http")


@pytest.mark.parametrize(
    ("address", "message"),
    [
        (Address(host="0.0.0.0"), r"can be reached from other machines"),  # noqa: S104  refused
        (Address(host="::"), r"can be reached from other machines"),
        (Address(host="192.0.2.1"), r"can be reached from other machines"),
        (Address(host="gateway.example"), r"can be reached from other machines"),
        (Address(host="0.0.0.0", allow_remote=True, auth=False), r"only this machine may connect"),  # noqa: S104  refused
        (Address(host="0.0.0.0", allow_remote=True), r"need a name for this server"),  # noqa: S104  refused
    ],
)
def test_a_door_that_would_stand_open_is_not_opened(address: Address, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        address.require_safe()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.9", "::1", "localhost"])
def test_loopback_is_safe_without_tokens(host: str) -> None:
    Address(host=host, auth=False).require_safe()


def test_other_machines_may_connect_where_that_was_said_three_times() -> None:
    Address(host="0.0.0.0", allow_remote=True, hosts=("gateway.example",)).require_safe()  # noqa: S104  allowed


async def test_a_port_that_is_taken_is_said(place: Place) -> None:
    async with http_running(place.settings) as url:
        port = httpx2.URL(url).port
        with pytest.raises(EngineError, match=f"127.0.0.1:{port} can't be listened on"):
            async with http_running(place.settings, port=port):
                pass
