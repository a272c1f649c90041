"""ClickHouse's HTTP interface on a loopback port, in a process of its own: every request is handed to chdb there.

Covers what clients rely on: settings and parameters in the URL, sessions, the asked format and compression, inserts
with their data in the body, `/ping`, wrong passwords, error codes, and a failure in the middle of a result, told as
ClickHouse tells it. `python -m tests.clickhouse_server [FOLDER]` prints its port, and serves until stdin is closed. A
configuration behind the folder (`FOLDER?config-file=FILE`) gives the engine's one user its grants, profile and quota.
"""

import base64
import gzip
import itertools
import re
import socket
import sys
import tempfile
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import chdb
import lz4.frame  # type: ignore[import-untyped]  # has no types

USER, PASSWORD = "reader", "a secret: ü/@"
EXCEPTION_TAG = "abcdefghijklmnop"
NOT_SETTINGS = {"query", "database", "user", "password", "query_id", "session_id", "session_timeout", "session_check",
                "default_format", "compress", "decompress", "wait_end_of_query", "client_protocol_version", "quota_key",
                "role", "buffer_size", "enable_http_compression", "send_progress_in_http_headers",
                "http_headers_progress_interval_ms", "cancel_http_readonly_queries_on_client_close"}  # fmt: skip
STATUS = {516: 403, 497: 403, 60: 404, 81: 404, 46: 404, 62: 400, 36: 400, 43: 400, 241: 500, 159: 408, 164: 500}
_INSERT = re.compile(rb"\s*insert\s+into\s.*?\bformat\s+(\w+)[ \t]*\r?\n?", re.IGNORECASE | re.DOTALL)
_SELECT = re.compile(rb"\s*(/\*.*?\*/\s*)?(select|with|\()", re.IGNORECASE | re.DOTALL)
_FORMAT = re.compile(r"\bFORMAT\s+(\w+)\s*;?\s*$", re.IGNORECASE)
_KILL = re.compile(r"(KILL QUERY WHERE )query_id = '([^']*)'", re.IGNORECASE)

Key = tuple[tuple[str, str], ...]
"""Database and settings of a request."""


@dataclass(frozen=True, slots=True)
class Engine:
    """A connection to chdb, and what its statements are known by there: chdb takes no query ids."""

    connection: Any
    mark: str


class Told(Exception):
    """A failure in the middle of a result, of which the client has been told."""


class Server(ThreadingHTTPServer):
    daemon_threads = False

    def __init__(self, folder: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.folder = folder
        self.sessions: dict[str, Any] = {}
        self.idle: dict[Key, list[Engine]] = {}
        self.running: dict[str, str] = {}  # query id to mark
        self.marks = map("request-{}".format, itertools.count())
        self.waiting: set[Any] = set()
        self.first = open_engine(folder)  # the engine lives as long as a connection to it

    def process_request(self, request: Any, client_address: Any) -> None:
        self.waiting.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.waiting.discard(request)
        super().shutdown_request(request)

    def end(self) -> None:
        """Hang up, let what runs end, and close every connection: the last one stops the engine.

        An engine that is still open when the process exits is torn down under its own threads, and may then hang.
        """
        self.shutdown()
        for request in tuple(self.waiting):
            with suppress(OSError):
                request.shutdown(socket.SHUT_RDWR)
        self.server_close()
        idle = (engine.connection for engines in self.idle.values() for engine in engines)
        for connection in (*self.sessions.values(), *idle, self.first):
            connection.close()

    @contextmanager
    def engine(self, key: Key, *, reads: bool) -> Iterator[Engine]:
        """One under these settings for one request. A server has no such thing to open, so what has only read is kept
        for the next request of the kind, unless something went wrong on it."""
        try:
            engine = self.idle[key].pop()
        except LookupError:
            engine = Engine(open_engine(self.folder), next(self.marks))
            try:
                prepare(engine, key)
            except BaseException:
                engine.connection.close()
                raise
        try:
            yield engine
        except BaseException:
            engine.connection.close()
            raise
        if reads:
            self.idle.setdefault(key, []).append(engine)
        else:
            engine.connection.close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Quiet."""

    def do_GET(self) -> None:
        if urlsplit(self.path).path == "/ping":
            self.send(200, b"Ok.\n")
        else:
            self.do_POST()

    def do_POST(self) -> None:
        params = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        body = self.body()
        if not self.knows_password():
            self.fail(f"Code: 516. DB::Exception: {USER}: Authentication failed. (AUTHENTICATION_FAILED)")
            return
        text = b"\n".join(part for part in (params.get("query", "").encode(), body) if part)
        try:
            if session := params.get("session_id", ""):
                with suppress(Told):
                    self.answer(self.session(session, key_of(params)), params, text)
            else:
                with suppress(Told), self.server.engine(key_of(params), reads=bool(_SELECT.match(text))) as engine:
                    self.answer(engine, params, text)
        except (RuntimeError, ValueError) as error:
            self.fail(str(error))

    def body(self) -> bytes:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Transfer-Encoding") == "chunked":
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        packed = self.headers.get("Content-Encoding")
        if packed == "lz4":
            return bytes(lz4.frame.decompress(body))
        return gzip.decompress(body) if packed == "gzip" else body

    def knows_password(self) -> bool:
        expected = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        return self.headers.get("Authorization") == f"Basic {expected}"

    def session(self, name: str, key: Key) -> Engine:
        """A session's own connection, with what its next request brings set upon what the earlier ones brought."""
        if name not in self.server.sessions:
            self.server.sessions[name] = open_engine(self.server.folder)
        engine = Engine(self.server.sessions[name], next(self.server.marks))
        prepare(engine, key)
        return engine

    def answer(self, engine: Engine, params: dict[str, str], text: bytes) -> None:
        bound = {name[6:]: value for name, value in params.items() if name.startswith("param_")}
        query_id = params.get("query_id", "")
        self.server.running[query_id] = engine.mark
        try:
            if insert := _INSERT.match(text):
                self.insert(engine.connection, insert[0].decode(), text[insert.end() :], insert[1].decode())
            else:
                self.read(engine.connection, params, _KILL.sub(self.marked, text.decode()), bound)
        finally:
            self.server.running.pop(query_id, None)

    def marked(self, kill: re.Match[str]) -> str:
        return f"{kill[1]}Settings['log_comment'] = '{self.server.running.get(kill[2], 'nothing runs')}'"

    def read(self, connection: Any, params: dict[str, str], sql: str, bound: dict[str, str]) -> None:
        found = _FORMAT.search(sql)
        fmt = found[1] if found else "TabSeparated"
        waits = params.get("wait_end_of_query") == "1" or fmt != "Native" or not _SELECT.match(sql.encode())
        if waits:
            chunks = iter([connection.query(sql, fmt, params=bound).bytes()])
        else:
            chunks = (chunk.bytes() for chunk in connection.send_query(sql, fmt, params=bound))
        first = next(chunks, b"")
        if not first and fmt == "Native" and _SELECT.match(sql.encode()):
            first = no_rows(connection, sql[: found.start()] if found else sql, bound)
        self.stream(first, chunks, fmt, params)

    def insert(self, connection: Any, statement: str, data: bytes, fmt: str) -> None:
        with tempfile.NamedTemporaryFile() as file:
            file.write(data)
            file.flush()
            into = re.sub(r"\s*\bformat\s+\w+\s*$", "", statement, flags=re.IGNORECASE)
            connection.query(f"{into} FROM INFILE '{file.name}' FORMAT {fmt}", "Null")
        self.send(200, b"")

    def stream(self, first: bytes, chunks: Iterator[bytes], fmt: str, params: dict[str, str]) -> None:
        zipped = params.get("enable_http_compression") == "1" and "gzip" in self.headers.get("Accept-Encoding", "")
        packer = zlib.compressobj(wbits=31) if zipped else None
        self.head(200, params, fmt, {"Content-Encoding": "gzip"} if zipped else {})
        try:
            for chunk in itertools.chain([first], chunks):
                self.chunk(packer.compress(chunk) + packer.flush(zlib.Z_SYNC_FLUSH) if packer else chunk)
        except RuntimeError as error:
            message = clean(str(error)).encode()
            told = b"\r\n__exception__\r\n%s\r\n%s\n%d %s\r\n__exception__\r\n" % (
                EXCEPTION_TAG.encode(), message, len(message), EXCEPTION_TAG.encode())  # fmt: skip
            self.chunk(packer.compress(told) + packer.flush() if packer else told)
            self.close_connection = True
            raise Told from error
        if packer:
            self.chunk(packer.flush())
        self.wfile.write(b"0\r\n\r\n")

    def chunk(self, data: bytes) -> None:
        if data:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def head(self, status: int, params: dict[str, str], fmt: str, more: dict[str, str]) -> None:
        self.send_response(status)
        headers = {"X-ClickHouse-Query-Id": params.get("query_id", ""), "X-ClickHouse-Format": fmt,
                   "X-ClickHouse-Timezone": "UTC", "X-ClickHouse-Exception-Tag": EXCEPTION_TAG,
                   "Transfer-Encoding": "chunked"}  # fmt: skip
        for name, value in {**headers, **more}.items():
            self.send_header(name, value)
        self.end_headers()

    def fail(self, text: str) -> None:
        message = clean(text)
        code = int(found[1]) if (found := re.search(r"Code: (\d+)", message)) else 1001
        self.send(STATUS.get(code, 500), message.encode() + b"\n", {"X-ClickHouse-Exception-Code": str(code)})

    def send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def open_engine(folder: str) -> Any:
    return chdb.connect(folder)  # type: ignore[no-untyped-call]  # chdb has no types


def key_of(params: dict[str, str]) -> Key:
    """The database first, and readonly last: all settings are judged before it takes effect."""
    given = (
        (name, value)
        for name, value in params.items()
        if (name == "database" and value) or (name not in NOT_SETTINGS and not name.startswith("param_"))
    )
    return tuple(sorted(given, key=lambda pair: (pair[0] != "database", pair[0] == "readonly", pair)))


def prepare(engine: Engine, key: Key) -> None:
    """Database and settings. Raises RuntimeError where one may not be set."""
    with suppress(RuntimeError):  # a user whose profile fixes every setting
        set_value(engine.connection, "log_comment", engine.mark)
    for name, value in key:
        if name == "database":
            engine.connection.query(f"USE `{value}`", "Null")
        else:
            set_value(engine.connection, name, value)


def set_value(connection: Any, name: str, value: str) -> None:
    quoted = value.replace("\\", "\\\\").replace("'", "\\'")
    connection.query(f"SET {name} = '{quoted}'", "Null")


def clean(message: str) -> str:
    return message[max(message.find("Code: "), 0) :].strip() + " (version 26.9.2.1 (official build))"


def no_rows(connection: Any, sql: str, bound: dict[str, str]) -> bytes:
    """A block with columns and no rows, which chdb leaves out and a server sends."""
    described = connection.query(f"DESCRIBE TABLE ({sql}\n)", "TabSeparatedRaw", params=bound).bytes().decode()
    columns = [line.split("\t")[:2] for line in described.splitlines()]
    texts = b"".join(bytes([len(part.encode())]) + part.encode() for column in columns for part in column)
    return bytes([len(columns), 0]) + texts


def main() -> None:
    server = Server(sys.argv[1] if len(sys.argv) > 1 else ":memory:")
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    sys.stdin.read()
    server.end()


if __name__ == "__main__":
    main()
