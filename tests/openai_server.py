"""A model server on the loopback that says what a test tells it to, and keeps every message that reached it.

It speaks chat completions as OpenAI's does, streamed in small pieces or whole, and can do everything that servers do
wrong: errors, half a stream, no stream, nonsense, floods. A script is a list of turns, one for each request; the last
one is given again where a client asks for more.
"""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pydantic import SecretStr

from gateway.settings import ModelSettings

KEY = "sk-loopback-7Hq2xV9dR4"
"""The key of the tests: nothing but the request's own header may ever hold it."""
MODEL = "scripted-1"
_PIECE = 7
"""Characters of one delta: pieces that break words, numbers and sentences."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request that reached the server."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def messages(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.body.get("messages", [])
        return found

    def results(self) -> list[Any]:
        """What the tools came to, as the model reads it."""
        return [_unfenced(message["content"]) for message in self.messages if message["role"] == "tool"]


def _unfenced(content: str) -> Any:
    lines = content.splitlines()
    assert (lines[0], lines[2]) == ("<data>", "</data>"), content
    return json.loads(lines[1])


Turn = Callable[["Handler"], None]


@dataclass
class Server:
    """A running server: where it is, and what has reached it."""

    url: str
    script: list[Turn]
    requests: list[Request] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)
    """Set when the test is over: turns that wait forever stop then."""

    def settings(self, **given: Any) -> ModelSettings:
        return ModelSettings(**{"name": MODEL, "base_url": self.url, "api_key": SecretStr(KEY), **given})

    @property
    def received(self) -> str:
        """Every message and schema that reached the model, as one text."""
        return "\n".join(json.dumps(request.body, ensure_ascii=False) for request in self.requests)


class Handler(BaseHTTPRequestHandler):
    """One connection. Turns write through its methods."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    at: Server
    body: dict[str, Any]

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Quiet."""

    def do_GET(self) -> None:
        self.at.requests.append(Request(self.path, dict(self.headers), {}))
        self.json({"object": "list", "data": [{"id": MODEL, "object": "model", "created": 0, "owned_by": "us"}]})

    def do_POST(self) -> None:
        self.body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        place = sum(1 for request in self.at.requests if request.body)
        self.at.requests.append(Request(self.path, dict(self.headers), self.body))
        self.at.script[min(place, len(self.at.script) - 1)](self)

    def json(self, value: Any, status: int = 200, **headers: str) -> None:
        self.plain(json.dumps(value), status, Content_Type="application/json", **headers)

    def plain(self, text: str, status: int = 200, **headers: str) -> None:
        data = text.encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(data)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def begin_stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def chunk(self, text: str) -> None:
        data = text.encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def event(self, value: Any) -> None:
        self.chunk(f"data: {json.dumps(value)}\n\n")

    def delta(self, finish: str | None = None, **delta: Any) -> None:
        self.event(_envelope([{"index": 0, "delta": delta, "finish_reason": finish}]))

    def end_stream(self, tokens: int = 100) -> None:
        if tokens:
            self.event(_envelope([], usage=_usage(tokens)))
        self.chunk("data: [DONE]\n\n")
        self.wfile.write(b"0\r\n\r\n")

    def cut(self) -> None:
        """Nothing more, and no goodbye."""
        self.wfile.flush()
        self.close_connection = True


def _envelope(choices: list[Any], **more: Any) -> dict[str, Any]:
    return {"id": "c1", "object": "chat.completion.chunk", "created": 0, "model": MODEL, "choices": choices, **more}


def _usage(tokens: int) -> dict[str, int]:
    return {"prompt_tokens": tokens, "completion_tokens": 0, "total_tokens": tokens}


def say(text: str, *, finish: str = "stop", tokens: int = 100, piece: int = _PIECE) -> Turn:
    """The model speaks."""

    def turn(handler: Handler) -> None:
        handler.begin_stream()
        handler.delta(role="assistant", content="")
        for start in range(0, len(text), piece):
            handler.delta(content=text[start : start + piece])
        handler.delta(finish)
        handler.end_stream(tokens)

    return turn


def call(name: str, /, **arguments: Any) -> Turn:
    """The model calls one tool."""
    return calls((name, arguments))


def calls(*wanted: tuple[str, Any], text: str = "", tokens: int = 100) -> Turn:
    """The model calls several tools at once; arguments that are a text are sent as they stand."""

    def turn(handler: Handler) -> None:
        handler.begin_stream()
        handler.delta(role="assistant", content=text or None)
        for place, (name, given) in enumerate(wanted):
            arguments = given if isinstance(given, str) else json.dumps(given)
            begun = {"index": place, "id": f"call_{place}", "type": "function"}
            handler.delta(tool_calls=[{**begun, "function": {"name": name, "arguments": ""}}])
            for start in range(0, len(arguments), 11):
                piece = arguments[start : start + 11]
                handler.delta(tool_calls=[{"index": place, "function": {"arguments": piece}}])
        handler.delta("tool_calls")
        handler.end_stream(tokens)

    return turn


def whole(text: str = "", wanted: Sequence[tuple[str, Any]] = (), tokens: int = 100) -> Turn:
    """A server that does not stream, whatever it is asked."""

    def turn(handler: Handler) -> None:
        made = [
            {"id": f"w{i}", "type": "function", "function": {"name": name, "arguments": json.dumps(given)}}
            for i, (name, given) in enumerate(wanted)
        ]
        message = {"role": "assistant", "content": text or None, **({"tool_calls": made} if made else {})}
        finish = "tool_calls" if made else "stop"
        choices = [{"index": 0, "message": message, "finish_reason": finish}]
        handler.json({**_envelope(choices, usage=_usage(tokens)), "object": "chat.completion"})

    return turn


def fails(status: int, message: str = "no", code: str | None = None, **headers: str) -> Turn:
    """An error of the server's own."""

    def turn(handler: Handler) -> None:
        handler.json({"error": {"message": message, "type": "error", "code": code}}, status, **headers)

    return turn


def breaks_off(text: str = "") -> Turn:
    """Half a stream."""

    def turn(handler: Handler) -> None:
        handler.begin_stream()
        handler.delta(role="assistant", content=text or None)
        handler.cut()

    return turn


@contextmanager
def serving(*script: Turn) -> Iterator[Server]:
    """A server for one test."""

    class Bound(Handler):
        pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Bound) as http:
        server = Server(f"http://127.0.0.1:{http.server_address[1]}/v1", list(script))
        Bound.at = server
        http.daemon_threads = True
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.release.set()
            http.shutdown()
            thread.join()
