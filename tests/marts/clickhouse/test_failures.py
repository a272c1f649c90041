"""What fails while sources are loaded or marts are made: one line, sent once, and the last good marts stay."""

import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError, OperationalError

from gateway.adapters.clickhouse_address import Address
from gateway.adapters.clickhouse_connection import writing
from gateway.errors import ContractError, EngineError
from gateway.marts.clickhouse.build import build
from gateway.marts.clickhouse.failures import failed
from gateway.marts.clickhouse.loading import load_sources
from gateway.marts.clickhouse.server import Server
from gateway.marts.clickhouse.stamp import status
from tests.marts.clickhouse.conftest import Opener
from tests.marts.world import MARTS_SQL, World

Cut = Callable[[str], bool]


@pytest.fixture
def enrolled(world: World) -> World:
    world.experiment()
    world.metric("conversion", "occurrence")
    world.enrol("u1", "control")
    return world


class Relay(BaseHTTPRequestHandler):
    """Hands on what it is sent, but for what it is told to hang up on."""

    protocol_version = "HTTP/1.1"
    upstream = ""
    cut: Cut
    direct: Server
    """The same server without the relay, which takes no body in pieces."""
    sent: list[str]

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Quiet."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.sent.append(body.decode("utf-8", "replace"))
        if type(self).cut(self.sent[-1]):
            self.close_connection = True
            return
        kept = {name: value for name, value in self.headers.items() if name not in ("Host", "Accept-Encoding")}
        request = urllib.request.Request(self.upstream + self.path, body, kept)  # noqa: S310  our own loopback
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            read = answer.read()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                if name.lower().startswith("x-clickhouse"):
                    self.send_header(name, value)
        self.send_header("Content-Length", str(len(read)))
        self.end_headers()
        self.wfile.write(read)


@pytest.fixture
def relayed(clickhouse_http: str, opened: Opener) -> Iterator[tuple[Server, type[Relay]]]:
    """A server behind a relay that passes everything on, until it is told otherwise."""
    login, _, place = clickhouse_http.removeprefix("http://").rpartition("@")
    told = {"upstream": f"http://{place}", "cut": staticmethod(lambda _: False), "sent": []}
    handler: type[Relay] = type("Told", (Relay,), told)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as relay:
        relay.daemon_threads = True
        threading.Thread(target=relay.serve_forever, args=(0.01,), daemon=True).start()
        direct = handler.direct = opened(clickhouse_http)
        with writing(Address.parse(f"http://{login}@127.0.0.1:{relay.server_address[1]}/{direct.published}")) as client:
            yield Server.of(client, direct.published), handler
        relay.shutdown()


def test_a_connection_that_drops_in_the_middle_of_a_build(enrolled: World, relayed: tuple[Server, type[Relay]]) -> None:
    server, relay = relayed
    load_sources(relay.direct, enrolled.path)

    def cut(sql: str) -> bool:
        return sql.startswith("INSERT INTO") and "int_experiment_units" in sql.split("SELECT", 1)[0]

    relay.sent.clear()
    relay.cut = staticmethod(cut)
    with pytest.raises(EngineError) as broken:
        build(server, MARTS_SQL)
    assert broken.value.message == "intermediate/int_experiment_units.sql failed: the connection broke"
    assert broken.value.hint == "The last good tables are as they were."
    assert sum(map(cut, relay.sent)) == 1, "a build is never sent a second time"
    assert status(relay.direct).built_at is None
    assert not relay.direct.value(f"SELECT count() FROM system.databases WHERE name = '{server.warehouse}__new'")


def test_a_read_that_loses_its_connection_is_tried_once_more(relayed: tuple[Server, type[Relay]]) -> None:
    server, relay = relayed
    cuts = iter([True, False])
    relay.sent.clear()
    relay.cut = staticmethod(lambda _: next(cuts))
    assert server.value("SELECT 42") == 42
    assert len(relay.sent) == 2


@pytest.mark.parametrize(
    ("code", "exit_code", "message"),
    [
        (241, 5, "it failed: ClickHouse is out of memory"),
        (243, 5, "it failed: ClickHouse's disk is full"),
        (159, 5, "it failed: it took longer than the server allows"),
        (497, 5, "it failed: the gateway's user may not do that"),
        (452, 6, "it failed: the profile of the gateway's user forbids settings that the marts need"),
        (999, 5, "it failed: ClickHouse error 999"),
    ],
)
def test_what_the_server_refuses_is_said_in_our_words(code: int, exit_code: int, message: str) -> None:
    told = failed(DatabaseError("secret details of a row", code=code), "it", "All is as it was.")
    assert (told.exit_code, told.message) == (exit_code, message)
    assert told.hint.endswith("All is as it was.")


def test_a_broken_connection_is_said_in_our_words() -> None:
    assert failed(OperationalError("secret"), "it", "").message == "it failed: the connection broke"


def test_a_build_out_of_memory_names_its_model(enrolled: World, embedded: Server) -> None:
    load_sources(embedded, enrolled.path)
    embedded.client.set_client_setting("max_memory_usage", "2000000")
    with pytest.raises(EngineError, match=r"\.sql failed: ClickHouse is out of memory"):
        build(embedded, MARTS_SQL)
    embedded.client.set_client_setting("max_memory_usage", "0")
    assert status(embedded).built_at is None


def test_a_user_who_may_only_read_is_told_so(chdb_folder: Path) -> None:
    with writing(Address.parse(f"chdb://{chdb_folder}")) as client:
        client.set_client_setting("readonly", "1")
        with pytest.raises(ContractError, match="does not let it set join_use_nulls = 1"):
            Server.of(client, "gold")


def test_a_build_that_is_under_way_is_not_disturbed(enrolled: World, embedded: Server, chdb_address: str) -> None:
    load_sources(embedded, enrolled.path)
    busy = f"/* `{embedded.warehouse}__new` */"

    def work() -> None:
        with writing(Address.parse(chdb_address)) as other, suppress(DatabaseError):
            other.command(f"SELECT sleepEachRow(0.1) FROM numbers(600) {busy} SETTINGS max_block_size = 1")

    running = threading.Thread(target=work)
    running.start()
    ours = "query LIKE '%sleepEachRow%' AND query NOT LIKE '%LIKE%'"
    while not embedded.value(f"SELECT count() FROM system.processes WHERE {ours}"):
        pass
    with pytest.raises(EngineError, match="is in use by another build, load or publish"):
        build(embedded, MARTS_SQL)
    embedded.run(f"KILL QUERY WHERE {ours} SYNC")
    running.join()
