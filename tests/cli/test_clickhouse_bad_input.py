"""What can be wrong with a ClickHouse, as whoever types the command is told: one line, one exit code, one event."""

import json
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import clickhouse_connect
import pytest

from gateway.adapters.clickhouse_address import Address
from tests.cli.conftest import Cli
from tests.clickhouse_scripted import Scripted, native

CONTRACT = """
version: 1
assets:
  dim_metrics:
    description: One row per metric.
    grain: [metric_id]
    columns:
      metric_id: {type: string, role: key, description: Metric.}
roles:
  analyst: {assets: "*"}
"""
STATEMENT = ("sql", "select metric_id from dim_metrics where metric_id like 'a%'")


@dataclass(frozen=True, slots=True)
class Wrong:
    """Where the gateway is sent, and what it must say."""

    where: Callable[["Place"], str]
    """The address."""
    code: int
    says: str
    hint: str
    variables: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """What an address can lead to."""

    stack: ExitStack
    real: str
    """A real server, whose database `typed` has the mart with another type, and `empty` no mart at all."""
    folder: Path

    def scripted(self, answer: Callable[[Scripted], None] | None = None, **given: Any) -> str:
        handler = type("Told", (Scripted,), {"answer": answer or _well, "asked": [], "sent": [], **given})
        return f"http://u:hunter2@127.0.0.1:{self.stack.enter_context(_serving(handler))}/default"

    def encrypted(self) -> int:
        handler = type("Told", (Scripted,), {"answer": _well, "asked": [], "sent": []})
        return self.stack.enter_context(_serving(handler, _certificate(self.folder)))


def _well(told: Scripted) -> None:
    told.reply(native(["metric_id"], ["String"], [("a",)]))


def _no_memory(told: Scripted) -> None:
    text = b"Code: 241. DB::Exception: (total) memory limit exceeded: would use 9 GiB. (MEMORY_LIMIT_EXCEEDED)\n"
    told.reply(text, 500, X_ClickHouse_Exception_Code="241")


def _of_2018(told: Scripted) -> None:
    """It answers the version, and fails at what it has not yet, with the error's number in the text alone."""
    sql = told.rfile.read(int(told.headers.get("Content-Length") or 0)).decode()
    if sql.startswith("SELECT version()"):
        told.reply(b"18.16.1\tUTC\n")
    else:
        text = "Code: 47, e.displayText() = DB::Exception: Unknown identifier: readonly, e.what() = DB::Exception\n"
        told.reply(text.encode(), 404)


@contextmanager
def _serving(handler: type[BaseHTTPRequestHandler], certificate: Path | None = None) -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def _certificate(folder: Path) -> Path:
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem"],
        cwd=folder, capture_output=True, check=False,
    )  # fmt: skip
    if made.returncode:
        pytest.skip("no openssl to make a certificate with")
    return folder


@contextmanager
def _native_port() -> Iterator[int]:
    """ClickHouse's port for its own protocol, which says so to whoever speaks HTTP."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        text = (
            b"HTTP/1.0 400 Bad Request\r\n\r\nPort 9000 is for clickhouse-client program\r\nYou must use port 8123.\r\n"
        )
        threading.Thread(target=_answer_all, args=(server, text), daemon=True).start()
        yield server.getsockname()[1]


def _answer_all(server: socket.socket, text: bytes) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with connection:
            connection.recv(65536)
            connection.sendall(text)


def _closed_port(place: Place) -> str:
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        return f"http://u:hunter2@127.0.0.1:{server.server_address[1]}/default"


WRONG = {
    "host": Wrong(
        lambda _: "http://u:hunter2@nowhere.invalid/default", 6, "no host of that name", "Check the host",
    ),
    "port": Wrong(_closed_port, 5, "nothing listens there", "is this its HTTP port?"),
    "port of its own protocol": Wrong(
        lambda place: f"http://u:hunter2@127.0.0.1:{place.stack.enter_context(_native_port())}/default",
        6, "is not ClickHouse", "the HTTP port is 8123 or 8443",
    ),
    "port of something else": Wrong(
        lambda place: place.scripted(do_POST=lambda told: told.reply(b"<html>hello</html>")),
        6, "is not ClickHouse", "Check host and port",
    ),
    "password": Wrong(lambda place: place.real.replace("reader:", "reader:not"), 6, "wrong name or password", "user"),
    "user": Wrong(lambda place: place.real.replace("reader:", "writer:"), 6, "refuses user 'writer'", "Check user"),
    "certificate": Wrong(
        lambda place: f"https://u:hunter2@127.0.0.1:{place.encrypted()}/default",
        6, "is not to be trusted", "?ca_cert=FILE",
    ),
    "certificate's file": Wrong(
        lambda place: f"https://u:hunter2@127.0.0.1:{place.encrypted()}/default?ca_cert=nowhere.pem",
        6, "no file nowhere.pem", "",
    ),
    "TLS without it": Wrong(
        lambda place: place.scripted().replace("http:", "https:"), 6, "does not speak TLS", "Use http://",
    ),
    "no TLS with it": Wrong(
        lambda place: f"http://u:hunter2@127.0.0.1:{place.encrypted()}/default",
        5, "broke before ClickHouse answered", "is it http:// or https://?",
    ),
    "database": Wrong(lambda place: f"{place.real}/nowhere", 6, "no database 'nowhere'", "gateway marts publish"),
    "too old": Wrong(lambda place: place.scripted(version="23.3.1.2823"), 6, "23.3.1.2823, which is too old", "24.8"),
    "much too old": Wrong(
        lambda place: place.scripted(do_POST=_of_2018), 6, "of before 2022, which is too old", "24.8 or newer",
    ),
    "cluster": Wrong(
        lambda place: place.scripted(), 6, "has no cluster 'mian'", "Did you mean 'main'?", {"GATEWAY_CLUSTER": "mian"},
    ),
    "mart missing": Wrong(
        lambda place: f"{place.real}/empty", 6, "dim_metrics: no such table", "gateway marts publish",
    ),
    "mart of another type": Wrong(lambda place: f"{place.real}/typed", 5, "is not of the type", "gateway doctor"),
    "connection that drops": Wrong(
        lambda place: place.scripted(Scripted.drop_in_the_middle), 5, "broke while the statement ran", "Try again",
    ),
    "server without memory": Wrong(
        lambda place: place.scripted(_no_memory), 5, "the ClickHouse server is out of memory", "Try again later",
    ),
    "user without the right": Wrong(
        lambda place: place.scripted(lambda told: told.error(497, "ACCESS_DENIED")),
        6, "may not read what the statement reads", "gateway semantic grants",
    ),
    "read-only, but not enough": Wrong(
        lambda place: place.scripted(settings=(("readonly", "2", None, None, 1),)),
        6, "readonly=2", "readonly=1 profile",
    ),
    "server at its limit": Wrong(
        lambda place: place.scripted(refuses="parseQueryToJSON"), 5, "runs as many statements as it may", "moment",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def cli(tmp_path_factory: pytest.TempPathFactory) -> Cli:
    made = Cli(tmp_path_factory.mktemp("bad"))
    (made.folder / "contract.yaml").write_text(CONTRACT)
    return made


@pytest.fixture(scope="module")
def real(clickhouse_http: str) -> str:
    address = Address.parse(clickhouse_http)
    with clickhouse_connect.get_client(
        host=address.host, port=address.port, username=address.user, password=address.password
    ) as client:
        for statement in (
            "CREATE DATABASE IF NOT EXISTS empty",
            "CREATE DATABASE IF NOT EXISTS typed",
            "CREATE OR REPLACE TABLE typed.dim_metrics (metric_id Int64) ENGINE = MergeTree ORDER BY metric_id",
        ):
            client.command(statement)
    return clickhouse_http


@pytest.mark.parametrize("name", WRONG)
def test_it_is_said_in_one_line_with_its_exit_code_and_recorded(name: str, cli: Cli, real: str, tmp_path: Path) -> None:
    wrong = WRONG[name]
    with ExitStack() as stack:
        url = wrong.where(Place(stack, real, tmp_path))
        variables = {"GATEWAY_SEMANTIC": "contract.yaml", "GATEWAY_ENGINE": "clickhouse", **wrong.variables}
        result = cli(*STATEMENT, GATEWAY_CLICKHOUSE_URL=url, **variables)
        event = json.loads(cli("audit", "show", result.err.rpartition("audit: ")[2].strip(), "--json").out)
    said = [line for line in result.err.splitlines() if line and not line.startswith("audit: ")]
    assert (result.code, result.out) == (wrong.code, "")
    assert said[0].startswith("error: ")
    assert wrong.says in " ".join(said)
    assert wrong.hint in " ".join(said)
    assert len(said) == (2 if name == "mart missing" else 1)
    assert (event["status"], event["engine"]) == ("error", "clickhouse")
    assert wrong.says in event["error"]
    assert "hunter2" not in result.err + json.dumps(event)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        pytest.param("ftp://u:hunter2@host/db", "begins with none of", id="scheme"),
        pytest.param("http://u:hunter2@host:port/db", "can't be read", id="port that is no number"),
        pytest.param("https://u:hunter2@/db", "names no host", id="no host"),
        pytest.param("https://u:hunter2@host/a/b", "more than one database", id="two databases"),
        pytest.param("https://u:hunter2@host/a?ca=x", "an option that isn't known: 'ca'", id="option"),
        pytest.param("chdb://folder", "has a folder and no host", id="chdb with a host"),
        pytest.param("", "needs an address", id="none"),
    ],
)
def test_an_address_that_is_none_is_6(cli: Cli, url: str, says: str) -> None:
    variables = {"GATEWAY_SEMANTIC": "contract.yaml", "GATEWAY_ENGINE": "clickhouse", "GATEWAY_CLICKHOUSE_URL": url}
    for command in (STATEMENT, ("semantic", "lint"), ("tools", "call", "list_metrics", "{}")):
        result = cli(*command, **variables)
        assert result.code == 6
        assert says in result.err + result.out
        assert "hunter2" not in result.err + result.out


def test_lint_names_every_difference(cli: Cli, real: str) -> None:
    variables = {"GATEWAY_SEMANTIC": "contract.yaml", "GATEWAY_ENGINE": "clickhouse"}
    typed = cli("semantic", "lint", GATEWAY_CLICKHOUSE_URL=f"{real}/typed", **variables)
    empty = cli("semantic", "lint", "--json", GATEWAY_CLICKHOUSE_URL=f"{real}/empty", **variables)
    assert (typed.code, empty.code) == (6, 6)
    assert "dim_metrics.metric_id: the contract says string, the table has Int64" in typed.err
    assert json.loads(empty.out)["problems"] == ["dim_metrics: the database has no such table"]


def test_lint_says_that_it_could_not_look(cli: Cli, tmp_path: Path, real: str) -> None:
    variables = {"GATEWAY_SEMANTIC": "contract.yaml", "GATEWAY_ENGINE": "clickhouse"}
    with ExitStack() as stack:
        place = Place(stack, real, tmp_path)
        dropped = cli(
            "semantic", "lint", GATEWAY_CLICKHOUSE_URL=place.scripted(Scripted.drop_in_the_middle), **variables
        )
        crowded = cli("semantic", "lint", GATEWAY_CLICKHOUSE_URL=place.scripted(_no_memory), **variables)
    assert (dropped.code, crowded.code) == (5, 5)
    assert "the database can't be looked at: the connection broke" in dropped.err
    assert "the database can't be looked at: it needs more memory than there is" in crowded.err
