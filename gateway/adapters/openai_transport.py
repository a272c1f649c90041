"""The wire to a model server, bounded in time and size however it behaves.

A time-out of an HTTP library is for each read: a server that sends a byte now and then never meets it, and a line
without an end fills the memory. Here every chunk that arrives is held against the time and the size of the whole.
"""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

import httpx2
from pydantic import SecretStr

from gateway.cancellation import current


@dataclass(frozen=True, slots=True)
class Limit:
    """What one response may take: until when (by the monotonic clock), and how many bytes."""

    until: float
    most: int


_SENT: Final = frozenset(
    (
        "accept",
        "accept-encoding",
        "connection",
        "content-length",
        "content-type",
        "host",
        "idempotency-key",
        "user-agent",
    )
)
"""Headers that go out, beside the key. The `openai` package would add what its own variables hold, for any server."""
_LIMIT: ContextVar[Limit | None] = ContextVar("limit", default=None)


@contextmanager
def limited(seconds: float, most: int) -> Iterator[None]:
    """Responses that begin in this block end with `httpx2.ReadTimeout` or `httpx2.ReadError` past these limits."""
    token = _LIMIT.set(Limit(time.monotonic() + seconds, most))
    try:
        yield
    finally:
        _LIMIT.reset(token)


class BoundedClient(httpx2.Client):
    """Follows no redirects: what is sent is meant for one server. Bodies are read under the limits that are set."""

    def __init__(self, key: SecretStr | None, **given: Any) -> None:
        super().__init__(follow_redirects=False, **given)
        self._key = key

    def send(self, request: httpx2.Request, **given: Any) -> httpx2.Response:
        """As in httpx2, with the headers that are meant to be sent, and the body of the response bounded."""
        for name in set(request.headers) - _SENT:
            del request.headers[name]
        if self._key is not None:
            request.headers["Authorization"] = f"Bearer {self._key.get_secret_value()}"
        streamed = given.pop("stream", False)
        response = super().send(request, stream=True, **given)
        limit = _LIMIT.get()
        if limit is not None and isinstance(response.stream, httpx2.SyncByteStream):
            response.stream = _Bounded(response.stream, limit, response, request)
        if not streamed:
            response.read()
        return response


class _Bounded(httpx2.SyncByteStream):
    def __init__(
        self, stream: httpx2.SyncByteStream, limit: Limit, response: httpx2.Response, request: httpx2.Request
    ) -> None:
        self._stream, self._limit, self._response, self._request = stream, limit, response, request

    def __iter__(self) -> Iterator[bytes]:
        """The body, until it is taken back: then the connection is shut, which wakes a read that waits for it."""
        with current().stopping(self._shut):
            yield from self._bounded()

    def _bounded(self) -> Iterator[bytes]:
        received = 0
        for chunk in self._stream:
            received += len(chunk)
            if time.monotonic() > self._limit.until:
                raise httpx2.ReadTimeout("the response took too long", request=self._request)
            if received > self._limit.most:
                raise httpx2.ReadError("the response is too large", request=self._request)
            yield chunk

    def close(self) -> None:
        self._stream.close()

    def _shut(self) -> None:
        wire = self._response.extensions.get("network_stream")
        found = wire.get_extra_info("socket") if wire is not None else None
        if isinstance(found, socket.socket):
            with suppress(OSError):  # it is closed already
                found.shutdown(socket.SHUT_RDWR)
