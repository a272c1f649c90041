"""A server that says what a test tells it to: for what a real ClickHouse can't be made to do at will."""

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit


class Scripted(BaseHTTPRequestHandler):
    """A server that answers the client's first questions as ClickHouse does, and the statement as it was told to."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    version = "26.9.2.1"
    tells_whole_trees = True
    refuses = ""
    tree = "SelectWithUnionQuery (children 1)\n"
    settings: tuple[tuple[str, str, str | None, str | None, int], ...] = ()
    answer: Callable[["Scripted"], None]
    asked: list[str]
    sent: list[dict[str, list[str]]]

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Quiet."""

    def do_POST(self) -> None:
        sql = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        self.asked.append(sql)
        self.sent.append(parse_qs(urlsplit(self.path).query))
        if sql.startswith("SELECT version()"):
            self.reply(f"{self.version}\tUTC\n".encode())
        elif sql.startswith("SELECT 1 AS check"):
            self.reply(native(["check"], ["UInt8"], [(1,)]))
        elif "FROM system.settings LIMIT" in sql:
            self.reply(native(["name", "value", "readonly"], ["String", "String", "UInt8"],
                              [(name, value, fixed) for name, value, _, _, fixed in self.settings]))  # fmt: skip
        elif "FROM system.settings WHERE" in sql:
            kinds = ["String", "String", "Nullable(String)", "Nullable(String)", "UInt8"]
            self.reply(native(["name", "value", "min", "max", "readonly"], kinds, list(self.settings)))
        elif "FROM system.databases" in sql:
            self.reply(native(["name"], ["String"], [("default",)]))
        elif "FROM system.clusters" in sql:
            self.reply(native(["cluster"], ["String"], [("main",)]))
        elif self.refuses and self.refuses in sql:
            self.error(202, "TOO_MANY_SIMULTANEOUS_QUERIES")
        elif "parseQueryToJSON" in sql and not self.tells_whole_trees:
            self.error(46, "UNKNOWN_FUNCTION", 404)
        elif "parseQueryToJSON" in sql:
            self.reply(native(["tree"], ["String"], [('{"type": "SelectWithUnionQuery"}',)]))
        elif "formatQuerySingleLine" in sql:
            self.reply(native(["text"], ["String"], [("fine",)]))
        elif sql.startswith("EXPLAIN AST"):
            self.reply(self.tree.encode())
        else:
            type(self).answer(self)

    def reply(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def error(self, code: int, name: str, status: int = 500) -> None:
        text = f"Code: {code}. DB::Exception: secret details of a row. ({name}) (version 26.9.2.1 (official build))\n"
        self.reply(text.encode(), status, X_ClickHouse_Exception_Code=str(code))

    def drop_in_the_middle(self) -> None:
        """Half of a result, and then nothing more."""
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        block = native(["metric_id"], ["String"], [("a",), ("b",)])
        self.wfile.write(b"%x\r\n%s" % (len(block), block[:-3]))
        self.close_connection = True


def native(names: list[str], kinds: list[str], rows: list[tuple[Any, ...]]) -> bytes:
    """One block in ClickHouse's Native format, of texts and small numbers."""
    out = bytes([len(names), len(rows)])
    for place, (name, kind) in enumerate(zip(names, kinds, strict=True)):
        values = [row[place] for row in rows]
        out += text(name) + text(kind)
        if kind.startswith("Nullable"):
            out += bytes(value is None for value in values)
        out += bytes(values) if kind == "UInt8" else b"".join(text(value or "") for value in values)
    return out


def text(value: str) -> bytes:
    return bytes([len(value)]) + value.encode()
